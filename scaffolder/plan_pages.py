"""Show a plan: on a terminal, as Markdown for a pull request, as JSON, and what is left to do."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scaffolder import answers, plan_data, plan_parts, published, threeway
from scaffolder.document import Block, Code, Heading, Patch, Prose, Row, Rows, Terminal, markdown
from scaffolder.layout import Screen, wrap
from scaffolder.messages import Say
from scaffolder.plan import Action, Plan, Resource, wanted_ids
from scaffolder.plan_parts import BOOKKEEPING, Fate, Part, Sign
from scaffolder.structure import Clash
from scaffolder.threeway import SYMLINK, Change, Kind

SIGNS = {
    Kind.added: "+",
    Kind.changed: "~",
    Kind.deleted: "-",
    Kind.conflict: "!",
    Kind.kept: "=",
    Kind.absent: "=",
    Kind.refused: "!",
}
ATTENTION = "!"
SENTENCE = re.compile(r"(?<=。)(?![)）」])|(?<=\.)\s+(?=[A-Z`])")
"""Where one sentence of the catalog's prose ends and the next begins."""

PARAGRAPH = re.compile(r"(?<=。)\n")
"""Where Japanese paragraphs are joined without a blank."""

COSTS_LINES = 2
"""Lines for the costs of a safeguard on a terminal; `anshin show` has them in full."""

SIDE_LINES = 2
"""Lines of each side of a conflict that are repeated."""


