"""What a project's answers file says, as far as it can be used; and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder import adopted, answers, plan, published
from scaffolder.answers import Problem
from scaffolder.managed import Managed
from scaffolder.messages import Say
from scaffolder.plan import ADOPTED, Side
from scaffolder.published import Data


@dataclass(frozen=True)
class Recorded:
    """The answers file of a project.

    Attributes:
        side: what it asks for, with defaults in place of what cannot be used.
        problems: what cannot be used.
        wrong: names of the answers that cannot be used.
        unusable: whether nothing can be rendered: the chosen safeguards cannot be together, or
            what is recorded of an adopted project makes no sense.
    """

    side: Side
    problems: Sequence[Problem]
    wrong: frozenset[str]
    unusable: bool


def read(managed: Managed, version: str, catalog: Data, say: Say) -> Recorded:
    """Read a project's answers by the rules of a catalog; what breaks them is reported."""
    catalog = adopted.narrowed(catalog, managed.adopted)
    given, dropped = plan.recorded_answers(managed.answers, catalog)
    problems = [_unknown(catalog, managed, name, say) for name in dropped]
    listed = given.answers.get(answers.SAFEGUARDS, [])
    chosen = [name for name in published.safeguards(catalog) if name in listed]
    active = published.closure(catalog, chosen)
    asked = published.questions(catalog, active)
    found = {name: question["default"] for name, question in asked.items()}
    wrong: set[str] = set()
    for name, value in given.answers.items():
        if name in asked:
            usable, rule = answers.check(asked[name], value, say)
            if rule:
                problems.append(Problem(name, rule, answers.shown(value, say)))
                wrong.add(name)
            else:
                found[name] = usable
    problems += _left_over(catalog, given.answers, asked, say)
    fatal = [*answers.conflict_problems(catalog, active, say), *_bad_adoption(managed, say)]
    own = {ADOPTED: managed.adopted} if managed.adopted else {}
    side = Side(version, catalog, chosen, {**found, **own})
    return Recorded(side, [*problems, *fatal], frozenset(wrong), bool(fatal))


def _bad_adoption(managed: Managed, say: Say) -> list[Problem]:
    """What is wrong with the record of an adopted project."""
    recorded = managed.answers.get(ADOPTED)
    if not recorded:
        return []
    kinds = {"template": str, "own": list, "resources": dict, "conditions": dict}
    kinds |= {"before": list, "local": list}
    good = isinstance(recorded, dict) and "template" in recorded
    good = good and all(isinstance(recorded.get(n, kind()), kind) for n, kind in kinds.items())
    if good and all(isinstance(v, str | list) for v in recorded.get("resources", {}).values()):
        return []
    return [Problem(ADOPTED, say("status.bad_adoption"))]


def _unknown(catalog: Data, managed: Managed, name: str, say: Say) -> Problem:
    """That a recorded safeguard or answer is none."""
    if name not in map(str, managed.safeguards):
        return Problem(name, say("rule.unknown_answer"))
    if name in catalog["patterns"]:
        return Problem(answers.SAFEGUARDS, say("rule.concept", id=name), name)
    rule = answers.unknown_id(name, published.safeguards(catalog), say)
    return Problem(answers.SAFEGUARDS, rule, answers.shown(name, say))


def _left_over(
    catalog: Data, given: Mapping[str, Any], asked: Mapping[str, Data], say: Say
) -> list[Problem]:
    """Answers that belong to safeguards that are not chosen: one problem for each safeguard."""
    owners: dict[str, list[str]] = {}
    for name in given:
        owner = published.owner(catalog, name)
        if name not in asked and owner is not None:
            owners.setdefault(owner, []).append(name)
    return [
        Problem(say.listed(names), say("status.not_chosen", id=owner))
        for owner, names in owners.items()
    ]
