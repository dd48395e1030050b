"""Read Lambda's metrics from CloudWatch, by the minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

QUERIES = 500
"""How many series one request may ask for."""

Series = dict[datetime, float]
"""Values by the minute (UTC) that they are of; minutes in which nothing happened are missing."""


def functions(client: CloudWatchClient) -> Iterator[str]:
    """The names of all functions that ran in the last two weeks."""
    pages = client.get_paginator("list_metrics")
    for page in pages.paginate(
        Namespace="AWS/Lambda",
        MetricName="ConcurrentExecutions",
        Dimensions=[{"Name": "FunctionName"}],
    ):
        for metric in page["Metrics"]:
            # With more dimensions it is a version or an alias.
            if len(metric["Dimensions"]) == 1:
                yield metric["Dimensions"][0]["Value"]


def values(
    client: CloudWatchClient,
    metric: str,
    statistic: str,
    names: Sequence[str | None],
    start: datetime,
    end: datetime,
) -> list[Series]:
    """A metric by the minute, a series for each function.

    Args:
        client: of the Region to look at.
        metric: e.g. `Throttles`.
        statistic: e.g. `Sum`.
        names: of functions; None stands for all functions together.
        start: the first minute.
        end: the minute after the last one.
    """
    series: list[Series] = [{} for _ in names]
    pages = client.get_paginator("get_metric_data")
    for first in range(0, len(names), QUERIES):
        queries: list[MetricDataQueryTypeDef] = [
            {
                "Id": f"s{first + number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": metric,
                        "Dimensions": [{"Name": "FunctionName", "Value": name}] if name else [],
                    },
                    "Period": 60,
                    "Stat": statistic,
                },
            }
            for number, name in enumerate(names[first : first + QUERIES])
        ]
        for page in pages.paginate(MetricDataQueries=queries, StartTime=start, EndTime=end):
            for result in page["MetricDataResults"]:
                times = (time.astimezone(UTC) for time in result["Timestamps"])
                series[int(result["Id"][1:])].update(zip(times, result["Values"], strict=True))
    return series
