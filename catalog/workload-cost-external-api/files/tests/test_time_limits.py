"""Nobody waits longer than somebody else waits for them: client, function, API Gateway."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from urllib3.connectionpool import HTTPConnectionPool

from orders.downstream import DownstreamError, deliver
from orders.order import Order
from tests.conftest import ORDER

API_GATEWAY = 29
"""Seconds that API Gateway waits for a function by default."""

TEMPLATE = (Path(__file__).parent.parent / "template.yaml").read_text("utf-8")
GLOBALS, _, RESOURCES = TEMPLATE.partition("\nResources:\n")


def timeout(block: str) -> int:
    """Seconds of a function's own Timeout in the template, or of the one in Globals."""
    found = re.search(r"^ +Timeout: (\d+)$", f"{block}\n{GLOBALS}", re.MULTILINE)
    assert found, "neither the function nor Globals has a Timeout"
    return int(found[1])


def callers() -> dict[str, str]:
    """The functions that call the downstream: logical id and what the template says of each."""
    blocks = re.split(r"^  (?=\w+:$)", RESOURCES, flags=re.MULTILINE)
    return {block.partition(":")[0]: block for block in blocks if "DOWNSTREAM_URL:" in block}


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[urllib3.Timeout]]:
    """The limits of each attempt to get an answer from a downstream that never gives one."""
    seen: list[urllib3.Timeout] = []
    make_request: Any = HTTPConnectionPool._make_request

    def remember(*arguments: Any, timeout: urllib3.Timeout, **others: Any) -> Any:
        seen.append(timeout)
        # The test need not be as patient.
        return make_request(*arguments, timeout=urllib3.Timeout(connect=0.2, read=0.2), **others)

    monkeypatch.setattr(HTTPConnectionPool, "_make_request", remember)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("DOWNSTREAM_URL", f"http://127.0.0.1:{port}/orders")
        with pytest.raises(DownstreamError, match="did not answer"):
            deliver(Order.new(ORDER))
        yield seen


def test_silence_is_waited_for_once(attempts: list[urllib3.Timeout]) -> None:
    # Another attempt would double the wait, and the order whose answer got lost.
    assert len(attempts) == 1


def test_the_client_gives_up_before_lambda_stops_the_function(
    attempts: list[urllib3.Timeout],
) -> None:
    connect, read = attempts[0].connect_timeout, attempts[0].read_timeout
    assert isinstance(connect, float) and isinstance(read, float), "the client has no limit"
    assert callers(), "no function has DOWNSTREAM_URL"
    for name, block in callers().items():
        assert connect + read < timeout(block), f"{name} is stopped before its client gives up"


def test_lambda_stops_the_function_before_api_gateway_gives_up() -> None:
    for name, block in callers().items():
        if re.search(r"^ +Type: Api$", block, re.MULTILINE):
            assert timeout(block) < API_GATEWAY, f"{name} runs on when nobody waits any more"
