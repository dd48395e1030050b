from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orders.metrics import count_requests, metrics


@metrics.log_metrics(capture_cold_start_metric=True)
@count_requests
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return {"statusCode": 200}
