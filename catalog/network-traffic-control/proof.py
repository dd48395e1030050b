"""What runs in a function can talk to what the template names, and to nothing else.

A library that somebody has tampered with is loaded by a function. It tries to send data to a
server on the internet, to a database elsewhere in the company's network, and, with credentials
that it brings along, to a queue in another account. With the usual network (a NAT gateway, or
endpoints without policies) all of this gets out. With the generated rules none of it does, while
the orders still reach the downstream, and the function's role its own account's queues.

Real: the templates (samples and generated), cfn-lint, and the generated downstream client with its
HTTP request. Simulated: the VPC. A connection starts if an outbound rule of the function's security
group has its address and port (AWS's default rule, if the group has none), and if a route leads
there; an endpoint's policy is evaluated as IAM does, with the default policy if there is none.
Name look-ups are not filtered by security groups, in AWS neither; this proof does not show them.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
import urllib3
import yaml

from catalog.conftest import Project, _Intrinsics
from tests.bar import lint

ID = "network-traffic-control"
OURS, THEIRS = "123456789012", "999999999999"
DOWNSTREAM = "10.20.0.10"
ANSWERS = {
    "network_traffic_control_downstream_cidr": f"{DOWNSTREAM}/32",
    "network_traffic_control_downstream_port": 8443,
}
INTERNET = "203.0.113.66"
"""A server that collects stolen data, at an address for documentation."""

DEFAULT_EGRESS = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
DEFAULT_POLICY = {
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]
}

Make = Callable[..., Project]
Code = Callable[[Project, str], ModuleType]


@dataclass
class Network:
    """A template's network and what it lets through."""

    template: dict[str, Any]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        found = self.template["Resources"].items()
        return {
            name: self.resolve(r.get("Properties", {}))
            for name, r in found
            if r["Type"] == f"AWS::EC2::{kind}" and self.holds(r.get("Condition"))
        }

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.resolve(self.template["Conditions"][condition]))

    def resolve(self, node: Any) -> Any:
        match node:
            case {"!Ref": "AWS::AccountId"}:
                return OURS
            case {"!Ref": str(name)}:
                return name
            case {"!FindInMap": [name, key, value]}:
                return self.template["Mappings"][name][key][value]
            case {"!Not": [one]}:
                return not self.resolve(one)
            case {"!Equals": [one, other]}:
                return self.resolve(one) == self.resolve(other)
            case dict():
                return {key: self.resolve(value) for key, value in node.items()}
            case list():
                return [self.resolve(value) for value in node]
        return node

    def outbound(self, group: str) -> list[dict[str, Any]]:
        """A group's outbound rules, as AWS has them."""
        own = self.of("SecurityGroup")[group].get("SecurityGroupEgress") or DEFAULT_EGRESS
        beside = self.of("SecurityGroupEgress").values()
        return [*own, *(rule for rule in beside if rule["GroupId"] == group)]

    def allows(self, destination: str, port: int, group: str = "FunctionSecurityGroup") -> bool:
        """Whether a rule allows connections to an address, a group or a prefix list."""
        return any(_rule_has(rule, destination, port) for rule in self.outbound(group))

    def routed(self, address: str) -> bool:
        """Whether a route of a private subnet leads to an address."""
        return any(
            ipaddress.ip_address(address) in ipaddress.ip_network(r["DestinationCidrBlock"])
            for r in self.of("Route").values()
            if r["RouteTableId"].startswith("Private")
        )

    def passes(self, endpoint: str, account: str, resource_account: str) -> bool:
        """Whether an endpoint's policy lets a caller of one account use a resource of another."""
        context = {"aws:PrincipalAccount": account, "aws:ResourceAccount": resource_account}
        policy = self.of("VPCEndpoint")[endpoint].get("PolicyDocument", DEFAULT_POLICY)
        effects = {
            s["Effect"]
            for s in policy["Statement"]
            if all(
                context[k] == v for k, v in s.get("Condition", {}).get("StringEquals", {}).items()
            )
        }
        return effects == {"Allow"}


def _rule_has(rule: dict[str, Any], destination: str, port: int) -> bool:
    if rule["IpProtocol"] != "-1" and not rule["FromPort"] <= port <= rule["ToPort"]:
        return False
    if destination in (rule.get("DestinationSecurityGroupId"), rule.get("DestinationPrefixListId")):
        return True
    try:
        address = ipaddress.ip_address(destination)
    except ValueError:
        # An endpoint and a gateway have addresses too, which an open rule lets through.
        return rule.get("CidrIp") == "0.0.0.0/0"
    return "CidrIp" in rule and address in ipaddress.ip_network(rule["CidrIp"])


def generated(project: Project) -> Network:
    text = (project.path / "network" / "template.yaml").read_text(encoding="utf-8")
    assert lint(text) == []
    return Network(yaml.load(text, _Intrinsics))  # noqa: S506, a safe loader underneath


def sampled(name: str) -> Network:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    return Network(yaml.load(text, _Intrinsics))  # noqa: S506, a safe loader underneath


