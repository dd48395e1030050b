"""JSONPath (RFC 9535) on resolved templates, in which a value can be unknown.

A filter that looks at an unknown value may go either way. So a query is run as if it went one
way and, if it met such a value, the other way too: what both select is selected, what only one
selects is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathNodeList, JSONPathQuery
from jsonpath_rfc9535.filter_expressions import ComparisonExpression, Expression, FilterContext
from jsonpath_rfc9535.function_extensions import Match, Search
from jsonpath_rfc9535.parse import Parser
from jsonpath_rfc9535.tokens import TokenStream

from scaffolder.checks.intrinsics import Unknown
from scaffolder.checks.positions import Location
from scaffolder.checks.template import View
from scaffolder.checks.values import like


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
    """How comparisons with unknown values come out, and which values were met."""

    come_out: bool = False
    met: list[Unknown] = field(default_factory=list)


_RUN = _Run()


class _Comparison(ComparisonExpression):
    """A comparison that knows `Unknown`, and that CloudFormation takes "10" for 10."""

    def evaluate(self, context: FilterContext) -> bool:
        sides = [_single(side.evaluate(context)) for side in (self.left, self.right)]
        for side in sides:
            if isinstance(side, Unknown):
                _RUN.met.append(side)
                return _RUN.come_out
        left, right = like(*sides)
        return _Sides(self.token, left, self.operator, right).evaluate(context)


class _Sides(ComparisonExpression):
    """A comparison of two values that are known already."""

    def __init__(self, token: Any, left: Any, operator: str, right: Any) -> None:
        super().__init__(token, _Value(token, left), operator, _Value(token, right))


class _Value(Expression):
    __slots__ = ("value",)

    def __init__(self, token: Any, value: Any) -> None:
        super().__init__(token)
        self.value = value

    def evaluate(self, context: FilterContext) -> object:
        return self.value


class _Parser(Parser):
    def parse_infix_expression(self, stream: TokenStream, left: Expression) -> Expression:
        found = super().parse_infix_expression(stream, left)
        if type(found) is ComparisonExpression:
            return _Comparison(found.token, found.left, found.operator, found.right)
        return found


class _Match(Match):
    """`match`, which does not take an unknown value for one that does not match."""

    def __call__(self, string: Any, pattern: object) -> bool:
        return _met(string, pattern) or super().__call__(string, pattern)


class _Search(Search):
    """`search`, likewise."""

    def __call__(self, string: Any, pattern: object) -> bool:
        return _met(string, pattern) or super().__call__(string, pattern)


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
    _RUN.come_out, _RUN.met = False, []
    found = _find(query, view)
    if not _RUN.met:
        return list(found.values())
    doubt = _RUN.met[0]
    _RUN.come_out = True
    other = _find(query, view)
    everything = {**found, **other}
    return [
        node if location in found and location in other else Node(location, node.value, doubt)
        for location, node in everything.items()
    ]


def _find(query: str, view: View) -> dict[Location, Node]:
    found = compiled(query).find(view.root)
    return {node.location: Node(node.location, node.value) for node in found}


def _single(value: object) -> object:
    if isinstance(value, JSONPathNodeList) and len(value) == 1:
        return value[0].value
    return value
