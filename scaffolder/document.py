"""A document made of headings, prose, rows, code and diffs: for a terminal, or as Markdown."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from scaffolder.layout import CODE, Screen, pad, width, wrap

STEP = "  "
WHOLE = 40
"""Lines up to which a new or deleted file is shown whole on a terminal."""

BEGINNING = 30
"""Lines that are shown of a longer one."""

TICKS = re.compile(r"`+")
UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")
MARKUP = re.compile(r"[<&]")


@dataclass(frozen=True)
class Heading:
    """Of the document (level 1), or of a section; its sign is what a diff would put there."""

    text: str
    sign: str = ""
    level: int = 2


@dataclass(frozen=True)
class Prose:
    """Paragraphs, one a line, with inline code; a sign makes one stand out."""

    text: str
    sign: str = ""


@dataclass(frozen=True)
class Row:
    """Something to be shown as it is, with a word about it."""

    code: str
    note: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Rows:
    """Rows under a label."""

    label: str
    rows: Sequence[Row]
    sign: str = ""


@dataclass(frozen=True)
class Code:
    """Lines to be shown as they are."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Patch:
    """The change of one file.

    Attributes:
        lines: of a unified diff, or of what stands in its place.
        long: whether the file is new or deleted as a whole, so that its beginning may do.
    """

    path: str
    note: str
    lines: Sequence[str] = ()
    long: bool = False


Block: TypeAlias = Heading | Prose | Rows | Code | Patch


@dataclass(frozen=True)
class Terminal:
    """Writes a document for a terminal; prose is wrapped, and code is not.

    Args:
        more: says how many lines of a long file are left out; None to leave none out.
    """

    screen: Screen
    more: Callable[[int], str] | None = None

    def write(self, blocks: Sequence[Block]) -> str:
        """The document, with nothing at the end of its lines."""
        indent = ""
        lines: list[str] = []
        for block in blocks:
            if isinstance(block, Heading):
                indent = STEP if block.level > 1 else ""
            elif not indent:
                lines.append("")
            lines += self._block(block, indent)
        return "\n".join(lines)

    def _block(self, block: Block, indent: str) -> list[str]:
        match block:
            case Heading():
                return self._heading(block)
            case Prose():
                lines = block.text.splitlines()
                return [t for line in lines for t in self._prose(line, block.sign, indent)]
            case Rows():
                return self._rows(block, indent)
            case Code():
                return [f"{indent}{STEP}{harmless(line)}".rstrip() for line in block.lines]
            case Patch():
                return self._patch(block)

    def _heading(self, heading: Heading) -> list[str]:
        if heading.level == 1:
            return [self.screen.strong(line) for line in wrap(heading.text, self.screen.width)]
        if not heading.sign:
            return ["", *map(self.screen.strong, wrap(heading.text, self.screen.width))]
        lines = wrap(heading.text, self.screen.width - 2)
        first = f"{self._sign(heading.sign)} {self.screen.strong(lines[0])}"
        return ["", first, *(f"  {self.screen.strong(line)}" for line in lines[1:])]

    def _prose(self, text: str, sign: str, indent: str) -> list[str]:
        """One paragraph; what follows its sign hangs."""
        mark = f"{sign} " if sign else ""
        first, *rest = self._wrapped(text, indent + mark, indent + " " * len(mark))
        return [first.replace(mark, f"{self.screen.strong(sign)} ", 1) if mark else first, *rest]

    def _wrapped(self, text: str, indent: str, later: str) -> list[str]:
        lines = wrap(text, self.screen.width, indent, later)
        return [CODE.sub(lambda m: self.screen.name(m[0]), line) for line in lines]

    def _rows(self, block: Rows, indent: str) -> list[str]:
        label = self._prose(block.label, block.sign, indent) if block.label else []
        inner = indent + STEP * (1 + bool(block.sign)) if block.label else indent
        column = max((width(row.code) for row in block.rows if row.note), default=0)
        return [*label, *(t for row in block.rows for t in self._row(row, column, inner))]

    def _row(self, row: Row, column: int, indent: str) -> list[str]:
        sign = f"{self._sign(row.sign)} " if row.sign else ""
        taken = width(f"{indent}{row.sign}{' ' if row.sign else ''}")
        if taken + column + 2 + width(row.note) <= self.screen.width:
            return [f"{indent}{sign}{pad(row.code, column)}  {row.note}".rstrip()]
        note = self._wrapped(row.note, " " * taken + STEP, " " * taken + STEP)
        return [f"{indent}{sign}{row.code}", *note]

    def _patch(self, patch: Patch) -> list[str]:
        note = f" ({patch.note})" if patch.note else ""
        title = self.screen.strong(f"{patch.path}{note}")
        lines = list(patch.lines)
        end: list[str] = []
        if self.more and patch.long and len(lines) > WHOLE:
            end = [self.screen.faint(self.more(len(lines) - BEGINNING))]
            lines = lines[:BEGINNING]
        return ["", title, *map(self._coloured, lines), *end]

    def _coloured(self, line: str) -> str:
        text = harmless(line)
        if line.startswith("@@"):
            return self.screen.name(text)
        if line.startswith(("--- ", "+++ ")):
            return self.screen.strong(text)
        if line[:1] in ("+", "-"):
            return self._sign(text)
        # A diff has a blank for every line that stays, also for an empty one.
        return "" if line == " " else text

    def _sign(self, text: str) -> str:
        match text[:1]:
            case "+":
                return self.screen.plus(text)
            case "-":
                return self.screen.minus(text)
        return text


