"""Look before anything is moved: the files are as they were planned for, and can be changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from scaffolder.history import File
from scaffolder.journal.files import (
    FOLDER,
    SPECIAL,
    Kept,
    Signatures,
    existing,
    find,
    is_folder,
    parents,
    permission_for,
    signature,
)
from scaffolder.journal.script import Folder, Script, Step, Write
from scaffolder.messages import Trouble


def check(root: Path, writes: Sequence[Write]) -> Signatures:
    """See whether every file is as it was planned for, and can be changed.

    Returns:
        What tells later on whether somebody wrote to one of the files since.

    Raises:
        Trouble: it is not, or cannot.
        OSError: a file cannot be read.
    """
    deleted = {w.path for w in writes if w.after is None}
    for write in writes:
        _check_path(write.path)
        _check_parents(root, write.path, deleted)
    # First, so that what is written between the two is seen.
    seen = {w.path: signature(root, w.path) for w in writes}
    changed = [w.path for w in writes if not _as_planned(root, w, deleted)]
    if changed:
        raise Trouble("journal.changed", hint="journal.as_before", names=", ".join(changed))
    for write in writes:
        folder = _nearest(root, write.path)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise Trouble("journal.read_only", hint="journal.as_before", path=folder)
    return seen


def script(
    root: Path, writes: Sequence[Write], about: Mapping[str, Any], name: str, undone: Script | None
) -> Script:
    """All that is to be done, with folders and permissions.

    Args:
        root: of the project.
        writes: checked.
        about: for the record.
        name: of the script.
        undone: the script that this one takes back, so that folders and permissions that were
            there before it are there again, and folders that it did not make stay.
    """
    known = _Known(undone)
    steps = tuple(
        _step(root, write, f"{name}-{number}", known) for number, write in enumerate(writes)
    )
    deleted = {s.path for s in steps if s.after is None}
    fresh = [s.path for s in steps if s.after]
    missing = dict.fromkeys(p for f in fresh for p in parents(f)[len(existing(root, f)) :])
    needed = {p for path in fresh for p in parents(path)}
    left = {p for path in deleted for p in parents(path)} - needed
    gone = sorted(filter(known.may_go, left), key=lambda p: (-p.count("/"), p))
    return Script(
        name,
        about,
        steps,
        tuple(Folder(p, known.folder(p)) for p in missing),
        tuple(Folder(p, stat.S_IMODE((root / p).lstat().st_mode)) for p in gone),
    )


def will_be_empty(root: Path, folder: str, deleted: set[str]) -> bool:
    """Whether a folder has nothing in it but files that are to be deleted."""
    for place, folders, files in os.walk(root / folder):
        links = [name for name in folders if Path(place, name).is_symlink()]
        paths = {Path(place, name).relative_to(root).as_posix() for name in [*files, *links]}
        if not (folders or files) or not paths <= deleted:
            return False
    return True


class _Known:
    """What the script that is taken back knows of how things were before it."""

    def __init__(self, undone: Script | None) -> None:
        self._undone = undone
        self._files = {s.path: s.before for s in undone.steps} if undone else {}
        self._folders = {f.path: f.permission for f in undone.gone} if undone else {}

    def may_go(self, folder: str) -> bool:
        return self._undone is None or any(f.path == folder for f in self._undone.made)

    def folder(self, path: str) -> int | None:
        return self._folders.get(path)

    def permission(self, path: str, file: File, now: Kept | None) -> int | None:
        before = self._files.get(path)
        if before is not None and before.file == file:
            return before.permission
        return permission_for(file, now)


def _step(root: Path, write: Write, name: str, known: _Known) -> Step:
    now = find(root, write.path) if write.before else None
    after = None
    if write.after is not None:
        after = Kept(write.after, known.permission(write.path, write.after, now))
    near = _nearest(root, write.path) / f".anshin-{name}"
    return Step(write.path, now, after, near.relative_to(root).as_posix())


def _check_path(path: str) -> None:
    parts = PurePosixPath(path).parts
    plain = "/".join(parts) == path and "\0" not in path and Path(path).parts == parts
    if not parts or not plain or path.startswith("/") or ".." in parts:
        raise Trouble("journal.outside", hint="journal.as_before", path=path)
    if any(part.lower() == ".git" for part in parts):
        raise Trouble("journal.outside", hint="journal.as_before", path=path)


def _check_parents(root: Path, path: str, deleted: set[str]) -> None:
    for parent in parents(path):
        if parent in deleted or not os.path.lexists(root / parent):
            return
        if not is_folder(root / parent):
            raise Trouble("journal.parent", hint="journal.as_before", path=path, folder=parent)


def _as_planned(root: Path, write: Write, deleted: set[str]) -> bool:
    found = find(root, write.path)
    if found is None or found.file.mode not in (FOLDER, SPECIAL):
        return write.before == (found.file if found else None)
    makes_way = found.file.mode == FOLDER and will_be_empty(root, write.path, deleted)
    if not makes_way:
        raise Trouble("journal.in_way", hint="journal.as_before", path=write.path)
    return write.before is None


def _nearest(root: Path, path: str) -> Path:
    """The innermost folder above a path that is there already."""
    return root / "/".join(existing(root, path)[-1:])
