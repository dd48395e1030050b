"""A project that is managed: where it is, and what its answers file records."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import answers
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.messages import Trouble
from scaffolder.source import own_environment

CONFLICT = "<<<<<<< "
"""How git marks the beginning of a conflict."""


@dataclass(frozen=True)
class Managed:
    """A project with an answers file of ours."""

    root: Path
    top: Path
    """Of the git work tree that the project is in."""

    version: str
    """Of the template that the project was last rendered from."""

    src_path: str
    answers: Mapping[str, Any]
    """As recorded, unchecked, without Copier's own entries."""

    @property
    def safeguards(self) -> list[str]:
        """The chosen safeguards, as recorded."""
        chosen = self.answers.get(answers.SAFEGUARDS)
        return list(chosen) if isinstance(chosen, list) else []

    @property
    def adopted(self) -> Mapping[str, Any]:
        """What is recorded of a project that we did not generate; empty for one that we did."""
        found = self.answers.get("adopted")
        return found if isinstance(found, dict) else {}


def find(start: Path) -> Managed:
    """The managed project that a folder is in.

    Raises:
        Trouble: there is none, it is in no git repository, or its answers file cannot be used.
    """
    root = locate(start)
    file = root / ANSWERS_FILE
    top = _top(root)
    if file.is_symlink():
        raise Trouble("managed.link", path=file)
    if _has_markers(file):
        raise Trouble("managed.conflict", path=file)
    recorded = answers.read_file(file)
    version, src_path = recorded.get("_commit"), recorded.get("_src_path")
    if not isinstance(version, str) or not isinstance(src_path, str):
        raise Trouble("managed.incomplete", path=file)
    if not isinstance(recorded.get(answers.SAFEGUARDS), list):
        raise Trouble("managed.not_ours", path=file)
    own = {n: v for n, v in recorded.items() if n not in answers.RECORDED}
    return Managed(root, top, version, src_path, own)


def locate(start: Path) -> Path:
    """The folder of the managed project that a folder is in.

    Raises:
        Trouble: there is none.
    """
    folder = start.expanduser().resolve()
    if not folder.is_dir():
        raise Trouble("managed.no_folder", path=start)
    for place in (folder, *folder.parents):
        if (place / ANSWERS_FILE).is_file():
            return place
        if (place / ".git").exists():
            break
    raise Trouble("managed.nothing", hint="managed.nothing_hint", path=folder, file=ANSWERS_FILE)


def is_dirty(project: Managed) -> bool:
    """Whether anything in the project's folder is not committed."""
    return bool(_git(project.root, "status", "--porcelain", "--", "."))


def _top(root: Path) -> Path:
    try:
        found = _git(root, "rev-parse", "--show-toplevel")
    except OSError as error:
        raise Trouble("git.missing", hint="git.missing_hint") from error
    if not found:
        raise Trouble("managed.no_git", hint="managed.no_git_hint", path=root)
    return Path(found)


def _has_markers(file: Path) -> bool:
    text = file.read_text(encoding="utf-8", errors="replace")
    return any(line.startswith(CONFLICT) for line in text.splitlines())


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, env=own_environment({})
    )
    return done.stdout.strip() if done.returncode == 0 else ""
