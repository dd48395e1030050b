"""The service's business metrics: what is missed first when it stops being of use."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.metrics import MetricUnit

from orders.log import logger
from orders.metrics import metrics


def count_orders(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Middleware: count each order that was accepted, and the items in it."""
    response = next_middleware(app)
    event = app.current_event
    if (event.http_method, event.resource) == ("POST", "/orders") and response.status_code < 300:
        try:
            metrics.add_metric("OrdersAccepted", MetricUnit.Count, 1)
            metrics.add_metric("ItemsOrdered", MetricUnit.Count, event.json_body["quantity"])
        except Exception:
            # The order is taken; that it was not counted must not turn it into an error.
            logger.exception("order not counted")
    return response
