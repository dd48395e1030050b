"""For proofs: Lambda invoking handlers with tracing on, and the datagrams for the X-Ray daemon.

Each invocation is a process of its own with the environment variables that Lambda sets. The
downstream and SQS are one HTTP server on this machine; it answers each as it is asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

TRACE = "1-5759e988-bd862e3fe1be46a994272793"
LAMBDA_SEGMENT = "53995c3f42cd8ad8"

Subsegment = dict[str, Any]

INVOKE = """
import importlib, json, sys
from aws_lambda_powertools.utilities.typing import LambdaContext
handler = importlib.import_module(sys.argv[1]).handler
print(json.dumps(handler(json.load(sys.stdin), LambdaContext())))
"""


class HandlerFailed(Exception):
    """A handler raised; the text is what the process wrote to its standard error."""


@dataclass
class Server:
    """An HTTP server that answers as the downstream does, and as SQS does if asked that way.

    Attributes:
        status: what the downstream answers.
        refuses: the downstream answers 503 if the body contains this text.
        bodies: what was sent to it.
        trace_headers: `X-Amzn-Trace-Id` of each request, "" if there was none.
    """

    status: int = 201
    refuses: str = ""
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    trace_headers: list[str] = field(default_factory=list)

    def answer(self, body: bytes, target: str | None) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self.bodies.append(json.loads(body))
        if target != "AmazonSQS.SendMessage":
            refused = self.refuses and self.refuses in body.decode()
            return (503 if refused else self.status), b""
        digest = hashlib.md5(self.bodies[-1]["MessageBody"].encode(), usedforsecurity=False)
        sent = {"MessageId": "m-1", "MD5OfMessageBody": digest.hexdigest()}
        return 200, json.dumps(sent).encode()


@contextmanager
def serving() -> Iterator[Server]:
    """A server that really listens."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.trace_headers.append(self.headers.get("X-Amzn-Trace-Id", ""))
            status, answer = state.answer(body, self.headers.get("X-Amz-Target"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    state.url = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield state
    finally:
        listening.shutdown()
        listening.server_close()


@dataclass(frozen=True)
class TracedLambda:
    """Invokes handlers as Lambda does, and takes what they send to the X-Ray daemon."""

    server: Server
    daemon: socket.socket

    def invoke(
        self, code: Path, module: str, event: dict[str, Any], sampled: bool = True, **more: str
    ) -> dict[str, Any]:
        """What the handler returns.

        Args:
            code: the folder that Lambda unpacks the code into.
            module: dotted name of the module with `handler`.
            event: what is passed to it.
            sampled: whether the request was chosen for tracing.
            more: further environment variables.

        Raises:
            HandlerFailed: the handler raised.
        """
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(code),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": "ap-northeast-1",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL_SQS": self.server.url,
            "DOWNSTREAM_URL": f"{self.server.url}/orders?key=k-4711",
            "QUEUE_URL": f"{self.server.url}/123456789012/orders",
            "POWERTOOLS_SERVICE_NAME": "orders",
            "LAMBDA_TASK_ROOT": str(code),
            "AWS_XRAY_DAEMON_ADDRESS": "{}:{}".format(*self.daemon.getsockname()),
            "_X_AMZN_TRACE_ID": f"Root={TRACE};Parent={LAMBDA_SEGMENT};Sampled={int(sampled)}",
            **more,
        }
        done = subprocess.run(
            [sys.executable, "-c", INVOKE, module],
            input=json.dumps(event),
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise HandlerFailed(done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def sent(self) -> list[Subsegment]:
        """The subsegments that arrived since. The sender is gone, so none is on its way."""
        found = []
        while True:
            try:
                datagram = self.daemon.recv(65536).decode()
            except BlockingIOError:
                return found
            header, _, document = datagram.partition("\n")
            assert json.loads(header) == {"format": "json", "version": 1}
            found.append(json.loads(document))


@contextmanager
def traced_lambda(server: Server) -> Iterator[TracedLambda]:
    """Lambda, with a socket in place of the X-Ray daemon."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.setblocking(False)
        yield TracedLambda(server, daemon)


def below(sent: list[Subsegment], parent: str) -> list[Subsegment]:
    """The subsegments directly below one, in the order in which they began."""
    found = (s for s in sent if s["parent_id"] == parent)
    return sorted(found, key=lambda s: float(s["start_time"]))


def request(body: dict[str, Any], **headers: str) -> dict[str, Any]:
    """A `POST /orders` as API Gateway passes it on."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", **headers},
        "requestContext": {"requestId": "gateway-1", "stage": "prod"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def messages(*orders: dict[str, Any]) -> dict[str, Any]:
    """Orders as Lambda passes them on from the queue; the messages are m-0, m-1 and so on."""
    records = [
        {
            "messageId": f"m-{number}",
            "receiptHandle": f"handle-{number}",
            "body": json.dumps(order),
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:orders",
            "awsRegion": "ap-northeast-1",
        }
        for number, order in enumerate(orders)
    ]
    return {"Records": records}
