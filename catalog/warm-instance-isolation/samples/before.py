"""Three places in which one caller's data waits for the next caller."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="checkout")
viewed: list[str] = []  # lives as long as the execution environment


# The default is made once, when the function is defined.
def warnings_for(order: dict[str, Any], found: list[str] = []) -> list[str]:  # noqa: B006
    if order["quantity"] > 99:
        found.append(f"{order['customer_id']} ordered {order['quantity']}")
    return found


@logger.inject_lambda_context  # keys from append_keys() stay for the next invocation
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if "coupon" in event:
        logger.append_keys(coupon=event["coupon"], customer_id=event["customer_id"])
    viewed.append(event["sku"])
    logger.info("order checked")
    return {"viewed": viewed, "warnings": warnings_for(event)}
