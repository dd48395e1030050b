"""Find versions that have no tag among the commits of a repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from scaffolder.history import GIT, PARTS, digest_of, environment, git, hashed, is_repository
from scaffolder.versions import DESCRIBED, STAMPED

SEARCHED = 3000
"""Commits that are looked through for a working tree's version, the newest first."""

FOLDER = "40000"
"""The mode of a folder."""


def find(root: Path, version: str) -> str | None:
    """The commit of a version without a tag, or None if the repository does not have it.

    Args:
        root: of a checkout, or a bare repository.
        version: of a working tree, whose content is looked for in all branches; or what
            `git describe` says.

    Raises:
        subprocess.CalledProcessError: git fails.
    """
    if not is_repository(root):
        return None
    if described := DESCRIBED.fullmatch(version):
        return _commit(root, described[3])
    stamped = STAMPED.fullmatch(version)
    return _with_digest(root, stamped[1]) if stamped else None


def is_shallow(root: Path) -> bool:
    """Whether a checkout or repository lacks the older part of its history."""
    if not is_repository(root):
        return False
    return git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _commit(root: Path, start: str) -> str | None:
    """The commit whose name begins so, if there is just one."""
    try:
        return git(root, "rev-parse", "--verify", "--quiet", f"{start}^{{commit}}").decode().strip()
    except subprocess.CalledProcessError:
        return None


def _with_digest(root: Path, start: str) -> str | None:
    """The newest commit whose template has a digest that begins so."""
    order = ("--all", "--full-history", "--date-order", f"--max-count={SEARCHED}")
    with _Objects(root) as objects:
        for commit in git(root, "rev-list", *order, "--", *PARTS).decode().split():
            if digest_of(objects.template(commit)).startswith(start):
                return commit
    return None


Listed = tuple[str, str, str]
"""A file or folder in a commit."""


class _Objects:
    """The objects of a repository, read by one git process; nothing is looked at twice."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [*GIT, "cat-file", "--batch"],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        self._known: dict[tuple[str, str], list[Listed]] = {}
        self._hashes: dict[str, str] = {}

    def __enter__(self) -> _Objects:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate()

    def template(self, commit: str) -> list[Listed]:
        """The template's files in a commit: path, mode, hash of the content."""
        return self._below(f"{commit}^{{tree}}", "")

    def _below(self, tree: str, folder: str) -> list[Listed]:
        if (tree, folder) not in self._known:
            self._known[tree, folder] = list(self._look(tree, folder))
        return self._known[tree, folder]

    def _look(self, tree: str, folder: str) -> Iterator[Listed]:
        for name, mode, oid in self._tree(tree):
            path = PurePosixPath(folder, name)
            inside = any(path.is_relative_to(part) for part in PARTS)
            if mode == FOLDER and (inside or any(path in PurePosixPath(p).parents for p in PARTS)):
                yield from self._below(oid, str(path))
            elif inside and mode != FOLDER:
                yield str(path), mode, self._hash(oid)

    def _tree(self, name: str) -> Iterator[Listed]:
        """What is in a folder: name, mode, object."""
        oid, content = self._read(name)
        entry = re.compile(rb"(\d+) ([^\0]+)\0(.{%d})" % (len(oid) // 2), re.DOTALL)
        for mode, title, own in entry.findall(content):
            yield title.decode(), mode.decode(), own.hex()

    def _hash(self, oid: str) -> str:
        if oid not in self._hashes:
            self._hashes[oid] = hashed(self._read(oid)[1])
        return self._hashes[oid]

    def _read(self, name: str) -> tuple[str, bytes]:
        """An object's own name, and its content."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None and answers is not None
        requests.write(f"{name}\n".encode())
        requests.flush()
        header = answers.readline().decode().split()
        if len(header) != 3:
            raise subprocess.CalledProcessError(1, GIT, stderr=f"{name}: missing")
        content = answers.read(int(header[2]) + 1)
        return header[0], content[:-1]
