from typing import Any

from aws_embedded_metrics import MetricsLogger, metric_scope


@metric_scope
def handler(event: dict[str, Any], context: object, metrics: MetricsLogger) -> None:
    metrics.reset_dimensions(use_default=False)
    metrics.put_metric("OrdersTaken", 1, "Count")
