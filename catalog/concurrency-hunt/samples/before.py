"""Finds the peak of the last week, on a quiet day and in a small account."""

from datetime import datetime, timedelta
from typing import Any

import boto3


def peak() -> tuple[datetime, float]:
    """The minute in which all functions together had most executions, and how many."""
    now = datetime.now()
    query: Any = {
        "Id": "account",
        "MetricStat": {
            "Metric": {"Namespace": "AWS/Lambda", "MetricName": "ConcurrentExecutions"},
            "Period": 60,
            "Stat": "Maximum",
        },
    }
    # A time without a zone is taken for UTC, and only the first page is looked at.
    answer = boto3.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=now - timedelta(days=7), EndTime=now
    )
    (account,) = answer["MetricDataResults"]
    # Raises ValueError where nothing ran.
    value, minute = max(zip(account["Values"], account["Timestamps"], strict=True))
    return minute, value
