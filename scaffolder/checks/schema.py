"""JSON Schema (2020-12) on values of which parts are unknown.

Each schema is asked two questions by two validators that share all their keywords: does the
value meet it for certain (whatever the unknown parts are), and can it meet it at all? Certain is
a pass, impossible is a fail, anything between is unknown. `not`, `if`, `oneOf` and `contains`
ask the other question of what stands below them where that is what three-valued logic wants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from scaffolder.checks.intrinsics import (
    Unknown,
    UnknownText,
    as_written,
    is_reference,
    unknowns,
)
from scaffolder.checks.outcome import Outcome, Reason, because
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.texts import matches
from scaffolder.checks.values import as_boolean, as_number, same

KEYWORDS = frozenset(
    {
        *("type", "const", "enum", "not", "if", "then", "else", "allOf", "anyOf", "oneOf"),
        *("properties", "patternProperties", "additionalProperties", "propertyNames", "required"),
        *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
        *("items", "prefixItems", "contains", "minContains", "maxContains", "uniqueItems"),
        *("minItems", "maxItems", "pattern", "minLength", "maxLength", "multipleOf"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    }
)
"""The keywords that a check may use; a misspelt one would silently allow everything."""

_IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if"})
_OF_OBJECTS = frozenset(
    {
        *("properties", "patternProperties", "additionalProperties", "propertyNames", "required"),
        *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
    }
)
_NUMERIC = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})

_DOUBT = "unknown"

_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """Where below the checked value a schema is not met.

    Attributes:
        location: path from the checked value.
        key: the key that is missing or wrong; "" if the value itself is wrong.
        value: what stands there; None if it is missing.
        missing: whether the key is missing.
    """

    location: Location
    key: str
    value: Any
    missing: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a schema says of a value: the outcome, what is wrong or in doubt, and why."""

    outcome: Outcome
    faults: tuple[Fault, ...] = ()
    reason: Reason | None = None


PASSED = Verdict(Outcome.passed)


class Judge:
    """A schema, compiled once."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._certain = _CERTAIN(schema)
        self._possible = _POSSIBLE(schema)

    def verdict(self, value: Any) -> Verdict:
        """What the schema says of a value."""
        doubts = list(self._certain.iter_errors(value))
        if not doubts:
            return PASSED
        errors = list(self._possible.iter_errors(value))
        if errors:
            return Verdict(Outcome.failed, tuple(_fault(error) for error in errors))
        return _doubt(doubts)


def _fault(error: ValidationError) -> Fault:
    """The deepest place that explains an error."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    location = tuple(error.absolute_path)
    if error.validator in ("required", "dependentRequired"):
        return Fault(location, error.message, None, True)
    key = next((step for step in reversed(location) if isinstance(step, str)), "")
    return Fault(location, key, error.instance, False)


def _doubt(errors: list[ValidationError]) -> Verdict:
    """Unknown, because of what the first keyword says that met something unknown."""
    every = list(_with_context(errors))
    for error in every:
        if error.message == _DOUBT and (reason := _why(error.instance)) is not None:
            fault = Fault(tuple(error.absolute_path), "", error.instance, False)
            return Verdict(Outcome.unknown, (fault,), reason)
    for error in every:
        for unknown in unknowns(error.instance):
            return Verdict(Outcome.unknown, (), unknown.reason)
    return Verdict(Outcome.unknown, (), because("not-known"))


