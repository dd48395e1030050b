"""Merge YAML by structure, three-way, into the user's own text.

BASE and NEW are two states of our part of a document, MINE is the user's. What leads from BASE to
NEW is done to MINE, and only the lines that need it change: comments, order, quotes, indentation
and layout stay as the user wrote them. The result is read again, and handed out only if it says
what the merge of the values says.
"""

from __future__ import annotations

from collections import Counter

from scaffolder.structure import marking
from scaffolder.structure.clash import Clash, Reason, Unmergeable
from scaffolder.structure.decide import decide
from scaffolder.structure.document import Document
from scaffolder.structure.edits import Overlap, Work, apply
from scaffolder.structure.nodes import NO_PAIRS, Kind, Node, Value
from scaffolder.structure.reading import Unreadable
from scaffolder.structure.splice import splice
from scaffolder.structure.transplant import Style

__all__ = ["Clash", "Reason", "Unmergeable", "agree", "is_sound", "marked", "merge"]

_BOM = "\ufeff"


def merge(base: str, mine: str, new: str) -> str:
    """MINE with what leads from BASE to NEW.

    Args:
        base, new: our part before and after; a whole document, or one that holds only our keys.
        mine: the user's document.

    Raises:
        Unmergeable: with every place where it cannot be done; then nothing is.
    """
    text = mine.removeprefix(_BOM)
    bom = mine[: len(mine) - len(text)]
    newline = "\r\n" if "\r\n" in text else "\n"
    ended = _ended(text, newline)
    work = _read(base, ended, new)
    plan, wanted = decide(work.base, work.mine, work.new, work.clashes)
    splice(work, plan)
    if work.clashes:
        raise Unmergeable(work.clashes)
    try:
        merged = apply(ended, work.edits)
    except Overlap:
        raise _unsure() from None
    if merged == ended:
        return mine
    if not _right(work, merged, wanted):
        raise _unsure()
    at_end = any(edit.end == len(ended) for edit in work.edits)
    without = merged.removesuffix(newline)
    if ended != text and (not at_end or _right(work, without, wanted)):
        merged = without
    return bom + merged


def marked(base: str, mine: str, new: str, labels: tuple[str, str]) -> str:
    """The same, with git's markers around the lines whose values both sides changed.

    Args:
        base, mine, new: see there; with plain line breaks.
        labels: for the markers of MINE and of NEW.

    Raises:
        Unmergeable: more than single values is in the way.
    """
    return marking.marked(merge, base, mine, new, labels)


def agree(text: str, other: str) -> bool:
    """Whether two documents can be read and say the same."""
    first, second = _understood(text), _understood(other)
    return first is not None and second is not None and first.root.value == second.root.value


def is_sound(text: str) -> bool:
    """Whether a text is a YAML document without a key that is there twice."""
    return _understood(text) is not None


def _understood(text: str) -> Document | None:
    try:
        document = Document(_ended(text.removeprefix(_BOM), "\n"))
    except Unreadable:
        return None
    return None if _has_twice(document.root) else document


def _has_twice(node: Node) -> bool:
    if node.odd is Reason.duplicate:
        return True
    return any(_has_twice(member.node) for member in node.members)


def _ended(text: str, newline: str) -> str:
    return text if text.endswith("\n") or not text else text + newline


def _unsure() -> Unmergeable:
    return Unmergeable([Clash((), 1, Reason.unsure)])


def _read(base: str, mine: str, new: str) -> Work:
    """The three documents; raises Unmergeable."""
    ours = [_ours(text) for text in (base, new)]
    try:
        theirs = Document(mine)
    except Unreadable as error:
        raise Unmergeable([Clash((), error.line, Reason.unreadable)]) from error
    if not _holds_pairs(theirs):
        raise Unmergeable([Clash((), theirs.line_number(theirs.root.start), Reason.kind)])
    return Work(ours[0], theirs, ours[1], Style.of(theirs))


def _ours(text: str) -> Document:
    """A document of our own, which has nothing that leads out of it."""
    try:
        document = Document(_ended(text.replace("\r\n", "\n"), "\n"))
    except Unreadable:
        document = None
    if document is None or not _holds_pairs(document) or _is_odd(document.root):
        raise Unmergeable([Clash((), 1, Reason.unreadable)])
    return document


def _is_odd(node: Node) -> bool:
    if node.odd or node.anchored or node.kind is Kind.alias:
        return True
    return any(_is_odd(member.node) for member in node.members)


def _holds_pairs(document: Document) -> bool:
    """Whether the root is a mapping, or nothing yet."""
    root = document.root
    return (root.kind is Kind.mapping and root.is_open) or (root.is_null and not root.text)


def _right(work: Work, text: str, wanted: Value) -> bool:
    """Whether a text says what it should, with all comments that are not ours."""
    try:
        found = Document(text)
    except Unreadable:
        return False
    says = found.root.value if found.root.members else NO_PAIRS
    left, kept = _comments(work.mine) - _comments(work.base), _comments(found)
    return says == wanted and left <= kept


def _comments(document: Document) -> Counter[str]:
    return Counter(text for _, text in document.all_comments)
