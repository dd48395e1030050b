"""Changes to a text, collected before any is made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from scaffolder.structure.clash import Clash, Path, Reason
from scaffolder.structure.document import Document, Span
from scaffolder.structure.nodes import Member, Node
from scaffolder.structure.plan import Plan
from scaffolder.structure.transplant import Style

AFTER, BEFORE, LEAD, INSTEAD = range(4)
"""The order of edits that start at one offset: what follows something above, what precedes
something below, comments directly above it, what replaces it."""


class Overlap(Exception):
    """Two edits change the same range."""


@dataclass(frozen=True)
class Edit:
    """A range of MINE and what it becomes.

    Attributes:
        order: where several start; of two insertions, that into something deeper comes first.
    """

    start: int
    end: int
    text: str
    order: tuple[int, int]


def apply(text: str, edits: list[Edit]) -> str:
    """The text with all edits; raises Overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.start, e.order)):
        if edit.start < at:
            raise Overlap
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


@dataclass(frozen=True)
class Here:
    """A collection of MINE and what becomes of it.

    Attributes:
        owner: the member whose value it is; None for the root.
        span: the lines of the owner; None if it has none of its own, as in braces.
        depth: how deep it is; the root is at 0.
    """

    node: Node
    plan: Plan
    path: Path
    owner: Member | None = None
    span: Span | None = None
    depth: int = 0


@dataclass
class Work:
    """The three documents, the edits to MINE, and what stands in their way."""

    base: Document
    mine: Document
    new: Document
    style: Style
    edits: list[Edit] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)

    def clash(self, path: Path, at: int, reason: Reason) -> None:
        self.clashes.append(Clash(path, self.mine.line_number(at), reason))

    def replace(self, start: int, end: int, text: str) -> None:
        self.edits.append(Edit(start, end, text, (INSTEAD, 0)))

    def insert(self, at: int, text: str, order: int, depth: int = 0) -> None:
        self.edits.append(Edit(at, at, text, (order, -depth)))

    def foreign(
        self, start: int, end: int, base: Member | None, of: Node | None
    ) -> list[tuple[int, str]]:
        """The comments in a range of MINE that the member of BASE does not have."""
        ours = Counter(text for _, text in self._comments_of(base, of))
        found = []
        for at, text in self.mine.comments(start, end):
            if ours[text]:
                ours[text] -= 1
            else:
                found.append((at, text))
        return found

    def _comments_of(self, base: Member | None, of: Node | None) -> list[tuple[int, str]]:
        if base is None or of is None:
            return []
        if of.flow:
            return self.base.comments(base.start, base.node.end)
        span = span_of(self.base, of, base)
        return self.base.comments(span.lead, span.stop)


def span_of(document: Document, node: Node, member: Member) -> Span:
    """The lines of one member of a block collection."""
    return document.spans(node)[node.members.index(member)]
