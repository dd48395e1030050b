"""Write parts of NEW the way MINE is written: its indentation, its line breaks, its braces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.structure.document import Document, Span
from scaffolder.structure.nodes import TEXT, Kind, Member, Node

FLOW_WIDTH = 100
"""Characters of a value that may join a mapping or a list in braces."""

_UNSAFE_IN_FLOW = re.compile(r"[,\[\]{}]|:$|: ")
_TAG = re.compile(r"!\S*\s*")


@dataclass(frozen=True)
class Style:
    """How a document is laid out.

    Attributes:
        step: blanks by which the keys of a mapping stand behind their parent, if there are any.
        dash: the same for the dashes of a list.
        newline: its line break.
    """

    step: int | None
    dash: int | None
    newline: str

    @staticmethod
    def of(document: Document) -> Style:
        """What a document does most often."""
        found: dict[Kind, Counter[int]] = {Kind.mapping: Counter(), Kind.sequence: Counter()}
        for kind, step in _steps(document, document.root):
            found[kind][step] += 1
        first = document.text.partition("\n")[0]
        newline = "\r\n" if first.endswith("\r") else "\n"
        return Style(_most(found[Kind.mapping]), _most(found[Kind.sequence]), newline)

    def inside(self, kind: Kind, theirs: int) -> int:
        """How far members stand behind their key where `theirs` is how far they do in NEW."""
        if kind is Kind.mapping:
            return theirs if self.step is None else self.step
        if self.dash is not None:
            return self.dash
        return theirs if self.step is None or theirs == 0 else self.step


def _most(counts: Counter[int]) -> int | None:
    return counts.most_common(1)[0][0] if counts else None


def _steps(document: Document, node: Node) -> Iterator[tuple[Kind, int]]:
    for member in node.members:
        child = member.node
        if member.key and child.members and not child.flow and not node.flow:
            step = document.column(child.members[0].start) - document.column(member.start)
            yield child.kind, step
        yield from _steps(document, child)


class Transplant:
    """A member of NEW, to stand at some column of MINE."""

    def __init__(
        self, new: Document, member: Member, span: Span, column: int, style: Style
    ) -> None:
        self.new, self.member, self.span, self.style = new, member, span, style
        self.shifts: dict[int, int] = {}
        self._shift(span.lead, span.stop, column - new.column(member.start))
        self._member(member, column)

    def lines(self) -> str:
        """Its lines with the comments directly above, each with its break."""
        numbered = self._numbered(self.span.lead, self.span.stop)
        if not self.span.own:
            # Behind a dash; there are no comments above it.
            at, first = numbered[0]
            before = self.new.column(self.member.start)
            numbered[0] = at, " " * before + first[before:]
        return "".join(self._line(at, line) + self.style.newline for at, line in numbered)

    def value(self, start: int) -> str:
        """The text of the value from an offset in its first line, without a break at the end."""
        first, *rest = self._numbered(self.new.line_start(start), self.member.node.end)
        head = first[1][start - self.new.line_start(start) :]
        return self.style.newline.join([head, *(self._line(at, line) for at, line in rest)])

    def _numbered(self, start: int, end: int) -> list[tuple[int, str]]:
        """The lines of a range, each with the offset of its start."""
        result = []
        while start < end:
            stop = min(self.new.line_end(start), end)
            result.append((start, self.new.text[start:stop].rstrip("\r\n")))
            start = stop
        return result

    def _shift(self, start: int, end: int, by: int) -> None:
        self.shifts.update((at, by) for at, _ in self._numbered(start, end))

    def _line(self, at: int, line: str) -> str:
        shift = self.shifts.get(at, 0)
        if not line:
            return line
        blanks = len(line) - len(line.lstrip(" "))
        return " " * shift + line if shift >= 0 else line[min(-shift, blanks) :]

    def _member(self, member: Member, column: int) -> None:
        """Shift what is inside of a member that goes to a column, after MINE's style."""
        node = member.node
        if node.flow or not node.members:
            return
        first = node.members[0]
        theirs = self.new.column(first.start) - self.new.column(member.start)
        # Behind a dash there is no step: what follows it stays where it is.
        inside = self.style.inside(node.kind, theirs) if member.key else theirs
        for child, span in zip(node.members, self.new.spans(node), strict=True):
            self._shift(span.lead, span.stop, column + inside - self.new.column(child.start))
            self._member(child, column + inside)


def flow_text(document: Document, node: Node) -> str | None:
    """A value as it can stand in braces on one line; None if it cannot."""
    text = _flow(document, node)
    return None if text is None or len(text) > FLOW_WIDTH else text


def _flow(document: Document, node: Node) -> str | None:
    source = document.text[node.start : node.end]
    if node.kind is Kind.scalar:
        return _scalar(node, source)
    if node.flow:
        return None if "\n" in source or "#" in source else source
    parts = []
    for member in node.members:
        value = _flow(document, member.node)
        if value is None:
            return None
        key = document.text[member.start : member.colon]
        parts.append(f"{key} {value}".rstrip() if member.key else value)
    tag = match[0].rstrip() + " " if (match := _TAG.match(source)) and node.tag else ""
    inside = ", ".join(parts)
    return f"{tag}{{{inside}}}" if node.kind is Kind.mapping else f"{tag}[{inside}]"


def _scalar(node: Node, source: str) -> str | None:
    if "\n" in source or node.style in ("|", ">"):
        return None
    if node.style or not _UNSAFE_IN_FLOW.search(source):
        return source
    if node.tag != TEXT and not node.tag.startswith("!"):
        return None
    tag = match[0] if (match := _TAG.match(source)) else ""
    return tag + "'" + node.text.replace("'", "''") + "'"
