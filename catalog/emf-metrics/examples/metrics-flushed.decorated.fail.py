from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders.metrics import count_requests, metrics

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@count_requests
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    metrics.add_metadata("channel", event["channel"])
    return {"statusCode": 200}
