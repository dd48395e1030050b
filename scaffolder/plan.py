"""From a request to a plan: what adding, removing or updating does to a project, on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from scaffolder import adopted, answers, project, published, versions
from scaffolder.answers import Given, WrongAnswers
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.history import File
from scaffolder.managed import Managed
from scaffolder.messages import Say, Trouble
from scaffolder.published import Data
from scaffolder.rendering import Renderer
from scaffolder.source import Source, catalog_at, newest, same_place
from scaffolder.threeway import Change, Kind, Labels, Reader, merge

EXECUTABLE, PLAIN = "100755", "100644"
ADOPTED = "adopted"
"""Name of the answer that an adopted project has."""


class Action(StrEnum):
    """What can be asked for."""

    add = "add"
    remove = "remove"
    update = "update"


class WrongRecord(WrongAnswers):
    """What is recorded breaks the rules of the very version that it was recorded with."""


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        ids: safeguards to add or remove.
        data: answers, as given, by name.
        version: to update to; the newest if None.
        where: options that say where the project and its template are.
    """

    action: Action
    ids: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    version: str | None = None
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """A project as the template makes it: before or after the change."""

    version: str
    catalog: Data
    chosen: Sequence[str]
    answers: Mapping[str, Any]

    @property
    def active(self) -> list[str]:
        """The chosen safeguards with all that they require."""
        return published.closure(self.catalog, self.chosen)


@dataclass(frozen=True)
class Resource:
    """An AWS resource that comes or goes."""

    file: str
    name: str
    type: str
    owner: str | None
    """The safeguard that brings it."""


@dataclass(frozen=True)
class Offer:
    """An answer that is an earlier version's default, where the new one recommends another."""

    name: str
    recorded: Any
    recommended: Any


@dataclass(frozen=True)
class Plan:
    """What a change does. Nothing has been written.

    Attributes:
        base: the safeguards and answers that the project was rendered with.
        changes: the files, by path.
        new_resources, old_resources: AWS resources that come and go.
        notes: what the user should know, in their language.
    """

    request: Request
    project: Managed
    base: Side
    wanted: Side
    changes: Sequence[Change]
    new_resources: Sequence[Resource]
    old_resources: Sequence[Resource]
    offers: Sequence[Offer]
    notes: Sequence[str]

    @property
    def added(self) -> list[str]:
        """The safeguards that come, with those they require."""
        return coming(self.base, self.wanted)

    @property
    def removed(self) -> list[str]:
        """The safeguards that go, under the names that they have there."""
        renamed = published.renamed_ids(self.base.catalog, self.wanted.catalog)
        return [i for i in self.base.active if renamed.get(i, i) not in self.wanted.active]

    @property
    def answers_before(self) -> dict[str, Any]:
        """The answers that the project was rendered with, under the names they have after it."""
        return published.translated(self.base.catalog, self.wanted.catalog, self.base.answers)

    @property
    def conflicts(self) -> list[Change]:
        """The files that somebody has to look at before they are right."""
        return [c for c in self.changes if c.kind in (Kind.conflict, Kind.refused)]

    @property
    def refused(self) -> bool:
        """Whether a change cannot be placed where it belongs: then nothing should be written."""
        return any(change.kind is Kind.refused for change in self.changes)

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not any(change.writes for change in self.changes)

    def owner(self, path: str) -> str | None:
        """The safeguard that a file belongs to; None for what several share."""
        for side in (self.wanted, self.base):
            for name in side.active:
                if path in side.catalog["patterns"][name]["files"]:
                    return name
        return None


@dataclass(frozen=True)
class Tools:
    """What it takes to make a plan: the template, two renderers, a folder for temporary files."""

    source: Source
    renderers: tuple[Renderer, Renderer]
    work: Path
    say: Say


@dataclass(frozen=True)
class Sides:
    """A request, checked: the project before and after it, and what there is to say."""

    recorded: Side
    base: Side
    wanted: Side
    offers: Sequence[Offer]
    notes: Sequence[str]


