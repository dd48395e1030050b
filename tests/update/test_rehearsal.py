"""Updates from every version, after everything that users do to their projects.

The history of the template is built from the catalog as it is now (`past`). A project of an old
version is edited, committed and updated to the newest; what comes out is held against a fresh
project of the newest version with the same edits. `SWEEP=full` tries every version with every
selection and every edit, and every safeguard; the default is a fixed sample, and looks at a second
update and at `status` only where there is no edit or several.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
import yaml

from tests.combinations.selections import catalog
from tests.update import edits
from tests.update.edits import CONTRADICTS, EDITS
from tests.update.past import AGES, FORMER, NOW, Past, build
from tests.update.support import (
    ANSWERS,
    Machine,
    Texts,
    changed,
    commit,
    conflicts,
    copy,
    files_changed,
    files_of_git,
    lines,
    nonsense,
    pins,
    same,
    texts,
    without_markers,
)
from tests.update.trees import snapshot

CATALOG = catalog()
FULL = os.environ.get("SWEEP") == "full"
SEED = 4
SAFEGUARDS = 12
"""Safeguards that are added and removed by default."""

PRESETS = ("none", "recommended", "strict")
PAIRS = 3
TOGETHER = (*(n for n in EDITS if n not in CONTRADICTS and n != "blanks"), "blanks")
"""All edits that can be made one after the other."""


@dataclass(frozen=True)
class Scenario:
    """A project to update: how it was made, and what its user did to it."""

    version: str
    selection: str
    edits: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = "everything" if len(self.edits) > 2 else "+".join(self.edits)
        return f"{self.version}-{self.selection}-{named or 'nothing'}"


def selections() -> dict[str, list[str]]:
    """By name: presets, and pairs that every version has."""
    dice = random.Random(SEED)  # noqa: S311, no secret
    ids = recommended()
    pairs = (sorted(dice.sample(ids, 2)) for _ in range(PAIRS))
    return {**{name: [] for name in PRESETS}, **{"+".join(pair): pair for pair in pairs}}


def recommended() -> list[str]:
    return CATALOG.preset("recommended")


def scenarios() -> list[Scenario]:
    """All; or all edits together and none of them for each version, and each edit once."""
    single = [*((name,) for name in EDITS), ("same_value", "blanks")]
    if FULL:
        every = product(AGES, selections(), [(), *single, TOGETHER])
        return [Scenario(*each) for each in every]
    where = list(product(AGES, PRESETS))
    turns = [where[(number * 4) % len(where)] for number in range(len(single))]
    found = [Scenario(*place, edit) for place, edit in zip(turns, single, strict=True)]
    found += [Scenario(version, "strict", TOGETHER) for version in AGES]
    found += [Scenario(version, "recommended") for version in AGES]
    # Those of one project follow each other, so that one process makes it.
    return sorted(found, key=lambda s: (s.version, s.selection))


def added() -> list[str]:
    """The safeguards to add: all, or those that change code of the base, and some by chance."""
    ids = [entry.id for entry in CATALOG.safeguards]
    if FULL:
        return ids
    code = [entry.id for entry in CATALOG.safeguards if entry.pattern.handlers]
    others = [name for name in ids if name not in code]
    random.Random(SEED).shuffle(others)  # noqa: S311, no secret
    return [*code, *others][:SAFEGUARDS]


@dataclass
class World:
    """A history of the template, a machine, and the projects that were made on it."""

    past: Past
    folder: Path
    machine: Machine
    made: dict[str, Path] = field(default_factory=dict)

    @property
    def newest(self) -> tuple[str, Path]:
        """Options that name the template with all of its versions."""
        return "--template", self.past.root

    def project(self, version: str, selection: str) -> Path:
        """A project of an old version; not to be changed."""
        known = self.past.catalogs[version]["patterns"]
        pair = [FORMER + i if FORMER + i in known else i for i in selections()[selection]]
        chosen = ["--preset", selection if selection in PRESETS else "none", *_listed(pair)]
        return self._new(f"{version}-{selection}", self.past.at[version], *chosen)

    def fresh(self, version: str, selection: str) -> Path:
        """A new project of the newest version with that one's answers; not to be changed."""
        answers = self.project(version, selection) / ANSWERS
        name = f"{version}-{selection}-fresh"
        return self._new(name, self.past.root, "--data-file", answers)

    def having(self, ids: Sequence[str]) -> Path:
        """A project of the newest version; not to be changed."""
        chosen = ["--preset", "none", *_listed(ids)]
        return self._new("+".join(ids), self.past.root, *chosen)

    def _new(self, name: str, template: Path, *words: object) -> Path:
        if name not in self.made:
            target = self.folder / str(len(self.made))
            options = ("--template", template, "--defaults", "--data", "project_name=orders")
            self.machine.run(self.folder, "new", target, *options, *words)
            self.made[name] = target
        return self.made[name]


