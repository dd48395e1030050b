"""What is said of one thing that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something is."""

    ok = "ok"
    missing = "missing"
    """It is needed, and not there."""

    optional = "optional"
    """It is not there, and only some things need it."""

    problem = "problem"
    """It is there, and cannot be used as it is."""

    unknown = "unknown"
    """It was not looked at."""


@dataclass(frozen=True)
class Finding:
    """One thing.

    Attributes:
        name: for programs.
        title: for the user.
        state: how it is.
        text: what was found, or what it is needed for; may be empty.
        get: how to get it: commands and addresses.
    """

    name: str
    title: str
    state: State
    text: str = ""
    get: Sequence[str] = ()

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to be done about it."""
        return self.state not in (State.missing, State.problem)
