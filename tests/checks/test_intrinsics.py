"""Intrinsic functions: what a template tells of their value, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from scaffolder.checks.intrinsics import Unknown, UnknownText, as_written, references
from tests.checks.support import template

HEAD = """
Parameters:
  Name: {Type: String, Default: orders}
  Empty: {Type: String, Default: ''}
  None: {Type: String}
  Count: {Type: Number, Default: '30'}
  Plain: {Type: Number, Default: 5}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 'a, b,c'}
  Words: {Type: CommaDelimitedList, Default: 'x,y'}
  Secret: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /path}
Mappings:
  Stage: {prod: {Timeout: 9, List: [1, 2]}}
Conditions:
  Maybe: !Equals [!Ref None, x]
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Probe:
    Type: Custom::Probe
    Properties:
      Value: VALUE
"""


def value_of(text: str, view: int = 0) -> Any:
    views = template(HEAD.replace("VALUE", text)).views
    return views[view].resources["Probe"]["Properties"].get("Value", "absent")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Name", "orders"),
        ("!Ref Empty", ""),
        ("!Ref Count", 30),
        ("!Ref Plain", 5),
        ("!Ref Subnets", ["a", "b", "c"]),
        ("!Ref Words", ["x", "y"]),
        ("!Ref AWS::NoValue", "absent"),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("!Ref Queue", {"Ref": "Queue"}),
        ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("{'Fn::GetAtt': Queue.Arn}", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Sub plain", "plain"),
        ("!Sub '${Name}-x'", "orders-x"),
        ("!Sub '${ Name }'", "orders"),
        ("!Sub '${!Name}'", "${Name}"),
        ("!Sub '${Count}s'", "30s"),
        ("!Sub ['${Own}-${Name}', {Own: !Ref Count}]", "30-orders"),
        ("!Sub '${Queue}'", {"Ref": "Queue"}),
        ("!Sub '${Queue.Arn}'", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Join ['-', [a, !Ref Name, 3]]", "a-orders-3"),
        ("!Join ['', []]", ""),
        ("!Join ['-', [a, !Ref AWS::NoValue]]", "a"),
        ("!Join [',', !Ref Words]", "x,y"),
        ("!FindInMap [Stage, prod, Timeout]", 9),
        ("!FindInMap [Stage, dev, Timeout, {DefaultValue: 4}]", 4),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', [a, b]]", "a"),
        ("!Select [1, !Ref Words]", "y"),
        ("!Select [1, !Split ['-', 'a-b-c']]", "b"),
        ("!Split [',', 'a,b']", ["a", "b"]),
        ("{Ref: Name, Other: 1}", {"Ref": "Name", "Other": 1}),
        ("{Condition: {StringEquals: {a: b}}}", {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_what_the_template_tells_is_known(text: str, value: Any) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "word", "name"),
    [
        ("!Ref None", "parameter", "None"),
        ("!Ref Secret", "ssm-parameter", "Secret"),
        ("!Ref AWS::Region", "pseudo-parameter", "AWS::Region"),
        ("!Ref [a]", "function", "Ref"),
        ("!GetAtt {a: b}", "function", "Fn::GetAtt"),
        ("!ImportValue x", "function", "Fn::ImportValue"),
        ("!Cidr [a, 1, 2]", "function", "Fn::Cidr"),
        ("{'Fn::Transform': {Name: AWS::Include}}", "function", "Fn::Transform"),
        ("!FindInMap [Stage, !Ref None, Timeout]", "parameter", "None"),
        ("!FindInMap [Stage, dev, Timeout]", "function", "Fn::FindInMap"),
        ("!FindInMap [a]", "function", "Fn::FindInMap"),
        ("!Select [7, [a]]", "function", "Fn::Select"),
        ("!Select [0, !Ref None]", "parameter", "None"),
        ("!Select [0, !GetAZs '']", "function", "Fn::GetAZs"),
        ("!Split ['', abc]", "function", "Fn::Split"),
        ("!Split [',', !Ref None]", "parameter", "None"),
        ("!Join [',', !Ref None]", "parameter", "None"),
        ("!Sub {a: b}", "function", "Fn::Sub"),
        ("!Sub 'a-${None}'", "parameter", "None"),
        ("!Sub 'a-${Queue}'", "resource-value", "Queue"),
        ("!If [a]", "function", "Fn::If"),
    ],
)
def test_what_it_does_not_tell_is_unknown_and_says_why(text: str, word: str, name: str) -> None:
    value = value_of(text)
    assert isinstance(value, Unknown)
    assert (value.reason.word, value.reason.values["name"]) == (word, name)


def test_the_known_parts_of_a_string_are_kept() -> None:
    value = value_of("!Sub 'arn:aws:sqs:${AWS::Region}:1:${Queue.QueueName}-${Name}'")
    assert isinstance(value, UnknownText)
    assert as_written(value) == "arn:aws:sqs:${AWS::Region}:1:${Queue.QueueName}-orders"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("!Ref Queue", ["Queue"]),
        ("!Ref Queue.Alias", ["Queue"]),
        ("!Sub 'x:${Queue.Arn}:${AWS::Region}'", ["Queue"]),
        ("!Join [':', [a, !GetAtt Queue.Arn, !Ref None]]", ["Queue"]),
        ("{a: [!Ref Queue], b: !GetAtt Probe.Arn}", ["Queue", "Probe"]),
        ("!ImportValue {'Fn::Sub': '${Queue}-x'}", ["Queue"]),
        ("plain", []),
    ],
)
def test_the_resources_that_a_value_names_can_be_followed(text: str, names: list[str]) -> None:
    assert [n for n in references(value_of(text)) if n in ("Queue", "Probe")] == names


def test_both_branches_of_an_if_are_looked_at() -> None:
    text = "!If [Maybe, a, !Ref AWS::NoValue]"
    assert [value_of(text, view) for view in (0, 1)] == ["absent", "a"]


def test_a_mapping_with_an_include_may_have_more_keys() -> None:
    value = value_of("{'Fn::Transform': {Name: AWS::Include}, A: 1}")
    assert value == {"A": 1}
    assert value.more.word == "function"


def test_cyclic_references_end() -> None:
    text = """
    Resources:
      A: {Type: T, Properties: {B: !Ref B}}
      B: {Type: T, Properties: {A: !GetAtt A.X}}
    """
    assert template(text).views[0].resources["A"]["Properties"]["B"] == {"Ref": "B"}
