"""Without endpoints, the first call of an AWS service hangs; with them, each call finds its way.

The generated code calls AWS from a VPC without a way to the internet. With the generated network,
every service that a chosen safeguard calls has an endpoint that its SDK name leads to; with the
endpoints taken out, the API loses the order, and the deployment hook waits for longer than Lambda
lets it run. An endpoint without private DNS, without a rule that admits the functions, or in no
route table (`before.yaml`) is there and not used.

Real: the generated code, the SDK with its host names, timeouts and retries, the templates, and the
SAM translator's roles. Simulated: the VPC. A host name is private if an interface endpoint with
private DNS has it; a connection is let in by the endpoint's security group; a gateway endpoint is
reached from subnets whose route table has it. What finds no way times out at once instead of after
the SDK's timeout, and the time is added up. The services' answers are made up.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.endpoint
import botocore.httpsession
import pytest
import yaml
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectTimeoutError

from catalog.conftest import Project, _Intrinsics
from scaffolder.catalog import Catalog, load_catalog
from scaffolder.checks.reading import read
from scaffolder.checks.services import services
from scaffolder.checks.template import Template
from scaffolder.checks.view import functions
from tests.bar import lint

ID = "vpc-endpoints"
REGION = "ap-northeast-1"
CATALOG = Path(__file__).parent.parent
CALLED = {
    "sqs-buffering": {"sqs"},
    "sam-deployment-preference": {"codedeploy", "lambda"},
    "secrets-manager": {"secretsmanager"},
    "lambda-insights": {"logs"},
}
"""What the code of these safeguards calls, or the extension that they bring."""

Make = Callable[..., Project]
Code = Callable[[Project, str], ModuleType]


@dataclass
class Vpc:
    """The network of a template, as a function in it sees it."""

    template: dict[str, Any]
    group: str = "FunctionSecurityGroup"
    tables: tuple[str, ...] = ("PrivateRouteTableA", "PrivateRouteTableB")
    waited: float = 0.0
    used: list[str] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        found = self.template["Resources"].items()
        return {
            name: self.resolve(r["Properties"])
            for name, r in found
            if r["Type"] == f"AWS::EC2::{kind}"
        }

    def resolve(self, node: Any) -> Any:
        match node:
            case {"!Ref": str(name)}:
                kind = self.template.get("Parameters", {}).get(name, {}).get("Type", "")
                return [name] if "List" in kind else name
            case {"!Sub": str(text)}:
                return text.replace("${AWS::Region}", REGION)
            case dict():
                return {key: self.resolve(value) for key, value in node.items()}
            case list():
                return [self.resolve(value) for value in node]
        return node

    def services(self) -> set[str]:
        """The services that have an endpoint."""
        return {e["ServiceName"].split(".", 3)[3] for e in self.of("VPCEndpoint").values()}

    def way(self, host: str) -> str | None:
        """The endpoint by which a connection to a host arrives, or None if it does not."""
        for name, endpoint in self.of("VPCEndpoint").items():
            service = endpoint["ServiceName"].split(".", 3)[3]
            if host != f"{service}.{REGION}.amazonaws.com":
                continue
            if endpoint["VpcEndpointType"] == "Gateway":
                if set(self.tables) <= set(endpoint.get("RouteTableIds", [])):
                    return name
            elif endpoint["PrivateDnsEnabled"] and self._admitted(endpoint):
                return name
        return None

    def _admitted(self, endpoint: dict[str, Any]) -> bool:
        return any(
            rule["SourceSecurityGroupId"] == self.group
            and rule["FromPort"] <= 443 <= rule["ToPort"]
            for group in endpoint["SecurityGroupIds"]
            for rule in self._inbound(group)
        )

    def _inbound(self, group: str) -> Iterator[dict[str, Any]]:
        yield from self.of("SecurityGroup").get(group, {}).get("SecurityGroupIngress", [])
        rules = self.of("SecurityGroupIngress").values()
        yield from (rule for rule in rules if rule["GroupId"] == group)

    def answer(
        self, session: botocore.httpsession.URLLib3Session, request: AWSPreparedRequest
    ) -> AWSResponse:
        """Stands in for the SDK's sending of a request."""
        way = self.way(urlsplit(request.url).hostname or "")
        if way is None:
            self.waited += session._timeout.connect_timeout
            raise ConnectTimeoutError(endpoint_url=request.url)
        self.used.append(way)
        return answered(request)


class Raw:
    """The body of an answer, as the SDK reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body

    def read(self, *_: object) -> bytes:
        body, self._body = self._body, b""
        return body


def answered(request: AWSPreparedRequest) -> AWSResponse:
    """What SQS says of a message, and what the API's new version answers to a bad order."""
    body: dict[str, Any] = {}
    if ".sqs." in request.url or "//sqs." in request.url:
        message = json.loads(request.body)["MessageBody"].encode()
        digest = hashlib.md5(message, usedforsecurity=False).hexdigest()
        body = {"MessageId": "m-1", "MD5OfMessageBody": digest}
    elif "//lambda." in request.url:
        body = {"statusCode": 400}
    return AWSResponse(request.url, 200, {}, Raw(json.dumps(body).encode()))


def network(project: Project) -> Vpc:
    text = (project.path / "network" / "template.yaml").read_text(encoding="utf-8")
    assert lint(text) == []
    return Vpc(yaml.load(text, _Intrinsics))  # noqa: S506, a safe loader underneath


