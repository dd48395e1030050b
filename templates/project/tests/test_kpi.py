"""The business metrics count the orders that were accepted, and nothing else."""

import json
from collections.abc import Callable
from http import HTTPStatus

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import api, kpi, submission
from orders.downstream import DownstreamError
from orders.metrics import metrics
from orders.order import Order
from tests.conftest import ORDER, api_event

Counted = Callable[[], dict[str, float]]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Counted:
    """Reads the sums of the business metrics that were written."""
    monkeypatch.setattr(submission, "submit", lambda order: None)

    def read() -> dict[str, float]:
        written = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        found: dict[str, float] = {}
        for line in map(json.loads, written):
            for name in ("OrdersAccepted", "ItemsOrdered"):
                if name in line:
                    found[name] = found.get(name, 0) + sum(line[name])
        return found

    return read


def test_accepted_orders_and_their_items_are_counted(
    counted: Counted, context: LambdaContext
) -> None:
    for quantity in (2, 5):
        api.handler(api_event({**ORDER, "quantity": quantity}), context)
    assert counted() == {"OrdersAccepted": 2, "ItemsOrdered": 7}


def test_what_is_refused_is_no_order(counted: Counted, context: LambdaContext) -> None:
    api.handler(api_event({**ORDER, "quantity": 0}), context)
    assert counted() == {}


def test_what_is_not_taken_is_no_order(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    def fail(order: Order) -> None:
        raise DownstreamError("the downstream answered 503")

    monkeypatch.setattr(submission, "submit", fail)
    api.handler(api_event(ORDER), context)
    assert counted() == {}


def test_another_route_is_no_order(context: LambdaContext) -> None:
    app = APIGatewayRestResolver()
    app.use(middlewares=[kpi.count_orders])

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    event = {**api_event(""), "resource": "/health", "path": "/health", "httpMethod": "GET"}
    assert app.resolve(event, context)["statusCode"] == HTTPStatus.OK
    assert "OrdersAccepted" not in metrics.metric_set


def test_an_order_that_cannot_be_counted_is_taken_all_the_same(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    class Broken:
        def add_metric(self, name: str, unit: MetricUnit, value: float) -> None:
            raise OverflowError

    monkeypatch.setattr(kpi, "metrics", Broken())
    response = api.handler(api_event(ORDER), context)
    assert response["statusCode"] == submission.STATUS
    assert counted() == {}
