"""The canary takes a part of the requests; the stage itself changes on promotion only."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.apigw_canary import main

STACK = {"StackName": "orders"}
API = {"restApiId": "a1b2c3"}
STAGE = {**API, "stageName": "prod"}
CHANGE_SET = "arn:aws:cloudformation:ap-northeast-1:123456789012:changeSet/next/1"
FUNCTION_ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-ApiFunction-X"
URI = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/%s/invocations"


def template(function: str = "ApiFunction.Arn", version: str = "1.0") -> dict[str, Any]:
    """A template as SAM leaves it, as far as it is about the API."""
    body = {
        "info": {"title": {"Ref": "AWS::StackName"}, "version": version},
        "paths": {"/orders": {"post": {"uri": {"Fn::Sub": URI % ("${" + function + "}")}}}},
    }
    properties = {"Body": body, "Parameters": {"endpointConfigurationTypes": "REGIONAL"}}
    return {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}}}


class Aws:
    """CloudFormation and API Gateway, as far as the script may call them and in this order."""

    def __init__(self, cloudformation: Stubber, apigateway: Stubber) -> None:
        self.cloudformation = cloudformation
        self.apigateway = apigateway

    def has(self, of: dict[str, Any], change_set: str | None = None) -> None:
        """Expect a look at the stack, and at the template of it or of a change set."""
        stack_id = "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/orders/1"
        stack = {"StackId": stack_id, "StackName": "orders"}
        resources = [
            ("Api", "a1b2c3", "AWS::ApiGateway::RestApi"),
            ("ApiFunction", "orders-ApiFunction-X", "AWS::Lambda::Function"),
            ("ApiFunctionAliaslive", f"{FUNCTION_ARN}:live", "AWS::Lambda::Alias"),
        ]
        summaries = [
            {"LogicalResourceId": logical, "PhysicalResourceId": physical, "ResourceType": kind}
            for logical, physical, kind in resources
        ]
        when: dict[str, Any] = {"CreationTime": "2026-11-23T00:00:00Z"}
        state = {
            "LastUpdatedTimestamp": "2026-11-23T00:00:00Z",
            "ResourceStatus": "UPDATE_COMPLETE",
        }
        stub = self.cloudformation
        complete = {"StackStatus": "UPDATE_COMPLETE"}
        stub.add_response("describe_stacks", {"Stacks": [{**stack, **when, **complete}]}, STACK)
        listed = {"StackResourceSummaries": [{**each, **state} for each in summaries]}
        stub.add_response("list_stack_resources", listed, STACK)
        asked = {**STACK, "TemplateStage": "Processed"}
        if change_set:
            asked["ChangeSetName"] = change_set
        stub.add_response("get_template", {"TemplateBody": json.dumps(of)}, asked)

    def stage(self, deployment: str, **canary: Any) -> None:
        """Expect a look at the stage."""
        answer: dict[str, Any] = {"deploymentId": deployment}
        if canary:
            answer["canarySettings"] = canary
        self.apigateway.add_response("get_stage", answer, STAGE)

    def defines(self, function_arn: str, version: str = "1.0") -> None:
        """Expect that the API gets this definition, with every reference filled in."""
        uri = (
            "arn:aws:apigateway:ap-northeast-1:lambda:path/2015-03-31/functions/"
            f"{function_arn}/invocations"
        )
        body = {
            "info": {"title": "orders", "version": version},
            "paths": {"/orders": {"post": {"uri": uri}}},
        }
        asked = {
            **API,
            "mode": "overwrite",
            "parameters": {"endpointConfigurationTypes": "REGIONAL"},
            "body": json.dumps(body).encode(),
        }
        self.apigateway.add_response("put_rest_api", {"id": "a1b2c3"}, asked)

    def patches(self, *operations: dict[str, str]) -> None:
        """Expect this change of the stage."""
        asked = {**STAGE, "patchOperations": list(operations)}
        self.apigateway.add_response("update_stage", {}, asked)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    session = boto3.Session("test", "test", region_name="ap-northeast-1")
    clients = {name: session.client(name) for name in ("cloudformation", "apigateway")}
    monkeypatch.setattr(boto3.Session, "client", lambda self, name: clients[name])
    with Stubber(clients["cloudformation"]) as first, Stubber(clients["apigateway"]) as second:
        yield Aws(first, second)
        first.assert_no_pending_responses()
        second.assert_no_pending_responses()


def run(action: str, *more: str) -> int:
    """Run the script as from the command line."""
    return main([action, "--stack", "orders", *more])


CREATE = ("create", "--change-set", CHANGE_SET, "--percent", "10")


@pytest.mark.parametrize(
    ("function", "arn"),
    [("ApiFunction.Arn", FUNCTION_ARN), ("ApiFunctionAliaslive", f"{FUNCTION_ARN}:live")],
)
def test_create_deploys_the_change_set_s_definition_to_the_canary_alone(
    aws: Aws, capsys: pytest.CaptureFixture[str], function: str, arn: str
) -> None:
    aws.has(template(function, "2.0"), CHANGE_SET)
    aws.stage("main")
    aws.defines(arn, "2.0")
    settings = {
        "percentTraffic": 10.0,
        "stageVariableOverrides": {"mode": "new"},
        "useStageCache": False,
    }
    asked = {**STAGE, "description": "canary", "canarySettings": settings}
    aws.apigateway.add_response("create_deployment", {"id": "next"}, asked)
    aws.stage("main", deploymentId="next", percentTraffic=10.0)
    assert run(*CREATE, "--variable", "mode=new") == 0
    said = capsys.readouterr().out
    assert (
        said == "prod: deployment main; its canary, deployment next, takes 10% of the requests.\n"
    )


def test_a_second_canary_is_refused_before_anything_changes(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.has(template(), CHANGE_SET)
    aws.stage("main", deploymentId="next", percentTraffic=10.0)
    assert run(*CREATE) == 1
    assert "canary already" in capsys.readouterr().err


def test_a_definition_with_a_new_function_is_refused(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.has(template("NewFunction.Arn"), CHANGE_SET)
    assert run(*CREATE) == 1
    assert "NewFunction.Arn, which is not deployed yet" in capsys.readouterr().err


def test_share_changes_the_part(aws: Aws) -> None:
    aws.has(template())
    aws.stage("main", deploymentId="next", percentTraffic=10.0)
    aws.patches({"op": "replace", "path": "/canarySettings/percentTraffic", "value": "50.0"})
    aws.stage("main", deploymentId="next", percentTraffic=50.0)
    assert run("share", "--percent", "50") == 0


def test_promote_copies_deployment_and_variables_and_ends_the_canary(aws: Aws) -> None:
    aws.has(template())
    overrides = {"mode": "new"}
    aws.stage("main", deploymentId="next", percentTraffic=50.0, stageVariableOverrides=overrides)
    aws.patches(
        {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
        {"op": "replace", "path": "/variables/mode", "value": "new"},
        {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0"},
    )
    aws.patches({"op": "remove", "path": "/canarySettings"})
    aws.stage("next")
    assert run("promote") == 0


def test_remove_ends_the_canary_and_sets_the_definition_back(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.has(template())
    aws.stage("main", deploymentId="next", percentTraffic=10.0)
    aws.patches({"op": "remove", "path": "/canarySettings"})
    aws.apigateway.add_response("delete_deployment", {}, {**API, "deploymentId": "next"})
    aws.defines(FUNCTION_ARN)
    aws.stage("main")
    assert run("remove") == 0
    assert "main takes every request; no canary" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("share", "--percent", "50"), ("promote",), ("remove",)])
def test_without_a_canary_there_is_no_next_step(aws: Aws, arguments: tuple[str, ...]) -> None:
    aws.has(template())
    aws.stage("main")
    assert run(*arguments) == 1


@pytest.mark.parametrize(
    "arguments", [("create", "--percent", "10"), ("share",), ("status", "--percent", "5")]
)
def test_what_a_step_needs_is_asked_for(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        run(*arguments)
