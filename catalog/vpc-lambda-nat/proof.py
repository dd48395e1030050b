"""In a VPC, an order reaches an external downstream only if the routes lead through a NAT gateway.

A function in a subnet that routes to an internet gateway (`before.yaml`) gets no answer, and the
generated code loses the order after its 2 seconds of waiting. The same code delivers it from the
generated network, by way of the NAT gateway of its own zone. When one zone fails, the other one's
function still gets out with `per-zone`, and does not with `one`.

Real: the templates (the samples, and `network/template.yaml` of generated projects), cfn-lint, the
generated downstream client, its timeout and its HTTP request. Simulated: the VPC. A packet is
followed through subnets, route tables, NAT and internet gateways as the templates say, by the
longest matching prefix; an internet gateway passes on only what has a public address. A connection
that has no way out times out at once instead of after 2 seconds.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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

ID = "vpc-lambda-nat"
DOWNSTREAM = "203.0.113.10"
"""An address on the internet, from the range for documentation."""

Make = Callable[..., Project]
Code = Callable[[Project, str], ModuleType]


class NoWay(Exception):
    """A packet is dropped; the message says where."""


@dataclass
class Network:
    """A template's network, in which packets can be followed."""

    template: dict[str, Any]
    failed_zones: set[int] = field(default_factory=set)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of the resources of a type that exist, by logical id."""
        found = self.template["Resources"].items()
        return {
            name: self.resolve(r.get("Properties", {}))
            for name, r in found
            if r["Type"] == f"AWS::EC2::{kind}" and self.holds(r.get("Condition"))
        }

    def holds(self, condition: str | None) -> bool:
        if condition is None:
            return True
        left, right = self.template["Conditions"][condition]["!Equals"]
        return bool(self.resolve(left) == self.resolve(right))

    def resolve(self, node: Any) -> Any:
        match node:
            case {"!Ref": "VpcCidr"}:
                return self.template["Parameters"]["VpcCidr"]["Default"]
            case {"!Ref": str(name)}:
                return name
            case {"!GetAtt": "Vpc.CidrBlock"}:
                return next(iter(self.of("VPC").values()))["CidrBlock"]
            case {"!GetAtt": str(attribute)}:
                return attribute
            case {"!Cidr": [block, count, bits]}:
                ranges = ipaddress.ip_network(self.resolve(block)).subnets(new_prefix=32 - bits)
                return [str(next(ranges)) for _ in range(count)]
            case {"!GetAZs": _}:
                return [0, 1, 2]
            case {"!Select": [index, values]}:
                return self.resolve(values)[index]
            case {"!FindInMap": [name, key, value]}:
                return self.template["Mappings"][name][key][value]
            case {"!If": [condition, yes, no]}:
                return self.resolve(yes if self.holds(condition) else no)
            case dict():
                return {key: self.resolve(value) for key, value in node.items()}
            case list():
                return [self.resolve(value) for value in node]
        return node

    def path(self, subnet: str, public: bool = False) -> list[str]:
        """The gateways that a packet to the downstream passes; raises NoWay if it is dropped."""
        zone = self.of("Subnet")[subnet]["AvailabilityZone"]
        if zone in self.failed_zones:
            raise NoWay(f"zone {zone} is down")
        route = self._route(subnet)
        if nat := route.get("NatGatewayId"):
            gateway = self.of("NatGateway")[nat]
            assert gateway["AllocationId"], "a public NAT gateway has a public address"
            return [nat, *self.path(gateway["SubnetId"], public=True)]
        gateway_id = route["GatewayId"]
        if gateway_id not in self._attached():
            raise NoWay(f"{gateway_id} is not attached")
        if not public:
            raise NoWay(f"{gateway_id} drops a packet from a private address")
        return [str(gateway_id)]

    def _route(self, subnet: str) -> dict[str, Any]:
        tables = [
            a["RouteTableId"]
            for a in self.of("SubnetRouteTableAssociation").values()
            if a["SubnetId"] == subnet
        ]
        address = ipaddress.ip_address(DOWNSTREAM)
        matching = [
            (ipaddress.ip_network(r["DestinationCidrBlock"]).prefixlen, name, r)
            for name, r in self.of("Route").items()
            if r["RouteTableId"] in tables
            and address in ipaddress.ip_network(r["DestinationCidrBlock"])
        ]
        if not matching:
            raise NoWay(f"no route from {subnet}")
        return max(matching)[2]

    def _attached(self) -> set[str]:
        found = self.of("VPCGatewayAttachment").values()
        return {attachment["InternetGatewayId"] for attachment in found}


@pytest.fixture
def received() -> Iterator[tuple[int, list[bytes]]]:
    """The downstream: the port of a real HTTP server, and the bodies that it was sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, bodies
    server.shutdown()
    server.server_close()


