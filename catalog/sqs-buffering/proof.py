"""A rush of 40 orders on a downstream that takes 3 at once: without the queue most are lost, with
it none.

Real: the generated project's API and worker, boto3, the HTTP requests, and the downstream, a
server on this machine that answers 503 to what is above its capacity. Each concurrent invocation
has modules of its own, as each execution environment has.

Simulated: SQS is moto, with the attributes of the generated template. Lambda's polling is a
loop of five environments that reads, invokes and deletes as AWS documents it. moto's clock is
moved ahead instead of waiting for visibility timeouts. Not shown: how Lambda scales, and the
alarms.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from catalog.conftest import Project
from tests.queues import (
    Clock,
    Downstream,
    Handler,
    Poller,
    Queue,
    environments,
    lambda_context,
    listening,
    sqs_event,
)

RUSH = 40
CAPACITY = 3
WORKERS = 5
"""What Lambda starts with when a queue fills."""

Code = Callable[[Project, str], ModuleType]
MakeProject = Callable[..., Project]
Sample = Callable[[str], ModuleType]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock().install(monkeypatch)


@pytest.fixture
def downstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Downstream]:
    """Takes 3 requests at once, each for 10 ms."""
    with listening(Downstream(CAPACITY, seconds=0.01)) as server:
        monkeypatch.setenv("DOWNSTREAM_URL", server.url)
        yield server


@pytest.fixture
def queue(project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    """The project's queues, in moto."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    queues = project("sqs-buffering").resources("AWS::SQS::Queue")
    with mock_aws():
        made = Queue.create(boto3.client("sqs"), queues, "OrderQueue", "OrderDlq")
        monkeypatch.setenv("QUEUE_URL", made.url)
        yield made


def api_event(number: int) -> dict[str, Any]:
    """A POST /orders."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "requestContext": {"requestId": f"r-{number}", "stage": "prod"},
        "body": json.dumps({"customer_id": f"c-{number}", "sku": "tea-100", "quantity": 1}),
        "isBase64Encoded": False,
    }


def rush(handlers: list[Handler]) -> list[dict[str, Any]]:
    """One call for each handler, all at once."""
    with ThreadPoolExecutor(len(handlers)) as pool:
        calls = [
            pool.submit(handler, api_event(number), lambda_context())
            for number, handler in enumerate(handlers)
        ]
        return [call.result() for call in calls]


def poller(of: Project, code: Code, queue: Queue, **changes: Any) -> Poller:
    """Lambda's polling for the project's worker."""
    (mapping,) = of.resources("AWS::Lambda::EventSourceMapping").values()
    workers = environments(lambda: code(of, "orders.worker").handler, WORKERS, "orders")
    return Poller(queue, {**mapping["Properties"], **changes}, workers, lambda_context())


def accept(of: Project, code: Code, count: int) -> list[str]:
    """Let the project's API accept orders; their ids."""
    handler = code(of, "orders.api").handler
    answers = [handler(api_event(number), lambda_context()) for number in range(count)]
    assert {answer["statusCode"] for answer in answers} == {202}
    return [json.loads(answer["body"])["order_id"] for answer in answers]


def test_without_it_a_rush_loses_most_orders(
    project: MakeProject, code: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = project()
    handlers = environments(lambda: code(of, "orders.api").handler, RUSH, "orders")
    with listening(Downstream(CAPACITY, crowd=RUSH)) as server:
        monkeypatch.setenv("DOWNSTREAM_URL", server.url)
        answers = rush(handlers)
    statuses = [answer["statusCode"] for answer in answers]
    assert (statuses.count(201), statuses.count(502)) == (CAPACITY, RUSH - CAPACITY)
    assert len(server.delivered) == CAPACITY


def test_with_it_all_orders_arrive_and_only_the_poison_is_left(
    project: MakeProject, code: Code, queue: Queue, clock: Clock, downstream: Downstream
) -> None:
    of = project("sqs-buffering")
    accepted = accept(of, code, RUSH)
    assert downstream.delivered == []
    queue.send("not json")
    poller(of, code, queue).drain(clock)
    assert downstream.refused, "the downstream was never overloaded, so this shows nothing"
    assert sorted(downstream.delivered) == sorted(accepted)
    assert queue.dead() == ["not json"]


def test_an_outage_delays_orders_and_loses_none(
    project: MakeProject,
    code: Code,
    queue: Queue,
    clock: Clock,
    downstream: Downstream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = project("sqs-buffering")
    accepted = accept(of, code, 10)
    lambda_polls = poller(of, code, queue)
    with monkeypatch.context() as outage:
        outage.setenv("DOWNSTREAM_URL", "http://127.0.0.1:9/orders")
        for _ in range(4):
            while lambda_polls.round():
                pass
            clock.pass_(queue.visibility)
    lambda_polls.drain(clock)
    assert sorted(downstream.delivered) == sorted(accepted)
    assert queue.dead() == []


@pytest.mark.parametrize(("response_types", "arrived"), [(["ReportBatchItemFailures"], 5), ([], 3)])
def test_without_partial_batch_responses_failed_orders_are_deleted(
    response_types: list[str],
    arrived: int,
    project: MakeProject,
    code: Code,
    queue: Queue,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = project("sqs-buffering")
    accept(of, code, 5)
    with listening(Downstream(CAPACITY, down_for=2)) as server:
        monkeypatch.setenv("DOWNSTREAM_URL", server.url)
        poller(of, code, queue, FunctionResponseTypes=response_types).drain(clock)
    assert len(server.delivered) == arrived
    assert (queue.size(), queue.dead()) == (0, [])


def test_an_order_that_is_delivered_twice_has_the_same_key(
    project: MakeProject, code: Code, queue: Queue, clock: Clock, downstream: Downstream
) -> None:
    of = project("sqs-buffering")
    (accepted,) = accept(of, code, 1)
    lambda_polls = poller(of, code, queue)
    # The worker delivers, and Lambda is stopped before it deletes the message.
    lambda_polls.environments[0](sqs_event(queue.read(1)), lambda_context())
    clock.pass_(queue.visibility)
    lambda_polls.drain(clock)
    assert downstream.keys == [accepted, accepted]


def test_the_samples_do_the_same(
    sample: Sample, queue: Queue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {"body": json.dumps({"order_id": "o-1"})}
    with listening(Downstream(capacity=0)) as down:
        monkeypatch.setenv("DOWNSTREAM_URL", down.url)
        assert sample("before.py").handler(event, lambda_context())["statusCode"] == 502
        after = sample("after.py")
        assert after.handler(event, lambda_context())["statusCode"] == 202
        mapping = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
        lambda_polls = Poller(queue, mapping, [after.worker], lambda_context())
        lambda_polls.round()
        assert down.delivered == []
    with listening(Downstream(capacity=1)) as up:
        monkeypatch.setenv("DOWNSTREAM_URL", up.url)
        clock.pass_(queue.visibility)
        lambda_polls.drain(clock)
        assert up.delivered == ["o-1"]
