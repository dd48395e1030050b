"""An order reaches the downstream while its caller waits."""

from orders import submission
from orders.order import Order
from tests.conftest import ORDER, Downstream


def test_an_order_is_delivered_at_once(downstream: Downstream) -> None:
    order = Order.new(ORDER)
    submission.submit(order)
    assert downstream.received == [order.as_dict()]
