"""Somebody turns `accept_orders` off. Somebody else deploys a document with a misspelt flag.

Without the safeguard (`before.py`) settings are read once: an environment that is warm goes on
taking orders for as long as it lives, and one that starts after the misspelt document fails on
every call. With it, the generated API turns orders away as soon as the cached flags have expired,
and not before; it takes them again as it should; the validator refuses the misspelt document;
and while AppConfig is out of reach, the last flags hold.

Real: the generated handler, middleware and flags; Powertools with its cache; boto3, by which each
request is checked against the API's model; the validator's schema, taken from the generated
`config/template.yaml` and applied as JSON Schema draft 4; the decision about the policy by which
the function may read the flags.

Simulated: AppConfig's data API, which hands out the deployed document once for each session and
then only if it has changed, as the API documents it; and the clock. The gradual deployment, the
watching of the alarm and the way back are AppConfig's own, and were not run.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
import yaml
from aws_lambda_powertools.utilities.parameters import base
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft4Validator

from catalog.conftest import _Intrinsics
from tests.iam import Decision, Request, decide

ID = "appconfig-separation"
MAX_AGE = 60
ON, OFF = ({"accept_orders": {"default": value}} for value in (True, False))
MISSPELT = {"accept_order": {"default": False}}
NAMES = ("ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier")
ARN = "arn:aws:appconfig:ap-northeast-1:123456789012:application"


@dataclass
class AppConfig:
    """What is deployed, whether AppConfig answers, and the time in seconds."""

    deployed: dict[str, Any] = field(default_factory=lambda: ON)
    reachable: bool = True
    seconds: float = 0.0
    given: dict[str, object] = field(default_factory=dict)
    sessions: list[tuple[str, ...]] = field(default_factory=list)
    requests: int = 0

    def answer(self, operation: str, asked: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The answer to one request."""
        self.requests += 1
        if not self.reachable:
            error = {"Code": "InternalServerException", "Message": "try again"}
            return SimpleNamespace(status_code=500), {"Error": error}
        if operation == "StartConfigurationSession":
            self.sessions.append(tuple(asked[name] for name in NAMES))
            return SimpleNamespace(status_code=200), {
                "InitialConfigurationToken": f"s{self.requests}"
            }
        assert operation == "GetLatestConfiguration"
        before = self.given.pop(asked["ConfigurationToken"], None)
        token = f"t{self.requests}"
        self.given[token] = self.deployed
        text = b"" if before is self.deployed else json.dumps(self.deployed).encode()
        answer = {"Configuration": io.BytesIO(text), "NextPollConfigurationToken": token}
        return SimpleNamespace(status_code=200), answer


@pytest.fixture
def app_config(monkeypatch: pytest.MonkeyPatch) -> AppConfig:
    """AppConfig, behind every client that boto3 makes, and a clock that stands still."""
    state = AppConfig()
    asked: dict[str, Any] = {}
    session = boto3.Session("test", "test", region_name="ap-northeast-1")
    make = session.client

    def note(params: dict[str, Any], **_: Any) -> None:
        asked.clear()
        asked.update(params)

    def client(self: boto3.Session, name: str, **options: Any) -> Any:
        made = make(name, **options)
        made.meta.events.register("provide-client-params", note)
        made.meta.events.register("before-call", lambda model, **_: state.answer(model.name, asked))
        return made

    class Now(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2026, 11, 23) + timedelta(seconds=state.seconds)

    monkeypatch.setattr(boto3.Session, "client", client)
    monkeypatch.setattr(base, "datetime", Now)
    return state


@pytest.fixture
def orders(
    app_config: AppConfig,
    project: Callable[..., Any],
    code: Callable[..., ModuleType],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[], HTTPStatus]]:
    """Sends an order to the generated API; gives the status of the answer."""
    monkeypatch.setenv("CONFIG_APPLICATION", "orders")
    monkeypatch.setenv("CONFIG_ENVIRONMENT", "prod")
    api = code(project(ID), "orders.api")
    monkeypatch.setattr(api.submission, "submit", lambda order: None)
    flags = code(project(ID), "orders.flags")
    monkeypatch.setattr(flags, "monotonic", lambda: 1000 + app_config.seconds)
    yield lambda: HTTPStatus(api.handler(order(), LambdaContext())["statusCode"])


