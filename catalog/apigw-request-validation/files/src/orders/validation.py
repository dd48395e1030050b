"""Refuses every body that its schema does not describe, before the route runs.

API Gateway has validated a body only if it came as application/json, and not at all when the
function is invoked in another way. So the same schema is applied here, whatever the content type.
"""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import BadRequestError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.utilities.validation import SchemaValidationError, validate

from orders.log import logger

ORDER: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["customer_id", "sku", "quantity"],
    "additionalProperties": False,
    "properties": {
        "customer_id": {"type": "string", "minLength": 1, "maxLength": 64},
        "sku": {"type": "string", "minLength": 1, "maxLength": 64},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
}
"""The model `Order` in template.yaml; a test holds the two together."""

BODIES = {("POST", "/orders"): ORDER}
"""The schema of each route that takes a body."""


def validate_body(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Middleware: raises BadRequestError unless the body fits the schema of its route."""
    event = app.current_event
    schema = BODIES.get((event.http_method, event.resource))
    if schema is None and not event.body:
        return next_middleware(app)
    if schema is None:
        raise BadRequestError("This request takes no body.")
    if media_type(event.headers.get("Content-Type", "")) != "application/json":
        raise BadRequestError("The body must be application/json.")
    try:
        validate(event=event.json_body, schema=schema)
    except SchemaValidationError as error:
        # The error quotes the body, so neither the answer nor the log may carry it.
        place = ".".join(map(str, (error.path or [])[1:])) or "body"
        logger.info("body refused", extra={"place": place, "rule": error.rule})
        raise BadRequestError(f"The body is not valid ({place}: {error.rule}).") from None
    except (ValueError, RecursionError):
        raise BadRequestError("The body is not JSON.") from None
    return next_middleware(app)


def media_type(content_type: str) -> str:
    """`Application/JSON; charset=utf-8` → `application/json`."""
    return content_type.partition(";")[0].strip().lower()
