"""JSONPath on templates with unknown values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonpath_rfc9535 import JSONPathError, find

from scaffolder.checks.query import compiled, select
from scaffolder.checks.template import View
from tests.checks.support import template

TEMPLATE = """
    Parameters:
      P: {Type: String}
    Resources:
      A: {Type: T, Properties: {Mode: live, Size: '10', Flag: 'true'}}
      B: {Type: T, Properties: {Mode: !Ref P}}
      C: {Type: T, Properties: !GetAtt A.X}
      D: {Type: U, Properties: {Mode: !Ref P}}
      E: {Type: T, Properties: !ImportValue x}
"""


def selected(query: str, text: str = TEMPLATE) -> tuple[list[str], list[str]]:
    """Resources that a query selects for certain, and those of which it is not known."""
    nodes = select(query, template(text).views[0])
    sure = [str(node.location[1]) for node in nodes if node.doubt is None]
    return sure, [str(node.location[1]) for node in nodes if node.doubt is not None]


@pytest.mark.parametrize(
    ("query", "sure", "doubtful"),
    [
        ("$.Resources[?@.Type == 'U']", ["D"], []),
        ("$.Resources[?@.Type == 'T' && @.Properties.Mode == 'live']", ["A"], ["B", "E"]),
        ("$.Resources[?@.Type == 'T' && @.Properties.Mode != 'live']", ["C"], ["B", "E"]),
        ("$.Resources[?@.Type == 'U' && @.Properties.Mode == 'live']", [], ["D"]),
        ("$.Resources[?@.Type == 'U' || @.Properties.Mode == 'live']", ["A", "D"], ["B", "E"]),
        ("$.Resources[?!(@.Properties.Mode == 'live')]", ["C"], ["B", "D", "E"]),
        ("$.Resources[?@.Type == 'T' && @.Properties.Mode]", ["A", "B"], ["E"]),
        ("$.Resources[?@.Type == 'T' && !@.Properties.Mode]", ["C"], ["E"]),
        ("$.Resources[?match(@.Properties.Mode, 'li..')]", ["A"], ["B", "D", "E"]),
        ("$.Resources[?search(@.Properties.Mode, 'v')]", ["A"], ["B", "D", "E"]),
        ("$.Resources[?length(@.Properties.Mode) == 4]", ["A"], ["B", "D", "E"]),
        ("$.Resources[?@.Properties.Size > 9]", ["A"], ["E"]),
        ("$.Resources[?@.Properties.Size >= 10]", ["A"], ["E"]),
        ("$.Resources[?@.Properties.Size < 10]", [], ["E"]),
        ("$.Resources[?@.Properties.Flag == true]", ["A"], ["E"]),
        ("$.Resources[?@.Type == 'U' && $.Resources[?@.Properties.Mode == 'live']]", ["D"], []),
        ("$.Resources[?@.Type == 'U' && $.Resources[?@.Properties.Mode == 'x']]", [], ["D"]),
    ],
)
def test_a_filter_on_an_unknown_value_leaves_doubt(
    query: str, sure: list[str], doubtful: list[str]
) -> None:
    found, unsure = selected(query)
    assert (sorted(found), sorted(unsure)) == (sure, doubtful)


@pytest.mark.parametrize("query", ["$.Resources[", "$..", "Resources", "$[?@.a]]", "$[?nope(@)]"])
def test_a_broken_query_is_an_error(query: str) -> None:
    with pytest.raises(JSONPathError):
        compiled(query)


QUERIES = [
    "$.Resources[?@.Type == 'T']",
    "$.Resources[?@.Type == 'T' && @.P.A == 1].P",
    "$.Resources[?@.P.A != @.P.B]",
    "$.Resources[?@.P.A < @.P.B]",
    "$.Resources[?@.P.A >= 1]",
    "$.Resources[?@.P]",
    "$.Resources[?!@.P.A]",
    "$.Resources..[?@.A]",
    "$.Resources.*.P[?@ == 1]",
    "$.Resources[?count(@.P.*) > 1]",
    "$.Resources[?length(@.Type) == 1]",
    "$.Resources[?$.Resources.X.Type == @.Type]",
]
MEMBER = st.recursive(
    st.sampled_from([None, True, False, 1, 2, "x", "T"]),
    lambda v: st.lists(v, max_size=2) | st.dictionaries(st.sampled_from("AB"), v, max_size=2),
    max_leaves=4,
)
RESOURCE = st.fixed_dictionaries(
    {"Type": st.sampled_from(["T", "U"])}, optional={"P": MEMBER, "A": MEMBER}
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from("XYZ"), RESOURCE, max_size=3), st.sampled_from(QUERIES))
def test_without_unknowns_it_is_jsonpath(resources: dict[str, Any], query: str) -> None:
    root = json.loads(json.dumps({"Resources": resources}))
    view = View(root, {}, frozenset(), Path())
    ours = [(node.location, node.value) for node in select(query, view)]
    assert ours == [(node.location, node.value) for node in find(query, root)]
