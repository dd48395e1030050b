"""Nine functions that get "tracing is active" right or wrong in nine ways.

Other engines each fail some of them: they do not merge Globals, take one branch of an `If`, or
name the line in Globals for a key that the resource overrides.
"""

from __future__ import annotations

import pytest

from scaffolder.checks.evaluate import evaluate
from tests.checks.support import check, template

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  WithDefault: {Type: String, Default: Active}
  WithoutDefault: {Type: String}
Conditions:
  Traced: !Equals [!Ref WithoutDefault, Active]
Globals:
  Function:
    Runtime: python3.14
    Handler: app.handler
    CodeUri: src/
    Tracing: Active
Resources:
  FromGlobals:
    Type: AWS::Serverless::Function
    Properties:
      Description: inherits
  Overrides:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: PassThrough
  ParamDefault:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: !Ref WithDefault
  ParamNoDefault:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: !Ref WithoutDefault
  IfBoth:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: !If [Traced, Active, !Ref WithDefault]
  IfOne:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: !If [Traced, Active, PassThrough]
  Sub:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: !Sub ${WithDefault}
  NoValue:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: !Ref AWS::NoValue
  IgnoresGlobals:
    Type: AWS::Serverless::Function
    IgnoreGlobals:
      - Tracing
    Properties:
      Description: does not inherit
"""

TRACING = check(
    select=[
        "$.Resources[?@.Type == 'AWS::Serverless::Function'].Properties",
        "$.Resources[?@.Type == 'AWS::Lambda::Function'].Properties",
    ],
    assert_={
        "anyOf": [
            {"required": ["Tracing"], "properties": {"Tracing": {"const": "Active"}}},
            {
                "required": ["TracingConfig"],
                "properties": {
                    "TracingConfig": {
                        "required": ["Mode"],
                        "properties": {"Mode": {"const": "Active"}},
                    }
                },
            },
        ]
    },
    report_at=["Tracing", "TracingConfig"],
)


@pytest.mark.parametrize(
    ("function", "outcome", "line", "column"),
    [
        ("FromGlobals", "pass", 13, 5),
        ("Overrides", "fail", 22, 7),
        ("ParamDefault", "pass", 26, 7),
        ("ParamNoDefault", "unknown", 30, 7),
        ("IfBoth", "pass", 34, 7),
        ("IfOne", "fail", 38, 7),
        ("Sub", "pass", 42, 7),
        ("NoValue", "fail", 45, 5),
        ("IgnoresGlobals", "fail", 51, 5),
    ],
)
def test_each_function_gets_its_outcome_and_its_place(
    function: str, outcome: str, line: int, column: int
) -> None:
    found = {item.resource: item for item in evaluate(TRACING, template(TEMPLATE))}
    item = found[function]
    assert (item.outcome.value, item.line, item.column) == (outcome, line, column)
    assert len(found) == 9


def test_the_unknown_says_why() -> None:
    (item,) = [i for i in evaluate(TRACING, template(TEMPLATE)) if i.resource == "ParamNoDefault"]
    assert item.reason is not None
    assert (item.reason.word, item.reason.values["name"]) == ("parameter", "WithoutDefault")
