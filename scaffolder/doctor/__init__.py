"""`anshin doctor`: what is there and what is missing; and what `anshin --version` says."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from scaffolder import __version__
from scaffolder.doctor import template
from scaffolder.doctor.finding import Finding
from scaffolder.layout import Screen
from scaffolder.messages import Say, Trouble

DONE, FOUND = 0, 1


def version(say: Say) -> str:
    """The versions of the command, the template and the catalog, one on each line."""
    from scaffolder import published

    catalog = published.load()
    about = {"count": len(catalog["patterns"]), "format": catalog["format"]}
    own = say("doctor.version.template", version=template.words(template.tags(), say))
    return "\n".join([f"anshin {__version__}", own, say("doctor.version.catalog", **about)])


def run(say: Say, folder: str | None, *, as_json: bool) -> int:
    """Say what there is.

    Args:
        say: in the user's language.
        folder: in a project; without it, the current folder may be in one.
        as_json: whether to print JSON.

    Returns:
        The exit code.

    Raises:
        Trouble: the folder is in no project.
    """
    from scaffolder.doctor import pages

    root = _root(folder)
    found = _look(say, root)
    if as_json:
        click.echo(json.dumps(pages.data(found), ensure_ascii=False, indent=2))
    else:
        click.echo(pages.text(found, root, say, Screen.of(sys.stdout)))
    return DONE if pages.is_fine(found) else FOUND


def _look(say: Say, root: Path | None) -> dict[str, Sequence[Finding]]:
    """All that is looked at, by section."""
    from scaffolder.doctor import here, tools

    with ThreadPoolExecutor() as threads:
        needed = threads.submit(tools.needed, say)
        optional = threads.submit(tools.optional, say, here.pythons(root))
        # In this thread: it cleans up after an interruption.
        project = {"project": here.look(root, say)} if root else {}
        return {"needed": needed.result(), "optional": optional.result(), **project}


def _root(folder: str | None) -> Path | None:
    """The project that is meant, if there is one."""
    from scaffolder import managed

    try:
        return managed.locate(Path(folder or "."))
    except Trouble:
        if folder is None:
            return None
        raise
