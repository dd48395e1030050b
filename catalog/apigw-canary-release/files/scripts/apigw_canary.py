"""Give a changed API definition a part of a stage's requests; then promote or remove it.

Run it from the project's root: `python -m scripts.apigw_canary create --stack NAME
--change-set ARN --percent 10`, then `share`, and in the end `promote` or `remove`. `status`
changes nothing. The functions' code stays as it is; only the API's definition is tried.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from scripts import api_definition
from scripts.api_definition import Definition, NotDeployed

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_apigateway.type_defs import PatchOperationTypeDef


class Refused(Exception):
    """The step does not fit the stage as it is; nothing was changed."""


@dataclass(frozen=True)
class Canary:
    """The part of a stage that runs another deployment.

    Attributes:
        deployment: its id.
        percent: of the stage's requests.
        variables: stage variables that are new or different in it.
    """

    deployment: str
    percent: float
    variables: dict[str, str]


@dataclass(frozen=True)
class Stage:
    """A stage of a REST API, in the account that the client is signed in to."""

    client: APIGatewayClient
    api: str
    name: str

    def read(self) -> tuple[str, Canary | None]:
        """The deployment that the stage runs, and its canary."""
        found = self.client.get_stage(restApiId=self.api, stageName=self.name)
        settings = found.get("canarySettings")
        if not settings:
            return found["deploymentId"], None
        canary = Canary(
            settings["deploymentId"],
            settings.get("percentTraffic", 0.0),
            dict(settings.get("stageVariableOverrides", {})),
        )
        return found["deploymentId"], canary

    def create(self, definition: Definition, percent: float, variables: dict[str, str]) -> None:
        """Deploy a definition to the stage's canary alone."""
        _, canary = self.read()
        if canary is not None:
            raise Refused("the stage has a canary already; promote or remove it first")
        self.define(definition)
        self.client.create_deployment(
            restApiId=self.api,
            stageName=self.name,
            description="canary",
            canarySettings={
                "percentTraffic": percent,
                "stageVariableOverrides": variables,
                # Answers of one definition must not be served from the other's cache.
                "useStageCache": False,
            },
        )

    def share(self, percent: float) -> None:
        """Give the canary another part of the requests."""
        self._canary()
        self._patch(
            {"op": "replace", "path": "/canarySettings/percentTraffic", "value": str(percent)}
        )

    def promote(self) -> None:
        """Let the whole stage run the canary's deployment, with the canary's variables."""
        canary = self._canary()
        variables: list[PatchOperationTypeDef] = [
            {"op": "replace", "path": f"/variables/{name}", "value": value}
            for name, value in canary.variables.items()
        ]
        self._patch(
            {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
            *variables,
            {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0"},
        )
        # As long as there is a canary, API Gateway refuses any deployment but to it.
        self._patch({"op": "remove", "path": "/canarySettings"})

    def remove(self, definition: Definition) -> None:
        """Let the stage run without the canary, and set the API's definition back."""
        canary = self._canary()
        self._patch({"op": "remove", "path": "/canarySettings"})
        self.client.delete_deployment(restApiId=self.api, deploymentId=canary.deployment)
        self.define(definition)

    def define(self, definition: Definition) -> None:
        """Set what the next deployment of the API will be; no stage changes by this."""
        self.client.put_rest_api(
            restApiId=self.api,
            mode="overwrite",
            parameters=definition.parameters,
            body=json.dumps(definition.body).encode(),
        )

    def _canary(self) -> Canary:
        _, canary = self.read()
        if canary is None:
            raise Refused("the stage has no canary")
        return canary

    def _patch(self, *operations: PatchOperationTypeDef) -> None:
        self.client.update_stage(
            restApiId=self.api, stageName=self.name, patchOperations=list(operations)
        )

    def __str__(self) -> str:
        deployment, canary = self.read()
        if canary is None:
            return f"deployment {deployment} takes every request; no canary"
        return (
            f"deployment {deployment}; its canary, deployment {canary.deployment},"
            f" takes {canary.percent:g}% of the requests"
        )


def percent(text: str) -> float:
    """A share above 0 and below 100 percent."""
    value = float(text)
    if not 0 < value < 100:
        raise ValueError
    return value


def variable(text: str) -> tuple[str, str]:
    """`NAME=VALUE`."""
    name, found, value = text.partition("=")
    if not (name and found):
        raise ValueError
    return name, value


def parser() -> argparse.ArgumentParser:
    """What the script understands."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("action", choices=["status", "create", "share", "promote", "remove"])
    made.add_argument("--stack", required=True, help="name of the CloudFormation stack")
    made.add_argument("--api", default="Api", help="logical id of the API in its template")
    made.add_argument("--stage", default="prod")
    made.add_argument("--change-set", help="with create: the change set with the new definition")
    made.add_argument("--percent", type=percent, help="of the requests, for the canary")
    made.add_argument(
        "--variable", type=variable, action="append", default=[], metavar="NAME=VALUE"
    )
    made.add_argument("--region", help="AWS Region; by default that of the AWS configuration")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one step and print how the stage is then; 1 if it was refused."""
    understood = parser()
    options = understood.parse_args(arguments)
    if (options.percent is not None) != (options.action in ("create", "share")):
        understood.error("create and share need --percent, the others take none")
    if (options.change_set is not None) != (options.action == "create"):
        understood.error("create needs --change-set, the others take none")
    session = boto3.Session(region_name=options.region)
    try:
        definition = api_definition.read(
            session.client("cloudformation"), options.stack, options.api, options.change_set
        )
        stage = Stage(session.client("apigateway"), definition.api, options.stage)
        match options.action:
            case "create":
                stage.create(definition, options.percent, dict(options.variable))
            case "share":
                stage.share(options.percent)
            case "promote":
                stage.promote()
            case "remove":
                stage.remove(definition)
        print(f"{options.stage}: {stage}.")
    except (Refused, NotDeployed, ClientError) as reason:
        print(f"Refused: {reason}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
