"""For proofs: IAM's decision about one request, as the policy reference describes it.

It knows the elements and condition operators that the catalog's policies use. Anything else is an
error: a policy that is only half understood would prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any

KNOWN = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
VARIABLE = re.compile(r"\$\{([A-Za-z0-9:._]+)\}")


class Decision(StrEnum):
    """What policies say of a request."""

    allow = "allow"
    deny = "explicit deny"
    none = "no statement applies"


@dataclass(frozen=True)
class Request:
    """A request to AWS.

    Attributes:
        action: such as `lambda:InvokeFunction`.
        resource: ARN of what it is made against.
        principal: ARN of a user or role, or a service principal, or "" for an anonymous caller.
        context: condition keys that the request has, with their values.
    """

    action: str
    resource: str
    principal: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


def decide(policies: Iterable[Mapping[str, Any]], request: Request) -> Decision:
    """An explicit deny wins; without any statement that applies there is no permission."""
    effects = {s["Effect"] for s in statements(policies) if _applies(s, request)}
    if "Deny" in effects:
        return Decision.deny
    return Decision.allow if "Allow" in effects else Decision.none


def statements(policies: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """All statements of some policies."""
    for policy in policies:
        for statement in _listed(policy["Statement"]):
            if unknown := set(statement) - KNOWN:
                raise NotImplementedError(f"element {sorted(unknown)[0]} of a statement")
            yield statement


def resolved(value: Any, names: Mapping[str, str], conditions: Mapping[str, bool]) -> Any:
    """A value of a template with its intrinsic functions replaced.

    Args:
        value: what a translated template says.
        names: what `Ref` gives, and `Fn::GetAtt` as `Name.Attribute`.
        conditions: whether each condition that `Fn::If` asks for holds.

    Raises:
        KeyError: a name or condition that is not given.
    """
    if isinstance(value, list):
        items = (resolved(item, names, conditions) for item in value)
        return [item for item in items if item is not _NOTHING]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        function, argument = next(iter(value.items()))
        if function == "Ref":
            return _NOTHING if argument == "AWS::NoValue" else names[argument]
        if function == "Fn::GetAtt":
            return names[argument if isinstance(argument, str) else ".".join(argument)]
        if function == "Fn::Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            known = {**names, **{k: resolved(v, names, conditions) for k, v in own.items()}}
            return VARIABLE.sub(lambda match: known[match[1]], text)
        if function == "Fn::Split":
            return str(resolved(argument[1], names, conditions)).split(argument[0])
        if function == "Fn::If":
            return resolved(argument[1 if conditions[argument[0]] else 2], names, conditions)
        if function.startswith("Fn::"):
            raise NotImplementedError(function)
    pairs = {k: resolved(v, names, conditions) for k, v in value.items()}
    return {k: v for k, v in pairs.items() if v is not _NOTHING}


_NOTHING = object()


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        _principal(statement.get("Principal", "*"), request.principal)
        and any(_like(a.lower(), request.action.lower()) for a in _listed(statement["Action"]))
        # A resource-based policy of Lambda or of a trust relation names no other resource.
        and any(_like(r, request.resource) for r in _listed(statement.get("Resource", "*")))
        and all(
            _holds(operator, key, values, request)
            for operator, block in statement.get("Condition", {}).items()
            for key, values in block.items()
        )
    )


def _principal(stated: Any, actual: str) -> bool:
    if stated == "*":
        return True
    if not isinstance(stated, dict):
        raise NotImplementedError(f"principal {stated!r}")
    if unknown := set(stated) - {"AWS", "Service"}:
        raise NotImplementedError(f"principal {sorted(unknown)[0]}")
    if actual in _listed(stated.get("Service", [])):
        return True
    return any(_is_principal(each, actual) for each in _listed(stated.get("AWS", [])))


def _is_principal(stated: str, actual: str) -> bool:
    if stated == "*":
        return True
    # An account stands for all of its users and roles.
    account = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", stated)
    if account:
        return actual.startswith(f"arn:aws:iam::{account[1]}:")
    return stated == actual


def _holds(operator: str, key: str, stated: Any, request: Request) -> bool:
    wanted = [str(v).lower() if isinstance(v, bool) else v for v in _listed(stated)]
    context = {k.lower(): v for k, v in request.context.items()}
    actual = context.get(key.lower())
    if operator == "Null":
        return (actual is None) == (wanted == ["true"])
    name = operator.removesuffix("IfExists")
    matches, negated = _OPERATORS[name]
    if actual is None:
        # A key that is not there: a negated operator holds, any other does not.
        return negated or name != operator
    return any(matches(value, actual) for value in wanted) != negated


def _like(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern with `*` and `?`."""
    parts = [{"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern]
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _like_arn(pattern: str, text: str) -> bool:
    """Whether an ARN matches, each of its six parts by itself."""
    patterns, parts = pattern.split(":", 5), text.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(map(_like, patterns, parts))


def _in_network(network: str, address: str) -> bool:
    return ip_address(address) in ip_network(network)


def _equal(wanted: str, actual: str) -> bool:
    return wanted == actual


_Matches = Callable[[str, str], bool]
_OPERATORS: dict[str, tuple[_Matches, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (_like_arn, False),
    "ArnNotEquals": (_like_arn, True),
    "ArnLike": (_like_arn, False),
    "ArnNotLike": (_like_arn, True),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
    "Bool": (_equal, False),
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
