"""Turns orders away, with a polite answer, while the flag `accept_orders` is off."""

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from orders import flags
from orders.log import logger
from orders.order import Order

RETRY_AFTER = 120
"""Seconds after which a caller may try again."""


def hold_orders(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Middleware: answer 503 to proper orders; what is no order is refused as always."""
    if not _is_order(app) or flags.enabled("accept_orders"):
        return next_middleware(app)
    logger.info("order turned away: accept_orders is off")
    return Response(
        status_code=HTTPStatus.SERVICE_UNAVAILABLE,
        content_type=content_types.APPLICATION_JSON,
        headers={"Retry-After": str(RETRY_AFTER)},
        body=json.dumps({"message": "Orders are not taken at the moment."}),
    )


def _is_order(app: APIGatewayRestResolver) -> bool:
    event = app.current_event
    if (event.http_method, event.resource) != ("POST", "/orders"):
        return False
    try:
        Order.new(event.json_body)
    # Brackets nested too deep end in a RecursionError.
    except (ValueError, RecursionError):
        return False
    return True