def _listed(ids: Iterable[str]) -> list[str]:
    return [word for name in ids for word in ("--safeguards", name)]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("rehearsal")
    home = folder / "home"
    home.mkdir()
    return World(build(folder / "past"), folder, Machine(home))


def edited(project: Path, target: Path, names: Iterable[str]) -> Path:
    """A copy of a project with edits, committed."""
    copy(project, target)
    for name in names:
        EDITS[name](target)
    commit(target)
    return target


@dataclass(frozen=True)
class Case:
    """The texts of a project and of those that it is held against, by path.

    Attributes:
        old: the template's, before the change.
        fresh: the template's, after it.
        mine: the user's.
        ideal: `fresh` with the user's edits.
        found: what came out.
    """

    old: Texts
    fresh: Texts
    mine: Texts
    ideal: Texts
    found: Texts

    @property
    def gone(self) -> set[str]:
        """The files that the user deleted or moved away."""
        return self.old.keys() - self.mine.keys()

    def lost(self) -> list[str]:
        """Lines that the user wrote and that are nowhere in the file any more."""
        found = []
        for name, text in self.mine.items():
            there = without_markers(self.found.get(name, ""))
            if name.endswith(".txt"):
                versions = {plain(p): v for p, v in pins(there)}
                found += [f"{name}: {p}" for p, v in pins(text) if versions.get(plain(p), ()) < v]
            else:
                written = lines(text) - lines(self.old.get(name, ""))
                found += [f"{name}: {line}" for line in written - lines(there)]
        return found

    def laid_out_anew(self) -> list[str]:
        """Lines whose layout was the user's, and is not any more, although they are the same."""
        name = edits.TEMPLATE
        own = {*self.mine[name].splitlines()} - {*self.old[name].splitlines()}
        stays = [li for li in own if lines(li).keys() <= lines(self.fresh[name]).keys()]
        return [line for line in stays if line not in self.found[name].splitlines()]

    def unlike(self) -> list[str]:
        """The files that are not those of a new project with the same edits.

        What the user deleted or moved stays so, with what they have in its place.
        """
        return [
            name
            for name in sorted({*self.found, *self.ideal} - self.gone)
            if name not in self.found or not self._as_expected(name)
        ]

    def _as_expected(self, name: str) -> bool:
        own = name in self.mine and name not in self.old
        wanted = (self.mine if own else self.ideal).get(name)
        if wanted is None or name in conflicts(self.found):
            return False
        if not name.endswith(".txt"):
            return same(name, self.found[name], wanted)
        fresh = dict(pins(self.fresh.get(name, "")))
        mine = {plain(p): v for p, v in pins(self.mine.get(name, ""))}
        higher = {p: max(mine.get(plain(p), ()), fresh.get(p, ())) for p, _ in pins(wanted)}
        return dict(pins(self.found[name])) == higher


def plain(package: str) -> str:
    """A package without its extras."""
    return package.partition("[")[0]


