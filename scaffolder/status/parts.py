"""Which parts of a project are a safeguard's, and what became of them since they were rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.published import Data
from scaffolder.status import woven
from scaffolder.status.comparing import Difference, Kind, concerns, leaves, takes_away
from scaffolder.status.working import Files, Stack
from scaffolder.status.woven import Fate

DOES_SOMETHING = ("Globals", "Resources")
"""Sections of a template without whose settings a safeguard cannot do its job."""

Leaves = Mapping[Location, str | None]
Snippets = Callable[[str], Mapping[str, Sequence[PlacedDict]]]
"""From a safeguard to the partial templates that it brings, by the file they are in."""


class Change(StrEnum):
    """What became of a part."""

    changed = "changed"
    gone = "gone"
    renamed = "renamed"
    added = "added"
    edited = "edited"
    deleted = "deleted"
    code_changed = "code_changed"
    code_gone = "code_gone"


@dataclass(frozen=True)
class Finding:
    """A part that is not as it was rendered.

    Attributes:
        file: relative to the project's root.
        line: counted from 1; 0 if it is about no line.
        place: in a template.
        expected, found: the values in a template; of code, what is expected.
        answer: the name of the answer that gave the expected value.
        essential: whether the safeguard cannot do its job so.
    """

    change: Change
    file: str
    line: int = 0
    place: Location = ()
    expected: Any = None
    found: Any = None
    answer: str | None = None
    essential: bool = False


@dataclass(frozen=True)
class Parts:
    """What there is of one safeguard.

    Attributes:
        there: whether anything of it is.
        unread: files that hold parts of it and cannot be read.
    """

    findings: Sequence[Finding] = ()
    there: bool = True
    unread: Sequence[str] = ()


class Owners:
    """Which values in the templates are whose.

    Args:
        files: of the project.
        active: the safeguards.
        snippets: what each of them brings.
    """

    def __init__(self, files: Files, active: Sequence[str], snippets: Snippets) -> None:
        self._leaves: dict[str, dict[str, Leaves]] = {name: {} for name in active}
        for name in active:
            for file, brought in snippets(name).items():
                if file in files.stacks:
                    rendered = files.stacks[file].rendered
                    found: dict[Location, str | None] = {}
                    for part in brought:
                        found |= leaves(part, rendered)
                    self._leaves[name][file] = found
        self._shares = Counter(place for name in active for place in self._places(name))

    def of(self, name: str) -> Mapping[str, Leaves]:
        """The values of a safeguard, by file."""
        return self._leaves[name]

    def all_in(self, file: str) -> set[Location]:
        """The values in a template that are some safeguard's."""
        return {leaf for found in self._leaves.values() for leaf in found.get(file, ())}

    def telling(self, name: str) -> list[tuple[str, Location]]:
        """The values that tell whether a safeguard is there: its alone, if there are any."""
        mine = self._places(name)
        return [place for place in mine if self._shares[place] == 1] or mine

    def _places(self, name: str) -> list[tuple[str, Location]]:
        return [(file, leaf) for file, found in self._leaves[name].items() for leaf in found]


def look(name: str, entry: Data, files: Files, owners: Owners) -> Parts:
    """What there is of one active safeguard.

    Args:
        name: its id.
        entry: what the catalog says of it.
        files: of the project.
        owners: of the values in the templates.
    """
    findings: list[Finding] = []
    unread: list[str] = []
    for file, mine in owners.of(name).items():
        stack = files.stacks[file]
        if stack.mine is not None:
            findings += _in_template(stack, mine)
        elif files.is_deleted(file):
            findings.append(Finding(Change.deleted, file, essential=True))
        else:
            unread.append(file)
    there = [_is_there(files.stacks[file], leaf) for file, leaf in owners.telling(name)]
    for path, pieces in _in_code(entry["handlers"], files).items():
        if pieces is None:
            unread.append(path)
            continue
        there += [piece.fate is not Fate.gone for piece in pieces]
        findings += [_code(path, piece) for piece in pieces if piece.fate is not Fate.there]
    owned = [path for path in entry["files"] if path in files.rendered]
    changes = {path: _whole(files, path) for path in owned}
    findings += [change for change in changes.values() if change is not None]
    # A file that looks different tells of a safeguard only if that has nothing else.
    telling = (Change.edited,) if not there else ()
    there += [change is None or change.change in telling for change in changes.values()]
    return Parts(findings, any(there) or not there, unread)


def others(files: Files, owners: Owners, apart: Iterable[str]) -> list[Finding]:
    """What the user changed that is part of no safeguard.

    Args:
        files: of the project.
        owners: of the values in the templates.
        apart: files that do not count.
    """
    aside = {*apart, *files.stacks}
    whole = [_whole(files, path) for path in files.rendered if path not in aside]
    found = [change for change in whole if change is not None]
    for stack in files.stacks.values():
        taken = owners.all_in(stack.file)
        found += [
            _finding(stack.file, difference)
            for difference in stack.differences
            if not (stack.partial and difference.kind is Kind.added)
            and not any(concerns(difference, leaf) for leaf in taken)
        ]
    return sorted(found, key=lambda f: (f.file, f.line))


def _in_template(stack: Stack, mine: Leaves) -> list[Finding]:
    """The differences that concern a safeguard's values."""
    found = [d for d in stack.differences if any(concerns(d, leaf) for leaf in mine)]
    lost = [leaf for leaf in mine if any(takes_away(d, leaf) for d in found)]
    kept = {leaf[:2] for leaf in mine if leaf not in lost}
    # A resource or a section of settings that keeps nothing of what it got.
    emptied = [leaf for leaf in lost if leaf[0] in DOES_SOMETHING and leaf[:2] not in kept]
    return [
        _finding(
            stack.file,
            difference,
            mine.get(difference.path),
            difference.kind is Kind.gone and any(concerns(difference, leaf) for leaf in emptied),
        )
        for difference in found
    ]


def _finding(
    file: str, difference: Difference, answer: str | None = None, essential: bool = False
) -> Finding:
    change = Change(difference.kind.value)
    return Finding(
        change,
        file,
        difference.line,
        difference.path,
        difference.expected,
        difference.found,
        answer if change is Change.changed else None,
        essential,
    )


def _is_there(stack: Stack, leaf: Location) -> bool:
    return stack.mine is not None and not any(takes_away(d, leaf) for d in stack.differences)


def _in_code(handlers: Data, files: Files) -> dict[str, list[woven.Piece] | None]:
    """What became of the code that a safeguard weaves into modules; None if one is unreadable."""
    found: dict[str, list[woven.Piece] | None] = {}
    for path, handler in woven.modules(handlers, files.rendered_modules):
        module = files.module(path)
        if module is None:
            found[path] = None
        else:
            known = found.get(path) or []
            found[path] = [*known, *(p for p in module.look_for(handler) if p not in known)]
    return found


def _code(path: str, piece: woven.Piece) -> Finding:
    gone = piece.fate is Fate.gone
    change = Change.code_gone if gone else Change.code_changed
    return Finding(change, path, piece.line, expected=piece.text, essential=gone)


def _whole(files: Files, path: str) -> Finding | None:
    """What became of a file as a whole."""
    if files.is_deleted(path):
        needed = path.startswith(files.deployed) and not files.is_moved(path)
        return Finding(Change.deleted, path, essential=needed)
    line = files.line_of_change(path)
    return None if line is None else Finding(Change.edited, path, line)
