"""Read YAML into nodes.

PyYAML's composer hides what matters for edits: an alias has the position of its anchor, and a
block collection ends where the next token starts, behind comments that are not its own. So the
nodes are built from events, and a collection ends where its last member does.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from scaffolder.structure.clash import Reason
from scaffolder.structure.nodes import Kind, Member, Node

MAX_DEPTH = 90
"""Levels of nesting; real templates stay below 40."""

_ODD_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
_PROPERTY = re.compile(r"[!&]\S*")
_BLANKS = re.compile(r"(?:\s+|(?:(?<=\s)|^)#[^\n]*)*", re.MULTILINE)
_COMPACT = re.compile(r"[ ]*(-[ \t]+)+")


class Unreadable(Exception):
    """A text is no single YAML document that can be edited.

    Attributes:
        line: where, counted from 1.
    """

    def __init__(self, line: int = 1) -> None:
        super().__init__(line)
        self.line = line


def read(text: str) -> Node:
    """The root of a text with a line break at its end; an empty mapping if it has nothing.

    Raises:
        Unreadable: see there.
    """
    if odd := _ODD_BREAKS.search(text):
        raise Unreadable(text.count("\n", 0, odd.start()) + 1)
    try:
        loader = yaml.CSafeLoader(text)
        try:
            return _Builder(loader, text).document()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise Unreadable from error


class _Builder:
    """Builds nodes from the events of one document."""

    def __init__(self, loader: yaml.CSafeLoader, text: str) -> None:
        self.loader = loader
        self.text = text

    def document(self) -> Node:
        self.next()
        if self.loader.check_event(yaml.StreamEndEvent):
            end = len(self.text)
            return Node(Kind.mapping, "", end, end, end)
        self.next()
        root = self.node(self.next(), 1)
        self.next()
        if not self.loader.check_event(yaml.StreamEndEvent):
            raise Unreadable(self.next().start_mark.line + 1)
        return root

    def next(self) -> Any:
        return self.loader.get_event()

    def node(self, event: Any, depth: int) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        if depth > MAX_DEPTH:
            raise Unreadable(event.start_mark.line + 1)
        anchored = event.anchor is not None
        match event:
            case yaml.AliasEvent():
                return Node(Kind.alias, "", start, end, end, str(event.anchor))
            case yaml.ScalarEvent():
                return self.scalar(event, start, end, anchored)
            case yaml.SequenceStartEvent():
                node = Node(Kind.sequence, event.tag or "", start, end, end, anchored=anchored)
                self.items(node, event, depth)
            case _:
                node = Node(Kind.mapping, event.tag or "", start, end, end, anchored=anchored)
                self.pairs(node, event, depth)
        return node

    def scalar(self, event: Any, start: int, end: int, anchored: bool) -> Node:
        resolve: Any = self.loader.resolve
        tag = event.tag or resolve(yaml.ScalarNode, event.value, event.implicit)
        style = event.style or ""
        node = Node(Kind.scalar, tag, start, end, end, event.value, style, anchored=anchored)
        if style in ("|", ">"):
            header = self.text.index("\n", start)
            node.end = node.tail = max(start + len(self.text[start:end].rstrip()), start + 1)
            if "+" in self.text[start:header].split("#")[0]:
                node.keeps, node.tail = True, max(end - 1, node.end)
        return node

    def items(self, node: Node, event: Any, depth: int) -> None:
        node.flow = event.flow_style
        at = self.after_properties(node.start)
        while not self.loader.check_event(yaml.SequenceEndEvent):
            child = self.node(self.next(), depth + 1)
            dash = child.start if node.flow else self.blanks(at)
            node.members.append(Member("", dash, dash if node.flow else dash + 1, child))
            at = child.tail
        self.close(node)

    def pairs(self, node: Node, event: Any, depth: int) -> None:
        node.flow = event.flow_style
        keys: set[str] = set()
        while not self.loader.check_event(yaml.MappingEndEvent):
            key = self.node(self.next(), depth + 1)
            child = self.node(self.next(), depth + 1)
            name = key.text if key.kind is Kind.scalar else self.text[key.start : key.end]
            colon = self.colon(key, node)
            if name in keys:
                node.odd = Reason.duplicate
            if key.kind is not Kind.scalar or not self.leads_line(key, node):
                node.odd = Reason.kind
            keys.add(name)
            node.members.append(Member(name, key.start, colon, child))
        self.close(node)

    def colon(self, key: Node, node: Node) -> int:
        """Behind the colon of a pair; behind its key where braces leave the colon out."""
        at = self.blanks(key.end)
        if self.text[at : at + 1] != ":":
            node.odd = Reason.kind
            return key.end
        return at + 1

    def leads_line(self, key: Node, node: Node) -> bool:
        """Whether a key stands first in its line, or only behind dashes."""
        before = self.text[self.text.rfind("\n", 0, key.start) + 1 : key.start]
        return node.flow or not before.strip(" ") or _COMPACT.fullmatch(before) is not None

    def close(self, node: Node) -> None:
        end = self.next().end_mark.index
        if node.flow or not node.members:
            node.end = node.tail = end
        else:
            node.end, node.tail = node.members[-1].node.end, node.members[-1].node.tail

    def blanks(self, at: int) -> int:
        """Behind blanks and comments."""
        match = _BLANKS.match(self.text, at)
        return match.end() if match else at

    def after_properties(self, at: int) -> int:
        """Behind the tag and the anchor of a list."""
        while match := _PROPERTY.match(self.text, self.blanks(at)):
            at = match.end()
        return at
