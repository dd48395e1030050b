"""What stands in the way of a merge, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

Path = tuple[str, ...]


class Reason(StrEnum):
    """Why a place cannot be merged."""

    changed = "changed"
    """The user has something else there than we left."""
    missing = "missing"
    """The user deleted what we change."""
    kind = "kind"
    """A mapping, a list or a scalar stands where another of the three is needed."""
    flow = "flow"
    """It is written in braces or brackets, or as JSON, and the change does not fit in."""
    anchor = "anchor"
    """An anchor, an alias or a merge key: the change would show in other places, too."""
    duplicate = "duplicate"
    """A key is written twice."""
    comment = "comment"
    """A comment of the user stands inside of what we replace."""
    layout = "layout"
    """The change does not fit into how the lines are laid out."""
    unreadable = "unreadable"
    """This is no single YAML document whose root is a mapping."""
    unsure = "unsure"
    """The merged text does not say what it should."""


@dataclass(frozen=True)
class Clash:
    """A place that cannot be merged.

    Attributes:
        path: keys from the root; an item of a list by what identifies it, or by its index.
        line: in the user's text, counted from 1; of what is next above if the place is missing.
        reason: why.
    """

    path: Path
    line: int
    reason: Reason


class Unmergeable(Exception):
    """The texts cannot be merged; nothing was.

    Attributes:
        clashes: every place that stands in the way, from top to bottom.
    """

    def __init__(self, clashes: Iterable[Clash]) -> None:
        self.clashes = sorted(set(clashes), key=lambda c: (c.line, c.path, c.reason))
        super().__init__("; ".join(f"{'.'.join(c.path)}: {c.reason}" for c in self.clashes))
