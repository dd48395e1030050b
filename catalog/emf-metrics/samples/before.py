"""The mistake: each request waits for the CloudWatch API, and fails when that API says no."""

from typing import Any

import boto3

cloudwatch = boto3.client("cloudwatch")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take an order and count it."""
    cloudwatch.put_metric_data(
        Namespace="orders",
        MetricData=[
            {
                "MetricName": "RequestsTaken",
                "Dimensions": [{"Name": "service", "Value": "orders"}],
                "Unit": "Count",
                "Value": 1,
            }
        ],
    )
    return {"statusCode": 201, "body": "{}"}
