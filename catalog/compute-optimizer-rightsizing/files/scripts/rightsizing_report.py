"""What AWS Compute Optimizer recommends for the memory of Lambda functions, as a table.

Run it from the project's root: `python -m scripts.rightsizing_report --prefix orders-`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_compute_optimizer import ComputeOptimizerClient
    from mypy_boto3_compute_optimizer.type_defs import (
        LambdaFunctionMemoryRecommendationOptionTypeDef,
        LambdaFunctionRecommendationFilterTypeDef,
        LambdaFunctionRecommendationTypeDef,
    )

LARGEST = 1792
"""MB of memory up to which Compute Optimizer analyses a function."""


@dataclass(frozen=True)
class Advice:
    """What Compute Optimizer says of one function.

    Attributes:
        function: its name, with the version unless that is $LATEST.
        memory: MB today.
        wanted: MB of the first recommendation; None if there is none.
        saving: USD or CNY a month that it is estimated to save; None if that is not known.
        percent: the same, of the function's cost.
        currency: of the saving.
        finding: in words.
        refreshed: when it was worked out.
    """

    function: str
    memory: int
    wanted: int | None
    saving: float | None
    percent: float | None
    currency: str
    finding: str
    refreshed: datetime | None


def fetch(client: ComputeOptimizerClient) -> Iterator[Advice]:
    """All that is said of the functions of a Region, also why some were not analysed."""
    pages = client.get_paginator("get_lambda_function_recommendations")
    # Without a filter, functions that were not analysed are left out.
    unavailable: LambdaFunctionRecommendationFilterTypeDef = {
        "name": "Finding",
        "values": ["Unavailable"],
    }
    for filters in ([], [unavailable]):
        for page in pages.paginate(filters=filters):
            yield from map(read, page["lambdaFunctionRecommendations"])


def read(item: LambdaFunctionRecommendationTypeDef) -> Advice:
    """One item of the API's answer; the first recommendation counts."""
    options = sorted(item.get("memorySizeRecommendationOptions", []), key=lambda o: o["rank"])
    first: LambdaFunctionMemoryRecommendationOptionTypeDef = options[0] if options else {}
    opportunity = first.get("savingsOpportunity", {})
    saving = opportunity.get("estimatedMonthlySavings", {})
    version = item.get("functionVersion", "$LATEST")
    return Advice(
        item["functionArn"].split(":")[6] + ("" if version == "$LATEST" else f":{version}"),
        item["currentMemorySize"],
        first.get("memorySize"),
        saving.get("value"),
        opportunity.get("savingsOpportunityPercentage"),
        saving.get("currency", "USD"),
        _finding(item, first.get("memorySize")),
        item.get("lastRefreshTimestamp"),
    )


def _finding(item: LambdaFunctionRecommendationTypeDef, wanted: int | None) -> str:
    memory, reasons = item["currentMemorySize"], item.get("findingReasonCodes", [])
    if item["finding"] == "Optimized":
        return "optimized"
    if "InsufficientData" in reasons:
        return "not analysed: fewer than 50 invocations in 14 days"
    if item["finding"] == "Unavailable":
        too_much = memory > LARGEST
        return f"not analysed: {f'more than {LARGEST} MB' if too_much else 'inconclusive'}"
    said = "not optimized"
    # The finding judges today's memory; only the recommendation says which way to go.
    if "MemoryOverprovisioned" in reasons:
        more = wanted is not None and wanted > memory
        said = f"over-provisioned{', yet more memory is recommended' if more else ''}"
    elif "MemoryUnderprovisioned" in reasons:
        less = wanted is not None and wanted < memory
        said = f"under-provisioned{', yet less memory is recommended' if less else ''}"
    risk = item.get("currentPerformanceRisk")
    return f"{said}; too slow today" if risk in ("Medium", "High") else said


def report(advice: Sequence[Advice]) -> str:
    """A table, the largest saving first, and what it comes to."""
    ordered = sorted(advice, key=lambda a: (-(a.saving or 0), a.wanted is None, a.function))
    width = max(len("Function"), *(len(a.function) for a in ordered))
    lines = [f"{'Function':{width}}  {'Memory':>15}  {'Saving a month':>20}  Finding"]
    for a in ordered:
        memory = f"{a.memory} MB" if a.wanted is None else f"{a.memory} -> {a.wanted} MB"
        lines.append(f"{a.function:{width}}  {memory:>15}  {_saving(a):>20}  {a.finding}")
    return "\n".join([*lines, "", *_conclusions(ordered)])


def _saving(advice: Advice) -> str:
    if advice.saving is None:
        return "unknown" if advice.wanted else "-"
    percent = "" if advice.percent is None else f" ({advice.percent:.1f}%)"
    return f"{advice.saving:,.2f} {advice.currency}{percent}"


def _conclusions(advice: Sequence[Advice]) -> Iterator[str]:
    savings = [a.saving for a in advice if a.saving and a.saving > 0]
    functions = "1 function" if len(savings) == 1 else f"{len(savings)} functions"
    yield f"To save in all: {sum(savings):,.2f} {advice[0].currency} a month, with {functions}."
    if any(a.wanted and a.saving is None for a in advice):
        yield "Where the saving is unknown: is Cost Explorer enabled in the account?"
    refreshed = [a.refreshed for a in advice if a.refreshed]
    if refreshed:
        yield f"Worked out on {max(refreshed):%Y-%m-%d}, from the 14 days before."


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; 1 if there is nothing to report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--region", help="AWS Region; by default that of the AWS configuration")
    parser.add_argument("--prefix", default="", help="only functions whose names begin like this")
    options = parser.parse_args(arguments)
    client = boto3.Session(region_name=options.region).client("compute-optimizer")
    try:
        advice = [a for a in fetch(client) if a.function.startswith(options.prefix)]
    except client.exceptions.OptInRequiredException:
        print("The account is not opted in: python -m baseline.enable", file=sys.stderr)
        return 1
    if not advice:
        print("No function to report. The first analysis takes up to 24 hours.", file=sys.stderr)
        return 1
    print(report(advice))
    return 0


if __name__ == "__main__":
    sys.exit(main())
