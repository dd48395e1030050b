from typing import Any

from aws_embedded_metrics import MetricsLogger, metric_scope


@metric_scope
def handler(event: dict[str, Any], context: Any, metrics: MetricsLogger) -> None:
    metrics.put_dimensions({"request": context.aws_request_id})
    metrics.put_metric("OrdersTaken", 1, "Count")
