"""The downstream gets each order, and its failures become one kind of error."""

import pytest

from orders.downstream import DownstreamError, deliver
from orders.order import Order
from tests.conftest import ORDER, Downstream


def test_an_order_is_delivered(downstream: Downstream) -> None:
    order = Order.new(ORDER)
    deliver(order)
    assert downstream.received == [order.as_dict()]


def test_an_error_of_the_downstream_is_raised(downstream: Downstream) -> None:
    downstream.status = 503
    with pytest.raises(DownstreamError, match="503"):
        deliver(Order.new(ORDER))


def test_no_downstream_is_the_same_kind_of_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOWNSTREAM_URL", "http://127.0.0.1:9/orders")
    with pytest.raises(DownstreamError, match="did not answer"):
        deliver(Order.new(ORDER))
