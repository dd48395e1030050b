"""A runaway cost is noticed on its first day, instead of with the bill.

An account costs 4 USD a day; from the sixth day on, a client that never pauses makes it 90 USD.
Without budgets, nothing is said in thirty days, and the bill is 2,270 USD. With the generated
baseline, the topic delivers on the sixth day, when 110 USD are spent. A topic without the policy
(`before.yaml`) delivers nothing although its budget is exceeded. Other accounts and other services
may not publish. The placeholder address is refused. Where the account has a monitor of all
services, the stack subscribes to it and does not make a second one.

Real: the generated `baseline/template.yaml`, cfn-lint, botocore's check of every request, and
moto's Budgets, SNS and SQS, which keep the budgets and carry the messages. Simulated: AWS
CloudFormation (the few intrinsics used here are resolved below), the rule by which Budgets
compares cost and threshold, its forecast (the average of the days so far), and the evaluation of
the topic's policy. When AWS sends an alert, some hours later, cannot be shown here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber
from moto import mock_aws

from catalog.conftest import Project, _Intrinsics
from tests.bar import lint

ACCOUNT = "123456789012"  # moto's own
REGION = "ap-northeast-1"
MAIL = "ops@example.com"
COSTS = [4.0] * 5 + [90.0] * 25
"""USD a day, made up; the rise is on the sixth day."""

Template = dict[str, Any]


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


class Stack:
    """A template's resources in moto, with a queue that stands for who reads the topic."""

    def __init__(self, template: Template, **parameters: str) -> None:
        self.template = template
        declared = template.get("Parameters", {})
        self.refs: dict[str, Any] = {name: p.get("Default") for name, p in declared.items()}
        self.refs |= {"AWS::AccountId": ACCOUNT, "AWS::StackName": "orders-baseline", **parameters}
        self.resources = {
            name: resource
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }
        self.policies: dict[str, list[dict[str, Any]]] = {}
        self._topics()
        self._budgets()

    def condition(self, name: str) -> bool:
        return bool(self.resolve(self.template["Conditions"][name]))

    def resolve(self, node: Any) -> Any:
        """The value that CloudFormation would give."""
        match node:
            case {"!Ref": name}:
                return self.refs[name]
            case {"!Equals": [one, other]}:
                return self.resolve(one) == self.resolve(other)
            case {"!Not": [one]}:
                return not self.resolve(one)
            case {"!If": [name, yes, no]}:
                return self.resolve(yes if self.condition(name) else no)
            case {"!FindInMap": [name, key, value]}:
                return self.template["Mappings"][name][key][value]
            case {"!Sub": [text, values]}:
                for key, value in values.items():
                    text = text.replace(f"${{{key}}}", str(self.resolve(value)))
                return text
            case {"!Sub": str(text)}:
                return text.replace("${AWS::StackName}", self.refs["AWS::StackName"])
            case dict():
                return {key: self.resolve(value) for key, value in node.items()}
            case list():
                return [self.resolve(value) for value in node]
        return node

    def of(self, kind: str) -> dict[str, Any]:
        """The properties of all resources of a type, resolved."""
        found = {name: r for name, r in self.resources.items() if r["Type"] == kind}
        return {name: self.resolve(r.get("Properties", {})) for name, r in found.items()}

    def _topics(self) -> None:
        sns, sqs = boto3.client("sns"), boto3.client("sqs")
        self.queue = sqs.create_queue(QueueName="reader")["QueueUrl"]
        for name in self.of("AWS::SNS::Topic"):
            arn = self.refs[name] = sns.create_topic(Name=name)["TopicArn"]
            endpoint = f"arn:aws:sqs:{REGION}:{ACCOUNT}:reader"
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=endpoint)
        for policy in self.of("AWS::SNS::TopicPolicy").values():
            for arn in policy["Topics"]:
                document = json.dumps(policy["PolicyDocument"])
                sns.set_topic_attributes(
                    TopicArn=arn, AttributeName="Policy", AttributeValue=document
                )
        for subscription in self.of("AWS::SNS::Subscription").values():
            sns.subscribe(**subscription)

    def _budgets(self) -> None:
        for name, properties in self.of("AWS::Budgets::Budget").items():
            budget = {"BudgetName": name, **properties["Budget"]}
            limit = budget["BudgetLimit"]
            budget["BudgetLimit"] = {**limit, "Amount": str(limit["Amount"])}
            boto3.client("budgets").create_budget(
                AccountId=ACCOUNT,
                Budget=budget,
                NotificationsWithSubscribers=properties["NotificationsWithSubscribers"],
            )

    def may_publish(self, service: str, topic: str, account: str = ACCOUNT) -> bool:
        """Whether the topic's policy, as moto has it, lets a service publish for an account."""
        attributes = boto3.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
        statements = json.loads(attributes["Policy"])["Statement"]
        return any(_allows(s, service, topic, account) for s in statements)

    def budgets_look_at(self, costs: list[float]) -> list[str]:
        """What Budgets does at the end of a day; returns the addresses of the mails it sends."""
        mails: list[str] = []
        budgets = boto3.client("budgets")
        for budget in budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]:
            name = budget["BudgetName"]
            wanted = self.of("AWS::Budgets::Budget")[name]["NotificationsWithSubscribers"]
            kept = budgets.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName=name)
            assert [w["Notification"] for w in wanted] == kept["Notifications"]
            for each in wanted:
                if not _exceeded(budget, each["Notification"], costs):
                    continue
                for subscriber in each["Subscribers"]:
                    mails += self._notify(subscriber, f"{name} exceeded on day {len(costs)}")
        return mails

    def _notify(self, subscriber: dict[str, str], message: str) -> list[str]:
        address = subscriber["Address"]
        if subscriber["SubscriptionType"] == "EMAIL":
            return [address]
        if self.may_publish("budgets.amazonaws.com", address):
            boto3.client("sns").publish(TopicArn=address, Message=message)
        return []

    def read(self) -> list[str]:
        """What has arrived since the last look."""
        sqs = boto3.client("sqs")
        texts: list[str] = []
        while found := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in found:
                texts.append(json.loads(message["Body"])["Message"])
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return texts