def test_without_it_data_gets_out_to_the_internet(project: Make) -> None:
    network = generated(project("vpc-lambda-nat"))
    assert network.allows(INTERNET, 443) and network.routed(INTERNET)


def test_with_it_no_rule_and_no_route_leads_to_the_internet(project: Make) -> None:
    network = generated(project(ID, **ANSWERS))
    assert not network.allows(INTERNET, 443)
    assert not network.routed(INTERNET)
    for group in network.of("SecurityGroup"):
        for rule in network.outbound(group):
            if "CidrIp" in rule:
                assert ipaddress.ip_network(rule["CidrIp"]).is_private, f"{group}: {rule}"


@pytest.mark.parametrize(("neighbour", "port"), [("10.20.0.11", 8443), (DOWNSTREAM, 22)])
def test_the_rest_of_the_company_is_out_of_reach_too(
    neighbour: str, port: int, project: Make
) -> None:
    assert generated(project("vpc-endpoints")).allows(neighbour, port)
    network = generated(project(ID, **ANSWERS))
    assert not network.allows(neighbour, port)
    assert network.allows(DOWNSTREAM, 8443)


def test_nothing_can_connect_to_a_function(project: Make) -> None:
    network = generated(project(ID))
    assert "SecurityGroupIngress" not in network.of("SecurityGroup")["FunctionSecurityGroup"]
    inbound = network.of("SecurityGroupIngress").values()
    assert [rule["GroupId"] for rule in inbound] == ["EndpointSecurityGroup"]


@pytest.mark.parametrize(
    ("caller", "owner", "without", "with_it"),
    [
        (OURS, OURS, True, True),
        (THEIRS, THEIRS, True, False),  # credentials that the tampered library brings along
        (OURS, THEIRS, True, False),
        (THEIRS, OURS, True, False),
    ],
)
def test_an_endpoint_serves_this_account_only(
    caller: str, owner: str, without: bool, with_it: bool, project: Make
) -> None:
    open_one = generated(project("vpc-endpoints", "sqs-buffering"))
    closed = generated(project(ID, "sqs-buffering", **ANSWERS))
    for endpoint in ("SqsEndpoint", "DynamoDbEndpoint"):
        assert open_one.passes(endpoint, caller, owner) is without
        assert closed.passes(endpoint, caller, owner) is with_it


def test_the_functions_still_reach_the_endpoints(project: Make) -> None:
    network = generated(project(ID, "sqs-buffering", **ANSWERS))
    assert network.allows("EndpointSecurityGroup", 443)
    assert not network.allows("EndpointSecurityGroup", 22)


def test_dynamodb_is_reached_by_its_prefix_list_once_that_is_known(project: Make) -> None:
    known = "pl-0123456789abcdef0"
    assert not generated(project(ID, **ANSWERS)).allows(known, 443)
    answers = {**ANSWERS, "network_traffic_control_dynamodb_prefix_list": known}
    assert generated(project(ID, **answers)).allows(known, 443)


def test_the_samples_differ_as_the_projects_do() -> None:
    before, after = sampled("before.yaml"), sampled("after.yaml")
    assert before.allows(INTERNET, 443) and not after.allows(INTERNET, 443)
    assert before.passes("SqsEndpoint", THEIRS, THEIRS)
    assert not after.passes("SqsEndpoint", THEIRS, THEIRS)
    for network in (before, after):
        assert network.allows("EndpointSecurityGroup", 443)
        assert network.passes("SqsEndpoint", OURS, OURS)


def test_with_a_nat_gateway_it_is_refused(project: Make) -> None:
    with pytest.raises(ValueError, match="vpc-lambda-nat"):
        project(ID, "vpc-lambda-nat")


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "203.0.113.0/24", "10.0.0.0/0", "any"])
def test_a_public_range_is_no_answer(cidr: str, project: Make) -> None:
    with pytest.raises(ValueError, match="downstream_cidr"):
        project(ID, network_traffic_control_downstream_cidr=cidr)


@pytest.fixture
def received() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A real HTTP server's port, and the orders that it was sent."""
    orders: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            orders.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, orders
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("host", "arrives"), [(DOWNSTREAM, True), (INTERNET, False)])
def test_orders_go_to_the_downstream_and_nowhere_else(
    host: str,
    arrives: bool,
    project: Make,
    code: Code,
    received: tuple[int, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port, orders = received
    made = project(ID, **ANSWERS)
    network = generated(made)
    connect = urllib3.util.connection.create_connection

    def create_connection(
        address: tuple[str, int],
        timeout: float,
        source_address: object = None,
        socket_options: object = None,
    ) -> socket.socket:
        if not network.allows(*address):
            raise TimeoutError
        return connect(("127.0.0.1", port), timeout)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", create_connection)
    monkeypatch.setenv("DOWNSTREAM_URL", f"http://{host}:8443/orders")
    client = code(made, "orders.downstream")
    order = code(made, "orders.order").Order.new(
        {"customer_id": "c-1", "sku": "tea-100", "quantity": 2}
    )
    if arrives:
        client.deliver(order)
        assert orders == [order.as_dict()]
    else:
        with pytest.raises(client.DownstreamError, match="did not answer"):
            client.deliver(order)
        assert orders == []
