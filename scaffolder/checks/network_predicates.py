"""Predicates about functions in a VPC: where they are, what they reach, what reaches them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scaffolder.checks.evaluate import Found
from scaffolder.checks.intrinsics import Unknown
from scaffolder.checks.nested import Placed, placed
from scaffolder.checks.network import (
    ENDPOINT,
    NAT_GATEWAY,
    SECURITY_GROUP,
    SUBNET,
    Connected,
    Way,
    connected,
    default_way,
    egress_rules,
    endpoint_service,
    endpoint_services,
    found_resources,
    ingress_rules,
    is_anywhere,
    subnet_zone,
)
from scaffolder.checks.outcome import Outcome, Reason, because
from scaffolder.checks.positions import Location
from scaffolder.checks.services import listed, services
from scaffolder.checks.template import View
from scaffolder.checks.values import as_number
from scaffolder.checks.view import properties_of

HTTPS = 443
_WITH_POLICY = ("Gateway", "Interface")


def functions_span_zones(view: View) -> Iterator[Found]:
    """A function in a VPC has subnets in at least two Availability Zones.

    Subnets whose zones the template does not tell count as long as there are two of them. Fills
    `value` (how many).
    """
    for each in connected(view):
        known = [subnet_zone(subnet) for subnet in each.subnets]
        named = each.config.get("SubnetIds")
        many = len(each.subnets)
        if isinstance(named, list) and each.reason is not None:
            # Subnets from elsewhere, one by one: that they are two is seen, their zones are not.
            many = len({str(one) for one in named})
            if many >= 2:
                yield _about(each, Outcome.passed, value=str(many))
                continue
        elif each.reason is not None:
            yield _about(each, Outcome.unknown, reason=each.reason)
            continue
        one_zone = None not in known and len({str(zone) for zone in known}) < 2
        outcome = Outcome.failed if many < 2 or one_zone else Outcome.passed
        yield _about(each, outcome, value="1" if outcome is Outcome.failed else str(many))


def vpc_egress_path(view: View) -> Iterator[Found]:
    """If a function in a VPC is to reach the internet, it does so from each of its subnets.

    A default route that leads to an internet gateway does not count: a function has no public
    address, so nothing comes back. Not applicable to functions none of whose subnets has a
    default route. Fills `value` (the subnet without a way out).
    """
    for each in connected(view):
        if each.reason is not None:
            yield _about(each, Outcome.unknown, reason=each.reason)
            continue
        ways = {subnet.name: default_way(subnet) for subnet in each.subnets}
        if set(ways.values()) <= {Way.nowhere}:
            yield _about(each, Outcome.not_applicable, reason=because("no-default-route"))
            continue
        stuck = [name for name, way in ways.items() if way is not Way.elsewhere]
        outcome = Outcome.failed if stuck else Outcome.passed
        yield _about(each, outcome, value=", ".join(stuck))


def nat_in_public_subnet(view: View) -> Iterator[Found]:
    """A public NAT gateway is in a subnet whose default route leads to an internet gateway.

    Private and regional NAT gateways are left out. Fills `value` (the subnet).
    """
    for name, properties in view.of_type(NAT_GATEWAY):
        if properties.get("ConnectivityType") == "private" or "SubnetId" not in properties:
            continue
        location: Location = ("Resources", name, "Properties", "SubnetId")
        subnet = placed(view, properties["SubnetId"], SUBNET)
        if isinstance(subnet, Reason):
            yield Found(Outcome.unknown, location, name, {"value": ""}, subnet)
            continue
        public = default_way(subnet) is Way.internet_gateway
        outcome = Outcome.passed if public else Outcome.failed
        yield Found(outcome, location, name, {"key": "SubnetId", "value": subnet.name})


def endpoint_for_used_service(view: View, *, exempt: Sequence[str] = ()) -> Iterator[Found]:
    """A function without a way to the internet has an endpoint for each service that it calls.

    What it calls is told by its policies. Not applicable to functions whose subnets all have a
    default route. Fills `value` (services without an endpoint).

    Args:
        exempt: short names of services that functions reach without an endpoint.
    """
    there = endpoint_services(view) | set(exempt)
    for each in connected(view):
        needed = services(view, properties_of(view, each.function), each.function)
        if each.subnets and all(default_way(s) is Way.elsewhere for s in each.subnets):
            continue
        for location, names in needed.items():
            missing = sorted(names - there)
            values = {"key": "Policies", "value": ", ".join(missing)}
            if missing and each.reason is not None:
                yield Found(Outcome.unknown, location, each.function, values, each.reason)
            else:
                outcome = Outcome.failed if missing else Outcome.passed
                yield Found(outcome, location, each.function, values)


def endpoint_admits_https(view: View) -> Iterator[Found]:
    """An interface endpoint has a security group that lets HTTPS in.

    Without a group of its own it has the VPC's default group, which admits only its own members.
    Fills `value` (the groups).
    """
    for name, properties in view.of_type(ENDPOINT):
        if properties.get("VpcEndpointType") != "Interface":
            continue
        location: Location = ("Resources", name)
        groups, reason = found_resources(
            view, properties.get("SecurityGroupIds", []), SECURITY_GROUP
        )
        rules = [rule for group in groups for rule in ingress_rules(group)]
        values = {"key": "SecurityGroupIds", "value": ", ".join(group.name for group in groups)}
        outcome = Outcome.failed
        if any(_admits_https(rule) for rule in rules):
            outcome = Outcome.passed
        elif reason is not None or any(isinstance(rule, Unknown) for rule in rules):
            outcome, reason = Outcome.unknown, reason or because("not-known")
        yield Found(outcome, location, name, values, reason)


def endpoint_policy_narrow(view: View, *, exempt: Sequence[str] = ()) -> Iterator[Found]:
    """An endpoint has a policy, and no statement of it allows anybody anything anywhere.

    Fills `value` (the service).

    Args:
        exempt: short names of services whose endpoints take no policy.
    """
    for name, properties in view.of_type(ENDPOINT):
        service = endpoint_service(properties)
        if service in exempt or properties.get("VpcEndpointType", "Gateway") not in _WITH_POLICY:
            continue
        location: Location = ("Resources", name)
        values = {"key": "PolicyDocument", "value": service}
        document = properties.get("PolicyDocument")
        if "PolicyDocument" in properties:
            location = (*location, "Properties", "PolicyDocument")
        if isinstance(document, Unknown):
            yield Found(Outcome.unknown, location, name, values, document.reason)
            continue
        statements = listed(document.get("Statement")) if isinstance(document, dict) else []
        doubt = next((s.reason for s in statements if isinstance(s, Unknown)), None)
        if not statements or any(_allows_all(statement) for statement in statements):
            yield Found(Outcome.failed, location, name, values)
        else:
            outcome = Outcome.unknown if doubt else Outcome.passed
            yield Found(outcome, location, name, values, doubt)


def function_sg_egress(view: View) -> Iterator[Found]:
    """The security groups of functions say where traffic may go, and nowhere is everywhere.

    A group without outbound rules of its own gets one that allows everything, and rules that are
    resources of their own do not take that away. Fills `value` (the group).
    """
    for each, group in _groups(view):
        if isinstance(group, Reason):
            yield _about(each, Outcome.unknown, reason=group)
            continue
        embedded = group.properties.get("SecurityGroupEgress")
        rules = egress_rules(group)
        doubt = next((r for r in map(_doubt, rules) if r is not None), None)
        if embedded in (None, []) or any(_is_open(rule) for rule in rules):
            yield _about(each, Outcome.failed, group=group)
        elif doubt is not None:
            yield _about(each, Outcome.unknown, group=group, reason=doubt)
        else:
            yield _about(each, Outcome.passed, group=group)


def function_sg_no_ingress(view: View) -> Iterator[Found]:
    """The security groups of functions let nothing in: nothing ever connects to a function.

    Fills `value` (the group).
    """
    for each, group in _groups(view):
        if isinstance(group, Reason):
            yield _about(each, Outcome.unknown, reason=group)
        else:
            outcome = Outcome.failed if ingress_rules(group) else Outcome.passed
            yield _about(each, outcome, group=group)


def _groups(view: View) -> Iterator[tuple[Connected, Placed | Reason]]:
    for each in connected(view):
        groups, reason = found_resources(view, each.config.get("SecurityGroupIds"), SECURITY_GROUP)
        yield from ((each, group) for group in groups)
        if reason is not None:
            yield each, reason


def _allows_all(statement: Any) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    who = listed(principal.get("AWS")) if isinstance(principal, dict) else [principal]
    what = listed(statement.get("Resource"))
    return "*" in who and "*" in what and not statement.get("Condition")


def _admits_https(rule: Any) -> bool:
    if not isinstance(rule, dict):
        return False
    if str(rule.get("IpProtocol")) == "-1":
        return True
    ports = [as_number(rule.get(key)) for key in ("FromPort", "ToPort")]
    known = [port for port in ports if isinstance(port, int)]
    return len(known) == 2 and known[0] <= HTTPS <= known[1]


def _is_open(rule: Any) -> bool:
    return isinstance(rule, dict) and any(is_anywhere(rule.get(k)) for k in ("CidrIp", "CidrIpv6"))


def _doubt(rule: Any) -> Reason | None:
    """Why it is not known where a rule leads, if it is not."""
    if isinstance(rule, Unknown):
        return rule.reason
    for key in ("CidrIp", "CidrIpv6"):
        if isinstance(rule, dict) and isinstance(rule.get(key), Unknown):
            reason: Reason = rule[key].reason
            return reason
    return None


def _about(
    each: Connected,
    outcome: Outcome,
    value: str = "",
    group: Placed | None = None,
    reason: Reason | None = None,
) -> Found:
    """A finding about a function, placed at its `VpcConfig`."""
    location: Location = ("Resources", each.function, "Properties", "VpcConfig")
    values = {"key": "VpcConfig", "value": group.name if group else value}
    return Found(outcome, location, each.function, values, reason)
