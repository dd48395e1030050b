"""Metrics are counted with and without a call of the CloudWatch API.

Without the safeguard (`before.py`), each request makes a call of PutMetricData, and when CloudWatch
throttles it, a request that had been taken fails. With it, the generated handlers open no
connection, and each invocation's line parses to metrics with the stack's namespace, one dimension
and the right values. Then two mistakes: a dimension with an order's id makes one metric for each
order, and a handler without `log_metrics` writes nothing.

Real: the generated handlers, Powertools, boto3 up to the point where it would open a connection,
the environment variables of the translated template. Simulated: CloudWatch's API, and the part of
CloudWatch Logs that takes metrics out of lines, which is written from the specification of the
format. That Lambda passes on each line as it is was not tried in AWS.
"""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from catalog.conftest import Project
from tests.emf import extracted

ID = "emf-metrics"
STACK = "orders-prod"
COLD_START = "aws_lambda_powertools.metrics.provider.cold_start.is_cold_start"

Make = Callable[..., Project]
Code = Callable[[Project, str], ModuleType]
Sample = Callable[[str], ModuleType]
Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def new_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Region, credentials that open nothing, and a process that has not started cold yet."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(COLD_START, True)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to open a connection is an error."""

    def refuse(self: socket.socket, address: object) -> None:
        raise AssertionError(f"a connection to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def context() -> LambdaContext:
    """What Lambda passes along with an event."""
    made = LambdaContext()
    made._function_name = "orders-api"
    made._memory_limit_in_mb = 512
    made._invoked_function_arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-api"
    made._aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    return made


def request(quantity: int = 1) -> dict[str, Any]:
    """An order as API Gateway passes it on."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"requestId": "r-1", "stage": "prod"},
        "body": json.dumps({"customer_id": "c-1", "sku": "tea-100", "quantity": quantity}),
        "isBase64Encoded": False,
    }


def cloudwatch(sample: ModuleType, *answers: int) -> list[dict[str, Any]]:
    """Let CloudWatch answer the sample's calls with these statuses; the calls, as they come."""
    calls: list[dict[str, Any]] = []

    def answer(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        calls.append(params)
        status = answers[len(calls) - 1]
        error = {"Code": "Throttling", "Message": "Rate exceeded"} if status >= 400 else None
        return SimpleNamespace(status_code=status), {"Error": error} if error else {}

    sample.cloudwatch.meta.events.register("before-call.cloudwatch.PutMetricData", answer)
    return calls


def environment(made: Project, function: str) -> dict[str, str]:
    """The environment variables of a function in a stack called `STACK`, those that are known."""
    properties = made.resources("AWS::Lambda::Function")[function]["Properties"]
    variables = properties["Environment"]["Variables"]
    values = {n: STACK if v == {"Ref": "AWS::StackName"} else v for n, v in variables.items()}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def test_without_it_each_request_waits_for_an_api_call(sample: Sample) -> None:
    before = sample("before.py")
    calls = cloudwatch(before, 200, 200, 200)
    statuses = [before.handler({}, context())["statusCode"] for _ in range(3)]
    assert (statuses, len(calls)) == ([201, 201, 201], 3)


def test_without_it_a_throttled_metric_is_a_failed_request(sample: Sample) -> None:
    before = sample("before.py")
    cloudwatch(before, 400)
    with pytest.raises(ClientError, match="Throttling"):
        before.handler({}, context())


def test_with_it_the_same_metric_is_a_line(sample: Sample, offline: None, capsys: Out) -> None:
    response = sample("after.py").handler({"order_id": "o-1"}, context())
    text = capsys.readouterr().out
    (datum,) = extracted(text)
    assert response["statusCode"] == 201
    assert (datum.namespace, datum.name, datum.unit) == ("orders", "RequestsTaken", "Count")
    assert (dict(datum.dimensions), datum.values) == ({"service": "orders"}, (1.0,))
    assert json.loads(text)["order_id"] == "o-1"


def test_the_generated_handler_counts_its_requests(
    project: Make, code: Code, offline: None, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project(ID)
    for name, value in environment(made, "ApiFunction").items():
        monkeypatch.setenv(name, value)
    api = code(made, "orders.api")
    downstream = code(made, "orders.downstream")

    def fail(order: object) -> None:
        raise downstream.DownstreamError("the downstream answered 503")

    for submit, quantity in ((lambda order: None, 1), (lambda order: None, 0), (fail, 1)):
        monkeypatch.setattr(api.submission, "submit", submit)
        api.handler(request(quantity), context())
    data = extracted(capsys.readouterr().out)
    totals = Counter[str]()
    for datum in data:
        totals[datum.name] += int(sum(datum.values))
        assert datum.namespace == STACK
        assert dict(datum.dimensions)["service"] == "orders"
    assert totals == {"RequestsRefused": 1, "RequestsFailed": 1, "ColdStart": 1}
    # Zeros are there too, or the share of failed requests could not be told.
    assert len([d for d in data if d.name == "RequestsFailed"]) == 3
    assert {len(d.dimensions) for d in data if d.name != "ColdStart"} == {1}


def test_the_generated_worker_counts_what_stays_on_the_queue(
    project: Make, code: Code, offline: None, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project(ID, "sqs-buffering")
    for name, value in environment(made, "WorkerFunction").items():
        monkeypatch.setenv(name, value)
    worker = code(made, "orders.worker")
    monkeypatch.setattr(worker, "deliver", lambda order: None)
    order = json.dumps({"order_id": "o", "customer_id": "c", "sku": "tea-100", "quantity": 1})
    records = [
        {"messageId": str(n), "body": body, "eventSource": "aws:sqs"}
        for n, body in enumerate([order, "not json", order])
    ]
    response = worker.handler({"Records": records}, context())
    assert response == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    data = [d for d in extracted(capsys.readouterr().out) if d.name == "DeliveriesFailed"]
    assert [(d.namespace, d.values) for d in data] == [(STACK, (1.0,))]


def example(name: str) -> ModuleType:
    """One of the examples of the checks, as a module."""
    path = Path(__file__).parent / "examples" / name
    spec = spec_from_file_location("example", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "metrics"), [("low-cardinality.fail.py", 50), ("low-cardinality.pass.py", 1)]
)
def test_an_id_as_a_dimension_is_a_metric_for_each_order(
    name: str, metrics: int, capsys: Out
) -> None:
    module = example(name)
    for number in range(50):
        module.handler({"order_id": f"o-{number}"}, context())
    assert len({datum.metric for datum in extracted(capsys.readouterr().out)}) == metrics


@pytest.mark.parametrize(
    ("name", "lines"), [("metrics-flushed.fail.py", 0), ("metrics-flushed.pass.py", 2)]
)
def test_without_the_decorator_nothing_is_written(name: str, lines: int, capsys: Out) -> None:
    module = example(name)
    for _ in range(2):
        module.handler({}, context())
    written = capsys.readouterr().out.splitlines()
    module.metrics.clear_metrics()
    assert len(written) == lines
