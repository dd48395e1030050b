"""Nodes of YAML that know exactly where in the text they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from scaffolder.structure.clash import Reason

MERGE_KEY = "<<"
NULL = "tag:yaml.org,2002:null"
TEXT = "tag:yaml.org,2002:str"

Value = tuple[Any, ...]
"""What a node says, whatever its layout: nested tuples that can be compared and hashed."""

NOTHING: Value = (NULL, "")
NO_PAIRS: Value = ("map", ())


class Kind(Enum):
    """What a node is."""

    scalar = "scalar"
    mapping = "mapping"
    sequence = "sequence"
    alias = "alias"


@dataclass(eq=False)
class Node:
    """A value in a text.

    Attributes:
        start, end: offsets of its text, with its tag; without blank lines after a block scalar.
        tail: end of what belongs to it; behind the blank lines of a scalar that keeps them.
        style: `|`, `>`, a quote, or nothing for a plain scalar.
        keeps: a scalar of which blank lines below are a part.
        flow: a collection in braces or brackets.
        anchored: it has an anchor.
        odd: why its members cannot be told apart by their keys.
    """

    kind: Kind
    tag: str
    start: int
    end: int
    tail: int
    text: str = ""
    style: str = ""
    keeps: bool = False
    flow: bool = False
    anchored: bool = False
    members: list[Member] = field(default_factory=list)
    odd: Reason | None = None

    @cached_property
    def value(self) -> Value:
        """What it says; short-form intrinsics in their long form."""
        if self.kind is Kind.alias:
            return ("alias", self.text)
        if not self.tag.startswith("!") or self.tag == "!":
            return self._content()
        name = self.tag[1:]
        name = name if name in ("Ref", "Condition") else f"Fn::{name}"
        inner = (TEXT, self.text) if self.kind is Kind.scalar else self._content()
        return ("map", (_pair(name, inner),))

    def _content(self) -> Value:
        match self.kind:
            case Kind.mapping:
                return mapping_value([(m.key, m.node.value) for m in self.members])
            case Kind.sequence:
                return ("seq", tuple(m.node.value for m in self.members))
            case _:
                return NOTHING if self.tag == NULL else (self.tag, self.text)

    @cached_property
    def has_anchors(self) -> bool:
        """Whether the node, or one inside of it, has an anchor."""
        return self.anchored or any(m.node.has_anchors for m in self.members)

    @property
    def is_null(self) -> bool:
        return self.kind is Kind.scalar and self.tag == NULL

    @property
    def is_open(self) -> bool:
        """A mapping or a list whose members may come and go one by one: no intrinsic function."""
        if self.kind not in (Kind.mapping, Kind.sequence) or self.tag.startswith("!"):
            return False
        if self.kind is Kind.mapping and len(self.members) == 1:
            key = self.members[0].key
            return not (key == "Ref" or re.match(r"Fn::(?!ForEach)", key))
        return True

    @property
    def is_block(self) -> bool:
        """A collection without braces whose first member may stand on a line of its own."""
        return bool(self.members) and not self.flow and not self.tag.startswith("!")

    @property
    def ends_in_block_scalar(self) -> bool:
        if self.members and not self.flow:
            return self.members[-1].node.ends_in_block_scalar
        return self.style in ("|", ">")

    def get(self, key: str) -> Member | None:
        return next((m for m in self.members if m.key == key), None)


@dataclass(eq=False)
class Member:
    """A key with its value, or an item of a list.

    Attributes:
        key: empty for an item.
        start: offset of the key or the dash; of the value for an item in brackets.
        colon: offset behind the colon or the dash.
    """

    key: str
    start: int
    colon: int
    node: Node


def mapping_value(pairs: list[tuple[str, Value]]) -> Value:
    """The value of a mapping with these pairs, in whatever order."""
    return ("map", tuple(sorted((_pair(k, v) for k, v in pairs), key=lambda pair: pair[0])))


def _pair(key: str, value: Value) -> tuple[str, Value]:
    if key == "Fn::GetAtt" and value[0] == TEXT:
        return key, ("seq", tuple((TEXT, part) for part in value[1].split(".", 1)))
    return key, value


def is_open(kind: Kind, *nodes: Node) -> bool:
    """Whether all are collections of a kind whose members may come and go."""
    return all(node.kind is kind and node.is_open for node in nodes)
