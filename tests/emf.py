"""For proofs: what CloudWatch takes out of log lines in embedded metric format.

Written from the format's specification. What does not fit it is a log line and nothing more, as
in CloudWatch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST_DIMENSIONS = 30
MOST_VALUES = 100
"""Keys of one dimension set, and values of one metric in one line."""


@dataclass(frozen=True)
class Datum:
    """Values of one metric; name and dimensions together are what is paid for."""

    namespace: str
    name: str
    unit: str
    dimensions: frozenset[tuple[str, str]]
    values: tuple[float, ...]

    @property
    def metric(self) -> tuple[str, str, frozenset[tuple[str, str]]]:
        """What makes it one metric in CloudWatch."""
        return self.namespace, self.name, self.dimensions


def extracted(text: str) -> list[Datum]:
    """All metric data in a log."""
    return [datum for line in text.splitlines() for datum in of_line(line)]


def of_line(line: str) -> list[Datum]:
    """The metric data in one log line, which is JSON as a whole."""
    try:
        root = json.loads(line)
    except ValueError:
        return []
    aws = root.get("_aws") if isinstance(root, dict) else None
    if not isinstance(aws, dict) or not isinstance(aws.get("Timestamp"), int):
        return []
    return [
        datum
        for directive in aws["CloudWatchMetrics"]
        for keys in directive["Dimensions"]
        for metric in directive["Metrics"]
        for datum in _datum(root, directive["Namespace"], keys, metric)
    ]


def _datum(
    root: dict[str, Any], namespace: str, keys: list[str], metric: dict[str, str]
) -> Iterable[Datum]:
    if len(keys) > MOST_DIMENSIONS or not all(isinstance(root.get(key), str) for key in keys):
        return
    value = root.get(metric["Name"])
    values = value if isinstance(value, list) else [value]
    if len(values) > MOST_VALUES or not all(isinstance(v, int | float) for v in values):
        return
    dimensions = frozenset((key, root[key]) for key in keys)
    unit = metric.get("Unit", "None")
    yield Datum(namespace, metric["Name"], unit, dimensions, tuple(values))
