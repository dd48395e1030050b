"""The deck's library counts what its Powertools counterpart counts, with dimensions of its own.

Without any metrics, a request that failed leaves no number behind. With the library, the generated
handlers' lines parse to metrics with the stack's namespace and one dimension. Then the differences:
the library's default dimensions (`before.py`) make a metric for each function, and dimensions that
stand alone (`after.py`) make one; it loads aiohttp, and Powertools does not; and with both
libraries on one handler, each order is counted in two metrics.

Real: the generated handlers, the samples, both libraries, the environment variables of the
translated template. Simulated: the part of CloudWatch Logs that takes metrics out of lines, which
is written from the specification of the format, and Lambda, whose environment variables are set
here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_embedded_metrics.config import get_config
from aws_embedded_metrics.config.environment_configuration_provider import (
    EnvironmentConfigurationProvider,
)
from aws_embedded_metrics.environment.environment_detector import EnvironmentCache
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.conftest import Project
from tests.emf import Datum, extracted

ID = "emf-aws-embedded-metrics"
STACK = "orders-prod"

Make = Callable[..., Project]
Code = Callable[[Project, str], ModuleType]
Sample = Callable[[str], ModuleType]
Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Lambda environment in which the library has not looked around yet."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders-api")
    monkeypatch.setattr(EnvironmentCache, "environment", None)
    for name, value in vars(get_config()).items():
        monkeypatch.setattr(get_config(), name, value)


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


def started(made: Project, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a function's environment as it is in a stack called `STACK`.

    The library reads its variables once for each process, so they are read again here.
    """
    properties = made.resources("AWS::Lambda::Function")[function]["Properties"]
    for name, value in properties["Environment"]["Variables"].items():
        known = STACK if value == {"Ref": "AWS::StackName"} else value
        if isinstance(known, str):
            monkeypatch.setenv(name, known)
    for name, value in vars(EnvironmentConfigurationProvider().get_configuration()).items():
        monkeypatch.setattr(get_config(), name, value)


def send_three(made: Project, code: Code, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is taken, one that is refused, and one that fails."""
    api = code(made, "orders.api")
    downstream = code(made, "orders.downstream")

    def fail(order: object) -> None:
        raise downstream.DownstreamError("the downstream answered 503")

    for submit, quantity in ((lambda order: None, 1), (lambda order: None, 0), (fail, 1)):
        monkeypatch.setattr(api.submission, "submit", submit)
        api.handler(request(quantity), context())


def test_without_it_a_failed_request_leaves_no_number(
    project: Make, code: Code, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    send_three(project(), code, monkeypatch)
    assert extracted(capsys.readouterr().out) == []


def test_with_it_each_request_is_counted(
    project: Make, code: Code, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project(ID)
    started(made, "ApiFunction", monkeypatch)
    send_three(made, code, monkeypatch)
    data = extracted(capsys.readouterr().out)
    totals = Counter[str]()
    for datum in data:
        totals[datum.name] += int(sum(datum.values))
        assert (datum.namespace, datum.unit) == (STACK, "Count")
        assert dict(datum.dimensions) == {"ServiceName": "orders"}
    assert totals == {"RequestsRefused": 1, "RequestsFailed": 1}
    assert len({datum.metric for datum in data}) == 2


def test_with_it_messages_that_stay_on_the_queue_are_counted(
    project: Make, code: Code, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    made = project(ID, "sqs-buffering")
    started(made, "WorkerFunction", monkeypatch)
    worker = code(made, "orders.worker")
    monkeypatch.setattr(worker, "deliver", lambda order: None)
    order = json.dumps({"order_id": "o", "customer_id": "c", "sku": "tea-100", "quantity": 1})
    records = [
        {"messageId": str(n), "body": body, "eventSource": "aws:sqs"}
        for n, body in enumerate([order, "not json", order])
    ]
    response = worker.handler({"Records": records}, context())
    assert response == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    (datum,) = extracted(capsys.readouterr().out)
    assert (datum.name, datum.values, datum.namespace) == ("DeliveriesFailed", (1,), STACK)


def from_two_functions(
    sample: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> list[Datum]:
    """What a sample's handler writes when two functions run it."""
    for function in ("orders-web", "orders-app"):
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)
        sample.handler({"sales": [1, 2, 3]}, context())
    return extracted(capsys.readouterr().out)


def test_default_dimensions_make_a_metric_for_each_function(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    data = from_two_functions(sample("before.py"), monkeypatch, capsys)
    keys = {frozenset(dict(datum.dimensions)) for datum in data}
    assert keys == {frozenset({"LogGroup", "ServiceName", "ServiceType", "channel"})}
    assert len({datum.metric for datum in data}) == 2


def test_dimensions_that_stand_alone_make_one(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    data = from_two_functions(sample("after.py"), monkeypatch, capsys)
    assert {datum.metric for datum in data} == {
        ("orders", "Conversion", frozenset({("channel", "web")}))
    }
    assert [datum.values for datum in data] == [(3,), (3,)]


@pytest.mark.parametrize(
    ("statement", "loads"),
    [
        ("from aws_embedded_metrics import metric_scope", True),
        ("from aws_lambda_powertools import Metrics", False),
    ],
)
def test_it_loads_an_http_client_that_a_function_does_not_need(statement: str, loads: bool) -> None:
    program = f"import sys; {statement}; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == str(loads), done.stderr


def test_with_both_libraries_each_order_is_counted_twice(capsys: Out) -> None:
    example = Path(__file__).parent / "examples" / "single-library.fail.py"
    spec = spec_from_file_location("example", example)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.handler({}, context())
    data = extracted(capsys.readouterr().out)
    assert [datum.name for datum in data] == ["OrdersTaken", "OrdersTaken"]
    assert len({datum.metric for datum in data}) == 2
