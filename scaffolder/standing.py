"""What stands in the template of an adopted project before something is added to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.checks.globals_ import PREFIX, is_intrinsic
from scaffolder.checks.positions import Location, PlacedDict, value_at
from scaffolder.checks.reading import parse

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
    ours, theirs = _read(new).get("Globals"), _read(mine)
    if not isinstance(ours, PlacedDict):
        return []
    return [found for kind, wanted in ours.items() for found in _of_kind(kind, wanted, theirs)]


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


def _of_kind(kind: str, wanted: Any, theirs: PlacedDict) -> Iterator[Contradiction]:
    section = value_at(theirs, ("Globals", kind))
    if isinstance(section, PlacedDict):
        yield from (c for c, joins in _against(wanted, section, "Globals", (kind,)) if joins)
    resources = theirs.get("Resources")
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        if not isinstance(resource, dict) or resource.get("Type") != f"{PREFIX}{kind}":
            continue
        properties = resource.get("Properties")
        if isinstance(properties, PlacedDict):
            yield from (c for c, _ in _against(wanted, properties, name, ()))


def _against(
    wanted: Mapping[str, Any], own: PlacedDict, resource: str, path: tuple[str, ...]
) -> Iterator[tuple[Contradiction, bool]]:
    """Contradictions, and whether it is a list that ours would be joined to."""
    for key, value in wanted.items():
        if key not in own:
            continue
        theirs = own[key]
        found = Contradiction(own.key_places[key].line, resource, ".".join((*path, key)))
        if isinstance(value, list) and isinstance(theirs, list):
            if any(_rivals(one, other) for one in value for other in theirs):
                yield found, True
        elif _is_mapping(value) and _is_mapping(theirs):
            yield from _against(value, theirs, resource, (*path, key))
        elif not _same(value, theirs):
            yield found, False


def _is_mapping(value: Any) -> bool:
    return isinstance(value, PlacedDict) and not is_intrinsic(value)


def _rivals(one: Any, other: Any) -> bool:
    """Whether two members of a list are about one thing: the words that both use are the same."""
    if not (_is_mapping(one) and _is_mapping(other)) or one == other:
        return False
    common = [k for k in one if isinstance(one[k], str) and isinstance(other.get(k), str)]
    return bool(common) and all(one[k] == other[k] for k in common)
