"""`anshin plan`, `add`, `remove`, `update` and `undo`: what happens to a project later on."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from scaffolder import managed, plan, project, published, source
from scaffolder.answers import SAFEGUARDS, WrongAnswers, pair
from scaffolder.checks import command as checks
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.journal import Journal, Undo, Write, store_of
from scaffolder.layout import Screen, accessible
from scaffolder.managed import Managed
from scaffolder.messages import Say, Trouble
from scaffolder.plan import Action, Plan, Request, Tools
from scaffolder.plan_pages import PlanPages
from scaffolder.rendering import renderer
from scaffolder.screens import Pages
from scaffolder.usage import clear_line, progress

DONE, FOUND, USAGE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Options:
    """What the command line says; `apply` tells the commands from `plan`."""

    action: Action
    apply: bool
    ids: tuple[str, ...] = ()
    project: str = "."
    data: tuple[str, ...] = ()
    template: str | None = None
    version: str | None = None
    yes: bool = False
    check: bool = False
    as_json: bool = False
    markdown: bool = False
    full: bool = False

    @property
    def where(self) -> tuple[str, ...]:
        """The options that say where the project and its template are, as they were given."""
        found = ["--project", self.project] if self.project != "." else []
        return (*found, *(["--template", self.template] if self.template else []))

    @property
    def may_ask(self) -> bool:
        """Whether somebody is there to answer, and wants to."""
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        return self.apply and terminal and not (self.yes or self.as_json)


@dataclass(frozen=True)
class Checked:
    """What the checks say after an apply."""

    ids: Sequence[str] = ()
    text: str = ""
    code: int = field(default=DONE)


def run(say: Say, options: Options) -> int:
    """Plan a change, and carry it out if that is asked for.

    Returns:
        The exit code.

    Raises:
        Trouble: nothing was changed.
    """
    try:
        return _run(say, options)
    except KeyboardInterrupt:
        # The terminal shows ^C on the line.
        line = "\n" if sys.stderr.isatty() else ""
        click.echo(f"{line}{say('change.interrupted')}", err=True)
        return INTERRUPTED


def undo(say: Say, folder: str, *, as_json: bool) -> int:
    """Take back the last change.

    Raises:
        Trouble: there is nothing to take back.
    """
    with project.interruptible() as interruptions:
        journal = open_journal(say, managed.locate(Path(folder)))
        with project.undisturbed():
            result = journal.undo()
            interruptions.come_too_late()
    if as_json:
        _json(_undone(result))
    else:
        click.echo(_undo_text(result, say))
    return DONE if result.done else FOUND


def open_project(say: Say, folder: str) -> tuple[Managed, Journal]:
    """The project a folder is in, put in order if an earlier command was cut off.

    Raises:
        Trouble: there is no project that can be used.
    """
    root = managed.locate(Path(folder))
    journal = open_journal(say, root)
    return managed.find(root), journal


def open_journal(say: Say, root: Path) -> Journal:
    """The journal of a project; what was cut off is taken back first.

    Raises:
        Trouble: it is in no git repository, or its files cannot be put in order.
    """
    journal = Journal(root, store_of(root))
    if (cut_off := journal.recover()) is not None:
        action = "undo" if cut_off.get("undo") else cut_off.get("action", "")
        click.echo(say("change.recovered", action=action), err=True)
        if left := cut_off.get("left"):
            click.echo(say("change.recovered_left", names=say.listed(list(left))), err=True)
    return journal


def _run(say: Say, options: Options) -> int:
    source.check_git()
    if options.ids and options.action is Action.update:
        raise Trouble("plan.no_ids", ids=say.listed(list(options.ids)))
    if not options.ids and options.action is not Action.update:
        raise Trouble("plan.needs_ids", action=options.action.value)
    with project.interruptible() as interruptions, project.workspace() as work:
        found, journal = open_project(say, options.project)
        if options.check:
            return _check_for_update(say, options, found, work)
        folders = [work / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        with renderer(folders[0]) as first, renderer(folders[1]) as second:
            opened = source.open_for(found.src_path, found.version, options.template, work)
            tools = Tools(opened, (first, second), work, say)
            change = _Change(say, options, found, journal, tools)
            try:
                return change.run(interruptions)
            except WrongAnswers as wrong:
                pages = Pages(opened.catalog, say, Screen.of(sys.stderr))
                lines = [pages.wrong_answers(wrong.problems, "change.wrong")]
                lines += _wrong_hint(say, options, found, wrong)
                click.echo("anshin: " + "\n".join(lines), err=True)
                return USAGE


def _wrong_hint(say: Say, options: Options, found: Managed, wrong: WrongAnswers) -> list[str]:
    """What to do about answers that the user has not given just now."""
    if isinstance(wrong, plan.WrongRecord):
        return [say("change.wrong_record", path=found.root / ANSWERS_FILE)]
    given = {*dict(map(pair, options.data)), SAFEGUARDS}
    recorded = any(problem.about not in given for problem in wrong.problems)
    return [say("change.wrong_now", command=options.action.value)] if recorded else []


def _check_for_update(say: Say, options: Options, found: Managed, work: Path) -> int:
    opened = source.open_for(found.src_path, found.version, options.template, work)
    newest = source.newest(opened)
    fresh = newest == found.version
    if options.as_json:
        _json({"version": found.version, "newest": newest, "update_available": not fresh})
    else:
        key = "update.newest" if fresh else "update.available"
        click.echo(say(key, version=found.version, newest=newest))
    return DONE if fresh else FOUND


@dataclass(frozen=True)
class _Change:
    """One run of a command, with what all of its steps need."""

    say: Say
    options: Options
    managed: Managed
    journal: Journal
    tools: Tools

    def run(self, interruptions: project.Interruptions) -> int:
        if self.options.apply and not (self.options.yes or self.options.may_ask):
            hint = "change.needs_yes_hint"
            raise Trouble("change.needs_yes", hint=hint, command=self._words("plan"))
        found = self._plan()
        pages = PlanPages(found, self.say, Screen.of(sys.stdout))
        if not self.options.apply:
            self._show(pages)
            return FOUND if found.conflicts else DONE
        if found.refused:
            return self._refuse(pages)
        if found.changes_nothing:
            self._report_nothing(pages)
            return FOUND if found.conflicts else DONE
        if not self.options.as_json:
            click.echo(pages.text(diff=False))
        if self.options.may_ask and not self._agreed(pages):
            click.echo(self.say("change.declined"), err=True)
            return INTERRUPTED
        with project.undisturbed():
            self._apply(found)
            interruptions.come_too_late()
        return self._report(found, pages)

    def _plan(self) -> Plan:
        options = self.options
        data = dict(map(pair, options.data))
        request = Request(options.action, options.ids, data, options.version, options.where)
        with progress(self.say) as tell:
            tell("change.planning")
            asked = plan.sides(self.managed, request, self.tools)
            if options.may_ask and (answered := self._ask(request, asked)):
                request = replace(request, data={**data, **answered})
                asked = plan.sides(self.managed, request, self.tools)
            tell("new.rendering")
            return plan.make(self.managed, request, asked, self.tools, self.journal.read)

    def _ask(self, request: Request, asked: plan.Sides) -> dict[str, Any]:
        """The settings of safeguards that come, as far as they are open."""
        from scaffolder.interview import Interview

        fresh = plan.coming(asked.base, asked.wanted)
        found = dict(request.data)
        screen = Screen.of(sys.stdout)
        catalog = asked.wanted.catalog
        if any(n not in found for i in fresh for n in catalog["patterns"][i]["answers"]):
            clear_line()
            Interview(catalog, self.say, screen).settings(fresh, found)
        return found

    def _agreed(self, pages: PlanPages) -> bool:
        from scaffolder.interview import Interview

        interview = Interview(pages.plan.wanted.catalog, self.say, pages.screen)
        if managed.is_dirty(self.managed):
            click.echo(self.say("change.dirty"))
        while (answer := interview.agreement()) == "diff":
            _read(pages.text(full=True))
        return answer == "apply"

    def _apply(self, found: Plan) -> None:
        writes = [Write(c.path, c.before, c.after) for c in found.changes if c.writes]
        about = {
            "action": found.request.action.value,
            "safeguards": list(found.request.ids),
            "from_version": found.base.version,
            "to_version": found.wanted.version,
        }
        self.journal.apply(writes, about)

    def _show(self, pages: PlanPages) -> None:
        if self.options.as_json:
            _json(pages.data())
        elif self.options.markdown:
            click.echo(pages.markdown(), nl=False)
        else:
            _paged(pages.text(full=self.options.full))

    def _refuse(self, pages: PlanPages) -> int:
        """Half of a safeguard would be recorded as the whole: rather do nothing."""
        if self.options.as_json:
            _json({**pages.data(), "applied": False})
        else:
            click.echo(f"{pages.text(diff=False)}\n\n{pages.conflicts()}\n")
            click.echo(self.say("change.refused"), err=True)
        return FOUND

    def _report_nothing(self, pages: PlanPages) -> None:
        if self.options.as_json:
            _json({**pages.data(), "applied": False})
        else:
            click.echo(pages.text())

    def _report(self, found: Plan, pages: PlanPages) -> int:
        checked = self._check(found)
        code = FOUND if found.conflicts or checked.code else DONE
        if self.options.as_json:
            failed = bool(checked.code)
            _json(
                {
                    **pages.data(),
                    "applied": True,
                    "checks": {"safeguards": list(checked.ids), "failed": failed},
                }
            )
            return code
        count = sum(change.writes for change in found.changes)
        click.echo("\n" + self.say("change.done", count=count))
        if checked.ids and not checked.code:
            click.echo(self.say("change.checked", ids=self.say.listed(list(checked.ids))))
        elif checked.code:
            click.echo(f"\n{self.say('change.check_failed')}\n{checked.text.rstrip()}")
        if found.conflicts:
            click.echo("\n" + pages.conflicts())
        else:
            click.echo(self.say("change.next"))
        return code

    def _check(self, found: Plan) -> Checked:
        """Ask the checks of the safeguards that this is about."""
        catalog = published.load()
        about = found.wanted.active if found.request.action is Action.update else found.added
        patterns = catalog["patterns"]
        ids = [i for i in about if i in patterns and patterns[i]["checks"]]
        if not ids:
            return Checked()
        screen = Screen.of(sys.stdout)
        text, code = checks.run(
            [self.managed.root],
            catalog,
            self.say.language,
            as_json=False,
            only=ids,
            verbose=False,
            colour=screen.styled,
            width=screen.width if sys.stdout.isatty() else 0,
        )
        return Checked(ids, text, code)

    def _words(self, command: str) -> str:
        options = self.options
        return shlex.join(["anshin", command, options.action.value, *options.ids, *options.where])


def _undone(result: Undo) -> dict[str, Any]:
    blocked = [{"path": p, "first": a, "last": b} for p, a, b in result.blocked]
    return {
        "done": result.done,
        "about": dict(result.about),
        "files": list(result.changed),
        "blocked": blocked,
    }


def _undo_text(result: Undo, say: Say) -> str:
    words = [result.about.get("action", ""), *result.about.get("safeguards", [])]
    what = " ".join(["anshin", *words])
    if result.done:
        lines = [say("undo.done", what=what, count=len(result.changed))]
        return "\n".join(lines + [f"  {path}" for path in result.changed])
    lines = [say("undo.blocked", what=what)]
    lines += [f"  {p}:{first}-{last}" if first else f"  {p}" for p, first, last in result.blocked]
    return "\n".join([*lines, say("undo.blocked_hint")])


def _paged(text: str) -> None:
    """Through the pager where a terminal is too low for the text."""
    import shutil

    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines - 1:
        _read(text)
    else:
        click.echo(text)


def _read(text: str) -> None:
    """Through the pager, where the terminal can have one."""
    (click.echo if accessible() else click.echo_via_pager)(text)


def _json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
