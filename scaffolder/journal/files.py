"""One file at a time: found as git sees it, written so that it lasts."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath

from scaffolder.history import EXECUTABLE, PLAIN, File

SYMLINK = "120000"
FOLDER, SPECIAL = "040000", "000000"
"""What is no file: a folder; a pipe, a socket or a device."""

BINARY = getattr(os, "O_BINARY", 0)
"""Line ends stay as they are, also where the system would change them."""

NEW = {PLAIN: 0o666, EXECUTABLE: 0o777}
"""Permission of a new file before the user's umask."""


Signatures = Mapping[str, tuple[int, ...] | None]


@dataclass(frozen=True)
class Kept:
    """A file with all of its permission bits; None: those that a new file gets."""

    file: File
    permission: int | None


def find(root: Path, path: str) -> Kept | None:
    """What is at a path below a folder; None: nothing. Symbolic links are not followed.

    Raises:
        OSError: it cannot be read.
    """
    place = root / path
    try:
        mode = _mode(root, path)
        if mode is None:
            return None
        if stat.S_ISLNK(mode):
            return Kept(File(SYMLINK, os.fsencode(place.readlink())), None)
        if stat.S_ISREG(mode):
            known = EXECUTABLE if mode & 0o100 else PLAIN
            return Kept(File(known, place.read_bytes()), stat.S_IMODE(mode))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Kept(File(FOLDER if stat.S_ISDIR(mode) else SPECIAL, b""), stat.S_IMODE(mode))


def signature(root: Path, path: str) -> tuple[int, ...] | None:
    """Tells whether somebody wrote to a file since; None: there is no file.

    Raises:
        OSError: the path cannot be looked at.
    """
    try:
        mode = _mode(root, path)
        if mode is None or stat.S_ISDIR(mode):
            return None
        found = (root / path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return (found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns)


def parents(path: str) -> list[str]:
    """The folders that a path leads through, outer ones first, without the root."""
    return [folder.as_posix() for folder in reversed(PurePosixPath(path).parents[:-1])]


def existing(root: Path, path: str) -> list[str]:
    """Those of its parents that are folders, and no links to folders, already."""
    return list(takewhile(lambda p: is_folder(root / p), parents(path)))


def is_folder(path: Path) -> bool:
    """Whether a path is a folder itself, not a link to one."""
    return path.is_dir() and not path.is_symlink()


def _mode(root: Path, path: str) -> int | None:
    """None where the path leads through a link."""
    if any((root / parent).is_symlink() for parent in parents(path)):
        return None
    return (root / path).lstat().st_mode


def permission_for(file: File, now: Kept | None) -> int | None:
    """The permission of a file that takes the place of another: only executable may change."""
    if file.mode == SYMLINK or now is None or now.file.mode not in NEW:
        return None
    bits = now.permission or 0
    # Who may read it may run it, as git does it.
    return bits | (bits & 0o444) >> 2 if file.mode == EXECUTABLE else bits & ~0o111


def put(path: Path, kept: Kept) -> None:
    """Write a new file, down to the disk.

    Raises:
        OSError: it cannot be written, or something is there.
    """
    if kept.file.mode == SYMLINK:
        path.symlink_to(os.fsdecode(kept.file.content))
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY
    known = NEW[kept.file.mode] if kept.permission is None else kept.permission
    # Not even for a moment may more people read it.
    descriptor = os.open(path, flags, known)
    try:
        rest = memoryview(kept.file.content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if kept.permission is not None:
            path.chmod(kept.permission)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Make the names in a folder last, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
