"""A small catalog of its own, and ways to run the command.

The patterns here are made up, so that every relation and kind of question is there whatever the
real catalog holds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import compile as compiler

ROOT = Path(__file__).parent.parent.parent
ANSHIN = Path(sys.executable).parent / "anshin"
COPIER = Path(sys.executable).parent / "copier"


PLAIN = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]*"
"""Any text of one line."""


def both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


def pattern(**fields: Any) -> dict[str, Any]:
    """A whole entry with short texts; `fields` replace or add to them."""
    text = both("説明です。", "An explanation.")
    return {
        "title": both("題名", "A title"),
        **dict.fromkeys(("summary", "why", "how", "use_when", "skip_if", "see_it"), text),
        "costs": {"direction": "small", "text": text},
        "chapter": "throttling",
        "slides": [1],
        "since_deck": text,
        "scope": ["code"],
        "recommended_when": [{"facts": {"trigger": ["http"]}, "because": text}],
        "references": [{"title": text, "url": "https://example.com/"}],
        **fields,
    }


def question(kind: str, default: Any, **fields: Any) -> dict[str, Any]:
    label = both(f"{kind} の設定", f"The {kind} setting")
    help_text = both("値の説明です。", "What the value does.")
    return {"type": kind, "label": label, "help": help_text, "default": default, **fields}


def entries(**changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The made-up patterns: folder's name → entry."""
    found = {
        "rate-limit": pattern(
            title=both("リクエスト数の上限", "A ceiling on requests"),
            scope=["project"],
            presets={"recommended": both("いつも必要です。", "Always worth it.")},
            aliases=["request-limit"],
            questions={
                "rate": question("int", 50, min=1, max=1000),
                "strict": question("bool", False),
                "mode": question("choice", "soft", choices=["soft", "hard"]),
                "label": question("str", "limit", pattern=PLAIN),
            },
            checks={
                "limited": {
                    "severity": "error",
                    "title": both("上限がある", "There is a ceiling"),
                    "message": both("上限がありません。", "There is no ceiling."),
                    "fix": both("上限を付けてください。", "Set one."),
                    "select": ["$.Resources.*"],
                    "assert": {"type": "object"},
                }
            },
        ),
        "work-queue": pattern(
            title=both("作業のキュー", "A queue for the work"),
            chapter="downstream",
            requires={"rate-limit": both("流入を抑えるためです。", "The inflow must be bounded.")},
        ),
        "open-door": pattern(
            title=both("上限なし", "No ceiling at all"),
            conflicts={"rate-limit": both("上限と矛盾します。", "It undoes the ceiling.")},
        ),
        "peace-of-mind": pattern(
            title=both("安心とは", "What peace of mind is"), chapter="start", scope=["concept"]
        ),
    }
    return {name: {**entry, **changes.get(name, {})} for name, entry in found.items()}


TEMPLATE = """\
Resources:
  LimitLog:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Answer label
      # How long to keep it.
      RetentionInDays: !Answer rate
"""


def make_checkout(root: Path, **changes: dict[str, Any]) -> Path:
    """A checkout of Anshin with the made-up catalog, compiled."""
    (root / "scaffolder").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(ROOT / "templates" / "base", root / "templates" / "base")
    (root / "catalog").mkdir()
    # What the real catalog has released is nothing to this one.
    for path in {*(ROOT / "catalog").glob("*.yaml")} - {ROOT / "catalog" / "released.yaml"}:
        shutil.copy(path, root / "catalog")
    for name, entry in entries(**changes).items():
        folder = root / "catalog" / name
        folder.mkdir()
        text = yaml.safe_dump(entry, allow_unicode=True, sort_keys=False)
        (folder / "pattern.yaml").write_text(text, encoding="utf-8")
    limited = root / "catalog" / "rate-limit"
    (limited / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    (limited / "samples").mkdir()
    (limited / "samples" / "after.py").write_text("LIMIT = 50\n", encoding="utf-8")
    (limited / "samples" / "before.py").write_text("LIMIT = None\n", encoding="utf-8")
    compiler.write(root, compiler.compiled(root))
    return root


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the made-up catalog; not to be changed."""
    return make_checkout(tmp_path_factory.mktemp("checkout") / "anshin")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """What a user's shell has, without anything of this machine's user."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", "ANSHIN_LANG": "en"}


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def anshin(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the real command: `anshin("list", "--json", lang="ja")`; without a terminal."""
    folder = tmp_path / "here"
    folder.mkdir()

    def run(
        *words: object, lang: str = "en", cwd: Path = folder, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ANSHIN), *map(str, words)],
            cwd=cwd,
            env={**environment, "ANSHIN_LANG": lang, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    run.folder = folder  # type: ignore[attr-defined]
    return run
