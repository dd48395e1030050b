"""Plan how to take an apply back, file by file; what was changed since is merged or blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.history import File
from scaffolder.journal.files import FOLDER, SPECIAL, SYMLINK, find
from scaffolder.journal.look import will_be_empty
from scaffolder.journal.merging import WHOLE, Lines, edited, merge
from scaffolder.journal.script import Script, Write

Blocked = list[tuple[str, int, int]]


@dataclass(frozen=True)
class Undo:
    """What came of taking back.

    Attributes:
        about: what was taken back.
        changed: paths that were changed, in the order of the apply.
        blocked: path, first and last line in the file as it is now, of what was changed since.
            Both are 0 where that is the whole file: it is gone, or holds no text.
        done: whether it was taken back; if not, nothing was changed.
    """

    about: Mapping[str, Any]
    changed: tuple[str, ...]
    blocked: tuple[tuple[str, int, int], ...]
    done: bool


def plan(root: Path, script: Script, work: Path) -> tuple[list[Write], Blocked]:
    """The writes that take a script back, and what blocks it.

    Args:
        work: a folder for temporary files.

    Raises:
        Trouble: git fails.
        OSError: a file cannot be read.
    """
    writes: list[Write] = []
    blocked: Blocked = []
    for write in script.record().writes:
        found = find(root, write.path)
        now = None if found is None or found.file.mode == FOLDER else found.file
        back = _back(write, now, work)
        if isinstance(back, list):
            blocked += [(write.path, *lines) for lines in back]
        elif back != now:
            writes.append(Write(write.path, now, back))
    deleted = {w.path for w in writes if w.after is None}
    for write in writes:
        found = find(root, write.path)
        if found and found.file.mode == FOLDER and not will_be_empty(root, write.path, deleted):
            blocked.append((write.path, *WHOLE))
    return writes, blocked


def _back(write: Write, now: File | None, work: Path) -> File | list[Lines] | None:
    """What a file becomes, three ways: `after` is what both `before` and `now` come from."""
    before, after = write.before, write.after
    if now in (after, before):
        return before
    if now is None or now.mode == SPECIAL:
        return [WHOLE]
    if before is None or after is None:
        return edited(after.content if after else b"", now.content)
    if SYMLINK in (before.mode, after.mode, now.mode):
        return [WHOLE]
    content = _content(before.content, after.content, now.content, work)
    if isinstance(content, list):
        return content
    return File(before.mode if now.mode == after.mode else now.mode, content)


def _content(before: bytes, after: bytes, now: bytes, work: Path) -> bytes | list[Lines]:
    if now in (after, before):
        return before
    if before == after:
        return now
    if any(b"\0" in content for content in (before, after, now)):
        return [WHOLE]
    return merge(now, after, before, work)
