"""What tests share: an event and its context, submitted orders, a downstream that listens."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import submission
from orders.order import Order

ORDER = {"customer_id": "c-1", "sku": "tea-100", "quantity": 2}


@dataclass
class Downstream:
    """What the fake downstream was sent, and what it answers."""

    received: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def downstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Downstream]:
    """An HTTP server on this machine that stands in for the downstream."""
    state = Downstream()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.received.append(json.loads(body))
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("DOWNSTREAM_URL", f"http://127.0.0.1:{server.server_port}/orders")
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """The orders that the API passed on."""
    orders: list[Order] = []
    monkeypatch.setattr(submission, "submit", orders.append)
    return orders


@pytest.fixture
def context() -> LambdaContext:
    """The context that Lambda passes to a handler."""
    lambda_context = LambdaContext()
    lambda_context._function_name = "orders-api"
    lambda_context._memory_limit_in_mb = 512
    lambda_context._invoked_function_arn = (
        "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-api"
    )
    lambda_context._aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    return lambda_context


def api_event(body: object, content_type: str = "application/json") -> dict[str, Any]:
    """A POST /orders as API Gateway passes it on; text is sent as it is."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": content_type},
        "multiValueHeaders": {"Content-Type": [content_type]},
        "queryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "stage": "prod"},
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
