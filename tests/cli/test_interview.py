"""`anshin new` as a person uses it: whole interviews on a pseudo-terminal, in both languages.

What stands on the screen at some moments is stored in `screens/`. Run with SCREENS=write to store
it anew, and look at the difference.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder.layout import width
from scaffolder.messages import LANGUAGES, Say
from tests.cli.conftest import Run
from tests.cli.terminal import (
    BACKSPACE,
    CTRL_B,
    CTRL_C,
    CTRL_D,
    DOWN,
    ENTER,
    ESCAPE,
    HOME,
    SPACE,
    Session,
)

LANG = pytest.mark.parametrize("lang", LANGUAGES)
SIZES = pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
SCREENS = Path(__file__).parent / "screens"

Start = Callable[..., Session]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def start(environment: dict[str, str], here: Path, checkout: Path) -> Start:
    """`anshin new` on a terminal, with the made-up catalog."""

    def session(
        *words: object, lang: str = "en", columns: int = 80, rows: int = 24, **variables: str
    ) -> Session:
        variables = {**environment, "ANSHIN_LANG": lang, **variables}
        words = ("new", *words, "--template", checkout)
        return Session(variables, here, *words, columns=columns, rows=rows)

    return session


def answers(project: Path) -> dict[str, Any]:
    text = (project / ".copier-answers.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def compare(session: Session, name: str) -> None:
    """Hold the screen against the stored one."""
    session.rests()
    text = "\n".join(session.lines).rstrip("\n") + "\n"
    file = SCREENS / f"{name}.txt"
    if os.environ.get("SCREENS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), name


PLACE = {"en": "Folder for the project", "ja": "プロジェクトを作るフォルダー"}
PICK = {"en": "Choose the safeguards", "ja": "セーフガードを選んでください"}
SETTINGS = {"en": "Are these settings right?", "ja": "設定を確認してください"}
MAKE = {"en": "Make the project ", "ja": " に作りますか？"}
FACTS = [f"{number}/8" for number in range(1, 9)]
"""What stands on the screen at each step."""


def tell(session: Session, *keys: str) -> None:
    """Answer what is asked about the workload; with Enter, where no other keys are given."""
    for number, place in enumerate(FACTS):
        session.reads(place)
        session.types(keys[number] if number < len(keys) else ENTER)


def draft_of(here: Path) -> Path:
    return here.parent / "home" / ".local" / "state" / "anshin" / "draft.json"


@SIZES
@LANG
def test_the_defaults_all_the_way(
    lang: str, columns: int, rows: int, start: Start, here: Path
) -> None:
    name = f"{lang}-{columns}x{rows}"
    session = start(lang=lang, columns=columns, rows=rows)
    session.reads(PLACE[lang])
    compare(session, f"{name}-place")
    session.types("-api", ENTER)
    session.reads("1/8")
    compare(session, f"{name}-first-fact")
    session.types("1", "2", ENTER)
    for place in FACTS[1:7]:
        session.reads(place)
        session.types(ENTER)
    session.reads("8/8")
    compare(session, f"{name}-last-fact")
    session.types("2")
    session.reads(PICK[lang])
    session.types(ENTER)
    session.reads(SETTINGS[lang])
    session.types(ENTER)
    session.reads(MAKE[lang])
    session.types(ENTER)
    assert session.ends() == 0, session.text
    found = answers(here / "orders-api")
    assert (found["project_name"], found["language"]) == ("orders-api", lang)
    assert found["safeguards"] == ["rate-limit", "work-queue"]
    assert "cd orders-api" in session.text
    assert all(width(line) <= columns for line in session.lines)
    # Nothing of the prompts' own English is left on a Japanese screen.
    assert lang == "en" or not re.search(r"done|selections|Use arrow", session.raw)
    assert not draft_of(here).exists()


@LANG
def test_settings_and_a_mistake(lang: str, start: Start, here: Path) -> None:
    session = start("svc", "-s", "rate-limit", lang=lang)
    session.reads(SETTINGS[lang])
    compare(session, f"{lang}-80x24-settings")
    session.types(DOWN * 7, ENTER)
    session.reads("> 50")
    session.replaces("50", "5000")
    session.types(ENTER)
    # The bound, at once.
    session.reads("! ", "5000", "1000")
    compare(session, f"{lang}-80x24-mistake")
    session.types(BACKSPACE * 3)
    # And gone as soon as it is kept.
    session.reads("> 5")
    session.types(ENTER)
    session.reads(SETTINGS[lang], {"en": "5 (changed)", "ja": "5 (変更)"}[lang])
    session.types(HOME, ENTER)
    session.reads(MAKE[lang])
    session.types("1")
    assert session.ends() == 0
    assert answers(here / "svc")["rate_limit_rate"] == 5


def test_a_change_of_mind(start: Start, here: Path) -> None:
    """Back from everywhere, with Esc or Ctrl-B; what was answered and toggled is still there."""
    (here / "taken").mkdir()
    (here / "taken" / "file").write_text("mine", encoding="utf-8")
    session = start()
    session.reads(PLACE["en"])
    session.replaces("orders", "taken")
    session.types(ENTER)
    session.reads("! taken is not empty")
    session.replaces("taken", "svc")
    session.types(ENTER)
    session.reads("1/8")
    session.types(CTRL_B)
    session.reads(PLACE["en"], "> svc")
    session.types("-2", ENTER)
    tell(session, "1" + ENTER, "1")
    session.reads(PICK["en"])
    # It is recommended, and not wanted.
    session.types("queue", SPACE)
    session.reads("[ ] A queue for the work")
    session.types(ESCAPE, ESCAPE)
    session.reads("8/8")
    session.types(ESCAPE)
    session.reads("7/8", "the general public")
    session.types("1")
    session.reads("8/8", "An unexpected bill")
    session.types(ENTER)
    session.reads(PICK["en"], "[ ] A queue for the work")
    session.types(ENTER)
    session.reads(SETTINGS["en"])
    session.types(ENTER)
    session.reads(MAKE["en"])
    session.types(ESCAPE)
    session.reads(SETTINGS["en"])
    session.types(ENTER)
    session.reads(MAKE["en"])
    session.types("2")
    session.reads(PICK["en"], "[ ] A queue for the work")
    session.types(ENTER)
    session.reads(SETTINGS["en"])
    session.types(ENTER)
    session.reads(MAKE["en"])
    session.types(ENTER)
    assert session.ends() == 0, session.text
    assert answers(here / "svc-2")["safeguards"] == ["rate-limit"]


@LANG
def test_a_conflict(lang: str, start: Start, here: Path) -> None:
    """What cannot be chosen says why, and cannot be toggled."""
    session = start("svc", lang=lang)
    tell(session)
    session.reads(PICK[lang])
    session.types("open-door")
    reason = {"en": "It undoes the ceiling.", "ja": "上限と矛盾します。"}[lang]
    session.reads("[-]", reason)
    session.types(SPACE)
    session.reads("[-]", reason)
    for name in ("work-queue", "rate-limit"):
        session.types(ESCAPE)
        session.types(name, SPACE)
        session.reads("[ ]")
    session.types(ESCAPE, "open-door", SPACE)
    session.reads("[x]")
    session.types(ENTER)
    session.reads(SETTINGS[lang])
    session.types(ENTER)
    session.reads(MAKE[lang])
    session.types(ENTER)
    assert session.ends() == 0
    assert answers(here / "svc")["safeguards"] == ["open-door"]


def test_the_summary_can_be_repeated(start: Start, anshin: Run, here: Path) -> None:
    """The command that it shows makes the same project, byte for byte; so does the link."""
    given = ["-d", "region=eu-west-1", "-d", 'description=it\'s "so" $HOME; 注文']
    session = start("my svc", "-s", "work-queue", *given, columns=120, rows=40)
    session.reads(SETTINGS["en"])
    session.types(DOWN * 8, ENTER)
    session.reads("1 Yes")
    session.types("1")
    session.reads("Yes (changed)")
    session.types(HOME, ENTER)
    session.reads(MAKE["en"])
    printed = re.sub(r"\x1b\[[0-9;]*m", "", session.raw).splitlines()
    command, link = (
        next(line.strip() for line in printed if line.startswith(f"  {word}"))
        for word in ("anshin new ", "https://")
    )
    assert "work-queue" in session.text
    assert "Logs::LogGroup" in session.text
    session.types(ENTER)
    assert session.ends() == 0, session.text
    words = shlex.split(command)
    assert "rate_limit_rate" not in command
    assert "--defaults" in words
    elsewhere = here.parent / "elsewhere"
    elsewhere.mkdir()
    for folder, lang, options in (
        ("one", "en", words[1:]),
        ("two", "ja", words[1:]),
        ("three", "en", ["new", "my svc", "--from", link, "--defaults", *words[-3:-1]]),
    ):
        place = elsewhere / folder
        place.mkdir()
        done = anshin(*options, cwd=place, lang=lang)
        assert done.returncode == 0, done.stderr
        assert tree(place / "my svc") == tree(here / "my svc")


def tree(project: Path) -> dict[str, bytes]:
    """The files of a project, without git's own."""
    files = (p for p in project.rglob("*") if p.is_file() and ".git" not in p.parts)
    return {p.relative_to(project).as_posix(): p.read_bytes() for p in files}


