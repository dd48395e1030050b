"""The list on a terminal: an emulated one shows what is sent to it, and keys go in by a pipe."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import pyte
import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from scaffolder import picker, published, recommend
from scaffolder.layout import Screen, width
from scaffolder.messages import LANGUAGES, Say
from scaffolder.picker import view
from scaffolder.picker.listing import Listing
from scaffolder.picker.page import folded
from scaffolder.picker.view import View
from scaffolder.screens import Pages
from scaffolder.selection import Back, Selection
from tests.unit.pick_world import selection

STORED = Path(__file__).parent / "picker_screens"
REAL = published.load()
PATIENCE = 30
"""Seconds after which what is waited for will not come."""

ENTER, ESCAPE, TAB, BACKSPACE = "\r", "\x1b", "\t", "\x7f"
UP, DOWN, HOME, END = "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F"
PAGE_UP, PAGE_DOWN, SHIFT_TAB = "\x1b[5~", "\x1b[6~", "\x1b[Z"
PASTED = "\x1b[200~{}\x1b[201~"
WHOLE_SCREEN, AS_BEFORE = "\x1b[?1049h", "\x1b[?1049l"
STYLE = re.compile(r"\x1b\[([\d;]*)m")


class Terminal:
    """What a terminal shows of the list, which runs beside the test."""

    def __init__(
        self, chosen: Selection, language: str, keys: PipeInput, columns: int, rows: int
    ) -> None:
        self.sent = ""
        self.size = Size(rows=rows, columns=columns)
        self.styled = False
        self._looks = 0
        self._drawing = threading.Lock()
        self._keys = keys
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._end: list[object] = []
        self._run = threading.Thread(target=self._pick, args=(chosen, Say(language)), daemon=True)

    def _pick(self, chosen: Selection, say: Say) -> None:
        output = Vt100_Output(self, self._look, term="xterm")  # type: ignore[arg-type]
        screen = Screen(self.size.columns, self.styled)
        try:
            end: object = picker.pick(chosen, say, screen, input=self._keys, output=output)
        except BaseException as error:
            end = error
        self._end.append(end)

    def _look(self) -> Size:
        """How large it is; it is looked at on each drawing, and from time to time."""
        self._looks += 1
        return self.size

    # What prompt_toolkit writes to.

    encoding = "utf-8"

    def write(self, text: str) -> None:
        self.sent += text
        with self._drawing:
            self._stream.feed(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError

    # What a test does.

    def open(self, *, styled: bool = False) -> None:
        self.styled = styled
        self._run.start()
        self.until(lambda: self.cursor[1] == 1)

    @property
    def cursor(self) -> tuple[int, int]:
        return self._screen.cursor.x, self._screen.cursor.y

    @property
    def text(self) -> str:
        with self._drawing:
            return "\n".join(line.rstrip() for line in self._screen.display) + "\n"

    def press(self, *keys: str) -> None:
        self._keys.send_text("".join(keys))

    def close(self) -> None:
        self._keys.close()

    def resize(self, columns: int, rows: int) -> None:
        # A change is noticed by whoever has seen the size before.
        seen = self._looks
        self.until(lambda: self._looks > seen + 2)
        with self._drawing:
            self._screen.resize(rows, columns)
        self.size = Size(rows=rows, columns=columns)

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < deadline, self.text
            assert self._run.is_alive() or done(), self._end
            time.sleep(0.01)

    def shows(self, *parts: str) -> None:
        self.until(lambda: all(part in self.text for part in parts))

    def end(self) -> object:
        """What the list returned, or raised."""
        self._run.join(PATIENCE)
        assert self._end, self.text
        return self._end[0]


@contextmanager
def terminal(
    chosen: Selection, language: str = "en", columns: int = 80, rows: int = 24
) -> Iterator[Terminal]:
    with create_pipe_input() as keys:
        yield Terminal(chosen, language, keys, columns, rows)


def result(chosen: Selection, *keys: str, rows: int = 24) -> object:
    """What comes of keys that are pressed all at once."""
    with terminal(chosen, rows=rows) as screen:
        screen.open()
        screen.press(*keys)
        return screen.end()


# Keys and what comes of them


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ([], ["log-format"]),
        ([" "], ["rate-limit", "log-format"]),
        ([" ", " "], ["log-format"]),
        (["\u3000"], ["rate-limit", "log-format"]),
        ([DOWN, DOWN, UP, " "], ["form-check", "log-format"]),
        (["\x0e", "\x0e", "\x10", " "], ["form-check", "log-format"]),
        ([UP, " "], ["rate-limit", "log-format"]),
        ([END, DOWN, " "], ["log-format", "closed-net"]),
        ([END, HOME, " "], ["rate-limit", "log-format"]),
        ([PAGE_DOWN, " "], ["log-format", "private-way"]),
        ([END, PAGE_UP, " "], ["waiting-room", "log-format"]),
        ([TAB, " "], ["plain-counts", "log-format"]),
        ([TAB, TAB, TAB, " "], ["rate-limit", "log-format"]),
        ([SHIFT_TAB, " "], ["log-format", "private-way"]),
        ([DOWN, TAB, " "], ["plain-counts", "log-format"]),
        (["r", "e", "p", "o", "r", "t", "-", " "], ["log-format"]),
        ([*list("report"), " "], ["sales-report", "log-format"]),
        ([*list("sales"), DOWN, " ", "\x15"], ["sales-report", "log-format"]),
        ([*list("alarm,sales"), " "], ["sales-counts", "log-format"]),
        ([*list("nothing"), " ", DOWN, TAB, "\x15", " "], ["rate-limit", "log-format"]),
        ([*list("reporx"), BACKSPACE, " "], ["sales-report", "log-format"]),
        ([PASTED.format("れぽーと\n"), " "], ["sales-report", "log-format"]),
        ([PASTED.format("re\aport"), " "], ["sales-report", "log-format"]),
        ([PASTED.format("売上 レポート"), " "], ["sales-report", "log-format"]),
        (["\x1bOP", "\x1a", " "], ["rate-limit", "log-format"]),
        (["?", " ", DOWN, "x", "q", " "], ["rate-limit", "log-format"]),
        (["？", "？", " "], ["rate-limit", "log-format"]),
    ],
)
def test_keys_choose(keys: list[str], chosen: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pages, "pattern", lambda self, name: name)
    assert result(selection("log-format"), *keys, ENTER) == sorted(
        chosen, key=list(selection().catalog["patterns"]).index
    )


def test_the_result_stays_as_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    result(selection("sales-report", "rate-limit"), ENTER)
    assert capsys.readouterr().out == "Safeguards: rate-limit, sales-report\n"
    result(selection(), ENTER)
    assert capsys.readouterr().out == "Safeguards: none\n"


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ("\x02", Back),
        (ESCAPE, Back),
        ("\x03", KeyboardInterrupt),
        ("\x04", KeyboardInterrupt),
        ("x\x03", KeyboardInterrupt),
        ("x\x02", Back),
        ("?\x03", KeyboardInterrupt),
        ("?\x02\x02", Back),
    ],
)
def test_keys_leave(
    keys: str, error: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = Selection(REAL, [], [])
    end = result(chosen, " ", keys)
    assert type(end) is error
    assert len(chosen.chosen) == 1
    assert capsys.readouterr() == ("", "")


def test_the_end_of_input_is_an_interruption() -> None:
    with terminal(selection()) as screen:
        screen.open()
        screen.close()
        assert type(screen.end()) is KeyboardInterrupt


def test_escape_clears_the_filter_before_it_goes_back() -> None:
    with terminal(selection()) as screen:
        screen.open()
        screen.press(*"alarm")
        screen.shows("Filter: alarm (1 of 13)", "Esc clear")
        screen.press(ESCAPE)
        screen.shows("Filter:  ", "> [ ] Sales as metrics", "Esc back")
        screen.press(ESCAPE)
        assert type(screen.end()) is Back


# The terminal is left as it was


@pytest.mark.parametrize("key", [ENTER, ESCAPE, "\x03"])
def test_the_screen_is_given_back(key: str) -> None:
    with terminal(selection()) as screen:
        screen.open()
        assert WHOLE_SCREEN in screen.sent
        assert AS_BEFORE not in screen.sent
        screen.press(key)
        screen.end()
        assert screen.sent.count(WHOLE_SCREEN) == screen.sent.count(AS_BEFORE) == 1
        assert screen.sent.rindex("\x1b[?25h") > screen.sent.rindex("\x1b[?25l")


@pytest.mark.parametrize("broken", ["lines", "toggle"])
def test_an_error_leaves_no_mess(
    broken: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with terminal(selection()) as screen:
        screen.open()
        monkeypatch.setattr(View if broken == "lines" else Selection, broken, fail)
        screen.press(" ")
        assert type(screen.end()) is ZeroDivisionError
        assert AS_BEFORE in screen.sent
        assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("styled", [True, False])
def test_styles_can_be_switched_off(styled: bool) -> None:
    with terminal(selection("sales-report")) as screen:
        screen.open(styled=styled)
        screen.press(DOWN, " ", "x", BACKSPACE, "?")
        screen.press("\x03")
        screen.end()
        styles = {code for found in STYLE.findall(screen.sent) for code in found.split(";")}
    assert ({"1", "2", "36"} <= styles) if styled else (styles <= {"", "0"})


def test_texts_of_the_catalog_cannot_steer_the_terminal() -> None:
    """A template may come from anywhere."""
    hostile = deepcopy(selection().catalog)
    hostile["patterns"]["rate-limit"]["title"]["en"] = "\x1b[31mred\x1b]0;title\a"
    with terminal(Selection(hostile, [], [])) as screen:
        screen.open()
        screen.shows("> [ ] ^[[31mred^[]0;title^G")
        screen.press("\x03")
        screen.end()
        assert "\x1b[31m" not in screen.sent
        assert "\a" not in screen.sent
        assert {code for found in STYLE.findall(screen.sent) for code in found.split(";")} <= {
            "",
            "0",
        }


# Screens


SCENES: dict[str, tuple[list[str], tuple[int, int]]] = {
    "start": ([], (80, 24)),
    "brought": ([*"report", " ", "\x15", DOWN], (80, 24)),
    "toggled": ([TAB, DOWN, DOWN, DOWN, " "], (80, 24)),
    "refused": ([TAB, " ", DOWN, " ", DOWN, " "], (80, 24)),
    "nothing": ([*"zzz"], (80, 24)),
    "wide": ([TAB, DOWN, DOWN, DOWN, " "], (120, 40)),
    "low": ([TAB, DOWN, DOWN, DOWN, " "], (80, 15)),
    "lowest": ([TAB, DOWN, DOWN, DOWN, " "], (80, 9)),
    "narrow": ([TAB, DOWN, DOWN, DOWN, " "], (40, 20)),
}
"""Keys, and the size of the terminal."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENES)
def test_the_screen_is_as_stored(name: str, language: str) -> None:
    keys, size = SCENES[name]
    stored = (STORED / f"{name}.{language}.txt").read_text(encoding="utf-8")
    with terminal(selection("rate-limit", "plain-counts", "log-format"), language, *size) as screen:
        screen.open()
        screen.press(*keys)
        screen.until(lambda: screen.text == stored)


