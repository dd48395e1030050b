"""Carry out a plan in MINE's own text, line by line, touching no line that stays the same."""

from __future__ import annotations

from scaffolder.structure.braces import braces
from scaffolder.structure.clash import Path, Reason
from scaffolder.structure.document import Document, Span
from scaffolder.structure.edits import AFTER, BEFORE, LEAD, Here, Work, span_of
from scaffolder.structure.nodes import Member
from scaffolder.structure.places import Place, behind, place
from scaffolder.structure.plan import Change, Plan, What
from scaffolder.structure.transplant import Transplant, flow_text

STEP = 2
"""Blanks of indentation where MINE shows none."""


def splice(work: Work, plan: Plan) -> None:
    """Collect the edits that the plan for the root needs."""
    root = work.mine.root
    if root.flow and plan.touches:
        return work.clash((), root.start, Reason.flow)
    _collection(work, Here(root, plan, ()))


def _collection(work: Work, here: Here) -> None:
    in_braces = here.owner is not None and here.span is None
    if not here.node.members and not (here.node.flow and in_braces):
        if here.plan.inserts:
            _fill(work, here)
        return
    spans = [] if here.node.flow else work.mine.spans(here.node)
    for index, change in enumerate(here.plan.changes):
        _member(work, here, index, change, spans[index] if spans else None)
    if here.node.flow:
        braces(work, here)
        return
    _insert(work, here, spans)
    for run in _runs(work, here, spans):
        _delete(work, here, spans, run)


def _member(work: Work, here: Here, index: int, change: Change, span: Span | None) -> None:
    mine = here.node.members[index]
    path = (*here.path, mine.key or str(index))
    if change.what is What.take:
        _replace(work, here, mine, change, path)
    elif change.inner:
        inner = Here(mine.node, change.inner, path, mine, span, here.depth + 1)
        _collection(work, inner)
    if span and change.base and change.new:
        _lead(work, here, mine, change.base, change.new)


def _replace(work: Work, here: Here, mine: Member, change: Change, path: Path) -> None:
    """Write NEW's value over MINE's; what else stands in its lines stays."""
    assert change.new
    old, new = mine.node, change.new.node
    if here.node.flow:
        text = flow_text(work.new, new)
        if text is None or "\n" in work.mine.text[old.start : old.end]:
            return work.clash(path, mine.start, Reason.flow)
        return work.replace(old.start, old.end, text)
    whole = any(node.is_block or node.start == node.end for node in (old, new))
    start = mine.colon if whole else old.start
    rest = work.mine.text[old.end : work.mine.line_end(old.end)]
    # Behind a block scalar, a comment would be part of it.
    swallowed = rest.strip() and new.ends_in_block_scalar
    if swallowed or work.foreign(start, old.end, change.base, here.plan.base):
        return work.clash(path, mine.start, Reason.comment)
    column = work.mine.column(mine.start)
    text = _value(work, here.plan, change.new, column, whole)
    if text is None:
        return work.clash(path, mine.start, Reason.flow)
    # So would blanks.
    blanks = 0 if rest.strip() else len(rest.rstrip("\r\n"))
    work.replace(start, old.end + blanks, text)


def _value(work: Work, plan: Plan, new: Member, column: int, whole: bool) -> str | None:
    """The text of NEW's value, from its colon if `whole`; None if braces hold it on lines."""
    assert plan.new
    if plan.new.flow:
        text = work.new.text[new.node.start : new.node.end]
        return None if "\n" in text else " " * whole + text
    span = span_of(work.new, plan.new, new)
    moved = Transplant(work.new, new, span, column, work.style)
    return moved.value(new.colon if whole else new.node.start)