def sides(managed: Managed, request: Request, tools: Tools) -> Sides:
    """Hold a request against the project and the catalog; quick, nothing is rendered.

    Raises:
        Trouble: the request cannot be carried out.
        WrongAnswers: recorded or given answers break the template's rules.
    """
    recorded = _recorded(managed, tools)
    wanted, notes = _wanted(managed, recorded, request, tools)
    base = recorded
    if request.action is Action.add:
        # What is chosen already may be missing all the same: it is added as if it were new.
        ids = wanted_ids(request, recorded.catalog)
        if managed.adopted:
            fresh = [i for i in ids if i not in recorded.chosen]
            whole = catalog_at(tools.source, recorded.version, tools.work)
            adopted.refuse(whole, fresh, managed.adopted, tools.say)
        base = _without(managed, recorded, ids)
    return Sides(recorded, base, wanted, _offers(recorded, wanted), notes)


def make(managed: Managed, request: Request, asked: Sides, tools: Tools, mine: Reader) -> Plan:
    """Find out what a request does to a project.

    Args:
        managed: the project.
        request: what is asked for.
        asked: the same, checked.
        tools: see there.
        mine: reads one of the user's files.

    Raises:
        Trouble: Copier or git fails.
    """
    base, wanted = asked.base, _prepared(managed, asked, mine)
    trees = _rendered(managed, base, wanted, tools)
    labels = Labels(tools.say("plan.yours"), f"Anshin {wanted.version}")
    place = managed.adopted.get("template")
    changes = merge(
        *(trees[0], mine, trees[1], labels),
        by_structure=[place] if place else [],
        wins=[ANSWERS_FILE],
    )
    before, after = (
        _resources(tree, side, place) for tree, side in zip(trees, (base, wanted), strict=True)
    )
    return Plan(
        request,
        managed,
        base,
        wanted,
        changes,
        [r for key, r in after.items() if key not in before],
        [r for key, r in before.items() if key not in after],
        asked.offers,
        [*asked.notes, *_exceptions(managed, trees, mine, tools.say)],
    )


def coming(base: Side, wanted: Side) -> list[str]:
    """The safeguards that one side has and the other does not, by any name."""
    renamed = published.renamed_ids(base.catalog, wanted.catalog)
    before = {renamed.get(i, i) for i in base.active}
    return [i for i in wanted.active if i not in before]


def wanted_ids(request: Request, catalog: Data) -> list[str]:
    """The ids of a request under today's names."""
    renamed = published.aliases(catalog)
    return [renamed.get(i, i) for i in request.ids]


def recorded_answers(recorded: Data, catalog: Data) -> tuple[Given, list[str]]:
    """What a project has recorded, under a catalog's names, and what that does not know."""
    known, dropped = published.carried(catalog, recorded)
    known.pop(ADOPTED, None)
    return Given(answers=known), [d for d in dropped if d != ADOPTED]


def _recorded(managed: Managed, tools: Tools) -> Side:
    """The project as it was rendered last."""
    catalog = _catalog(managed, managed.version, tools)
    given, _ = recorded_answers(managed.answers, catalog)
    try:
        choice = answers.resolve(catalog, given, tools.say)
    except WrongAnswers as wrong:
        raise WrongRecord(wrong.problems) from wrong
    return _side(managed, managed.version, catalog, choice)


def _catalog(managed: Managed, version: str, tools: Tools) -> Data:
    return adopted.narrowed(catalog_at(tools.source, version, tools.work), managed.adopted)


def _wanted(
    managed: Managed, recorded: Side, request: Request, tools: Tools
) -> tuple[Side, list[str]]:
    """The project as it is to be, and what there is to say about it."""
    say = tools.say
    version, catalog = recorded.version, recorded.catalog
    notes: list[str] = []
    if request.action is Action.update:
        version = request.version or newest(tools.source)
        if version not in tools.source.versions:
            known = say.listed(list(tools.source.versions))
            raise Trouble("plan.no_version", version=version, known=known)
        catalog = _catalog(managed, version, tools)
    if versions.is_newer(managed.version, version):
        notes.append(say("plan.older", version=version, now=managed.version))
    renamed = published.renamed_ids(recorded.catalog, catalog)
    notes += [
        say("plan.renamed", version=version, old=name, new=renamed[name])
        for name in recorded.chosen
        if name in renamed
    ]
    names = published.translated(recorded.catalog, catalog, managed.answers)
    given, dropped = recorded_answers(names, catalog)
    notes += [_dropped(name, catalog, say) for name in dropped]
    chosen = _chosen(recorded, catalog, given, request, tools)
    active = published.closure(catalog, [i for i in chosen if i in catalog["patterns"]])
    if request.action is Action.add and managed.adopted:
        fresh = [i for i in active if i not in recorded.active]
        text = _own_template(managed)
        catalog = adopted.with_standing(catalog, fresh, managed.adopted, text, say)
    asked = published.questions(catalog, active)
    kept = {n: v for n, v in given.answers.items() if n in asked}
    given = Given(chosen, None, {**kept, **request.data})
    choice = answers.resolve(catalog, given, say)
    return _side(managed, version, catalog, choice), notes + choice.notes


