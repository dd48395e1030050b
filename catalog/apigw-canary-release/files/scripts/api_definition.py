"""The OpenAPI definition of a SAM API, deployed or about to be, with all references filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

NAME = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")


class NotDeployed(Exception):
    """The definition refers to something that the stack does not have yet."""


@dataclass(frozen=True)
class Definition:
    """What `put-rest-api` takes.

    Attributes:
        api: id of the REST API in API Gateway.
        body: the OpenAPI document.
        parameters: for the import, such as the type of endpoint.
    """

    api: str
    body: dict[str, Any]
    parameters: dict[str, str]


def read(
    client: CloudFormationClient, stack: str, logical_id: str, change_set: str | None = None
) -> Definition:
    """The definition of a stack's API: the deployed one, or that of a change set.

    Raises NotDeployed for a change set that adds a function or another resource to the API.
    """
    names = _names(client, stack)
    if change_set is None:
        found = client.get_template(StackName=stack, TemplateStage="Processed")
    else:
        found = client.get_template(
            StackName=stack, ChangeSetName=change_set, TemplateStage="Processed"
        )
    resources: Mapping[str, Any] = found["TemplateBody"]["Resources"]
    properties = resources[logical_id]["Properties"]
    return Definition(
        names[logical_id],
        _filled(properties["Body"], names),
        _filled(properties.get("Parameters", {}), names),
    )


def _names(client: CloudFormationClient, stack: str) -> dict[str, str]:
    """What a reference to each parameter, resource and pseudo parameter of a stack gives."""
    described = client.describe_stacks(StackName=stack)["Stacks"][0]
    _, partition, _, region, account, _ = described["StackId"].split(":", 5)
    names = {
        "AWS::AccountId": account,
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::StackName": described["StackName"],
    }
    for parameter in described.get("Parameters", []):
        names[parameter["ParameterKey"]] = parameter["ParameterValue"]
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            logical_id, physical_id = resource["LogicalResourceId"], resource["PhysicalResourceId"]
            names[logical_id] = physical_id
            if resource["ResourceType"] == "AWS::Lambda::Function":
                arn = f"arn:{partition}:lambda:{region}:{account}:function:{physical_id}"
                names[f"{logical_id}.Arn"] = arn
    return names


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    """A value of a template with `Ref`, `Fn::GetAtt` and `Fn::Sub` replaced."""
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", str(name))]:
            return _named(name, names)
        case [("Fn::GetAtt", [str(name), str(attribute)])]:
            return _named(f"{name}.{attribute}", names)
        case [("Fn::Sub", str(text))]:
            return NAME.sub(lambda found: _named(found[1], names), text)
        case [(str(function), _)] if function.startswith("Fn::"):
            raise NotDeployed(f"{function} in the API's definition cannot be filled in")
    return {key: _filled(each, names) for key, each in value.items()}


def _named(name: str, names: Mapping[str, str]) -> str:
    if name not in names:
        raise NotDeployed(f"the API's definition refers to {name}, which is not deployed yet")
    return names[name]
