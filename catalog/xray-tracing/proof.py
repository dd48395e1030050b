"""An order goes through the generated handler, and what the X-Ray daemon is sent is looked at.

Without the safeguard, the daemon hears nothing, and no request says which part of it was slow.
With it, the request's trace has the handler and, inside it, the call of the downstream with its
status, or the call of SQS where there is a queue. The trace goes on: the downstream gets its id
in a header. A request that was not chosen for tracing sends nothing. Then the samples: the tracer
by itself does not see a call through urllib3 2, and stores the answer; `after.py` mends both.

Real: the generated code, Powertools, the X-Ray SDK and botocore, in a process of their own for
each invocation, with the environment variables that Lambda sets; the datagrams, received from
the socket to which the SDK sends. Simulated: Lambda, the X-Ray daemon that would pass the
datagrams on, the downstream and SQS, which are HTTP servers on this machine. How API Gateway and
Lambda choose requests, and what X-Ray makes of them, is not shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.traces import (
    LAMBDA_SEGMENT,
    TRACE,
    Server,
    Subsegment,
    TracedLambda,
    below,
    messages,
    request,
    serving,
    traced_lambda,
)

ID = "xray-tracing"
SAMPLES = Path(__file__).parent / "samples"
ORDER = {"customer_id": "customer-4711", "sku": "tea-100", "quantity": 1}

Make = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[Server]:
    """The downstream, and SQS."""
    with serving() as state:
        yield state


@pytest.fixture
def lambda_(server: Server) -> Iterator[TracedLambda]:
    """Lambda, and a socket in place of the X-Ray daemon."""
    with traced_lambda(server) as state:
        yield state


def handler_and_call(sent: list[Subsegment]) -> tuple[Subsegment, Subsegment]:
    """The handler's subsegment and the one call inside it; there is nothing else."""
    assert {s["trace_id"] for s in sent} == {TRACE}
    (handler,) = below(sent, LAMBDA_SEGMENT)
    (call,) = below(sent, handler["id"])
    assert len(sent) == 2
    return handler, call


def test_without_it_nothing_is_recorded(
    project: Make, lambda_: TracedLambda, server: Server
) -> None:
    answer = lambda_.invoke(project().path / "src", "orders.api", request(ORDER))
    assert answer["statusCode"] == 201
    assert len(server.bodies) == 1
    assert lambda_.sent() == []
    assert server.trace_headers == [""]


def test_with_it_the_trace_has_the_call_of_the_downstream(
    project: Make, lambda_: TracedLambda, server: Server
) -> None:
    answer = lambda_.invoke(project(ID).path / "src", "orders.api", request(ORDER))
    assert answer["statusCode"] == 201
    sent = lambda_.sent()
    handler, call = handler_and_call(sent)
    assert handler["name"] == "## handler"
    assert handler["annotations"] == {"ColdStart": True, "Service": "orders"}
    assert (call["name"], call["namespace"]) == ("127.0.0.1", "remote")
    assert call["http"]["request"] == {"method": "POST", "url": f"{server.url}/orders"}
    assert call["http"]["response"]["status"] == 201
    assert handler["start_time"] <= call["start_time"] <= call["end_time"] <= handler["end_time"]
    # The downstream can go on with the trace below this very call.
    assert server.trace_headers == [f"Root={TRACE};Parent={call['id']};Sampled=1"]
    assert not any(secret in json.dumps(sent) for secret in ("customer-4711", "k-4711"))


def test_a_failure_of_the_downstream_is_where_it_happened(
    project: Make, lambda_: TracedLambda, server: Server
) -> None:
    server.status = 503
    answer = lambda_.invoke(project(ID).path / "src", "orders.api", request(ORDER))
    assert answer["statusCode"] == 502
    handler, call = handler_and_call(lambda_.sent())
    assert call["fault"] is True
    assert "fault" not in handler


def test_a_request_that_was_not_chosen_sends_nothing(
    project: Make, lambda_: TracedLambda, server: Server
) -> None:
    lambda_.invoke(project(ID).path / "src", "orders.api", request(ORDER), sampled=False)
    assert lambda_.sent() == []
    (header,) = server.trace_headers
    assert header.endswith("Sampled=0")


def test_with_a_queue_both_sides_of_it_are_recorded(
    project: Make, lambda_: TracedLambda, server: Server
) -> None:
    source = project(ID, "sqs-buffering").path / "src"
    assert lambda_.invoke(source, "orders.api", request(ORDER))["statusCode"] == 202
    _, send = handler_and_call(lambda_.sent())
    assert (send["name"], send["namespace"]) == ("sqs", "aws")
    assert send["aws"]["operation"] == "SendMessage"
    event = messages({"order_id": "o-1", **ORDER})
    assert lambda_.invoke(source, "orders.worker", event) == {"batchItemFailures": []}
    _, delivery = handler_and_call(lambda_.sent())
    assert (delivery["name"], delivery["namespace"]) == ("127.0.0.1", "remote")


def test_the_template_traces_the_api_and_every_function(project: Make) -> None:
    bare = project()
    assert not any("TracingConfig" in f["Properties"] for f in functions(bare))
    made = project(ID, "sqs-buffering", "sam-deployment-preference")
    assert len(functions(made)) == 3
    for function in functions(made):
        assert function["Properties"]["TracingConfig"] == {"Mode": "Active"}
        role = made.translated["Resources"][function["Properties"]["Role"]["Fn::GetAtt"][0]]
        policies = role["Properties"]["ManagedPolicyArns"]
        assert any("AWSXrayWriteOnlyAccess" in policy for policy in policies)
    (stage,) = made.resources("AWS::ApiGateway::Stage").values()
    assert stage["Properties"]["TracingEnabled"] is True


def functions(of: Any) -> list[dict[str, Any]]:
    """The functions of a project's translated template."""
    return list(of.resources("AWS::Lambda::Function").values())


def test_the_tracer_alone_misses_the_call_and_keeps_the_answer(lambda_: TracedLambda) -> None:
    (handler,) = sent_by_sample("before.py", lambda_)
    assert "customer-4711" in json.dumps(handler["metadata"])
    _, call = handler_and_call(sent := sent_by_sample("after.py", lambda_))
    assert call["http"]["response"]["status"] == 201
    assert "customer-4711" not in json.dumps(sent)


def sent_by_sample(name: str, lambda_: TracedLambda) -> list[Subsegment]:
    """What goes to the daemon while a sample takes an order."""
    lambda_.invoke(SAMPLES, Path(name).stem, request(ORDER))
    return lambda_.sent()
