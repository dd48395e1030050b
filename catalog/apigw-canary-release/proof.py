"""A definition that refuses proper orders goes out. How many requests meet it?

Without the safeguard: SAM translates two versions of a template with the deck's `CanarySetting`.
The stage's own pointer goes to the new deployment, and the canary's setting stays as it was; so
the whole stage changes. With it: the script deploys the changed definition to the canary. The
stage's deployment stays until `promote`, and `remove` leaves everything as it was before.

Real: the SAM transform; the generated script, run as from the command line, on the generated
template and on a changed one; boto3, by which every request is checked against the API's model;
the patch operations, which are applied to a stage as the API documents them.

Simulated: CloudFormation, which gives the templates and the ids of resources, and API Gateway:
one API with its definition, deployments, which are copies of that definition, and one stage,
which sends each of 1 000 requests to stage or canary by a seeded draw. It refuses a deployment
to a stage that has a canary. How the real service draws cannot be shown here.
"""

from __future__ import annotations

import copy
import importlib
import json
import random
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.bar import lint, translate

ID = "apigw-canary-release"
VALIDATION = "apigw-request-validation"
REQUESTS = 1_000
SAMPLES = Path(__file__).parent / "samples"
STACK_ID = "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/orders/1"


@dataclass
class Gateway:
    """A REST API with one stage, and the stack that it belongs to.

    Attributes:
        templates: translated templates by the change set's name; "" is the deployed one.
        definition: the API's working definition, which the next deployment copies.
        deployments: definitions by the deployment's id.
        stage: the stage, as `get-stage` gives it.
    """

    templates: dict[str, dict[str, Any]]
    definition: dict[str, Any] = field(default_factory=dict)
    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    stage: dict[str, Any] = field(default_factory=dict)

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request; raises AttributeError for one that is not expected."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        return getattr(self, name)(asked) or {}

    def describe_stacks(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"Stacks": [{"StackId": STACK_ID, "StackName": asked["StackName"]}]}

    def list_stack_resources(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = [
            {"LogicalResourceId": n, "PhysicalResourceId": f"orders-{n}", "ResourceType": r["Type"]}
            for n, r in self.templates[""]["Resources"].items()
        ]
        return {"StackResourceSummaries": found}

    def get_template(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"TemplateBody": json.dumps(self.templates[asked.get("ChangeSetName", "")])}

    def get_stage(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self.stage

    def put_rest_api(self, asked: dict[str, Any]) -> None:
        self.definition = json.loads(asked["body"])

    def create_deployment(self, asked: dict[str, Any]) -> None:
        canary = asked.get("canarySettings")
        if canary is None and "canarySettings" in self.stage:
            raise RuntimeError("Non canary deployment not supported: Canary is enabled")
        name = f"d{len(self.deployments) + 1}"
        self.deployments[name] = copy.deepcopy(self.definition)
        if canary is None:
            self.stage["deploymentId"] = name
        else:
            self.stage["canarySettings"] = {**canary, "deploymentId": name}

    def delete_deployment(self, asked: dict[str, Any]) -> None:
        used = {
            self.stage["deploymentId"],
            self.stage.get("canarySettings", {}).get("deploymentId"),
        }
        assert asked["deploymentId"] not in used
        del self.deployments[asked["deploymentId"]]

    def update_stage(self, asked: dict[str, Any]) -> None:
        for operation in asked["patchOperations"]:
            *parents, last = operation["path"].lstrip("/").split("/")
            place = self.stage
            for parent in parents:
                place = place.setdefault(parent, {})
            if operation["op"] == "remove":
                del place[last]
            elif operation["op"] == "copy":
                found: Any = self.stage
                for key in operation["from"].lstrip("/").split("/"):
                    found = found[key]
                place[last] = found
            else:
                assert operation["op"] == "replace"
                value = operation["value"]
                place[last] = float(value) if last == "percentTraffic" else value

    def refused(self) -> float:
        """The share of the requests with a proper order that the definitions refuse."""
        draw = random.Random(2024)  # noqa: S311, no secret
        canary = self.stage.get("canarySettings")
        count = 0
        for _ in range(REQUESTS):
            main = canary is None or draw.random() * 100 >= canary["percentTraffic"]
            used = self.stage["deploymentId"] if main else canary["deploymentId"]
            count += most(self.deployments[used]) < 2
        return count / REQUESTS


def most(definition: dict[str, Any]) -> int:
    """The largest quantity that a definition lets through."""
    order = definition["components"]["schemas"]["order"]
    return int(order["properties"]["quantity"]["maximum"])


@pytest.fixture
def gateway(project: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """The generated API as deployed, with a change set that lets one article through only."""
    made = project(ID, VALIDATION)
    text = (made.path / "template.yaml").read_text(encoding="utf-8")
    stricter = re.sub(r"maximum: 1000\b", "maximum: 1", text)
    assert stricter != text
    state = Gateway({"": made.translated, "next": translate(stricter)})
    session = boto3.Session("test", "test", region_name="ap-northeast-1")
    clients = {name: session.client(name) for name in ("cloudformation", "apigateway")}
    asked: dict[str, Any] = {}

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.clear()
        asked.update(params)

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200), state.answer(model.name, asked)

    for client in clients.values():
        client.meta.events.register("provide-client-params", note)
        client.meta.events.register("before-call", answer)
    monkeypatch.setattr(boto3.Session, "client", lambda self, name: clients[name])
    return state


@pytest.fixture
def canary(
    project: Callable[..., Any], gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., int]]:
    """Runs the generated script. The API was deployed once, as the template says."""
    monkeypatch.syspath_prepend(project(ID, VALIDATION).path)
    forget()
    definitions = importlib.import_module("scripts.api_definition")
    client = boto3.Session().client("cloudformation")
    gateway.definition = definitions.read(client, "orders", "Api").body
    gateway.create_deployment({})
    script = importlib.import_module("scripts.apigw_canary")
    yield lambda action, *more: script.main([action, "--stack", "orders", *more])
    forget()


def forget() -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == "scripts"]:
        del sys.modules[name]


