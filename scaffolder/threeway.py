"""Merge what the template changed into the user's files: three ways, file by file, on paper."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from scaffolder import structure, textmerge
from scaffolder.history import File
from scaffolder.messages import Trouble
from scaffolder.source import own_environment

Tree = Mapping[str, File]
Reader = Callable[[str], File | None]

SYMLINK = "120000"
BINARY = b"\0"
NO_NEWLINE = "\\ No newline at end of file"
UNSURE = structure.Clash((), 1, structure.Reason.unsure)
CONFLICTS_MAX = 127
"""Highest exit code of git merge-file that is a number of conflicts."""


class Kind(StrEnum):
    """What happens to a file."""

    added = "added"
    changed = "changed"
    deleted = "deleted"
    conflict = "conflict"
    """Both sides changed the same lines: both are shown in place."""

    kept = "kept"
    """It is no longer needed, but the user edited it: it stays as it is."""

    absent = "absent"
    """The template changed it, but the user deleted or moved it: it does not come back."""

    refused = "refused"
    """What is to be changed cannot be placed in it: it stays as it is."""


@dataclass(frozen=True)
class Conflict:
    """One place where both sides changed the same lines.

    Attributes:
        line: of the first marker in the file as it will be, counted from 1; 0 without markers.
        yours, wanted: the lines of both sides.
    """

    line: int
    yours: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What happens to one file.

    Attributes:
        path: relative to the project's root.
        before: what is there now.
        after: what will be there; the same as `before` where the file stays as it is.
        base, wanted: the template's file before and after the change.
        conflicts: in `after`.
        clashes: why parts cannot be placed in a file that is merged by structure.
    """

    path: str
    kind: Kind
    before: File | None
    after: File | None
    base: File | None
    wanted: File | None
    conflicts: tuple[Conflict, ...] = ()
    clashes: tuple[structure.Clash, ...] = ()

    @property
    def edited(self) -> bool:
        """Whether the user had changed the file."""
        return _as_template(self.before) != self.base

    @property
    def writes(self) -> bool:
        """Whether anything is to be written or deleted."""
        return self.before != self.after


@dataclass(frozen=True)
class Labels:
    """What stands beside the markers of a conflict."""

    yours: str
    wanted: str


def merge(
    base: Tree,
    mine: Reader,
    wanted: Tree,
    labels: Labels,
    by_structure: Collection[str] = (),
    wins: Collection[str] = (),
) -> list[Change]:
    """What leads from the user's files to those that have the template's changes.

    Args:
        base: the template as it was rendered last.
        mine: reads one of the user's files as it is.
        wanted: the template as it is to be.
        labels: for the markers of conflicts.
        by_structure: YAML files of which `base` and `wanted` hold only some parts.
        wins: files that are the tool's own: where both changed the same lines, `wanted` stands.

    Raises:
        Trouble: git fails.
    """
    found: list[Change] = []
    for path in sorted({*base, *wanted}):
        old, new = base.get(path), wanted.get(path)
        if old == new:
            continue
        current = mine(path)
        if path in by_structure:
            change = _parts(path, old, current, new)
        else:
            change = _file(path, old, _as_template(current), new, labels, path in wins)
            change = _as_user(change, current)
        if change is not None:
            found.append(change)
    ends = [c.before for c in found if c.before and _has_lines(c.before)]
    if ends and all(map(_has_crlf, ends)):
        return [_as_elsewhere(change) for change in found]
    return found


def _file(
    path: str, old: File | None, mine: File | None, new: File | None, labels: Labels, wins: bool
) -> Change | None:
    def change(kind: Kind, after: File | None, conflicts: tuple[Conflict, ...] = ()) -> Change:
        return Change(path, kind, mine, after, old, new, conflicts)

    if mine == new:
        return None
    if mine is None:
        return change(Kind.added, new) if old is None else change(Kind.absent, None)
    if new is None:
        return change(Kind.deleted, None) if mine == old else change(Kind.kept, mine)
    if mine == old:
        return change(Kind.changed, new)
    mode = new.mode if old is None or old.mode != new.mode else mine.mode
    if not _all_text(old, mine, new):
        return change(Kind.conflict, mine, (Conflict(0),))
    content, conflicts = _merge_file(old, mine, new, labels)
    if old is not None:
        settled = _settled(path, old, mine, new, None if conflicts else content, labels)
        if settled is None and not conflicts:
            return replace(change(Kind.conflict, mine, (Conflict(0),)), clashes=(UNSURE,))
        if settled is not None:
            content, conflicts = settled, _conflicts(settled, labels)
    if conflicts and wins:
        return change(Kind.changed, new)
    after = File(mode, content)
    if after == mine:
        return None
    return change(Kind.conflict if conflicts else Kind.changed, after, conflicts)


