"""The step opts in where that is missing, once, and says when it is refused."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from baseline.steps import compute_optimizer


@pytest.fixture
def session() -> boto3.Session:
    """A session with credentials that nobody takes."""
    return boto3.Session("testing", "testing", region_name="ap-northeast-1")


@pytest.fixture
def answers(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """What Compute Optimizer is going to answer; any other call is an error."""
    client = session.client("compute-optimizer")
    monkeypatch.setattr(session, "client", {"compute-optimizer": client}.__getitem__)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_an_account_that_is_not_opted_in_is_opted_in(
    session: boto3.Session, answers: Stubber
) -> None:
    answers.add_response("get_enrollment_status", {"status": "Inactive"})
    answers.add_response("update_enrollment_status", {"status": "Active"}, {"status": "Active"})
    assert compute_optimizer.enable(session, dry_run=False) == ["opt in to Compute Optimizer"]


@pytest.mark.parametrize("status", ["Active", "Pending"])
def test_one_that_is_stays_as_it_is(status: str, session: boto3.Session, answers: Stubber) -> None:
    answers.add_response("get_enrollment_status", {"status": status})
    assert compute_optimizer.enable(session, dry_run=False) == []


def test_a_dry_run_changes_nothing(session: boto3.Session, answers: Stubber) -> None:
    answers.add_response("get_enrollment_status", {"status": "Inactive"})
    assert compute_optimizer.enable(session, dry_run=True) == ["opt in to Compute Optimizer"]


def test_a_refusal_is_an_error_with_its_reason(session: boto3.Session, answers: Stubber) -> None:
    answers.add_response("get_enrollment_status", {"status": "Failed"})
    refusal = {"status": "Failed", "statusReason": "The service-linked role is missing."}
    answers.add_response("update_enrollment_status", refusal)
    with pytest.raises(compute_optimizer.NotOptedIn, match="role is missing"):
        compute_optimizer.enable(session, dry_run=False)
