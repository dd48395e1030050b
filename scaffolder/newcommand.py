"""`anshin new`: from options to a project."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder import answers, project, published
from scaffolder.answers import Choice, Given, Problem, WrongAnswers
from scaffolder.layout import Screen
from scaffolder.messages import Say, Trouble
from scaffolder.rendering import Renderer, renderer
from scaffolder.screens import Pages
from scaffolder.source import Source, open_source

if TYPE_CHECKING:
    from scaffolder.interview import Interview

USAGE, INTERRUPTED = 2, 130
CLEAR_LINE = "\r\x1b[K"


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    directory: str | None
    safeguards: tuple[str, ...]
    preset: str | None
    data: tuple[str, ...]
    data_file: str | None
    defaults: bool
    dry_run: bool
    as_json: bool
    template: str | None

    @property
    def may_ask(self) -> bool:
        """Whether somebody is there to answer, and wants to."""
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        return terminal and not self.defaults and not self.as_json


def run(say: Say, options: Options) -> int:
    """Make the project, or show it.

    Returns:
        The exit code.

    Raises:
        Trouble: nothing was made.
    """
    try:
        return _run(say, options)
    except KeyboardInterrupt:
        # The terminal shows ^C on the line.
        line = "\n" if sys.stderr.isatty() else ""
        click.echo(f"{line}{say('new.interrupted')}", err=True)
        return INTERRUPTED


def _run(say: Say, options: Options) -> int:
    with (
        project.interruptible() as interruptions,
        project.workspace() as work,
        renderer(work) as ready,
    ):
        source = open_source(options.template, work)
        pages = Pages(source.catalog, say, Screen.of(sys.stdout))
        try:
            return _Run(say, options, source, pages, ready, interruptions, work).run()
        except WrongAnswers as wrong:
            screen = Screen.of(sys.stderr)
            text = replace(pages, screen=screen).wrong_answers(wrong.problems)
            click.echo(f"anshin: {text}", err=True)
            return USAGE


@dataclass(frozen=True)
class _Run:
    """One run of the command, with what all of its steps need."""

    say: Say
    options: Options
    source: Source
    pages: Pages
    renderer: Renderer
    interruptions: project.Interruptions
    work: Path

    def run(self) -> int:
        given = self._given()
        answers.resolve(self.source.catalog, given, self.say)
        path = self._path(given)
        place = project.find_place(path) if path else None
        given = self._complete(given, path)
        choice = answers.resolve(self.source.catalog, given, self.say)
        for note in choice.notes:
            click.echo(note, err=True)
        found = self._answers(choice, path)
        if self.options.dry_run or place is None:
            return self._preview(found)
        return self._make(found, place)

    def _given(self) -> Given:
        """What options and files say."""
        options = self.options
        catalog = self.source.catalog
        file = answers.from_file(Path(options.data_file)) if options.data_file else {}
        ids = [i for text in options.safeguards for i in answers.split(text)]
        if options.preset is not None and options.preset not in catalog["presets"]:
            hint = answers.did_you_mean(options.preset, catalog["presets"], self.say)
            rule = self.say("rule.preset", names=self.say.listed(list(catalog["presets"])))
            rule += self.say.after(hint) if hint else ""
            raise WrongAnswers([Problem("--preset", rule, answers.shown(options.preset, self.say))])
        return Given(
            ids if options.safeguards else None,
            options.preset,
            {**file, **dict(map(_pair, options.data))},
        )

    def _path(self, given: Given) -> Path | None:
        """Where the project goes; a preview needs no place."""
        if self.options.directory is not None:
            return Path(self.options.directory)
        if self.options.may_ask:
            name = given.answers.get("project_name")
            default = self.source.catalog["answers"]["project_name"]["default"]
            return Path(self._interview().place(str(name or default)))
        if self.options.dry_run:
            return None
        raise Trouble("new.no_dir")

    def _complete(self, given: Given, path: Path | None) -> Given:
        """Nothing open any more: asked for, or taken from the defaults."""
        if self.options.may_ask:
            return self._interview().complete(given, path)
        chosen = answers.resolve(self.source.catalog, given, self.say).safeguards
        if not self.options.defaults:
            self._insist(given, chosen, path)
        return given if chosen is not None else replace(given, preset=published.RECOMMENDED)

    def _insist(self, given: Given, chosen: list[str] | None, path: Path | None) -> None:
        """Nobody can be asked here: name everything that is missing."""
        catalog = self.source.catalog
        active = published.closure(catalog, chosen or [])
        standing = answers.defaults(catalog, active, path, self.say)
        asked = published.questions(catalog, active)
        lines = [
            f"  --data {name}=…  ({self.say('missing.default', value=standing[name])})"
            for name in asked
            if name not in given.answers
        ]
        if chosen is None:
            preset = self.say("missing.default", value=f"--preset {published.RECOMMENDED}")
            lines.append(f"  --safeguards / --preset  ({preset})")
        if lines:
            raise Trouble("missing.title", names="\n".join(lines))

    def _answers(self, choice: Choice, path: Path | None) -> dict[str, Any]:
        """The answers to all questions."""
        chosen = choice.safeguards or []
        active = published.closure(self.source.catalog, chosen)
        standing = answers.defaults(self.source.catalog, active, path, self.say)
        return {**standing, **choice.answers, answers.SAFEGUARDS: chosen}

    def _preview(self, found: dict[str, Any]) -> int:
        target = self.work / "preview"
        target.mkdir()
        with _progress(self.say) as progress:
            progress("new.rendering")
            self.renderer.render(self.source, found, target)
        files = project.listed(target)
        template = (target / "template.yaml").read_text(encoding="utf-8")
        if self.options.as_json:
            _json({**self._result(found, None, files), "template": template})
        else:
            click.echo(self.pages.preview(files, template))
        return 0

    def _make(self, found: dict[str, Any], place: project.Place) -> int:
        message = self.say("new.commit", version=self.source.version)
        with _progress(self.say) as progress:
            made = project.make(
                self.source,
                found,
                place,
                message,
                self.renderer,
                progress,
                self.interruptions.come_too_late,
            )
        result = self._result(found, str(place.path.resolve()), made.files)
        if self.options.as_json:
            _json(result)
        else:
            shown = {**result, "path": str(place.path)}
            click.echo(self.pages.made(shown, str(place.outer) if place.outer else None))
        return 0

    def _result(self, found: dict[str, Any], path: str | None, files: list[str]) -> dict[str, Any]:
        chosen = found[answers.SAFEGUARDS]
        return {
            "path": path,
            "project_name": found["project_name"],
            "safeguards": chosen,
            "active_safeguards": published.closure(self.source.catalog, chosen),
            "files": files,
            "template_version": self.source.version,
        }

    def _interview(self) -> Interview:
        from scaffolder.interview import Interview

        return Interview(self.source.catalog, self.say, self.pages.screen)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise Trouble("new.data_form", text=text)
    return name.strip(), value


@contextmanager
def _progress(say: Say) -> Iterator[project.Progress]:
    """Say on a terminal what is going on; nothing of it stays."""
    terminal = sys.stderr.isatty()

    def tell(key: str) -> None:
        if terminal:
            click.echo(f"{CLEAR_LINE}{say(key)}", err=True, nl=False)

    try:
        yield tell
    finally:
        if terminal:
            click.echo(CLEAR_LINE, err=True, nl=False)


def _json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
