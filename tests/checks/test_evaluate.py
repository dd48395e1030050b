"""The words of a check: what each of them does, and that unknown is never a pass."""

from __future__ import annotations

import pytest

from scaffolder.checks.evaluate import evaluate
from scaffolder.checks.outcome import Outcome, worst
from tests.checks.support import check, evaluated, outcomes, template

QUEUES = "$.Resources[?@.Type == 'AWS::SQS::Queue'].Properties"
ENCRYPTED = {"required": ["Encrypted"], "properties": {"Encrypted": {"const": True}}}

HEAD = """
Parameters:
  P: {Type: String}
Conditions:
  C: !Equals [!Ref P, x]
Resources:
"""


def test_all_selected_nodes_must_hold() -> None:
    text = (
        HEAD
        + """
  Good: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}
  Bad: {Type: AWS::SQS::Queue, Properties: {Encrypted: false}}
  Bare: {Type: AWS::SQS::Queue}
  Open: {Type: AWS::SQS::Queue, Properties: {Encrypted: !Ref P}}
  Hidden: {Type: AWS::SQS::Queue, Properties: !ImportValue x}
  Other: {Type: AWS::SNS::Topic}
    """
    )
    assert evaluated(text, select=[QUEUES], assert_=ENCRYPTED) == {
        "Good": "pass",
        "Bad": "fail",
        "Bare": "fail",
        "Open": "unknown",
        "Hidden": "unknown",
    }


def test_selecting_nothing_is_not_applicable() -> None:
    text = HEAD + "  Other: {Type: AWS::SNS::Topic}\n"
    assert evaluated(text, select=[QUEUES], assert_=ENCRYPTED) == {"": "not-applicable"}


def test_selecting_nothing_is_unknown_if_resources_come_from_elsewhere() -> None:
    for key in ("Fn::Transform: {Name: AWS::Include}", "'Fn::ForEach::Loop': [a, [b], {}]"):
        text = HEAD + f"  {key}\n"
        for words in (
            {"select": [QUEUES], "assert_": ENCRYPTED},
            {"select": [QUEUES], "expect": "some"},
        ):
            assert list(evaluated(text, **words).values()) == ["unknown"]


def test_when_passes_over_nodes() -> None:
    text = (
        HEAD
        + """
  Fifo: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Plain: {Type: AWS::SQS::Queue, Properties: {}}
  Open: {Type: AWS::SQS::Queue, Properties: {FifoQueue: !Ref P}}
  Fine: {Type: AWS::SQS::Queue, Properties: {FifoQueue: !Ref P, Encrypted: true}}
    """
    )
    when = {"required": ["FifoQueue"], "properties": {"FifoQueue": {"const": True}}}
    assert evaluated(text, select=[QUEUES], when=when, assert_=ENCRYPTED) == {
        "Fifo": "fail",
        "Open": "unknown",
        "Fine": "pass",
    }


def test_a_node_that_is_only_perhaps_selected_does_not_fail() -> None:
    text = HEAD + "  Open: {Type: AWS::SQS::Queue, Properties: {Mode: !Ref P}}\n"
    query = "$.Resources[?@.Properties.Mode == 'live'].Properties"
    assert evaluated(text, select=[query], assert_=ENCRYPTED) == {"Open": "unknown"}


FOLLOW = """
    Parameters:
      P: {Type: String}
    Resources:
      Good: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}
      Bad: {Type: AWS::SQS::Queue, Properties: {Encrypted: false}}
      Topic: {Type: AWS::SNS::Topic}
      Reader: {Type: Reader, Properties: {Queue: VALUE}}
"""


