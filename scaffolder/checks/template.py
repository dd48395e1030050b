"""A template as SAM and CloudFormation see it: Globals merged, intrinsics resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scaffolder.checks.conditions import (
    MAX_ASSIGNMENTS,
    Assignment,
    assignments,
    used_conditions,
)
from scaffolder.checks.globals_ import is_intrinsic, merged_properties
from scaffolder.checks.implicit import add_implicit_apis
from scaffolder.checks.intrinsics import NO_VALUE, Resolver
from scaffolder.checks.outcome import because
from scaffolder.checks.positions import Location, Place, PlacedDict, place_of
from scaffolder.checks.reading import Document, Unreadable

VALUES_LOOKED_AT = 500_000
"""How many values all views of a template may have together."""


@dataclass(frozen=True)
class View:
    """The template under one assignment of its conditions.

    Attributes:
        root: what JSONPath's `$` is.
        resources: the resources by logical id.
        absent: logical ids of the resources whose own condition does not hold here.
        path: the file that the template was read from; nested stacks are found from there.
        found: results of queries on this view, by query.
    """

    root: PlacedDict
    resources: Mapping[str, PlacedDict]
    absent: frozenset[str]
    path: Path
    found: dict[str, Any] = field(default_factory=dict)

    def of_type(self, *types: str) -> Iterator[tuple[str, PlacedDict]]:
        """Logical id and properties of each resource of these types that exists here."""
        for name, resource in self.resources.items():
            properties = resource.get("Properties")
            if resource.get("Type") in types and name not in self.absent:
                yield name, properties if isinstance(properties, PlacedDict) else PlacedDict()

    def place(self, location: Location) -> Place:
        """Where the key or item at a location stands in the source."""
        return place_of(self.root, location)


class Template:
    """A template that was read, ready to be checked.

    Raises:
        Unreadable: it has no resources.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._root = _normalised(document.root)

    @property
    def name(self) -> str:
        """Path as shown to the user."""
        return self.document.name

    @cached_property
    def views(self) -> list[View]:
        """The template under each assignment of its conditions, the defaults first."""
        resources = self._root["Resources"]
        own = {name: _condition(r) for name, r in resources.items() if _condition(r)}
        used = used_conditions(resources)
        asked = used | set(own.values()) if used else set()
        most = max(2, min(MAX_ASSIGNMENTS, VALUES_LOOKED_AT // self.document.size))
        return [self._view(each, own) for each in assignments(self._root, asked, most)]

    def _view(self, assignment: Assignment, own: dict[str, str]) -> View:
        resolver = Resolver(self._root, assignment)
        root = PlacedDict()
        for key, value in self._root.items():
            known = key in ("Resources", "Outputs") and isinstance(value, PlacedDict)
            root.put_from(self._root, key, _members(value, resolver) if known else value)
        resources = {n: r for n, r in root["Resources"].items() if isinstance(r, PlacedDict)}
        absent = frozenset(n for n, condition in own.items() if not assignment.get(condition, True))
        return View(root, resources, absent, self.document.path)


def _members(written: PlacedDict, resolver: Resolver) -> PlacedDict:
    """The members of a section, each resolved; the section itself is no intrinsic."""
    result = PlacedDict()
    result.more = written.more
    for key, value in written.items():
        resolved = resolver.resolve(value)
        if resolved is not NO_VALUE:
            result.put_from(written, key, resolved)
    return result


def _condition(resource: Any) -> str:
    condition = resource.get("Condition") if isinstance(resource, dict) else None
    return condition if isinstance(condition, str) else ""


def _normalised(written: PlacedDict) -> PlacedDict:
    resources = written.get("Resources")
    if not isinstance(resources, PlacedDict):
        place = written.value_places.get("Resources", Place(1, 1))
        raise Unreadable(because("no-resources"), place)
    root, result = PlacedDict(), PlacedDict()
    for key, value in written.items():
        root.put_from(written, key, result if key == "Resources" else value)
    for name, resource in resources.items():
        if name == "Fn::Transform" or name.startswith("Fn::ForEach::"):
            result.more = because("function", name=name)
        else:
            result.put_from(resources, name, resource)
    add_implicit_apis(result)
    for name, resource in result.items():
        if isinstance(resource, PlacedDict) and not is_intrinsic(resource):
            result[name] = _with_properties(root, resource, result.key_places[name])
    return root


def _with_properties(root: PlacedDict, resource: PlacedDict, place: Place) -> PlacedDict:
    """The resource with its inherited properties; with none at all if they are unreadable."""
    copy = PlacedDict()
    for key, value in resource.items():
        copy.put_from(resource, key, value)
    written = resource.get("Properties")
    if written is None or isinstance(written, PlacedDict):
        where = resource.key_places.get("Properties", place)
        copy.put("Properties", merged_properties(root, resource), where, where)
    return copy
