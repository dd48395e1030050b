"""The mistake: a key that one caller's request added stays for the next caller."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Take an order; guests have no user."""
    if user := event.get("user"):
        logger.append_keys(user=user)
    logger.info("order taken")