def _lead(work: Work, here: Here, mine: Member, base: Member, new: Member) -> None:
    """Carry over what changed in the comment lines directly above."""
    plan = here.plan
    assert plan.base and plan.new
    if plan.base.flow or plan.new.flow:
        return
    span = span_of(work.mine, here.node, mine)
    before = _comment_lines(work.base, span_of(work.base, plan.base, base))
    after = _comment_lines(work.new, span_of(work.new, plan.new, new))
    if not span.own or before == after:
        return
    there = _comment_lines(work.mine, span)
    starts = [span.lead]
    for _ in there:
        starts.append(work.mine.line_end(starts[-1]))
    for at, line in enumerate(there):
        if line in before and line not in after:
            work.replace(starts[at], starts[at + 1], "")
    pad = " " * work.mine.column(mine.start)
    at = 0 if any(line in there for line in after) else len(there)
    for line in after:
        if line in there:
            at = there.index(line) + 1
        elif line not in before:
            work.insert(starts[at], pad + line + work.style.newline, LEAD)


def _comment_lines(document: Document, span: Span) -> list[str]:
    return [line.strip() for line in document.lines(span.lead, span.line)] if span.own else []


# Insertions.


def _insert(work: Work, here: Here, spans: list[Span]) -> None:
    """Insert new members next to those that stay."""
    column = work.mine.column(here.node.members[0].start)
    for insert in here.plan.inserts:
        text = _lines(work, here.plan, insert.new, column)
        if text is None:
            work.clash((*here.path, insert.new.key), spans[0].line, Reason.flow)
            continue
        where = place(work, here, insert)
        if where.after is None and where.before is None and not spans[0].own:
            work.clash(here.path, spans[0].line, Reason.layout)
            continue
        _put(work, here, spans, where, text, insert.new)


def _put(work: Work, here: Here, spans: list[Span], where: Place, text: str, new: Member) -> None:
    after, before, depth = where.after, where.before, here.depth
    if before is not None:
        stays = [i for i in range(before) if here.plan.changes[i].what is not What.drop]
        if stays and stays[-1] == before - 1:
            after, before = before - 1, None
        elif not stays and not spans[0].own:
            # What comes first stands behind a dash, and stays there.
            after, before = before, None
    if where.comment is not None:
        work.insert(where.comment, work.style.newline + text, AFTER, depth)
    elif after is not None:
        apart = _apart(work, here, spans, after, new) and not spans[after].keeps
        gap = work.style.newline if apart else ""
        work.insert(behind(work, here, after), gap + text, AFTER, depth)
    elif before is not None:
        gap = work.style.newline if _apart(work, here, spans, before, new) else ""
        work.insert(spans[before].lead, text + gap, BEFORE, depth)
    else:
        gap = work.style.newline if _stands_apart(work, here.plan, new) else ""
        first = new is here.plan.inserts[0].new
        work.insert(spans[0].lead, text if first else gap + text, BEFORE, depth)


def _apart(work: Work, here: Here, spans: list[Span], index: int, new: Member) -> bool:
    """Whether there is a blank line next to a member of MINE, or there would be in NEW."""
    if index + 1 < len(spans):
        return _blank_between(work.mine, spans[index], spans[index + 1])
    if index > 0:
        return _blank_between(work.mine, spans[index - 1], spans[index])
    return _stands_apart(work, here.plan, new)


def _stands_apart(work: Work, plan: Plan, new: Member) -> bool:
    assert plan.new
    if plan.new.flow or len(plan.new.members) < 2:
        return False
    spans = work.new.spans(plan.new)
    at = max(plan.new.members.index(new), 1)
    return _blank_between(work.new, spans[at - 1], spans[at])


def _blank_between(document: Document, upper: Span, lower: Span) -> bool:
    return any(not line.strip() for line in document.lines(upper.stop, lower.line))


def _lines(work: Work, plan: Plan, new: Member, column: int) -> str | None:
    """A member of NEW as lines; None if it stands in braces over several."""
    assert plan.new
    if not plan.new.flow:
        span = span_of(work.new, plan.new, new)
        return Transplant(work.new, new, span, column, work.style).lines()
    text = work.new.text[new.start : new.node.end]
    if "\n" in text:
        return None
    dash = "" if new.key else "- "
    return " " * column + dash + text + work.style.newline


