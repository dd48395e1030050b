"""Asked on a terminal: the prompts of `anshin new`, in both languages, on a pseudo-terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pexpect
import pytest
import yaml

from tests.cli.conftest import ANSHIN

ENTER, DOWN, SPACE, BACKSPACE = "\r", "\x1b[B", " ", "\x7f"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\r")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


class Session:
    """Somebody at a terminal of 80 by 24."""

    def __init__(self, environment: dict[str, str], here: Path, *words: str) -> None:
        self.child: Any = pexpect.spawn(
            str(ANSHIN),
            ["new", *words],
            # This terminal does not say where its cursor is.
            env={**environment, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
            cwd=str(here),
            encoding="utf-8",
            timeout=20,
            dimensions=(24, 80),
        )
        self.seen = ""

    def reads(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.child.expect_exact(text)
        self.seen += self.child.before + self.child.after

    def types(self, *keys: str) -> None:
        for key in keys:
            self.child.send(key)

    def replaces(self, old: str, new: str) -> None:
        """Rub out what stands there, and write something else."""
        self.types(BACKSPACE * len(old), new)

    def ends(self) -> tuple[int, str]:
        """The exit code, and all that was on the screen."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus, ESCAPES.sub("", self.seen + self.child.before)


def answers(project: Path) -> dict[str, Any]:
    text = (project / ".copier-answers.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


BASE = {
    "en": ["Project name", "What the service does", "Language", "Region", "runtime", "Processor"],
    "ja": [
        "プロジェクト名",
        "サービスの説明",
        "ドキュメントの言語",
        "リージョン",
        "ランタイム",
        "アーキテクチャ",
    ],
}
CHOICE = {
    "en": ["Safeguards to start from", "Safeguards"],
    "ja": ["セーフガードの組み合わせ", "セーフガード"],
}
SETTINGS = {
    "en": ["The int setting", "The bool setting", "The choice setting", "The str setting"],
    "ja": ["int の設定", "bool の設定", "choice の設定", "str の設定"],
}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_enter_all_the_way(
    lang: str, environment: dict[str, str], here: Path, checkout: Path
) -> None:
    words = ["--template", str(checkout), "--lang", lang]
    session = Session(environment, here, *words)
    session.reads({"en": "Folder for the project:", "ja": "プロジェクトを作るフォルダー:"}[lang])
    session.types("-api", ENTER)
    for label in [*BASE[lang], *CHOICE[lang], *SETTINGS[lang]]:
        session.reads(label)
        session.types(ENTER)
    code, screen = session.ends()
    assert code == 0, screen
    found = answers(here / "orders-api")
    assert found["project_name"] == "orders-api"
    assert found["language"] == lang
    assert found["safeguards"] == ["rate-limit"]
    assert found["rate_limit_rate"] == 50
    # Nothing of the prompts' own English is left on a Japanese screen.
    assert lang == "en" or not re.search(r"done|selections|Use arrow", screen)


def test_a_change_of_mind_and_mistakes(
    environment: dict[str, str], here: Path, checkout: Path
) -> None:
    (here / "taken").mkdir()
    (here / "taken" / "file").write_text("mine", encoding="utf-8")
    session = Session(environment, here, "--template", str(checkout), "--lang", "en")
    session.reads("Folder for the project:")
    session.replaces("orders", "taken")
    session.types(ENTER)
    session.reads("not empty")
    session.replaces("taken", "svc")
    session.types(ENTER)
    session.reads("Project name")
    session.replaces("svc", "My Service")
    session.types(ENTER)
    session.reads("a letter first")
    session.replaces("My Service", "mine")
    for label in BASE["en"][1:]:
        session.types(ENTER)
        session.reads(label)
    session.types(ENTER)
    session.reads("Safeguards to start from")
    session.types(ENTER)
    session.reads("Safeguards:")
    # The first in the list is what conflicts with the preset's only member.
    session.types(SPACE, ENTER)
    session.reads("It undoes the ceiling.")
    session.types(SPACE, DOWN, DOWN, SPACE, ENTER)
    session.reads("The int setting")
    session.replaces("50", "5000")
    session.types(ENTER)
    session.reads("from 1 to 1000")
    session.replaces("5000", "7")
    session.types(ENTER)
    session.reads("The bool setting")
    session.types("\x1b[A", ENTER)
    session.reads("The choice setting")
    session.types(DOWN, ENTER)
    session.reads("The str setting")
    session.types(": {{ x }}", ENTER)
    code, screen = session.ends()
    assert code == 0, screen
    found = answers(here / "svc")
    assert found["project_name"] == "mine"
    assert found["safeguards"] == ["rate-limit", "work-queue"]
    assert (found["rate_limit_rate"], found["rate_limit_strict"]) == (7, True)
    assert (found["rate_limit_mode"], found["rate_limit_label"]) == ("hard", "limit: {{ x }}")


def test_what_was_given_is_not_asked(
    environment: dict[str, str], here: Path, checkout: Path
) -> None:
    given = ["description=d", "language=ja", "region=eu-west-1", "rate_limit_rate=9"]
    data = [word for pair in given for word in ("--data", pair)]
    words = ["svc", "-s", "rate-limit", "--template", str(checkout), "--lang", "en", *data]
    session = Session(environment, here, *words)
    for label in ("Project name", "runtime", "Processor", *SETTINGS["en"][1:]):
        session.reads(label)
        session.types(ENTER)
    code, screen = session.ends()
    assert code == 0, screen
    for label in ("Folder", "What the service does", "Region", "Safeguards to", "The int"):
        assert label not in screen
    assert answers(here / "svc")["rate_limit_rate"] == 9


def test_defaults_and_json_ask_nothing(
    environment: dict[str, str], here: Path, checkout: Path
) -> None:
    session = Session(environment, here, "a", "--template", str(checkout), "--defaults")
    assert session.ends()[0] == 0
    session = Session(environment, here, "b", "--template", str(checkout), "--json")
    code, screen = session.ends()
    assert code == 2
    assert "--defaults" in screen


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_leaving(key: str, environment: dict[str, str], here: Path, checkout: Path) -> None:
    session = Session(environment, here, "svc", "--template", str(checkout), "--lang", "en")
    session.reads("Project name")
    session.replaces("svc", key)
    code, screen = session.ends()
    assert code == 130
    assert "Nothing was made." in screen
    assert list(here.iterdir()) == []
