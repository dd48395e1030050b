"""`anshin new`: from options and an interview to a project."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from scaffolder import answers, draft, intake, project, published, recommend
from scaffolder.answers import SAFEGUARDS, Given, WrongAnswers
from scaffolder.draft import Draft
from scaffolder.intake import Intake, Sources
from scaffolder.layout import Screen, wrap
from scaffolder.messages import Say, Trouble
from scaffolder.rendering import Renderer, renderer
from scaffolder.screens import Pages
from scaffolder.source import Source, open_source
from scaffolder.usage import progress

USAGE, INTERRUPTED = 2, 130
RESUME = "anshin new --resume"


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    directory: str | None
    sources: Sources
    defaults: bool
    dry_run: bool
    explain: bool
    resume: bool
    as_json: bool
    template: str | None

    @property
    def may_ask(self) -> bool:
        """Whether somebody is there to answer, and wants to."""
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        return terminal and not (self.defaults or self.explain or self.as_json)


class _Stopped(KeyboardInterrupt):
    """The user interrupted or declined; says what is left of it."""


def run(say: Say, options: Options) -> int:
    """Make the project, or show it.

    Returns:
        The exit code.

    Raises:
        Trouble: nothing was made.
    """
    try:
        return _run(say, options)
    except KeyboardInterrupt as interruption:
        # The terminal shows ^C on the line.
        line = "\n" if sys.stderr.isatty() else ""
        text = interruption.args[0] if interruption.args else say("new.interrupted")
        click.echo(f"{line}{text}", err=True)
        return INTERRUPTED


def _run(say: Say, options: Options) -> int:
    with (
        project.interruptible() as interruptions,
        project.workspace() as work,
        ExitStack() as stack,
    ):
        renderers = _Renderers(work, stack, at_once=not options.explain)
        begun = draft.load() if options.resume else Draft()
        begun.template = _anchored(options.template) or begun.template
        source = open_source(begun.template, work)
        pages = Pages(source.catalog, say, Screen.of(sys.stdout))
        try:
            made = _Run(say, options, source, pages, renderers, interruptions, work)
            return made.explain(begun) if options.explain else made.run(begun)
        except WrongAnswers as wrong:
            screen = Screen.of(sys.stderr)
            text = replace(pages, screen=screen).wrong_answers(wrong.problems)
            click.echo(f"anshin: {text}", err=True)
            return USAGE


def _anchored(template: str | None) -> str | None:
    """A template's address that is the same from every folder."""
    return str(Path(template).resolve()) if template and Path(template).exists() else template


class _Renderers:
    """Copier, as often as it is needed; each rendering takes a process of its own.

    Args:
        work: a folder for temporary files.
        stack: ends what is still running.
        at_once: whether the first one gets ready now.
    """

    def __init__(self, work: Path, stack: ExitStack, *, at_once: bool) -> None:
        self._work = work
        self._stack = stack
        self._count = 0
        self._ready = self._start() if at_once else None

    def take(self, *, another: bool = False) -> Renderer:
        """One to render with; the next gets ready in the meantime if there will be another."""
        taken = self._ready or self._start()
        self._ready = self._start() if another else None
        return taken

    def _start(self) -> Renderer:
        self._count += 1
        folder = self._work / f"renderer-{self._count}"
        folder.mkdir()
        return self._stack.enter_context(renderer(folder))


