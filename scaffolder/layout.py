"""Set text for a terminal: widths in cells, line breaks in both languages, styles."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

WIDEST = 88
"""Cells of a line of prose; longer lines are hard to read."""

PIPED = 80
"""Cells of a line when nobody's terminal says how wide it is."""

NOT_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）］｝」』】〉》〕”’),.:;?!%〜～…"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
"""What may not begin a line."""

NOT_LAST = frozenset("（［｛「『【〈《〔“‘(")
"""What may not end a line."""

PIECES = re.compile(r"`[^`]+`|\s+|[ァ-ヺー]{2,12}|[^\s`\u2e80-\U0001ffff]+|[^\s]")
"""Inline code, blanks, a word in katakana, a word, one other Japanese character."""

ACCESSIBLE = "ACCESSIBLE"
"""Environment variable: lines to be read one by one, without styles and cursor movement."""

ITEM = re.compile(r"(?:\d+\.|[-*+]) ")
CODE = re.compile(r"`([^`]+)`")


def width(text: str) -> int:
    """Cells that a text takes on a terminal."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, cells: int) -> str:
    """The text with blanks up to a width."""
    return text + " " * max(0, cells - width(text))


def shorten(text: str, cells: int) -> str:
    """The text, or its beginning and an ellipsis, within a width."""
    if width(text) <= cells:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > cells - 1:
            break
        kept += character
    return kept + "…"


def wrap(text: str, cells: int, indent: str = "", later: str | None = None) -> list[str]:
    """One paragraph as lines of at most this many cells.

    Args:
        text: Japanese, English or both; Japanese breaks anywhere but where custom forbids it.
        cells: of a whole line.
        indent: what the first line begins with.
        later: what the other lines begin with, if not the same.
    """
    rest = indent if later is None else later
    lines: list[str] = []
    line, begin = "", indent
    for unit in _units(text.strip()):
        if width(begin + line + unit.rstrip()) > cells and line.strip():
            lines.append((begin + line).rstrip())
            line, begin = "", rest
        line += unit if line else unit.lstrip()
    return [*lines, (begin + line).rstrip()]


def _units(text: str) -> Iterator[str]:
    """Pieces of text between which a line may break."""
    unit = ""
    for piece in PIECES.findall(text):
        breakable = unit and not piece.isspace() and (unit[-1].isspace() or _meet(unit[-1], piece))
        if breakable and piece not in NOT_FIRST and unit.rstrip()[-1:] not in NOT_LAST:
            yield unit
            unit = ""
        unit += piece
    if unit:
        yield unit


def _meet(before: str, after: str) -> bool:
    """Whether a line may break between two characters without a blank between them."""
    return _cells(before) == 2 or _cells(after[0]) == 2


def accessible(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether plain lines are needed: ACCESSIBLE is set, or the terminal is dumb."""
    wanted = environment.get(ACCESSIBLE, "").strip().lower() not in ("", "0", "false")
    return wanted or environment.get("TERM") == "dumb"


@dataclass(frozen=True)
class Screen:
    """Where text goes: how wide it is, and whether styles show."""

    width: int = PIPED
    styled: bool = False

    @staticmethod
    def of(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Screen:
        """The screen behind a stream. Styles obey NO_COLOR, ACCESSIBLE and dumb terminals."""
        if not stream.isatty():
            return Screen()
        plain = environment.get("NO_COLOR") or accessible(environment)
        return Screen(min(WIDEST, shutil.get_terminal_size().columns), not plain)

    def strong(self, text: str) -> str:
        """A heading."""
        return self._style("1", text)

    def faint(self, text: str) -> str:
        """What matters less."""
        return self._style("2", text)

    def name(self, text: str) -> str:
        """Something to type."""
        return self._style("36", text)

    def plus(self, text: str) -> str:
        """What comes."""
        return self._style("32", text)

    def minus(self, text: str) -> str:
        """What goes."""
        return self._style("31", text)

    def prose(self, text: str, indent: str = "") -> list[str]:
        """The catalog's prose: one line is one paragraph; lists and fenced code stay as such."""
        lines: list[str] = []
        fence = False
        in_list = False
        for line in text.strip("\n").split("\n"):
            bare = line.lstrip(" ")
            if bare.startswith("```"):
                fence = not fence
            elif fence:
                lines.append(f"{indent}    {line}".rstrip())
            elif bare:
                item = ITEM.match(bare)
                lines += [""] if lines and not (item and in_list) else []
                lines += self._paragraph(bare, indent + line[: len(line) - len(bare)])
                in_list = item is not None
        return lines

    def _paragraph(self, text: str, indent: str) -> list[str]:
        item = ITEM.match(text)
        later = indent + " " * len(item.group()) if item else indent
        wrapped = wrap(text, self.width, indent, later)
        return [CODE.sub(lambda m: self.name(m[0]), line) for line in wrapped]

    def code(self, text: str, indent: str) -> list[str]:
        """A file's text, as it is."""
        lines = text.rstrip("\n").split("\n")
        return [
            (indent + (self.faint(line) if line.lstrip().startswith("#") else line)).rstrip()
            for line in lines
        ]

    def _style(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.styled and text else text
