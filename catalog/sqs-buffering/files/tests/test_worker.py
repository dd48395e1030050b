"""The worker delivers what it can, and leaves on the queue what it cannot."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import worker
from orders.order import Order
from tests.conftest import ORDER, Downstream


def sqs_event(*bodies: str) -> dict[str, Any]:
    """Messages as Lambda passes them on; their ids are m-0, m-1 and so on."""
    records = [
        {
            "messageId": f"m-{number}",
            "receiptHandle": f"handle-{number}",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:orders",
            "awsRegion": "ap-northeast-1",
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def message(order: Order) -> str:
    """The body of an order's message."""
    return json.dumps(order.as_dict())


def test_all_orders_are_delivered(downstream: Downstream, context: LambdaContext) -> None:
    orders = [Order.new(ORDER), Order.new({**ORDER, "sku": "cup-1"})]
    response = worker.handler(sqs_event(*map(message, orders)), context)
    assert response == {"batchItemFailures": []}
    assert downstream.received == [order.as_dict() for order in orders]


@pytest.mark.parametrize("poison", ["not json", "[1]", '{"order_id": "o-1"}'])
def test_a_message_that_is_no_order_fails_alone(
    poison: str, downstream: Downstream, context: LambdaContext
) -> None:
    orders = [Order.new(ORDER), Order.new(ORDER)]
    event = sqs_event(message(orders[0]), poison, message(orders[1]))
    response = worker.handler(event, context)
    assert response == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    assert downstream.received == [order.as_dict() for order in orders]


def test_while_the_downstream_is_down_the_whole_batch_stays(
    downstream: Downstream, context: LambdaContext
) -> None:
    downstream.status = 503
    event = sqs_event(*(message(Order.new(ORDER)) for _ in range(3)))
    with pytest.raises(BatchProcessingError):
        worker.handler(event, context)
    assert len(downstream.received) == 3
