"""A backlog of 60 orders on the queue: without a cap the downstream gets 12 at once, with a cap of
N never more than N. And why reserved concurrency is not the cap.

Real: the cap, read from the translated template of a generated project; its worker, with
modules of its own for each concurrent invocation; the HTTP requests; the downstream on this
machine, which counts how many requests it has at once.

Simulated: SQS is moto. Lambda's polling is a loop that runs as many batches at once as the template
allows, or all of them where it sets no cap. For reserved concurrency it goes on reading, as AWS
documents, and what is throttled waits out its visibility timeout; every order is counted as 7 s,
the longest that the worker waits for an answer, on moto's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from catalog.conftest import Project
from tests.bar import lint, translate
from tests.queues import Clock, Downstream, Poller, Queue, environments, lambda_context, listening

BACKLOG = 60
BIG_BACKLOG = 160
SECONDS_PER_ORDER = 7
"""How long the project's downstream client waits at most."""

SAMPLES = Path(__file__).parent / "samples"

Code = Callable[[Project, str], ModuleType]
Make = Callable[..., Project]
MakeQueue = Callable[[Project, int], Queue]


@pytest.fixture
def make_queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeQueue]:
    """Makes a project's queues in moto and puts a number of orders on them."""

    def make(of: Project, orders: int) -> Queue:
        queues = of.resources("AWS::SQS::Queue")
        queue = Queue.create(boto3.client("sqs"), queues, "OrderQueue", "OrderDlq")
        for number in range(orders):
            order = {"order_id": f"o-{number}", "customer_id": "c-1", "sku": "tea", "quantity": 1}
            queue.send(json.dumps(order))
        return queue

    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        yield make


def mapping_of(of: Project) -> dict[str, Any]:
    """The worker's event source mapping, as CloudFormation gets it."""
    (mapping,) = of.resources("AWS::Lambda::EventSourceMapping").values()
    return dict(mapping["Properties"])


def drain(of: Project, code: Code, queue: Queue, server: Downstream) -> None:
    """Let the project's workers deliver the backlog, as many at once as its template allows."""
    mapping = mapping_of(of)
    cap = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
    workers = environments(
        lambda: code(of, "orders.worker").handler, cap or BACKLOG // mapping["BatchSize"], "orders"
    )
    Poller(queue, mapping, workers, lambda_context()).drain(Clock())
    assert len(server.delivered) == BACKLOG


def test_without_it_the_whole_backlog_arrives_at_once(
    project: Make,
    code: Code,
    make_queue: MakeQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = project("sqs-buffering")
    queue = make_queue(of, BACKLOG)
    with listening(Downstream(capacity=BACKLOG, crowd=12)) as server:
        monkeypatch.setenv("DOWNSTREAM_URL", server.url)
        drain(of, code, queue, server)
    assert server.peak == 12


@pytest.mark.parametrize("cap", [2, 5])
def test_with_it_the_downstream_never_has_more_than_the_cap(
    cap: int,
    project: Make,
    code: Code,
    make_queue: MakeQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = project("esm-max-concurrency", esm_max_concurrency_max_concurrency=cap)
    queue = make_queue(of, BACKLOG)
    with listening(Downstream(capacity=BACKLOG, crowd=cap)) as server:
        monkeypatch.setenv("DOWNSTREAM_URL", server.url)
        drain(of, code, queue, server)
    assert server.peak == cap


def test_reserved_concurrency_alone_sends_good_orders_to_the_dead_letter_queue(
    project: Make,
    code: Code,
    make_queue: MakeQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = project("sqs-buffering")
    queue = make_queue(of, BIG_BACKLOG)
    clock = Clock().install(monkeypatch)
    mapping = mapping_of(of)
    # What one reserved environment gets through until the other batches go back to the queue.
    in_time = queue.visibility // (mapping["BatchSize"] * SECONDS_PER_ORDER)
    with listening(Downstream(capacity=1)) as server:
        monkeypatch.setenv("DOWNSTREAM_URL", server.url)
        worker = code(of, "orders.worker").handler
        poller = Poller(queue, mapping, [worker], lambda_context())
        while read := poller.batches(BIG_BACKLOG):
            for batch in read[:in_time]:
                poller.invoke([batch])
            clock.pass_(queue.visibility)
    dead = queue.dead()
    assert (len(server.delivered), len(dead)) == (150, 10)
    assert server.refused == []
    assert not {json.loads(body)["order_id"] for body in dead} & set(server.delivered)


@pytest.mark.parametrize("name", ["before.yaml", "after.yaml"])
def test_the_samples_are_valid_templates(name: str) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    assert lint(text) == []
    functions = translate(text)["Resources"].values()
    mapping = next(r for r in functions if r["Type"] == "AWS::Lambda::EventSourceMapping")
    assert ("ScalingConfig" in mapping["Properties"]) == (name == "after.yaml")
