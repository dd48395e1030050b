"""Merge one list: what leads from BASE to NEW is done to the same items of MINE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Protocol

from scaffolder.structure.clash import Path, Reason
from scaffolder.structure.document import Document
from scaffolder.structure.nodes import Kind, Member, Node, Value, is_open
from scaffolder.structure.plan import KEEP, Change, Insert, Plan, What

METHOD = ("ResourcePath", "HttpMethod")
"""Keys of an item whose other keys are independent: ours may join those of the user."""

IDENTITIES = (
    ("Sid",),
    ("Id",),
    ("Name",),
    ("Key",),
    ("PolicyName",),
    METHOD,
)
"""Keys by which an item of a list is the same item, whatever else it says."""


class Decider(Protocol):
    """Decides on single members, and keeps what stands in the way."""

    mine: Document

    def member(self, base: Member | None, mine: Member, new: Member, path: Path) -> Change:
        """What becomes of an item."""

    def pairs(self, base: Node | None, mine: Node, new: Node | None, path: Path, line: int) -> Plan:
        """What becomes of the members of a mapping."""

    def clash(self, path: Path, line: int, reason: Reason) -> object:
        """Note a clash."""


class Items:
    """The merge of a list; the result is its `plan`."""

    def __init__(
        self,
        decider: Decider,
        base: Node | None,
        mine: Node,
        new: Node | None,
        path: Path,
        line: int,
    ) -> None:
        self.decider, self.path, self.line = decider, path, line
        self.base = base.members if base else []
        self.mine = mine.members
        self.new = new.members if new else []
        self.plan = Plan(base, new, [KEEP for _ in self.mine])
        lists = [self.base, self.mine, self.new]
        named = all(_distinct(items) for items in lists)
        self.b, self.m, self.n = ([_token(i, named) for i in items] for items in lists)
        self.match()
        self.follow()
        self.place()

    def match(self) -> None:
        """Which item of BASE is which of MINE, and which items of MINE are somebody else's."""
        self.free = list(range(len(self.mine)))
        self.at: dict[int, int] = {}
        for i, token in enumerate(self.b):
            if (found := self.find(token)) is not None:
                self.at[i] = found
                self.free.remove(found)
        self.unexplained = any(self.m[i] not in self.n for i in self.free)
        self.placed: dict[int, int] = {}
        self.added: list[int] = []

    def find(self, token: Value) -> int | None:
        return next((i for i in self.free if self.m[i] == token), None)

    def follow(self) -> None:
        """Do what leads from BASE to NEW."""
        steps = SequenceMatcher(None, self.b, self.n, autojunk=False).get_opcodes()
        for what, i1, i2, j1, j2 in steps:
            both = 0 if what in ("insert", "delete") else min(i2 - i1, j2 - j1)
            for i, j in zip(range(i1, i1 + both), range(j1, j1 + both), strict=True):
                self.same(i, j) if what == "equal" else self.replace(i, j)
            for i in range(i1 + both, i2):
                self.remove(i)
            for j in range(j1 + both, j2):
                self.add(j)

    def same(self, i: int, j: int) -> None:
        found = self.at.get(i)
        if found is not None:
            self.placed[j] = found
            self.merge(self.base[i], found, self.new[j])
        elif self.base[i].node.value != self.new[j].node.value:
            self.clash(i, Reason.missing)

    def replace(self, i: int, j: int) -> None:
        found, there = self.at.get(i), self.find(self.n[j])
        if _named(self.b[i]) or _named(self.n[j]):
            self.remove(i)
            self.add(j)
        elif there is not None:
            if found is not None:
                self.remove(i)
            self.add(j)
        elif found is None:
            self.clash(i, Reason.changed if self.unexplained else Reason.missing)
        else:
            self.placed[j] = found
            self.change(found, self.base[i], self.new[j])

    def change(self, index: int, base: Member, new: Member) -> None:
        """Write over an item, or change in it what differs if it stays much the same."""
        alike = is_open(Kind.mapping, base.node, new.node)
        if alike and any(base.node.get(member.key) for member in new.node.members):
            self.merge(base, index, new)
        else:
            self.set(index, What.take, base, new)

    def remove(self, i: int) -> None:
        found = self.at.get(i)
        if found is not None and self.is_shared(i, found):
            self.give_back(i, found)
        elif found is not None:
            self.set(found, What.drop, self.base[i], None)
        elif self.unexplained and not _named(self.b[i]):
            self.clash(i, Reason.changed)

    def is_shared(self, i: int, index: int) -> bool:
        """Whether an item says things of the user's that make sense without ours."""
        ours, theirs = (
            {m.key for m in item.node.members} for item in (self.base[i], self.mine[index])
        )
        return ours.issuperset(METHOD) and bool(theirs - ours)

    def give_back(self, i: int, index: int) -> None:
        """Take what is ours out of an item."""
        base, mine = self.base[i], self.mine[index]
        ours = replace(base.node, members=[m for m in base.node.members if m.key not in METHOD])
        here = self.here(self.m[index], index)
        line = self.decider.mine.line_number(mine.start)
        inner = self.decider.pairs(ours, mine.node, None, here, line)
        self.plan.changes[index] = Change(What.into, base, None, inner)

    def add(self, j: int) -> None:
        there = self.find(self.n[j])
        if there is None:
            self.added.append(j)
            return
        self.free.remove(there)
        self.placed[j] = there
        self.merge(None, there, self.new[j])

    def merge(self, base: Member | None, index: int, new: Member) -> None:
        change = self.decider.member(base, self.mine[index], new, self.here(self.m[index], index))
        self.plan.changes[index] = change

    def set(self, index: int, what: What, base: Member, new: Member | None) -> None:
        mine = self.mine[index].node
        if mine.has_anchors:
            self.clash_at(index, Reason.anchor)
        elif mine.value != base.node.value:
            self.clash_at(index, Reason.changed)
        else:
            self.plan.changes[index] = Change(what, base, new)

    def place(self) -> None:
        """Put each new item behind the nearest one before it that MINE has."""
        stays = {j: i for j, i in self.placed.items() if self.plan.changes[i].what is not What.drop}
        for j in self.added:
            after = next((stays[k] for k in range(j - 1, -1, -1) if k in stays), None)
            before = None
            if after is None:
                before = next((stays[k] for k in range(j + 1, len(self.new)) if k in stays), None)
            if after is None and before is None:
                after = self.last()
            self.plan.inserts.append(Insert(self.new[j], after, before))

    def last(self) -> int | None:
        kept = [i for i, c in enumerate(self.plan.changes) if c.what is not What.drop]
        return kept[-1] if kept else None

    def clash(self, i: int, reason: Reason) -> None:
        self.decider.clash(self.here(self.b[i], i), self.line, reason)

    def clash_at(self, index: int, reason: Reason) -> None:
        line = self.decider.mine.line_number(self.mine[index].start)
        self.decider.clash(self.here(self.m[index], index), line, reason)

    def here(self, token: Value, index: int) -> Path:
        return (*self.path, " ".join(token[1]) if _named(token) else str(index))


def _identity(item: Member) -> tuple[str, ...]:
    """What identifies an item; empty if nothing does."""
    if not is_open(Kind.mapping, item.node):
        return ()
    for keys in IDENTITIES:
        values = [found.node for key in keys if (found := item.node.get(key))]
        if len(values) == len(keys) and all(v.kind is Kind.scalar for v in values):
            return tuple(v.text for v in values)
    return ()


def _distinct(items: Sequence[Member]) -> bool:
    found = [identity for item in items if (identity := _identity(item))]
    return len(found) == len(set(found))


def _token(item: Member, named: bool) -> Value:
    identity = _identity(item) if named else ()
    return ("named", identity) if identity else item.node.value


def _named(token: Value) -> bool:
    return bool(token[0] == "named")