def order() -> dict[str, Any]:
    """An order as API Gateway passes it on."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"requestId": "r-1", "stage": "prod"},
        "body": json.dumps({"customer_id": "c-1", "sku": "tea-100", "quantity": 1}),
        "isBase64Encoded": False,
    }


@pytest.fixture
def config(project: Callable[..., Any]) -> dict[str, Any]:
    """The resources of the generated configuration stack."""
    text = (project(ID).path / "config" / "template.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, _Intrinsics)["Resources"])  # noqa: S506, a safe loader underneath


def test_without_it_a_warm_environment_never_sees_the_change(
    app_config: AppConfig, sample: Callable[[str], ModuleType]
) -> None:
    service = sample("before.py")
    app_config.deployed = OFF
    app_config.seconds = 3600
    assert service.accepts_orders()


def test_without_it_a_misspelt_flag_fails_every_call(
    app_config: AppConfig, sample: Callable[[str], ModuleType]
) -> None:
    app_config.deployed = MISSPELT
    service = sample("before.py")
    for _ in range(3):
        with pytest.raises(KeyError):
            service.accepts_orders()


def test_the_sample_sees_a_change_in_time_and_stands_a_misspelt_flag(
    app_config: AppConfig, sample: Callable[[str], ModuleType]
) -> None:
    service = sample("after.py")
    assert service.accepts_orders()
    app_config.deployed = OFF
    assert service.accepts_orders()
    app_config.seconds = MAX_AGE + 1
    assert not service.accepts_orders()
    app_config.deployed = MISSPELT
    app_config.seconds = 2 * MAX_AGE + 2
    assert service.accepts_orders()


def test_with_it_a_change_is_seen_after_the_age_and_not_before(
    app_config: AppConfig, orders: Callable[[], HTTPStatus]
) -> None:
    assert orders() == HTTPStatus.CREATED
    app_config.deployed = OFF
    app_config.seconds = MAX_AGE - 1
    assert orders() == HTTPStatus.CREATED
    app_config.seconds = MAX_AGE + 1
    assert orders() == HTTPStatus.SERVICE_UNAVAILABLE
    app_config.deployed = ON
    app_config.seconds = 2 * MAX_AGE + 2
    assert orders() == HTTPStatus.CREATED
    assert app_config.sessions == [("orders", "prod", "flags")]


def test_with_it_flags_are_not_asked_for_with_every_order(
    app_config: AppConfig, orders: Callable[[], HTTPStatus]
) -> None:
    for _ in range(50):
        orders()
    assert app_config.requests == 2, "one session, one document"


def test_with_it_the_last_flags_hold_while_appconfig_is_out_of_reach(
    app_config: AppConfig, orders: Callable[[], HTTPStatus]
) -> None:
    app_config.deployed = OFF
    assert orders() == HTTPStatus.SERVICE_UNAVAILABLE
    app_config.reachable = False
    app_config.seconds = MAX_AGE + 1
    asked = app_config.requests
    assert [orders(), orders()] == [HTTPStatus.SERVICE_UNAVAILABLE] * 2
    assert app_config.requests == asked + 1, "it is not asked again at once"


def test_with_it_an_environment_that_never_got_flags_takes_orders(
    app_config: AppConfig, orders: Callable[[], HTTPStatus]
) -> None:
    app_config.reachable = False
    assert orders() == HTTPStatus.CREATED


def test_with_it_a_bad_document_is_refused(config: dict[str, Any]) -> None:
    (stated,) = config["Flags"]["Properties"]["Validators"]
    assert stated["Type"] == "JSON_SCHEMA"
    schema = json.loads(stated["Content"])
    Draft4Validator.check_schema(schema)
    validator = Draft4Validator(schema)
    validator.validate(ON)
    validator.validate(OFF)
    validator.validate(json.loads(config["FlagsVersion"]["Properties"]["Content"]))
    for bad in (MISSPELT, {}, {"accept_orders": {"default": "false"}}, {"accept_orders": False}):
        assert not validator.is_valid(bad)


def test_with_it_the_function_reads_these_flags_and_no_others(config: dict[str, Any]) -> None:
    document = config["ConfigReadPolicy"]["Properties"]["PolicyDocument"]
    (statement,) = document["Statement"]
    ids = {
        "AWS::Partition": "aws",
        "AWS::Region": "ap-northeast-1",
        "AWS::AccountId": "123456789012",
        "ConfigApplication": "app1234",
        "ConfigEnvironment": "env1234",
        "Flags": "cfg1234",
    }
    resource = statement["Resource"]["!Sub"]
    for name, value in ids.items():
        resource = resource.replace(f"${{{name}}}", value)
    policy = {"Statement": [{**statement, "Resource": resource}]}

    def asked(configuration: str) -> Decision:
        arn = f"{ARN}/app1234/environment/env1234/configuration/{configuration}"
        return decide([policy], Request("appconfig:GetLatestConfiguration", arn))

    assert asked("cfg1234") == Decision.allow
    assert asked("cfg9999") == Decision.none


def test_the_two_stacks_find_each_other_by_name(
    project: Callable[..., Any], config: dict[str, Any]
) -> None:
    (monitor,) = config["ConfigEnvironment"]["Properties"]["Monitors"]
    alarm = project(ID).translated["Resources"]["ConfigurationAlarm"]["Properties"]["AlarmName"]
    named = monitor["AlarmArn"]["!Sub"].rpartition(":")[2]
    assert named.replace("${ServiceStack}", "x") == alarm["Fn::Sub"].replace(
        "${AWS::StackName}", "x"
    )
    function = project(ID).translated["Resources"]["ApiFunction"]["Properties"]
    variables = function["Environment"]["Variables"]
    assert variables["CONFIG_APPLICATION"] == {"Ref": "AWS::StackName"}
    assert config["ConfigApplication"]["Properties"]["Name"] == {"!Ref": "ServiceStack"}
    assert variables["CONFIG_ENVIRONMENT"] == config["ConfigEnvironment"]["Properties"]["Name"]
