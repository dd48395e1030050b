"""For proofs: a downstream with limited capacity, and what Lambda does with an SQS queue.

The downstream really listens on this machine. The queue is moto's; `Poller` does with it what
Lambda's event source mapping is documented to do, and `Clock` moves moto's time ahead so that
no proof waits for a visibility timeout.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import takewhile
from threading import Condition, Thread
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto.core import utils as moto_time

Handler = Callable[[dict[str, Any], LambdaContext], Any]


@dataclass
class Downstream:
    """An HTTP server that takes `capacity` requests at once and answers 503 to any other.

    Attributes:
        capacity: most requests at once.
        seconds: how long each request that is taken lasts.
        down_for: the first requests, of this number, are answered 503.
        crowd: requests are held until this many have come in (at most 2 s), so that a test is
            sure that they meet.
        delivered: order ids, in the order of their arrival; repeated if delivered again.
        refused: order ids that were answered 503.
        keys: the `Idempotency-Key` of each delivery.
        peak: most requests there ever were at once, with those that were refused.
    """

    capacity: int
    seconds: float = 0.0
    down_for: int = 0
    crowd: int = 0
    url: str = ""
    delivered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    peak: int = 0
    _inside: int = 0
    _arrived: int = 0
    _changed: Condition = field(default_factory=Condition)

    def take(self, order: dict[str, Any], key: str) -> int:
        """Handle one request; the HTTP status of the answer."""
        with self._changed:
            self._arrived += 1
            self._inside += 1
            self.peak = max(self.peak, self._inside)
            taken = self._inside <= self.capacity and self._arrived > self.down_for
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._arrived >= self.crowd, timeout=2)
        if taken:
            time.sleep(self.seconds)
        with self._changed:
            self._inside -= 1
            (self.delivered if taken else self.refused).append(order["order_id"])
            if taken:
                self.keys.append(key)
        return 200 if taken else 503


class _Server(ThreadingHTTPServer):
    # A burst of connections has to get through to the handler, which counts them.
    request_queue_size = 256
    daemon_threads = True


@contextmanager
def listening(downstream: Downstream) -> Iterator[Downstream]:
    """Serve the downstream; its `url` is set while this lasts."""

    class RequestHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(downstream.take(order, self.headers.get("Idempotency-Key", "")))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), RequestHandler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    downstream.url = f"http://127.0.0.1:{server.server_port}/orders"
    yield downstream
    server.shutdown()
    server.server_close()


@dataclass
class Clock:
    """moto's clock, which stands still until time passes."""

    now: datetime = field(default_factory=moto_time.utcnow)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Clock:
        """Let moto use this clock for the rest of the test."""
        monkeypatch.setattr(moto_time, "utcnow", lambda: self.now)
        return self

    def pass_(self, seconds: int) -> None:
        """Move the time ahead, just past so many seconds: what ends then has ended."""
        self.now += timedelta(seconds=seconds, milliseconds=1)


@dataclass(frozen=True)
class Queue:
    """A queue with its dead-letter queue in moto, made from a translated template."""

    sqs: Any
    url: str
    dlq_url: str
    visibility: int

    @staticmethod
    def create(sqs: Any, resources: Mapping[str, Any], name: str, dlq: str) -> Queue:
        """Make the queues `name` and `dlq` of the template with the attributes they have there."""
        dlq_url = sqs.create_queue(QueueName=dlq, Attributes=_attributes(resources[dlq]))[
            "QueueUrl"
        ]
        arn = sqs.get_queue_attributes(QueueUrl=dlq_url, AttributeNames=["QueueArn"])["Attributes"]
        attributes = _attributes(resources[name])
        attributes["RedrivePolicy"] = json.dumps(
            {
                "deadLetterTargetArn": arn["QueueArn"],
                "maxReceiveCount": resources[name]["Properties"]["RedrivePolicy"][
                    "maxReceiveCount"
                ],
            }
        )
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return Queue(sqs, url, dlq_url, int(attributes["VisibilityTimeout"]))

    def send(self, body: str) -> None:
        """Put a message on the queue."""
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def read(self, count: int) -> list[dict[str, Any]]:
        """Receive messages, which adds to their receive count and hides them for a while."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=count, MessageSystemAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    def delete(self, message: dict[str, Any]) -> None:
        """Delete a message that was received."""
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def size(self) -> int:
        """Messages on the queue, those in flight included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def dead(self) -> list[str]:
        """The bodies of all messages in the dead-letter queue."""
        bodies: list[str] = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.dlq_url, MaxNumberOfMessages=10)
            if not answer.get("Messages"):
                return bodies
            bodies += [m["Body"] for m in answer["Messages"]]


