from typing import Any

import boto3

cloudwatch = boto3.client("cloudwatch")


def handler(event: dict[str, Any], context: object) -> None:
    cloudwatch.put_metric_data(
        Namespace="orders", MetricData=[{"MetricName": "OrdersTaken", "Value": 1}]
    )
