"""Predicates about SQS queues and the functions that read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scaffolder.checks.evaluate import Found
from scaffolder.checks.intrinsics import Unknown, references
from scaffolder.checks.outcome import Outcome, Reason, because
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.template import View
from scaffolder.checks.values import as_number
from scaffolder.checks.view import (
    QUEUE,
    QueueSource,
    functions,
    properties_of,
    queue_sources,
)

# What AWS takes when nothing is said, in seconds.
DEFAULT_TIMEOUT = 3
DEFAULT_VISIBILITY = 30
DEFAULT_WINDOW = 0


class NotKnown(Exception):
    """A number that is needed is not known."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.word)
        self.reason = reason


def queue_visibility(view: View, *, factor: int = 6) -> Iterator[Found]:
    """A queue hides a message long enough for the function that reads it, and its retries.

    The visibility timeout is at least `factor` times the function's timeout, plus the batching
    window. Fills `value` (seconds there are), `needed` (seconds needed), `function`.
    """
    for source in queue_sources(view):
        if source.reason is not None:
            yield _unknown(source, source.reason)
            continue
        queue, function = properties_of(view, source.queue), properties_of(view, source.function)
        try:
            visibility = _number(queue, "VisibilityTimeout", DEFAULT_VISIBILITY)
            timeout = _number(function, "Timeout", DEFAULT_TIMEOUT)
            window = _number(source.properties, "MaximumBatchingWindowInSeconds", DEFAULT_WINDOW)
        except NotKnown as error:
            yield _unknown(source, error.reason)
            continue
        needed = factor * timeout + window
        outcome = Outcome.passed if visibility >= needed else Outcome.failed
        values = {
            "key": "VisibilityTimeout",
            "value": f"{visibility:g}",
            "needed": f"{needed:g}",
            "function": source.function,
        }
        yield Found(outcome, _at(view, source.queue, "VisibilityTimeout"), source.queue, values)


def queue_has_dlq(view: View) -> Iterator[Found]:
    """A queue that a function reads hands messages that keep failing to a dead-letter queue.

    A queue that is itself a dead-letter queue needs none. Fills `function`.
    """
    dead_letters = _dead_letter_queues(view)
    for source in queue_sources(view):
        values = {"key": "RedrivePolicy", "value": "", "function": source.function}
        if not source.queue:
            yield _unknown(source, source.reason or because("not-known"))
            continue
        if source.queue in dead_letters:
            reason = because("dead-letter-queue", name=source.queue)
            yield Found(
                Outcome.not_applicable, _at(view, source.queue, ""), source.queue, values, reason
            )
            continue
        policy = properties_of(view, source.queue).get("RedrivePolicy")
        location = _at(view, source.queue, "RedrivePolicy")
        if isinstance(policy, Unknown):
            yield Found(Outcome.unknown, location, source.queue, values, policy.reason)
            continue
        complete = isinstance(policy, dict) and {"deadLetterTargetArn", "maxReceiveCount"} <= {
            *policy
        }
        outcome = Outcome.passed if complete else Outcome.failed
        yield Found(outcome, location, source.queue, values)


def max_concurrency_within_reserved(view: View) -> Iterator[Found]:
    """The queues of a function together start no more of it than its reserved concurrency.

    Not applicable unless both are set. Fills `value` (the sum) and `needed` (what is reserved).
    """
    sources: dict[str, list[QueueSource]] = {}
    for source in queue_sources(view):
        sources.setdefault(source.function, []).append(source)
    for name, properties in functions(view):
        if name not in sources or "ReservedConcurrentExecutions" not in properties:
            continue
        location = _at(view, name, "ReservedConcurrentExecutions")
        try:
            reserved = _number(properties, "ReservedConcurrentExecutions", 0)
            limits = [limit for s in sources[name] if (limit := _limit(s)) is not None]
        except NotKnown as error:
            yield Found(Outcome.unknown, location, name, {}, error.reason)
            continue
        if not limits:
            continue
        values = {
            "key": "MaximumConcurrency",
            "value": f"{sum(limits):g}",
            "needed": f"{reserved:g}",
        }
        outcome = Outcome.passed if sum(limits) <= reserved else Outcome.failed
        yield Found(outcome, location, name, values)


def _dead_letter_queues(view: View) -> set[str]:
    found: set[str] = set()
    for _, properties in view.of_type(QUEUE):
        policy = properties.get("RedrivePolicy")
        if isinstance(policy, dict):
            found.update(references(policy.get("deadLetterTargetArn")))
    return found


def _limit(source: QueueSource) -> float | None:
    scaling = source.properties.get("ScalingConfig")
    if isinstance(scaling, Unknown):
        raise NotKnown(scaling.reason)
    if not isinstance(scaling, PlacedDict) or "MaximumConcurrency" not in scaling:
        return None
    return _number(scaling, "MaximumConcurrency", 0)


def _number(properties: PlacedDict, key: str, default: float) -> float:
    """A number of the template; raises NotKnown if it is not written there."""
    value: Any = properties.get(key, default)
    if isinstance(value, Unknown):
        raise NotKnown(value.reason)
    value = as_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotKnown(because("not-a-number", key=key))
    return value


def _at(view: View, name: str, key: str) -> Location:
    """A property of a resource if it is there, else the resource."""
    there = key in properties_of(view, name)
    return ("Resources", name, "Properties", key) if there else ("Resources", name)


def _unknown(source: QueueSource, reason: Reason) -> Found:
    resource = source.function or source.queue or str(source.location[1])
    return Found(Outcome.unknown, source.location, resource, {"function": source.function}, reason)
