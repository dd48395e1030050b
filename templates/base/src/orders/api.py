"""The HTTP API: POST /orders."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, ServiceError
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import submission
from orders.downstream import DownstreamError
from orders.log import logger
from orders.order import Order

app = APIGatewayRestResolver()
# anshin:setup api


@app.post("/orders")
def create_order() -> tuple[dict[str, str], HTTPStatus]:
    """Take an order from the request's body."""
    try:
        order = Order.new(app.current_event.json_body)
    except ValueError as error:
        raise BadRequestError(str(error)) from error
    try:
        submission.submit(order)
    except DownstreamError as error:
        logger.exception("order not delivered", extra={"order_id": order.order_id})
        raise ServiceError(HTTPStatus.BAD_GATEWAY, "The order was not taken.") from error
    logger.info("order accepted", extra={"order_id": order.order_id})
    return {"order_id": order.order_id}, submission.STATUS


# anshin:handler api
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point of ApiFunction."""
    return app.resolve(event, context)