def _allows(statement: dict[str, Any], service: str, topic: str, account: str) -> bool:
    principal = statement["Principal"]
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    actions = statement["Action"]
    required = statement.get("Condition", {}).get("StringEquals", {})
    return (
        statement["Effect"] == "Allow"
        and service in ([services] if isinstance(services, str) else services)
        and "sns:publish"
        in [a.lower() for a in ([actions] if isinstance(actions, str) else actions)]
        and statement["Resource"] == topic
        and all(key == "aws:SourceAccount" and v == account for key, v in required.items())
    )


def _exceeded(budget: dict[str, Any], notification: dict[str, Any], costs: list[float]) -> bool:
    spent = costs[-1] if budget["TimeUnit"] == "DAILY" else sum(costs)
    if notification["NotificationType"] == "FORECASTED":
        spent = sum(costs) / len(costs) * len(COSTS)
    assert notification["ComparisonOperator"] == "GREATER_THAN"
    return spent > float(budget["BudgetLimit"]["Amount"]) * notification["Threshold"] / 100


def first_day(stack: Stack) -> int | None:
    """The first day on which the topic delivers something, or None."""
    for day in range(1, len(COSTS) + 1):
        stack.budgets_look_at(COSTS[:day])
        if stack.read():
            return day
    return None


def read(name: str) -> Template:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    return dict(yaml.load(text, _Intrinsics))  # noqa: S506, a safe loader underneath


@pytest.fixture
def baseline(project: Callable[..., Project]) -> Template:
    return project("budget-alerts", budget_alerts_daily_usd=10).baseline


def test_without_it_the_bill_is_the_first_to_tell(baseline: Template) -> None:
    empty = Stack({"Resources": {"Topic": baseline["Resources"]["CostAlertTopic"]}})
    assert first_day(empty) is None
    assert sum(COSTS) == 2270


