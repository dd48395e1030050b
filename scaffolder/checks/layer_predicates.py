"""Predicates about the layers of functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scaffolder.checks.evaluate import Found
from scaffolder.checks.intrinsics import Unknown, as_written, references
from scaffolder.checks.outcome import Outcome, Reason
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.template import View
from scaffolder.checks.view import functions, properties_of, resource_named

ROLE = "AWS::IAM::Role"
LAYERS = ("AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion")
DEFAULT_ARCHITECTURE = "x86_64"

_REGION = re.compile(r"arn:[\w-]+:lambda:([a-z0-9-]+):")
_NAME = re.compile(r":layer:([\w-]+)")
_NAMED = re.compile(r"(?i)(?:^|[-_])(?:(?P<arm>arm64|aarch64)|x86_64|x86-64|amd64|x64)(?:$|[-_])")
# Published for x86_64 under this name, and for arm64 with `-Arm64` behind it.
_UNMARKED = frozenset(
    {
        "LambdaInsightsExtension",
        "AWS-AppConfig-Extension",
        "AWS-Parameters-and-Secrets-Lambda-Extension",
    }
)


def layer_has_policy(view: View, *, layer: str, policy: str) -> Iterator[Found]:
    """A function with a certain layer has the managed policy that the layer needs.

    Args:
        layer: regular expression that is found in the layer's ARN.
        policy: name of the managed policy.

    Fills `function`, `key` (the policy), `value` (the layer).
    """
    for function, properties in functions(view):
        for location, value in _layers(function, properties):
            if re.search(layer, as_written(value)):
                values = {"function": function, "key": policy, "value": as_written(value)}
                outcome, reason = _has_policy(view, properties, policy)
                yield Found(outcome, location, function, values, reason)


def layers_fit_architecture(view: View) -> Iterator[Found]:
    """Each layer of a function is built for the function's architecture.

    What a layer is built for is said by its name, if it is not in this template. Layers whose
    name says nothing are left out. Fills `function`, `key` (the function's architecture),
    `value` (the layer).
    """
    for function, properties in functions(view):
        wanted = _architecture(properties)
        for location, value in _layers(function, properties):
            built_for = _built_for(view, value)
            if built_for is None:
                continue
            values = {"function": function, "value": as_written(value)}
            if isinstance(wanted, Unknown) or isinstance(built_for, Unknown):
                doubt = wanted if isinstance(wanted, Unknown) else built_for
                assert isinstance(doubt, Unknown)
                values["key"] = "Architectures"
                yield Found(Outcome.unknown, location, function, values, doubt.reason)
            elif wanted is not None:
                values["key"] = wanted
                outcome = Outcome.passed if wanted in built_for else Outcome.failed
                yield Found(outcome, location, function, values)


def layers_in_one_region(view: View) -> Iterator[Found]:
    """The layers of a template come from one Region: a function's own.

    Layers of two Regions cannot both be right. Fills `function`, `value` (the layer), `key` (the
    Region of the first layer).
    """
    first = ""
    for function, properties in functions(view):
        for location, value in _layers(function, properties):
            match = _REGION.match(as_written(value))
            if match is None:
                continue
            first = first or match[1]
            values = {"function": function, "key": first, "value": as_written(value)}
            outcome = Outcome.passed if match[1] == first else Outcome.failed
            yield Found(outcome, location, function, values)


def _layers(function: str, properties: PlacedDict) -> Iterator[tuple[Location, Any]]:
    """The layers of a function, as far as they are known, with their places."""
    layers = properties.get("Layers")
    for index, value in enumerate(layers if isinstance(layers, list) else ()):
        yield ("Resources", function, "Properties", "Layers", index), value


def _has_policy(view: View, properties: PlacedDict, policy: str) -> tuple[Outcome, Reason | None]:
    if "Role" not in properties:
        return _listed(properties.get("Policies"), policy)
    role, reason = resource_named(view, properties["Role"], ROLE)
    if not role:
        return Outcome.unknown, reason
    return _listed(properties_of(view, role).get("ManagedPolicyArns"), policy)


def _listed(policies: Any, policy: str) -> tuple[Outcome, Reason | None]:
    """Whether a managed policy is among those named, by its name or its ARN."""
    doubt: Reason | None = None
    for one in policies if isinstance(policies, list) else [policies]:
        if as_written(one).rpartition("/")[2] == policy:
            return Outcome.passed, None
        if isinstance(one, Unknown):
            doubt = one.reason
    return (Outcome.unknown, doubt) if doubt else (Outcome.failed, None)


def _architecture(properties: PlacedDict) -> str | Unknown | None:
    """What a function runs on; None if it is not written as it should be."""
    architectures = properties.get("Architectures", [DEFAULT_ARCHITECTURE])
    if isinstance(architectures, Unknown):
        return architectures
    one = architectures[0] if isinstance(architectures, list) and architectures else None
    return one if isinstance(one, str | Unknown) else None


def _built_for(view: View, layer: Any) -> list[str] | Unknown | None:
    """The architectures that a layer is built for, or None if nothing says so."""
    for name in references(layer):
        if name in view.resources and view.resources[name].get("Type") in LAYERS:
            return _compatible(properties_of(view, name).get("CompatibleArchitectures"))
    match = _NAME.search(as_written(layer))
    if match is None:
        return None
    if match[1] in _UNMARKED:
        return [DEFAULT_ARCHITECTURE]
    marked = _NAMED.search(match[1])
    if marked is None:
        return None
    return ["arm64"] if marked["arm"] else [DEFAULT_ARCHITECTURE]


def _compatible(architectures: Any) -> list[str] | Unknown | None:
    if isinstance(architectures, Unknown) or not isinstance(architectures, list):
        return architectures if isinstance(architectures, Unknown) else None
    unknown = next((one for one in architectures if isinstance(one, Unknown)), None)
    return unknown or [one for one in architectures if isinstance(one, str)]
