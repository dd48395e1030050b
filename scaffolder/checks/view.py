"""One view of what SAM and plain CloudFormation say differently: functions and their queues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scaffolder.checks.intrinsics import Unknown, as_written, references
from scaffolder.checks.outcome import Reason, because
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.template import View

SAM_FUNCTION = "AWS::Serverless::Function"
FUNCTION = "AWS::Lambda::Function"
QUEUE = "AWS::SQS::Queue"


@dataclass(frozen=True)
class QueueSource:
    """A function that reads an SQS queue.

    Attributes:
        function: the function's logical id, or "" if it is not in this template.
        queue: the queue's logical id, or "" if it is not in this template.
        location: where the source is declared.
        properties: the source's own properties.
        reason: why function or queue are not known.
    """

    function: str
    queue: str
    location: Location
    properties: PlacedDict
    reason: Reason | None


def functions(view: View) -> Iterator[tuple[str, PlacedDict]]:
    """Logical id and properties of each function."""
    return view.of_type(SAM_FUNCTION, FUNCTION)


def queue_sources(view: View) -> Iterator[QueueSource]:
    """Every SQS queue that a function reads, in either dialect."""
    for function, properties in view.of_type(SAM_FUNCTION):
        events = properties.get("Events")
        for key, event in events.items() if isinstance(events, dict) else ():
            if isinstance(event, dict) and event.get("Type") == "SQS":
                own = event.get("Properties")
                own = own if isinstance(own, PlacedDict) else PlacedDict()
                queue, reason = resource_named(view, own.get("Queue"), QUEUE)
                where = ("Resources", function, "Properties", "Events", key)
                yield QueueSource(function, queue, where, own, reason)
    for name, own in view.of_type("AWS::Lambda::EventSourceMapping"):
        queue, reason = resource_named(view, own.get("EventSourceArn"), QUEUE)
        if not queue and not _is_queue_arn(own.get("EventSourceArn")):
            continue
        function, other = resource_named(view, own.get("FunctionName"), SAM_FUNCTION, FUNCTION)
        yield QueueSource(function, queue, ("Resources", name), own, reason or other)


def resource_named(view: View, value: Any, *types: str) -> tuple[str, Reason | None]:
    """The resource of one of these types that a value names, or why there is none."""
    for name in references(value):
        resource = view.resources.get(name)
        if resource is not None and resource.get("Type") in types:
            return name, None
    if isinstance(value, Unknown) and not any(True for _ in references(value)):
        return "", value.reason
    if isinstance(value, str):
        return "", because("not-in-template", value=value)
    named = next(iter(references(value)), "?") if value is not None else "?"
    return "", because("not-in-template", value=named)


def properties_of(view: View, name: str) -> PlacedDict:
    """A resource's properties; none if it has no readable ones."""
    properties = view.resources[name].get("Properties")
    return properties if isinstance(properties, PlacedDict) else PlacedDict()


def _is_queue_arn(value: Any) -> bool:
    written = as_written(value)
    return written.startswith("arn:") and ":sqs:" in written