def _parts(path: str, old: File | None, mine: File | None, new: File | None) -> Change | None:
    """A file of the user's that holds parts of ours."""
    if mine is None or mine.mode == SYMLINK:
        return Change(path, Kind.refused, mine, mine, old, new)
    try:
        text = structure.merge(_text(old), mine.content.decode(), _text(new))
    except structure.Unmergeable as error:
        clashes = tuple(error.clashes)
        return Change(path, Kind.refused, mine, mine, old, new, clashes=clashes)
    except UnicodeDecodeError:
        return Change(path, Kind.refused, mine, mine, old, new)
    after = File(mine.mode, text.encode())
    return None if after == mine else Change(path, Kind.changed, mine, after, old, new)


def _settled(
    path: str, old: File, mine: File, new: File, merged: bytes | None, labels: Labels
) -> bytes | None:
    """What `textmerge.settle` says of texts; what cannot be decoded is left to git."""
    try:
        base, user, wanted = _text(old), _text(mine), _text(new)
        text = None if merged is None else merged.decode()
        names = labels.yours, labels.wanted
        found = textmerge.settle(path, base, user, wanted, text, names)
    except UnicodeDecodeError:
        return merged
    return None if found is None else found.encode()


def _text(file: File | None) -> str:
    return file.content.decode() if file else ""


def _all_text(*files: File | None) -> bool:
    known = [f for f in files if f is not None]
    return all(f.mode != SYMLINK and BINARY not in f.content for f in known)


def _merge_file(
    old: File | None, mine: File, new: File, labels: Labels
) -> tuple[bytes, tuple[Conflict, ...]]:
    """Git's own merge of three texts."""
    contents = (mine.content, old.content if old else b"", new.content)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("mine", "base", "new")]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        names = [w for label in (labels.yours, "base", labels.wanted) for w in ("-L", label)]
        done = subprocess.run(
            ["git", "merge-file", "-p", "-q", *names, *map(str, paths)],
            cwd=folder,
            capture_output=True,
            env=own_environment({"core.autocrlf": "false", "merge.conflictStyle": "merge"}),
        )
    if not 0 <= done.returncode <= CONFLICTS_MAX:
        reason = done.stderr.decode(errors="replace").strip() or str(done.returncode)
        raise Trouble("git.failed", reason=reason)
    return done.stdout, _conflicts(done.stdout, labels) if done.returncode else ()


def _conflicts(content: bytes, labels: Labels) -> tuple[Conflict, ...]:
    """The conflicts in a text as git marks them."""
    begin, middle, end = f"<<<<<<< {labels.yours}", "=======", f">>>>>>> {labels.wanted}"
    found: list[Conflict] = []
    line, side = 0, -1
    sides: tuple[list[str], list[str]] = ([], [])
    for number, text in enumerate(content.decode(errors="replace").split("\n"), 1):
        if text == begin:
            line, sides, side = number, ([], []), 0
        elif text == middle and side == 0:
            side = 1
        elif text == end and side == 1:
            found.append(Conflict(line, tuple(sides[0]), tuple(sides[1])))
            side = -1
        elif side >= 0:
            sides[side].append(text)
    return tuple(found)


def _as_template(file: File | None) -> File | None:
    """The user's file with the template's line ends, if only they differ throughout."""
    if file is None or not _has_crlf(file):
        return file
    return File(file.mode, file.content.replace(b"\r\n", b"\n"))


def _as_user(change: Change | None, mine: File | None) -> Change | None:
    """The change with the line ends of the user's file."""
    if change is None or mine is None or not _has_crlf(mine):
        return change
    return replace(change, before=mine, after=_with_crlf(change.after))


def _as_elsewhere(change: Change) -> Change:
    """A new file with the line ends that the user's files have."""
    is_new = change.kind is Kind.added and change.after and _has_lines(change.after)
    return replace(change, after=_with_crlf(change.after)) if is_new else change


def _with_crlf(file: File | None) -> File | None:
    if file is None:
        return None
    return File(file.mode, file.content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _has_lines(file: File) -> bool:
    """Whether a file is a text with lines."""
    return file.mode != SYMLINK and BINARY not in file.content and b"\n" in file.content


def _has_crlf(file: File) -> bool:
    """Whether every line of a text ends as on Windows."""
    return _has_lines(file) and file.content.count(b"\r\n") == file.content.count(b"\n")


def diff(change: Change) -> list[str]:
    """What is written, as the lines of a unified diff; empty for what is not text."""
    if not change.writes or not _all_text(change.before, change.after):
        return []
    names = (
        f"a/{change.path}" if change.before else os.devnull,
        f"b/{change.path}" if change.after else os.devnull,
    )
    lines = difflib.unified_diff(_lines(change.before), _lines(change.after), *names)
    found: list[str] = []
    for line in lines:
        found.append(line.removesuffix("\n"))
        if not line.endswith("\n"):
            found.append(NO_NEWLINE)
    return found


def _lines(file: File | None) -> list[str]:
    text = file.content.decode(errors="replace") if file else ""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
