"""Trusts API Gateway to have validated the body. For text/plain it has not even looked."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app = APIGatewayRestResolver()


@app.post("/orders")
def create_order() -> tuple[dict[str, Any], int]:
    order = app.current_event.json_body
    return {"sku": order["sku"], "quantity": order["quantity"]}, 201


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
