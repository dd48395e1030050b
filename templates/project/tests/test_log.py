"""Log lines are JSON, say which request they belong to, and hold nobody's data."""

import json
from io import StringIO
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import api, submission
from orders.downstream import DownstreamError
from orders.log import logger
from orders.order import Order
from tests.conftest import ORDER, api_event


class Log(StringIO):
    """What the logger writes."""

    def lines(self) -> list[dict[str, Any]]:
        """Its lines, each of which has to be JSON."""
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """The log of a new execution environment."""
    stream = Log()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    monkeypatch.setattr("aws_lambda_powertools.logging.logger.is_cold_start", True)
    return stream


def accept(order: Order) -> None:
    """Stand in for `submission.submit`: the order is taken."""


def fail(order: Order) -> None:
    """Stand in for `submission.submit`: the downstream is away."""
    raise DownstreamError("the downstream answered 503")


def test_a_line_has_the_context_of_its_request(
    log: Log, monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    monkeypatch.setattr(submission, "submit", accept)
    event = api_event(ORDER)
    response = api.handler(event, context)
    line = log.lines()[-1]
    assert line["message"] == "order accepted"
    assert line["level"] == "INFO"
    assert line["order_id"] == json.loads(response["body"])["order_id"]
    assert line["function_request_id"] == context.aws_request_id
    assert line["correlation_id"] == event["requestContext"]["requestId"]


def test_only_the_first_request_is_a_cold_start(
    log: Log, monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    monkeypatch.setattr(submission, "submit", accept)
    api.handler(api_event(ORDER), context)
    cold = log.lines()[-1]
    api.handler(api_event(ORDER), context)
    warm = log.lines()[-1]
    assert (cold["cold_start"], warm["cold_start"]) == (True, False)


def test_a_key_of_one_request_is_not_in_the_next(
    log: Log, monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    monkeypatch.setattr(submission, "submit", lambda order: logger.append_keys(campaign="spring"))
    api.handler(api_event(ORDER), context)
    assert log.lines()[-1]["campaign"] == "spring"
    monkeypatch.setattr(submission, "submit", accept)
    api.handler(api_event(ORDER), context)
    assert "campaign" not in log.lines()[-1]


def test_a_failure_is_one_line_with_its_cause(
    log: Log, monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    monkeypatch.setattr(submission, "submit", fail)
    api.handler(api_event(ORDER), context)
    line = log.lines()[-1]
    assert line["level"] == "ERROR"
    assert line["exception_name"] == "DownstreamError"
    assert "answered 503" in line["exception"]


@pytest.mark.parametrize("submit", [accept, fail])
@pytest.mark.parametrize("quantity", [2, 0])
def test_the_body_is_not_in_the_log(
    submit: object,
    quantity: int,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    context: LambdaContext,
) -> None:
    monkeypatch.setattr(submission, "submit", submit)
    body = {"customer_id": "customer-4711", "sku": "article-0815", "quantity": quantity}
    api.handler(api_event(body), context)
    assert "customer-4711" not in log.getvalue()
    assert "article-0815" not in log.getvalue()