def put_in(
    network: Network, subnet: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> list[float]:
    """Let connections of urllib3 start in a subnet; returns the timeouts that ran out."""
    connect = urllib3.util.connection.create_connection
    waited: list[float] = []

    def create_connection(
        address: tuple[str, int],
        timeout: float,
        source_address: object = None,
        socket_options: object = None,
    ) -> socket.socket:
        assert address[0] == DOWNSTREAM
        try:
            network.path(subnet)
        except NoWay as error:
            waited.append(timeout)
            raise TimeoutError(str(error)) from error
        return connect(("127.0.0.1", port), timeout)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", create_connection)
    monkeypatch.setenv("DOWNSTREAM_URL", f"http://{DOWNSTREAM}/orders")
    return waited


def order(code: Code, project: Project) -> tuple[ModuleType, Any]:
    """The generated client, and an order for it."""
    client = code(project, "orders.downstream")
    made = code(project, "orders.order").Order.new(
        {"customer_id": "c-1", "sku": "tea-100", "quantity": 2}
    )
    return client, made


def sampled(name: str) -> Network:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    return Network(yaml.load(text, _Intrinsics))  # noqa: S506, a safe loader underneath


def generated(project: Project) -> Network:
    text = (project.path / "network" / "template.yaml").read_text(encoding="utf-8")
    assert lint(text) == []
    return Network(yaml.load(text, _Intrinsics))  # noqa: S506, a safe loader underneath


def function_subnets(project: Project, network: Network) -> list[str]:
    """The subnets of the generated function, followed through the nested stack's outputs."""
    ids = project.translated["Resources"]["ApiFunction"]["Properties"]["VpcConfig"]["SubnetIds"]
    outputs = [each["Fn::GetAtt"][1].removeprefix("Outputs.") for each in ids]
    return [network.resolve(network.template["Outputs"][name]["Value"]) for name in outputs]


def test_without_it_a_function_in_a_public_subnet_waits_and_loses_the_order(
    project: Make, code: Code, received: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, bodies = received
    network = sampled("before.yaml")
    client, made = order(code, project(ID))
    waited = put_in(network, "PublicSubnetA", port, monkeypatch)
    with pytest.raises(client.DownstreamError, match="did not answer"):
        client.deliver(made)
    assert waited == [2.0]
    assert bodies == []
    with pytest.raises(NoWay, match="private address"):
        network.path("PublicSubnetA")


@pytest.mark.parametrize("gateways", ["one", "per-zone"])
def test_with_it_the_order_is_delivered_from_each_subnet_of_the_function(
    gateways: str, project: Make, code: Code, received: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, bodies = received
    made = project(ID, vpc_lambda_nat_gateways=gateways)
    network = generated(made)
    client, one = order(code, made)
    for subnet in function_subnets(made, network):
        with monkeypatch.context() as patch:
            put_in(network, subnet, port, patch)
            client.deliver(one)
    assert len(bodies) == 2


def test_the_sample_leads_out_through_the_nat_gateway() -> None:
    network = sampled("after.yaml")
    for subnet in ("PrivateSubnetA", "PrivateSubnetB"):
        assert network.path(subnet) == ["NatGateway", "InternetGateway"]


def test_without_the_route_the_nat_gateway_is_of_no_use(project: Make) -> None:
    network = generated(project(ID))
    del network.template["Resources"]["PrivateRouteA"]
    with pytest.raises(NoWay, match="no route from PrivateSubnetA"):
        network.path("PrivateSubnetA")


@pytest.mark.parametrize(("gateways", "gets_out"), [("per-zone", True), ("one", False)])
def test_when_a_zone_fails_the_other_gets_out_only_with_a_gateway_of_its_own(
    gateways: str, gets_out: bool, project: Make
) -> None:
    made = project(ID, vpc_lambda_nat_gateways=gateways)
    network = generated(made)
    network.failed_zones = {0}
    assert function_subnets(made, network) == ["PrivateSubnetA", "PrivateSubnetB"]
    if gets_out:
        assert network.path("PrivateSubnetB") == ["NatGatewayB", "InternetGateway"]
    else:
        with pytest.raises(NoWay, match="zone 0 is down"):
            network.path("PrivateSubnetB")


@pytest.mark.parametrize(("gateways", "addresses"), [("one", 1), ("per-zone", 2)])
def test_the_output_names_the_addresses_to_allow(
    gateways: str, addresses: int, project: Make
) -> None:
    made = project(ID, vpc_lambda_nat_gateways=gateways)
    network = generated(made)
    assert len(network.of("EIP")) == len(network.of("NatGateway")) == addresses
    told = str(network.resolve(network.template["Outputs"]["NatAddresses"]["Value"]))
    assert sorted(network.of("EIP")) == [
        name for name in ("NatAddressA", "NatAddressB") if name in told
    ]
    assert made.translated["Outputs"]["NatAddresses"]["Value"] == {
        "Fn::GetAtt": ["Network", "Outputs.NatAddresses"]
    }


def test_the_subnets_do_not_overlap(project: Make) -> None:
    network = generated(project(ID))
    blocks = [ipaddress.ip_network(s["CidrBlock"]) for s in network.of("Subnet").values()]
    assert len(blocks) == 4
    assert all(not a.overlaps(b) for a in blocks for b in blocks if a is not b)
    zones = [network.of("Subnet")[f"PrivateSubnet{z}"]["AvailabilityZone"] for z in "AB"]
    assert zones == [0, 1]
