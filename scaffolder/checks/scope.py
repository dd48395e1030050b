"""Which templates a project consists of, if it is known which one is its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from scaffolder.checks.positions import PlacedDict, value_at
from scaffolder.checks.reading import Unreadable, read

NESTED = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}
"""Types of resources that are stacks, and the property that says where their template is."""


def of_project(own: Path, found: Collection[Path], ours: Collection[Path]) -> list[Path]:
    """The templates of a project: its own, those that are nested in it, and ours.

    Others in its folder belong to other projects.

    Args:
        own: the project's template, whatever it is called.
        found: the templates in the project's folder.
        ours: where Anshin puts further ones.
    """
    wanted = [own]
    for path in wanted:
        wanted += [inner for inner in _nested(path) if inner not in wanted]
    return [*wanted, *(path for path in found if path in ours and path not in wanted)]


def _nested(path: Path) -> Iterator[Path]:
    """The files that a template names as templates of nested stacks."""
    try:
        resources = read(path).root.get("Resources")
    except Unreadable:
        return
    for resource in resources.values() if isinstance(resources, PlacedDict) else ():
        kind = resource.get("Type") if isinstance(resource, PlacedDict) else None
        key = NESTED.get(kind) if isinstance(kind, str) else None
        place = value_at(resource, ("Properties", key)) if key else None
        if isinstance(place, str) and (path.parent / place).is_file():
            yield (path.parent / place).resolve()
