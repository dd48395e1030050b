"""`anshin adopt`: an existing SAM project becomes a managed one."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from scaffolder import adopted, answers, foreign, project, published
from scaffolder.adopt_pages import Adoption, AdoptPage
from scaffolder.answers import Given, WrongAnswers
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.fitting import API_FUNCTION
from scaffolder.foreign import Foreign
from scaffolder.history import PLAIN, File
from scaffolder.journal import Journal, Write, store_of
from scaffolder.layout import Screen
from scaffolder.messages import Say, Trouble
from scaffolder.rendering import Renderer, renderer
from scaffolder.screens import Pages
from scaffolder.source import Source, check_git, open_source
from scaffolder.usage import progress

DONE, USAGE, INTERRUPTED = 0, 2, 130


@dataclass(frozen=True)
class Options:
    """What the command line says.

    Attributes:
        path: the project's folder, or its SAM template.
        template: the SAM template, if there are several.
        resources: `ROLE=LogicalId`, repeated.
        source_template: another template of ours.
    """

    path: str | None = None
    template: str | None = None
    resources: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    source_template: str | None = None
    yes: bool = False
    as_json: bool = False

    @property
    def may_ask(self) -> bool:
        """Whether somebody is there to answer, and wants to."""
        return sys.stdin.isatty() and sys.stdout.isatty() and not (self.yes or self.as_json)


def run(say: Say, options: Options) -> int:
    """Adopt a project.

    Returns:
        The exit code.

    Raises:
        Trouble: nothing was written.
    """
    try:
        return _run(say, options)
    except KeyboardInterrupt:
        # The terminal shows ^C on the line.
        line = "\n" if sys.stderr.isatty() else ""
        click.echo(f"{line}{say('adopt.interrupted')}", err=True)
        return INTERRUPTED


def _run(say: Say, options: Options) -> int:
    check_git()
    root, named = _place(options)
    # A folder in no repository ends here.
    journal = Journal(root, store_of(root))
    _check_free(root)
    with (
        project.interruptible() as interruptions,
        project.workspace() as work,
        renderer(work) as ready,
    ):
        source = open_source(options.source_template, work)
        command = _Adopt(say, options, source, root)
        try:
            found = command.look(named)
            content = _rendered(source, found, ready, work, say)
        except WrongAnswers as wrong:
            pages = Pages(source.catalog, say, Screen.of(sys.stderr))
            click.echo(f"anshin: {pages.wrong_answers(wrong.problems)}", err=True)
            return USAGE
        write = Write(ANSWERS_FILE, None, File(PLAIN, content))
        with project.undisturbed():
            journal.apply([write], {"action": "adopt", "safeguards": []})
            interruptions.come_too_late()
        if options.as_json:
            click.echo(json.dumps(found.data(source.catalog, say), ensure_ascii=False, indent=2))
        else:
            page = AdoptPage(found, source.catalog, say, Screen.of(sys.stdout))
            click.echo(page.text(options.path or "."))
    return DONE


def _place(options: Options) -> tuple[Path, Path | None]:
    """The project's folder, and its SAM template if it is named."""
    given = Path(options.path or ".").expanduser()
    if not given.exists():
        raise Trouble("adopt.no_folder", path=given)
    root = (given if given.is_dir() else given.parent).resolve()
    template = options.template or (None if given.is_dir() else given.name)
    if template is None:
        return root, None
    places = [root / template, Path(template).resolve()]
    found = next((p.resolve() for p in places if p.is_file()), None)
    if found is None:
        raise Trouble("adopt.no_folder", path=template)
    if not found.is_relative_to(root):
        raise Trouble("adopt.outside", path=found, root=root)
    return root, found


def _check_free(root: Path) -> None:
    file = root / ANSWERS_FILE
    if not file.exists() and not file.is_symlink():
        return
    recorded = answers.read_file(file)
    if "_src_path" in recorded and isinstance(recorded.get(answers.SAFEGUARDS), list):
        raise Trouble("adopt.managed", hint="adopt.managed_hint", path=root)
    raise Trouble("adopt.other_answers", path=file)


def _rendered(source: Source, found: Adoption, ready: Renderer, work: Path, say: Say) -> bytes:
    """The answers file, as Copier writes it."""
    target = work / "adopted"
    target.mkdir()
    data = {**found.answers, answers.SAFEGUARDS: [], "adopted": found.recorded}
    with progress(say) as tell:
        tell("new.rendering")
        ready.render(source, data, target)
    if project.listed(target) != [ANSWERS_FILE]:
        raise Trouble("adopt.old_template", version=source.version)
    return (target / ANSWERS_FILE).read_bytes()


