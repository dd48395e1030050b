"""Which safeguards a workload needs, and why: the catalog's conditions held against its facts.

All of it is the catalog's data: no fact and no safeguard is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from scaffolder import answers, published
from scaffolder.answers import Problem, WrongAnswers
from scaffolder.messages import Say
from scaffolder.published import Data

Facts: TypeAlias = Mapping[str, str | Sequence[str]]
"""Fact → its value or values. A fact that is left out is not known."""

Known: TypeAlias = Mapping[str, frozenset[str]]
"""Fact → the values that conditions see."""


@dataclass(frozen=True)
class Advice:
    """What the catalog says of one safeguard for one workload.

    Attributes:
        id: of the safeguard.
        recommended: whether the workload should have it.
        reasons: the sentences of the conditions that hold; if none does and the safeguard is
            for everybody, the sentence that says why.
        applies: whether it makes any sense for the workload.
        because_not: why it makes none, or why it cannot be had with `excluded_by`.
        excluded_by: the recommended safeguard that it cannot be combined with.
    """

    id: str
    recommended: bool
    reasons: tuple[Data, ...]
    applies: bool
    because_not: Data | None = None
    excluded_by: str | None = None


def checked(catalog: Data, given: Mapping[str, object], say: Say) -> dict[str, str | list[str]]:
    """Facts as the user gave them, in the catalog's form and order.

    Where a fact may have several values, text holds them between commas.

    Raises:
        WrongAnswers: with all facts and values that the catalog does not have.
    """
    problems = [_unknown_fact(catalog, name, say) for name in given if name not in catalog["facts"]]
    found: dict[str, str | list[str]] = {}
    for name, fact in catalog["facts"].items():
        if name not in given:
            continue
        values = _values(given[name], fact["multiple"])
        if values and values <= fact["values"].keys() and (fact["multiple"] or len(values) == 1):
            ordered = [value for value in fact["values"] if value in values]
            found[name] = ordered if fact["multiple"] else ordered[0]
        else:
            key = "recommend.some_of" if fact["multiple"] else "rule.choice"
            rule = say(key, choices=say.listed(list(fact["values"])))
            problems.append(Problem(name, rule, answers.shown(given[name], say)))
    if problems:
        raise WrongAnswers(problems)
    return found


def advise(catalog: Data, facts: Facts) -> list[Advice]:
    """What the catalog says of each safeguard, in the deck's order.

    Of two that hold and cannot be combined, the one with the stronger reason is recommended: the
    condition that names more facts. If both are as strong, the one that declares the conflict
    gives way.

    Args:
        catalog: the exported catalog.
        facts: as `checked` returns them.
    """
    known = meant(catalog, facts)
    alone = {name: _alone(catalog, name, known) for name in published.safeguards(catalog)}
    wanted = [name for name, advice in alone.items() if advice.recommended]
    staying = _compatible(catalog, wanted, known)
    return [_beside(catalog, advice, staying) for advice in alone.values()]


def recommended(catalog: Data, facts: Facts) -> list[str]:
    """The safeguards that a workload should have, in the deck's order, without conflicts."""
    return [advice.id for advice in advise(catalog, facts) if advice.recommended]


def explain(catalog: Data, facts: Facts, say: Say) -> list[dict[str, Any]]:
    """The advice on all safeguards in one language, as plain data for a table or JSON."""
    return [_row(catalog, advice, say) for advice in advise(catalog, facts)]


def meant(catalog: Data, facts: Facts) -> Known:
    """The values that conditions see: what is not known has its safe meaning."""
    found: dict[str, frozenset[str]] = {}
    for name, fact in catalog["facts"].items():
        unsure = [value for value, about in fact["values"].items() if about["means"] is not None]
        values = _values(facts.get(name, unsure), fact["multiple"])
        means = (fact["values"][value]["means"] for value in values)
        certain = values - set(unsure)
        found[name] = certain.union(*(m for m in means if m is not None))
    return found


