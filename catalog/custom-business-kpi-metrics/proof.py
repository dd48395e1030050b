"""Orders stop coming while nothing fails: without the safeguard no alarm notices, with it one does.

The generated handler takes orders, directly and through the queue, refuses some, and its lines
are added up: the metrics count what the handler did, and the alarm and the dashboard of the same
template look at these metrics by name, namespace and dimension. Then orders stop. The metrics of
the project without the safeguard look as they did on a good day. The generated alarm goes off
after the first empty period; `before.yaml` never does, and an alarm on the bare metric goes off
late.

Real: the generated code and templates, Powertools, both samples. Simulated: CloudWatch. Metrics
are taken out of lines by the format's specification. Alarms are evaluated by the rules and the
tables in AWS's documentation, which are tested here too; how many extra periods an alarm looks
back is documented for one example only (two), and taken from it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
import yaml
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

from catalog.conftest import Project
from tests.bar import lint
from tests.emf import Datum, extracted

ID = "custom-business-kpi-metrics"
STACK = "orders-prod"
EXTRA_PERIODS = 2
"""Periods beyond its own that an alarm looks at when values are missing."""

Make = Callable[..., Project]
Code = Callable[[Project, str], ModuleType]
Out = pytest.CaptureFixture[str]
Points = Sequence[float | None]
Metric = tuple[str, str, frozenset[tuple[str, str]]]


def context() -> LambdaContext:
    """What Lambda passes along with an event."""
    made = LambdaContext()
    made._function_name = "orders-api"
    made._memory_limit_in_mb = 512
    made._invoked_function_arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-api"
    made._aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    return made


def request(quantity: int) -> dict[str, Any]:
    """An order as API Gateway passes it on; with a quantity of 0 it is none."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"requestId": "r-1", "stage": "prod"},
        "body": json.dumps({"customer_id": "c-1", "sku": "tea-100", "quantity": quantity}),
        "isBase64Encoded": False,
    }


def send(made: Project, code: Code, monkeypatch: pytest.MonkeyPatch, *quantities: int) -> list[int]:
    """Send orders to the generated handler in a stack called `STACK`; the statuses."""
    functions = made.resources("AWS::Lambda::Function")
    for name, value in functions["ApiFunction"]["Properties"]["Environment"]["Variables"].items():
        known = STACK if value == {"Ref": "AWS::StackName"} else value
        if isinstance(known, str):
            monkeypatch.setenv(name, known)
    handler = code(made, "orders.api").handler
    return [handler(request(quantity), context())["statusCode"] for quantity in quantities]


def sums(data: list[Datum]) -> Counter[str]:
    """The sum of each metric, by name."""
    found = Counter[str]()
    for datum in data:
        found[datum.name] += int(sum(datum.values))
    return +found


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch, code: Code) -> Callable[[Project], None]:
    """Lets the downstream take everything."""

    def install(made: Project) -> None:
        monkeypatch.setattr(code(made, "orders.submission"), "deliver", lambda order: None)

    return install


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A queue in moto, for projects that have one."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        url = boto3.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
        monkeypatch.setenv("QUEUE_URL", url)
        yield


