"""The step switches on the scan types that are off, once, and nothing else."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from baseline.steps import inspector

ACCOUNT = "123456789012"


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """An account in moto, in which Inspector is off."""
    with mock_aws():
        yield boto3.Session(region_name="ap-northeast-1")


def status(session: boto3.Session) -> dict[str, str]:
    """Inspector's status of the account, by what it scans."""
    client = session.client("inspector2")
    found = client.batch_get_account_status(accountIds=[ACCOUNT])["accounts"]
    states: dict[str, Any] = dict(found[0]["resourceState"]) if found else {}
    return {name: state["status"] for name, state in states.items()}


def test_what_is_off_is_switched_on_once(session: boto3.Session) -> None:
    wanted = [f"switch on the scan type {scan}" for scan in inspector.SCANS]
    assert inspector.enable(session, dry_run=False) == wanted
    assert status(session)["lambda"] == "ENABLED"
    assert (status(session)["lambdaCode"] == "ENABLED") == ("LAMBDA_CODE" in inspector.SCANS)
    assert inspector.enable(session, dry_run=False) == []


def test_a_dry_run_changes_nothing(session: boto3.Session) -> None:
    assert inspector.enable(session, dry_run=True) != []
    assert "ENABLED" not in status(session).values()


def test_what_others_scan_stays_as_it_is(session: boto3.Session) -> None:
    session.client("inspector2").enable(accountIds=[ACCOUNT], resourceTypes=["ECR"])
    inspector.enable(session, dry_run=False)
    assert (status(session)["ecr"], status(session)["ec2"]) == ("ENABLED", "DISABLED")


def test_a_refusal_is_an_error_with_its_reason(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, sts = session.client("inspector2"), session.client("sts")
    monkeypatch.setattr(session, "client", {"inspector2": client, "sts": sts}.__getitem__)
    refusal = {
        "accountId": ACCOUNT,
        "errorCode": "BLOCKED_BY_ORGANIZATION_POLICY",
        "errorMessage": "The organization decides.",
    }
    with Stubber(client) as stub:
        stub.add_response("batch_get_account_status", {"accounts": []})
        stub.add_response("enable", {"accounts": [], "failedAccounts": [refusal]})
        with pytest.raises(inspector.NotEnabled, match="BLOCKED_BY_ORGANIZATION_POLICY"):
            inspector.enable(session, dry_run=False)
