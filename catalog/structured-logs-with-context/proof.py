"""Two customers' orders are taken by the generated handler, and the log is read.

Without the safeguard, the lines are formatted as Lambda's text format formats them: they say that
an order was accepted, and not which. With it, each line is JSON with the order, the request that
the caller can quote, and whether it was a cold start. Then the samples: with `before.py` a
customer's name appears in the next customer's line, with `after.py` it does not.

Real: the generated code, Powertools, the environment variables and log groups of the translated
template. Simulated: Lambda itself. Its text format is set up here as its Python runtime sets it
up, and a request is a call of the handler in this process. What CloudWatch Logs makes of the
lines is not shown.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

ID = "structured-logs-with-context"
TEXT_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s\n"


@pytest.fixture(autouse=True)
def new_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process in which nothing has logged yet."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "orders")
    monkeypatch.setattr("aws_lambda_powertools.logging.logger.is_cold_start", True)
    logging.root.manager.loggerDict.pop("orders", None)
    yield
    logging.root.manager.loggerDict.pop("orders", None)


@pytest.fixture
def text_log() -> Iterator[StringIO]:
    """What Lambda's Python runtime writes in text format."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(TEXT_FORMAT, defaults={"aws_request_id": "req-1"}))
    logging.root.addHandler(handler)
    yield stream
    logging.root.removeHandler(handler)


def request(request_id: str, quantity: int = 1) -> dict[str, Any]:
    """An order as API Gateway passes it on."""
    return {
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"requestId": request_id, "stage": "prod"},
        "body": json.dumps({"customer_id": "c-1", "sku": "tea-100", "quantity": quantity}),
        "isBase64Encoded": False,
    }


def context(request_id: str) -> LambdaContext:
    """What Lambda passes along with an event."""
    made = LambdaContext()
    made._function_name = "orders-api"
    made._memory_limit_in_mb = 512
    made._invoked_function_arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-api"
    made._aws_request_id = request_id
    return made


def take_two_orders(api: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Send two orders to the handler; returns the ids it gave them."""
    monkeypatch.setattr(api.submission, "submit", lambda order: None)
    answers = [api.handler(request(f"gateway-{n}"), context(f"lambda-{n}")) for n in (1, 2)]
    return [json.loads(answer["body"])["order_id"] for answer in answers]


def environment(project: Any) -> dict[str, str]:
    """The plain environment variables that the template gives the API's function."""
    function = project.resources("AWS::Lambda::Function")["ApiFunction"]
    variables = function["Properties"]["Environment"]["Variables"]
    return {name: value for name, value in variables.items() if isinstance(value, str)}


def test_without_it_no_line_says_which_order(
    project: Callable[..., Any],
    code: Callable[..., ModuleType],
    text_log: StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = take_two_orders(code(project(), "orders.api"), monkeypatch)
    text = text_log.getvalue()
    assert text.count("order accepted") == 2
    assert not any(order_id in text for order_id in ids)
    assert "gateway-1" not in text


def test_with_it_each_line_says_which_order_and_which_request(
    project: Callable[..., Any],
    code: Callable[..., ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = project(ID)
    for name, value in environment(made).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    ids = take_two_orders(code(made, "orders.api"), monkeypatch)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["order_id"] for line in lines] == ids
    assert [line["correlation_id"] for line in lines] == ["gateway-1", "gateway-2"]
    assert [line["function_request_id"] for line in lines] == ["lambda-1", "lambda-2"]
    assert [line["cold_start"] for line in lines] == [True, False]
    assert {line["service"] for line in lines} == {"orders"}
    assert {line["function_version"] for line in lines} == {"7"}


def two_callers(sample: ModuleType, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Call a sample as a customer, then as a guest; returns the two lines."""
    sample.handler({"user": "hanako"}, context("lambda-1"))
    sample.handler({}, context("lambda-2"))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_without_clear_state_a_key_stays_for_the_next_caller(
    sample: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    customer, guest = two_callers(sample("before.py"), capsys)
    assert customer["user"] == "hanako"
    assert guest["user"] == "hanako"


def test_with_clear_state_it_does_not(
    sample: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    customer, guest = two_callers(sample("after.py"), capsys)
    assert customer["user"] == "hanako"
    assert "user" not in guest


def test_lambdas_level_counts_and_a_lower_one_is_warned_of(
    project: Callable[..., Any],
    code: Callable[..., ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    with pytest.warns(UserWarning, match="does not match AWS Lambda Advanced Logging Controls"):
        logger = code(project(ID), "orders.log").logger
    logger.debug("not written")
    logger.info("written")
    assert [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()] == [
        "written"
    ]


def test_only_with_it_do_lines_expire(project: Callable[..., Any]) -> None:
    assert project().resources("AWS::Logs::LogGroup") == {}
    made = project(ID, structured_logs_with_context_retention_days="90")
    (group,) = made.resources("AWS::Logs::LogGroup").items()
    assert group[1]["Properties"]["RetentionInDays"] == 90
    for function in made.resources("AWS::Lambda::Function").values():
        logging_config = function["Properties"]["LoggingConfig"]
        assert logging_config["LogFormat"] == "JSON"
        assert logging_config["LogGroup"] == {"Ref": group[0]}


def test_a_line_of_the_access_log_has_the_functions_id(project: Callable[..., Any]) -> None:
    (stage,) = project(ID).resources("AWS::ApiGateway::Stage").values()
    condition, setting, otherwise = stage["Properties"]["AccessLogSetting"]["Fn::If"]
    assert (condition, otherwise) == ("HasAccessLogs", {"Ref": "AWS::NoValue"})
    assert setting["DestinationArn"] == {"Fn::GetAtt": ["FunctionLogGroup", "Arn"]}
    line = json.loads(setting["Format"])
    assert line["correlation_id"] == "$context.requestId"
    assert correlation_paths.API_GATEWAY_REST == "requestContext.requestId"
