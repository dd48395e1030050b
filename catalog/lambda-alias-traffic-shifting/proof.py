"""A new version fails on every order. How many callers meet it?

Without the safeguard the translated template calls the function itself, and a deployment brings
the version to everybody. An alias alone does not help: SAM points it to the new version in the
same deployment. With the safeguard a deployment leaves version and alias as they are, the script
gives the new version its share, and `return` takes it away again. The share that each version
answers matches the weight.

Real: the SAM transform of the generated template, before and after a change of code and
configuration; the generated script, run as from the command line; boto3, by which every request
is checked against Lambda's model.

Simulated: Lambda. It keeps one function with its versions and one alias, and sends each of
10 000 calls to one of two versions by a seeded draw, as the alias says. Lambda's own draw, and
how soon a change of an alias holds, cannot be shown here.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.bar import lint, translate

ID = "lambda-alias-traffic-shifting"
CALLS = 10_000


@dataclass
class Lambda:
    """One function with its versions, and the alias `live`."""

    latest: str = "code 1"
    versions: dict[str, str] = field(default_factory=lambda: {"1": "code 1"})
    alias: str = "1"
    weights: dict[str, float] = field(default_factory=dict)
    revision: int = 1

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Lambda's answer to one request."""
        if operation in ("GetFunction", "GetFunctionConfiguration"):
            state = {"LastUpdateStatus": "Successful", "State": "Active"}
            return {"Configuration": state, **state}
        if operation == "PublishVersion":
            last = str(len(self.versions))
            if self.versions[last] != self.latest:
                last = str(len(self.versions) + 1)
                self.versions[last] = self.latest
            return {"Version": last}
        if operation == "UpdateAlias":
            assert asked["RevisionId"] == str(self.revision)
            self.revision += 1
            self.alias = asked["FunctionVersion"]
            self.weights = asked["RoutingConfig"]["AdditionalVersionWeights"]
        assert operation in ("GetAlias", "UpdateAlias")
        return {
            "FunctionVersion": self.alias,
            "RoutingConfig": {"AdditionalVersionWeights": self.weights},
            "RevisionId": str(self.revision),
        }

    def shares(self) -> dict[str, float]:
        """The share of the calls that each version answers."""
        draw = random.Random(20231)  # noqa: S311, no secret
        answered: Counter[str] = Counter()
        for _ in range(CALLS):
            point = draw.random()
            chosen = self.alias
            for version, weight in self.weights.items():
                if point < weight:
                    chosen = version
            answered[chosen] += 1
        return {version: count / CALLS for version, count in answered.items()}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    """Lambda, behind every client that boto3 makes."""
    state = Lambda()
    client = boto3.Session("test", "test", region_name="ap-northeast-1").client("lambda")
    asked: dict[str, Any] = {}

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.clear()
        asked.update(params)

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200), state.answer(model.name, asked)

    client.meta.events.register("provide-client-params.lambda", note)
    client.meta.events.register("before-call.lambda", answer)
    monkeypatch.setattr(boto3.Session, "client", lambda self, name: client)
    return state


@pytest.fixture
def shift(
    project: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., int]]:
    """Runs the generated script."""
    monkeypatch.syspath_prepend(project(ID).path)
    for name in [n for n in sys.modules if n.partition(".")[0] == "scripts"]:
        del sys.modules[name]
    script = importlib.import_module("scripts.shift_traffic")
    yield lambda action, *more: script.main([action, "--function", "orders-api", *more])
    for name in [n for n in sys.modules if n.partition(".")[0] == "scripts"]:
        del sys.modules[name]


def changed(text: str) -> str:
    """A template with a change of code and of configuration, as the next deployment has it."""
    assert "MemorySize: 512" in text
    return text.replace("MemorySize: 512", "MemorySize: 768").replace(
        "LOG_LEVEL: INFO", "LOG_LEVEL: DEBUG"
    )


def published(template: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """The versions of a translated template, and where its aliases point."""
    resources = template["Resources"]
    versions = [n for n, r in resources.items() if r["Type"] == "AWS::Lambda::Version"]
    aliases = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::Lambda::Alias"]
    return versions, aliases


def sample_text(name: str) -> str:
    return (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")


def test_without_it_the_api_calls_whatever_was_deployed_last(project: Callable[..., Any]) -> None:
    plain = project()
    assert published(plain.translated) == ([], [])
    assert "${ApiFunction.Arn}/invocations" in json.dumps(plain.translated)


@pytest.mark.parametrize(("name", "moves"), [("before.yaml", True), ("after.yaml", False)])
def test_an_alias_alone_moves_with_the_deployment(name: str, moves: bool) -> None:
    text = sample_text(name)
    assert lint(text) == []
    before = published(translate(text))
    after = published(
        translate(text.replace("CodeUri: src/", "CodeUri: src/\n      MemorySize: 256"))
    )
    assert before[0] and (before != after) is moves


def test_with_it_a_deployment_moves_neither_version_nor_alias(project: Callable[..., Any]) -> None:
    made = project(ID)
    text = (made.path / "template.yaml").read_text(encoding="utf-8")
    versions, aliases = published(made.translated)
    assert versions == ["ApiFunctionVersion1"]
    assert [a["Name"] for a in aliases] == ["live"]
    assert published(translate(changed(text))) == (versions, aliases)
    assert "${ApiFunction.Arn}/invocations" not in json.dumps(made.translated)


def test_with_it_the_shares_match_the_weights(aws: Lambda, shift: Callable[..., int]) -> None:
    aws.latest = "code 2"
    assert aws.shares() == {"1": 1.0}, "deployed, and nobody calls it"
    assert shift("start", "--weight", "10") == 0
    assert aws.shares() == pytest.approx({"1": 0.9, "2": 0.1}, abs=0.01)
    assert shift("step", "--weight", "50") == 0
    assert aws.shares() == pytest.approx({"1": 0.5, "2": 0.5}, abs=0.02)
    assert shift("finish") == 0
    assert aws.shares() == {"2": 1.0}


def test_with_it_a_bad_version_is_taken_back(aws: Lambda, shift: Callable[..., int]) -> None:
    aws.latest = "bad code"
    assert shift("start", "--weight", "10") == 0
    assert aws.shares()["2"] < 0.12
    assert shift("return") == 0
    assert aws.shares() == {"1": 1.0}
    aws.latest = "good code"
    assert shift("start", "--weight", "10") == 0
    assert shift("finish") == 0
    assert aws.shares() == {"3": 1.0}
    assert shift("return", "--version", "1") == 0
    assert aws.shares() == {"1": 1.0}
