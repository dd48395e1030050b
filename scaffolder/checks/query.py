"""JSONPath (RFC 9535) on resolved templates, in which a value can be unknown.

A filter that looks at an unknown value may go either way. So a query is run as if it went one
way and, if it met such a value, the other way too: what both select is selected, what only one
selects is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathNode, JSONPathNodeList, JSONPathQuery
from jsonpath_rfc9535.filter_expressions import (
    NOTHING,
    ComparisonExpression,
    Expression,
    FilterContext,
    LogicalExpression,
    RelativeFilterQuery,
    RootFilterQuery,
    StringLiteral,
)
from jsonpath_rfc9535.function_extensions import Length, Match, Search
from jsonpath_rfc9535.parse import Parser
from jsonpath_rfc9535.segments import JSONPathChildSegment
from jsonpath_rfc9535.selectors import FilterSelector, NameSelector
from jsonpath_rfc9535.tokens import Token, TokenStream

from scaffolder.checks.intrinsics import Unknown
from scaffolder.checks.positions import Location
from scaffolder.checks.template import View
from scaffolder.checks.values import like, same


@dataclass(frozen=True, slots=True)
class Node:
    """A selected value.

    Attributes:
        location: its path from `$`.
        value: what stands there.
        doubt: the unknown value on which it depends whether it is selected, or None.
    """

    location: Location
    value: Any
    doubt: Unknown | None = None


@dataclass(slots=True)
class _Run:
    """One run of a query.

    Attributes:
        come_out: how comparisons with unknown values come out.
        met: the unknown values that were met.
        roots: what queries from `$` inside filters gave, which is the same for every node.
    """

    come_out: bool = False
    met: list[Unknown] = field(default_factory=list)
    roots: dict[int, object] = field(default_factory=dict)


_RUN = _Run()
_NOTHING = object()
# Functions of ours, which take an unknown value for what it is.
_CAREFUL = frozenset({"length", "match", "search"})


class _Comparison(ComparisonExpression):
    """A comparison that knows `Unknown`, and that CloudFormation takes "10" for 10."""

    def evaluate(self, context: FilterContext) -> bool:
        left, right = _single(self.left, context), _single(self.right, context)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return _met(left, right)
        operator = self.operator
        if operator == "==":
            return _equal(left, right)
        if operator == "!=":
            return not _equal(left, right)
        if operator in ("<=", ">=") and _equal(left, right):
            return True
        return _less(left, right) if operator[0] == "<" else _less(right, left)


class _Relative(RelativeFilterQuery):
    """A query from `@`; one of names alone, such as `@.Properties.Type`, takes a short cut."""

    def __init__(self, token: Token, query: JSONPathQuery) -> None:
        super().__init__(token, query)
        self.is_argument = False
        chosen = [segment.selectors for segment in query.segments]
        plain = all(len(s) == 1 and isinstance(s[0], NameSelector) for s in chosen)
        child = all(isinstance(segment, JSONPathChildSegment) for segment in query.segments)
        self.names = [s[0].name for s in chosen] if plain and child else None  # type: ignore[attr-defined]

    def value(self, context: FilterContext) -> object:
        """The one value that the query gives, or `_NOTHING`; `Unknown` if it lies in one."""
        value = context.current
        for name in self.names or ():
            if isinstance(value, Unknown):
                return value
            if not isinstance(value, dict) or name not in value:
                return _NOTHING
            value = value[name]
        return value

    def evaluate(self, context: FilterContext) -> object:
        if self.is_argument and isinstance(value := self.value(context), Unknown):
            return value
        if self.names:
            value = self.value(context)
            if value is _NOTHING:
                return JSONPathNodeList()
            if isinstance(value, Unknown):
                return self._unknown(value, context)
        return super().evaluate(context)

    def _unknown(self, value: Unknown, context: FilterContext) -> object:
        """A node with an unknown value is there; whether one below an unknown value is, is not."""
        nodes = super().evaluate(context)
        if nodes:
            return nodes
        return _met(value)


class _Root(RootFilterQuery):
    """A query from `$`, run once."""

    def evaluate(self, context: FilterContext) -> object:
        key = id(self)
        if key not in _RUN.roots:
            _RUN.roots[key] = super().evaluate(context)
        return _RUN.roots[key]


class _Filter(FilterSelector):
    """A filter that passes over resources of other types without asking anything more."""

    def __init__(self, found: FilterSelector) -> None:
        super().__init__(env=found.env, token=found.token, expression=found.expression)
        self.types = _types(found.expression.expression)

    def resolve(self, node: JSONPathNode) -> Iterable[JSONPathNode]:
        if self.types is None or not isinstance(node.value, dict):
            yield from super().resolve(node)
            return
        for name, value in node.value.items():
            if isinstance(value, dict):
                kind = value.get("Type")
                if kind is None or (isinstance(kind, str) and kind not in self.types):
                    continue
            elif not isinstance(value, Unknown):
                continue
            context = FilterContext(env=self.env, current=value, root=node.root)
            if self.expression.evaluate(context):
                yield node.new_child(value, name, node)


def _types(expression: Expression) -> frozenset[str] | None:
    """The types of which one must be a node's `Type` to pass a filter; None if any may."""
    if isinstance(expression, LogicalExpression):
        left, right = _types(expression.left), _types(expression.right)
        if expression.operator == "&&":
            return right if left is None else left
        return None if left is None or right is None else left | right
    if isinstance(expression, _Comparison) and expression.operator == "==":
        for side, other in (
            (expression.left, expression.right),
            (expression.right, expression.left),
        ):
            if isinstance(side, _Relative) and side.names == ["Type"]:
                return frozenset({other.value}) if isinstance(other, StringLiteral) else None
    return None


