"""Submits an order while its caller waits for the downstream."""

from http import HTTPStatus

from orders.downstream import deliver
from orders.order import Order

STATUS = HTTPStatus.CREATED


def submit(order: Order) -> None:
    """Deliver the order; raises DownstreamError if the downstream did not take it."""
    deliver(order)