def markdown(blocks: Sequence[Block]) -> str:
    """The document as a pull request shows it, with diffs folded and a line break at its end."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            sign = f"`{block.sign}` " if block.sign else ""
            return f"{'#' * (block.level + 1)} {sign}{plain(block.text)}"
        case Prose():
            sign = f"**{block.sign}** " if block.sign else ""
            return sign + plain(block.text).replace("\n", "\n\n")
        case Rows():
            sign = f"**{block.sign}** " if block.sign else ""
            label = f"{sign}{plain(block.label)}\n\n" if block.label else ""
            return label + "\n".join(map(_item, block.rows))
        case Code():
            return fenced(block.lines)
        case Patch():
            return _folded(block)


def _item(row: Row) -> str:
    note = f" {plain(row.note)}" if row.note else ""
    return f"- {span(f'{row.sign} {row.code}'.strip())}{note}"


def _folded(patch: Patch) -> str:
    if not patch.lines:
        return _item(Row(patch.path, patch.note))
    note = f" ({html.escape(patch.note)})" if patch.note else ""
    title = f"<code>{html.escape(patch.path)}</code>{note}"
    body = fenced(patch.lines, "diff")
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def fenced(lines: Sequence[str], language: str = "") -> str:
    """Lines in a Markdown code block whose fence is longer than any in them."""
    text = "\n".join("" if line == " " else line.removesuffix("\r") for line in lines)
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def span(text: str) -> str:
    """Text as inline code in Markdown, whatever is in it."""
    ticks = "`" * (_longest(text) + 1)
    return f"{ticks}{text}{ticks}" if len(ticks) == 1 else f"{ticks} {text} {ticks}"


def plain(text: str) -> str:
    """Prose for Markdown: inline code stays, and nothing becomes HTML."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(
        p if p.startswith("`") else MARKUP.sub(lambda m: html.escape(m[0]), p) for p in pieces
    )


def harmless(line: str) -> str:
    """A line of a file for a terminal: control characters are spelled out."""
    return "".join(repr(c)[1:-1] if _controls(c) else c for c in line.removesuffix("\r"))


def _controls(character: str) -> bool:
    """Whether a terminal may do something else with a character than show it."""
    return character != "\t" and unicodedata.category(character) in UNSAFE


def _longest(text: str) -> int:
    return max(map(len, TICKS.findall(text)), default=0)
