"""The caller's answer waits for the queue and not for the downstream."""

import json
from collections.abc import Iterator
from http import HTTPStatus

import boto3
import pytest
from moto import mock_aws

from orders import submission
from orders.downstream import DownstreamError
from orders.order import Order
from tests.conftest import ORDER, Downstream


@pytest.fixture
def queue_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a queue that is there in this process only."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        url = boto3.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
        monkeypatch.setenv("QUEUE_URL", url)
        yield url


def test_an_order_is_queued_and_not_delivered(queue_url: str, downstream: Downstream) -> None:
    order = Order.new(ORDER)
    submission.submit(order)
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    assert json.loads(message["Body"]) == order.as_dict()
    assert downstream.received == []


def test_the_caller_is_told_that_the_order_is_only_accepted() -> None:
    assert submission.STATUS is HTTPStatus.ACCEPTED


def test_an_order_that_the_queue_does_not_take_is_an_error(
    queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUE_URL", f"{queue_url}-that-is-gone")
    with pytest.raises(DownstreamError, match="queue"):
        submission.submit(Order.new(ORDER))
