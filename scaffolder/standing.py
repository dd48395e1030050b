"""What stands in the template of an adopted project before something is added to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from scaffolder.checks.globals_ import PREFIX, is_intrinsic
from scaffolder.checks.positions import Location, PlacedDict, value_at
from scaffolder.checks.reading import parse
from scaffolder.structure.items import METHOD

MARK = "answer-"
"""What a value starts with that stands for an answer."""


@dataclass(frozen=True)
class Contradiction:
    """A setting of a resource that stands against what `Globals` is to say for all of its kind.

    Attributes:
        line: of the setting in the user's template.
        resource: logical id, or `Globals`.
        setting: its place below the resource's properties, as `LoggingConfig.LogFormat`.
    """

    line: int
    resource: str
    setting: str


class Why(Enum):
    """How a setting of the user's stands against ours."""

    other = "other"
    """It has another value."""
    exception = "exception"
    """The same, but the setting is a whole, and counts at other resources of the kind."""
    twice = "twice"
    """It is a list, and one of its members and one of ours exclude each other."""
    parts = "parts"
    """It is a list, and one of its members and one of ours are parts of one."""


@dataclass(frozen=True)
class _Found:
    contradiction: Contradiction
    why: Why
    path: Location
    """Of the setting, below the resource's properties."""


def found_before(old: str, new: str, mine: str) -> list[str]:
    """What comes with an addition and was there before, as JSON Pointers; it stays the user's.

    Args:
        old, new: our part of the template, as `adopted.parts` gives it, before and after.
        mine: the user's template.

    Raises:
        Unreadable: the user's template cannot be read.
    """
    ours, theirs = _read(new), _read(mine)
    earlier = set(_leaves(_read(old)))
    return [
        pointer(place)
        for place in _leaves(ours)
        if place not in earlier and _same(value_at(theirs, place), value_at(ours, place))
    ]


def contradictions(new: str, mine: str) -> list[Contradiction]:
    """What in the user's template makes our settings in `Globals` void, or invalid.

    Raises:
        Unreadable: the user's template cannot be read.
    """
    found = [found for _, found in _all(new, mine) if found.why is not Why.exception]
    return [each.contradiction for each in found]


def exceptions(new: str, mine: str) -> list[Contradiction]:
    """The user's settings of single resources that stay as they are, and ours does not count.

    Raises:
        Unreadable: the user's template cannot be read.
    """
    return [found.contradiction for _, found in _all(new, mine) if found.why is Why.exception]


def to_move(new: str, mine: str) -> list[str]:
    """Our settings in `Globals` that have to stand at the resources, as JSON Pointers.

    SAM joins lists of both, and there would be two members about one thing. At the resource, ours
    becomes part of the user's.

    Raises:
        Unreadable: the user's template cannot be read.
    """
    moved = [("Globals", kind, *f.path) for kind, f in _all(new, mine) if f.why is Why.parts]
    return list(dict.fromkeys(map(pointer, moved)))


def _all(new: str, mine: str) -> Iterator[tuple[str, _Found]]:
    """What stands against each kind of our settings."""
    ours, theirs = _read(new).get("Globals"), _read(mine)
    for kind, wanted in ours.items() if isinstance(ours, PlacedDict) else ():
        for found in _of_kind(kind, wanted, theirs):
            yield kind, found


def values(part: str, mine: str) -> dict[str, list[Any]]:
    """What stands in the user's template where answers go: answer → values, each once.

    Args:
        part: ours, with `MARK` and an answer's name in place of its value.
        mine: the user's template.

    Raises:
        Unreadable: the user's template cannot be read.
    """
    ours, theirs = _read(part), _read(mine)
    found: dict[str, list[Any]] = {}
    for place in _leaves(ours):
        mark, value = value_at(ours, place), value_at(theirs, place)
        if isinstance(mark, str) and mark.startswith(MARK) and value is not None:
            known = found.setdefault(mark.removeprefix(MARK), [])
            known += [] if value in known else [value]
    return found


def holds(part: str, text: str) -> bool:
    """Whether there is anything in a part where a JSON Pointer points."""
    return value_at(_read(part), location(text)) is not None


def pointer(place: Location) -> str:
    """A JSON Pointer (RFC 6901)."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return "".join(f"/{step}" for step in steps)


def location(text: str) -> tuple[str, ...]:
    """Where a JSON Pointer points."""
    return tuple(s.replace("~1", "/").replace("~0", "~") for s in text.split("/")[1:])


def _read(text: str) -> PlacedDict:
    return parse(text.encode(), Path(), "").root if text.strip() else PlacedDict()


def _leaves(value: Any, place: Location = ()) -> Iterator[Location]:
    """The places of all that is no mapping; a list and an intrinsic are one value."""
    if not isinstance(value, dict) or is_intrinsic(value):
        yield place
        return
    for key, member in value.items():
        yield from _leaves(member, (*place, key))


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _of_kind(kind: str, wanted: Any, theirs: PlacedDict) -> Iterator[_Found]:
    section = value_at(theirs, ("Globals", kind))
    if isinstance(section, PlacedDict):
        yield from (f for f in _against(wanted, section, "Globals", (kind,)) if f.why is Why.twice)
    resources = {name: _properties(r) for name, r in _resources(kind, theirs)}
    against = [f for name, own in resources.items() for f in _against(wanted, own, name, ())]
    for found in against:
        whole = found.why is Why.other and len(found.path) == 1
        alike = sum(other.path == found.path for other in against)
        yield replace(found, why=Why.exception) if whole and alike < len(resources) else found


def _resources(kind: str, theirs: PlacedDict) -> Iterator[tuple[str, PlacedDict]]:
    section = theirs.get("Resources")
    for name, resource in section.items() if isinstance(section, dict) else ():
        if isinstance(resource, PlacedDict) and resource.get("Type") == f"{PREFIX}{kind}":
            yield name, resource


def _properties(resource: PlacedDict) -> PlacedDict:
    found = resource.get("Properties")
    return found if isinstance(found, PlacedDict) else PlacedDict()


def _against(
    wanted: Mapping[str, Any], own: PlacedDict, resource: str, path: tuple[str, ...]
) -> Iterator[_Found]:
    for key, value in wanted.items():
        if key not in own:
            continue
        theirs, here = own[key], (*path, key)
        found = Contradiction(own.key_places[key].line, resource, ".".join(here))
        if isinstance(value, list) and isinstance(theirs, list):
            rivals = [(a, b) for a in value for b in theirs if _rivals(a, b)]
            if rivals:
                why = Why.parts if all(_can_join(*pair) for pair in rivals) else Why.twice
                yield _Found(found, why, here)
        elif _is_mapping(value) and _is_mapping(theirs):
            yield from _against(value, theirs, resource, here)
        elif not _same(value, theirs):
            yield _Found(found, Why.other, here)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, PlacedDict) and not is_intrinsic(value)


def _rivals(one: Any, other: Any) -> bool:
    """Whether two members of a list are about one thing: the words that both use are the same."""
    if not (_is_mapping(one) and _is_mapping(other)) or one == other:
        return False
    common = [k for k in one if isinstance(one[k], str) and isinstance(other.get(k), str)]
    return bool(common) and all(one[k] == other[k] for k in common)


def _can_join(one: Any, other: Any) -> bool:
    """Whether two members of a list are about one thing, and can say both what they say."""
    named = all(key in one and key in other for key in METHOD)
    return named and all(one[key] == other[key] for key in one if key in other)
