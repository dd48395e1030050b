from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics(namespace="orders")


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> None:
    metrics.add_metric("OrdersTaken", MetricUnit.Count, 1)
    logger.info("order taken")