def _with_context(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        yield error
        yield from _with_context(error.context)


def _why(value: Any) -> Reason | None:
    if isinstance(value, Unknown):
        return value.reason
    if is_reference(value):
        name = as_written(value).strip("${}")
        return because("resource-value", name=name)
    if isinstance(value, str):
        return because("dynamic-reference", value=value)
    return value.more if isinstance(value, PlacedDict) else None


def _doubtful(keyword: str, wanted: Any, instance: Any) -> bool:
    """Whether what a keyword says of a value depends on something unknown."""
    if keyword in _IN_PLACE:
        return False
    if isinstance(instance, UnknownText) and _settled(keyword, wanted, instance) is not None:
        return False
    if isinstance(instance, Unknown):
        return True
    if is_reference(instance):
        if keyword == "type":
            return "object" not in _listed(wanted)
        return keyword not in _OF_OBJECTS
    if isinstance(instance, str) and "{{resolve:" in instance:
        if keyword == "type":
            return "string" not in _listed(wanted)
        return keyword in ("const", "enum") or keyword in _NUMERIC
    if keyword in ("const", "enum", "uniqueItems") and isinstance(instance, dict | list):
        return next(unknowns(instance), None) is not None
    if keyword == "required" and isinstance(instance, PlacedDict) and instance.more:
        return any(name not in instance for name in wanted)
    return False


def _settled(keyword: str, wanted: Any, text: UnknownText) -> bool | None:
    """What a keyword says of a string of which parts are known; None if that is not enough."""
    if keyword == "type" and "string" in _listed(wanted):
        return True
    if keyword == "pattern":
        return matches(wanted, text)
    if keyword == "minLength":
        return True if len("".join(p for p in text.parts if isinstance(p, str))) >= wanted else None
    return None


def _listed(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else types


def _guarded(keyword: str, function: _Keyword, certain: bool) -> _Keyword:
    """The keyword's function, kept away from values that are not known."""

    def check(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if _doubtful(keyword, wanted, instance):
            if certain:
                yield ValidationError(_DOUBT)
            return
        if isinstance(instance, UnknownText) and keyword not in _IN_PLACE:
            if _settled(keyword, wanted, instance) is False:
                yield ValidationError("does not match")
            return
        if keyword in _NUMERIC:
            instance = as_number(instance)
        yield from function(validator, wanted, instance, schema) or ()

    return check


def _type(validator: Any, types: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    for name in _listed(types):
        if validator.is_type(instance, name):
            return
        if name in ("integer", "number") and validator.is_type(as_number(instance), name):
            return
        if name == "boolean" and isinstance(as_boolean(instance), bool):
            return
    yield ValidationError(f"not of type {types}")


def _const(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not same(instance, wanted):
        yield ValidationError("not the constant")


def _enum(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not any(same(instance, each) for each in wanted):
        yield ValidationError("not one of the values")


def _required(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError(name)


def _dependent(
    validator: Any, wanted: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name, others in wanted.items():
            if name in instance:
                yield from _required(validator, others, instance, schema)


def _valid(validator: Any, schema: Any, instance: Any, certain: bool) -> bool:
    """Whether a schema is met for certain, or can be met."""
    kind = _CERTAIN if certain else _POSSIBLE
    return bool(kind(schema).is_valid(instance))


def _not(certain: bool) -> _Keyword:
    def check(validator: Any, inner: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if _valid(validator, inner, instance, not certain):
            yield ValidationError("meets what it must not meet")

    return check


def _if(certain: bool) -> _Keyword:
    def check(validator: Any, inner: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        then = list(validator.descend(instance, schema.get("then", True), schema_path="then"))
        if _valid(validator, inner, instance, True):
            yield from then
            return
        other = list(validator.descend(instance, schema.get("else", True), schema_path="else"))
        if not _valid(validator, inner, instance, False):
            yield from other
        elif certain:
            yield from [*then, *other]
        elif then and other:
            yield from then

    return check


def _one_of(certain: bool) -> _Keyword:
    def check(validator: Any, inner: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        surely = sum(_valid(validator, each, instance, True) for each in inner)
        maybe = sum(_valid(validator, each, instance, False) for each in inner)
        met = surely == 1 == maybe if certain else surely <= 1 <= maybe
        if not met:
            context: list[ValidationError] = []
            for index, each in enumerate(inner):
                context.extend(validator.descend(instance, each, schema_path=index))
            yield ValidationError("does not meet exactly one", context=context)

    return check


def _contains(certain: bool) -> _Keyword:
    def check(validator: Any, inner: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, list):
            return
        least, most = schema.get("minContains", 1), schema.get("maxContains", len(instance))
        surely = sum(_valid(validator, inner, each, True) for each in instance)
        maybe = sum(_valid(validator, inner, each, False) for each in instance)
        met = surely >= least and maybe <= most if certain else maybe >= least and surely <= most
        if not met:
            yield ValidationError("does not contain what it must")

    return check


def _validator(certain: bool) -> Any:
    own: dict[str, Any] = {
        "type": _type,
        "const": _const,
        "enum": _enum,
        "required": _required,
        "dependentRequired": _dependent,
        "not": _not(certain),
        "if": _if(certain),
        "oneOf": _one_of(certain),
        "contains": _contains(certain),
    }
    standard: dict[str, Any] = dict(Draft202012Validator.VALIDATORS)
    keywords = {k: own.get(k, f) for k, f in standard.items() if k in KEYWORDS}
    guarded = {k: _guarded(k, f, certain) for k, f in keywords.items()}
    return extend(Draft202012Validator, guarded)  # type: ignore[no-untyped-call]


_CERTAIN = _validator(certain=True)
_POSSIBLE = _validator(certain=False)
