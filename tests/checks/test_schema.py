"""JSON Schema with unknown values: certain is a pass, impossible a fail, the rest unknown."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scaffolder.checks.intrinsics import Unknown, UnknownText
from scaffolder.checks.outcome import Outcome, because
from scaffolder.checks.positions import PlacedDict
from scaffolder.checks.schema import KEYWORDS, Judge

HOLE = "?"
UNKNOWN = Unknown(because("parameter", name="P"), {"Ref": "P"})
TEXT = UnknownText(because("parameter", name="P"), None, ["a-", UNKNOWN])


def with_unknowns(value: Any) -> Any:
    """The value with `?` turned into an unknown value."""
    if value == HOLE:
        return UNKNOWN
    if isinstance(value, dict):
        return {k: with_unknowns(v) for k, v in value.items()}
    return [with_unknowns(v) for v in value] if isinstance(value, list) else value


def filled(value: Any, filling: Any) -> Any:
    if value == HOLE:
        return filling
    if isinstance(value, dict):
        return {k: filled(v, filling) for k, v in value.items()}
    return [filled(v, filling) for v in value] if isinstance(value, list) else value


LEAF = st.sampled_from(
    [
        {"type": "string"},
        {"type": ["integer", "null"]},
        {"type": "object"},
        {"const": 1},
        {"const": {"a": 1}},
        {"enum": ["x", 2]},
        {"minimum": 2},
        {"exclusiveMaximum": 2},
        {"pattern": "^x"},
        {"minLength": 2},
        {"required": ["a"]},
        {"dependentRequired": {"a": ["b"]}},
        {"minItems": 1},
        {"uniqueItems": True},
        {"minProperties": 1},
        True,
        False,
    ]
)
SCHEMA = st.recursive(
    LEAF,
    lambda s: st.one_of(
        st.fixed_dictionaries({"not": s}),
        st.fixed_dictionaries({"anyOf": st.lists(s, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"allOf": st.lists(s, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"oneOf": st.lists(s, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"if": s, "then": s, "else": s}),
        st.fixed_dictionaries({"if": s, "then": s}),
        st.fixed_dictionaries({"properties": st.fixed_dictionaries({"a": s})}),
        st.fixed_dictionaries(
            {"required": st.just(["a"]), "properties": st.fixed_dictionaries({"a": s})}
        ),
        st.fixed_dictionaries({"additionalProperties": s}),
        st.fixed_dictionaries({"patternProperties": st.fixed_dictionaries({"^b": s})}),
        st.fixed_dictionaries({"items": s}),
        st.fixed_dictionaries({"prefixItems": st.lists(s, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"contains": s}),
        st.fixed_dictionaries({"contains": s, "minContains": st.just(2)}),
        st.fixed_dictionaries({"contains": s, "maxContains": st.just(1)}),
        st.fixed_dictionaries({"dependentSchemas": st.fixed_dictionaries({"a": s})}),
    ),
    max_leaves=6,
)
# "1" and "x" are no numbers and numbers no strings here: that CloudFormation takes one for the
# other is tested below.
PLAIN = st.recursive(
    st.sampled_from([None, True, 1, 2, 3, "x", "xy", "yx"]),
    lambda v: (
        st.lists(v, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "bb"]), v, max_size=3)
    ),
    max_leaves=6,
)
HOLED = st.recursive(
    st.sampled_from([None, 1, 2, "x", "yx", HOLE, HOLE]),
    lambda v: (
        st.lists(v, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "bb"]), v, max_size=3)
    ),
    max_leaves=6,
)
FILLINGS: list[Any] = [
    None,
    True,
    1,
    2,
    3,
    "x",
    "xyz",
    "q",
    {},
    {"a": 1},
    {"a": "x", "b": 2},
    [],
    [1],
    [1, 1],
]


@settings(max_examples=1000, deadline=None)
@given(SCHEMA, PLAIN)
def test_without_unknowns_it_is_json_schema(schema: Any, value: Any) -> None:
    wanted = Draft202012Validator(schema).is_valid(value)
    assert Judge(schema).verdict(value).outcome is (Outcome.passed if wanted else Outcome.failed)


@settings(max_examples=2000, deadline=None)
@given(SCHEMA, HOLED)
def test_a_verdict_holds_whatever_the_unknown_value_is(schema: Any, value: Any) -> None:
    outcome = Judge(schema).verdict(with_unknowns(value)).outcome
    validator = Draft202012Validator(schema)
    results = {validator.is_valid(filled(copy.deepcopy(value), filling)) for filling in FILLINGS}
    if outcome is Outcome.passed:
        assert results == {True}
    elif outcome is Outcome.failed:
        assert results == {False}


@pytest.mark.parametrize(
    ("schema", "value", "outcome"),
    [
        ({"const": "Active"}, UNKNOWN, "unknown"),
        ({"not": {"const": "WARN"}}, UNKNOWN, "unknown"),
        ({"required": ["a"]}, {"a": UNKNOWN}, "pass"),
        ({"properties": {"a": False}}, {"a": UNKNOWN}, "fail"),
        ({"type": "string"}, TEXT, "pass"),
        ({"type": "integer"}, TEXT, "unknown"),
        ({"pattern": "^a-"}, TEXT, "pass"),
        ({"pattern": "^b-"}, TEXT, "fail"),
        ({"pattern": "z$"}, TEXT, "unknown"),
        ({"minLength": 2}, TEXT, "pass"),
        ({"minLength": 9}, TEXT, "unknown"),
        ({"anyOf": [{"pattern": "^b"}, {"pattern": "^a"}]}, TEXT, "pass"),
        ({"type": "object"}, {"Ref": "Queue"}, "pass"),
        ({"type": "string"}, {"Ref": "Queue"}, "unknown"),
        ({"pattern": "^arn:"}, {"Fn::GetAtt": ["Queue", "Arn"]}, "unknown"),
        ({"required": ["Ref"]}, {"Ref": "Queue"}, "pass"),
        ({"minimum": 2}, {"Ref": "Queue"}, "unknown"),
        ({"type": "string"}, "{{resolve:ssm:/a}}", "pass"),
        ({"const": "x"}, "{{resolve:ssm:/a}}", "unknown"),
        ({"minimum": 3}, "{{resolve:ssm:/a}}", "unknown"),
        ({"type": "integer"}, "{{resolve:ssm:/a}}", "unknown"),
        ({"pattern": r"^\{\{resolve:"}, "{{resolve:secretsmanager:a}}", "pass"),
    ],
)
def test_values_known_in_part(schema: Any, value: Any, outcome: str) -> None:
    assert Judge(schema).verdict(value).outcome.value == outcome


@pytest.mark.parametrize(
    ("schema", "value", "met"),
    [
        ({"type": "integer"}, "10", True),
        ({"type": "integer"}, "10.5", False),
        ({"type": "number"}, "10.5", True),
        ({"type": "integer"}, "ten", False),
        ({"type": "integer"}, True, False),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "yes", False),
        ({"minimum": 2}, "1", False),
        ({"minimum": 2}, "2", True),
        ({"multipleOf": 5}, "12", False),
        ({"const": True}, "true", True),
        ({"const": True}, "false", False),
        ({"const": True}, 1, False),
        ({"const": 10}, "10", True),
        ({"const": "10"}, 10, True),
        ({"enum": [1, True]}, "True", True),
        ({"const": {"a": 1}}, {"a": "1"}, True),
        ({"const": [1, 2]}, ["1", 2], True),
        ({"const": [1, 2]}, [1], False),
    ],
)
def test_strings_stand_for_what_cloudformation_takes_them_for(
    schema: Any, value: Any, met: bool
) -> None:
    assert (Judge(schema).verdict(value).outcome is Outcome.passed) is met


def test_a_key_may_come_from_an_include() -> None:
    value = PlacedDict()
    value.more = because("function", name="Fn::Transform")
    verdict = Judge({"required": ["a"]}).verdict(value)
    assert verdict.outcome is Outcome.unknown
    assert verdict.reason == because("function", name="Fn::Transform")


def test_the_reason_is_that_of_the_value_in_doubt() -> None:
    other = Unknown(because("parameter", name="Other"), None)
    value = {"unrelated": other, "a": {"b": UNKNOWN}}
    schema = {
        "anyOf": [{"required": ["c"]}, {"properties": {"a": {"properties": {"b": {"const": 1}}}}}]
    }
    verdict = Judge(schema).verdict(value)
    assert verdict.reason == because("parameter", name="P")


@pytest.mark.parametrize(
    ("schema", "value", "location", "key", "missing"),
    [
        ({"required": ["a"]}, {}, (), "a", True),
        ({"properties": {"a": {"required": ["b"]}}}, {"a": {}}, ("a",), "b", True),
        ({"properties": {"a": {"const": 1}}}, {"a": 2}, ("a",), "a", False),
        (
            {"anyOf": [{"required": ["x"]}, {"properties": {"a": {"const": 1}}}]},
            {"a": 2},
            ("a",),
            "a",
            False,
        ),
        ({"properties": {"a": {"items": {"const": 1}}}}, {"a": [1, 2]}, ("a", 1), "a", False),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, (), "b", True),
    ],
)
def test_a_fault_says_where_it_is(
    schema: Any, value: Any, location: tuple[Any, ...], key: str, missing: bool
) -> None:
    (fault,) = Judge(schema).verdict(value).faults
    assert (fault.location, fault.key, fault.missing) == (location, key, missing)


def test_every_keyword_of_ours_is_one_of_json_schema() -> None:
    helpers = {"then", "else", "minContains", "maxContains"}
    assert KEYWORDS - helpers <= set(Draft202012Validator.VALIDATORS)
