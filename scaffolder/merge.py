"""Merge partial YAML documents into one Jinja template, keeping each author's text and comments.

Mappings join, lists append, and two different scalars at one path are an error: patterns add,
they do not override. What is joined is the text of the documents, not their values, so that
comments, quotes and block scalars come out as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import yaml

from scaffolder.jinja import ALWAYS, Condition, Lines, any_of, literal, under, yaml_value

ANSWER = re.compile(r"!Answer +([a-z0-9_]+)")
SECTIONS = (
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
)
"""The order of a template's sections; those that only patterns bring find their place by it."""

AnswerKind = Callable[[str], tuple[str, str]]
"""From the name after `!Answer` to the full answer name and its type."""


class MergeError(Exception):
    """Two documents contradict each other, or a document cannot be read."""


@dataclass
class Leaf:
    """A value that is kept as text: a scalar, a flow collection, or anything with a tag."""

    first: str
    rest: list[str]
    key: object
    origin: str


@dataclass
class Item:
    """One element of a block sequence."""

    lead: list[str]
    lines: list[str]
    key: object
    condition: Condition


@dataclass
class Sequence:
    """A block sequence; its items are not looked into."""

    items: list[Item]
    origin: str


@dataclass
class Comment:
    """Comment lines above a key, there together with who wrote them."""

    lines: list[str]
    condition: Condition


@dataclass
class Pair:
    """A key and its value."""

    name: str
    head: str
    lead: list[Comment]
    value: Mapping | Sequence | Leaf
    condition: Condition


@dataclass
class Mapping:
    """A block mapping."""

    origin: str
    pairs: dict[str, Pair] = field(default_factory=dict)
    tail: list[str] = field(default_factory=list)


def read(text: str, origin: str, condition: Condition, answer: AnswerKind) -> Mapping:
    """Read one partial document.

    Args:
        text: block-style YAML, indented by two blanks.
        origin: the pattern's id (or `base`), for messages.
        condition: when what the document brings is in the project.
        answer: resolves the names after `!Answer`.

    Raises:
        MergeError: the text is not a YAML mapping, or names an unknown answer.
    """
    return _Reader(text, origin, condition, answer).document()


def merge(base: Mapping, other: Mapping, path: str = "") -> None:
    """Add `other` to `base`.

    Raises:
        MergeError: a path holds two different values; names the path, both origins and values.
    """
    for name, pair in other.pairs.items():
        here = f"{path}.{name}" if path else name
        mine = base.pairs.get(name)
        if mine is None:
            base.pairs[name] = pair
            continue
        mine.condition = mine.condition | pair.condition
        _comment(mine, pair)
        match mine.value, pair.value:
            case Mapping() as a, Mapping() as b:
                merge(a, b, here)
            case Sequence() as a, Sequence() as b:
                _append(a, b)
            case Leaf() as a, Leaf() as b if a.key == b.key:
                pass
            case a, b:
                raise MergeError(
                    f"{here}: {a.origin} says {_shown(a)}, {b.origin} says {_shown(b)}. "
                    "Patterns add; they do not override. Change one of the two."
                )


def write(document: Mapping) -> str:
    """The merged document as a Jinja template."""
    rank = {name: i for i, name in enumerate(SECTIONS)}
    document.pairs = dict(
        sorted(document.pairs.items(), key=lambda kv: rank.get(kv[0], len(SECTIONS)))
    )
    return "\n".join(_mapping(document, 0, ALWAYS)) + "\n"


def _comment(mine: Pair, other: Pair) -> None:
    for comment in other.lead:
        same = next((c for c in mine.lead if c.lines == comment.lines), None)
        if same is None:
            mine.lead.append(comment)
        else:
            same.condition = same.condition | comment.condition


def _append(mine: Sequence, other: Sequence) -> None:
    for item in other.items:
        same = next((i for i in mine.items if i.key == item.key), None)
        if same is None:
            mine.items.append(item)
        else:
            same.condition = same.condition | item.condition


def _shown(value: Mapping | Sequence | Leaf) -> str:
    match value:
        case Leaf():
            return repr(" ".join([value.first, *(line.strip() for line in value.rest)]).strip())
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"


def _mapping(node: Mapping, depth: int, within: Condition, parent: str = "") -> list[str]:
    out = Lines()
    pad = "  " * depth
    above: list[Condition] = []
    for pair in _with_tail(node):
        if isinstance(pair, list):
            out.add([(pad + line).rstrip() for line in pair])
            above.append(ALWAYS)
            continue
        lines: list[str] = []
        for comment in pair.lead:
            text = [pad + line for line in comment.lines]
            alone = comment.condition != pair.condition
            lines += under(comment.condition, text) if alone else text
        if above and _stands_apart(pair, depth, parent):
            # Nothing stands above if all that could is left out.
            sure = ALWAYS in above or within in above
            lines = ([""] if sure else under(any_of(above), [""])) + lines
        above.append(pair.condition)
        match pair.value:
            case Leaf(first=first, rest=rest):
                lines.append(f"{pad}{pair.head} {first}".rstrip())
                lines.extend((pad + line).rstrip() for line in rest)
            case Sequence() as sequence:
                lines.append(pad + pair.head)
                lines.extend(_sequence(sequence, depth + 1, pair.condition))
            case Mapping() as mapping:
                lines.append(pad + pair.head)
                lines.extend(_mapping(mapping, depth + 1, pair.condition, pair.name))
        out.add(lines, ALWAYS if pair.condition == within else pair.condition)
    return out.text()


