"""Where in MINE something new belongs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scaffolder.merge import SECTIONS
from scaffolder.structure.document import Document
from scaffolder.structure.edits import Here, Work
from scaffolder.structure.nodes import Node
from scaffolder.structure.plan import Insert, What

_RANK = {name: rank for rank, name in enumerate(SECTIONS)}


@dataclass(frozen=True)
class Place:
    """Next to which member of MINE something goes, by index; nowhere if none of them stays.

    Attributes:
        comment: offset behind a comment that stands alone, which it has to follow.
    """

    after: int | None = None
    before: int | None = None
    comment: int | None = None


def place(work: Work, here: Here, insert: Insert) -> Place:
    """After the nearest thing before it in NEW that MINE has, else before the nearest after it.

    Sections of a template stand in their usual order. Comments that stand alone, with a blank
    line below, are things to follow, too.
    """
    stays = [i for i, c in enumerate(here.plan.changes) if c.what is not What.drop]
    if insert.after is not None or insert.before is not None or not insert.new.key:
        return Place(insert.after, insert.before)
    index = {here.node.members[i].key: i for i in stays}
    if not here.path and insert.new.key in _RANK:
        keys = [name for name in SECTIONS if name in index or name == insert.new.key]
        return _between(keys, insert.new.key, index, stays)
    assert here.plan.new
    keys = [member.key for member in here.plan.new.members]
    found = _between(keys, insert.new.key, index, stays)
    at = None if here.node.flow else _comment_to_follow(work, here, insert, index)
    return found if at is None else Place(found.after, found.before, at)


def behind(work: Work, here: Here, index: int) -> int:
    """The offset behind a member of MINE and the comment directly below that is no other's."""
    stop = work.mine.spans(here.node)[index].stop
    below = _lone_comments(work.mine, here.node, here)[index]
    return below[0][1] if below and not work.mine.is_blank(stop) else stop


def _between(keys: list[str], key: str, index: dict[str, int], stays: list[int]) -> Place:
    at = keys.index(key)
    if (after := _first(reversed(keys[:at]), index)) is not None:
        return Place(after=after)
    if (before := _first(keys[at + 1 :], index)) is not None:
        return Place(before=before)
    return Place(after=stays[-1]) if stays else Place()


def _first(keys: Iterable[str], index: dict[str, int]) -> int | None:
    return next((index[key] for key in keys if key in index), None)


def _comment_to_follow(work: Work, here: Here, insert: Insert, index: dict[str, int]) -> int | None:
    """Behind a comment of MINE that NEW has nearer to the insertion than any key of MINE."""
    new = here.plan.new
    assert new
    if new.flow:
        return None
    theirs = _lone_comments(work.new, new, None)
    mine = _lone_comments(work.mine, here.node, here)
    for at in range(new.members.index(insert.new) - 1, -1, -1):
        for text, _ in reversed(theirs[at]):
            for gap in mine:
                if (found := next((end for t, end in gap if t == text), None)) is not None:
                    return found
        if new.members[at].key in index:
            return None
    return None


def _lone_comments(
    document: Document, node: Node, here: Here | None
) -> list[list[tuple[tuple[str, ...], int]]]:
    """After each member: the comments that no key follows directly, and where they end."""
    spans = document.spans(node)
    last = here.span.stop if here and here.span else len(document.text)
    stops = [*(span.lead for span in spans[1:]), last if here else spans[-1].stop]
    return [
        list(_blocks(document, span.stop, stop)) for span, stop in zip(spans, stops, strict=True)
    ]


def _blocks(document: Document, at: int, stop: int) -> Iterable[tuple[tuple[str, ...], int]]:
    block: list[str] = []
    for line in document.lines(at, stop):
        at = document.line_end(at)
        if line.strip().startswith("#"):
            block.append(line.strip())
            continue
        if block:
            yield tuple(block), document.line_start(at - 1)
        block = []
    if block:
        yield tuple(block), at
