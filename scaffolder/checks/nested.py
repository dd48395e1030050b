"""Nested stacks whose template lies in the same project.

`AWS::CloudFormation::Stack` with a local path in `TemplateURL`, as `sam package` uploads it, and
`AWS::Serverless::Application` with one in `Location`. What the outer template reads from the
stack's outputs is followed to the resource that the output names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scaffolder.checks.intrinsics import Unknown, is_reference, references
from scaffolder.checks.outcome import Reason, because
from scaffolder.checks.positions import PlacedDict
from scaffolder.checks.reading import Unreadable, read
from scaffolder.checks.template import Template, View
from scaffolder.checks.view import properties_of

MAX_DEPTH = 5
"""Stacks within stacks that are followed."""

_LOCATIONS = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}


@dataclass(frozen=True)
class Placed:
    """A resource, and the view of the template that it is in."""

    view: View
    name: str

    @property
    def properties(self) -> PlacedDict:
        """Its properties; none if it has no readable ones."""
        return properties_of(self.view, self.name)

    def same_as(self, other: Placed) -> bool:
        """Whether both are one resource."""
        return self.name == other.name and self.view is other.view


def placed(view: View, value: Any, *types: str, depth: int = 0) -> Placed | Reason:
    """The resource of one of these types that a value names, here or in a nested stack."""
    for name in references(value):
        resource = view.resources.get(name)
        if resource is None or name in view.absent:
            continue
        if resource.get("Type") in types:
            return Placed(view, name)
        if str(resource.get("Type")) in _LOCATIONS and depth < MAX_DEPTH:
            inner = _inside(view, name)
            if isinstance(inner, Reason):
                return inner
            return placed(inner, _output(inner, value), *types, depth=depth + 1)
    if isinstance(value, Unknown) and not any(True for _ in references(value)):
        return value.reason
    shown = value if isinstance(value, str) else next(iter(references(value)), "?")
    return because("not-in-template", value=shown)


def nested(view: View) -> list[View]:
    """The templates of all stacks in a template that can be read, in order."""
    names = [name for name, _ in view.of_type(*_LOCATIONS)]
    return [inner for name in names if isinstance(inner := _inside(view, name), View)]


def _inside(view: View, name: str) -> View | Reason:
    """A nested stack's template with its conditions at their defaults, or why it is not known."""
    key = f"nested {name}"
    if key not in view.found:
        view.found[key] = _read(view, name)
    inner: View | Reason = view.found[key]
    return inner


def _read(view: View, name: str) -> View | Reason:
    location = properties_of(view, name).get(_LOCATIONS[str(view.resources[name].get("Type"))])
    if isinstance(location, Unknown):
        return location.reason
    elsewhere = because("not-in-template", value=name)
    if not isinstance(location, str) or "://" in location:
        return elsewhere
    path = view.path.parent / location
    if not path.is_file():
        return elsewhere
    try:
        return Template(read(path)).views[0]
    except Unreadable as error:
        return error.reason


def _output(inner: View, value: Any) -> Any:
    """What the output that `Fn::GetAtt: [Stack, Outputs.Name]` reads is set to."""
    if not is_reference(value):
        return None
    argument = next(iter(value.values()))
    attribute = str(argument[1]) if isinstance(argument, list) and len(argument) > 1 else ""
    outputs = inner.root.get("Outputs")
    output = outputs.get(attribute.removeprefix("Outputs.")) if isinstance(outputs, dict) else None
    return output.get("Value") if isinstance(output, dict) else None
