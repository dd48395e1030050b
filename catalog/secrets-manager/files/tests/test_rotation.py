"""A rotation replaces the token only if the downstream takes the new one."""

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
import urllib3
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

from orders import rotation

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The ARN of a secret that is there in this process only; its value is `first`."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setenv("DOWNSTREAM_URL", "https://downstream.invalid/orders")
    rotation._secrets.cache_clear()
    with mock_aws():
        yield boto3.client("secretsmanager").create_secret(Name="token", SecretString="first")[
            "ARN"
        ]
    rotation._secrets.cache_clear()


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that the downstream was asked about; it takes them."""
    return answering(405, monkeypatch)


def answering(status: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the downstream answer `status`; the list is filled with what it was sent."""
    sent: list[str] = []

    def request(method: str, url: str, *, headers: dict[str, str]) -> urllib3.HTTPResponse:
        assert method == "HEAD"
        sent.append(headers["Authorization"].removeprefix("Bearer "))
        return urllib3.HTTPResponse(status=status)

    monkeypatch.setattr(rotation._http, "request", request)
    return sent


def run(secret: str, version: str, context: LambdaContext, *steps: str) -> None:
    """What Secrets Manager does with the function."""
    for step in steps:
        event = {"SecretId": secret, "ClientRequestToken": version, "Step": step}
        rotation.handler(event, context)


def value(secret: str, stage: str) -> str:
    """The token with a staging label."""
    client = boto3.client("secretsmanager")
    return client.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"]


def test_a_rotation_makes_a_new_token_and_keeps_the_one_before(
    secret: str, tried: list[str], context: LambdaContext
) -> None:
    run(secret, str(uuid4()), context, *STEPS)
    assert value(secret, "AWSPREVIOUS") == "first"
    assert [value(secret, "AWSCURRENT")] == tried
    assert len(tried[0]) == 64


@pytest.mark.parametrize("status", [401, 403, 503])
def test_a_token_that_the_downstream_does_not_take_never_becomes_the_current_one(
    status: int, secret: str, context: LambdaContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(status, monkeypatch)
    version = str(uuid4())
    run(secret, version, context, "createSecret", "setSecret")
    with pytest.raises(rotation.TokenNotAccepted, match=str(status)):
        run(secret, version, context, "testSecret")
    assert value(secret, "AWSCURRENT") == "first"


def test_a_step_that_is_repeated_changes_nothing_more(
    secret: str, tried: list[str], context: LambdaContext
) -> None:
    version = str(uuid4())
    run(secret, version, context, "createSecret", "createSecret", "testSecret", "testSecret")
    run(secret, version, context, "finishSecret", "finishSecret")
    assert tried == [value(secret, "AWSCURRENT")] * 2
    assert value(secret, "AWSPREVIOUS") == "first"
