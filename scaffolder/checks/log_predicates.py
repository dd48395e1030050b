"""Predicates about the log groups of functions."""

from __future__ import annotations

from collections.abc import Iterator

from scaffolder.checks.evaluate import Found
from scaffolder.checks.intrinsics import Unknown, as_written, references
from scaffolder.checks.outcome import Outcome, Reason, because
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.template import View
from scaffolder.checks.view import functions

LOG_GROUP = "AWS::Logs::LogGroup"


def log_group_with_retention(view: View) -> Iterator[Found]:
    """Every function writes to a log group of this template that keeps its logs for a set time.

    The group is the one that `LoggingConfig.LogGroup` names, or one called
    `/aws/lambda/<function name>`. Fills `function`, `value` (the group).
    """
    groups = dict(view.of_type(LOG_GROUP))
    for function, properties in functions(view):
        where: Location = ("Resources", function)
        values = {"key": "RetentionInDays", "value": "", "function": function}
        group, reason = _group_of(function, properties, groups)
        if reason is not None:
            yield Found(Outcome.unknown, where, function, values, reason)
        elif not group:
            yield Found(Outcome.failed, where, function, values)
        else:
            kept = groups[group].get("RetentionInDays")
            outcome = Outcome.failed if kept is None else Outcome.passed
            values["value"] = group
            at: Location = ("Resources", group)
            if isinstance(kept, Unknown):
                # Which number it is does not matter: one is set.
                outcome = Outcome.passed
            yield Found(outcome, at if outcome is Outcome.failed else where, function, values)


def _group_of(
    function: str, properties: PlacedDict, groups: dict[str, PlacedDict]
) -> tuple[str, Reason | None]:
    """Logical id of the log group that a function writes to, "" if none is declared."""
    logging = properties.get("LoggingConfig")
    if isinstance(logging, Unknown):
        return "", logging.reason
    named = logging.get("LogGroup") if isinstance(logging, PlacedDict) else None
    if named is None:
        return _default_group(function, properties, groups), None
    for name in references(named):
        if name in groups:
            return name, None
    written = as_written(named)
    for name, group in groups.items():
        if written and as_written(group.get("LogGroupName")) == written:
            return name, None
    if isinstance(named, Unknown):
        return "", named.reason
    return "", because("not-in-template", value=written or "?")


def _default_group(function: str, properties: PlacedDict, groups: dict[str, PlacedDict]) -> str:
    names = {f"/aws/lambda/${{{function}}}"}
    if own := as_written(properties.get("FunctionName")):
        names.add(f"/aws/lambda/{own}")
    for name, group in groups.items():
        if as_written(group.get("LogGroupName")) in names:
            return name
    return ""
