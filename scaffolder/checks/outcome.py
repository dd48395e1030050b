"""What a check says of one place in a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """The four outcomes."""

    passed = "pass"
    failed = "fail"
    not_applicable = "not-applicable"
    unknown = "unknown"


WORST_FIRST = (Outcome.failed, Outcome.unknown, Outcome.passed, Outcome.not_applicable)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of several together: one failure fails, one unknown is not a pass."""
    found = set(outcomes)
    return next((o for o in WORST_FIRST if o in found), Outcome.not_applicable)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not known, cannot be read or does not apply.

    Attributes:
        word: key in `scaffolder.checks.words`.
        values: what fills the word's placeholders.
    """

    word: str
    values: Mapping[str, Any] = field(default_factory=dict)


def because(word: str, **values: Any) -> Reason:
    """A reason, written shortly."""
    return Reason(word, values)


@dataclass(frozen=True, slots=True)
class Item:
    """What a check says of one place.

    Attributes:
        check: the full id, `<pattern>/<check>`.
        file: path as shown to the user.
        line, column: counted from 1; 0 where the item is about no line.
        resource: logical id, or "".
        values: what fills the placeholders of the check's message.
        reason: why, if the outcome is unknown or not-applicable.
        nothing: whether it says that there is nothing of the kind.
    """

    check: str
    outcome: Outcome
    file: str
    line: int = 0
    column: int = 0
    resource: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    reason: Reason | None = None
    nothing: bool = False
