"""The client of the downstream service, which fulfils orders and may not scale."""

import os

import urllib3

from orders.order import Order

# Together below the function's timeout, so that we answer before Lambda stops us.
_http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2.0, read=5.0), retries=False)


class DownstreamError(Exception):
    """The downstream did not take an order."""


def deliver(order: Order) -> None:
    """Deliver one order. The key lets the downstream recognize a repeated delivery."""
    try:
        response = _http.request(
            "POST",
            os.environ["DOWNSTREAM_URL"],
            json=order.as_dict(),
            headers={"Idempotency-Key": order.order_id},
        )
    except urllib3.exceptions.HTTPError as error:
        raise DownstreamError("the downstream did not answer") from error
    if response.status >= 400:
        raise DownstreamError(f"the downstream answered {response.status}")