def _own_template(managed: Managed) -> str:
    """The template of an adopted project; empty if it cannot be read, which others report."""
    path: Path = managed.root / managed.adopted["template"]
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _dropped(name: str, catalog: Data, say: Say) -> str:
    """What becomes of a recorded name that a version does not know, and why if that is known."""
    retired = catalog.get("retired", {})
    for kind in ("safeguards", "answers"):
        if name in retired.get(kind, {}):
            because = say.pick(retired[kind][name]["because"])
            return say("plan.retired", name=name, because=because)
    return say("plan.dropped", name=name)


def _chosen(
    recorded: Side, catalog: Data, given: Given, request: Request, tools: Tools
) -> list[str]:
    """The safeguards that are to be chosen."""
    now = given.answers.get(answers.SAFEGUARDS, [])
    now = answers.resolve(catalog, Given(safeguards=now), tools.say).safeguards or []
    ids = wanted_ids(request, catalog)
    match request.action:
        case Action.update:
            return now
        case Action.add:
            _check_known(ids, catalog, tools)
            return [*now, *ids]
    chosen = [i for i in now if i not in ids]
    active = published.closure(catalog, chosen)
    for name in ids:
        if name in active:
            by = next(i for i in chosen if name in catalog["patterns"][i]["closure"])
            raise Trouble("remove.needed", hint="remove.needed_hint", id=name, by=by)
        if name not in recorded.active:
            hint = answers.did_you_mean(name, now, tools.say)
            words = tools.say.after(hint) if hint else ""
            raise Trouble("remove.not_there", id=name, hint_words=words)
    return chosen


def _check_known(ids: Sequence[str], catalog: Data, tools: Tools) -> None:
    """Whether ids that this version does not know have come with a newer one, or were withdrawn."""
    retired = catalog.get("retired", {}).get("safeguards", {})
    for name in ids:
        if name in catalog["patterns"]:
            continue
        if name in tools.source.catalog["patterns"]:
            version = newest(tools.source)
            raise Trouble("add.newer", hint="add.newer_hint", id=name, version=version)
        if name in retired:
            because = tools.say.pick(retired[name]["because"])
            raise Trouble("add.retired", id=name, because=because)


def _side(managed: Managed, version: str, catalog: Data, choice: answers.Choice) -> Side:
    chosen = choice.safeguards or []
    active = published.closure(catalog, chosen)
    questions = published.questions(catalog, active)
    found = {name: choice.answers.get(name, q["default"]) for name, q in questions.items()}
    own = {ADOPTED: managed.adopted} if managed.adopted else {}
    return Side(version, catalog, chosen, {**found, **own})


def _without(managed: Managed, recorded: Side, ids: Sequence[str]) -> Side:
    chosen = [i for i in recorded.chosen if i not in ids]
    active = published.closure(recorded.catalog, chosen)
    asked = {*published.questions(recorded.catalog, active), ADOPTED}
    kept = {name: value for name, value in recorded.answers.items() if name in asked}
    return replace(recorded, chosen=chosen, answers=kept)


