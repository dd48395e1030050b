"""Tries a new version of the API's function before any traffic reaches it.

CodeDeploy calls this hook once for each deployment and waits for its verdict.
"""

import json
import os
from http import HTTPStatus
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from orders.log import logger

# Both attempts end before the hook's timeout, so that CodeDeploy hears from us in any case.
_CALL = Config(
    connect_timeout=2,
    read_timeout=20,
    retries={"total_max_attempts": 2, "mode": "standard"},
)
# anshin:setup hook


def trial_request(deployment_id: str) -> dict[str, Any]:
    """An order that has to be refused, so that trying the version orders nothing."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"requestId": deployment_id, "stage": "pre-traffic"},
        "body": "{}",
        "isBase64Encoded": False,
    }


def new_version_works(deployment_id: str) -> bool:
    """Whether the new version starts, and refuses the order as it should."""
    response = boto3.client("lambda", config=_CALL).invoke(
        FunctionName=os.environ["NEW_VERSION"],
        Payload=json.dumps(trial_request(deployment_id)),
    )
    answer = json.loads(response["Payload"].read())
    if answer.get("statusCode") == HTTPStatus.BAD_REQUEST:
        return True
    logger.error("the new version failed its trial: %s", answer)
    return False


# anshin:handler hook
def handler(event: dict[str, str], context: LambdaContext) -> None:
    """Entry point of ApiPreTrafficFunction."""
    try:
        works = new_version_works(event["DeploymentId"])
    except Exception:
        # Without a verdict CodeDeploy would go on waiting for one.
        logger.exception("the new version could not be tried")
        works = False
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if works else "Failed",
    )
