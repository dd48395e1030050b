"""The report names each function, which way its memory should go, and what that saves."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.rightsizing_report import main

UNAVAILABLE = {"filters": [{"name": "Finding", "values": ["Unavailable"]}]}


def item(name: str, memory: int, finding: str, **more: Any) -> dict[str, Any]:
    """One function in the API's answer; the Stubber holds it to the API's model."""
    return {
        "functionArn": f"arn:aws:lambda:ap-northeast-1:123456789012:function:{name}",
        "functionVersion": "$LATEST",
        "currentMemorySize": memory,
        "finding": finding,
        "lookbackPeriodInDays": 14.0,
        "lastRefreshTimestamp": datetime(2026, 11, 23, 5, tzinfo=UTC),
        **more,
    }


def option(rank: int, memory: int, saving: float, percent: float) -> dict[str, Any]:
    """One recommendation."""
    return {
        "rank": rank,
        "memorySize": memory,
        "savingsOpportunity": {
            "savingsOpportunityPercentage": percent,
            "estimatedMonthlySavings": {"currency": "USD", "value": saving},
        },
    }


ANALYSED = [
    item("orders-stock", 256, "Optimized"),
    item(
        "orders-pdf",
        896,
        "NotOptimized",
        findingReasonCodes=["MemoryOverprovisioned"],
        memorySizeRecommendationOptions=[option(1, 1024, 1.93, 4.8)],
    ),
    item(
        "orders-api",
        1024,
        "NotOptimized",
        findingReasonCodes=["MemoryOverprovisioned"],
        memorySizeRecommendationOptions=[option(2, 640, 9.1, 30.0), option(1, 512, 12.4, 41.0)],
    ),
]
SLOW = item(
    "orders-report",
    128,
    "NotOptimized",
    functionVersion="7",
    findingReasonCodes=["MemoryUnderprovisioned"],
    currentPerformanceRisk="High",
    memorySizeRecommendationOptions=[{"rank": 1, "memorySize": 256}],
)
NOT_ANALYSED = [
    item("orders-rare", 512, "Unavailable", findingReasonCodes=["InsufficientData"]),
    item("orders-big", 2048, "Unavailable", findingReasonCodes=["Inconclusive"]),
    item("billing-api", 512, "Unavailable", findingReasonCodes=["Inconclusive"]),
]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """What Compute Optimizer is going to answer."""
    client = boto3.Session("testing", "testing").client("compute-optimizer", "ap-northeast-1")
    monkeypatch.setattr(boto3.Session, "client", lambda session, name: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def answer(
    stub: Stubber, items: list[dict[str, Any]], request: dict[str, Any], **more: str
) -> None:
    """Add one page of recommendations."""
    page = {"lambdaFunctionRecommendations": items, **more}
    stub.add_response("get_lambda_function_recommendations", page, request)


@pytest.fixture
def recorded(answers: Stubber) -> None:
    """Two pages of functions that were analysed, and one of those that were not."""
    answer(answers, ANALYSED, {"filters": []}, nextToken="more")
    answer(answers, [SLOW], {"filters": [], "nextToken": "more"})
    answer(answers, NOT_ANALYSED, UNAVAILABLE)


@pytest.mark.usefixtures("recorded")
def test_each_function_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "Function Memory Saving a month Finding",
        "orders-api 1024 -> 512 MB 12.40 USD (41.0%) over-provisioned",
        "orders-pdf 896 -> 1024 MB 1.93 USD (4.8%) "
        "over-provisioned, yet more memory is recommended",
        "orders-report:7 128 -> 256 MB unknown under-provisioned; too slow today",
        "billing-api 512 MB - not analysed: inconclusive",
        "orders-big 2048 MB - not analysed: more than 1792 MB",
        "orders-rare 512 MB - not analysed: fewer than 50 invocations in 14 days",
        "orders-stock 256 MB - optimized",
        "",
        "To save in all: 14.33 USD a month, with 2 functions.",
        "Where the saving is unknown: is Cost Explorer enabled in the account?",
        "Worked out on 2026-11-23, from the 14 days before.",
    ]


@pytest.mark.usefixtures("recorded")
def test_other_functions_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--prefix", "billing-"]) == 0
    text = capsys.readouterr().out
    assert "billing-api" in text and "orders-" not in text
    assert "0.00 USD a month, with 0 functions" in text


def test_an_account_that_is_not_opted_in_is_told_how(
    answers: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    answers.add_client_error("get_lambda_function_recommendations", "OptInRequiredException")
    assert main([]) == 1
    assert "baseline.enable" in capsys.readouterr().err


def test_before_the_first_analysis_there_is_nothing(
    answers: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(answers, [], {"filters": []})
    answer(answers, [], UNAVAILABLE)
    assert main([]) == 1
    assert "24 hours" in capsys.readouterr().err
