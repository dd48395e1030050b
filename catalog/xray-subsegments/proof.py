"""Orders go through the generated handlers, and what the X-Ray daemon is sent is read.

Without the safeguard, the trace has the handler and its calls, and cannot be searched by an
order. With it, the route and the batch are subsegments of their own, with the order's ID, the
status and the messages that failed as annotations, while the customer's data, the headers and
the text of a refusal are nowhere in it. Then the samples: by their defaults, the decorators keep
a token that a function returned, and once more as an attribute of an exception. `after.py`, or
the environment variables of the generated template, keep it out.

Real: the generated code, Powertools and the X-Ray SDK, in a process of their own for each
invocation, with the environment variables that Lambda and the template set; the datagrams,
received from the socket to which the SDK sends. Simulated: Lambda, the X-Ray daemon that would
pass the datagrams on, and the downstream, an HTTP server on this machine. What X-Ray makes of
annotations is not shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.traces import (
    LAMBDA_SEGMENT,
    HandlerFailed,
    Server,
    Subsegment,
    TracedLambda,
    below,
    messages,
    request,
    serving,
    traced_lambda,
)

ID = "xray-subsegments"
SAMPLES = Path(__file__).parent / "samples"
ORDER = {"customer_id": "customer-4711", "sku": "tea-100", "quantity": 1}
SECRETS = ("customer-4711", "bearer-4711", "k-4711")
CAPTURE = ("POWERTOOLS_TRACER_CAPTURE_RESPONSE", "POWERTOOLS_TRACER_CAPTURE_ERROR")

Make = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[Server]:
    """The downstream."""
    with serving() as state:
        yield state


@pytest.fixture
def lambda_(server: Server) -> Iterator[TracedLambda]:
    """Lambda, and a socket in place of the X-Ray daemon."""
    with traced_lambda(server) as state:
        yield state


def inside_the_handler(sent: list[Subsegment]) -> list[Subsegment]:
    """The subsegments directly below the handler's."""
    (handler,) = below(sent, LAMBDA_SEGMENT)
    return below(sent, handler["id"])


def test_without_it_the_trace_does_not_know_the_order(project: Make, lambda_: TracedLambda) -> None:
    answer = lambda_.invoke(project("xray-tracing").path / "src", "orders.api", request(ORDER))
    sent = lambda_.sent()
    assert [s["name"] for s in inside_the_handler(sent)] == ["127.0.0.1"]
    assert json.loads(answer["body"])["order_id"] not in json.dumps(sent)


def test_with_it_the_route_is_a_subsegment_with_its_order_and_without_the_customer(
    project: Make, lambda_: TracedLambda
) -> None:
    event = request(ORDER, Authorization="bearer-4711")
    answer = lambda_.invoke(project(ID).path / "src", "orders.api", event)
    sent = lambda_.sent()
    (route,) = inside_the_handler(sent)
    assert route["name"] == "POST /orders"
    assert route["annotations"] == {
        "order_id": json.loads(answer["body"])["order_id"],
        "status": 201,
    }
    assert [call["namespace"] for call in below(sent, route["id"])] == ["remote"]
    assert not any(secret in json.dumps(sent) for secret in SECRETS)


def test_a_refusal_says_its_status_and_not_what_was_refused(
    project: Make, lambda_: TracedLambda
) -> None:
    event = request({**ORDER, "quantity": "bearer-4711"})
    lambda_.invoke(project(ID, "apigw-request-validation").path / "src", "orders.api", event)
    sent = lambda_.sent()
    (route,) = inside_the_handler(sent)
    assert route["annotations"] == {"status": 400}
    assert "cause" not in route
    assert not any(secret in json.dumps(sent) for secret in SECRETS)


def test_a_batch_says_which_messages_stay(
    project: Make, lambda_: TracedLambda, server: Server
) -> None:
    server.refuses = "o-2"
    event = messages(*({"order_id": f"o-{n}", **ORDER} for n in (1, 2, 3)))
    lambda_.invoke(project(ID, "sqs-buffering").path / "src", "orders.worker", event)
    sent = lambda_.sent()
    (batch,) = inside_the_handler(sent)
    assert batch["name"] == "deliver orders"
    assert batch["annotations"] == {"messages": 3, "failed": 1}
    assert batch["metadata"] == {"default": {"failed_messages": ["m-1"]}}
    deliveries = below(sent, batch["id"])
    assert [d["http"]["response"]["status"] for d in deliveries] == [201, 503, 201]
    assert not any(secret in json.dumps(sent) for secret in SECRETS)


def charge(lambda_: TracedLambda, sample: str, amount: int, **environment: str) -> list[Subsegment]:
    """What is sent while a sample charges a card."""
    event = {"order_id": "o-1", "customer_id": "c-1", "email": "h@example.com", "amount": amount}
    try:
        lambda_.invoke(SAMPLES, Path(sample).stem, event, **environment)
    except HandlerFailed as failure:
        assert amount > 1000, failure
    return lambda_.sent()


@pytest.mark.parametrize("amount", [1, 2000], ids=["charged", "refused"])
def test_the_decorators_defaults_keep_the_secret(amount: int, lambda_: TracedLambda) -> None:
    sent = charge(lambda_, "before.py", amount)
    keeping = {s["name"] for s in sent if "secret-token" in json.dumps(s)}
    expected = {"## before.card_token"}
    if amount > 1000:  # As an attribute of the exception, wherever that passes.
        expected |= {"## before.charge", "## handler"}
    assert keeping == expected
    assert "h@example.com" in json.dumps(sent)


@pytest.mark.parametrize("amount", [1, 2000], ids=["charged", "refused"])
def test_the_named_subsegments_are_there_and_the_secret_is_not(
    amount: int, lambda_: TracedLambda
) -> None:
    sent = charge(lambda_, "after.py", amount)
    names = [s["name"] for s in inside_the_handler(sent)]
    assert names == ["## after.card_token", "## after.charge"]
    (handler,) = below(sent, LAMBDA_SEGMENT)
    assert handler["annotations"]["order_id"] == "o-1"
    assert "secret-token" not in json.dumps(sent)
    assert "h@example.com" not in json.dumps(sent)


def test_the_templates_variables_keep_it_out_of_careless_code(
    project: Make, lambda_: TracedLambda
) -> None:
    functions = project(ID, "sqs-buffering").resources("AWS::Lambda::Function").values()
    assert len(functions) == 2
    for function in functions:
        variables = function["Properties"]["Environment"]["Variables"]
        sent = charge(lambda_, "before.py", 2000, **{name: variables[name] for name in CAPTURE})
        assert len(sent) == 3
        assert "secret-token" not in json.dumps(sent)
