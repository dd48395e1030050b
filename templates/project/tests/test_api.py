"""The API takes orders that are orders, and says why it refuses the others."""

import json
from http import HTTPStatus

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import api, submission
from orders.downstream import DownstreamError
from orders.order import Order
from tests.conftest import ORDER, api_event


def test_an_order_is_passed_on(submitted: list[Order], context: LambdaContext) -> None:
    response = api.handler(api_event(ORDER), context)
    assert response["statusCode"] == submission.STATUS
    assert [order.order_id for order in submitted] == [json.loads(response["body"])["order_id"]]
    assert submitted[0].sku == "tea-100"


@pytest.mark.parametrize(
    "body", ["not json", "", {}, {**ORDER, "quantity": 0}, {**ORDER, "sku": None}, [ORDER]]
)
def test_what_is_no_order_is_refused(
    body: object, submitted: list[Order], context: LambdaContext
) -> None:
    assert api.handler(api_event(body), context)["statusCode"] == HTTPStatus.BAD_REQUEST
    assert submitted == []


def test_a_failing_downstream_is_a_bad_gateway(
    monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    def fail(order: Order) -> None:
        raise DownstreamError("connection to 10.0.0.7 refused")

    monkeypatch.setattr(submission, "submit", fail)
    response = api.handler(api_event(ORDER), context)
    assert response["statusCode"] == HTTPStatus.BAD_GATEWAY
    assert "10.0.0.7" not in response["body"]
