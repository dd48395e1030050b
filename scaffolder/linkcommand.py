"""`anshin link`: the share link of a project's choices, or of those that options give."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import click

from scaffolder import intake, published, share
from scaffolder.answers import SAFEGUARDS, WrongAnswers
from scaffolder.intake import Sources
from scaffolder.layout import Screen
from scaffolder.messages import Say
from scaffolder.screens import Pages

DONE, USAGE = 0, 2


def run(say: Say, path: str | None, sources: Sources, *, as_json: bool) -> int:
    """Print the link.

    Args:
        say: in the user's language.
        path: of a project; without it and without options, the current folder is in one.
        sources: what the options say; it goes over what the project says.
        as_json: whether to print JSON.

    Returns:
        The exit code.

    Raises:
        Trouble: there is no project.
    """
    catalog = published.load()
    if path is not None or sources == Sources():
        sources = replace(sources, project=path or ".")
    try:
        taken = intake.collect(catalog, sources, say)
    except WrongAnswers as wrong:
        pages = Pages(catalog, say, Screen.of(sys.stderr))
        click.echo(f"anshin: {pages.wrong_answers(wrong.problems)}", err=True)
        return USAGE
    for note in [*taken.notes, *taken.choice.notes]:
        click.echo(note, err=True)
    chosen = taken.choice.safeguards
    named = {} if chosen is None else {SAFEGUARDS: chosen}
    url = share.link(catalog, say.language, {**taken.choice.answers, **named}, taken.facts)
    click.echo(json.dumps({"link": url}) if as_json else url)
    return DONE
