"""The hook lets a version pass that refuses the trial order, and no other."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.response import StreamingBody
from botocore.stub import Stubber

from orders import api, pre_traffic, submission
from orders.order import Order

DEPLOYMENT = "d-A1B2C3D4E"
NEW_VERSION = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-api:8"
EVENT = {"DeploymentId": DEPLOYMENT, "LifecycleEventHookExecutionId": "execution-1"}


@dataclass
class Aws:
    """Lambda and CodeDeploy, as far as the hook calls them."""

    lambda_: Stubber
    codedeploy: Stubber

    def version_answers(self, answer: object, function_error: str | None = None) -> None:
        """Set what the new version answers to the trial."""
        body = json.dumps(answer).encode()
        response: dict[str, object] = {"Payload": StreamingBody(io.BytesIO(body), len(body))}
        if function_error:
            response["FunctionError"] = function_error
        trial = json.dumps(pre_traffic.trial_request(DEPLOYMENT))
        self.lambda_.add_response(
            "invoke", response, {"FunctionName": NEW_VERSION, "Payload": trial}
        )

    def expect(self, status: str) -> None:
        """Demand this verdict."""
        self.codedeploy.add_response(
            "put_lifecycle_event_hook_execution_status",
            {},
            {
                "deploymentId": DEPLOYMENT,
                "lifecycleEventHookExecutionId": "execution-1",
                "status": status,
            },
        )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    session = boto3.Session("test", "test", region_name="ap-northeast-1")
    clients = {"lambda": session.client("lambda"), "codedeploy": session.client("codedeploy")}
    monkeypatch.setattr(boto3, "client", lambda name, **options: clients[name])
    monkeypatch.setenv("NEW_VERSION", NEW_VERSION)
    with Stubber(clients["lambda"]) as lambda_, Stubber(clients["codedeploy"]) as codedeploy:
        yield Aws(lambda_, codedeploy)
        lambda_.assert_no_pending_responses()
        codedeploy.assert_no_pending_responses()


def test_a_version_that_refuses_the_trial_order_passes(aws: Aws, context: LambdaContext) -> None:
    aws.version_answers({"statusCode": HTTPStatus.BAD_REQUEST})
    aws.expect("Succeeded")
    pre_traffic.handler(EVENT, context)


def test_a_version_that_takes_the_trial_order_fails(aws: Aws, context: LambdaContext) -> None:
    aws.version_answers({"statusCode": submission.STATUS})
    aws.expect("Failed")
    pre_traffic.handler(EVENT, context)


def test_a_version_that_does_not_start_fails(aws: Aws, context: LambdaContext) -> None:
    aws.version_answers({"errorType": "Runtime.ImportModuleError"}, "Unhandled")
    aws.expect("Failed")
    pre_traffic.handler(EVENT, context)


def test_a_version_that_cannot_be_called_fails(aws: Aws, context: LambdaContext) -> None:
    aws.lambda_.add_client_error("invoke", "ResourceNotFoundException")
    aws.expect("Failed")
    pre_traffic.handler(EVENT, context)


def test_this_version_refuses_the_trial_order(
    submitted: list[Order], context: LambdaContext
) -> None:
    answer = api.handler(pre_traffic.trial_request(DEPLOYMENT), context)
    assert answer["statusCode"] == HTTPStatus.BAD_REQUEST
    assert submitted == []
