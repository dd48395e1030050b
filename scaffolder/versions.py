"""What versions of a template are called, and how they follow each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.version import Version

STAMPED = re.compile(r"v[0-9A-Za-z.]+\+g([0-9a-f]{8})")
"""A working tree's version: that of the package, and the beginning of its digest."""

DESCRIBED = re.compile(r"(?:([\w.+-]+)-(\d+)-g)?([0-9a-f]{7,64})")
"""What `git describe` says of a commit without a tag: the nearest tag, if there is any, how many
commits ago that was, and the beginning of the commit's name."""


def tagged(names: Iterable[str]) -> list[str]:
    """The tags that are versions by PEP 440, the oldest first."""
    return sorted((name for name in names if _parsed(name)), key=order)


def latest(tags: Iterable[str], *, early: bool) -> str | None:
    """The newest version, as Copier would choose it.

    Args:
        tags: the versions, the oldest first.
        early: whether a pre-release will do.
    """
    able = [tag for tag in tags if early or not is_early(tag)]
    return able[-1] if able else None


def is_early(version: str) -> bool:
    """Whether a version is a pre-release."""
    parsed = _parsed(version)
    return parsed is not None and parsed.is_prerelease


def is_newer(version: str, than: str) -> bool:
    """Whether a version follows another; states of one version's working tree have no order."""
    return order(version.partition("+")[0]) > order(than.partition("+")[0])


def order(version: str) -> tuple[Version, int]:
    """A key to sort versions by; what is no version comes first."""
    from packaging.version import Version

    described = DESCRIBED.fullmatch(version)
    tag, ahead = (described[1] or "", int(described[2] or 0)) if described else (version, 0)
    return _parsed(tag) or Version("0"), ahead


def _parsed(version: str) -> Version | None:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version)
    except InvalidVersion:
        return None
