"""Ask on a terminal: keys act at once, and what was asked disappears when it is answered.

questionary lists the choices and edits the text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import questionary
from prompt_toolkit.key_binding import KeyPressEvent
from questionary.prompts.common import InquirerControl

from scaffolder.layout import Screen, pad, shorten, width, wrap
from scaffolder.messages import Say
from scaffolder.prompts import Check, Choice, Question
from scaffolder.prompts.frame import Frame, Keys, Line, ask, broken
from scaffolder.selection import Selection

POINTER = ">"
HEADING = "-- "
MARKED, OPEN = "[x] ", "[ ] "
BESIDE = len(f" {POINTER} ")
"""Cells before a choice in the list."""

SPACES = (" ", "\u3000")
DIGITS = 9
"""Choices that have a key of their own."""


class Terminal:
    """Prompts on a terminal.

    Args:
        say: in the user's language.
        screen: whether styles show.
        draft: whether what was answered is kept on an interruption.
    """

    def __init__(self, say: Say, screen: Screen, *, draft: bool = False) -> None:
        self._say = say
        self._screen = screen
        self._stop = "ask.key.stop_draft" if draft else "ask.key.stop"

    def select(self, question: Question, choices: Sequence[Choice], default: Any) -> Any:
        """One choice, by arrow keys and Enter, or by its number."""
        numbered = len(choices) <= DIGITS and not any(choice.heading for choice in choices)
        listing = _Listing(choices, self._screen.width, numbered=numbered)
        listing.point_at(next(n for n, c in enumerate(choices) if c.value == default))
        keys = Keys()
        keys.on("enter", lambda event: event.app.exit(result=listing.pointed))
        keys.on("home", lambda event: listing.point_at(0))
        keys.on("end", lambda event: listing.point_at(len(choices) - 1))
        if numbered:
            keys.digits(len(choices), lambda event, number: event.app.exit(result=number))
        more = "ask.key.choose" if numbered else "ask.key.ends"
        frame = self._frame(question, len(listing), listing.notes, "ask.key.move", more)
        return choices[ask(listing.prompt, frame, keys, styled=self._screen.styled)].value

    def several(
        self,
        question: Question,
        choices: Sequence[Choice],
        default: Sequence[Any],
        alone: Collection[Any],
    ) -> list[Any]:
        """One or more choices, marked by space or by their numbers."""
        numbered = len(choices) <= DIGITS
        listing = _Listing(choices, self._screen.width, numbered=numbered, marks=True)
        apart = {n for n, c in enumerate(choices) if c.value in alone}
        start = {n for n, c in enumerate(choices) if c.value in default}
        listing.point_at(min(start))
        # Marked from the start, it would stand in the way of arrow and Enter.
        listing.mark(start - apart)

        def toggle(event: KeyPressEvent, number: int) -> None:
            listing.point_at(number)
            others = set(range(len(choices))) if number in apart else apart
            listing.mark((listing.marked ^ {number}) - (others - {number}))

        def enter(event: KeyPressEvent) -> None:
            event.app.exit(result=sorted(listing.marked or {listing.pointed}))

        keys = Keys()
        keys.on("enter", enter)
        for key in SPACES:
            keys.on(key, lambda event: toggle(event, listing.pointed))
        if numbered:
            keys.digits(len(choices), toggle)
        mark = "ask.key.mark" if numbered else "ask.key.space"
        frame = self._frame(question, len(listing), listing.notes, "ask.key.move", mark)
        found = ask(listing.prompt, frame, keys, styled=self._screen.styled)
        return [choices[number].value for number in found]

    def text(self, question: Question, default: str, check: Check) -> str:
        """A line of text. What is wrong with it is said on Enter, and from then on at once."""
        prompt = questionary.text(POINTER, default=default, qmark="")
        buffer = prompt.application.current_buffer
        tried = False

        def wrong(cells: int) -> list[Line]:
            problem = check(buffer.text) if tried else None
            lines = wrap(problem, cells, "! ", "  ") if problem else []
            return [("wrong", line) for line in lines]

        def enter(event: KeyPressEvent) -> None:
            nonlocal tried
            tried = True
            if check(buffer.text) is None:
                event.app.exit(result=buffer.text)

        keys = Keys()
        keys.on("enter", enter)
        frame = replace(self._frame(question, 1, wrong), gap=True)
        return str(ask(prompt, frame, keys, styled=self._screen.styled))

    def pick(self, selection: Selection) -> list[str]:
        """Safeguards, from a list that fills the screen."""
        from scaffolder import picker

        return picker.pick(selection, self._say, self._screen)

    def note(self, lines: Sequence[str]) -> None:
        """Lines that stay on the screen."""
        print("\n".join(lines), flush=True)

    def _frame(
        self, question: Question, lines: int, pane: Callable[[int], Sequence[Line]], *keys: str
    ) -> Frame:
        names = [*keys, "ask.key.enter", *(["ask.key.back"] if question.back else []), self._stop]
        words = [self._say(name, count=lines) for name in names]
        return Frame(question, lines, pane, words)


class _Listing:
    """Choices as questionary lists them, by their numbers from 0."""

    def __init__(
        self, choices: Sequence[Choice], cells: int, *, numbered: bool, marks: bool = False
    ) -> None:
        self._choices = choices
        self._numbered = numbered
        self._marks = marks
        self._cells = cells - BESIDE
        self.marked: set[int] = set()
        self._rows: list[int] = []
        options: list[questionary.Choice | questionary.Separator] = []
        for number, choice in enumerate(choices):
            if choice.heading:
                options.append(
                    questionary.Separator(shorten(HEADING + choice.heading, self._cells))
                )
            self._rows.append(len(options))
            options.append(questionary.Choice(self._title(number), number))
        self.prompt = questionary.select(
            "", options, qmark="", pointer=POINTER, instruction=" ", show_description=False
        )
        windows = self.prompt.application.layout.find_all_windows()
        contents = (window.content for window in windows)
        self._control = next(c for c in contents if isinstance(c, InquirerControl))

    def __len__(self) -> int:
        return len(self._control.choices)

    @property
    def pointed(self) -> int:
        """The choice that the cursor is on."""
        return self._rows.index(self._control.pointed_at)

    def point_at(self, number: int) -> None:
        """Move the cursor to a choice."""
        self._control.pointed_at = self._rows[number]

    def mark(self, numbers: set[int]) -> None:
        """Mark these choices, and no others."""
        self.marked = numbers
        for number, row in enumerate(self._rows):
            self._control.choices[row].title = self._title(number)

    def notes(self, cells: int) -> list[Line]:
        """What the pointed choice means, in as many lines as the longest of all takes."""
        deepest = max(len(self._note(number, cells)) for number in range(len(self._choices)))
        lines = self._note(self.pointed, cells)
        return [("", line) for line in [*lines, *[""] * (deepest - len(lines))]]

    def _note(self, number: int, cells: int) -> list[str]:
        choice = self._choices[number]
        texts = "\n".join(filter(None, (choice.note, choice.help)))
        return [line for text in texts.splitlines() for line in broken(text, cells)]

    def _title(self, number: int) -> str:
        choice = self._choices[number]
        head = f"{number + 1} " if self._numbered else ""
        mark = (MARKED if number in self.marked else OPEN) if self._marks else ""
        title = choice.title
        if choice.detail:
            longest = max(width(c.title) for c in self._choices if c.detail)
            column = min(longest, self._cells * 3 // 5)
            title = pad(shorten(title, column), column + 2) + choice.detail
        return shorten(head + mark + title, self._cells)
