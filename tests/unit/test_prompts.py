"""Both ways of asking, without a real terminal: what keys and lines do."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from scaffolder import recommend
from scaffolder.layout import Screen, width
from scaffolder.messages import LANGUAGES, Say
from scaffolder.prompts import Back, Choice, Question, prompts
from scaffolder.prompts.frame import Frame
from scaffolder.prompts.plain import Plain
from scaffolder.prompts.terminal import Terminal
from scaffolder.selection import Selection
from tests.cli.conftest import make_checkout

EN = Say("en")
ENTER, UP, DOWN, HOME, END, LEFT = "\r", "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[D"
ESCAPE, CTRL_B, CTRL_C, CTRL_D, BACKSPACE, SPACE = "\x1b", "\x02", "\x03", "\x04", "\x7f", " "

QUESTION = Question(
    "Which?",
    "2/3",
    help="Choose well.",
    bound="Allowed: short words.",
    source="Source: https://example.com/",
    back=True,
)
FIRST = Question("Which?")
CHOICES = [
    Choice("The first", "a", note="It comes first."),
    Choice("The second", "b", help="More about it."),
    Choice("The third", "c"),
]


def short(text: str) -> str | None:
    return None if len(text) <= 3 else f"{text} is too long"


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    """What is typed on a terminal, ready before it is asked for."""

    class Output(DummyOutput):
        def get_size(self) -> Size:
            return Size(rows=24, columns=80)

    with create_pipe_input() as pipe, create_app_session(input=pipe, output=Output()):
        yield pipe


TERMINAL = Terminal(EN, Screen())


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (ENTER, "b"),
        (DOWN + ENTER, "c"),
        (UP + ENTER, "a"),
        (DOWN * 2 + ENTER, "a"),
        (HOME + ENTER, "a"),
        (END + ENTER, "c"),
        ("1", "a"),
        ("3", "c"),
        ("３", "c"),
        ("9x" + ENTER, "b"),
    ],
)
def test_one_choice_on_a_terminal(keyboard: PipeInput, keys: str, value: str) -> None:
    keyboard.send_text(keys)
    assert TERMINAL.select(QUESTION, CHOICES, "b") == value


def test_headings_and_many_choices_are_passed_over(keyboard: PipeInput) -> None:
    choices = [Choice(f"Number {n}", n, heading="Group" * (n % 4 == 0)) for n in range(12)]
    keyboard.send_text(DOWN * 4 + ENTER)
    assert TERMINAL.select(QUESTION, choices, 3) == 7
    # Digits are nobody's number here.
    keyboard.send_text("1" + ENTER)
    assert TERMINAL.select(QUESTION, choices, 3) == 3


@pytest.mark.parametrize(
    ("start", "keys", "values"),
    [
        (["u"], ENTER, ["u"]),
        # Who moves and presses Enter means what is pointed at.
        (["u"], UP + ENTER, ["b"]),
        (["u"], "1" + "2" + ENTER, ["a", "b"]),
        (["a"], "2" + ENTER, ["a", "b"]),
        (["a", "b"], "1" + ENTER, ["b"]),
        (["a"], DOWN + " " + ENTER, ["a", "b"]),
        # What is not known goes with nothing else.
        (["a"], "3" + ENTER, ["u"]),
        (["a"], "32" + ENTER, ["b"]),
        (["u"], "１" + DOWN + "\u3000" + ENTER, ["a", "b"]),
    ],
)
def test_several_choices_on_a_terminal(
    keyboard: PipeInput, start: list[str], keys: str, values: list[str]
) -> None:
    choices = [*CHOICES[:2], Choice("I don't know", "u")]
    keyboard.send_text(keys)
    assert TERMINAL.several(QUESTION, choices, start, ["u"]) == values


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (ENTER, "old"),
        (BACKSPACE * 3 + "new" + ENTER, "new"),
        ("er" + ENTER + BACKSPACE * 2 + ENTER, "old"),
        (LEFT + CTRL_D + ENTER, "ol"),
        (BACKSPACE * 3 + ENTER, ""),
    ],
)
def test_text_on_a_terminal(keyboard: PipeInput, keys: str, text: str) -> None:
    keyboard.send_text(keys)
    assert TERMINAL.text(QUESTION, "old", short) == text


def test_more_choices_than_digits(keyboard: PipeInput) -> None:
    choices = [Choice(f"Number {n}", n) for n in range(12)]
    keyboard.send_text("3" + DOWN + SPACE + ENTER)
    assert TERMINAL.several(QUESTION, choices, [10], []) == [10, 11]


def asking(question: Question) -> list[Callable[[], Any]]:
    """Each way of asking on a terminal."""
    return [
        lambda: TERMINAL.select(question, CHOICES, "b"),
        lambda: TERMINAL.several(question, CHOICES, ["b"], []),
        lambda: TERMINAL.text(question, "old", short),
    ]


@pytest.mark.parametrize("way", range(3))
@pytest.mark.parametrize("key", [ESCAPE, CTRL_B])
def test_back_on_a_terminal(keyboard: PipeInput, way: int, key: str) -> None:
    keyboard.send_text(key)
    with pytest.raises(Back):
        asking(QUESTION)[way]()


@pytest.mark.parametrize("way", range(3))
def test_no_way_back_from_the_first_question(keyboard: PipeInput, way: int) -> None:
    keyboard.send_text(CTRL_B + ENTER)
    assert asking(FIRST)[way]() in ("b", ["b"], "old")


@pytest.mark.parametrize("way", range(3))
@pytest.mark.parametrize("keys", [CTRL_C, BACKSPACE * 3 + CTRL_D])
def test_interruption_on_a_terminal(keyboard: PipeInput, way: int, keys: str) -> None:
    keyboard.send_text(keys)
    with pytest.raises(KeyboardInterrupt):
        asking(QUESTION)[way]()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rows", [8, 12, 16, 24, 40])
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_frame_fits_the_terminal(language: str, rows: int, columns: int) -> None:
    """What matters least goes first: what was asked before, then explanations."""

    class Output(DummyOutput):
        def get_size(self) -> Size:
            return Size(rows=rows, columns=columns)

    text = {"en": "A sentence that is not short. ", "ja": "短くはない文です。"}[language] * 4
    before = [(f"{n} {text}", f"answer {text}") for n in range(7)]
    question = Question("The question", "8/8", text, before=before)
    with create_app_session(output=Output()):
        frame = Frame(question, 6, lambda cells: [("", "note")], ["Enter go on"])
        head, foot = frame.head(), frame.foot()
    lines = [line for _, line in [*head, *foot]]
    assert all(width(line) <= columns for line in lines)
    assert "8/8  The question" in lines
    assert lines[-1] == "Enter go on"
    assert len(lines) + 1 + 3 <= rows
    if rows >= 24 and columns >= 80:
        assert "note" in lines
        assert len(lines) + 1 + 6 <= rows
        assert any(line.startswith("6 ") for line in lines)


class Lines:
    """Somebody who types lines, and reads what is written in between."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *lines: str) -> None:
        text = "".join(f"{line}\n" for line in lines)
        self._monkeypatch.setattr("sys.stdin", io.StringIO(text))

    @property
    def written(self) -> str:
        return self._capsys.readouterr().out


