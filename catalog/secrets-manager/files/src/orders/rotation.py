"""Rotates the token for the downstream; Secrets Manager calls it once for each step.

The downstream reads the token from Secrets Manager, as this service does, and accepts each
version that has a staging label. So it takes a new token as soon as it is stored, and the one
before until the next rotation.
"""

import os
import secrets
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import boto3
import urllib3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from orders import credential
from orders.log import logger

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CONFIG = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)
_http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2.0, read=5.0), retries=False)
# anshin:setup hook


class TokenNotAccepted(Exception):
    """The downstream does not take the new token, so it must not become the current one."""


@cache
def _secrets() -> "SecretsManagerClient":
    """The client; made on first use, because only then there has to be a Region."""
    return boto3.client("secretsmanager", config=_CONFIG)


def create(secret: str, version: str) -> None:
    """Store a new token, unless an attempt before this one did."""
    client = _secrets()
    try:
        client.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")
    except client.exceptions.ResourceNotFoundException:
        client.put_secret_value(
            SecretId=secret,
            ClientRequestToken=version,
            SecretString=secrets.token_urlsafe(48),
            VersionStages=["AWSPENDING"],
        )


def test(secret: str, version: str) -> None:
    """Try the new token on the downstream with a request that changes nothing."""
    value = _secrets().get_secret_value(SecretId=secret, VersionId=version)["SecretString"]
    status = _http.request(
        "HEAD", os.environ["DOWNSTREAM_URL"], headers=credential.authorization(value)
    ).status
    # An answer such as 405, to HEAD itself, says that the token was taken.
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) or status >= 500:
        raise TokenNotAccepted(f"the downstream answered {status} to the new token")


def finish(secret: str, version: str) -> None:
    """Make the new token the current one; the one before becomes AWSPREVIOUS."""
    client = _secrets()
    labels = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    current = next(v for v, stages in labels.items() if "AWSCURRENT" in stages)
    if current != version:
        client.update_secret_version_stage(
            SecretId=secret,
            VersionStage="AWSCURRENT",
            MoveToVersionId=version,
            RemoveFromVersionId=current,
        )


# anshin:handler hook
def handler(event: dict[str, str], context: LambdaContext) -> None:
    """Entry point of TokenRotationFunction; an exception stops the rotation."""
    secret, version = event["SecretId"], event["ClientRequestToken"]
    match event["Step"]:
        case "createSecret":
            create(secret, version)
        case "testSecret":
            test(secret, version)
        case "finishSecret":
            finish(secret, version)
        # setSecret has nothing to do: the downstream reads the token for itself.
    logger.info("step done: %s", event["Step"], extra={"version": version})