CREATE = ("create", "--change-set", "next", "--percent", "10")


def test_without_it_the_stage_itself_moves_and_the_setting_stays() -> None:
    text = (SAMPLES / "before.yaml").read_text(encoding="utf-8")
    assert lint(text) == []
    first, second = (
        translate(t)["Resources"]["HelloApiprodStage"]["Properties"]
        for t in (text, text.replace('version: "1"', 'version: "2"'))
    )
    assert first["DeploymentId"] != second["DeploymentId"]
    assert (
        first["CanarySetting"]
        == second["CanarySetting"]
        == {
            "PercentTraffic": 10,
            "UseStageCache": False,
        }
    )


def test_without_it_every_request_meets_the_new_definition(
    gateway: Gateway, canary: Callable[..., int]
) -> None:
    gateway.definition = json.loads(json.dumps(gateway.definition).replace("1000", "1"))
    gateway.create_deployment({})
    assert gateway.refused() == 1.0


def test_with_it_the_stage_stays_until_promotion(
    gateway: Gateway, canary: Callable[..., int]
) -> None:
    assert gateway.refused() == 0.0
    assert canary(*CREATE) == 0
    assert gateway.stage["deploymentId"] == "d1"
    assert most(gateway.deployments["d1"]) == 1000
    assert gateway.stage["canarySettings"]["useStageCache"] is False
    assert gateway.refused() == pytest.approx(0.1, abs=0.03)
    assert canary("share", "--percent", "50") == 0
    assert gateway.stage["deploymentId"] == "d1"
    assert gateway.refused() == pytest.approx(0.5, abs=0.05)
    assert canary("promote") == 0
    assert gateway.stage["deploymentId"] == "d2"
    assert "canarySettings" not in gateway.stage
    assert gateway.refused() == 1.0


def test_with_it_a_bad_definition_is_removed_without_a_trace(
    gateway: Gateway, canary: Callable[..., int]
) -> None:
    before = copy.deepcopy((gateway.definition, gateway.deployments, gateway.stage))
    assert canary(*CREATE) == 0
    assert canary("remove") == 0
    assert (gateway.definition, gateway.deployments, gateway.stage) == before
    assert gateway.refused() == 0.0


def test_with_it_the_variables_of_the_canary_are_promoted_too(
    gateway: Gateway, canary: Callable[..., int]
) -> None:
    gateway.stage["variables"] = {"mode": "old", "kept": "yes"}
    assert canary(*CREATE, "--variable", "mode=new") == 0
    assert gateway.stage["variables"]["mode"] == "old"
    assert canary("promote") == 0
    assert gateway.stage["variables"] == {"mode": "new", "kept": "yes"}


def test_with_it_a_second_canary_and_another_deployment_are_refused(
    gateway: Gateway, canary: Callable[..., int]
) -> None:
    assert canary(*CREATE) == 0
    before = copy.deepcopy((gateway.definition, gateway.deployments, gateway.stage))
    assert canary(*CREATE) == 1
    assert (gateway.definition, gateway.deployments, gateway.stage) == before
    with pytest.raises(RuntimeError, match="Canary is enabled"):
        gateway.create_deployment({})


def test_the_sample_does_the_same_by_hand(gateway: Gateway, canary: Callable[..., int]) -> None:
    lines = (SAMPLES / "after.sh").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    create, promote, end = (shlex.split(s) for s in lines if s.startswith("aws "))
    settings = dict(pair.split("=") for pair in create[-1].split(","))
    percent, cached = float(settings["percentTraffic"]), settings["useStageCache"] != "false"
    asked = {"percentTraffic": percent, "useStageCache": cached}
    gateway.create_deployment({"canarySettings": asked})
    assert (gateway.stage["deploymentId"], cached) == ("d1", False)
    for words in (promote, end):
        patches = words[words.index("--patch-operations") + 1 :]
        operations = [dict(pair.split("=") for pair in patch.split(",")) for patch in patches]
        boto3.Session().client("apigateway").update_stage(
            restApiId="a", stageName="prod", patchOperations=operations
        )
    assert gateway.stage == {"deploymentId": "d2"}
