"""Resolve CloudFormation's intrinsic functions as far as a template alone says their value.

A parameter counts as its default. A reference to a resource stays a reference, which can be
followed. Whatever only a deployment knows becomes `Unknown` with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scaffolder.checks.globals_ import is_intrinsic
from scaffolder.checks.outcome import Reason, because
from scaffolder.checks.positions import NOWHERE, Place, PlacedDict, PlacedList

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NUMBER = re.compile(r"[-+]?\d+")

NO_VALUE = object()
"""What `AWS::NoValue` leaves behind: the key or list item is not there."""


class Unknown:
    """A value that the template does not tell.

    Attributes:
        reason: why not.
        source: the value as it is written, for finding the resources that it names.
    """

    __slots__ = ("reason", "source")

    def __init__(self, reason: Reason, source: Any) -> None:
        self.reason = reason
        self.source = source

    def __repr__(self) -> str:
        return f"Unknown({self.reason.word}, {dict(self.reason.values)})"


class UnknownText(Unknown):
    """A string of which only parts are known.

    Attributes:
        parts: strings, references to resources and `Unknown` values, in order.
    """

    __slots__ = ("parts",)

    def __init__(self, reason: Reason, source: Any, parts: list[Any]) -> None:
        super().__init__(reason, source)
        self.parts = parts


def is_reference(value: Any) -> bool:
    """Whether a resolved value is a `Ref` or `Fn::GetAtt`, which then names a resource."""
    return (
        isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt")
    )


def references(value: Any) -> Iterator[str]:
    """Logical ids of the resources that a resolved value names, anywhere in it."""
    if isinstance(value, UnknownText):
        for part in value.parts:
            yield from references(part)
    elif isinstance(value, Unknown):
        yield from _written_references(value.source)
    elif is_reference(value):
        if name := _target(value):
            yield name
    elif isinstance(value, dict):
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


def unknowns(value: Any) -> Iterator[Unknown]:
    """The unknown values anywhere in a resolved value."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from unknowns(member)
    elif isinstance(value, list):
        for member in value:
            yield from unknowns(member)


