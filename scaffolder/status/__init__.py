"""Compare a project with its answers: is each safeguard there, and does it do its job?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from scaffolder import published
from scaffolder.answers import Problem
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.checks.outcome import Item, Outcome
from scaffolder.checks.run import Report, check_project
from scaffolder.history import File
from scaffolder.managed import Managed
from scaffolder.messages import Trouble
from scaffolder.plan import Side
from scaffolder.published import Data
from scaffolder.status.comparing import contains
from scaffolder.status.parts import Change, Finding, Owners, Parts, look, others
from scaffolder.status.recorded import Recorded
from scaffolder.status.snippets import Snippets
from scaffolder.status.working import Broken, Files
from scaffolder.threeway import Reader

DONE, FOUND, UNSAID = 0, 1, 2


class State(StrEnum):
    """How a safeguard is."""

    present = "present"
    drifted = "drifted"
    """It works, but the user changed some of its parts."""

    weakened = "weakened"
    """It is there, but does not do its job."""

    missing = "missing"
    """It is recorded, but nothing of it is there."""

    own = "own"
    """An adopted project had it before."""

    unknown = "unknown"


@dataclass(frozen=True)
class Safeguard:
    """One safeguard that is chosen, or needed by a chosen one.

    Attributes:
        needed_by: who needs it, if nobody chose it.
        own: whether an adopted project had it before.
        parts: what became of them; None if that is not known.
        failed, unknown: what its checks say.
    """

    id: str
    state: State
    needed_by: str | None
    own: bool
    parts: Parts | None
    failed: Sequence[Item] = ()
    unknown: Sequence[Item] = ()


@dataclass(frozen=True)
class Mismatch:
    """An answer that says something else than a template; `owner` is the safeguard that asks."""

    name: str
    recorded: Any
    found: Any
    file: str
    line: int
    owner: str | None = None


@dataclass(frozen=True)
class Checked:
    """What the checks say of a project: safeguard → items."""

    report: Report
    items: Mapping[str, Sequence[Item]]

    def failed(self, name: str) -> list[Item]:
        """What fails. That nothing was found counts only if all could be read."""
        every = not self.report.problems
        found = (i for i in self.items.get(name, ()) if every or not i.nothing)
        return [item for item in found if item.outcome is Outcome.failed]

    def unknown(self, name: str) -> list[Item]:
        """What is not known."""
        return [item for item in self.items.get(name, ()) if item.outcome is Outcome.unknown]

    def passes(self, name: str) -> bool:
        """Whether something passes, and nothing fails."""
        passed = any(item.outcome is Outcome.passed for item in self.items.get(name, ()))
        return passed and not self.failed(name)


@dataclass(frozen=True)
class Status:
    """All that is to say of a project.

    Attributes:
        newest: version of the template; None if nobody could be asked.
        trouble: why the project could not be compared with its template.
        mismatches: answers that say something else than the templates.
        unrecorded: safeguards that are in the files, but not in the answers.
        broken: files that cannot be used.
        changes: what the user changed that is part of no safeguard.
    """

    managed: Managed
    recorded: Recorded
    checked: Checked
    safeguards: Sequence[Safeguard]
    newest: str | None = None
    trouble: Trouble | None = None
    mismatches: Sequence[Mismatch] = ()
    unrecorded: Sequence[str] = ()
    broken: Sequence[Broken] = ()
    changes: Sequence[Finding] = ()

    @property
    def code(self) -> int:
        """The exit code: 0 as it should be, 1 something is wrong, 2 it cannot be said."""
        states = {safeguard.state for safeguard in self.safeguards}
        unusable = self.problems or self.broken or self.checked.report.problems
        if unusable or states & {State.missing, State.weakened}:
            return FOUND
        unsure = State.unknown in states or (self.trouble and self.recorded.problems)
        return UNSAID if unsure else DONE

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with the answers file; by the rules of another version, nobody knows."""
        return () if self.trouble else self.recorded.problems

    @property
    def is_compared(self) -> bool:
        """Whether the project could be compared with its template."""
        return self.trouble is None and not self.recorded.unusable

    def having(self, state: State) -> list[Safeguard]:
        """The safeguards in a state."""
        return [safeguard for safeguard in self.safeguards if safeguard.state is state]


def check(managed: Managed, side: Side, current: Data) -> Checked:
    """Run the checks of a project's safeguards.

    Args:
        managed: the project.
        side: what its answers ask for.
        current: the catalog of this program. Of its checks, only those count that the project's
            version of the template has too.
    """
    renamed = published.aliases(current)
    ids = _all(managed, side)
    names = {i: i if i in current["patterns"] else renamed.get(i, "") for i in ids}
    known = {i: n for i, n in names.items() if n in current["patterns"]}
    only = [
        f"{name}/{check}"
        for i, name in known.items()
        for check in current["patterns"][name]["checks"]
        if check in side.catalog["patterns"][i]["checks"]
    ]
    report = check_project(managed.root, dict(current), only)
    items = {i: report.results[n].items for i, n in known.items() if n in report.results}
    return Checked(report, items)


def unrendered(
    managed: Managed, recorded: Recorded, checked: Checked, trouble: Trouble | None
) -> Status:
    """What can be said of a project that cannot be rendered: what the checks say."""
    side = recorded.side
    found = [_safeguard(name, side, managed, checked) for name in _all(managed, side)]
    return Status(managed, recorded, checked, found, trouble=trouble)


