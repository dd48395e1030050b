"""The same subsegments by name, to be found by the order's ID, and without the secret."""

from typing import Any

from aws_lambda_powertools import Tracer

tracer = Tracer()


class Refused(Exception):
    """The payment service refused; the request is kept for looking into it."""

    def __init__(self, request: dict[str, Any]) -> None:
        super().__init__("payment refused")
        self.request = request


@tracer.capture_method(capture_response=False)
def card_token(customer_id: str) -> str:
    """The token that stands for the customer's card."""
    return f"secret-token-of-{customer_id}"


@tracer.capture_method(capture_response=False, capture_error=False)
def charge(token: str, amount: int) -> None:
    """Charge the card; raises Refused."""
    if amount > 1000:
        raise Refused({"token": token, "amount": amount})


@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    tracer.put_annotation("order_id", event["order_id"])
    charge(card_token(event["customer_id"]), event["amount"])
    return {"statusCode": 200, "body": event["order_id"]}