class _Parser(Parser):
    def parse_filter_selector(self, stream: TokenStream) -> FilterSelector:
        return _Filter(super().parse_filter_selector(stream))

    def parse_infix_expression(self, stream: TokenStream, left: Expression) -> Expression:
        found = super().parse_infix_expression(stream, left)
        if type(found) is ComparisonExpression:
            return _Comparison(found.token, found.left, found.operator, found.right)
        return found

    def parse_function_extension(self, stream: TokenStream) -> Expression:
        found = super().parse_function_extension(stream)
        if found.name in _CAREFUL:  # type: ignore[attr-defined]
            for argument in found.args:  # type: ignore[attr-defined]
                if isinstance(argument, _Relative):
                    argument.is_argument = True
        return found

    def parse_relative_query(self, stream: TokenStream) -> Expression:
        found = super().parse_relative_query(stream)
        return _Relative(found.token, found.query)  # type: ignore[attr-defined]

    def parse_root_query(self, stream: TokenStream) -> Expression:
        found = super().parse_root_query(stream)
        return _Root(found.token, found.query)  # type: ignore[attr-defined]


class _Match(Match):
    """`match`, which does not take an unknown value for one that does not match."""

    def __call__(self, string: Any, pattern: object) -> bool:
        return _met(string, pattern) or super().__call__(string, pattern)


class _Search(Search):
    """`search`, likewise."""

    def __call__(self, string: Any, pattern: object) -> bool:
        return _met(string, pattern) or super().__call__(string, pattern)


class _Length(Length):
    """`length`, which is not known of an unknown value."""

    def __call__(self, obj: Any) -> Any:
        return obj if isinstance(obj, Unknown) else super().__call__(obj)


def _met(*arguments: object) -> bool:
    """Whether one of the values is unknown and comes out as a match in this run."""
    for argument in arguments:
        if isinstance(argument, Unknown):
            _RUN.met.append(argument)
            return _RUN.come_out
    return False


class _Environment(JSONPathEnvironment):
    parser_class = _Parser

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["match"] = _Match()
        self.function_extensions["search"] = _Search()
        self.function_extensions["length"] = _Length()


_ENVIRONMENT = _Environment()


@cache
def compiled(query: str) -> JSONPathQuery:
    """A query, compiled once; raises jsonpath_rfc9535.JSONPathError if it is none."""
    return _ENVIRONMENT.compile(query)


def select(query: str, view: View) -> list[Node]:
    """What a query selects in a template."""
    if query not in view.found:
        view.found[query] = _select(query, view)
    nodes: list[Node] = view.found[query]
    return nodes


def _select(query: str, view: View) -> list[Node]:
    found = _find(query, view, come_out=False)
    if not _RUN.met:
        return list(found.values())
    doubt = _RUN.met[0]
    other = _find(query, view, come_out=True)
    return [
        node if location in found and location in other else Node(location, node.value, doubt)
        for location, node in {**found, **other}.items()
    ]


def _find(query: str, view: View, come_out: bool) -> dict[Location, Node]:
    _RUN.come_out, _RUN.met, _RUN.roots = come_out, [], {}
    found = compiled(query).find(view.root)
    return {node.location: Node(node.location, node.value) for node in found}


def _single(side: Expression, context: FilterContext) -> object:
    """One side of a comparison: a value, or `_NOTHING`."""
    if isinstance(side, _Relative) and side.names is not None:
        return side.value(context)
    value = side.evaluate(context)
    if isinstance(value, JSONPathNodeList):
        return value[0].value if len(value) == 1 else _NOTHING
    return _NOTHING if value is NOTHING else value


def _equal(left: object, right: object) -> bool:
    if left is _NOTHING or right is _NOTHING:
        return left is right
    return same(left, right)


def _less(left: object, right: object) -> bool:
    left, right = like(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left < right
    return False
