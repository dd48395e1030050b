"""Predicates about SNS topics and who may publish to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scaffolder.checks.evaluate import Found
from scaffolder.checks.intrinsics import Unknown, references
from scaffolder.checks.outcome import Outcome, Reason
from scaffolder.checks.template import View

TOPIC = "AWS::SNS::Topic"
POLICY = "AWS::SNS::TopicPolicy"
# What sends to topics in the name of a service principal.
SENDERS = {
    "budgets.amazonaws.com": ("AWS::Budgets::Budget",),
    "cloudwatch.amazonaws.com": ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
    "codestar-notifications.amazonaws.com": ("AWS::CodeStarNotifications::NotificationRule",),
    "costalerts.amazonaws.com": ("AWS::CE::AnomalySubscription",),
    "events.amazonaws.com": ("AWS::Events::Rule",),
}


def topic_allows_service(view: View, *, service: str) -> Iterator[Found]:
    """A topic that a service sends to lets that service publish.

    Not applicable to topics that nothing of that service names. Fills `value` (the service) and
    `source` (the resource that sends).
    """
    for topic, source in _topics_used(view, SENDERS[service]).items():
        values = {"key": "TopicPolicy", "value": service, "source": source}
        outcome, reason = _allowed(view, topic, service)
        yield Found(outcome, ("Resources", topic), topic, values, reason)


def _topics_used(view: View, types: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for sender, properties in view.of_type(*types):
        for name in references(properties):
            if name in view.resources and view.resources[name].get("Type") == TOPIC:
                found.setdefault(name, sender)
    return found


def _allowed(view: View, topic: str, service: str) -> tuple[Outcome, Reason | None]:
    doubt: Reason | None = None
    for _, policy in view.of_type(POLICY):
        if topic not in references(policy.get("Topics")):
            continue
        document = policy.get("PolicyDocument")
        if isinstance(document, Unknown):
            doubt = document.reason
            continue
        statements = document.get("Statement") if isinstance(document, dict) else None
        for statement in _listed(statements):
            if isinstance(statement, Unknown):
                doubt = statement.reason
            elif isinstance(statement, dict) and _lets_publish(statement, service):
                return Outcome.passed, None
    return (Outcome.unknown, doubt) if doubt else (Outcome.failed, None)


def _lets_publish(statement: dict[str, Any], service: str) -> bool:
    principal = statement.get("Principal")
    services = _listed(principal.get("Service")) if isinstance(principal, dict) else []
    anyone = principal == "*" or (isinstance(principal, dict) and principal.get("AWS") == "*")
    # The condition that usually goes with it names an account, which a service is none.
    everyone = anyone and not statement.get("Condition")
    actions = {a.lower() for a in _listed(statement.get("Action")) if isinstance(a, str)}
    return (
        statement.get("Effect") == "Allow"
        and (service in services or everyone)
        and bool(actions & {"sns:publish", "sns:*", "*"})
    )


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
