"""Two callers share one warm execution environment; nothing of the first reaches the second."""

import json
import logging
import sys
from collections.abc import Iterator, MutableMapping, MutableSequence, MutableSet
from types import FunctionType, ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import api, submission
from orders.log import logger
from tests.conftest import api_event

FIRST = "first-caller"
SECOND = "second-caller"
COLLECTIONS = (MutableMapping, MutableSequence, MutableSet)


class Lines(logging.Handler):
    """Keeps each log line as the service writes it, and all that its record holds."""

    def __init__(self, source: logging.Logger) -> None:
        super().__init__()
        self.source = source
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # Keys that outlive an invocation are in the formatter, if the logger has its own.
        formatter = self.source.handlers[0].formatter
        text = formatter.format(record) if formatter else ""
        self.lines.append(f"{text} {vars(record)}")


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """What the service logs."""
    source = logging.getLogger(logger.name)
    lines = Lines(source)
    source.addHandler(lines)
    yield lines.lines
    source.removeHandler(lines)


@pytest.fixture(autouse=True)
def _nothing_is_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "submit", lambda order: None)


def call(caller: str, context: LambdaContext, quantity: int = 1) -> dict[str, Any]:
    """One invocation in which all that is personal carries the caller's name."""
    event = api_event(
        {"customer_id": f"c-of-{caller}", "sku": f"sku-of-{caller}", "quantity": quantity}
    )
    event["requestContext"]["requestId"] = f"request-of-{caller}"
    context._aws_request_id = f"invocation-of-{caller}"
    response: dict[str, Any] = api.handler(event, context)
    return response


def state() -> dict[str, str]:
    """The collections and caches that outlive an invocation, by place.

    They are compared as text, because not all that a collection holds can be copied.
    """
    modules = [m for n, m in sys.modules.items() if n.split(".")[0] == "orders"]
    return {f"{m.__name__}.{name}": text for m in modules for name, text in _held(m)}


def _held(module: ModuleType) -> Iterator[tuple[str, str]]:
    for name, value in _members(module):
        if isinstance(value, COLLECTIONS):
            yield name, repr(value)
        elif callable(size := getattr(value, "cache_info", None)):
            yield f"{name}.cache_info()", repr(size().currsize)


def _members(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name, value in vars(module).items():
        if name.startswith("__"):
            continue
        yield name, value
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if isinstance(value, FunctionType):
            yield from ((f"{name}(default {i})", d) for i, d in enumerate(value.__defaults__ or ()))
        if isinstance(value, type):
            yield from ((f"{name}.{attribute}", v) for attribute, v in vars(value).items())


@pytest.mark.parametrize("quantity", [1, 0], ids=["accepted", "refused"])
def test_nothing_of_the_first_caller_reaches_the_second(
    quantity: int, log_lines: list[str], context: LambdaContext
) -> None:
    first = call(FIRST, context, quantity)
    assert (first["statusCode"] == submission.STATUS) == (quantity > 0)
    log_lines.clear()
    second = call(SECOND, context)
    assert second["statusCode"] == submission.STATUS
    assert log_lines, "the call of the second caller left no line to look at"
    seen = "\n".join([json.dumps(second), *log_lines])
    assert FIRST not in seen
    assert json.loads(first["body"]).get("order_id", FIRST) not in seen


def test_no_state_changes_between_callers(context: LambdaContext) -> None:
    call(FIRST, context)  # What is made once, on first use, is made here.
    before = state()
    call(SECOND, context)
    assert state() == before