def as_written(value: Any) -> str:
    """A resolved string, or what is known of it in the notation of `Fn::Sub`; else ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, UnknownText):
        return "".join(map(as_written, value.parts))
    if isinstance(value, Unknown):
        value = value.source
    if is_reference(value):
        name = next(iter(value.values()))
        return "${" + (".".join(map(str, name)) if isinstance(name, list) else str(name)) + "}"
    return ""


def _target(reference: dict[str, Any]) -> str:
    """The logical id that a `Ref` or `Fn::GetAtt` names; `Ref: Fn.Alias` names `Fn`."""
    name = next(iter(reference.values()))
    if isinstance(name, list):
        name = name[0] if name else ""
    return name.split(".", 1)[0] if isinstance(name, str) else ""


def _written_references(source: Any) -> Iterator[str]:
    if is_reference(source):
        if name := _target(source):
            yield name
    elif isinstance(source, dict):
        for key, member in source.items():
            text = member[0] if key == "Fn::Sub" and isinstance(member, list) and member else member
            if key == "Fn::Sub" and isinstance(text, str):
                yield from (n.split(".", 1)[0] for n in _VARIABLE.findall(text) if n[:1] != "!")
            yield from _written_references(member)
    elif isinstance(source, list):
        for member in source:
            yield from _written_references(member)


class Resolver:
    """Resolves values of one template under one assignment of its conditions.

    Args:
        template: the template as it was written.
        conditions: whether each condition that an `Fn::If` uses holds.
    """

    def __init__(self, template: PlacedDict, conditions: Mapping[str, bool]) -> None:
        self._parameters = _mapping(template.get("Parameters"))
        self._resources = _mapping(template.get("Resources"))
        self._mappings = _mapping(template.get("Mappings"))
        self._conditions = conditions
        # Aliases share values; resolving a shared value once keeps the work linear.
        self._done: dict[int, Any] = {}

    def resolve(self, value: Any) -> Any:
        """The value with all intrinsics in it resolved; may be `NO_VALUE`."""
        if not isinstance(value, dict | list):
            return value
        key = id(value)
        if key not in self._done:
            self._done[key] = self._container(value)
        return self._done[key]

    def _container(self, value: dict[str, Any] | list[Any]) -> Any:
        if isinstance(value, list):
            return self._list(value)
        if len(value) == 1 and is_intrinsic(value):
            name, argument = next(iter(value.items()))
            function = self._FUNCTIONS.get(name)
            if function is not None:
                return function(self, argument, value)
            if name != "Condition":
                return Unknown(because("function", name=name), value)
        return self._mapping(value)

    def _list(self, value: list[Any]) -> list[Any]:
        places = value.places if isinstance(value, PlacedList) else [NOWHERE] * len(value)
        resolved = [(self.resolve(item), p) for item, p in zip(value, places, strict=True)]
        if all(new is old for (new, _), old in zip(resolved, value, strict=True)):
            return value
        return PlacedList((item, place) for item, place in resolved if item is not NO_VALUE)

    def _mapping(self, value: dict[str, Any]) -> dict[str, Any]:
        resolved = {k: self.resolve(v) for k, v in value.items()}
        if "Fn::Transform" not in value and all(resolved[k] is v for k, v in value.items()):
            return value
        result = PlacedDict()
        for key, member in resolved.items():
            if key == "Fn::Transform":
                result.more = because("function", name=key)
            elif member is not NO_VALUE:
                _put(result, value, key, member)
        if isinstance(value, PlacedDict):
            result.more = result.more or value.more
        return result

    def _ref(self, argument: Any, value: dict[str, Any]) -> Any:
        if not isinstance(argument, str):
            return Unknown(because("function", name="Ref"), value)
        return self._named(argument, value)

    def _named(self, name: str, source: Any) -> Any:
        """What `Ref` gives for a name."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name.startswith("AWS::"):
            return Unknown(because("pseudo-parameter", name=name), source)
        if name in self._parameters and name not in self._resources:
            return self._parameter(name, source)
        return source if is_reference(source) else _reference("Ref", name)

    def _parameter(self, name: str, source: Any) -> Any:
        parameter = self._parameters[name]
        if not isinstance(parameter, dict) or parameter.get("Default") is None:
            return Unknown(because("parameter", name=name), source)
        kind, default = str(parameter.get("Type", "String")), parameter["Default"]
        if kind.startswith("AWS::SSM::"):
            return Unknown(because("ssm-parameter", name=name), source)
        if isinstance(default, dict | list):
            return Unknown(because("parameter", name=name), source)
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            items = str(default).split(",") if default != "" else []
            return PlacedList((item.strip(), NOWHERE) for item in items)
        if kind == "Number" and isinstance(default, str) and _NUMBER.fullmatch(default):
            return int(default)
        return default

    def _get_att(self, argument: Any, value: dict[str, Any]) -> Any:
        if isinstance(argument, str):
            return _reference("Fn::GetAtt", argument.split(".", 1))
        if isinstance(argument, list) and argument and isinstance(argument[0], str):
            return value
        return Unknown(because("function", name="Fn::GetAtt"), value)

    def _sub(self, argument: Any, value: dict[str, Any]) -> Any:
        text, own = argument, {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            text, own = argument
        if not isinstance(text, str):
            return Unknown(because("function", name="Fn::Sub"), value)
        parts: list[Any] = []
        end = 0
        for match in _VARIABLE.finditer(text):
            parts.append(text[end : match.start()])
            parts.append(self._variable(match[1].strip(), own))
            end = match.end()
        parts.append(text[end:])
        return _text(parts, value, "Fn::Sub")

    def _variable(self, name: str, own: dict[str, Any]) -> Any:
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in own:
            return self.resolve(own[name])
        if "." in name:
            return _reference("Fn::GetAtt", name.split(".", 1))
        return self._named(name, _reference("Ref", name))

    def _join(self, argument: Any, value: dict[str, Any]) -> Any:
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
            return Unknown(because("function", name="Fn::Join"), value)
        separator, items = argument[0], self.resolve(argument[1])
        if not isinstance(items, list):
            return _unknown_like(items, value, "Fn::Join")
        parts: list[Any] = []
        for item in items:
            parts += [separator, item]
        return _text(parts[1:], value, "Fn::Join")

    def _if(self, argument: Any, value: dict[str, Any]) -> Any:
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
            return Unknown(because("function", name="Fn::If"), value)
        holds = self._conditions.get(argument[0])
        if holds is None:
            return Unknown(because("condition", name=argument[0]), value)
        return self.resolve(argument[1] if holds else argument[2])

    def _find_in_map(self, argument: Any, value: dict[str, Any]) -> Any:
        keys = [self.resolve(key) for key in argument] if isinstance(argument, list) else []
        if len(keys) not in (3, 4):
            return Unknown(because("function", name="Fn::FindInMap"), value)
        for key in keys[:3]:
            if isinstance(key, Unknown):
                return Unknown(key.reason, value)
        found: Any = self._mappings
        for key in keys[:3]:
            found = found.get(str(key)) if isinstance(found, dict) else None
        if found is None and len(keys) == 4 and isinstance(keys[3], dict):
            found = keys[3].get("DefaultValue")
        return Unknown(because("function", name="Fn::FindInMap"), value) if found is None else found

    def _select(self, argument: Any, value: dict[str, Any]) -> Any:
        if not isinstance(argument, list) or len(argument) != 2:
            return Unknown(because("function", name="Fn::Select"), value)
        index, items = self.resolve(argument[0]), self.resolve(argument[1])
        if not isinstance(items, list):
            return _unknown_like(items, value, "Fn::Select")
        if isinstance(index, str) and index.isdecimal() and len(index) < 9:
            index = int(index)
        if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(items):
            return items[index]
        return _unknown_like(index, value, "Fn::Select")

    def _split(self, argument: Any, value: dict[str, Any]) -> Any:
        if not isinstance(argument, list) or len(argument) != 2:
            return Unknown(because("function", name="Fn::Split"), value)
        separator, text = argument[0], self.resolve(argument[1])
        if not isinstance(text, str) or not isinstance(separator, str) or not separator:
            return _unknown_like(text, value, "Fn::Split")
        return PlacedList((part, NOWHERE) for part in text.split(separator))

    _FUNCTIONS: Mapping[str, Callable[[Resolver, Any, dict[str, Any]], Any]] = {
        "Ref": _ref,
        "Fn::GetAtt": _get_att,
        "Fn::Sub": _sub,
        "Fn::Join": _join,
        "Fn::If": _if,
        "Fn::FindInMap": _find_in_map,
        "Fn::Select": _select,
        "Fn::Split": _split,
    }


def _text(parts: list[Any], source: Any, function: str) -> Any:
    """Parts put together: a string, a reference if they are nothing else, or `UnknownText`."""
    joined: list[Any] = []
    for part in parts:
        if part is NO_VALUE or part == "":
            continue
        if isinstance(part, bool):
            part = json.dumps(part)
        elif isinstance(part, int | float):
            part = str(part)
        members = part.parts if isinstance(part, UnknownText) else [part]
        for member in members:
            if isinstance(member, str) and joined and isinstance(joined[-1], str):
                joined[-1] += member
            else:
                joined.append(member)
    if not joined:
        return ""
    if len(joined) == 1 and (isinstance(joined[0], str) or is_reference(joined[0])):
        return joined[0]
    inner = next((part.reason for part in joined if isinstance(part, Unknown)), None)
    named = next((_target(part) for part in joined if is_reference(part)), None)
    if inner is None:
        inner = (
            because("resource-value", name=named) if named else because("function", name=function)
        )
    return UnknownText(inner, source, joined)


def _unknown_like(value: Any, source: Any, function: str) -> Unknown:
    reason = value.reason if isinstance(value, Unknown) else because("function", name=function)
    return Unknown(reason, source)


def _reference(function: str, name: Any) -> PlacedDict:
    result = PlacedDict()
    result.put(function, name, NOWHERE, NOWHERE)
    return result


def _put(target: PlacedDict, source: dict[str, Any], key: str, value: Any) -> None:
    if isinstance(source, PlacedDict):
        target.put_from(source, key, value)
    else:
        target.put(key, value, Place(*NOWHERE), Place(*NOWHERE))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