def _rendered(
    managed: Managed, base: Side, wanted: Side, tools: Tools
) -> tuple[dict[str, File], dict[str, File]]:
    """Both sides as files; rendered at the same time."""
    if base == wanted and same_place(managed.src_path, tools.source.url):
        return {}, {}
    jobs = list(zip(("base", "wanted"), (base, wanted), tools.renderers, strict=True))
    for name, side, renderer in jobs:
        target = tools.work / name
        target.mkdir()
        data = {**side.answers, answers.SAFEGUARDS: list(side.chosen)}
        renderer.begin(replace(tools.source, version=side.version), data, target)
    for _, _, renderer in jobs:
        renderer.finish()
    first, second = (
        {**read_tree(tools.work / name), **_parts(managed, side)} for name, side, _ in jobs
    )
    # What the project was made from may be somewhere else now.
    place, moved = (f"_src_path: {url}\n".encode() for url in (managed.src_path, tools.source.url))
    recorded = first[ANSWERS_FILE]
    first[ANSWERS_FILE] = File(recorded.mode, recorded.content.replace(moved, place, 1))
    return first, second


def _prepared(managed: Managed, asked: Sides, mine: Reader) -> Side:
    """The project as it is to be; of an adopted one, with what its template had before."""
    if not managed.adopted:
        return asked.wanted
    text = _text(mine(managed.adopted["template"]))
    old, new = (partial(_whole_part, side) for side in (asked.recorded, asked.wanted))
    found = adopted.prepared(managed.adopted, old, new, text)
    return replace(asked.wanted, answers={**asked.wanted.answers, ADOPTED: found})


def _exceptions(
    managed: Managed, trees: Sequence[Mapping[str, File]], mine: Reader, say: Say
) -> list[str]:
    """Where an adopted project's own settings leave what comes without effect, in one line."""
    place = managed.adopted.get("template", "")
    if not all(place in tree for tree in trees):
        return []
    text = _text(mine(place))
    old, new = (adopted.exceptions(managed.adopted, _text(tree[place]), text) for tree in trees)
    fresh = [each for each in new if each not in old]
    return [say("plan.exceptions", places=say.listed(fresh))] if fresh else []


def _text(file: File | None) -> str:
    return file.content.decode(errors="replace") if file else ""


def _whole_part(side: Side, record: Mapping[str, Any]) -> str:
    """What would belong in the template if it had nothing of it before."""
    return adopted.part(side.catalog, side.chosen, {**side.answers, ADOPTED: record}, pure=True)


def _parts(managed: Managed, side: Side) -> dict[str, File]:
    """What belongs in the template of an adopted project."""
    if not managed.adopted:
        return {}
    text = adopted.part(side.catalog, side.chosen, side.answers)
    return {managed.adopted["template"]: File(PLAIN, text.encode())}


def read_tree(folder: Path) -> dict[str, File]:
    """The files that were rendered into a folder."""
    return {name: _read(folder / name) for name in project.listed(folder)}


def _read(path: Path) -> File:
    mode = EXECUTABLE if path.stat().st_mode & 0o100 else PLAIN
    return File(mode, path.read_bytes())


def _resources(
    tree: Mapping[str, File], side: Side, own: str | None
) -> dict[tuple[str, str], Resource]:
    """The AWS resources in the rendered templates; `own` is the template of an adopted project."""
    stacks = side.catalog["stacks"]
    places = {file: own if own and stack == "template" else file for stack, file in stacks.items()}
    owners = {
        (places[file], name): i
        for i in side.active
        for file, names in side.catalog["patterns"][i]["resources"].items()
        for name in names
    }
    found: dict[tuple[str, str], Resource] = {}
    for file in sorted(set(places.values()) & tree.keys()):
        for name, kind in resource_types(tree[file].content.decode()).items():
            found[file, name] = Resource(file, name, kind, owners.get((file, name)))
    return found


def resource_types(text: str) -> dict[str, str]:
    """The logical ids in a YAML template and the types of their resources."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    section = _value(root, "Resources")
    if not isinstance(section, yaml.MappingNode):
        return {}
    types = {key.value: _value(value, "Type") for key, value in section.value}
    return {name: node.value for name, node in types.items() if isinstance(node, yaml.ScalarNode)}


def _value(node: yaml.Node | None, wanted: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == wanted), None)


def _offers(recorded: Side, wanted: Side) -> list[Offer]:
    asked = published.questions(recorded.catalog, recorded.active)
    before = published.translated(recorded.catalog, wanted.catalog, asked)
    after = published.questions(wanted.catalog, wanted.active)
    return [
        Offer(name, wanted.answers[name], question["default"])
        for name, question in after.items()
        if name in before
        and before[name]["default"] != question["default"]
        and wanted.answers[name] == before[name]["default"]
    ]
