"""Which versions of the template this installation has, without asking git."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scaffolder import history, versions
from scaffolder.messages import Say
from scaffolder.source import BUNDLE, PACKAGE

BRANCH = "refs/heads/main"
TAGS = "refs/tags/"


def is_checkout() -> bool:
    """Whether this is a checkout of Anshin, which serves the template of its working tree."""
    root = PACKAGE.parent
    return (root / history.CONFIG).is_file() and (root / history.TEMPLATE).is_dir()


def tags() -> list[str]:
    """The versions in the bundle, the newest first; none in a checkout, or if it is damaged."""
    if is_checkout():
        return []
    try:
        names = dict(_heads())
    except (OSError, ValueError):
        return []
    return versions.tagged(n.removeprefix(TAGS) for n in names if n.startswith(TAGS))[::-1]


def words(found: Sequence[str], say: Say) -> str:
    """The versions in words."""
    if is_checkout():
        return say("doctor.template.checkout", path=PACKAGE.parent)
    if not found:
        return say("doctor.template.damaged")
    if len(found) == 1:
        return found[0]
    return say("doctor.template.several", newest=found[0], count=len(found) - 1)


def _heads() -> Iterator[tuple[str, str]]:
    """What the bundle holds: name of a branch or tag, and its commit.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no bundle.
    """
    with BUNDLE.open("rb") as stream:
        if not stream.readline().startswith(b"# v"):
            raise ValueError(BUNDLE)
        for line in iter(stream.readline, b"\n"):
            if not line.startswith((b"-", b"@")):
                commit, name = line.decode().split()
                yield name, commit
