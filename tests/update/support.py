"""Run the real command on projects, and see what it left of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scaffolder.textmerge.sound import is_sound
from tests.cli.conftest import ANSHIN
from tests.unit.test_source import git
from tests.update.trees import snapshot

ANSWERS = ".copier-answers.yml"
MARKERS = re.compile(r"(?m)^(<{7} .*|={7}|>{7} .*)$\n?")
Tree = Mapping[str, Any]
Texts = dict[str, str]


@dataclass(frozen=True)
class Machine:
    """Where a user works: a home without settings, and a command.

    Attributes:
        home: without any settings of git; nobody has said who the user is.
        anshin: the command.
        variables: of the environment, besides.
    """

    home: Path
    anshin: Path = ANSHIN
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the user's shell has."""
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        fixed = {"HOME": str(self.home), "LC_ALL": "C.UTF-8", "ANSHIN_LANG": "en"}
        return {**kept, **fixed, **self.variables}

    def run(
        self, folder: Path, *words: object, code: int | None = 0, lang: str = "en"
    ) -> subprocess.CompletedProcess[str]:
        """Run the command without a terminal; `code` is what it has to end with, if not None."""
        done = subprocess.run(
            [str(self.anshin), *map(str, words)],
            cwd=folder,
            env={**self.environment, "ANSHIN_LANG": lang},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        said = f"anshin {' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, said
        assert code is None or done.returncode == code, said
        return done

    def json(self, folder: Path, *words: object, code: int = 0) -> Any:
        """What the command says with `--json`."""
        return json.loads(self.run(folder, *words, "--json", code=code).stdout)


def commit(project: Path) -> None:
    """Commit all that is there."""
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--allow-empty", "--message", "mine")


def copy(project: Path, target: Path) -> Path:
    """A copy of a project with its repository."""
    shutil.copytree(project, target, symlinks=True)
    return target


def texts(project: Path) -> Texts:
    """The files of a project, by path."""
    kinds = {name: entry for name, entry in snapshot(project).items() if entry[0] == "file"}
    return {name: content.decode() for name, (_, _, content) in kinds.items()}


def changed(before: Tree, after: Tree) -> set[str]:
    """The paths that are different in two trees."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def files_changed(before: Tree, after: Tree) -> set[str]:
    """The same, without folders."""
    names = changed(before, after)
    return {n for n in names if "folder" not in {t[n][0] for t in (before, after) if n in t}}


def files_of_git(project: Path) -> dict[str, str]:
    """What `git status` shows: path → its two letters."""
    lines = git(project, "-c", "core.quotePath=false", "status", "--porcelain", "-uall").split("\n")
    # The first line has lost its leading blank.
    padded = [line if line[2:3] == " " else f" {line}" for line in lines if line]
    return {line[3:]: line[:2] for line in padded}


def conflicts(found: Texts) -> Counter[str]:
    """Conflicts by path, as markers show them."""
    counts = {name: len(re.findall(r"(?m)^<{7} ", text)) for name, text in found.items()}
    return Counter({name: count for name, count in counts.items() if count})


def without_markers(text: str) -> str:
    """Both sides of each conflict."""
    return MARKERS.sub("", text)


def lines(text: str) -> Counter[str]:
    """The lines that say something, whatever blanks and quotes stand around."""
    found = (line.strip().replace("'", '"').rstrip(",") for line in text.splitlines())
    return Counter(re.sub(r"^-\s+", "- ", line) for line in found if line)


def nonsense(found: Texts) -> list[str]:
    """The files without markers that the tools that read them would not understand."""
    return [
        name
        for name, text in found.items()
        if not MARKERS.search(text)
        and not (_is_yaml(text) if _has_yaml(name) else is_sound(name, text))
    ]


def same(name: str, text: str, other: str) -> bool:
    """Whether two texts of a file say the same: YAML by value, others by their lines."""
    if _has_yaml(name):
        return _value(text) == _value(other)
    return lines(text) == lines(other)


def _has_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def _is_yaml(text: str) -> bool:
    try:
        _value(text)
    except yaml.YAMLError:
        return False
    return True


def _value(text: str) -> Any:
    """What a document says: mappings in any order, lists in theirs."""
    return _said(yaml.compose(text, Loader=yaml.CSafeLoader))


def _said(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        pairs = [(key.value, _said(value)) for key, value in node.value]
        found = dict(pairs)
        if len(found) != len(pairs):
            raise yaml.YAMLError("a key is there twice")
        return node.tag, found
    if isinstance(node, yaml.SequenceNode):
        return node.tag, [_said(value) for value in node.value]
    return (node.tag, node.value) if node else None


def pins(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The packages in a list of requirements, and their versions."""
    for line in text.splitlines():
        name, separator, version = line.partition("==")
        if separator:
            yield name, tuple(map(int, version.split(".")))
