"""A request's trace shows the handler and the calls that it makes, and nobody's data."""

import os

import pytest
import urllib3
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import api, submission
from orders.downstream import DownstreamError, deliver
from orders.order import Order
from orders.tracing import tracer
from tests.conftest import ORDER, Downstream, api_event
from tests.tracing import recorded


def test_a_delivery_is_a_call_of_another_service(downstream: Downstream) -> None:
    with recorded() as segment:
        deliver(Order.new(ORDER))
    (call,) = segment.subsegments
    assert (call.name, call.namespace) == ("127.0.0.1", "remote")
    assert call.http["request"]["method"] == "POST"
    assert call.http["response"]["status"] == 200
    assert "fault" not in call.to_dict()


def test_a_failing_downstream_is_marked(downstream: Downstream) -> None:
    downstream.status = 503
    with recorded() as segment, pytest.raises(DownstreamError):
        deliver(Order.new(ORDER))
    (call,) = segment.subsegments
    assert call.to_dict()["fault"] is True


def test_a_downstream_that_is_away_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOWNSTREAM_URL", "http://127.0.0.1:9/orders")
    with recorded() as segment, pytest.raises(DownstreamError):
        deliver(Order.new(ORDER))
    (call,) = segment.subsegments
    assert call.to_dict()["fault"] is True
    assert "response" not in call.http


def test_secrets_in_a_url_are_not_in_the_trace(downstream: Downstream) -> None:
    url = os.environ["DOWNSTREAM_URL"]
    with_secrets = url.replace("//", "//user:p-4711@") + "?token=t-4711"
    with recorded() as segment:
        urllib3.PoolManager().request("POST", with_secrets, json=ORDER)
    assert segment.subsegments[0].http["request"]["url"] == url
    trace = segment.serialize()
    assert "p-4711" not in trace
    assert "t-4711" not in trace


def test_the_handler_is_in_the_trace_and_the_order_is_not(
    monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    monkeypatch.setattr(submission, "submit", lambda order: None)
    body = {"customer_id": "customer-4711", "sku": "article-0815", "quantity": 2}
    with recorded() as segment:
        api.handler(api_event(body), context)
    assert [child.name for child in segment.subsegments] == ["## handler"]
    trace = segment.serialize()
    assert "customer-4711" not in trace
    assert "article-0815" not in trace


def test_outside_lambda_the_tracer_is_off(downstream: Downstream) -> None:
    assert tracer.disabled
    deliver(Order.new(ORDER))
    assert len(downstream.received) == 1