@LANG
def test_interrupted_and_resumed(lang: str, start: Start, here: Path) -> None:
    session = start("svc", lang=lang)
    for number, place in enumerate(FACTS[:4]):
        session.reads(place)
        session.types("1" + (ENTER if number in (0, 2) else ""))
    session.reads("5/8")
    session.types(CTRL_C)
    assert session.ends() == 130
    assert "anshin new --resume" in session.text
    assert list(here.iterdir()) == []
    assert stat.S_IMODE(draft_of(here).stat().st_mode) == 0o600
    # Again, and this time in the list of safeguards.
    session = start("--resume", lang=lang)
    session.reads("5/8")
    for place in FACTS[4:]:
        session.reads(place)
        session.types("2")
    session.reads(PICK[lang])
    session.types("work-queue", SPACE)
    session.reads("[ ]")
    session.types(CTRL_C)
    assert session.ends() == 130
    # And in the settings, with one of them changed.
    session = start("--resume", lang=lang)
    session.reads(PICK[lang])
    session.types(ENTER)
    session.reads(SETTINGS[lang])
    session.types(DOWN, ENTER)
    session.reads("> svc")
    session.types("-2", ENTER)
    session.reads("svc-2")
    session.types(CTRL_C)
    assert session.ends() == 130
    session = start("--resume", lang=lang)
    session.reads(SETTINGS[lang], "svc-2")
    session.types(HOME, ENTER)
    session.reads(MAKE[lang])
    session.types(ENTER)
    assert session.ends() == 0, session.text
    found = answers(here / "svc")
    assert found["project_name"] == "svc-2"
    assert found["safeguards"] == ["rate-limit"]
    assert not draft_of(here).exists()


