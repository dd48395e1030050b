"""What is chosen before anybody is asked: by options, a link, a file, another project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffolder import answers, managed, published, recommend, share
from scaffolder.answers import SAFEGUARDS, Choice, Given, Problem, WrongAnswers
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.messages import Say
from scaffolder.published import Data

OWN = frozenset({"project_name"})
"""Answers that are one project's alone."""


@dataclass(frozen=True)
class Sources:
    """Where choices come from, as the command line names it.

    Of two that say something about the same thing, the first in this order wins: the options
    themselves, the link, the file, the other project (`like`), the project itself.
    """

    safeguards: Sequence[str] = ()
    preset: str | None = None
    data: Sequence[str] = ()
    facts: Sequence[str] = ()
    link: str | None = None
    data_file: str | None = None
    like: str | None = None
    project: str | None = None


@dataclass(frozen=True)
class Intake:
    """What all sources say together, checked.

    Attributes:
        choice: safeguards and answers.
        facts: about the workload, in the catalog's form.
        notes: what the user should know.
    """

    choice: Choice
    facts: dict[str, str | list[str]]
    notes: list[str] = field(default_factory=list)


def collect(catalog: Data, sources: Sources, say: Say) -> Intake:
    """Put together what all sources say.

    Raises:
        Trouble: a file, a link or a project cannot be read.
        WrongAnswers: what they say cannot be used.
    """
    facts = dict(answers.pair(text, "new.fact_form") for text in sources.facts)
    options = dict(map(answers.pair, sources.data))
    linked = share.read(catalog, sources.link, say) if sources.link is not None else None
    file = answers.from_file(Path(sources.data_file)) if sources.data_file else {}
    recorded, notes = _recorded(catalog, sources, say)
    named = [i for text in sources.safeguards for i in answers.split(text)]
    _check_preset(catalog, sources.preset, say)
    borrowed = {**recorded, **(linked.answers if linked else {})}
    strict = {**file, **options}
    given = Given(
        named if sources.safeguards else None,
        sources.preset,
        {**recorded, **file, **(linked.answers if linked else {}), **options},
    )
    given = _without_strays(catalog, given, borrowed.keys() - strict.keys(), say)
    known = {**(linked.facts if linked else {}), **recommend.checked(catalog, facts, say)}
    ordered = {name: known[name] for name in catalog["facts"] if name in known}
    notes = [*(linked.notes if linked else []), *notes]
    return Intake(answers.resolve(catalog, given, say), ordered, notes)


def _recorded(catalog: Data, sources: Sources, say: Say) -> tuple[dict[str, Any], list[str]]:
    """What managed projects say, in the words of the catalog, and what cannot be taken over.

    Answers of safeguards that a project has not chosen are left out without a note.
    """
    found: dict[str, Any] = {}
    notes: list[str] = []
    for path, own in ((sources.project, True), (sources.like, False)):
        if path is None:
            continue
        place = Path(path)
        file = place if place.is_file() else managed.locate(place) / ANSWERS_FILE
        kept, dropped = published.carried(catalog, answers.from_file(file))
        active = published.closure(catalog, kept.get(SAFEGUARDS) or [])
        wanted = {*published.questions(catalog, active), SAFEGUARDS} - (set() if own else OWN)
        found |= _only(kept, wanted)
        notes += [say("new.not_taken", names=say.listed(dropped))] if dropped else []
    return found, notes


def _without_strays(catalog: Data, given: Given, names: set[str], say: Say) -> Given:
    """Without answers from elsewhere, if their safeguards gave way to others."""
    bare = Given(given.safeguards, given.preset, _only(given.answers, {SAFEGUARDS}))
    try:
        chosen = answers.resolve(catalog, bare, say).safeguards
    except WrongAnswers:
        return given  # said together with all other problems
    if chosen is None:
        return given
    asked = published.questions(catalog, published.closure(catalog, chosen))
    kept = {n: v for n, v in given.answers.items() if n in asked or n not in names}
    return Given(given.safeguards, given.preset, {**bare.answers, **kept})


def _only(found: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name in names}


def _check_preset(catalog: Data, preset: str | None, say: Say) -> None:
    if preset is None or preset in catalog["presets"]:
        return
    hint = answers.did_you_mean(preset, catalog["presets"], say)
    rule = say("rule.preset", names=say.listed(list(catalog["presets"])))
    rule += say.after(hint) if hint else ""
    raise WrongAnswers([Problem("--preset", rule, answers.shown(preset, say))])