def _with_tail(node: Mapping) -> Iterator[Pair | list[str]]:
    """The pairs, with the tail comment of the base between its own and those of patterns."""
    pairs = list(node.pairs.values())
    own = [p for p in pairs if p.condition == ALWAYS] if node.tail else pairs
    yield from own
    if node.tail:
        yield ["", *node.tail]
        yield from (p for p in pairs if p.condition != ALWAYS)


def _stands_apart(pair: Pair, depth: int, parent: str) -> bool:
    if depth == 0:
        return not isinstance(pair.value, Leaf)
    return depth == 1 and parent == "Resources"


def _sequence(node: Sequence, depth: int, within: Condition) -> list[str]:
    out = Lines()
    pad = "  " * depth
    for item in node.items:
        lines = [(pad + line).rstrip() for line in [*item.lead, *item.lines]]
        out.add(lines, ALWAYS if item.condition == within else item.condition)
    return out.text()


class _Reader:
    """Cuts a document's lines into the parts that the merge moves about."""

    def __init__(self, text: str, origin: str, condition: Condition, answer: AnswerKind) -> None:
        self.lines = text.splitlines()
        self.origin = origin
        self.condition = condition
        self.answer = answer
        try:
            self.root = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise MergeError(f"{origin}: {error}") from error

    def document(self) -> Mapping:
        if not isinstance(self.root, yaml.MappingNode) or self.root.flow_style:
            raise MergeError(f"{self.origin}: the document is not a block mapping")
        return self.mapping(self.root, 0, len(self.lines))

    def mapping(self, node: yaml.MappingNode, start: int, end: int) -> Mapping:
        """The mapping in lines `start` to `end` (exclusive)."""
        result = Mapping(self.origin)
        column = node.start_mark.column
        lead_from = start
        starts = [key.start_mark.line for key, _ in node.value] + [end]
        for (key, value), stop in zip(node.value, starts[1:], strict=True):
            line = key.start_mark.line
            last = self.without_trailing_comments(line, stop, column)
            above = self.comments(lead_from, line)
            lead = [Comment(above, self.condition)] if above else []
            if key.value in result.pairs:
                raise MergeError(f"{self.origin}: line {line + 1}: {key.value} is written twice")
            head, parsed = self.pair(key, value, line, last)
            result.pairs[key.value] = Pair(key.value, head, lead, parsed, self.condition)
            lead_from = last
        result.tail = self.comments(lead_from, end)
        return result

    def pair(
        self, key: yaml.Node, value: yaml.Node, line: int, end: int
    ) -> tuple[str, Mapping | Sequence | Leaf]:
        text = self.lines[line][key.start_mark.column :]
        is_plain_tag = value.tag.startswith("tag:yaml.org")
        if is_plain_tag and isinstance(value, yaml.CollectionNode) and not value.flow_style:
            head = self.text(text)
            if isinstance(value, yaml.MappingNode):
                return head, self.mapping(value, line + 1, end)
            assert isinstance(value, yaml.SequenceNode)
            return head, self.sequence(value, line + 1, end)
        colon = self.lines[line].index(":", key.end_mark.column) + 1
        head = self.lines[line][key.start_mark.column : colon]
        column = key.start_mark.column
        rest = [self.text(self.lines[i][column:]) for i in range(line + 1, end)]
        first = self.text(self.lines[line][colon:].strip())
        return head, Leaf(first, rest, self.key(value), self.origin)

    def sequence(self, node: yaml.SequenceNode, start: int, end: int) -> Sequence:
        column = node.start_mark.column
        items: list[Item] = []
        lead_from = start
        # An item's own mark is behind its dash; the line is the same.
        starts = [child.start_mark.line for child in node.value] + [end]
        for child, stop in zip(node.value, starts[1:], strict=True):
            line = child.start_mark.line
            last = self.without_trailing_comments(line, stop, column)
            lines = [self.text(self.lines[i][column:]) for i in range(line, last)]
            lead = self.comments(lead_from, line)
            items.append(Item(lead, lines, self.key(child), self.condition))
            lead_from = last
        return Sequence(items, self.origin)

    def comments(self, start: int, end: int) -> list[str]:
        """The comment lines of a range, without indentation; blank lines are not kept."""
        return [self.text(t) for i in range(start, end) if (t := self.lines[i].strip())]

    def without_trailing_comments(self, line: int, stop: int, column: int) -> int:
        """The end of a value: comments no deeper than its key belong to what comes next."""
        while stop > line + 1:
            text = self.lines[stop - 1]
            indent = len(text) - len(text.lstrip())
            if text.strip() and not (text.lstrip().startswith("#") and indent <= column):
                break
            stop -= 1
        return stop

    def text(self, raw: str) -> str:
        """Literal text as Jinja, with answers filled in."""
        parts: list[str] = []
        at = 0
        for match in ANSWER.finditer(raw):
            parts.append(literal(raw[at : match.start()]))
            parts.append(yaml_value(*self.resolve(match.group(1))))
            at = match.end()
        return "".join(parts) + literal(raw[at:])

    def resolve(self, name: str) -> tuple[str, str]:
        try:
            return self.answer(name)
        except KeyError:
            raise MergeError(f"{self.origin}: !Answer {name}: there is no such answer") from None

    def key(self, node: yaml.Node) -> object:
        """What makes two values the same: tags and contents, not quotes or layout."""
        if isinstance(node, yaml.MappingNode):
            pairs = ((self.key(k), self.key(v)) for k, v in node.value)
            return (node.tag, frozenset(pairs))
        if isinstance(node, yaml.SequenceNode):
            return (node.tag, tuple(self.key(v) for v in node.value))
        value = self.resolve(node.value)[0] if node.tag == "!Answer" else node.value
        return (node.tag, value)
