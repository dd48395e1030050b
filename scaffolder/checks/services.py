"""Which AWS services a function's code calls, as far as its permissions tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scaffolder.checks.intrinsics import references
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.template import View
from scaffolder.checks.view import properties_of

ENDPOINTS = {
    "cloudwatch": "monitoring",
    "codedeploy": "codedeploy",
    "dynamodb": "dynamodb",
    "events": "events",
    "execute-api": "execute-api",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "states",
    "sts": "sts",
    "xray": "xray",
}
"""From the prefix of IAM actions to the short name of the service's VPC endpoint."""

_DATA = {
    "appconfig:getlatestconfiguration": "appconfigdata",
    "appconfig:startconfigurationsession": "appconfigdata",
}
# What the service itself does for a function: reading queues and streams for event source
# mappings, which does not pass through the function's VPC.
_BY_LAMBDA = frozenset(
    {
        *("sqs:receivemessage", "sqs:deletemessage", "sqs:getqueueattributes"),
        *("sqs:changemessagevisibility", "dynamodb:describestream", "dynamodb:getrecords"),
        *("dynamodb:getsharditerator", "dynamodb:liststreams"),
    }
)
_TEMPLATES_BY_LAMBDA = frozenset({"SQSPollerPolicy", "DynamoDBStreamReadPolicy"})
# SAM's policy templates by how their names begin.
_TEMPLATES = {
    "AWSSecretsManager": "secretsmanager",
    "CloudWatch": "cloudwatch",
    "DynamoDB": "dynamodb",
    "EventBridge": "events",
    "FilterLogEvents": "logs",
    "KMS": "kms",
    "LambdaInvoke": "lambda",
    "S3": "s3",
    "SNS": "sns",
    "SQS": "sqs",
    "SSM": "ssm",
    "StepFunctions": "states",
}


def services(view: View, properties: PlacedDict, function: str) -> dict[Location, set[str]]:
    """Short names of the endpoints that a function needs, by the policy that tells so.

    Services whose endpoint's name is not known here are left out.
    """
    found: dict[Location, set[str]] = {}
    where: Location = ("Resources", function, "Properties", "Policies")
    policies = properties.get("Policies")
    if isinstance(policies, list):
        for index, policy in enumerate(policies):
            found[(*where, index)] = set(_of_policy(policy))
    elif policies is not None:
        found[where] = set(_of_policy(policies))
    for name in references(properties.get("Role")):
        if name in view.resources and view.resources[name].get("Type") == "AWS::IAM::Role":
            inline = properties_of(view, name).get("Policies")
            for index, policy in enumerate(inline if isinstance(inline, list) else ()):
                document = policy.get("PolicyDocument") if isinstance(policy, dict) else None
                place = ("Resources", name, "Properties", "Policies", index)
                found[place] = set(_of_policy(document))
    return {place: needed for place, needed in found.items() if needed}


def _of_policy(policy: Any) -> Iterator[str]:
    if not isinstance(policy, dict):
        return
    for statement in listed(policy.get("Statement")):
        if isinstance(statement, dict) and statement.get("Effect") != "Deny":
            yield from _of_statement(statement)
    for name in policy:
        if name not in _TEMPLATES_BY_LAMBDA:
            yield from (ENDPOINTS[s] for start, s in _TEMPLATES.items() if name.startswith(start))


def _of_statement(statement: dict[str, Any]) -> Iterator[str]:
    for action in listed(statement.get("Action")):
        if not isinstance(action, str) or action.lower() in _BY_LAMBDA:
            continue
        service = action.lower().partition(":")[0]
        if service == "kms" and "kms:ViaService" in str(statement.get("Condition")):
            continue  # The other service calls KMS, not the function.
        endpoint = _DATA.get(action.lower()) or ENDPOINTS.get(service)
        if endpoint:
            yield endpoint


def listed(value: Any) -> list[Any]:
    """What IAM takes as one value or a list of them, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