def test_interrupted_while_the_summary_is_made(start: Start, here: Path) -> None:
    session = start("svc", "--preset", "none")
    session.reads(SETTINGS["en"])
    session.types(ENTER)
    session.reads("Rendering the template")
    session.types(CTRL_C)
    assert session.ends() == 130
    assert "anshin new --resume" in session.text
    assert list(here.iterdir()) == []
    assert draft_of(here).exists()


def test_a_draft_of_another_catalog(start: Start, here: Path) -> None:
    session = start("svc", "--fact", "trigger=http", "-s", "rate-limit", "-d", "rate_limit_rate=7")
    session.reads(SETTINGS["en"])
    session.types(CTRL_C)
    assert session.ends() == 130
    data = json.loads(draft_of(here).read_text(encoding="utf-8"))
    data["chosen"] = ["request-limit", "long-gone"]
    data["answers"]["region"] = "nowhere"
    draft_of(here).write_text(json.dumps(data), encoding="utf-8")
    session = start("--resume")
    session.reads(PICK["en"], "[x] A ceiling on requests")
    session.types(CTRL_C)
    assert session.ends() == 130
    assert "look at it again: long-gone, region" in session.raw


def test_without_terminal_a_draft_is_made_with_defaults(
    start: Start, anshin: Run, here: Path, checkout: Path
) -> None:
    session = start("svc", "-s", "work-queue", "-d", "rate_limit_rate=7")
    session.reads(SETTINGS["en"])
    session.types(CTRL_D)
    assert session.ends() == 130
    elsewhere = here.parent / "elsewhere"
    elsewhere.mkdir()
    done = anshin("new", "--resume", "--defaults", "-d", "region=eu-west-1", cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    found = answers(here / "svc")
    assert (found["rate_limit_rate"], found["region"]) == (7, "eu-west-1")
    assert not draft_of(here).exists()


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_nothing_answered_is_nothing_kept(key: str, start: Start, here: Path) -> None:
    session = start()
    session.reads(PLACE["en"])
    session.replaces("orders", key)
    assert session.ends() == 130
    assert "Nothing was made." in session.text
    assert list(here.iterdir()) == []
    assert not draft_of(here).exists()


def test_leaving_from_the_summary(start: Start, here: Path) -> None:
    session = start("svc", "--preset", "none")
    session.reads(SETTINGS["en"])
    session.types(ENTER)
    session.reads(MAKE["en"])
    session.types("5")
    assert session.ends() == 130
    assert "--resume" in session.text
    assert list(here.iterdir()) == []


def test_what_was_given_is_not_asked(start: Start, here: Path) -> None:
    given = ["description=d", "language=ja", "region=eu-west-1", "rate_limit_rate=9"]
    data = [word for pair in given for word in ("--data", pair)]
    session = start("svc", "-s", "rate-limit", *data)
    session.reads(SETTINGS["en"], "eu-west-1", "日本語")
    assert "1/8" not in session.raw
    session.types(ENTER)
    session.reads(MAKE["en"])
    session.types(ENTER)
    assert session.ends() == 0
    assert answers(here / "svc").items() >= {"rate_limit_rate": 9, "region": "eu-west-1"}.items()


def test_facts_that_were_given_are_not_asked(start: Start) -> None:
    session = start("svc", "--fact", "trigger=http", "--fact", "callers=public")
    session.reads("3/8", "the general public")
    session.types(CTRL_C)
    assert session.ends() == 130


def test_defaults_and_json_ask_nothing(start: Start, here: Path) -> None:
    session = start("a", "--defaults")
    assert session.ends() == 0
    session = start("b", "--json")
    assert session.ends() == 2
    assert "--defaults" in session.text
    session = start("--explain")
    assert session.ends() == 0
    assert [p.name for p in here.iterdir()] == ["a"]


@LANG
@pytest.mark.parametrize(
    ("words", "variables"),
    [(["--accessible"], {}), ([], {"ACCESSIBLE": "1"}), ([], {"TERM": "dumb"})],
)
def test_line_by_line(
    lang: str, words: list[str], variables: dict[str, str], start: Start, here: Path
) -> None:
    """Nothing moves the cursor: not a single escape sequence in the whole session."""
    session = start(*words, lang=lang, rows=200, **variables)
    session.reads(PLACE[lang])
    session.types("svc\n")
    session.reads("1/8")
    session.types("9\n")
    session.reads(Say(lang)("ask.plain.range", text="9", last=4).partition("。")[0].split(". ")[0])
    session.types("1,2\n")
    session.reads("2/8")
    session.types("<\n")
    session.types("\n")
    for place in FACTS[1:]:
        session.reads(place)
        session.types("1\n")
    session.reads("1/2")
    session.types("0\n")
    session.reads(SETTINGS[lang])
    session.types("8\n")
    session.reads("[50]")
    session.types("5000\n")
    session.reads('"5000"' if lang == "en" else "5000")
    session.types("5\n")
    session.reads({"en": "5 (changed)", "ja": "5 (変更)"}[lang])
    session.types("1\n")
    session.reads(MAKE[lang])
    session.types("\n")
    assert session.ends() == 0, session.text
    assert "\x1b" not in session.raw
    assert answers(here / "svc")["rate_limit_rate"] == 5


def test_line_by_line_interrupted(start: Start, here: Path) -> None:
    session = start("svc", "--accessible")
    session.reads("1/8")
    session.types("2\n")
    session.reads("2/8")
    session.types(CTRL_D)
    assert session.ends() == 130
    assert "--resume" in session.text
    session = start("--resume", "--accessible")
    session.reads("2/8")
    session.types(CTRL_C)
    assert session.ends() == 130


def test_no_colour(start: Start) -> None:
    session = start("svc", NO_COLOR="1")
    session.reads("1/8")
    session.types(CTRL_C)
    assert session.ends() == 130
    codes = re.findall(r"\x1b\[([0-9;]*)m", session.raw)
    assert set(codes) <= {"", "0"}


def test_colour(start: Start) -> None:
    session = start("svc")
    session.reads("1/8")
    session.types(CTRL_C)
    assert session.ends() == 130
    assert "36" in {
        word for code in re.findall(r"\x1b\[([0-9;]*)m", session.raw) for word in code.split(";")
    }


@LANG
def test_piped_input_is_not_asked_for(
    lang: str, environment: dict[str, str], here: Path, checkout: Path
) -> None:
    """No prompt blocks: what is missing is said at once, all of it."""
    from tests.cli.conftest import ANSHIN

    done = subprocess.run(
        [ANSHIN, "new", "svc", "--template", checkout, "--lang", lang],
        cwd=here,
        env={**environment, "ACCESSIBLE": "1"},
        input="\n" * 100,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    for name in ("project_name", "region", "--safeguards"):
        assert name in done.stderr
    assert list(here.iterdir()) == []


def test_an_earlier_draft_is_mentioned(start: Start, here: Path) -> None:
    session = start("svc", "-d", "region=eu-west-1")
    session.reads("1/8")
    session.types(CTRL_C)
    assert session.ends() == 130
    session = start("svc")
    session.reads("1/8", "--resume")
    session.types(CTRL_C)
    assert session.ends() == 130
    # What was not begun does not replace it.
    assert "eu-west-1" in draft_of(here).read_text(encoding="utf-8")
