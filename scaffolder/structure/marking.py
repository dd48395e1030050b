"""Show single values that both sides changed in conflict; everything else is merged."""

from __future__ import annotations

from collections.abc import Callable

from scaffolder.structure.clash import Clash, Path, Reason, Unmergeable
from scaffolder.structure.document import Document
from scaffolder.structure.nodes import Kind, Node

Merge = Callable[[str, str, str], str]

PASSES = 3
"""Merges that are tried: what stands in the way of one may hide what stands in another's."""


def marked(merge: Merge, base: str, mine: str, new: str, labels: tuple[str, str]) -> str:
    """The merge, with git's markers around the lines whose values both sides changed.

    Args:
        merge: merges the three.
        base, mine, new: see there.
        labels: for the markers of MINE and of NEW.

    Raises:
        Unmergeable: more than single values is in the way.
    """
    wanted: dict[Path, str] = {}
    ours = new
    for _ in range(PASSES):
        try:
            merged = merge(base, mine, ours)
        except Unmergeable as error:
            for clash in error.clashes:
                wanted[clash.path] = _text(new, clash)
                ours = _with(ours, clash, _text(base, clash))
        else:
            return _marked(merged, wanted, labels)
    raise Unmergeable([Clash((), 1, Reason.unsure)])


def _text(text: str, clash: Clash) -> str:
    """How a value is written."""
    node = _value(Document(text), clash)
    return text[node.start : node.end]


def _with(text: str, clash: Clash, value: str) -> str:
    """The text with another value in a place."""
    node = _value(Document(text), clash)
    return text[: node.start] + value + text[node.end :]


def _value(document: Document, clash: Clash) -> Node:
    """The single value in a place, below keys only, within one line."""
    node: Node | None = document.root
    for key in clash.path:
        member = node.get(key) if node and node.kind is Kind.mapping and not node.flow else None
        node = member.node if member else None
    if clash.reason is not Reason.changed or node is None or node.kind is not Kind.scalar:
        raise Unmergeable([clash])
    if node.start == node.end or "\n" in document.text[node.start : node.end]:
        raise Unmergeable([clash])
    return node


def _marked(text: str, wanted: dict[Path, str], labels: tuple[str, str]) -> str:
    """The text with both values in each place, from the last place to the first."""
    document = Document(text)
    places = [(_value(document, Clash(p, 1, Reason.changed)), v) for p, v in wanted.items()]
    for node, value in sorted(places, key=lambda place: place[0].start, reverse=True):
        start, end = document.line_start(node.start), document.line_end(node.end)
        line = text[start:end].rstrip("\n")
        other = text[start : node.start] + value + text[node.end : end].rstrip("\n")
        lines = [f"<<<<<<< {labels[0]}", line, "=======", other, f">>>>>>> {labels[1]}"]
        text = text[:start] + "".join(f"{each}\n" for each in lines) + text[end:]
    return text