@pytest.mark.parametrize("scenario", scenarios(), ids=str)
def test_update(scenario: Scenario, world: World, tmp_path: Path) -> None:
    made = world.project(scenario.version, scenario.selection)
    fresh = world.fresh(scenario.version, scenario.selection)
    project = edited(made, tmp_path / "project", scenario.edits)
    ideal = edited(fresh, tmp_path / "ideal", scenario.edits)
    before, mine = snapshot(project), texts(project)

    done = world.machine.run(project, "update", "--yes", *world.newest, code=None)
    after = snapshot(project)
    case = Case(texts(made), texts(fresh), mine, texts(ideal), texts(project))
    clashes = contradictions(scenario, case)
    assert conflicts(case.found) == clashes, done.stdout
    assert done.returncode == (1 if clashes else 0), done.stdout
    assert nonsense(case.found) == []
    assert case.lost() == []
    assert case.laid_out_anew() == []
    assert not case.gone & case.found.keys()
    assert case.unlike() == sorted(clashes)
    assert carried(case.old, world.past.renamed).items() <= recorded(case.found).items()
    if not scenario.edits:
        assert case.found == case.fresh

    touched = files_changed(before, after)
    assert touched <= changed(snapshot(made), snapshot(fresh))
    assert files_of_git(project).keys() == touched
    assert {*files_of_git(project).values()} <= {"??", " M", " D"}

    if FULL or len(scenario.edits) != 1:
        world.machine.run(project, "update", "--yes", *world.newest)
        assert snapshot(project) == after
        status = world.machine.json(project, "status", *world.newest, code=1 if clashes else 0)
        assert (status["template"]["version"], status["template"]["newest"]) == (NOW, NOW)
        fine = {"present", "drifted", *(["unknown"] if clashes else [])}
        assert {s["state"] for s in status["safeguards"]} <= fine
    world.machine.run(project, "undo")
    assert snapshot(project) == before
    assert files_of_git(project) == {}


def recorded(texts: Texts) -> dict[str, object]:
    """The answers of a project."""
    return dict(yaml.safe_load(texts[ANSWERS]))


def carried(old: Texts, renamed: Mapping[str, str]) -> dict[str, object]:
    """What an update has to keep of the answers."""
    found = {renamed.get(name, name): value for name, value in recorded(old).items()}
    ids = found["safeguards"]
    assert isinstance(ids, list)
    return {**found, "_commit": NOW, "safeguards": [renamed.get(name, name) for name in ids]}


def contradictions(scenario: Scenario, case: Case) -> Counter[str]:
    """The conflicts that there have to be: lines that both the user and the template changed."""
    if not CONTRADICTS & {*scenario.edits}:
        return Counter()
    starts = {edits.TEMPLATE: "    Timeout: ", edits.API: '"""'}
    return Counter(
        name
        for name, start in starts.items()
        if first(case.old[name], start) != first(case.fresh[name], start)
    )


def first(text: str, start: str) -> str:
    """The first line that starts so."""
    return next(line for line in text.splitlines() if line.startswith(start))


@pytest.mark.parametrize("name", added())
def test_add_and_remove(name: str, world: World, tmp_path: Path) -> None:
    """A safeguard comes and goes, and everything else stays as it was."""
    others = [i for i in recommended() if can_be_without(i, name)]
    made, fresh = world.having(others), world.having([*others, name])
    project = edited(made, tmp_path / "project", TOGETHER)
    ideal = edited(fresh, tmp_path / "ideal", TOGETHER)
    before, mine = snapshot(project), texts(project)

    world.machine.run(project, "add", name, "--yes", *world.newest)
    case = Case(texts(made), texts(fresh), mine, texts(ideal), texts(project))
    assert conflicts(case.found) == {}
    assert nonsense(case.found) == []
    assert case.lost() == []
    assert case.laid_out_anew() == []
    assert case.unlike() == []
    if FULL:
        status = world.machine.json(project, "status", *world.newest)
        assert {s["id"]: s["state"] for s in status["safeguards"]}[name] in ("present", "drifted")
    world.machine.run(project, "remove", name, "--yes", *world.newest)
    assert changed(before, snapshot(project)) == set()


def can_be_without(other: str, name: str) -> bool:
    """Whether a project can have a safeguard, and get another one later."""
    both = CATALOG.closure([other, name])
    clash = any({*CATALOG.entries[i].pattern.conflicts} & {*both} for i in both)
    return name not in CATALOG.closure([other]) and not clash
