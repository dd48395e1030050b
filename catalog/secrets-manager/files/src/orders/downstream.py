"""The client of the downstream service, which fulfils orders and may not scale."""

import os
import time
from http import HTTPStatus

import urllib3
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from orders import credential
from orders.order import Order

# Together below the function's timeout, so that we answer before Lambda stops us.
_http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2.0, read=5.0), retries=False)

# Seconds: a refusal that comes sooner leaves time for a second attempt.
_SOON = 1.0


class DownstreamError(Exception):
    """The downstream did not take an order."""


def deliver(order: Order) -> None:
    """Deliver one order. The key lets the downstream recognize a repeated delivery."""
    started = time.monotonic()
    try:
        token = credential.token()
        status = _send(order, token)
        if status == HTTPStatus.UNAUTHORIZED and time.monotonic() - started < _SOON:
            # The token may have been replaced after it was read. A refused order was not taken.
            newer = credential.token(fresh=True)
            if newer != token:
                status = _send(order, newer)
    except GetParameterError as error:
        raise DownstreamError("there is no token for the downstream") from error
    if status >= 400:
        raise DownstreamError(f"the downstream answered {status}")


def _send(order: Order, token: str) -> int:
    """The status of the downstream's answer."""
    try:
        response = _http.request(
            "POST",
            os.environ["DOWNSTREAM_URL"],
            json=order.as_dict(),
            headers={**credential.authorization(token), "Idempotency-Key": order.order_id},
        )
    except urllib3.exceptions.HTTPError as error:
        raise DownstreamError("the downstream did not answer") from error
    return response.status