def test_a_terminal_of_another_size_is_filled_again() -> None:
    with terminal(selection("log-format")) as screen:
        screen.open()
        screen.press(END)
        screen.shows("> [ ] Nowhere else to go", "3 more above")
        screen.resize(120, 40)
        screen.shows("> [ ] Nowhere else to go", "closed-net ", "\nAt the door")
        assert "more above" not in screen.text
        screen.resize(60, 12)
        screen.until(lambda: len(screen.text.splitlines()) == 12)
        screen.shows("> [ ] Nowhere else to go", "10 more above", "Space choose")


def test_the_heading_above_a_row_comes_into_view_with_it() -> None:
    listing = Listing(selection())
    drawn = View(listing, Say("en"))
    for steps in (99, -9):
        listing.move(steps)
        texts = ["".join(text for _, text in line) for line in drawn.lines(80, 24)]
    assert texts[2] == "Watching"
    assert texts[3].startswith("> [ ] Metrics through log lines")


def test_a_leap_brings_the_chapter_to_the_top() -> None:
    listing = Listing(selection())
    drawn = View(listing, Say("en"))
    for heading, title in (
        ("Watching", "Metrics through"),
        ("Network", "Private"),
        ("At the door", "A limit"),
    ):
        listing.leap(1)
        texts = ["".join(text for _, text in line) for line in drawn.lines(80, 12)]
        assert texts[2] == heading
        assert texts[3].startswith(f"> [ ] {title}")