@dataclass(frozen=True)
class _Adopt:
    """One run of the command, with what its steps need."""

    say: Say
    options: Options
    source: Source
    root: Path

    def look(self, named: Path | None) -> Adoption:
        """Find out what there is to record.

        Raises:
            Trouble: the project cannot be adopted.
            WrongAnswers: given answers break the rules.
        """
        catalog, say = self.source.catalog, self.say
        found = foreign.open_template(self.root, named or self._template(), say)
        roles = self._roles(found)
        given = dict(map(answers.pair, self.options.data))
        base = {**foreign.base_answers(catalog, found, say), **given}
        choice = answers.resolve(catalog, Given([], None, base), say)
        with progress(say) as tell:
            tell("adopt.working")
            own = foreign.own_safeguards(catalog, found)
        others = [i for i in published.safeguards(catalog) if i not in own]
        recorded = {"template": found.name, "resources": roles, "own": own}
        refused = {i: why for i in others if (why := adopted.refusal(catalog, i, recorded))}
        return Adoption(
            foreign=found,
            answers=choice.answers,
            roles=roles,
            left=[n for n in self._candidates(found) if n not in roles.get(API_FUNCTION, ())],
            own=own,
            addable=[i for i in others if i not in refused],
            refused=refused,
            version=self.source.version,
        )

    def _template(self) -> Path:
        found = foreign.templates(self.root)
        if not found:
            hint = "adopt.no_template_hint"
            raise Trouble("adopt.no_template", hint=hint, path=self.root)
        if len(found) == 1:
            return found[0]
        names = [path.relative_to(self.root).as_posix() for path in found]
        if self.options.may_ask:
            return self.root / _select(self.say("adopt.ask_template"), names, self.say)
        folder = next((p.parent for p in found if p.parent != self.root), self.root)
        raise Trouble(
            "adopt.several",
            hint="adopt.several_hint",
            path=self.root,
            names=self.say.listed(names),
            folder=shlex.quote(folder.relative_to(self.root).as_posix()),
        )

    def _candidates(self, found: Foreign) -> list[str]:
        return adopted.roles(found.view)[API_FUNCTION]

    def _roles(self, found: Foreign) -> dict[str, list[str]]:
        """Who plays which role: as suggested, unless the user says otherwise."""
        roles = adopted.suggested(found.view)
        said = self._said(found)
        if API_FUNCTION not in said and self.options.may_ask:
            able = self._candidates(found)
            if len(able) > 1:
                label = self.say("adopt.ask_functions")
                roles[API_FUNCTION] = _chosen(label, able, roles[API_FUNCTION], self.say)
        return {role: names for role, names in {**roles, **said}.items() if names}

    def _said(self, found: Foreign) -> dict[str, list[str]]:
        """What `--resource` says."""
        able = adopted.roles(found.view)
        said: dict[str, list[str]] = {}
        for text in self.options.resources:
            role, separator, name = (part.strip() for part in text.partition("="))
            if not separator or not name:
                raise Trouble("adopt.resource_form", text=text)
            if role not in able:
                names = self.say.listed([r for r, found_ in able.items() if found_])
                raise Trouble("adopt.resource_role", role=role, names=names)
            if name not in able[role]:
                hint = answers.did_you_mean(name, able[role], self.say)
                words = self.say.after(hint) if hint else ""
                raise Trouble(
                    "adopt.resource_unknown",
                    name=answers.shown(name, self.say),
                    path=found.name,
                    role=role,
                    hint_words=words,
                )
            said.setdefault(role, []).append(name)
        return said


def _select(label: str, names: Sequence[str], say: Say) -> str:
    from scaffolder.prompts import Choice, Question, prompts

    asking = prompts(say, Screen.of(sys.stdout), draft=False)
    choices = [Choice(name, name) for name in names]
    return str(asking.select(Question(label), choices, names[0]))


def _chosen(label: str, names: Sequence[str], checked: Sequence[str], say: Say) -> list[str]:
    from scaffolder.prompts import Choice, Question, prompts

    asking = prompts(say, Screen.of(sys.stdout), draft=False)
    choices = [Choice(name, name) for name in names]
    return asking.several(Question(label), choices, checked or names[:1], [])
