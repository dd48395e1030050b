"""Merge pinned requirements, joining the extras that patterns ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from scaffolder.jinja import ALWAYS, Condition, Lines, any_of

REQUIREMENT = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(\[(?P<extras>[a-z0-9,_-]+)\])?==(?P<version>[0-9][0-9A-Za-z.]*)$"
)


class RequirementError(Exception):
    """A requirement is not pinned, or two origins pin one package differently."""


@dataclass
class Package:
    """One package, its pinned version, and when it and each of its extras are needed."""

    version: str
    origin: str
    condition: Condition
    extras: dict[str, Condition] = field(default_factory=dict)


def merge_requirements(sources: Iterable[tuple[str, Condition, list[str]]]) -> list[str]:
    """Template lines of one requirements file, sorted by name.

    Args:
        sources: origin, condition and lines (`name[extra]==version`) of each contribution.

    Raises:
        RequirementError: names the origin and the line, or both origins and versions.
    """
    packages: dict[str, Package] = {}
    for origin, condition, lines in sources:
        for line in lines:
            _add(packages, origin, condition, line)
    out = Lines()
    for name in sorted(packages):
        package = packages[name]
        extras = _extras(package)
        out.add([f"{name}{extras}=={package.version}"], package.condition)
    return out.text()


def _add(packages: dict[str, Package], origin: str, condition: Condition, line: str) -> None:
    match = REQUIREMENT.match(line)
    if not match:
        raise RequirementError(f"{origin}: not a pinned requirement (name==version): {line}")
    name, version = match["name"].lower(), match["version"]
    package = packages.setdefault(name, Package(version, origin, condition))
    if package.version != version:
        raise RequirementError(
            f"{name}: {package.origin} pins {package.version}, {origin} pins {version}"
        )
    package.condition = package.condition | condition
    for extra in filter(None, (match["extras"] or "").split(",")):
        known = package.extras.get(extra)
        package.extras[extra] = known | condition if known else condition


def _extras(package: Package) -> str:
    if not package.extras:
        return ""
    needed = sorted(package.extras.items())
    if all(c in (ALWAYS, package.condition) for _, c in needed):
        return f"[{','.join(name for name, _ in needed)}]"
    parts = [
        f"['{name}']" if c in (ALWAYS, package.condition) else f"(['{name}'] if {c} else [])"
        for name, c in needed
    ]
    listed = " + ".join(parts)
    if any(c in (ALWAYS, package.condition) for _, c in needed):
        return f"[{{{{ ({listed}) | join(',') }}}}]"
    # Without any of the extras there are no brackets either.
    some = any_of(condition for _, condition in needed)
    return f"{{{{ '[' ~ (({listed}) | join(',')) ~ ']' if {some} else '' }}}}"