@pytest.fixture
def type_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lines:
    return Lines(monkeypatch, capsys)


PLAIN = Plain(EN, Screen())


@pytest.mark.parametrize(
    ("lines", "value"),
    [([""], "b"), (["3"], "c"), (["１"], "a"), (["0", "4", "x", "-1", "1.5", "1"], "a")],
)
def test_one_choice_by_lines(type_lines: Lines, lines: list[str], value: str) -> None:
    type_lines(*lines)
    assert PLAIN.select(QUESTION, CHOICES, "b") == value
    written = type_lines.written
    assert written.count("Enter a number from 1 to 3.") == len(lines) - 1
    assert "Enter a number [2]:" in written


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ([""], ["u"]),
        (["1,2"], ["a", "b"]),
        (["2 1"], ["a", "b"]),
        (["１、２"], ["a", "b"]),
        (["1,3", "3"], ["u"]),
        (["1,4", "2"], ["b"]),
    ],
)
def test_several_choices_by_lines(type_lines: Lines, lines: list[str], values: list[str]) -> None:
    type_lines(*lines)
    choices = [*CHOICES[:2], Choice("I don't know", "u")]
    assert PLAIN.several(QUESTION, choices, ["u"], ["u"]) == values


def test_what_does_not_go_together_is_said(type_lines: Lines) -> None:
    type_lines("1,3", "1")
    PLAIN.several(QUESTION, CHOICES, ["c"], ["c"])
    assert '"The third" goes with no other choice.' in type_lines.written


def test_text_by_lines(type_lines: Lines) -> None:
    type_lines("long", "longer", "new")
    assert PLAIN.text(QUESTION, "old", short) == "new"
    written = type_lines.written
    # The bound before it is broken, and each time that it is.
    assert written.index("Allowed: short words.") < written.index("Enter a value [old]:")
    assert written.count("is too long") == 2
    assert written.count("https://example.com/") == 2
    type_lines("")
    assert PLAIN.text(QUESTION, "old", short) == "old"
    type_lines('""')
    assert PLAIN.text(QUESTION, "old", short) == ""


def plainly(question: Question) -> list[Callable[[], Any]]:
    return [
        lambda: PLAIN.select(question, CHOICES, "b"),
        lambda: PLAIN.several(question, CHOICES, ["b"], []),
        lambda: PLAIN.text(question, "old", short),
    ]