@pytest.mark.parametrize(
    ("value", "resource", "outcome"),
    [
        ("!GetAtt Good.Arn", "Good", "pass"),
        ("!Ref Bad", "Bad", "fail"),
        ("!Sub '${Bad.Arn}'", "Bad", "fail"),
        ("!Sub 'arn:aws:sqs:${AWS::Region}:1:${Bad.QueueName}'", "Bad", "fail"),
        ("!Ref Topic", "Reader", "not-applicable"),
        ("!Ref P", "Reader", "unknown"),
        ("!ImportValue q", "Reader", "unknown"),
        ("arn:aws:sqs:eu-west-1:1:q", "Reader", "unknown"),
        ("!Ref Nowhere", "Reader", "unknown"),
    ],
)
def test_follow_goes_to_the_resource_that_is_named(value: str, resource: str, outcome: str) -> None:
    words = {
        "select": ["$.Resources[?@.Type == 'Reader'].Properties.Queue"],
        "follow": {"to": ["AWS::SQS::Queue"]},
        "assert_": {"properties": {"Properties": ENCRYPTED}},
        "report_at": ["Encrypted"],
    }
    (item,) = evaluate(check(**words), template(FOLLOW.replace("VALUE", value)))
    assert (item.resource, item.outcome.value) == (resource, outcome)
    if outcome == "fail":
        assert (item.line, item.values["source"]) == (6, "Reader")


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("!Ref Secret", "pass"),
        ("[a, {b: !GetAtt Secret.Arn}]", "pass"),
        ("!Ref Other", "fail"),
        ("!Ref P", "unknown"),
        ("literal", "fail"),
    ],
)
def test_referenced_from_wants_a_node_that_names_the_resource(value: str, outcome: str) -> None:
    text = f"""
    Parameters:
      P: {{Type: String}}
    Resources:
      Secret: {{Type: AWS::SecretsManager::Secret}}
      Rotation: {{Type: Rotation, Properties: {{SecretId: {value}}}}}
    """
    assert evaluated(
        text,
        select=["$.Resources[?@.Type == 'AWS::SecretsManager::Secret']"],
        referenced_from=["$.Resources[?@.Type == 'Rotation'].Properties.SecretId"],
    ) == {"Secret": outcome}


SOME = {"select": [QUEUES], "assert_": ENCRYPTED, "expect": "some"}


@pytest.mark.parametrize(
    ("resources", "outcome"),
    [
        ("A: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}", "pass"),
        ("A: {Type: AWS::SQS::Queue, Properties: {Encrypted: false}}", "fail"),
        ("A: {Type: AWS::SQS::Queue, Properties: {Encrypted: !Ref P}}", "unknown"),
        ("A: {Type: AWS::SNS::Topic}", "fail"),
        (
            "A: {Type: AWS::SQS::Queue, Condition: C, Properties: {Encrypted: true}}",
            "pass",
        ),
        (
            "A: {Type: AWS::SQS::Queue, Properties: {Encrypted: !If [C, true, false]}}",
            "fail",
        ),
    ],
)
def test_some_wants_one_that_holds(resources: str, outcome: str) -> None:
    text = HEAD + f"  {resources}\n  B: {{Type: AWS::SNS::Topic}}\n"
    items = evaluate(check(**SOME), template(text))
    assert worst(item.outcome for item in items) == Outcome(outcome)


def test_some_and_none_apply_only_where_they_say() -> None:
    text = HEAD + "  A: {Type: AWS::SNS::Topic}\n"
    api = ["$.Resources[?@.Type == 'Api']"]
    for expect in ("some", "none"):
        words = {"select": [QUEUES], "expect": expect}
        assert list(evaluated(text, **words, applies_to=api).values()) == ["not-applicable"]
    with_api = text + "  Api: {Type: Api}\n"
    some = {"select": [QUEUES], "expect": "some", "applies_to": api}
    assert evaluated(with_api, **some) == {"Api": "fail"}


def test_what_only_perhaps_applies_does_not_fail() -> None:
    text = HEAD + "  A: {Type: AWS::SQS::Queue}\n  M: {'Fn::Module': x}\n"
    api = ["$.Resources[?@.Type == 'Api']"]
    some = {"select": ["$.Resources[?@.Type == 'Plan']"], "expect": "some", "applies_to": api}
    assert evaluated(text, **some) == {"M": "unknown"}
    none = {"select": [QUEUES], "expect": "none", "applies_to": api}
    assert evaluated(text, **none) == {"A": "unknown"}
    with_api = text + "  Api: {Type: Api}\n"
    assert evaluated(with_api, **none) == {"A": "fail"}


@pytest.mark.parametrize(
    ("resources", "result"),
    [
        ("A: {Type: AWS::SNS::Topic}", {"": "pass"}),
        ("A: {Type: AWS::SQS::Queue}", {"A": "fail"}),
        ("A: {Type: !Ref P}", {"A": "unknown"}),
    ],
)
def test_none_wants_nothing_selected(resources: str, result: dict[str, str]) -> None:
    assert evaluated(HEAD + f"  {resources}\n", select=[QUEUES], expect="none") == result


