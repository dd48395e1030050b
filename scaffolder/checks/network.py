"""The network that functions are in: subnets, routes, security groups and endpoints.

All of it may lie in the function's template or in a nested stack of the same project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scaffolder.checks.intrinsics import Unknown, as_written, references
from scaffolder.checks.nested import Placed, nested, placed
from scaffolder.checks.outcome import Reason, because
from scaffolder.checks.positions import PlacedDict
from scaffolder.checks.template import View
from scaffolder.checks.view import functions

SUBNET = "AWS::EC2::Subnet"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
ENDPOINT = "AWS::EC2::VPCEndpoint"
NAT_GATEWAY = "AWS::EC2::NatGateway"
INTERNET_GATEWAY = "AWS::EC2::InternetGateway"

_SERVICE = re.compile(r"com\.amazonaws\.(\$\{[^}]*\}|[a-z0-9-]+)\.(?P<service>[a-z0-9.-]+)")

_ANYWHERE = ("0.0.0.0/0", "::/0")

# What a route can lead to, besides what `GatewayId` names.
_OTHER_TARGETS = (
    *("CarrierGatewayId", "CoreNetworkArn", "EgressOnlyInternetGatewayId", "InstanceId"),
    *("LocalGatewayId", "NatGatewayId", "NetworkInterfaceId", "TransitGatewayId"),
    *("VpcEndpointId", "VpcPeeringConnectionId"),
)


class Way(StrEnum):
    """Where the default route of a subnet leads."""

    nowhere = "nowhere"
    internet_gateway = "internet gateway"
    elsewhere = "elsewhere"


@dataclass(frozen=True)
class Connected:
    """A function that is connected to a VPC, and what is known of where it is.

    Attributes:
        subnets: those that could be found, each once.
        reason: why not all of them could be.
    """

    function: str
    config: PlacedDict
    subnets: list[Placed]
    reason: Reason | None


def is_anywhere(block: Any) -> bool:
    """Whether an address block holds all addresses."""
    return isinstance(block, str) and block in _ANYWHERE


def connected(view: View) -> Iterator[Connected]:
    """The functions with a `VpcConfig` that names subnets."""
    for name, properties in functions(view):
        config = properties.get("VpcConfig")
        if isinstance(config, Unknown):
            yield Connected(name, PlacedDict(), [], config.reason)
        elif isinstance(config, PlacedDict) and config.get("SubnetIds") != []:
            subnets, reason = found_resources(view, config.get("SubnetIds"), SUBNET)
            yield Connected(name, config, subnets, reason)


def found_resources(view: View, named: Any, kind: str) -> tuple[list[Placed], Reason | None]:
    """The resources of a type that a list names, each once, and why not all could be found."""
    if isinstance(named, Unknown):
        return [], named.reason
    found: list[Placed] = []
    reason: Reason | None = None if isinstance(named, list) else because("not-known")
    for one in named if isinstance(named, list) else ():
        resource = placed(view, one, kind)
        if isinstance(resource, Reason):
            reason = resource
        elif not any(resource.same_as(other) for other in found):
            found.append(resource)
    return found, reason


def default_way(subnet: Placed) -> Way:
    """Where a subnet's default route leads; nowhere, if its route table has none."""
    view = subnet.view
    ways = {
        _target(view, route)
        for table in _tables(subnet)
        for _, route in view.of_type("AWS::EC2::Route")
        if table in references(route.get("RouteTableId"))
        and (
            is_anywhere(route.get("DestinationCidrBlock"))
            or is_anywhere(route.get("DestinationIpv6CidrBlock"))
        )
    }
    return next((way for way in (Way.elsewhere, Way.internet_gateway) if way in ways), Way.nowhere)


def _tables(subnet: Placed) -> set[str]:
    """Logical ids of the route tables that a subnet is associated with: one, or none."""
    return {
        table
        for _, each in subnet.view.of_type("AWS::EC2::SubnetRouteTableAssociation")
        if subnet.name in references(each.get("SubnetId"))
        for table in references(each.get("RouteTableId"))
    }


def _target(view: View, route: PlacedDict) -> Way:
    if any(key in route for key in _OTHER_TARGETS):
        return Way.elsewhere
    for name in references(route.get("GatewayId")):
        if name in view.resources and view.resources[name].get("Type") == INTERNET_GATEWAY:
            return Way.internet_gateway
    return Way.elsewhere


def endpoint_services(view: View) -> set[str]:
    """Short names of the services that have an endpoint, here or in a nested stack."""
    return {
        service
        for each in (view, *nested(view))
        for _, endpoint in each.of_type(ENDPOINT)
        if (service := endpoint_service(endpoint))
    }


def endpoint_service(endpoint: PlacedDict) -> str:
    """Short name of the AWS service that an endpoint leads to, or ""."""
    match = _SERVICE.fullmatch(as_written(endpoint.get("ServiceName")))
    return match["service"] if match else ""


def egress_rules(group: Placed) -> list[Any]:
    """The outbound rules of a security group, those of resources of their own too."""
    return _rules(group, "SecurityGroupEgress")


def ingress_rules(group: Placed) -> list[Any]:
    """The inbound rules of a security group, those of resources of their own too."""
    return _rules(group, "SecurityGroupIngress")


def _rules(group: Placed, kind: str) -> list[Any]:
    own = group.properties.get(kind)
    rules = list(own) if isinstance(own, list) else ([own] if own is not None else [])
    for _, rule in group.view.of_type(f"AWS::EC2::{kind}"):
        if group.name in references(rule.get("GroupId")):
            rules.append(rule)
    return rules


def subnet_zone(subnet: Placed) -> Any:
    """A subnet's Availability Zone as it is written, or None."""
    zone = subnet.properties.get("AvailabilityZone")
    return zone.source if isinstance(zone, Unknown) else zone
