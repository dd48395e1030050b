"""Changes to mappings in braces and lists in brackets that stand on one line."""

from __future__ import annotations

from scaffolder.structure.clash import Reason
from scaffolder.structure.edits import AFTER, BEFORE, Here, Work
from scaffolder.structure.nodes import Kind, Member, Node
from scaffolder.structure.places import place
from scaffolder.structure.plan import What
from scaffolder.structure.transplant import flow_text


def braces(work: Work, here: Here) -> None:
    """Add and delete members."""
    plan, node = here.plan, here.node
    drops = [i for i, change in enumerate(plan.changes) if change.what is What.drop]
    if not drops and not plan.inserts:
        return
    texts = [_text(work, insert.new) for insert in plan.inserts]
    if "\n" in work.mine.text[node.start : node.end] or None in texts:
        return work.clash(here.path, node.start, Reason.flow)
    present = [text for text in texts if text is not None]
    if not node.members:
        return _fill(work, node, present)
    for text, insert in zip(present, plan.inserts, strict=True):
        where = place(work, here, insert)
        if where.after is not None:
            work.insert(node.members[where.after].node.end, f", {text}", AFTER)
        elif where.before is not None:
            work.insert(node.members[where.before].start, f"{text}, ", BEFORE)
        else:
            comma = "" if insert is plan.inserts[-1] else ", "
            work.insert(node.members[0].start, text + comma, BEFORE)
    for index in drops:
        _drop(work, here, index)


def _drop(work: Work, here: Here, index: int) -> None:
    """Delete a member with the comma before it, or with that after it if none before stays."""
    members, changes = here.node.members, here.plan.changes
    member = members[index]
    if any(change.what is not What.drop for change in changes[:index]):
        work.replace(members[index - 1].node.end, member.node.end, "")
    elif index + 1 < len(members):
        work.replace(member.start, members[index + 1].start, "")
    else:
        work.replace(member.start, member.node.end, "")


def _fill(work: Work, node: Node, texts: list[str]) -> None:
    opening, closing = "{}" if node.kind is Kind.mapping else "[]"
    end = work.mine.text.rindex(closing, node.start, node.end)
    start = work.mine.text.rindex(opening, node.start, end) + 1
    work.replace(start, end, ", ".join(texts))


def _text(work: Work, new: Member) -> str | None:
    value = flow_text(work.new, new.node)
    if value is None or not new.key:
        return value
    return f"{work.new.text[new.start : new.colon]} {value}".rstrip()
