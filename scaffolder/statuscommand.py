"""`anshin status`: from options to what is said of a project."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import click

from scaffolder import adopted, answers, plan, project, published, status
from scaffolder.changecommand import open_project
from scaffolder.history import File
from scaffolder.layout import Screen
from scaffolder.managed import Managed
from scaffolder.messages import Say, Trouble
from scaffolder.plan import PLAIN, Side
from scaffolder.published import Data
from scaffolder.rendering import Renderer, renderer
from scaffolder.source import Source, catalog_at, newest, open_for
from scaffolder.status import Checked, Status, recorded
from scaffolder.status.recorded import Recorded
from scaffolder.status_pages import StatusPages
from scaffolder.status_words import StatusWords
from scaffolder.threeway import Reader
from scaffolder.usage import progress


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    project: str = "."
    as_json: bool = False
    template: str | None = None
    verbose: bool = False


def run(say: Say, options: Options) -> int:
    """Say how a project's safeguards are.

    Returns:
        The exit code.

    Raises:
        Trouble: there is no project that anything can be said of.
    """
    with (
        project.interruptible(),
        project.workspace() as work,
        ExitStack() as renderers,
        progress(say) as tell,
    ):
        tell("status.looking")
        managed, journal = open_project(say, options.project)

        def begin() -> Renderer:
            folder = work / f"renderer{len(list(work.glob('renderer*')))}"
            folder.mkdir()
            return renderers.enter_context(renderer(folder))

        current = published.load()
        found = _Run(say, options, managed, journal.read, current, work, begin).run()
    words = StatusWords(found, current, say)
    if options.as_json:
        click.echo(json.dumps(words.as_data(), ensure_ascii=False, indent=2))
    else:
        click.echo(StatusPages(found, words, Screen.of(sys.stdout), options.verbose).text())
    return found.code


@dataclass(frozen=True)
class _Run:
    """One run of the command, with what all of its steps need."""

    say: Say
    options: Options
    managed: Managed
    read: Reader
    current: Data
    work: Path
    renderer: Callable[[], Renderer]

    def run(self) -> Status:
        # It gets ready while the template is being opened.
        ready = self.renderer()
        try:
            source, catalog = self._open()
        except Trouble as trouble:
            return self._without_template(self.current, trouble)
        known = recorded.read(self.managed, self.managed.version, catalog, self.say)
        latest = newest(source)
        if known.unusable:
            return replace(self._without_template(catalog, None), newest=latest)
        try:
            found = self._compared(source, known, ready)
        except Trouble as trouble:
            found = self._without_template(catalog, trouble)
        return replace(found, newest=latest)

    def _open(self) -> tuple[Source, Data]:
        managed, work = self.managed, self.work
        source = open_for(managed.src_path, managed.version, self.options.template, work)
        return source, catalog_at(source, managed.version, work)

    def _compared(self, source: Source, known: Recorded, ready: Renderer) -> Status:
        target = self._begin(source, known.side, ready)
        checked = self._check(known.side)
        ready.finish()
        found = self._compare(known, checked, known.side, target)
        rest = status.without_missing(found)
        if rest is None:
            return found
        again = self.renderer()
        target = self._begin(source, rest, again)
        again.finish()
        return self._compare(known, checked, rest, target)

    def _begin(self, source: Source, side: Side, ready: Renderer) -> Path:
        target = self.work / f"rendered{len(list(self.work.glob('rendered*')))}"
        target.mkdir()
        data = {**side.answers, answers.SAFEGUARDS: list(side.chosen)}
        ready.begin(replace(source, version=side.version), data, target)
        return target

    def _compare(self, known: Recorded, checked: Checked, side: Side, target: Path) -> Status:
        rendered = {**plan.read_tree(target), **self._adopted(side)}
        return status.compare(self.managed, known, checked, self.read, side, rendered)

    def _adopted(self, side: Side) -> dict[str, File]:
        """What belongs in the template of an adopted project."""
        place = self.managed.adopted.get("template")
        text = adopted.part(side.catalog, side.chosen, side.answers) if place else ""
        return {place: File(PLAIN, text.encode())} if place and text else {}

    def _check(self, side: Side) -> Checked:
        return status.check(self.managed, side, self.current)

    def _without_template(self, catalog: Data, trouble: Trouble | None) -> Status:
        known = recorded.read(self.managed, self.managed.version, catalog, self.say)
        return status.unrendered(self.managed, known, self._check(known.side), trouble)
