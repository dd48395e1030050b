"""Opt the account in to AWS Compute Optimizer, which analyses the memory of Lambda functions.

The opt-in holds for the account in all Regions. In the management account of an organization it
leaves the member accounts as they are.
"""

import boto3

OPTED_IN = ("Active", "Pending")


class NotOptedIn(Exception):
    """Compute Optimizer did not take the opt-in; the message is its reason."""


def enable(session: boto3.Session, dry_run: bool) -> list[str]:
    """Opt in, if the account is not; raises NotOptedIn."""
    optimizer = session.client("compute-optimizer")
    if optimizer.get_enrollment_status()["status"] in OPTED_IN:
        return []
    if not dry_run:
        answer = optimizer.update_enrollment_status(status="Active")
        if answer["status"] not in OPTED_IN:
            raise NotOptedIn(answer.get("statusReason", answer["status"]))
    return ["opt in to Compute Optimizer"]
