"""The same handler; what belongs to a call ends with the call."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="checkout")  # made once and kept: it belongs to no caller


def warnings_for(order: dict[str, Any]) -> list[str]:
    if order["quantity"] > 99:
        return [f"{order['customer_id']} ordered {order['quantity']}"]
    return []


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if "coupon" in event:
        logger.append_keys(coupon=event["coupon"], customer_id=event["customer_id"])
    logger.info("order checked")
    return {"viewed": [event["sku"]], "warnings": warnings_for(event)}
