"""A text with its nodes: lines, what lines belong to which member, and comments."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from scaffolder.structure.nodes import Kind, Member, Node
from scaffolder.structure.reading import read

_COMMENT = re.compile(r"(?:(?<=\s)|^)#[^\r\n]*", re.MULTILINE)


@dataclass(frozen=True)
class Span:
    """The lines of a member of a block collection.

    Attributes:
        lead: where the comment lines directly above it start.
        line: where its own first line starts.
        stop: where the line behind its last one starts.
        own: whether it starts its line; a first member may stand behind a dash.
        keeps: whether blank lines below it would be part of its value.
    """

    lead: int
    line: int
    stop: int
    own: bool
    keeps: bool


class Document:
    """A text and its nodes.

    Args:
        text: with a line break at its end.

    Raises:
        Unreadable: it is no single YAML document.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = read(text)
        self.spans_of: dict[Node, list[Span]] = {}

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Behind the line break that ends the line of `at`."""
        return (self.text.find("\n", at) + 1) or len(self.text)

    def line_number(self, at: int) -> int:
        """Counted from 1."""
        return self.text.count("\n", 0, at) + 1

    def column(self, at: int) -> int:
        return at - self.line_start(at)

    def lines(self, start: int, end: int) -> list[str]:
        """The lines of a range that starts and ends at line starts, without their breaks."""
        return [line.rstrip("\r") for line in self.text[start:end].split("\n")[:-1]]

    def spans(self, node: Node) -> list[Span]:
        """The lines of each member of a block collection."""
        if node not in self.spans_of:
            found: list[Span] = []
            for member in node.members:
                found.append(self._span(member, found[-1].stop if found else 0))
            self.spans_of[node] = found
        return self.spans_of[node]

    def _span(self, member: Member, floor: int) -> Span:
        line = self.line_start(member.start)
        own = not self.text[line : member.start].strip()
        lead = line
        while own and lead > floor and self._is_comment(self.line_start(lead - 1)):
            lead = self.line_start(lead - 1)
        return Span(lead, line, self._stop(member), own, _keeps(member.node))

    def _stop(self, member: Member) -> int:
        """The end of a member's lines: deeper comments below it are its own."""
        column = self.column(member.start)
        at = stop = self.line_end(member.node.tail)
        while at < len(self.text):
            end = self.line_end(at)
            line = self.text[at:end]
            deeper = len(line) - len(line.lstrip()) > column
            if line.strip() and not (deeper and self._is_comment(at)):
                break
            at = end
            stop = end if line.strip() else stop
        return stop

    def _is_comment(self, line: int) -> bool:
        return self.text[line : self.line_end(line)].lstrip().startswith("#")

    def is_blank(self, line: int) -> bool:
        return not self.text[line : self.line_end(line)].strip()

    @cached_property
    def all_comments(self) -> list[tuple[int, str]]:
        """Where each comment starts, and what it says."""
        found: list[tuple[int, str]] = []
        at = 0
        for start, end in [*_scalars(self, self.root), (len(self.text), len(self.text))]:
            matches = _COMMENT.finditer(self.text, at, start)
            found += [(m.start(), m[0].rstrip()) for m in matches]
            at = end
        return found

    def comments(self, start: int, end: int) -> list[tuple[int, str]]:
        """The comments that start in a range."""
        first = bisect_left(self.all_comments, (start, ""))
        return self.all_comments[first : bisect_left(self.all_comments, (end, ""))]


def _keeps(node: Node) -> bool:
    return _keeps(node.members[-1].node) if node.members else node.keeps


def _scalars(document: Document, node: Node) -> list[tuple[int, int]]:
    """The ranges of text in which a number sign starts no comment, in order."""
    if node.members:
        ranges: list[tuple[int, int]] = []
        for member in node.members:
            if member.key and member.colon > member.start:
                ranges.append((member.start, member.colon))
            ranges += _scalars(document, member.node)
        return ranges
    if node.kind is Kind.scalar and node.style in ("|", ">"):
        return [(document.line_end(node.start), node.tail)]
    return [(node.start, node.end)] if node.kind is Kind.scalar else []
