"""What becomes of each part of MINE; texts and positions do not matter here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from scaffolder.structure.nodes import Kind, Member, Node, Value, mapping_value


class What(Enum):
    """What becomes of a member of MINE."""

    keep = "keep"
    drop = "drop"
    take = "take"
    """Its value gives way to that of NEW."""
    into = "into"
    """Its members change."""


@dataclass(frozen=True)
class Change:
    """What becomes of a member of MINE, with its counterparts."""

    what: What
    base: Member | None = None
    new: Member | None = None
    inner: Plan | None = None

    def result(self, mine: Node) -> Value:
        """What the member says after it."""
        if self.what is What.take and self.new:
            return self.new.node.value
        return self.inner.result(mine) if self.inner else mine.value


@dataclass(frozen=True)
class Insert:
    """A member of NEW that MINE gets.

    Attributes:
        after, before: index of the item of MINE that it stands next to; pairs find their place
            by the text.
    """

    new: Member
    after: int | None = None
    before: int | None = None


@dataclass
class Plan:
    """What becomes of a collection: one change for each member of MINE, and what is new."""

    base: Node | None
    new: Node | None
    changes: list[Change] = field(default_factory=list)
    inserts: list[Insert] = field(default_factory=list)

    @property
    def empties(self) -> bool:
        """Whether all that MINE has goes, and nothing comes."""
        gone = [change.what is What.drop for change in self.changes]
        return bool(gone) and all(gone) and not self.inserts

    @property
    def touches(self) -> bool:
        """Whether anything changes."""
        changes = (c.inner.touches if c.inner else c.what is not What.keep for c in self.changes)
        return bool(self.inserts) or any(changes)

    def inserted(self, *, after: int | None = None, before: int | None = None) -> Iterator[Value]:
        """The values of the new items at a place."""
        return (i.new.node.value for i in self.inserts if (i.after, i.before) == (after, before))

    def result(self, mine: Node) -> Value:
        """What MINE says after it."""
        if mine.kind is Kind.sequence or (self.new and self.new.kind is Kind.sequence):
            return ("seq", tuple(self._items(mine)))
        kept = [
            (member.key, change.result(member.node))
            for member, change in zip(mine.members, self.changes, strict=True)
            if change.what is not What.drop
        ]
        return mapping_value(kept + [(i.new.key, i.new.node.value) for i in self.inserts])

    def _items(self, mine: Node) -> Iterator[Value]:
        yield from self.inserted()
        for index, (member, change) in enumerate(zip(mine.members, self.changes, strict=True)):
            yield from self.inserted(before=index)
            if change.what is not What.drop:
                yield change.result(member.node)
            yield from self.inserted(after=index)


KEEP = Change(What.keep)
