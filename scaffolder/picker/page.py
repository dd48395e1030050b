"""A safeguard's page on a screen of its own, to scroll through."""

from __future__ import annotations

from dataclasses import replace

from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.formatted_text.utils import split_lines

from scaffolder.layout import WIDEST, Screen, shorten, width
from scaffolder.messages import Say
from scaffolder.published import Data
from scaffolder.screens import Pages


class Page:
    """The page that `anshin show` prints.

    Attributes:
        top: the first line that shows.
    """

    def __init__(self, catalog: Data, name: str, say: Say, screen: Screen) -> None:
        self.top = 0
        self._catalog = catalog
        self._name = name
        self._say = say
        self._screen = screen
        self._cells = 0
        self._text: list[StyleAndTextTuples] = []
        self._height = 1

    def lines(self, columns: int, rows: int) -> list[StyleAndTextTuples]:
        """The screen: a part of the page, and a line about keys."""
        self._set(max(1, columns - 1))
        self._height = max(1, rows - 1)
        self.scroll(0)
        shown = self._text[self.top : self.top + self._height]
        blank: list[StyleAndTextTuples] = [[]] * (self._height - len(shown))
        return [*shown, *blank, self._foot()][:rows]

    def scroll(self, lines: int) -> None:
        """Go down or up, as far as the page goes."""
        self.top = max(0, min(self.top + lines, len(self._text) - self._height))

    def leaf(self, screens: int) -> None:
        """Go down or up by whole screens; one line stays in sight."""
        self.scroll(screens * max(1, self._height - 1))

    def jump(self, *, end: bool) -> None:
        """Go to the beginning or the end."""
        self.scroll(len(self._text) if end else -self.top)

    def _set(self, cells: int) -> None:
        """Break the page into lines of a width."""
        if cells != self._cells:
            screen = replace(self._screen, width=min(WIDEST, cells))
            text = Pages(self._catalog, self._say, screen).pattern(self._name)
            self._text = [
                part
                for line in split_lines(to_formatted_text(ANSI(text)))
                for part in folded(list(line), cells)
            ]
            self._cells = cells

    def _foot(self) -> StyleAndTextTuples:
        say, last = self._say, min(self.top + self._height, len(self._text))
        place = say("pick.lines", first=self.top + 1, last=last, total=len(self._text))
        keys = [say(f"pick.key.{key}") for key in ("scroll", "leaf", "close")]
        return [("class:keys", shorten("  ".join([*keys, place]), self._cells))]


def folded(line: StyleAndTextTuples, cells: int) -> list[StyleAndTextTuples]:
    """A line of characters as lines that fit; code is not broken at words."""
    parts: list[StyleAndTextTuples] = [[]]
    rest = cells
    for style, text, *_ in line:
        for character in text:
            if width(character) > rest:
                parts.append([])
                rest = cells
            parts[-1].append((style, character))
            rest -= width(character)
    return parts