def _fill(work: Work, here: Here) -> None:
    """Give an empty value its first members, on lines below its key."""
    plan, owner, text = here.plan, here.owner, work.mine.text
    assert plan.new
    if owner is None:
        column, stop = 0, len(text)
    else:
        written = text[owner.colon : here.node.end]
        if here.span is None or not owner.key or "\n" in written:
            return work.clash(here.path, owner.start, Reason.flow)
        column = work.mine.column(owner.start) + work.style.inside(plan.new.kind, STEP)
        stop = here.span.stop
        if written:
            work.replace(owner.colon, here.node.end, "")
    for insert in plan.inserts:
        lines = _lines(work, plan, insert.new, column)
        if lines is None:
            return work.clash(here.path, here.node.start, Reason.flow)
        first = insert is plan.inserts[0]
        gap = not first and _stands_apart(work, plan, insert.new)
        work.insert(stop, (work.style.newline if gap else "") + lines, AFTER, here.depth)


# Deletions.


def _runs(work: Work, here: Here, spans: list[Span]) -> list[list[int]]:
    """Members next to each other that go, with no comment between them that stands alone."""
    runs: list[list[int]] = []
    for index, change in enumerate(here.plan.changes):
        if change.what is not What.drop:
            continue
        if runs and runs[-1][-1] == index - 1:
            between = work.mine.text[spans[index - 1].stop : spans[index].lead]
            if not between.strip():
                runs[-1].append(index)
                continue
        runs.append([index])
    return runs


def _delete(work: Work, here: Here, spans: list[Span], run: list[int]) -> None:
    first, last = spans[run[0]], spans[run[-1]]
    if not first.own:
        return _delete_first(work, here, spans, run)
    kept = "".join(_left(work, here, spans[index], index) for index in run)
    start, end = first.lead, last.stop
    if not kept:
        start, end = _with_blanks(work, spans, run)
    work.replace(start, end, kept)


def _delete_first(work: Work, here: Here, spans: list[Span], run: list[int]) -> None:
    """Delete members behind a dash: the next one moves up to it."""
    members, after = here.node.members, run[-1] + 1
    start = members[0].start
    if after == len(members) or work.mine.text[spans[run[-1]].stop : spans[after].line].strip():
        return work.clash((*here.path, members[0].key or "0"), start, Reason.layout)
    if any(_left(work, here, spans[index], index) for index in run):
        return work.clash((*here.path, members[0].key or "0"), start, Reason.comment)
    work.replace(start, members[after].start, "")


def _left(work: Work, here: Here, span: Span, index: int) -> str:
    """The comments that the user wrote above and inside of what goes."""
    member = here.node.members[index]
    pad = " " * work.mine.column(member.start)
    base = here.plan.changes[index].base
    found = []
    for at, text in work.foreign(span.lead, span.stop, base, here.plan.base):
        if at < span.line:
            found.append(work.mine.text[work.mine.line_start(at) : work.mine.line_end(at)])
        else:
            found.append(pad + text + work.style.newline)
    return "".join(found)


def _with_blanks(work: Work, spans: list[Span], run: list[int]) -> tuple[int, int]:
    """The range of a run with the blank lines that set it apart."""
    mine, start, end = work.mine, spans[run[0]].lead, spans[run[-1]].stop
    above, below = start, end
    floor = spans[run[0] - 1].stop if run[0] else 0
    while above > floor and mine.is_blank(mine.line_start(above - 1)):
        above = mine.line_start(above - 1)
    while below < len(mine.text) and mine.is_blank(below):
        below = mine.line_end(below)
    follows = spans[run[-1] + 1] if run[-1] + 1 < len(spans) else None
    if run[0] == 0:
        return start, below if follows else end
    if below > end or follows is None or follows.lead != end:
        return above, end
    return start, end
