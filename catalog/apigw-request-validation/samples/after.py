"""Takes JSON only, and validates it again with the schema that API Gateway has."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import BadRequestError
from aws_lambda_powertools.utilities.validation import SchemaValidationError, validate

ORDER: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["sku", "quantity"],
    "additionalProperties": False,
    "properties": {
        "sku": {"type": "string", "minLength": 1, "maxLength": 64},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
}

app = APIGatewayRestResolver()


@app.post("/orders")
def create_order() -> tuple[dict[str, Any], int]:
    order = valid_body()
    return {"sku": order["sku"], "quantity": order["quantity"]}, 201


def valid_body() -> dict[str, Any]:
    """The body as the schema describes it; raises BadRequestError."""
    event = app.current_event
    content_type = event.headers.get("Content-Type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequestError("The body must be application/json.")
    try:
        return validate(event=event.json_body, schema=ORDER)
    except (SchemaValidationError, ValueError):
        # The error's own text quotes the body.
        raise BadRequestError("The body is not valid.") from None


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
