"""The input of a tuning run is one that the tool takes, stays in bounds, and makes an order."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import api, submission
from orders.order import Order

FOLDER = Path(__file__).parent.parent / "tuning"


@pytest.fixture
def tuning() -> dict[str, Any]:
    """The input, as it is in the repository."""
    return dict(json.loads((FOLDER / "api.json").read_text("utf-8")))


def test_the_number_of_invocations_stays_in_bounds(tuning: dict[str, Any]) -> None:
    assert 5 <= tuning["num"] <= 100
    assert tuning["parallelInvocation"] is False


def test_one_strategy_is_chosen(tuning: dict[str, Any]) -> None:
    # The tool looks at it only after all invocations are made and paid.
    assert tuning["strategy"] in ("cost", "speed", "balanced")


def test_memory_sizes_are_in_order_and_can_be_configured(tuning: dict[str, Any]) -> None:
    sizes = tuning["powerValues"]
    assert sizes == sorted(set(sizes))
    assert all(128 <= size <= 10240 for size in sizes)


def test_the_result_is_written_out_and_nothing_is_changed_by_itself(tuning: dict[str, Any]) -> None:
    assert tuning["includeOutputResults"] is True
    assert "autoOptimize" not in tuning
    assert tuning["lambdaARN"] == "FUNCTION_ARN", "the runbook fills it in"


def test_the_payload_is_an_order_that_the_handler_takes(
    tuning: dict[str, Any], monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    # An error response counts as a good invocation for the tool, and would be what is measured.
    orders: list[Order] = []
    monkeypatch.setattr(submission, "submit", orders.append)
    response = api.handler(tuning["payload"], context)
    assert response["statusCode"] == submission.STATUS
    assert len(orders) == 1
