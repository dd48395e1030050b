"""The token is read from Secrets Manager, used for a while, and read again when it is refused."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from orders import credential
from orders.downstream import DownstreamError, deliver
from orders.order import Order
from tests.conftest import ORDER


@pytest.fixture
def given_token() -> None:
    """None here: these tests read the token as the service does."""


class Gate:
    """A downstream that takes one token only, and keeps what it was sent."""

    def __init__(self, takes: str) -> None:
        self.takes = takes
        self.seen: list[str] = []

    def status(self, authorization: str) -> int:
        """The answer to a request with this header."""
        self.seen.append(authorization)
        return 200 if authorization == f"Bearer {self.takes}" else 401


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ARN of a secret that is there in this process only; its value is `first`."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    credential._secrets.cache_clear()
    with mock_aws():
        client = boto3.client("secretsmanager")
        arn = client.create_secret(Name="token", SecretString="first\n")["ARN"]
        monkeypatch.setenv("TOKEN_SECRET_ARN", arn)
        yield arn
    credential._secrets.cache_clear()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A downstream that really listens and takes the token `first`."""
    state = Gate("first")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(state.status(self.headers["Authorization"]))
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


def replace(secret: str, value: str) -> None:
    """Make `value` the current token."""
    boto3.client("secretsmanager").put_secret_value(
        SecretId=secret, ClientRequestToken=str(uuid4()), SecretString=value
    )


def test_the_token_is_sent_without_the_line_break_that_a_hand_left(secret: str, gate: Gate) -> None:
    deliver(Order.new(ORDER))
    assert gate.seen == ["Bearer first"]


def test_the_token_is_kept_and_not_read_for_every_order(secret: str, gate: Gate) -> None:
    deliver(Order.new(ORDER))
    replace(secret, "second")
    deliver(Order.new(ORDER))
    assert gate.seen == ["Bearer first", "Bearer first"]


def test_a_refused_token_is_read_again_and_the_order_delivered(secret: str, gate: Gate) -> None:
    deliver(Order.new(ORDER))
    replace(secret, "second")
    gate.takes = "second"
    deliver(Order.new(ORDER))
    assert gate.seen == ["Bearer first", "Bearer first", "Bearer second"]


def test_a_token_that_is_still_the_current_one_is_not_sent_twice(secret: str, gate: Gate) -> None:
    gate.takes = "another"
    with pytest.raises(DownstreamError, match="401"):
        deliver(Order.new(ORDER))
    assert gate.seen == ["Bearer first"]


def test_without_a_token_nothing_is_sent(
    secret: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_SECRET_ARN", f"{secret}-that-is-gone")
    with pytest.raises(DownstreamError, match="no token") as raised:
        deliver(Order.new(ORDER))
    assert gate.seen == []
    assert "first" not in str(raised.value)
