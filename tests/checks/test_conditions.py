"""Conditions: which can hold together, and that a resource which is not there is not judged."""

from __future__ import annotations

import textwrap
from itertools import combinations
from pathlib import Path

import pytest

from scaffolder.checks.conditions import MAX_ASSIGNMENTS, assignments, used_conditions
from scaffolder.checks.reading import parse
from tests.checks.support import template


def found(text: str, *names: str) -> list[tuple[bool, ...]]:
    root = parse(textwrap.dedent(text).encode(), Path("t"), "t").root
    return [tuple(a[name] for name in names) for a in assignments(root, set(names))]


STAGES = """
Parameters:
  Stage: {Type: String, Default: dev, ALLOWED}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Equals [dev, !Ref Stage]
  NotProd: !Not [!Condition IsProd]
"""


def test_the_defaults_come_first() -> None:
    text = STAGES.replace(", ALLOWED", "")
    assert found(text, "IsProd", "IsDev", "NotProd")[0] == (False, True, True)


def test_conditions_on_one_parameter_exclude_each_other() -> None:
    text = STAGES.replace(", ALLOWED", "")
    assert set(found(text, "IsProd", "IsDev", "NotProd")) == {
        (True, False, False),
        (False, True, True),
        (False, False, True),
    }


def test_allowed_values_are_the_only_ones() -> None:
    text = STAGES.replace("ALLOWED", "AllowedValues: [dev, prod]")
    assert set(found(text, "IsProd", "IsDev")) == {(True, False), (False, True)}


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("!And [!Equals [!Ref A, x], !Equals [!Ref B, y]]", {True, False}),
        ("!Or [!Equals [a, a], !Equals [!Ref B, y]]", {True}),
        ("!Equals [a, b]", {False}),
        ("!Equals [true, 'true']", {True}),
        ("!Equals [!Ref AWS::Region, eu-west-1]", {True, False}),
        ("!Equals [!Ref A, !Ref B]", {True, False}),
        ("!Equals [!FindInMap [M, !Ref A, k], x]", {True, False}),
        ("!Condition C", {True, False}),
        ("!Condition Nowhere", {True, False}),
        ("nonsense", {True, False}),
        ("!Not [!Not [!Equals [1, '1']]]", {True}),
    ],
)
def test_an_expression_comes_out_as_it_can(expression: str, values: set[bool]) -> None:
    parameters = "Parameters: {A: {Type: String}, B: {Type: String}}\n"
    text = parameters + f"Conditions: {{C: {expression}}}\n"
    assert {value for (value,) in found(text, "C")} == values


def test_many_conditions_are_covered_in_pairs() -> None:
    names = [f"C{n:02}" for n in range(14)]
    lines = [f"  {name}: !Equals [!Ref {name}, x]" for name in names]
    rows = found("Conditions:\n" + "\n".join(lines) + "\n", *names)
    assert len(rows) <= MAX_ASSIGNMENTS
    for i, j in combinations(range(len(names)), 2):
        assert {(row[i], row[j]) for row in rows} == {
            (a, b) for a in (True, False) for b in (True, False)
        }


def test_used_conditions_are_found_at_any_depth() -> None:
    assert used_conditions({"a": [{"Fn::If": ["X", {"Fn::If": ["Y", 1, 2]}, 3]}]}) == {"X", "Y"}


def test_a_resource_whose_condition_does_not_hold_is_absent() -> None:
    views = template("""
        Conditions: {C: !Equals [!Ref P, x]}
        Resources:
          Always: {Type: T, Properties: {A: !If [C, 1, 2]}}
          Sometimes: {Type: T, Condition: C, Properties: {A: !If [C, 1, 2]}}
    """).views
    assert [(v.resources["Always"]["Properties"]["A"], sorted(v.absent)) for v in views] == [
        (2, ["Sometimes"]),
        (1, []),
    ]


def test_without_an_if_there_is_one_view_and_nothing_is_absent() -> None:
    views = template("""
        Conditions: {C: !Equals [!Ref P, x]}
        Resources:
          Sometimes: {Type: T, Condition: C}
    """).views
    assert [view.absent for view in views] == [frozenset()]