def test_the_metrics_count_what_the_handler_did(
    project: Make, code: Code, direct: Any, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project(ID)
    direct(made)
    assert send(made, code, monkeypatch, 2, 5, 0, 1) == [201, 201, 400, 201]
    found = sums(extracted(capsys.readouterr().out))
    assert (found["OrdersAccepted"], found["ItemsOrdered"]) == (3, 8)


def test_they_count_orders_that_are_only_queued_too(
    project: Make, code: Code, queue: None, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project(ID, "sqs-buffering")
    assert send(made, code, monkeypatch, 2, 5, 0) == [202, 202, 400]
    found = sums(extracted(capsys.readouterr().out))
    assert (found["OrdersAccepted"], found["ItemsOrdered"]) == (2, 7)


def in_stack(value: Any, service: str = "orders") -> Any:
    """A value of the translated template as it is in the stack `STACK`."""
    if isinstance(value, dict) and "Fn::Sub" in value:
        text, own = value["Fn::Sub"]
        known = {**own, "AWS::StackName": STACK, "AWS::Region": "ap-northeast-1"}
        return re.sub(r"\$\{([^}]+)\}", lambda m: str(known.get(m[1], m[1])), text)
    return STACK if value == {"Ref": "AWS::StackName"} else value


def watched(alarm: dict[str, Any]) -> Metric:
    """The metric that an alarm watches."""
    if "Metrics" in alarm:
        alarm = alarm["Metrics"][0]["MetricStat"]["Metric"]
    dimensions = frozenset((d["Name"], in_stack(d["Value"])) for d in alarm["Dimensions"])
    return in_stack(alarm["Namespace"]), alarm["MetricName"], dimensions


def shown(dashboard: dict[str, Any]) -> set[Metric]:
    """The metrics on a dashboard."""
    body = json.loads(in_stack(dashboard["DashboardBody"]))
    rows = [
        [cell for cell in row if isinstance(cell, str)]
        for widget in body["widgets"]
        for row in widget["properties"].get("metrics", [])
    ]
    return {(row[0], row[1], frozenset(zip(row[2::2], row[3::2], strict=True))) for row in rows}


def test_alarm_and_dashboard_look_at_what_the_code_writes(
    project: Make, code: Code, direct: Any, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project(ID)
    direct(made)
    send(made, code, monkeypatch, 2, 0)
    written = {datum.metric for datum in extracted(capsys.readouterr().out)}
    (alarm,) = made.resources("AWS::CloudWatch::Alarm").values()
    (dashboard,) = made.resources("AWS::CloudWatch::Dashboard").values()
    assert watched(alarm["Properties"]) in written
    on_it = shown(dashboard["Properties"])
    assert {name for _, name, _ in on_it} >= {"OrdersAccepted", "ItemsOrdered"}
    assert on_it <= written


def test_without_it_a_day_without_orders_looks_like_a_good_day(
    project: Make, code: Code, direct: Any, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project("emf-metrics")
    direct(made)
    send(made, code, monkeypatch, 2, 5, 1)
    good_day = sums(extracted(capsys.readouterr().out))
    send(made, code, monkeypatch)
    day_without = sums(extracted(capsys.readouterr().out))
    ignored = {"ColdStart": 1}
    assert good_day - Counter(ignored) == day_without == Counter()
    assert made.resources("AWS::CloudWatch::Alarm") == {}


def state(alarm: dict[str, Any], points: Points) -> str:
    """The state of an alarm after these values, one for each period, the latest last.

    `None` is a period without a value.
    """
    expression = next((m["Expression"] for m in alarm.get("Metrics", []) if "Expression" in m), "")
    periods = alarm["EvaluationPeriods"]
    seen = points[-(periods + EXTRA_PERIODS) :]
    if filled := re.fullmatch(r"FILL\(\w+, (\d+)\)", expression):
        seen = [float(filled[1]) if p is None else p for p in seen]
    real = [breaches(alarm, p) for p in seen if p is not None][-periods:]
    missing = periods - len(real)
    treatment = alarm["TreatMissingData"]
    if not real and treatment == "missing":
        return "INSUFFICIENT_DATA"
    judged = real + [treatment == "breaching"] * missing if treatment != "missing" else real
    return "ALARM" if all(judged) else "OK"


def breaches(alarm: dict[str, Any], value: float) -> bool:
    """Whether one value is on the wrong side of the threshold."""
    if alarm["ComparisonOperator"] == "LessThanThreshold":
        return value < alarm["Threshold"]
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return value > alarm["Threshold"]


@pytest.mark.parametrize(
    ("points", "treatment", "expected"),
    [
        ("0-X-X", "breaching", "OK"),
        ("0----", "breaching", "OK"),
        ("-----", "breaching", "ALARM"),
        ("-----", "notBreaching", "OK"),
        ("-----", "missing", "INSUFFICIENT_DATA"),
        ("0XX-X", "notBreaching", "ALARM"),
        ("--X--", "breaching", "ALARM"),
        ("--X--", "notBreaching", "OK"),
        ("--X--", "missing", "ALARM"),
    ],
)
def test_alarms_are_evaluated_as_documented(points: str, treatment: str, expected: str) -> None:
    alarm = {
        "EvaluationPeriods": 3,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": treatment,
    }
    values = {"0": 0.0, "X": 2.0, "-": None}
    assert state(alarm, [values[p] for p in points]) == expected


BUSY = [4.0, 3.0, 5.0]
EMPTY = [None] * 4


def hours_until_alarm(alarm: dict[str, Any]) -> int | None:
    """How many periods after the last order an alarm goes off; None if it never does."""
    assert state(alarm, BUSY) == "OK"
    for hours in range(1, len(EMPTY) + 1):
        if state(alarm, [*BUSY, *EMPTY[:hours]]) == "ALARM":
            return hours
    return None


def sample_alarm(name: str) -> dict[str, Any]:
    """The alarm of a sample, which cfn-lint has nothing against."""
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    properties: dict[str, Any] = yaml.safe_load(text)["Resources"]["TooFewOrdersAlarm"]
    return properties["Properties"]


def test_the_generated_alarm_goes_off_after_the_first_empty_period(project: Make) -> None:
    made = project(ID, custom_business_kpi_metrics_alarm_period="3600")
    (alarm,) = made.resources("AWS::CloudWatch::Alarm").values()
    assert hours_until_alarm(alarm["Properties"]) == 1
    assert state(alarm["Properties"], [None] * 10) == "ALARM"


def test_the_threshold_is_the_one_that_was_asked_for(project: Make) -> None:
    made = project(ID, custom_business_kpi_metrics_alarm_threshold=100)
    (alarm,) = made.resources("AWS::CloudWatch::Alarm").values()
    assert state(alarm["Properties"], [99.0]) == "ALARM"
    assert state(alarm["Properties"], [100.0]) == "OK"


def test_an_alarm_that_takes_silence_for_good_never_goes_off() -> None:
    assert hours_until_alarm(sample_alarm("before.yaml")) is None
    assert hours_until_alarm(sample_alarm("after.yaml")) == 1


def test_an_alarm_on_the_bare_metric_goes_off_late() -> None:
    bare = {**sample_alarm("before.yaml"), "TreatMissingData": "breaching"}
    assert hours_until_alarm(bare) == 1 + EXTRA_PERIODS
