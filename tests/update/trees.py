"""A project with one of everything that an apply can meet, and what its files are."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from scaffolder.history import File
from scaffolder.journal import Journal, Write, store_of

PLAIN, EXECUTABLE, LINK = "100644", "100755", "120000"
ABOUT = {"action": "add", "safeguards": ["日本語"]}

BEFORE: Mapping[str, File] = {
    "template.yaml": File(PLAIN, b"Resources:\n  A: 1\n"),
    "crlf.txt": File(PLAIN, b"one\r\ntwo\r\n"),
    "run.sh": File(EXECUTABLE, b"#!/bin/sh\n"),
    "mode.sh": File(PLAIN, b"#!/bin/sh\necho mode\n"),
    "old/gone/only.txt": File(PLAIN, b"only\n"),
    "src/stays.py": File(PLAIN, b"stays = 1\n"),
    "src/gone.py": File(PLAIN, b"gone = 1\n"),
    "link": File(LINK, b"src/stays.py"),
    "becomes_folder": File(PLAIN, b"a file\n"),
    "becomes_file/inner/x": File(PLAIN, b"x\n"),
    "日本 語\n.txt": File(PLAIN, "前\n".encode()),
    "picture": File(PLAIN, b"\0\1\2"),
}
AFTER: Mapping[str, File] = {
    "template.yaml": File(PLAIN, b"Resources:\n  A: 1\n  B: 2\n"),
    "crlf.txt": File(PLAIN, b"one\r\n2\r\n"),
    "run.sh": File(EXECUTABLE, b"#!/bin/sh\necho run\n"),
    "mode.sh": File(EXECUTABLE, b"#!/bin/sh\necho mode\n"),
    "src/stays.py": File(PLAIN, b"stays = 1\n"),
    "link": File(LINK, b"template.yaml"),
    "becomes_folder/new": File(PLAIN, b"in a folder\n"),
    "becomes_file": File(PLAIN, b"a file now\n"),
    "日本 語\n.txt": File(PLAIN, "後\n".encode()),
    "picture": File(PLAIN, b"\0\1\3"),
    "new/deep/er/file.py": File(PLAIN, b"new = 1\n" * 1000),
    "new/run": File(EXECUTABLE, b"#!/bin/sh\n"),
    "empty": File(PLAIN, b""),
}

Entry = tuple[str, int, bytes]
"""Kind, permission bits and content of a file, a link or a folder."""


def writes(before: Mapping[str, File], after: Mapping[str, File]) -> list[Write]:
    """What leads from one tree to another."""
    paths = sorted({*before, *after})
    found = (Write(p, before.get(p), after.get(p)) for p in paths)
    return [write for write in found if write.before != write.after]


def lay(root: Path, tree: Mapping[str, File]) -> None:
    """Write a tree as a user would have it."""
    for name, file in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.mode == LINK:
            path.symlink_to(file.content.decode())
        else:
            path.write_bytes(file.content)
            path.chmod(0o755 if file.mode == EXECUTABLE else 0o644)


def snapshot(root: Path) -> dict[str, Entry]:
    """Everything below a folder but git's own directory, to the last bit."""
    found: dict[str, Entry] = {}
    for where, folders, files in os.walk(root):
        if Path(where) == root and ".git" in folders:
            folders.remove(".git")
        for name in [*folders, *files]:
            path = Path(where, name)
            mode = path.lstat().st_mode
            key = path.relative_to(root).as_posix()
            if stat.S_ISLNK(mode):
                found[key] = ("link", 0, os.fsencode(path.readlink()))
            elif stat.S_ISREG(mode):
                found[key] = ("file", stat.S_IMODE(mode), path.read_bytes())
            else:
                kind = "folder" if stat.S_ISDIR(mode) else "special"
                found[key] = (kind, stat.S_IMODE(mode), b"")
    return found


def git(root: Path, *words: str) -> str:
    """Run git as somebody."""
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", *words]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def make(root: Path, tree: Mapping[str, File] = BEFORE) -> Journal:
    """A repository with a tree, as a project with a journal."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet", "--template=")
    lay(root, tree)
    # Bits that git knows nothing of are the user's own all the same.
    for name, bits in (("template.yaml", 0o640), ("run.sh", 0o750), ("src/gone.py", 0o600)):
        if name in tree:
            (root / name).chmod(bits)
    for name in ("old", "old/gone"):
        if (root / name).is_dir():
            (root / name).chmod(0o750)
    return Journal(root, store_of(root))


def kept(journal: Journal) -> list[str]:
    """The files in the journal's store, the name of the last apply's folder left out."""
    files = (p.relative_to(journal.store).parts for p in journal.store.rglob("*") if p.is_file())
    return sorted("/".join(["*", *parts[1:]]) if len(parts) > 1 else parts[0] for parts in files)


FRESH = [File(PLAIN, b"first\n"), File(PLAIN, b"second\n")]


def works(journal: Journal) -> None:
    """See that a fresh apply and its undo do what they should, and that nothing is left over."""
    before = snapshot(journal.root)
    journal.apply([Write("fresh/file", None, FRESH[0])], {"action": "fresh"})
    assert journal.read("fresh/file") == FRESH[0]
    record = journal.last()
    assert record is not None
    assert record.about["action"] == "fresh"
    assert kept(journal) == ["*/record.json", "journal.json", "lock"]
    assert journal.undo().done
    assert snapshot(journal.root) == before
    assert kept(journal) == ["journal.json", "lock"]
