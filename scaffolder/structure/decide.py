"""Decide, member by member, what becomes of MINE."""

from __future__ import annotations

from scaffolder.structure.clash import Clash, Path, Reason
from scaffolder.structure.document import Document
from scaffolder.structure.items import Items
from scaffolder.structure.nodes import MERGE_KEY, Kind, Member, Node, Value, is_open
from scaffolder.structure.plan import KEEP, Change, Insert, Plan, What

GROWING = frozenset({"Layers", "MethodSettings", "Policies", "Tags", "ignore_checks"})
"""Lists whose items are independent: ours may join those in a list that we did not make."""

UNIT = "Type"
"""A mapping with this key is one thing; what a user added to it means nothing without it."""


def decide(
    base: Document, mine: Document, new: Document, clashes: list[Clash]
) -> tuple[Plan, Value]:
    """The plan for the root, and what the result has to say.

    Args:
        clashes: gets what stands in the way; then the result is of no use.
    """
    decider = _Decider(mine, clashes)
    plan = decider.pairs(base.root, mine.root, new.root, (), 1)
    return plan, plan.result(mine.root)


def _node(member: Member | None) -> Node | None:
    return member.node if member else None


def _get(node: Node | None, key: str) -> Member | None:
    return node.get(key) if node else None


def _mergeable(kind: Kind, *nodes: Node) -> bool:
    """Whether all are open collections of a kind; an empty value can become one."""
    some = [node for node in nodes if not node.is_null]
    return bool(some) and is_open(kind, *some)


class _Decider:
    """Walks the three trees; `base` or `new` is None where it has nothing."""

    def __init__(self, mine: Document, clashes: list[Clash]) -> None:
        self.mine = mine
        self.clashes = clashes

    def clash(self, path: Path, line: int, reason: Reason) -> Change:
        self.clashes.append(Clash(path, line, reason))
        return KEEP

    def member(self, base: Member | None, mine: Member, new: Member | None, path: Path) -> Change:
        """What becomes of a member that MINE has."""
        line = self.mine.line_number(mine.start)
        nodes = [m.node for m in (base, mine, new) if m]
        keep = Change(What.keep, base, new)
        if base and new and base.node.value == new.node.value:
            # Comments may differ further down.
            if is_open(Kind.mapping, *nodes) and not mine.node.odd:
                inner = self.pairs(base.node, mine.node, new.node, path, line)
                return Change(What.into, base, new, inner)
            return keep
        if new and mine.node.value == new.node.value:
            return keep
        goes = new is None and base is not None and mine.node.value == base.node.value
        for kind in () if goes else (Kind.mapping, Kind.sequence):
            if _mergeable(kind, *nodes) and self.may_look_into(kind, base, mine, path):
                return self.into(kind, base, mine, new, path)
        if base and mine.node.value == base.node.value:
            if mine.node.has_anchors:
                return self.clash(path, line, Reason.anchor)
            return Change(What.take if new else What.drop, base, new)
        return self.clash(path, line, self.why(base, mine, new))

    def may_look_into(self, kind: Kind, base: Member | None, mine: Member, path: Path) -> bool:
        """Lists that both brought join only if their items are independent."""
        brought = base is None and bool(mine.node.members)
        return kind is Kind.mapping or not brought or path[-1] in GROWING

    def why(self, base: Member | None, mine: Member, new: Member | None) -> Reason:
        if mine.node.has_anchors or mine.node.kind is Kind.alias:
            return Reason.anchor
        ours = new or base
        other = ours is not None and ours.node.kind is not mine.node.kind
        return Reason.kind if other else Reason.changed

    def into(
        self, kind: Kind, base: Member | None, mine: Member, new: Member | None, path: Path
    ) -> Change:
        line = self.mine.line_number(mine.start)
        before = len(self.clashes)
        merge = self.pairs if kind is Kind.mapping else self.items
        inner = merge(_node(base), mine.node, _node(new), path, line)
        if len(self.clashes) > before:
            return KEEP
        if mine.node.anchored and inner.touches:
            return self.clash(path, line, Reason.anchor)
        if inner.empties:
            return self.emptied(base, new, path, line)
        if new is None and base and base.node.get(UNIT):
            return self.clash(path, self.first_left(mine.node, inner), Reason.changed)
        return Change(What.into, base, new, inner)

    def emptied(self, base: Member | None, new: Member | None, path: Path, line: int) -> Change:
        """A collection of which nothing is left."""
        if new is None:
            return Change(What.drop, base)
        if new.node.members:
            return self.clash(path, line, Reason.missing)
        return Change(What.take, base, new)

    def first_left(self, mine: Node, plan: Plan) -> int:
        """The line of the first thing that a deletion would leave."""
        for member, change in zip(mine.members, plan.changes, strict=True):
            if change.inner:
                return self.first_left(member.node, change.inner)
            if change.what is not What.drop:
                return self.mine.line_number(member.start)
        return 1

    def pairs(self, base: Node | None, mine: Node, new: Node | None, path: Path, line: int) -> Plan:
        plan = Plan(base, new)
        if mine.odd:
            self.clash(path, line, mine.odd)
            plan.changes = [KEEP for _ in mine.members]
            return plan
        for member in mine.members:
            b, n = _get(base, member.key), _get(new, member.key)
            here = (*path, member.key)
            plan.changes.append(self.member(b, member, n, here) if b or n else KEEP)
        for member in new.members if new else []:
            if mine.get(member.key):
                continue
            b = _get(base, member.key)
            if b is None:
                plan.inserts.append(Insert(member))
            elif b.node.value != member.node.value:
                self.clash((*path, member.key), line, Reason.missing)
        moves = plan.inserts or any(c.what is What.drop for c in plan.changes)
        if moves and mine.get(MERGE_KEY):
            self.clash(path, line, Reason.anchor)
        return plan

    def items(self, base: Node | None, mine: Node, new: Node | None, path: Path, line: int) -> Plan:
        return Items(self, base, mine, new, path, line).plan