def test_none_with_an_assertion_minds_only_what_meets_it() -> None:
    text = (
        HEAD
        + """
  Good: {Type: AWS::SQS::Queue, Properties: {Encrypted: false}}
  Bad: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}
  Open: {Type: AWS::SQS::Queue, Properties: {Encrypted: !Ref P}}
    """
    )
    words = {"select": [QUEUES], "assert_": ENCRYPTED, "expect": "none"}
    assert evaluated(text, **words) == {"Bad": "fail", "Open": "unknown"}


def test_all_ways_that_conditions_come_out_must_hold() -> None:
    text = (
        HEAD
        + """
  Both: {Type: AWS::SQS::Queue, Properties: {Encrypted: !If [C, true, 'true']}}
  One: {Type: AWS::SQS::Queue, Properties: {Encrypted: !If [C, true, !Ref AWS::NoValue]}}
  Guarded:
    Type: AWS::SQS::Queue
    Condition: C
    Properties: {Encrypted: !If [C, true, false]}
  Whole:
    Type: AWS::SQS::Queue
    Properties: !If [C, {Encrypted: true}, {Encrypted: false}]
    """
    )
    assert evaluated(text, select=[QUEUES], assert_=ENCRYPTED) == {
        "Both": "pass",
        "One": "fail",
        "Guarded": "pass",
        "Whole": "fail",
    }


@pytest.mark.parametrize(
    ("properties", "report_at", "line", "column"),
    [
        ("{Encrypted: false}", [], 8, 18),
        ("{Encrypted: false}", ["Encrypted"], 8, 18),
        ("{Other: 1}", ["Encrypted"], 8, 5),
        ("{Other: 1, Third: 2}", ["Encrypted", "Third", "Other"], 8, 28),
        ("{Other: {Deep: 1}}", ["Other.Deep"], 8, 26),
    ],
)
def test_a_finding_points_at_what_it_is_about(
    properties: str, report_at: list[str], line: int, column: int
) -> None:
    text = HEAD + f"  A:\n    Properties: {properties}\n    Type: AWS::SQS::Queue\n"
    words = {"select": [QUEUES], "assert_": ENCRYPTED, "report_at": report_at}
    (item,) = evaluate(check(**words), template(text))
    assert (item.line, item.column) == (line, column)


def test_a_message_with_a_key_gets_a_finding_for_each_fault() -> None:
    text = (
        HEAD
        + """
  F:
    Type: F
    Properties:
      A_TOKEN: abc
      FINE: x
      B_TOKEN: def
    """
    )
    words = {
        "select": ["$.Resources[?@.Type == 'F'].Properties"],
        "assert_": {"patternProperties": {"TOKEN": {"type": "object"}}},
    }
    one = evaluate(check(**words), template(text))
    assert len(one) == 1
    each = check(**words, message={"ja": "{key}", "en": "{key} has {value}"})
    found = [(i.values["key"], i.values["value"]) for i in evaluate(each, template(text))]
    assert found == [("A_TOKEN", "abc"), ("B_TOKEN", "def")]
    lines = [item.line for item in evaluate(each, template(text))]
    assert lines[1] - lines[0] == 2


def test_apis_that_sam_adds_are_there() -> None:
    text = """
    Globals:
      Api: {TracingEnabled: true}
    Resources:
      F:
        Type: AWS::Serverless::Function
        Properties:
          Events:
            Get: {Type: Api, Properties: {Path: /a, Method: get}}
            Other: {Type: HttpApi}
      Own: {Type: AWS::Serverless::Api}
    """
    query = "$.Resources[?@.Type == 'AWS::Serverless::Api' || @.Type == 'AWS::Serverless::HttpApi']"
    wanted = {"properties": {"Properties": {"required": ["TracingEnabled"]}}}
    items = evaluate(check(select=[query], assert_=wanted), template(text))
    assert outcomes(items) == {
        "Own": "pass",
        "ServerlessRestApi": "pass",
        "ServerlessHttpApi": "fail",
    }
    assert next(i.line for i in items if i.resource == "ServerlessRestApi") == 9


@pytest.mark.parametrize(
    "properties",
    [
        "{RestApiId: !Ref Own}",
        "{RestApiId: !ImportValue x}",
    ],
)
def test_an_event_with_an_api_of_its_own_adds_none(properties: str) -> None:
    text = f"""
    Resources:
      F:
        Type: AWS::Serverless::Function
        Properties: {{Events: {{Get: {{Type: Api, Properties: {properties}}}}}}}
    """
    assert "ServerlessRestApi" not in template(text).views[0].resources
