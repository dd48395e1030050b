"""Good and bad versions of the API's function are deployed, minute by minute.

Without the safeguard, the translated template has neither an alias nor a deployment group. API
Gateway calls the function itself, so every request meets the version that was deployed last.

With it, the template says how much traffic moves when, and its alarm is evaluated over the
metrics that come of it. A version that fails on orders is stopped by the alarm while most
requests still reach the old one. A version that does not start is stopped by the hook and
reaches nobody. A good version goes to 100 %.

Real: the handler and the hook of the generated project, which run in this process; the routing,
the deployment configuration and the alarm, which are read from the translated template; and
botocore's check of what the hook sends. Simulated: a clock, 100 requests a minute, Lambda's
choice between two versions and its metric `Errors`, and CodeDeploy, which acts one minute after
the alarm. Neither CodeDeploy nor CloudWatch was called.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from tests.bar import lint, translate

ID = "sam-deployment-preference"
REQUESTS = 100
"""Requests in each minute, so that one of them is one percent."""

Version = Callable[[dict[str, Any]], dict[str, Any]]
Metric = frozenset[tuple[str, str]]
"""The dimensions of a metric: names and values."""


@dataclass
class Stack:
    """A deployed stack: which version gets which request, and what Lambda counts.

    Attributes:
        errors: for each minute, how often each metric `Errors` was counted.
        failures: requests that ended in an error, in all.
        verdicts: what the hook reported to CodeDeploy.
    """

    project: Any
    code: Callable[[Any, str], ModuleType]
    monkeypatch: pytest.MonkeyPatch
    errors: list[Counter[Metric]] = field(default_factory=list)
    failures: int = 0
    verdicts: list[str] = field(default_factory=list)

    def deploy(self, old: Version, new: Version) -> bool:
        """Deploy a new version and serve until it has 100 %; False if it was taken back."""
        alias = self.only("AWS::Lambda::Alias")
        if alias is None:
            self.serve(old, new, 100)
            return True
        update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        if "BeforeAllowTrafficHook" in update and self.run_hook(new) != "Succeeded":
            return False
        rang = False
        for weight in [*self.shift(), 100]:
            self.serve(old, new, weight)
            if rang:
                return False
            rang = self.alarm_rings()
        return not rang

    def serve(self, old: Version, new: Version, weight: int) -> None:
        """Send a minute's requests to the API; `weight` percent go to the new version."""
        counted: Counter[Metric] = Counter()
        alias = self.only("AWS::Lambda::Alias")
        for number in range(REQUESTS):
            try:
                (new if number < weight else old)(order())
            except Exception:
                dimensions = {("FunctionName", "ApiFunction")}
                counted[frozenset(dimensions)] += 1
                if alias is not None:
                    dimensions.add(("Resource", f"ApiFunction:{alias['Name']}"))
                    counted[frozenset(dimensions)] += 1
        self.errors.append(counted)
        self.failures += counted[frozenset({("FunctionName", "ApiFunction")})]

    def shift(self) -> list[int]:
        """Percent of the requests that the new version gets in each minute of the shift."""
        group = self.only("AWS::CodeDeploy::DeploymentGroup")
        assert group is not None
        kind = group["DeploymentConfigName"]["Fn::Sub"][1]["ConfigName"]
        match = re.fullmatch(r"(Canary|Linear)(\d+)Percent(?:Every)?(\d+)Minutes?", kind)
        assert match is not None
        step, minutes = int(match[2]), int(match[3])
        weights = [step] if match[1] == "Canary" else list(range(step, 100, step))
        return [weight for weight in weights for _ in range(minutes)]

    def alarm_rings(self) -> bool:
        """Evaluate the alarm over the minutes so far, as CloudWatch does."""
        alarm = self.only("AWS::CloudWatch::Alarm")
        assert alarm is not None
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
        assert (alarm["Statistic"], alarm["Period"]) == ("Sum", 60)
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        metric = frozenset((d["Name"], value_of(d["Value"])) for d in alarm["Dimensions"])
        latest = [minute[metric] for minute in self.errors[-alarm["EvaluationPeriods"] :]]
        return all(count >= alarm["Threshold"] for count in latest)

    def run_hook(self, new: Version) -> str:
        """Call the hook as CodeDeploy does; returns the status that it reports."""
        self.monkeypatch.setenv("NEW_VERSION", "orders-api:8")
        self.monkeypatch.setattr(boto3, "client", self.client_for(new))
        hook = self.code(self.project, "orders.pre_traffic")
        hook.handler({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}, context())
        return self.verdicts[-1]

    def client_for(self, new: Version) -> Callable[..., Any]:
        """`boto3.client`, with clients that check their calls and then ask nobody."""

        def invoke(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
            answer: dict[str, Any] = {}
            try:
                payload: object = new(json.loads(params["body"]))
            except Exception as error:
                payload = {"errorType": type(error).__name__}
                answer["FunctionError"] = "Unhandled"
            answer["Payload"] = BytesIO(json.dumps(payload).encode())
            return SimpleNamespace(status_code=200), answer

        def report(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
            self.verdicts.append(json.loads(params["body"])["status"])
            return SimpleNamespace(status_code=200), {}

        session = boto3.Session("test", "test", region_name="ap-northeast-1")
        verdict = "before-call.codedeploy.PutLifecycleEventHookExecutionStatus"

        def client(name: str, **options: Any) -> Any:
            made = session.client(name, **options)
            made.meta.events.register("before-call.lambda.Invoke", invoke)
            made.meta.events.register(verdict, report)
            return made

        return client

    def only(self, kind: str) -> dict[str, Any] | None:
        """The one resource of a kind, its properties and attributes together, or None."""
        found = list(self.project.resources(kind).values())
        assert len(found) <= 1
        return {**found[0], **found[0]["Properties"]} if found else None


def value_of(dimension: dict[str, Any]) -> str:
    """What a dimension's value is in the stack, with logical ids for physical names."""
    if "Ref" in dimension:
        return str(dimension["Ref"])
    return re.sub(r"\$\{(\w+)\}", r"\1", dimension["Fn::Sub"])


def order() -> dict[str, Any]:
    """An order as API Gateway passes it on."""
    return {
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"requestId": "r-1", "stage": "prod"},
        "body": json.dumps({"customer_id": "c-1", "sku": "tea-100", "quantity": 1}),
        "isBase64Encoded": False,
    }


def context() -> LambdaContext:
    """What Lambda passes along with an event."""
    made = LambdaContext()
    made._function_name = "orders-api"
    made._memory_limit_in_mb = 512
    made._invoked_function_arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-api"
    made._aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    return made


@pytest.fixture
def stack(
    project: Callable[..., Any], code: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Stack]:
    """Makes a stack of the project with these safeguards and answers."""
    return lambda *safeguards, **answers: Stack(project(*safeguards, **answers), code, monkeypatch)


@pytest.fixture
def good(
    project: Callable[..., Any], code: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch
) -> Version:
    """The generated handler, in front of a downstream that takes every order."""
    api = code(project(ID), "orders.api")
    monkeypatch.setattr(api.submission, "submit", lambda order: None)
    return lambda event: dict(api.handler(event, context()))


@pytest.fixture
def fails_on_orders(good: Version) -> Version:
    """A version that, given a proper order, reads a misspelt environment variable."""

    def version(event: dict[str, Any]) -> dict[str, Any]:
        answer = good(event)
        if answer["statusCode"] < 400:
            raise KeyError("DOWNSTREM_URL")
        return answer

    return version


def does_not_start(event: dict[str, Any]) -> dict[str, Any]:
    """A version that was packaged without one of its dependencies."""
    raise ImportError("No module named 'urllib3'")


def test_without_it_every_request_meets_the_bad_version(
    stack: Callable[..., Stack], good: Version, fails_on_orders: Version
) -> None:
    plain = stack()
    assert plain.project.resources("AWS::CodeDeploy::DeploymentGroup") == {}
    assert "${ApiFunction.Arn}/invocations" in json.dumps(plain.project.translated)
    assert plain.deploy(good, fails_on_orders)
    assert plain.failures == REQUESTS


def test_with_it_api_gateway_calls_the_alias(project: Callable[..., Any]) -> None:
    text = json.dumps(project(ID).translated)
    assert "${ApiFunctionAliaslive}/invocations" in text
    assert "${ApiFunction.Arn}/invocations" not in text


@pytest.mark.parametrize(
    ("answers", "failures"),
    [({}, 10 + 20), ({"sam_deployment_preference_type": "Canary10Percent5Minutes"}, 10 + 10)],
)
def test_the_alarm_stops_a_version_that_fails_on_orders(
    answers: dict[str, str],
    failures: int,
    stack: Callable[..., Stack],
    good: Version,
    fails_on_orders: Version,
) -> None:
    made = stack(ID, **answers)
    assert not made.deploy(good, fails_on_orders)
    assert made.verdicts == ["Succeeded"]
    assert made.failures == failures


def test_the_hook_stops_a_version_that_does_not_start(
    stack: Callable[..., Stack], good: Version
) -> None:
    made = stack(ID)
    assert not made.deploy(good, does_not_start)
    assert made.verdicts == ["Failed"]
    assert made.failures == 0


def test_a_good_version_goes_to_100_percent(stack: Callable[..., Stack], good: Version) -> None:
    made = stack(ID)
    assert made.deploy(good, good)
    assert made.verdicts == ["Succeeded"]
    assert made.failures == 0
    assert len(made.errors) == 10


def test_the_threshold_is_for_errors_that_were_there_before(
    stack: Callable[..., Stack], good: Version
) -> None:
    calls = 0

    def now_and_then_fails(event: dict[str, Any]) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        if calls % 50 == 0:
            raise TimeoutError
        return good(event)

    assert not stack(ID).deploy(now_and_then_fails, good)
    assert stack(ID, sam_deployment_preference_error_threshold=5).deploy(now_and_then_fails, good)


@pytest.mark.parametrize(
    ("old", "new", "published"),
    [
        ("Timeout: 10", "Timeout: 9", True),
        ("Description: Accepts orders", "Description: Takes orders", True),
        ("Default: https://downstream", "Default: https://other", False),
    ],
)
def test_what_publishes_a_version(
    old: str, new: str, published: bool, project: Callable[..., Any]
) -> None:
    made = project(ID)
    text = (made.path / "template.yaml").read_text(encoding="utf-8")
    assert old in text
    changed = translate(text.replace(old, new))["Resources"]
    before = set(made.resources("AWS::Lambda::Version"))
    assert (before == {n for n in changed if n.startswith("ApiFunctionVersion")}) is not published


def test_the_worker_of_a_queue_is_deployed_gradually_too(project: Callable[..., Any]) -> None:
    groups = project(ID, "sqs-buffering").resources("AWS::CodeDeploy::DeploymentGroup")
    alarms = {
        name: [alarm["Name"] for alarm in group["Properties"]["AlarmConfiguration"]["Alarms"]]
        for name, group in groups.items()
    }
    assert alarms == {
        "ApiFunctionDeploymentGroup": [{"Ref": "ApiErrorsAlarm"}],
        "WorkerFunctionDeploymentGroup": [{"Ref": "WorkerErrorsAlarm"}],
    }


@pytest.mark.parametrize(("name", "has_alarm"), [("before.yaml", False), ("after.yaml", True)])
def test_only_the_second_sample_can_be_stopped_by_an_alarm(name: str, has_alarm: bool) -> None:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    group = translate(text)["Resources"]["HelloFunctionDeploymentGroup"]["Properties"]
    assert ("AlarmConfiguration" in group) is has_alarm