def compare(
    managed: Managed,
    recorded: Recorded,
    checked: Checked,
    read: Reader,
    side: Side,
    rendered: Mapping[str, File],
) -> Status:
    """Compare a project with its rendering.

    Args:
        managed: the project.
        recorded: its answers.
        checked: what the checks say of it.
        read: reads one of its files.
        side: what was rendered; without what is known to be missing.
        rendered: the files.
    """
    snippets = Snippets(side, managed.adopted)
    partial = managed.adopted.get("template")
    files = Files(managed.root, rendered, read, snippets.files, partial)
    owners = Owners(files, snippets.ours, snippets.of)
    patterns = side.catalog["patterns"]
    looked = {
        name: _comparable(look(name, patterns[name], files, owners), recorded)
        for name in snippets.ours
    }
    nothing = dict.fromkeys(set(recorded.side.active) - set(side.active), Parts(there=False))
    owned = [path for name in side.active for path in patterns[name]["files"]]
    changes = others(files, owners, [*owned, ANSWERS_FILE])
    general = [(change, _general(change, side)) for change in changes]
    return Status(
        managed,
        recorded,
        checked,
        [
            _safeguard(name, recorded.side, managed, checked, {**looked, **nothing}.get(name))
            for name in _all(managed, recorded.side)
        ],
        mismatches=[*_mismatches(looked), *(found for _, found in general if found)],
        unrecorded=_unrecorded(files, snippets, _all(managed, recorded.side)),
        broken=list(files.broken.values()),
        changes=[change for change, found in general if not found],
    )


def without_missing(status: Status) -> Side | None:
    """What to render to compare the rest, if safeguards are missing; None if none can be left out.

    How the rest was rendered depends on them, so it cannot be compared while they are there.
    """
    side = status.recorded.side
    missing = [safeguard.id for safeguard in status.having(State.missing)]
    chosen = [name for name in side.active if name not in missing]
    active = published.closure(side.catalog, chosen)
    left_out = [name for name in side.active if name not in active]
    theirs = {n for name in left_out for n in side.catalog["patterns"][name]["answers"]}
    kept = {name: value for name, value in side.answers.items() if name not in theirs}
    return replace(side, chosen=chosen, answers=kept) if left_out else None


def _all(managed: Managed, side: Side) -> list[str]:
    """The active safeguards, and those that an adopted project had before."""
    wanted = {*side.active, *_own(managed)}
    return [name for name in side.catalog["patterns"] if name in wanted]


def _own(managed: Managed) -> Sequence[str]:
    """The safeguards that an adopted project had before."""
    own = managed.adopted.get("own")
    return own if isinstance(own, list) else ()


def _safeguard(
    name: str, side: Side, managed: Managed, checked: Checked, parts: Parts | None = None
) -> Safeguard:
    own = name in _own(managed) and name not in side.chosen
    failed = checked.failed(name)
    by = next((i for i in side.chosen if name in side.catalog["patterns"][i]["closure"]), None)
    state = _state(own, parts, bool(failed), checked.passes(name))
    needed_by = None if name in side.chosen else by
    return Safeguard(name, state, needed_by, own, parts, failed, checked.unknown(name))


def _state(own: bool, parts: Parts | None, fails: bool, passes: bool) -> State:
    if parts is None:
        if fails:
            return State.weakened
        if own:
            return State.own
        return State.present if passes else State.unknown
    if not (parts.there or parts.unread):
        return State.missing
    if fails or any(finding.essential for finding in parts.findings):
        return State.weakened
    if parts.unread:
        return State.unknown
    return State.drifted if parts.findings else State.present


def _comparable(parts: Parts, recorded: Recorded) -> Parts:
    """Without what comes from an answer that cannot be used."""
    found = [finding for finding in parts.findings if finding.answer not in recorded.wrong]
    return replace(parts, findings=found)


def _mismatches(looked: Mapping[str, Parts]) -> list[Mismatch]:
    return [
        Mismatch(f.answer, f.expected, f.found, f.file, f.line, name)
        for name, parts in looked.items()
        for f in parts.findings
        if f.answer is not None
    ]


def _general(change: Finding, side: Side) -> Mismatch | None:
    """The answer of no safeguard that a changed value in a template came from."""
    if change.change is not Change.changed or not isinstance(change.expected, str):
        return None
    for name in side.catalog["answers"]:
        if side.answers.get(name) == change.expected:
            return Mismatch(name, change.expected, change.found, change.file, change.line)
    return None


def _unrecorded(files: Files, snippets: Snippets, active: Collection[str]) -> list[str]:
    """Safeguards that are not active, although what they bring is in the project."""
    catalog = snippets.side.catalog
    able = [name for name in published.safeguards(catalog) if name not in active]
    return [name for name in able if _is_in(files, snippets, name, catalog["patterns"][name])]


def _is_in(files: Files, snippets: Snippets, name: str, entry: Data) -> bool:
    """Whether all that a safeguard adds to templates is there, and a file of it, if it has any."""
    brought = [
        (files.stacks.get(f), part) for f, parts in snippets.of(name).items() for part in parts
    ]
    if not brought or not all(stack and contains(stack.mine, part) for stack, part in brought):
        return False
    if all(stack and contains(stack.rendered, part) for stack, part in brought):
        return False
    apart = [path for path in entry["files"] if path not in files.rendered]
    return not apart or any(files.mine(path) for path in apart)
