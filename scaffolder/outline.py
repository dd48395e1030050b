"""What a project will be, before it is made, and how to make it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scaffolder import answers, project, published, recommend, share
from scaffolder.answers import SAFEGUARDS
from scaffolder.messages import Say
from scaffolder.plan_parts import resources_in
from scaffolder.published import Data
from scaffolder.screens import Outline

LANGUAGE, NAME = "language", "project_name"
"""Answers whose default is the reader's language, and the folder's name."""


def outline(
    catalog: Data,
    found: Mapping[str, Any],
    facts: recommend.Facts,
    rendered: Path,
    command: str,
    say: Say,
) -> Outline:
    """What will be made.

    Args:
        catalog: the exported catalog.
        found: the answers to all questions.
        facts: about the workload.
        rendered: a folder with the project's files.
        command: that makes it again.
        say: in the user's language.
    """
    active = published.closure(catalog, found[SAFEGUARDS])
    resources: dict[str | None, dict[str, int]] = {}
    for name, kind in _resources(catalog, active, rendered):
        kinds = resources.setdefault(name, {})
        kinds[kind] = kinds.get(kind, 0) + 1
    known = {n: v for n, v in facts.items() if not _unsure(catalog, n, v)}
    return Outline(
        name=found[NAME],
        chosen=found[SAFEGUARDS],
        active=active,
        files=project.listed(rendered),
        resources={name: resources[name] for name in (None, *active) if name in resources},
        command=command,
        link=share.link(catalog, say.language, found, known),
    )


def command(
    catalog: Data, found: Mapping[str, Any], directory: str, template: str | None, say: Say
) -> str:
    """The line that makes the same project again, with what differs from the defaults."""
    active = published.closure(catalog, found[SAFEGUARDS])
    standing = answers.defaults(catalog, active, None, say)
    standing[NAME] = answers.slug(Path(directory).name)
    words = ["anshin", "new", directory, "--safeguards", ",".join(found[SAFEGUARDS])]
    for name, value in found.items():
        # Somebody with another language would get another default.
        if name in standing and (name == LANGUAGE or value != standing[name]):
            words += ["--data", f"{name}={share.spelled(value)}"]
    words += ["--template", template] if template else []
    return shlex.join([*words, "--defaults"])


def _unsure(catalog: Data, fact: str, value: str | Sequence[str]) -> bool:
    """Whether an answer says no more than none would."""
    values = catalog["facts"][fact]["values"]
    words = [value] if isinstance(value, str) else value
    return any(values[word]["means"] is not None for word in words)


def _resources(catalog: Data, active: list[str], rendered: Path) -> list[tuple[str | None, str]]:
    """The AWS resources of all stacks: the safeguard that brings each, and its type."""
    owners = {
        (file, resource): name
        for name in reversed(active)
        for file, resources in catalog["patterns"][name]["resources"].items()
        for resource in resources
    }
    found: list[tuple[str | None, str]] = []
    for file in catalog["stacks"].values():
        path = rendered / file
        if path.is_file():
            written = resources_in(path.read_text(encoding="utf-8"))
            found += [(owners.get((file, name)), about.type) for name, about in written.items()]
    return found
