"""Finds the peak of the last week, or says that there is none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3


def peak() -> tuple[datetime, float] | None:
    """The minute in which all functions together had most executions, and how many."""
    now = datetime.now(UTC)
    query: Any = {
        "Id": "account",
        "MetricStat": {
            "Metric": {"Namespace": "AWS/Lambda", "MetricName": "ConcurrentExecutions"},
            "Period": 60,
            "Stat": "Maximum",
        },
    }
    pages = boto3.client("cloudwatch").get_paginator("get_metric_data")
    values: dict[datetime, float] = {}
    for page in pages.paginate(
        MetricDataQueries=[query], StartTime=now - timedelta(days=7), EndTime=now
    ):
        for result in page["MetricDataResults"]:
            values.update(zip(result["Timestamps"], result["Values"], strict=True))
    if not values:
        return None
    minute = max(values, key=lambda each: values[each])
    return minute, values[minute]