@dataclass(frozen=True)
class _Run:
    """One run of the command, with what all of its steps need."""

    say: Say
    options: Options
    source: Source
    pages: Pages
    renderers: _Renderers
    interruptions: project.Interruptions
    work: Path

    def explain(self, begun: Draft) -> int:
        """Show what is recommended, and why."""
        facts = self._begin(begun)[0].facts
        rows = recommend.explain(self.source.catalog, facts, self.say)
        if self.options.as_json:
            _json({"facts": facts, "safeguards": rows})
        else:
            click.echo(self.pages.explain(facts, rows))
        return 0

    def run(self, begun: Draft) -> int:
        """Ask what is open, and make the project."""
        found, taken = self._begin(begun)
        if found.path is not None:
            project.find_place(found.path)
        if not self.options.may_ask:
            self._take_defaults(found, taken)
            return self._finish(found)
        try:
            self._interview(found, taken)
            return self._finish(found)
        except KeyboardInterrupt:
            raise _Stopped(self._kept(found, "draft.kept")) from None
        except Trouble:
            click.echo(self._kept(found, "draft.saved"), err=True)
            raise

    def _begin(self, begun: Draft) -> tuple[Draft, Intake]:
        """What was answered before, with what the command line says over it; and that alone."""
        catalog = self.source.catalog
        found, again = draft.carried(catalog, begun, self.say)
        notes = [self.say("draft.again", names=self.say.listed(again))] if again else []
        taken = intake.collect(catalog, self.options.sources, self.say)
        for note in [*notes, *taken.notes, *taken.choice.notes]:
            click.echo(note, err=True)
        found.facts = {**found.facts, **taken.facts}
        found.answers = {**found.answers, **taken.choice.answers}
        if self.options.directory is not None:
            found.directory, found.started = self.options.directory, str(Path.cwd())
        if taken.choice.safeguards is not None:
            found.chosen = taken.choice.safeguards
            found.advised = recommend.recommended(catalog, found.facts)
        return found, taken

    def _take_defaults(self, found: Draft, taken: Intake) -> None:
        """Nobody can be asked: what is open gets its default, if that is wanted."""
        catalog = self.source.catalog
        if found.path is None and not self.options.dry_run:
            raise Trouble("new.no_dir")
        if not self.options.defaults:
            self._insist(found)
        if found.chosen is None:
            preset = catalog["presets"][published.RECOMMENDED]["safeguards"]
            found.chosen = recommend.recommended(catalog, found.facts) if found.facts else preset
        given = Given(found.chosen, None, taken.choice.answers)
        for note in answers.resolve(catalog, given, self.say).along:
            click.echo(note, err=True)

    def _insist(self, found: Draft) -> None:
        """Name everything that is missing."""
        catalog = self.source.catalog
        active = published.closure(catalog, found.chosen or [])
        standing = answers.defaults(catalog, active, found.path, self.say)
        lines = [
            f"  --data {name}=…  ({self.say('missing.default', value=standing[name])})"
            for name in published.questions(catalog, active)
            if name not in found.answers
        ]
        if found.chosen is None:
            words = "new.for_facts" if found.facts else "new.for_all"
            lines.append(f"  --safeguards / --preset  ({self.say(words)})")
        if lines:
            raise Trouble("missing.title", names="\n".join(lines))

    def _interview(self, found: Draft, taken: Intake) -> None:
        """Ask what is open.

        Raises:
            KeyboardInterrupt: the user does not want the project, or not now.
        """
        from scaffolder.interview import Course, Interview

        interview = Interview(self.source.catalog, self.say, self.pages.screen, draft=True)
        if draft.exists() and not self.options.resume:
            interview.prompts.note(wrap(self.say("draft.there"), self.pages.screen.width))
        course = Course(interview, found, self._given(taken), self._summary)
        if not course.run():
            raise KeyboardInterrupt

    def _given(self, taken: Intake) -> set[str]:
        """The steps of the interview that the command line has answered."""
        steps = {draft.FACT + name for name in taken.facts}
        if taken.choice.safeguards is not None:
            steps |= set(draft.steps(self.source.catalog)) - {draft.SETTINGS, draft.SUMMARY}
        steps.discard(draft.PLACE)
        needless = self.options.directory is not None or self.options.dry_run
        return steps | ({draft.PLACE} if needless else set())

    def _summary(self, found: Draft) -> list[str]:
        """What will be made, as rendered now."""
        from scaffolder.outline import command, outline

        catalog, complete = self.source.catalog, self._answers(found)
        target = Path(tempfile.mkdtemp(dir=self.work))
        with progress(self.say) as tell:
            tell("new.rendering")
            self.renderers.take(another=True).render(self.source, complete, target)
        goal = str(found.path or complete["project_name"])
        again = command(catalog, complete, goal, found.template, self.say)
        about = outline(catalog, complete, found.facts, target, again, self.say)
        return self.pages.summary(about, goal).split("\n")

    def _answers(self, found: Draft) -> dict[str, Any]:
        """The answers to all questions."""
        chosen = found.chosen or []
        active = published.closure(self.source.catalog, chosen)
        standing = answers.defaults(self.source.catalog, active, found.path, self.say)
        given = {name: value for name, value in found.answers.items() if name in standing}
        return {**standing, **given, SAFEGUARDS: chosen}

    def _finish(self, found: Draft) -> int:
        """Make the project, or show it."""
        complete = self._answers(found)
        if self.options.dry_run or found.path is None:
            if self.options.may_ask:
                click.echo(self._kept(found, "draft.saved"), err=True)
            return self._preview(complete)
        code = self._make(complete, project.find_place(found.path))
        if self.options.may_ask or self.options.resume:
            draft.remove()
        return code

    def _kept(self, found: Draft, key: str) -> str:
        """Keep what was answered; returns what to say about that: a message, if it went well."""
        if found.is_empty:
            return self.say("new.interrupted")
        try:
            with project.undisturbed():
                draft.keep(found)
        except Trouble as trouble:
            return self.say("draft.unkept", reason=trouble.said(self.say))
        lines = wrap(self.say(key), self.pages.screen.width)
        return "\n".join([*lines, f"  {RESUME}"])

    def _preview(self, found: dict[str, Any]) -> int:
        target = self.work / "preview"
        target.mkdir()
        with progress(self.say) as tell:
            tell("new.rendering")
            self.renderers.take().render(self.source, found, target)
        files = project.listed(target)
        template = (target / "template.yaml").read_text(encoding="utf-8")
        if self.options.as_json:
            _json({**self._result(found, None, files), "template": template})
        else:
            click.echo(self.pages.preview(files, template))
        return 0

    def _make(self, found: dict[str, Any], place: project.Place) -> int:
        message = self.say("new.commit", version=self.source.version)
        with progress(self.say) as tell:
            made = project.make(
                self.source,
                found,
                place,
                message,
                self.renderers.take(),
                tell,
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
        chosen = found[SAFEGUARDS]
        return {
            "path": path,
            "project_name": found["project_name"],
            "safeguards": chosen,
            "active_safeguards": published.closure(self.source.catalog, chosen),
            "files": files,
            "template_version": self.source.version,
        }


def _json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
