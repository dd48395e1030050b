"""Merge texts as git does, and say which lines of a file stand in the way."""

from __future__ import annotations

import difflib
import re
import subprocess
import tempfile
from pathlib import Path

from scaffolder.messages import Trouble
from scaffolder.source import own_environment

Lines = tuple[int, int]
"""The first and the last line of a place, counted from 1."""

WHOLE: Lines = (0, 0)
"""In place of lines, where a file is gone or holds no text."""

MINE, THEIRS = "now", "before"
CONFLICTS_MAX = 127
"""Highest exit code of git merge-file that is a number of conflicts."""


def merge(mine: bytes, base: bytes, theirs: bytes, work: Path) -> bytes | list[Lines]:
    """A text with the changes of both sides, or the lines of `mine` where they clash.

    Args:
        work: a folder for temporary files.

    Raises:
        Trouble: git fails.
        OSError: a temporary file cannot be written.
    """
    size = _marker_size(mine, theirs)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        paths = [Path(folder, name) for name in ("mine", "base", "theirs")]
        for path, content in zip(paths, (mine, base, theirs), strict=True):
            path.write_bytes(content)
        labels = [word for label in (MINE, "after", THEIRS) for word in ("-L", label)]
        done = subprocess.run(
            ["git", "merge-file", "-p", "-q", f"--marker-size={size}", *labels, *map(str, paths)],
            cwd=folder,
            capture_output=True,
            env=own_environment({"core.autocrlf": "false", "merge.conflictStyle": "merge"}),
        )
    if not 0 <= done.returncode <= CONFLICTS_MAX:
        reason = done.stderr.decode(errors="replace").strip() or str(done.returncode)
        raise Trouble("git.failed", reason=reason)
    return _clashes(done.stdout, size, mine) if done.returncode else done.stdout


def edited(base: bytes, mine: bytes) -> list[Lines]:
    """The lines of `mine` that differ from `base`."""
    if b"\0" in base + mine:
        return [WHOLE]
    ours = mine.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, base.splitlines(keepends=True), ours, autojunk=False)
    changes = [(b, e) for tag, _, _, b, e in matcher.get_opcodes() if tag != "equal"]
    return [_place(begin, end, ours) for begin, end in changes] or [WHOLE]


def _marker_size(*texts: bytes) -> int:
    """Longer than anything in the texts that looks like a marker."""
    runs = (run for text in texts for run in re.findall(rb"<+|=+|>+", text))
    return max(map(len, runs), default=0) + 7


def _clashes(merged: bytes, size: int, mine: bytes) -> list[Lines]:
    """Where git's conflicts are in `mine`.

    What merged cleanly has moved them, so they are looked for among the lines around them.
    """
    kept, places = _without_theirs(merged, size)
    ours = [line.rstrip(b"\r\n") for line in mine.splitlines(keepends=True)]
    matcher = difflib.SequenceMatcher(None, kept, ours, autojunk=False)
    known = {
        block.a + offset: block.b + offset
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
    found: list[Lines] = []
    for first, last in places:
        own = [known[n] for n in range(first, last) if n in known]
        above = max((at for n, at in known.items() if n < first), default=-1)
        begin, end = (own[0], own[-1] + 1) if own else (above + 1, above + 1)
        found.append(_place(begin, end, ours))
    return found or [WHOLE]


def _without_theirs(merged: bytes, size: int) -> tuple[list[bytes], list[Lines]]:
    """The lines with only our side of each conflict, and where those sides begin and end."""
    begin, middle = b"<" * size + f" {MINE}".encode(), b"=" * size
    end = b">" * size + f" {THEIRS}".encode()
    kept: list[bytes] = []
    places: list[Lines] = []
    start, theirs = 0, False
    for line in merged.split(b"\n"):
        text = line.rstrip(b"\r")
        if text == begin:
            start = len(kept)
        elif text == middle:
            places.append((start, len(kept)))
            theirs = True
        elif text == end:
            theirs = False
        elif not theirs:
            kept.append(text)
    return kept, places


def _place(begin: int, end: int, lines: list[bytes]) -> Lines:
    """A range as one shows it; the line above stands for lines that were deleted."""
    if not lines:
        return WHOLE
    return (begin + 1, end) if begin < end else (max(begin, 1), max(begin, 1))
