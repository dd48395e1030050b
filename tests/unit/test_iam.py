"""IAM's decision, on the cases that its reference describes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.iam import Decision, Request, decide, resolved

ROLE = "arn:aws:iam::111122223333:role/app/reader"


def says(statement: dict[str, Any], **request: Any) -> Decision:
    full = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", **statement}
    asked = {"action": "sqs:SendMessage", "resource": "arn:aws:sqs:eu-west-1:1:q", **request}
    return decide([{"Statement": full}], Request(**asked))


@pytest.mark.parametrize(
    ("effects", "decision"),
    [
        ([], Decision.none),
        (["Allow"], Decision.allow),
        (["Deny"], Decision.deny),
        (["Allow", "Deny"], Decision.deny),
    ],
)
def test_a_deny_wins_and_nothing_is_no_permission(effects: list[str], decision: Decision) -> None:
    policies = [
        {"Statement": [{"Effect": effect, "Action": "*", "Resource": "*"}]} for effect in effects
    ]
    assert decide(policies, Request("sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:q")) is decision


@pytest.mark.parametrize(
    ("statement", "request_", "applies"),
    [
        ({"Action": "SQS:sendmessage"}, {}, True),
        ({"Action": "sqs:Receive*"}, {}, False),
        ({"Resource": "arn:aws:sqs:*:1:q"}, {}, True),
        ({"Resource": "arn:aws:sqs:*:1:other"}, {}, False),
        ({"Principal": {"AWS": "111122223333"}}, {"principal": ROLE}, True),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, {"principal": ROLE}, True),
        ({"Principal": {"AWS": "999999999999"}}, {"principal": ROLE}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, {"principal": ROLE}, False),
        (
            {"Principal": {"Service": "sns.amazonaws.com"}},
            {"principal": "sns.amazonaws.com"},
            True,
        ),
    ],
)
def test_who_does_what_to_what(
    statement: dict[str, Any], request_: dict[str, Any], applies: bool
) -> None:
    assert (says(statement, **request_) is Decision.allow) is applies


@pytest.mark.parametrize(
    ("operator", "stated", "actual", "holds"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringLike", "a*", "ab", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
        ("NotIpAddress", ["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("ArnLike", "arn:aws:iam::*:role/app/*", ROLE, True),
        ("ArnLike", "arn:aws:*:role/app/*", ROLE, False),
        ("ArnNotLike", "arn:aws:iam::111122223333:role/app/*", ROLE, False),
        ("Bool", True, "true", True),
        # A key that the request does not have.
        ("StringEquals", "a", None, False),
        ("StringNotEquals", "a", None, True),
        ("StringEqualsIfExists", "a", None, True),
        ("StringNotEqualsIfExists", "a", None, True),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("Null", True, "a", False),
    ],
)
def test_conditions(operator: str, stated: Any, actual: str | None, holds: bool) -> None:
    context = {} if actual is None else {"aws:key": actual}
    statement = {"Condition": {operator: {"AWS:Key": stated}}}
    assert (says(statement, context=context) is Decision.allow) is holds


@pytest.mark.parametrize(
    "statement",
    [{"NotAction": "sqs:*"}, {"NotPrincipal": "*"}, {"Principal": {"Federated": "x"}}],
)
def test_what_it_does_not_know_is_an_error(statement: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError):
        says(statement)


def test_all_conditions_have_to_hold() -> None:
    condition = {"StringEquals": {"aws:a": "1", "aws:b": "1"}}
    assert says({"Condition": condition}, context={"aws:a": "1"}) is Decision.none
    assert says({"Condition": condition}, context={"aws:a": "1", "aws:b": "1"}) is Decision.allow


def test_intrinsic_functions_are_replaced() -> None:
    value = {
        "a": [{"Ref": "X"}, {"Fn::If": ["Yes", {"Ref": "AWS::NoValue"}, "never"]}],
        "b": {"Fn::Sub": ["${X}/${own}", {"own": {"Fn::GetAtt": ["R", "Arn"]}}]},
        "c": {"Ref": "AWS::NoValue"},
        "d": {"Fn::Split": [",", {"Ref": "X"}]},
    }
    names = {"X": "x", "R.Arn": "arn"}
    assert resolved(value, names, {"Yes": True}) == {"a": ["x"], "b": "x/arn", "d": ["x"]}
    with pytest.raises(KeyError):
        resolved({"Ref": "Unknown"}, names, {})
