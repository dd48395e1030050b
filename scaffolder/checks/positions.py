"""Mappings and lists that know where in the source each of their members stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from scaffolder.checks.outcome import Reason

Location = tuple[str | int, ...]


class Place(NamedTuple):
    """A line and a column, both counted from 1."""

    line: int
    column: int


NOWHERE = Place(1, 1)


class PlacedDict(dict[str, Any]):
    """A mapping with the places of its keys and values.

    Attributes:
        key_places, value_places: by key.
        more: why the mapping may have more keys than are known, or None if it is complete.
    """

    __slots__ = ("key_places", "more", "value_places")

    def __init__(self) -> None:
        super().__init__()
        self.key_places: dict[str, Place] = {}
        self.value_places: dict[str, Place] = {}
        self.more: Reason | None = None

    def put(self, key: str, value: Any, key_place: Place, value_place: Place) -> None:
        """Set a value and where it stands."""
        self[key] = value
        self.key_places[key] = key_place
        self.value_places[key] = value_place

    def put_from(self, other: PlacedDict, key: str, value: Any) -> None:
        """Set a value for a key that stands where it stands in `other`."""
        self.put(key, value, other.key_places[key], other.value_places[key])


class PlacedList(list[Any]):
    """A list with the places of its items."""

    __slots__ = ("places",)

    def __init__(self, items: Iterable[tuple[Any, Place]] = ()) -> None:
        pairs = list(items)
        super().__init__(item for item, _ in pairs)
        self.places: list[Place] = [place for _, place in pairs]

    def pairs(self) -> list[tuple[Any, Place]]:
        """The items with their places."""
        return list(zip(self, self.places, strict=True))


def place_of(root: Any, location: Location) -> Place:
    """Where the key or item at `location` stands; the nearest known place above if unknown."""
    place = NOWHERE
    value = root
    for step in location:
        if isinstance(value, PlacedDict) and isinstance(step, str):
            place = value.key_places.get(step, place)
            value = value.get(step)
        elif isinstance(value, PlacedList) and isinstance(step, int) and step < len(value):
            place = value.places[step]
            value = value[step]
        elif isinstance(value, dict | list):
            try:
                value = value[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return place
        else:
            return place
    return place


def value_at(root: Any, location: Location) -> Any:
    """The value at `location`, or None if there is none."""
    value = root
    for step in location:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
