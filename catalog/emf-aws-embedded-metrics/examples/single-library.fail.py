from typing import Any

from aws_embedded_metrics import MetricsLogger, metric_scope
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

powertools = Metrics(namespace="orders", service="orders")


@powertools.log_metrics
@metric_scope
def handler(event: dict[str, Any], context: object, metrics: MetricsLogger) -> None:
    metrics.set_namespace("orders")
    metrics.set_dimensions({"ServiceName": "orders"})
    metrics.put_metric("OrdersTaken", 1, "Count")
    powertools.add_metric("OrdersTaken", MetricUnit.Count, 1)
