"""Functions waste memory, or are too slow at too little, and nobody sees it. Without the safeguard
the account is not opted in and Compute Optimizer says nothing. With it the enable script opts in
once, and the report names each function, which way to go, and what that saves. Reading the finding
instead of the recommendation (`before.py`) goes the wrong way.

Real: the generated `baseline/enable.py` with its step and the generated report, both run as from
the command line; boto3 and its paginator; botocore's model of the API, by which every request and
every answer is checked.

Simulated: Compute Optimizer. It keeps the opt-in, refuses until then, and answers page by page
with recommendations that are made up, one of them after the deck's: a function called
over-provisioned that gets cheaper with more memory. What AWS recommends for a function, and how
soon, cannot be shown here.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.validate import ParamValidator

from catalog.conftest import Project

REGION = "ap-northeast-1"
ARN = f"arn:aws:lambda:{REGION}:123456789012:function:"
ID = "compute-optimizer-rightsizing"


def function(name: str, memory: int, reason: str, wanted: int, saving: float) -> dict[str, Any]:
    """A function that is not optimized, and the one recommendation for it."""
    opportunity = {
        "savingsOpportunityPercentage": saving,
        "estimatedMonthlySavings": {"currency": "USD", "value": saving},
    }
    return {
        "functionArn": ARN + name,
        "functionVersion": "$LATEST",
        "currentMemorySize": memory,
        "finding": "NotOptimized",
        "findingReasonCodes": [reason],
        "lastRefreshTimestamp": datetime(2026, 11, 23, 5, tzinfo=UTC),
        "memorySizeRecommendationOptions": [
            {"rank": 1, "memorySize": wanted, "savingsOpportunity": opportunity}
        ],
    }


WASTEFUL = function("orders-api", 1024, "MemoryOverprovisioned", 512, 41.0)
DECK = function("orders-pdf", 896, "MemoryOverprovisioned", 1024, 4.8)
TOO_LARGE = {
    "functionArn": ARN + "orders-big",
    "currentMemorySize": 3008,
    "finding": "Unavailable",
    "findingReasonCodes": ["Inconclusive"],
}


class Optimizer:
    """Compute Optimizer of one account: the opt-in, and two functions a page."""

    def __init__(self) -> None:
        self.status = "Inactive"
        self.calls: list[str] = []

    def answer(self, client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        """What takes the place of a request; both sides have to fit the API's model."""
        self.calls.append(operation)
        model = client.meta.service_model.operation_model(operation)
        if self.status != "Active" and operation.endswith("Recommendations"):
            error = {"Error": {"Code": "OptInRequiredException", "Message": "not opted in"}}
            raise client.exceptions.OptInRequiredException(error, operation)
        given = getattr(self, f"_{operation}")(**parameters)
        for what, shape in ((parameters, model.input_shape), (given, model.output_shape)):
            problems = ParamValidator().validate(what, shape)
            assert not problems.has_errors(), problems.generate_report()
        return given

    def _GetEnrollmentStatus(self) -> dict[str, Any]:
        return {"status": self.status}

    def _UpdateEnrollmentStatus(self, status: str) -> dict[str, Any]:
        self.status = status
        return {"status": status}

    def _GetLambdaFunctionRecommendations(
        self,
        functionArns: list[str] | None = None,
        filters: list[dict[str, Any]] | None = None,
        nextToken: str = "0",
    ) -> dict[str, Any]:
        wanted = filters[0]["values"] if filters else ["Optimized", "NotOptimized"]
        found = [f for f in (WASTEFUL, TOO_LARGE, DECK) if f["finding"] in wanted]
        found = [f for f in found if not functionArns or f["functionArn"] in functionArns]
        start = int(nextToken)
        more = {"nextToken": str(start + 1)} if len(found) > start + 1 else {}
        return {"lambdaFunctionRecommendations": found[start : start + 1], **more}


Run = Callable[..., list[str]]


@pytest.fixture
def optimizer(monkeypatch: pytest.MonkeyPatch) -> Optimizer:
    account = Optimizer()
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda *call: account.answer(*call))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    return account


@pytest.fixture
def run(
    project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Run a module of the project with arguments; the lines it prints."""
    monkeypatch.syspath_prepend(project(ID).path)

    def main(module: str, *arguments: str) -> list[str]:
        importlib.import_module(module).main(["--region", REGION, *arguments])
        printed = capsys.readouterr()
        return (printed.out + printed.err).splitlines()

    yield main
    for name in [n for n in sys.modules if n.split(".")[0] in ("baseline", "scripts")]:
        del sys.modules[name]


def test_without_it_nobody_says_what_is_wasted(optimizer: Optimizer, run: Run) -> None:
    (line,) = run("scripts.rightsizing_report")
    assert "not opted in" in line
    assert optimizer.calls == ["GetLambdaFunctionRecommendations"]


def test_with_it_the_report_names_the_function_and_the_saving(
    optimizer: Optimizer, run: Run
) -> None:
    assert run("baseline.enable")[1] == "compute_optimizer: opt in to Compute Optimizer"
    table = run("scripts.rightsizing_report", "--prefix", "orders-")
    api, pdf, big = (" ".join(line.split()) for line in table[1:4])
    assert api == "orders-api 1024 -> 512 MB 41.00 USD (41.0%) over-provisioned"
    assert pdf.startswith("orders-pdf 896 -> 1024 MB 4.80 USD (4.8%) over-provisioned, yet more")
    assert big == "orders-big 3008 MB - not analysed: more than 1792 MB"
    assert "To save in all: 45.80 USD a month, with 2 functions." in table


def test_a_second_run_changes_nothing(optimizer: Optimizer, run: Run) -> None:
    run("baseline.enable")
    optimizer.calls.clear()
    assert run("baseline.enable")[1] == "compute_optimizer: nothing to change"
    assert optimizer.calls == ["GetEnrollmentStatus"]


def test_a_dry_run_leaves_the_account_out(optimizer: Optimizer, run: Run) -> None:
    assert (
        run("baseline.enable", "--dry-run")[1] == "compute_optimizer: opt in to Compute Optimizer"
    )
    assert optimizer.status == "Inactive"


def test_the_finding_is_not_the_direction(
    optimizer: Optimizer, sample: Callable[[str], ModuleType]
) -> None:
    optimizer.status = "Active"
    before, after = sample("before.py"), sample("after.py")
    assert before.new_memory(ARN + "orders-pdf") == 448
    assert after.new_memory(ARN + "orders-pdf") == 1024
    assert after.new_memory(ARN + "orders-big") is None