def test_with_it_the_first_expensive_day_is_told(baseline: Template) -> None:
    stack = Stack(baseline, NotificationEmail=MAIL)
    assert first_day(stack) == 6
    assert sum(COSTS[:6]) == 110


def test_both_thresholds_of_that_day_are_told_and_mailed(baseline: Template) -> None:
    stack = Stack(baseline, NotificationEmail=MAIL)
    assert stack.budgets_look_at(COSTS[:5]) == [] and stack.read() == []
    assert stack.budgets_look_at(COSTS[:6]) == [MAIL]
    assert sorted(stack.read()) == [
        "DailyBudget exceeded on day 6",
        "DailyBudget exceeded on day 6",
        "MonthlyBudget exceeded on day 6",
    ]


@pytest.mark.parametrize(("cost", "alerts"), [(10.0, 0), (10.01, 1), (30.0, 1), (30.01, 2)])
def test_the_daily_thresholds(cost: float, alerts: int, baseline: Template) -> None:
    stack = Stack(baseline, NotificationEmail=MAIL)
    stack.budgets_look_at([0.0] * 29 + [cost])
    assert len(stack.read()) == alerts


def test_what_stays_below_the_daily_budget_is_told_by_the_forecast(baseline: Template) -> None:
    stack = Stack(baseline, NotificationEmail=MAIL)
    stack.budgets_look_at([8.0] * 10)
    assert stack.read() == ["MonthlyBudget exceeded on day 10"]
    assert 8.0 * 10 < 200 < 8.0 * 30


def test_without_the_policy_the_topic_stays_silent() -> None:
    assert first_day(Stack(read("before.yaml"))) is None


def test_with_the_policy_it_does_not() -> None:
    assert first_day(Stack(read("after.yaml"))) == 6


def test_only_the_cost_services_of_this_account_may_publish(baseline: Template) -> None:
    stack = Stack(baseline, NotificationEmail=MAIL)
    topic = stack.refs["CostAlertTopic"]
    for service in ("budgets.amazonaws.com", "costalerts.amazonaws.com"):
        assert stack.may_publish(service, topic)
        assert not stack.may_publish(service, topic, account="999999999999")
    assert not stack.may_publish("events.amazonaws.com", topic)


@pytest.mark.parametrize(
    ("address", "accepted"), [({}, False), ({"NotificationEmail": MAIL}, True)]
)
def test_the_placeholder_address_is_refused(
    address: dict[str, str], accepted: bool, baseline: Template
) -> None:
    rule = baseline["Rules"]["NotificationEmailIsReal"]["Assertions"][0]["Assert"]
    assert Stack(baseline, **address).resolve(rule) is accepted


@pytest.mark.parametrize("existing", ["", f"arn:aws:ce::{ACCOUNT}:anomalymonitor/0a1b-2c3d"])
def test_one_monitor_of_services_is_watched(existing: str, baseline: Template) -> None:
    made = f"arn:aws:ce::{ACCOUNT}:anomalymonitor/made-by-the-stack"
    stack = Stack(baseline, NotificationEmail=MAIL, AnomalyMonitorArn=existing, AnomalyMonitor=made)
    monitors = stack.of("AWS::CE::AnomalyMonitor")
    (subscription,) = stack.of("AWS::CE::AnomalySubscription").values()
    assert len(monitors) == (0 if existing else 1)
    assert subscription["MonitorArnList"] == [existing or made]
    subscription["ThresholdExpression"] = json.loads(subscription["ThresholdExpression"])
    assert subscription["ThresholdExpression"]["Dimensions"]["Values"] == ["10"]
    client = boto3.client("ce")
    with Stubber(client) as stub:
        for monitor in monitors.values():
            stub.add_response("create_anomaly_monitor", {"MonitorArn": made})
            client.create_anomaly_monitor(AnomalyMonitor=monitor)
        stub.add_response("create_anomaly_subscription", {"SubscriptionArn": made})
        client.create_anomaly_subscription(AnomalySubscription=subscription)