@dataclass(frozen=True)
class Poller:
    """What Lambda's event source mapping does: read batches, invoke, delete what succeeded.

    Attributes:
        mapping: properties of the `AWS::Lambda::EventSourceMapping`, after the SAM transform.
        environments: a handler per execution environment; there are no more invocations at once.
        lambda_context: passed to every invocation.
    """

    queue: Queue
    mapping: Mapping[str, Any]
    environments: Sequence[Handler]
    lambda_context: LambdaContext

    def drain(self, clock: Clock) -> None:
        """Read and invoke until the queue is empty, past one visibility timeout after another."""
        while True:
            while self.round():
                pass
            if self.queue.size() == 0:
                return
            clock.pass_(self.queue.visibility)

    def round(self) -> int:
        """One batch for each environment, all at once; how many batches there were."""
        batches = self.batches(len(self.environments))
        self.invoke(batches)
        return len(batches)

    def batches(self, most: int) -> list[list[dict[str, Any]]]:
        """Read up to `most` batches, fewer if there are no more."""
        size = self.mapping.get("BatchSize", 10)
        return list(takewhile(bool, (self.queue.read(size) for _ in range(most))))

    def invoke(self, batches: Sequence[list[dict[str, Any]]]) -> None:
        """Pass each batch to an environment of its own, at once; delete what succeeded."""
        if not batches:
            return
        with ThreadPoolExecutor(len(batches)) as pool:
            for done in pool.map(self._outcome, batches, self.environments):
                for message in done:
                    self.queue.delete(message)

    def _outcome(self, batch: list[dict[str, Any]], handler: Handler) -> list[dict[str, Any]]:
        """The messages that Lambda deletes after this invocation."""
        try:
            response = handler(sqs_event(batch), self.lambda_context)
        except Exception:
            return []
        if "ReportBatchItemFailures" not in self.mapping.get("FunctionResponseTypes", []):
            return batch
        failed = {f["itemIdentifier"] for f in response["batchItemFailures"]}
        return [message for message in batch if message["MessageId"] not in failed]


def environments(load: Callable[[], Handler], count: int, package: str) -> list[Handler]:
    """Handlers from `count` execution environments: each has modules, and state, of its own."""
    handlers: list[Handler] = []
    for _ in range(count):
        for name in [n for n in sys.modules if n == package or n.startswith(package + ".")]:
            del sys.modules[name]
        handlers.append(load())
    return handlers


def lambda_context() -> LambdaContext:
    """A context such as Lambda passes to a handler."""
    context = LambdaContext()
    context._function_name = "orders"
    context._memory_limit_in_mb = 512
    context._invoked_function_arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders"
    context._aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    return context


def sqs_event(batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Messages from `Queue.read` as Lambda passes them on."""
    records = [
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:orders",
            "awsRegion": "ap-northeast-1",
        }
        for message in batch
    ]
    return {"Records": records}


def _attributes(resource: Mapping[str, Any]) -> dict[str, str]:
    properties = resource["Properties"]
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in properties.items()
        if name not in ("QueueName", "RedrivePolicy")
    }