@dataclass(frozen=True)
class PlanPages:
    """Writes one plan, in one language, for one terminal."""

    plan: Plan
    say: Say
    screen: Screen

    def text(self, *, diff: bool = True, full: bool = False) -> str:
        """The plan for a terminal.

        Args:
            diff: whether to show the diffs, and how to go on.
            full: whether to show long new files to their end.
        """
        more = None if full else self._more
        return Terminal(self.screen, more).write(list(self._blocks(diff, brief=True)))

    def markdown(self) -> str:
        """The plan for a pull request; the diffs are folded."""
        return markdown(list(self._blocks(diff=True, brief=False)))

    def data(self) -> dict[str, Any]:
        """The plan as plain data; `plan_data.as_data` says what is in it."""
        return plan_data.as_data(self.plan, self.say)

    def conflicts(self) -> str:
        """What is left to do by hand after the plan has been applied; empty if nothing is."""
        if not self.plan.conflicts:
            return ""
        return Terminal(self.screen).write(list(self._guide()))

    @cached_property
    def _parts(self) -> list[Part]:
        return plan_parts.parts(self.plan)

    @cached_property
    def _fates(self) -> dict[Resource, Fate]:
        return plan_parts.fates(self.plan)

    def _more(self, count: int) -> str:
        return self.say("plan.more", count=count)

    def _blocks(self, diff: bool, brief: bool) -> Iterator[Block]:
        nothing = self.plan.changes_nothing
        yield Heading(self._title(), level=1)
        yield from map(Prose, self.plan.notes)
        if nothing:
            yield Prose(self.say("plan.nothing_written" if self.plan.changes else "plan.nothing"))
        else:
            for part in self._parts:
                yield from self._part(part, brief)
            yield from self._together()
            yield from self._settings()
        yield from self._offers()
        yield from self._files()
        if diff:
            yield from self._diffs()
        if diff and (self.plan.refused or not nothing):
            yield Heading(self.say("plan.next"))
            yield Prose(self.say("plan.guide.again" if self.plan.refused else "plan.not_yet"))
            yield Code([self._command()])

    def _title(self) -> str:
        plan, say = self.plan, self.say
        values = {
            "project": plan_parts.project_name(plan),
            "ids": say.listed(wanted_ids(plan.request, plan.wanted.catalog)),
            "old": plan.base.version,
            "new": plan.wanted.version,
        }
        action = plan.request.action
        same = action is Action.update and plan.base.version == plan.wanted.version
        kind = action.value
        if same:
            kind = "settings" if plan.request.data else "same"
        return say(f"plan.title.{kind}", **values)

    def _part(self, part: Part, brief: bool) -> Iterator[Block]:
        yield Heading(f"{part.id}: {self.say.pick(part.entry['title'])}", part.sign.value)
        if part.by:
            key = "plan.goes_along" if part.sign is Sign.goes else "plan.needed_by"
            yield Prose(self.say(key, by=part.by[0], reason=self.say.pick(part.by[1])))
        if part.sign is not Sign.changes:
            yield Prose(self.say.pick(part.entry["summary"]))
            yield from map(Prose, self._left_out(part))
            yield Prose(self._cost(part, brief))
        yield from self._resources([(Sign.comes, r) for r in part.new])
        yield from self._resources([(Sign.goes, r) for r in part.old])
        if part.files:
            yield Rows(self.say("plan.own_files"), [self._file_row(c) for c in part.files])
        if part.touched:
            names = {path: self.say.listed(ids) for path, ids in part.touched.items()}
            rows = [Row(path, names[path], "~") for path in part.touched]
            yield Rows(self.say("plan.shared_changes"), rows)

    def _left_out(self, part: Part) -> Iterator[str]:
        """What does not come, in a project that we did not generate."""
        if part.sign is not Sign.comes or not self.plan.project.adopted:
            return
        if text := part.entry.get("when_adopted"):
            yield self.say.pick(text)
        if names := plan_parts.left_out(self.plan, part.id):
            yield self.say("plan.left_out", names=self.say.listed(names))

    def _cost(self, part: Part, brief: bool) -> str:
        """What the safeguard costs; what it saves when it goes."""
        costs = part.entry["costs"]
        if part.sign is Sign.goes:
            return self.say("plan.cost_only", bill=self.say(f"plan.bill.{costs['direction']}"))
        bill = self.say(f"bill.{costs['direction']}")
        text = self.say.pick(costs["text"]).strip()
        whole = self.say("plan.cost", bill=bill, text=text)
        if not brief:
            return whole
        return first_sentences(whole, COSTS_LINES, self.screen.width - 2)

    def _resources(self, listed: Sequence[tuple[Sign, Resource]]) -> Iterator[Block]:
        for file in dict.fromkeys(r.file for _, r in listed):
            rows = [Row(r.name, r.type, sign.value) for sign, r in listed if r.file == file]
            yield Rows(self.say("plan.resources", file=file), rows)
        for fate in Fate:
            names = [r.name for _, r in listed if self._fates.get(r) is fate]
            if names:
                text = self.say(f"plan.fate.{fate.value}", names=self.say.listed(names))
                yield Prose(text, ATTENTION)

    def _together(self) -> Iterator[Block]:
        shared = plan_parts.shared_resources(self.plan, self._parts)
        if shared:
            yield Heading(self.say("plan.together"))
            yield from self._resources(shared)

    def _settings(self) -> Iterator[Block]:
        found = plan_parts.settings(self.plan)
        if found:
            yield Heading(self.say("plan.settings"))
            rows = [
                Row(f"{name} = {self._value(v)}", self._label(name)) for name, v in found.items()
            ]
            yield Rows("", rows)

    def _offers(self) -> Iterator[Block]:
        if self.plan.offers:
            yield Heading(self.say("plan.offers"))
        for offer in self.plan.offers:
            new, old = (self._value(v) for v in (offer.recommended, offer.recorded))
            option = shlex.join(["--data", f"{offer.name}={_given(offer.recommended)}"])
            yield Rows("", [Row(offer.name, self._label(offer.name))])
            yield Prose(self.say("plan.offer", new=new, old=old, option=option))

    def _files(self) -> Iterator[Block]:
        """How many there are of each kind, and those that need attention."""
        changes = self.plan.changes
        if not changes:
            return
        counts = Counter(change.kind for change in changes)
        listed = [self.say(f"plan.count.{k.value}", count=counts[k]) for k in Kind if counts[k]]
        yield Heading(self.say("plan.files", counts=self.say.listed(listed)))
        places = [r for c in changes if c.kind is Kind.conflict for r in self._places(c)]
        refused = [r for c in changes if c.kind is Kind.refused for r in self._reasons(c)]
        merged = [c for c in changes if c.kind is Kind.changed and c.edited]
        lost = [c for c in merged if c.path in BOOKKEEPING and c.after == c.wanted]
        yield from self._attention("conflict", places)
        yield from self._attention("refused", refused)
        yield from self._attention("risk", [Row(c.path) for c in merged if c not in lost])
        yield from self._attention("rewritten", [Row(c.path) for c in lost])
        for kind in (Kind.kept, Kind.absent):
            rows = [Row(c.path) for c in changes if c.kind is kind]
            yield from self._attention(kind.value, rows)

    def _attention(self, key: str, rows: Sequence[Row]) -> Iterator[Block]:
        if rows:
            yield Rows(self.say(f"plan.attention.{key}"), rows, ATTENTION)

    def _places(self, change: Change) -> list[Row]:
        """Where the conflicts of a file will be."""
        if not _is_marked(change):
            return [Row(change.path, self._why_unmarked(change) or self.say("plan.not_text"))]
        return [Row(f"{change.path}:{conflict.line}") for conflict in change.conflicts]

    def _why_unmarked(self, change: Change) -> str:
        """Why a text has no markers although it is in conflict; empty for what is not text."""
        if change.before is not None and change.before.mode == SYMLINK:
            return self.say("plan.refused.link")
        return self._clash(change.clashes[0]) if change.clashes else ""

    def _reasons(self, change: Change) -> list[Row]:
        """Why a file cannot be changed."""
        found = [Row(f"{change.path}:{c.line}", self._clash(c)) for c in change.clashes]
        if found:
            return found
        if change.before is None:
            return [Row(change.path, self.say("plan.refused.missing"))]
        link = change.before.mode == SYMLINK
        return [Row(change.path, self.say(f"plan.refused.{'link' if link else 'encoding'}"))]

    def _clash(self, clash: Clash) -> str:
        reason = self.say(f"plan.clash.{clash.reason.value}")
        return f"{'.'.join(clash.path)}: {reason}" if clash.path else reason

    def _file_row(self, change: Change) -> Row:
        unusual = change.kind not in (Kind.added, Kind.changed, Kind.deleted)
        note = self.say(f"plan.kind.{change.kind.value}") if unusual else ""
        return Row(change.path, note, SIGNS[change.kind])

    def _diffs(self) -> Iterator[Block]:
        """The diffs by safeguard, then of what they share, then of the project's own records."""
        changes = [c for c in self.plan.changes if c.writes or c.kind is Kind.refused]
        rest = [c for c in changes if c.path in BOOKKEEPING]
        owned = {part.id: [c for c in changes if c in part.files] for part in self._parts}
        taken = [*rest, *(c for files in owned.values() for c in files)]
        groups = {
            **owned,
            self.say("plan.shared_files"): [c for c in changes if c not in taken],
            self.say("plan.records"): rest,
        }
        for name, files in groups.items():
            if files:
                yield Heading(self.say("plan.diff", name=name))
            for change in files:
                yield from self._diff(change)

    def _diff(self, change: Change) -> Iterator[Block]:
        touching = self.say.listed(plan_parts.touching(change.path, self._parts))
        if change.kind is Kind.refused:
            yield Rows("", [Row(change.path, self.say("plan.kind.refused"), SIGNS[change.kind])])
            yield from self._by_hand(change)
            return
        lines = [*_modes(change), *threeway.diff(change)]
        note = touching if lines else self.say("plan.not_shown")
        yield Patch(change.path, note, lines, long=change.kind in (Kind.added, Kind.deleted))

    def _command(self) -> str:
        """What applies the plan."""
        request = self.plan.request
        words = ["anshin", request.action.value, *request.ids]
        words += ["--to", request.version] if request.version else []
        for name, value in request.data.items():
            words += ["--data", f"{name}={_given(value)}"]
        return shlex.join([*words, *request.where])

    def _guide(self) -> Iterator[Block]:
        yield Heading(self.say("plan.guide.title", count=len(self.plan.conflicts)), level=1)
        for change in self.plan.conflicts:
            if change.kind is Kind.refused:
                yield Heading(change.path)
                yield Rows("", self._reasons(change))
                yield from self._by_hand(change)
            elif _is_marked(change):
                yield from self._both_sides(change)
            else:
                why = self._why_unmarked(change)
                yield Heading(change.path)
                yield Prose(why or self.say("plan.guide.not_text"))
                yield from self._by_hand(change) if why else ()
        yield Heading(self.say("plan.next"))
        if self.plan.refused:
            yield Prose(self.say("plan.guide.again"))
            yield Code([self._command()])
            return
        yield Prose(self.say("plan.guide.status"))
        if not self.plan.changes_nothing:
            yield Prose(self.say("plan.guide.undo"))

    def _both_sides(self, change: Change) -> Iterator[Block]:
        labels = self.say("plan.yours"), f"Anshin {self.plan.wanted.version}"
        for conflict in change.conflicts:
            yield Heading(f"{change.path}:{conflict.line}")
            for label, lines in zip(labels, (conflict.yours, conflict.wanted), strict=True):
                shown = textwrap.dedent("\n".join(lines[:SIDE_LINES])).splitlines()
                shown += ["…"] if len(lines) > SIDE_LINES else []
                yield Prose(f"{label}:")
                yield Code(shown or [self.say("plan.guide.no_lines")])
        yield Prose(self.say("plan.guide.markers"))

    def _by_hand(self, change: Change) -> Iterator[Block]:
        put, cut = plan_parts.by_hand(change)
        for key, lines in (("put", put), ("cut", cut)):
            if lines:
                yield Prose(self.say(f"plan.guide.{key}", path=change.path))
                yield Code(lines)

    def _label(self, name: str) -> str:
        side = self.plan.wanted
        return self.say.pick(published.questions(side.catalog, side.active)[name]["label"])

    def _value(self, value: object) -> str:
        return _given(value) if isinstance(value, bool) else answers.shown(value, self.say)


def first_sentences(text: str, lines: int, cells: int) -> str:
    """As many sentences of a text as fit into so many lines of a width, and the first anyway."""
    pieces = SENTENCE.split(PARAGRAPH.sub("", text).replace("\n", " "))
    kept = pieces[0]
    for piece in pieces[1:]:
        longer = kept + (piece if kept.endswith("。") else f" {piece}")
        if len(wrap(longer, cells)) > lines:
            break
        kept = longer
    return kept


def _given(value: object) -> str:
    """A value as `--data` takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_marked(change: Change) -> bool:
    """Whether the conflicts of a file are shown in it."""
    return all(conflict.line for conflict in change.conflicts)


def _modes(change: Change) -> list[str]:
    """A change of a file's mode, as git writes it."""
    if change.before is None or change.after is None or change.before.mode == change.after.mode:
        return []
    return [f"old mode {change.before.mode}", f"new mode {change.after.mode}"]