def without_endpoints(vpc: Vpc) -> Vpc:
    kept = {n: r for n, r in vpc.template["Resources"].items() if "VPCEndpoint" not in r["Type"]}
    return Vpc({**vpc.template, "Resources": kept})


@pytest.fixture
def put_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Vpc], None]:
    """Let all SDK clients of this process send from a VPC."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("QUEUE_URL", f"https://sqs.{REGION}.amazonaws.com/123456789012/orders")
    monkeypatch.setenv("NEW_VERSION", "arn:aws:lambda:ap-northeast-1:123456789012:function:api:2")

    def use(vpc: Vpc) -> None:
        def send(session: Any, request: AWSPreparedRequest) -> AWSResponse:
            return vpc.answer(session, request)

        def sleep(seconds: float) -> None:
            vpc.waited += seconds

        monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", send)
        monkeypatch.setattr(botocore.endpoint.time, "sleep", sleep)

    return use


def submit(code: Code, project: Project) -> None:
    made = code(project, "orders.order").Order.new(
        {"customer_id": "c-1", "sku": "tea-100", "quantity": 2}
    )
    code(project, "orders.submission").submit(made)


HOOK_EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}


def test_without_endpoints_the_order_is_lost(
    project: Make, code: Code, put_in: Callable[[Vpc], None]
) -> None:
    made = project(ID, "sqs-buffering")
    vpc = without_endpoints(network(made))
    put_in(vpc)
    with pytest.raises(code(made, "orders.downstream").DownstreamError, match="did not take"):
        submit(code, made)
    assert vpc.used == []
    assert vpc.waited >= 2, "two attempts of a second each"


def test_with_endpoints_the_order_is_queued(
    project: Make, code: Code, put_in: Callable[[Vpc], None]
) -> None:
    made = project(ID, "sqs-buffering")
    vpc = network(made)
    put_in(vpc)
    submit(code, made)
    assert vpc.used == ["SqsEndpoint"]
    assert vpc.waited == 0


def test_without_endpoints_lambda_stops_the_hook_before_it_can_report(
    project: Make, code: Code, put_in: Callable[[Vpc], None]
) -> None:
    made = project(ID, "sam-deployment-preference")
    vpc = without_endpoints(network(made))
    put_in(vpc)
    with pytest.raises(ConnectTimeoutError):
        code(made, "orders.pre_traffic").handler(HOOK_EVENT, None)
    hook = made.translated["Resources"]["ApiPreTrafficFunction"]["Properties"]
    assert vpc.waited > hook["Timeout"]


def test_with_endpoints_the_hook_tries_and_reports(
    project: Make, code: Code, put_in: Callable[[Vpc], None]
) -> None:
    made = project(ID, "sam-deployment-preference")
    vpc = network(made)
    put_in(vpc)
    code(made, "orders.pre_traffic").handler(HOOK_EVENT, None)
    assert vpc.used == ["LambdaEndpoint", "CodeDeployEndpoint"]
    assert vpc.waited == 0


@pytest.mark.parametrize("chosen", [(), *((each,) for each in CALLED), tuple(CALLED)])
def test_there_are_endpoints_for_what_is_called_and_no_others(
    chosen: tuple[str, ...], project: Make
) -> None:
    called = {service for each in chosen for service in CALLED[each]}
    assert network(project(ID, *chosen)).services() == called | {"dynamodb"}


def test_every_safeguard_that_calls_aws_has_its_endpoints(project: Make) -> None:
    """All safeguards together, but for conflicts: no role names a service without an endpoint."""
    made = project(*everything(load_catalog(CATALOG)))
    (view, *_) = Template(read(made.path / "template.yaml")).views
    needed = {
        service
        for name, properties in functions(view)
        for names in services(view, properties, name).values()
        for service in names
    }
    assert needed >= {"sqs", "lambda", "codedeploy"}
    assert needed <= network(made).services()


def everything(catalog: Catalog) -> list[str]:
    """This safeguard, those of `CALLED`, and all others that conflict with none before them."""
    chosen = catalog.closure([ID, *CALLED])
    for entry in catalog.safeguards:
        both = catalog.closure([*chosen, entry.id])
        if not any(set(catalog.entries[i].pattern.conflicts) & set(both) for i in both):
            chosen = both
    return chosen


def sampled(name: str) -> Vpc:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    template = yaml.load(text, _Intrinsics)  # noqa: S506, a safe loader underneath
    return Vpc(template, group="FunctionSecurityGroupId", tables=("RouteTableIds",))


@pytest.mark.parametrize("service", ["sqs", "dynamodb"])
def test_endpoints_that_nothing_leads_to_are_of_no_use(service: str) -> None:
    host = boto3.client(service, region_name=REGION).meta.endpoint_url.removeprefix("https://")
    assert sampled("before.yaml").way(host) is None
    assert sampled("after.yaml").way(host) is not None


def test_one_route_table_is_not_enough(project: Make) -> None:
    vpc = network(project(ID))
    assert vpc.way(f"dynamodb.{REGION}.amazonaws.com") == "DynamoDbEndpoint"
    del vpc.template["Resources"]["DynamoDbEndpoint"]["Properties"]["RouteTableIds"][1]
    assert vpc.way(f"dynamodb.{REGION}.amazonaws.com") is None


def test_private_names_need_the_dns_settings_of_the_vpc(project: Make) -> None:
    (vpc,) = network(project(ID)).of("VPC").values()
    assert vpc["EnableDnsSupport"] is True and vpc["EnableDnsHostnames"] is True