def _values(given: object, multiple: bool) -> frozenset[str]:
    """The values in an answer; none, if it is no text and no list of texts."""
    words = given
    if isinstance(given, str):
        words = answers.split(given) if multiple else [given.strip()]
    if isinstance(words, list | tuple) and all(isinstance(word, str) for word in words):
        return frozenset(words)
    return frozenset()


def _unknown_fact(catalog: Data, name: str, say: Say) -> Problem:
    known = list(catalog["facts"])
    rule = answers.did_you_mean(name, known, say)
    rule = rule or say("recommend.facts", names=say.listed(known))
    return Problem(answers.shown(name, say).strip('"'), rule)


def _alone(catalog: Data, name: str, known: Known) -> Advice:
    """The advice on one safeguard as if there were no others."""
    entry = catalog["patterns"][name]
    applies = entry["applies_when"]
    if applies and not _match(applies["facts"], known):
        return Advice(name, False, (), False, applies["otherwise"])
    reasons = tuple(condition["because"] for condition in _holding(entry, known))
    everybody = entry["presets"].get(published.RECOMMENDED)
    if not reasons and everybody:
        reasons = (everybody,)
    return Advice(name, bool(reasons), reasons, True)


def _holding(entry: Data, known: Known) -> list[Data]:
    return [
        condition
        for condition in entry["recommended_when"]
        if _match(condition["facts"], known)
        and _match(condition["also"], known)
        and not any(known[fact] & {*values} for fact, values in condition["unless"].items())
    ]


def _match(wanted: Mapping[str, Iterable[str]], known: Known) -> bool:
    return all(known[fact] & {*values} for fact, values in wanted.items())


def _strength(entry: Data, known: Known) -> int:
    """How many facts its strongest reason names; none, if it is only for everybody."""
    conditions = _holding(entry, known)
    return max((len(c["facts"]) + len(c["also"]) + len(c["unless"]) for c in conditions), default=0)


def _compatible(catalog: Data, wanted: Sequence[str], known: Known) -> list[str]:
    """Those that stay when all that cannot be combined is sorted out, in the deck's order."""
    patterns = catalog["patterns"]

    def rank(name: str) -> tuple[int, bool]:
        gives_way = not patterns[name]["conflicts"].keys().isdisjoint(wanted)
        return -_strength(patterns[name], known), gives_way

    staying: list[str] = []
    for name in sorted(wanted, key=rank):
        if not _clash(catalog, name, staying):
            staying.append(name)
    return [name for name in wanted if name in staying]


def _clash(catalog: Data, name: str, others: Iterable[str]) -> tuple[str, Data] | None:
    """The first of the others that cannot be had with this one or what it brings, and why."""
    for other in others:
        for _, _, reason in published.conflicts(catalog, published.closure(catalog, [name, other])):
            return other, reason
    return None


def _beside(catalog: Data, advice: Advice, staying: Sequence[str]) -> Advice:
    """The advice in view of the safeguards that are recommended."""
    if advice.id in staying or not advice.applies:
        return advice
    clash = _clash(catalog, advice.id, staying)
    if clash is None:
        return advice
    other, reason = clash
    return replace(advice, recommended=False, because_not=reason, excluded_by=other)


def _row(catalog: Data, advice: Advice, say: Say) -> dict[str, Any]:
    entry = catalog["patterns"][advice.id]
    return {
        "id": advice.id,
        "chapter": entry["chapter"],
        "title": say.pick(entry["title"]),
        "recommended": advice.recommended,
        "reasons": [say.pick(reason) for reason in advice.reasons],
        "applies": advice.applies,
        "because_not": say.pick(advice.because_not) if advice.because_not else None,
        "excluded_by": advice.excluded_by,
        "cost": entry["costs"]["direction"],
        "skip_if": say.pick(entry["skip_if"]),
        "brings": _brings(catalog, advice.id, say),
    }


def _brings(catalog: Data, name: str, say: Say) -> dict[str, str]:
    """What comes along with a safeguard, and why."""
    together = published.closure(catalog, [name])
    return {
        other: say.pick(reason)
        for other in together
        for by in together
        if (reason := catalog["patterns"][by]["requires"].get(other))
    }