@pytest.mark.parametrize("way", range(3))
@pytest.mark.parametrize("mark", ["<", " < ", "＜"])
def test_back_by_lines(type_lines: Lines, way: int, mark: str) -> None:
    type_lines(mark)
    with pytest.raises(Back):
        plainly(QUESTION)[way]()
    type_lines(mark, "")
    assert plainly(FIRST)[way]() in ("b", ["b"], "old")
    assert "There is no question before this one." in type_lines.written


@pytest.mark.parametrize("way", range(3))
def test_the_end_of_the_input_is_an_interruption(type_lines: Lines, way: int) -> None:
    type_lines()
    with pytest.raises(KeyboardInterrupt):
        plainly(QUESTION)[way]()


def test_explanations_by_lines(type_lines: Lines) -> None:
    type_lines("?", "? 2", "?1", "? 7", "")
    PLAIN.select(QUESTION, CHOICES, "b")
    written = type_lines.written
    assert written.count("Choose well.") == 2
    assert written.count("More about it.") == 1
    assert written.count("It comes first.") == 2
    assert '"7" is no choice.' in written


@pytest.mark.parametrize("draft", [True, False])
def test_how_to_answer_is_said_once(type_lines: Lines, draft: bool) -> None:
    plain = Plain(EN, Screen(), draft=draft)
    type_lines("", "")
    plain.select(QUESTION, CHOICES, "b")
    plain.select(QUESTION, CHOICES, "b")
    written = type_lines.written
    assert written.count("Enter alone takes") == 1
    assert ("kept as a draft" in written.replace("\n", " ")) == draft


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = make_checkout(tmp_path_factory.mktemp("prompts") / "anshin")
    return dict(json.loads((root / "scaffolder" / "catalog.json").read_text(encoding="utf-8")))


def selection(catalog: dict[str, Any], *chosen: str) -> Selection:
    return Selection(catalog, recommend.advise(catalog, {"trigger": ["http"]}), chosen)


def numbers(catalog: dict[str, Any]) -> dict[str, str]:
    rows = selection(catalog).rows()
    return {row.id: str(number) for number, row in enumerate(rows, 1)}


def test_safeguards_by_lines(catalog: dict[str, Any], type_lines: Lines) -> None:
    number = numbers(catalog)
    found = selection(catalog, "rate-limit")
    limit, queue, door = (number[n] for n in ("rate-limit", "work-queue", "open-door"))
    type_lines(f"{door}", f"{queue},{limit}", "", "", "")
    assert PLAIN.pick(found) == ["work-queue"]
    written = type_lines.written.replace("\n", " ")
    # Each chapter, in order, with every mark as a word.
    assert written.index("1/2  Safeguards: Throttling") < written.index("2/2  Safeguards: ")
    assert f"{limit} A ceiling on requests (rate-limit): chosen, recommended" in written
    assert f"{door} No ceiling at all (open-door): cannot be chosen" in written
    assert "It undoes the ceiling." in written
    # What a toggle did, also to others.
    assert "stays" in written
    assert "The inflow must be bounded." in written
    assert "2 safeguards: A ceiling on requests, A queue for the work" in written


def test_the_list_of_safeguards_in_both_directions(
    catalog: dict[str, Any], type_lines: Lines
) -> None:
    type_lines("", "<", "0")
    assert PLAIN.pick(selection(catalog, "rate-limit")) == ["rate-limit"]
    assert type_lines.written.count("1/2  Safeguards: Throttling") == 2
    type_lines("<")
    with pytest.raises(Back):
        PLAIN.pick(selection(catalog))
    type_lines("")
    with pytest.raises(KeyboardInterrupt):
        PLAIN.pick(selection(catalog))


def test_a_safeguards_page_by_lines(catalog: dict[str, Any], type_lines: Lines) -> None:
    type_lines(f"? {numbers(catalog)['work-queue']}", "? 99", "x", "0")
    PLAIN.pick(selection(catalog))
    written = type_lines.written
    assert "Why you need it" in written
    assert '"99" is no choice. Enter a number from 1 to 3.' in written
    assert '"x" is no choice.' in written


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"TERM": "xterm"}, Terminal),
        ({"TERM": "xterm", "ACCESSIBLE": ""}, Terminal),
        ({"TERM": "xterm", "ACCESSIBLE": "0"}, Terminal),
        ({"TERM": "xterm", "ACCESSIBLE": "False"}, Terminal),
        ({"TERM": "xterm", "NO_COLOR": "1"}, Terminal),
        ({"TERM": "xterm", "ACCESSIBLE": "1"}, Plain),
        ({"TERM": "xterm", "ACCESSIBLE": "yes"}, Plain),
        ({"TERM": "dumb"}, Plain),
    ],
)
def test_the_way_of_asking(environment: dict[str, str], kind: type) -> None:
    assert isinstance(prompts(EN, Screen(), draft=False, environment=environment), kind)
