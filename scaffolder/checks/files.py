"""Which files of a project are its own: not installed, not built, not ignored by git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

TEMPLATE_NAMES = frozenset({"template.yaml", "template.yml", "template.json"})
MAX_ENTRIES = 50_000
"""Files and folders looked at below one path, so that a mistaken path cannot take for ever."""

_SKIPPED = frozenset(
    {
        *(".aws-sam", ".git", ".hg", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".svn"),
        *(".terraform", ".tox", ".venv", "__pycache__", "build", "cdk.out", "dist", "env"),
        *("node_modules", "site-packages", "third_party", "vendor", "vendored", "venv", "_vendor"),
    }
)
_TESTS = frozenset({"test", "tests"})


class TooMany(Exception):
    """More files than are looked at."""


def skipped(parts: tuple[str, ...]) -> bool:
    """Whether a path with these folders is not the project's own work."""
    return not _SKIPPED.isdisjoint(parts)


def is_test(path: Path, below: Path) -> bool:
    """Whether a Python file is a test, judged by its name and its folders under `below`."""
    parts = path.relative_to(below).parts
    name = path.name
    return (
        not _TESTS.isdisjoint(parts[:-1])
        or name == "conftest.py"
        or (name.startswith("test_") or name.endswith("_test.py"))
    )


class Tree:
    """The project's own files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def _tracked(self) -> list[Path] | None:
        return _listed_by_git(self.root)

    def templates(self) -> list[Path]:
        """Templates by their usual names, in the order of their paths."""
        return sorted(p for p in self._files(self.root) if p.name in TEMPLATE_NAMES)

    def python_files(self, folder: Path) -> list[Path]:
        """The Python modules below a folder that the project's people wrote, without tests.

        Raises:
            TooMany: there are more files than are looked at.
        """
        installed = _installed(folder)
        return sorted(
            path
            for path in self._files(folder)
            if path.suffix == ".py"
            and not is_test(path, folder)
            and path.relative_to(folder).parts[0] not in installed
        )

    def _files(self, folder: Path) -> Iterator[Path]:
        if self._tracked is not None and folder.is_relative_to(self.root):
            inside = [p for p in self._tracked if p.is_relative_to(folder)]
            if inside or folder == self.root:
                yield from (p for p in inside if not skipped(p.relative_to(folder).parts[:-1]))
                return
        yield from walk(folder)


def walk(folder: Path) -> Iterator[Path]:
    """The files below a folder, without following links and without what is not its own.

    Raises:
        TooMany: there are more than `MAX_ENTRIES`.
    """
    seen = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        seen += len(folders) + len(names)
        if seen > MAX_ENTRIES:
            raise TooMany
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file():
                yield path


def _listed_by_git(root: Path) -> list[Path] | None:
    """What git tracks or would track below a folder; None without git, or if that is nothing."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    # A repository's own configuration can name programs to run; none is wanted here.
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "ls-files"]
    options = ["-z", "--cached", "--others", "--exclude-standard", "--", *_PATTERNS]
    try:
        done = subprocess.run(
            [*command, *options],
            cwd=root,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    names = dict.fromkeys(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    # A folder that git ignores as a whole was given on purpose, so it is walked.
    return [path for name in names if (path := root / name).is_file()] or None


_PATTERNS = ["*.py", *(f":(glob)**/{name}" for name in sorted(TEMPLATE_NAMES))]


@cache
def _installed(folder: Path) -> frozenset[str]:
    """Top-level names that `pip install --target` put into a folder."""
    names: set[str] = set()
    for record in folder.glob("*.dist-info/RECORD"):
        try:
            with record.open(encoding="utf-8", errors="replace") as lines:
                names.update(line.split(",", 1)[0].split("/", 1)[0] for line in lines)
        except OSError:
            continue
    return frozenset(names)
