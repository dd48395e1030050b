"""What stands around a prompt on a terminal, and the keys that all prompts have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import questionary
from prompt_toolkit.application import get_app_session
from prompt_toolkit.filters import Always
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, VerticalAlign, Window
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.styles import Style

from scaffolder.layout import WIDEST, pad, shorten, width, wrap
from scaffolder.prompts import Back, Question

Line = tuple[str, str]
"""A class of style, and a line of text."""

FEWEST = 3
"""Lines that the prompt itself keeps, however low the terminal is."""

ESCAPE_SECONDS = 0.1
"""How long what follows Esc may take to still be one key with it, such as an arrow."""

STYLES = {
    "question": "bold",
    "wrong": "fg:ansired bold",
    "pointer": "fg:ansicyan bold",
    "highlighted": "fg:ansicyan bold",
    "separator": "bold",
    "keys": "fg:ansicyan",
}

Handler = Callable[[KeyPressEvent], None]


@dataclass(frozen=True)
class Frame:
    """The question above a prompt, what explains it, and the keys below.

    Attributes:
        question: is shown with what was asked before it, as far as there is room.
        lines: of the prompt itself.
        pane: from the width to what is said below the prompt.
        keys: what to press.
        gap: whether an empty line is needed above the prompt.
    """

    question: Question
    lines: int
    pane: Callable[[int], Sequence[Line]]
    keys: Sequence[str]
    gap: bool = False

    def head(self) -> list[Line]:
        """The lines above the prompt."""
        return self._fitted()[0]

    def foot(self) -> list[Line]:
        """The lines below the prompt."""
        return self._fitted()[1]

    def _fitted(self) -> tuple[list[Line], list[Line]]:
        """Both, cut down to what a low terminal has room for."""
        rows, cells = _size()
        title = [("question", line) for line in wrap(self.question.headline, cells)]
        keys = [("keys", line) for line in wrap("  ".join(self.keys), cells)]
        pane, explained = list(self.pane(cells)), self._explained(cells)
        needed = len(title) + 1 + min(self.lines, FEWEST) + 1 + len(keys)
        if needed + len(explained) > rows:
            explained = []
        if needed + len(explained) + len(pane) + 1 > rows:
            pane = []
        foot = [*([("", ""), *pane] if pane else []), ("", ""), *keys]
        room = rows - len(title) - len(explained) - 1 - self.lines - len(foot) - 1
        before = self._before(cells)[-room:] if room > 0 else []
        gap = [("", "")] * self.gap
        return [*before, *([("", "")] if before else []), *title, *explained, *gap], foot

    def _explained(self, cells: int) -> list[Line]:
        question = self.question
        texts = filter(None, (question.help, question.bound, question.source))
        return [("", line) for text in texts for line in broken(text, cells)]

    def _before(self, cells: int) -> list[Line]:
        asked = self.question.before
        column = min(max((width(title) for title, _ in asked), default=0), cells // 2) + 2
        rows = (pad(shorten(title, column - 2), column) + answer for title, answer in asked)
        return [("", shorten(row, cells)) for row in rows]


class Keys:
    """What keys do, beyond what questionary lets them do."""

    def __init__(self) -> None:
        self.bindings = KeyBindings()

    def on(self, key: str, handler: Handler) -> None:
        """Let a key do something, whatever else it did."""
        self.bindings.add(key, eager=True)(handler)

    def digits(self, count: int, handler: Callable[[KeyPressEvent, int], None]) -> None:
        """Let the digits stand for the choices, counted from 0."""
        for number in range(count):

            def press(event: KeyPressEvent, number: int = number) -> None:
                handler(event, number)

            # Also as an input method for Japanese types them.
            for key in (str(number + 1), chr(ord("１") + number)):
                self.on(key, press)


def ask(prompt: questionary.Question, frame: Frame, keys: Keys, *, styled: bool) -> Any:
    """Run a prompt in its frame; nothing of it stays on the screen.

    Raises:
        Back: by Esc or Ctrl-B, where there is something to go back to.
        KeyboardInterrupt: by Ctrl-C, or Ctrl-D where nothing is typed.
    """
    application = prompt.application
    inner = application.layout
    for window in inner.find_all_windows():
        # What is below belongs next to it, not to the terminal's last line.
        window.dont_extend_height = Always()
    parts = [_window(frame.head), inner.container, _window(frame.foot)]
    layout = HSplit(parts, align=VerticalAlign.TOP)
    application.layout = Layout(layout, focused_element=inner.current_window)
    for key in ("c-c", "<sigint>", "c-d"):
        keys.on(key, _interrupt)
    if frame.question.back:
        for key in ("escape", "c-b"):
            keys.on(key, _back)
    own = application.key_bindings
    application.key_bindings = merge_key_bindings([*([own] if own else []), keys.bindings])
    application.style = Style(list(STYLES.items()) if styled else [])
    application.erase_when_done = True
    application.ttimeoutlen = ESCAPE_SECONDS
    try:
        return prompt.unsafe_ask()
    except EOFError:
        raise KeyboardInterrupt from None


def _size() -> tuple[int, int]:
    size = get_app_session().output.get_size()
    return size.rows, min(WIDEST, size.columns)


def broken(text: str, cells: int) -> list[str]:
    """A text as lines; also what is longer than a line, such as an address, is broken."""
    return [part for line in wrap(text, cells) for part in _cut(line, cells)]


def _cut(line: str, cells: int) -> list[str]:
    """A line that nothing could break, in parts."""
    parts = [""]
    for character in line:
        if width(parts[-1] + character) > cells:
            parts.append("")
        parts[-1] += character
    return parts


def _window(lines: Callable[[], Sequence[Line]]) -> Window:
    def text() -> StyleAndTextTuples:
        last = len(found := lines()) - 1
        return [
            (f"class:{style}" if style else "", line + ("\n" if n < last else ""))
            for n, (style, line) in enumerate(found)
        ]

    def height() -> Dimension:
        return Dimension.exact(len(lines()))

    return Window(FormattedTextControl(text), height=height, dont_extend_height=True)


def _interrupt(event: KeyPressEvent) -> None:
    buffer = event.app.current_buffer
    if event.key_sequence[0].key == "c-d" and buffer.text:
        buffer.delete()
    else:
        event.app.exit(exception=KeyboardInterrupt())


def _back(event: KeyPressEvent) -> None:
    event.app.exit(exception=Back())
