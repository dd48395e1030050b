"""Merge lists of pinned packages, package by package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(\[(?P<extras>[^\]]*)\])?"
    r"(\s*==\s*(?P<version>[0-9][\w.!+]*))?(?P<rest>.*)",
    re.ASCII,
)
PLAIN = re.compile(r"\s*([;#].*)?$")
"""What may follow a pin: a marker, a comment."""


class Undecided(Exception):
    """Both sides want something else of one package."""


@dataclass(frozen=True)
class Package:
    """A line that asks for a package.

    Attributes:
        version: that it is pinned to; None if the line asks in any other way.
        rest: what follows.
    """

    name: str
    extras: frozenset[str]
    version: str | None
    rest: str

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.name}{extras}=={self.version}{self.rest}"


Packages = dict[str, Package]


def merge(base: str, mine: str, new: str) -> str | None:
    """The user's list with what leads from one of ours to the other.

    Of two versions that are both newer than ours was, the higher one stands. A package that the
    user left out stays out, and one that they changed stays, also if we no longer need it.

    Returns:
        The list, or None if somebody has to decide, or a line is not understood.
    """
    try:
        before, after = (_packages(text.splitlines()) for text in (base, new))
        lines = mine.splitlines()
        there = _packages(lines)
        for key in {**before, **after}:
            wanted = _merged(before.get(key), there.get(key), after.get(key))
            if wanted != there.get(key):
                _put(lines, key, wanted, list(after))
    except Undecided:
        return None
    return "".join(f"{line}\n" for line in lines)


def _packages(lines: Sequence[str]) -> dict[str, Package]:
    """The packages in a list by normalized name."""
    found: dict[str, Package] = {}
    for line in lines:
        package = _package(line)
        if package is None:
            continue
        if _key(package) in found:
            raise Undecided
        found[_key(package)] = package
    return found


def _package(line: str) -> Package | None:
    """The package of a line; None for comments, options and mere addresses."""
    text = line.rstrip()
    if text.endswith("\\"):
        raise Undecided
    match = REQUIREMENT.fullmatch(text)
    if match is None or match["rest"].startswith((":", "+")):
        return None
    extras = frozenset(filter(None, map(str.strip, (match["extras"] or "").split(","))))
    pinned = match["version"] is not None and PLAIN.match(match["rest"])
    return Package(match["name"], extras, match["version"] if pinned else None, match["rest"])


def _key(package: Package) -> str:
    return re.sub(r"[-_.]+", "-", package.name).lower()


def _merged(base: Package | None, mine: Package | None, new: Package | None) -> Package | None:
    """What becomes of one package."""
    if new in (base, mine):
        return mine
    if mine == base:
        return new
    if new is None:
        return mine
    if mine is None:
        if base is None or new.extras > base.extras:
            raise Undecided
        return None
    if mine.version is None or new.version is None:
        raise Undecided
    was = base.extras if base else frozenset()
    extras = (mine.extras | (new.extras - was)) - (was - new.extras)
    version = _version(base.version if base else None, mine.version, new.version)
    return replace(mine, extras=extras, version=version)


def _version(base: str | None, mine: str, new: str) -> str:
    """The version that stands; who went back to an older one had a reason."""
    from packaging.version import Version

    if new == base:
        return mine
    if mine == base:
        return new
    if base and Version(mine) < Version(base):
        raise Undecided
    return max(mine, new, key=Version)


def _put(lines: list[str], key: str, package: Package | None, order: Sequence[str]) -> None:
    """Replace, remove or insert the line of a package."""
    keys = [_key(found) if (found := _package(line)) else "" for line in lines]
    if key in keys:
        at = keys.index(key)
        lines[at : at + 1] = [str(package)] if package else []
        return
    above = [keys.index(k) for k in order[: order.index(key)] if k in keys]
    at = max(above, default=-1) + 1
    while at < len(keys) and "" < keys[at] < key:
        at += 1
    lines.insert(at, str(package))
