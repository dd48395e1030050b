"""Predicates about API Gateway's request models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scaffolder.checks.evaluate import Found
from scaffolder.checks.intrinsics import Unknown
from scaffolder.checks.outcome import Outcome, Reason
from scaffolder.checks.positions import Location
from scaffolder.checks.template import View

# Keywords that came after draft 4, the one that API Gateway knows.
NEWER = frozenset(
    {
        *("$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$vocabulary"),
        *("const", "contains", "minContains", "maxContains", "propertyNames", "examples"),
        *("if", "then", "else", "dependentRequired", "dependentSchemas", "prefixItems"),
        *("unevaluatedItems", "unevaluatedProperties", "contentEncoding", "contentMediaType"),
        *("contentSchema",),
    }
)
_NUMBERS_NOW = frozenset({"exclusiveMinimum", "exclusiveMaximum"})
_BY_NAME = frozenset({"properties", "patternProperties", "definitions", "dependencies"})
_DATA = frozenset({"enum", "default", "const", "example", "examples", "required"})


def draft4_models(view: View) -> Iterator[Found]:
    """The models of a REST API use only what JSON Schema draft 4 knows.

    Fills `key` (the keyword) and `value` (the model's name).
    """
    for resource, properties in view.of_type("AWS::Serverless::Api"):
        models = properties.get("Models")
        for name, schema in models.items() if isinstance(models, dict) else ():
            where: Location = ("Resources", resource, "Properties", "Models", name)
            yield from _model(schema, where, resource, name)
    for resource, properties in view.of_type("AWS::ApiGateway::Model"):
        where = ("Resources", resource, "Properties", "Schema")
        yield from _model(properties.get("Schema"), where, resource, resource)


def _model(schema: Any, where: Location, resource: str, name: str) -> Iterator[Found]:
    if isinstance(schema, str):
        try:
            # A model that is text has no places of its own.
            newer = [(where, key) for _, key in _newer(json.loads(schema), ())]
        except ValueError:
            newer = []
    elif isinstance(schema, Unknown):
        yield Found(Outcome.unknown, where, resource, {"value": name}, schema.reason)
        return
    else:
        newer = [(where + path, key) for path, key in _newer(schema, ())]
    for location, key in newer:
        values = {"key": key, "value": name}
        yield Found(Outcome.failed, location, resource, values, fault=(key,))
    if not newer:
        reason: Reason | None = next(_unknown(schema), None)
        outcome = Outcome.unknown if reason else Outcome.passed
        yield Found(outcome, where, resource, {"value": name}, reason)


def _newer(schema: Any, path: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(schema, list):
        for index, member in enumerate(schema):
            yield from _newer(member, (*path, index))
    if not isinstance(schema, dict):
        return
    for key, member in schema.items():
        here = (*path, key)
        number = key in _NUMBERS_NOW and not isinstance(member, bool | Unknown)
        if key in NEWER or number:
            yield here, key
        elif key in _BY_NAME and isinstance(member, dict):
            for name, below in member.items():
                yield from _newer(below, (*here, name))
        elif key not in _DATA:
            yield from _newer(member, here)


def _unknown(value: Any) -> Iterator[Reason]:
    if isinstance(value, Unknown):
        yield value.reason
    elif isinstance(value, dict):
        for member in value.values():
            yield from _unknown(member)
    elif isinstance(value, list):
        for member in value:
            yield from _unknown(member)
