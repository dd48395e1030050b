"""Predicates about CloudWatch alarms that guard a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scaffolder.checks.evaluate import Found
from scaffolder.checks.intrinsics import Unknown, as_written, references
from scaffolder.checks.outcome import Outcome, Reason, because
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.template import View
from scaffolder.checks.values import as_boolean
from scaffolder.checks.view import SAM_FUNCTION, properties_of

ALARM = "AWS::CloudWatch::Alarm"
LAMBDA_METRICS = "AWS/Lambda"


def alarms_watch_alias(view: View) -> Iterator[Found]:
    """The alarms of a gradual deployment watch the alias whose traffic is shifted.

    Each alarm on Lambda's metrics that `DeploymentPreference.Alarms` names has a dimension
    `Resource` that ends in `:<alias>`; without it, it mixes in calls of the other version or of
    `$LATEST`. Alarms on other metrics cannot have it and are left out. Fills `function`, `value`
    (the alias).
    """
    for function, properties in view.of_type(SAM_FUNCTION):
        preference = properties.get("DeploymentPreference")
        if not isinstance(preference, PlacedDict):
            continue
        if as_boolean(preference.get("Enabled", True)) is False:
            continue
        where: Location = ("Resources", function, "Properties", "DeploymentPreference", "Alarms")
        alias = properties.get("AutoPublishAlias")
        for alarm in _listed(preference.get("Alarms")):
            yield from _alarm(view, function, alarm, alias, where)


def _listed(alarms: Any) -> list[Any]:
    if isinstance(alarms, list):
        return alarms
    return [alarms] if isinstance(alarms, Unknown) else []


def _alarm(view: View, function: str, alarm: Any, alias: Any, where: Location) -> Iterator[Found]:
    values = {"key": "Dimensions", "value": as_written(alias), "function": function}

    def unknown(reason: Reason) -> Found:
        return Found(Outcome.unknown, where, function, values, reason)

    names = [name for name in references(alarm) if name in view.resources]
    if not names:
        if isinstance(alarm, Unknown):
            yield unknown(alarm.reason)
        else:
            yield unknown(because("not-in-template", value=as_written(alarm) or "?"))
        return
    if view.resources[names[0]].get("Type") != ALARM:
        return
    own = properties_of(view, names[0])
    if not any(namespace == LAMBDA_METRICS for namespace in _members(own, "Namespace")):
        return
    if not isinstance(alias, str):
        yield unknown(alias.reason if isinstance(alias, Unknown) else because("no-alias"))
        return
    location: Location = ("Resources", names[0])
    if "Dimensions" in own:
        location = (*location, "Properties", "Dimensions")
    outcome, reason = _watches(own, alias)
    yield Found(outcome, location, names[0], values, reason)


def _watches(alarm: PlacedDict, alias: str) -> tuple[Outcome, Reason | None]:
    doubt: Reason | None = None
    for dimensions in _members(alarm, "Dimensions"):
        for dimension in dimensions if isinstance(dimensions, list) else [dimensions]:
            if isinstance(dimension, Unknown):
                doubt = dimension.reason
            elif isinstance(dimension, dict) and dimension.get("Name") == "Resource":
                value = dimension.get("Value")
                if as_written(value).endswith(f":{alias}"):
                    return Outcome.passed, None
                if isinstance(value, Unknown) and as_written(value)[-1:] in ("", "}"):
                    doubt = value.reason
    return (Outcome.unknown, doubt) if doubt else (Outcome.failed, None)


def _members(value: Any, key: str) -> Iterator[Any]:
    """The values of a key anywhere in an alarm: a metric may stand in `Metrics`."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == key:
                yield member
            else:
                yield from _members(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from _members(member, key)