def test_the_cursor_stands_where_the_filter_is_typed() -> None:
    with terminal(selection(), "ja") as screen:
        screen.open()
        screen.press(*"売上 x")
        screen.shows("絞り込み: 売上x")
        assert screen.cursor == (width("絞り込み: 売上x"), 1)


# The page


def test_a_page_opens_scrolls_and_closes() -> None:
    names = published.safeguards(REAL)
    chosen = Selection(REAL, [], [])
    text = Pages(REAL, Say("en"), Screen(79)).pattern(names[1])
    parts = [part for line in text.splitlines() for part in folded([("", line)], 79)]
    page = ["".join(text for _, text, *_ in part) for part in parts]
    assert len(page) > 60
    with terminal(chosen, columns=80, rows=24) as screen:
        screen.open()
        screen.press(DOWN, "?")
        screen.shows(page[0], page[22], f"lines 1-23 of {len(page)}")
        screen.press(DOWN)
        screen.shows(page[23], f"lines 2-24 of {len(page)}")
        screen.press(" ")
        screen.shows(page[23], page[45], f"lines 24-46 of {len(page)}")
        screen.press(END)
        screen.shows(page[-1], f"lines {len(page) - 22}-{len(page)} of")
        screen.press(DOWN, "b", PAGE_DOWN, HOME, UP)
        screen.shows(f"lines 1-23 of {len(page)}")
        screen.press(ESCAPE)
        screen.shows("Filter:", "> [ ] ")
        screen.press(" ", ENTER)
        assert screen.end() == [names[1]]


