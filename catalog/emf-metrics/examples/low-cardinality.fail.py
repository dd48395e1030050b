from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

metrics = Metrics(namespace="orders")


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    metrics.add_dimension(name="order", value=event["order_id"])
    metrics.add_metric("OrdersTaken", MetricUnit.Count, 1)
