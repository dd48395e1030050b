from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

metrics = Metrics(namespace="orders")


def handler(event: dict[str, Any], context: LambdaContext) -> None:
    metrics.add_metric("OrdersTaken", MetricUnit.Count, 1)