def test_long_lines_of_a_page_are_folded() -> None:
    line = [("bold", character) for character in "安心とsafe"]
    parts = ["".join(text for _, text, *_ in part) for part in folded(line, 5)]
    assert parts == ["安心", "とsaf", "e"]
    assert folded([], 5) == [[]]


# What holds for all screens


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_the_catalog_fits_on_every_terminal(language: str) -> None:
    facts = {name: fact["values"] for name, fact in REAL["facts"].items()}
    known = {name: next(iter(values)) for name, values in facts.items()}
    advice = recommend.advise(REAL, recommend.checked(REAL, known, Say(language)))
    chosen = Selection(REAL, advice, [about.id for about in advice if about.recommended])
    listing = Listing(chosen)
    drawn = View(listing, Say(language))
    for name in published.safeguards(REAL):
        listing.current = name
        listing.toggle()
        for columns, rows in [(80, 24), (120, 40), (100, 30), (50, 13), (30, 8), (8, 4), (1, 1)]:
            lines = drawn.lines(columns, rows)
            assert len(lines) == rows
            texts = ["".join(text for _, text in line) for line in lines]
            assert max(map(width, texts)) <= max(1, columns - 1)
            if columns >= 30:
                assert sum(text.startswith("> [") for text in texts) == 1
            if columns >= 80:
                title = Say(language).pick(REAL["patterns"][name]["title"])
                assert title in next(text for text in texts if text.startswith("> ["))


def test_marks_tell_all_without_colour() -> None:
    assert len(set(view.SIGNS.values())) == 4
