from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

metrics = Metrics(namespace="orders")


def count(handler: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(handler)
    def counted(event: dict[str, Any], context: object) -> Any:
        metrics.add_metric("OrdersTaken", MetricUnit.Count, 1)
        return handler(event, context)

    return counted
