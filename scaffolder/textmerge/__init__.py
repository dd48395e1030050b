"""Merge a file by what it says, where a merge of its lines does not do.

Two changes next to each other are a conflict for git, even if each line is a key, a package or an
import of its own. And what git merges without a conflict need not make sense: a key may be there
twice, or half of a function.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from scaffolder import structure
from scaffolder.textmerge import definitions, pins
from scaffolder.textmerge.sound import is_sound

__all__ = ["settle"]

YAML = (".yaml", ".yml")


def settle(
    path: str, base: str, mine: str, new: str, merged: str | None, labels: tuple[str, str]
) -> str | None:
    """MINE with what leads from BASE to NEW.

    Args:
        path: of the file; its name says what is in it.
        base, new: our text before and after.
        mine: the user's.
        merged: what git made of it; None if that has conflicts.
        labels: for the markers of conflicts: of MINE, of NEW.

    Returns:
        The text; where both sides say something else, with markers around no more than that.
        None: git's markers have to do, or what git made without any makes no sense.
    """
    name = PurePosixPath(path)
    if name.suffix in YAML:
        return _yaml(base, mine, new, merged, labels)
    if name.match("requirements*.txt"):
        # Also without a conflict: a package may be there twice.
        return _or(pins.merge(base, mine, new), merged)
    if merged is None:
        return definitions.merge(base, mine, new) if name.suffix == ".py" else None
    return merged if is_sound(path, merged) or not is_sound(path, mine) else None


def _yaml(
    base: str, mine: str, new: str, merged: str | None, labels: tuple[str, str]
) -> str | None:
    """Git's merge has the comments of both; but it has to say what a merge of the values says."""
    try:
        if merged is None:
            return structure.marked(base, mine, new, labels)
        found = structure.merge(base, mine, new)
    except structure.Unmergeable:
        makes_sense = merged is not None and structure.is_sound(merged)
        return merged if makes_sense or not structure.is_sound(mine) else None
    return merged if structure.agree(found, merged) else found


def _or(first: str | None, second: str | None) -> str | None:
    return second if first is None else first
