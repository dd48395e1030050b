"""Show how a project's safeguards are, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.document import Block, Heading, Prose, Row, Rows, Terminal
from scaffolder.layout import Screen, shorten, width, wrap
from scaffolder.status import Mismatch, Safeguard, State, Status
from scaffolder.status.parts import Finding
from scaffolder.status_words import StatusWords

WORST_FIRST = (
    State.missing,
    State.weakened,
    State.unknown,
    State.drifted,
    State.own,
    State.present,
)
MOST = 8
"""Rows about one safeguard; more are counted."""


@dataclass(frozen=True)
class StatusPages:
    """Writes a status for one terminal.

    Attributes:
        verbose: whether to leave nothing out.
    """

    status: Status
    words: StatusWords
    screen: Screen
    verbose: bool = False

    def text(self) -> str:
        """The whole status."""
        title = wrap(self._title(), self.screen.width)
        version = wrap(self.words.version(), self.screen.width)
        blocks = list(self._blocks())
        rest = [Terminal(self.screen).write(blocks)] if blocks else []
        return "\n".join([*map(self.screen.strong, title), *version, *rest])

    def _blocks(self) -> Iterator[Block]:
        say = self.words.say
        if not self.status.is_compared:
            yield Prose(say("status.not_compared"))
        if self.status.trouble is not None:
            yield Prose(self.status.trouble.said(say))
        yield from self._files()
        yield from self._answers()
        for state in WORST_FIRST:
            yield from self._state(state)
        yield from self._changes()

    def _title(self) -> str:
        status, say = self.status, self.words.say
        counts = [
            say(f"status.count.{state.value}", count=len(found))
            for state in WORST_FIRST
            if (found := status.having(state))
        ]
        values = {"name": self.words.project, "count": len(status.safeguards)}
        if not counts:
            return say("status.title_none", **values)
        return say("status.title", counts=say.listed(counts), **values)

    def _state(self, state: State) -> Iterator[Block]:
        found = self.status.having(state)
        if not found:
            return
        yield Heading(self.words.say(f"status.head.{state.value}"))
        rows = {safeguard.id: self._rows(safeguard) for safeguard in found}
        column = max(width(name) for name in rows) + 4
        room = self.screen.width - column
        brief = [s for s in found if not rows[s.id]]
        for safeguard in found:
            if rows[safeguard.id]:
                label = f"{safeguard.id}  {self._about(safeguard)}"
                yield Rows(label, rows[safeguard.id])
        if brief:
            yield Rows("", [Row(s.id, shorten(self._about(s), room)) for s in brief])

    def _about(self, safeguard: Safeguard) -> str:
        title = self.words.title(safeguard)
        if safeguard.needed_by is None:
            return title
        return f"{title} {self.words.say('status.needed_by', id=safeguard.needed_by)}"

    def _rows(self, safeguard: Safeguard) -> list[Row]:
        """What there is to say of a safeguard, and what to do about it."""
        words = self.words
        if safeguard.state is State.missing:
            return [Row(command, note) for command, note in words.repairs(safeguard)]
        rows = [Row(words.place(i), words.item(i)) for i in safeguard.failed]
        rows += [self._row(finding) for finding in words.findings(safeguard)]
        rows += [Row(words.place(i), words.unknown(i)) for i in safeguard.unknown]
        rows += [Row(file, words.say("status.unread")) for file in words.unread(safeguard) if rows]
        rows = list(dict.fromkeys(rows))
        if len(rows) > MOST and not self.verbose:
            rows[MOST:] = [Row(words.say("status.more", count=len(rows) - MOST))]
        if safeguard.state is State.weakened:
            rows.append(Row(words.page(safeguard)))
        return rows

    def _row(self, finding: Finding) -> Row:
        return Row(self.words.where(finding.file, finding.line), self.words.finding(finding))

    def _answers(self) -> Iterator[Block]:
        words = self.words
        rows = [
            Row(p.about if p.value is None else f"{p.about}: {p.value}", p.rule)
            for p in self.status.problems
        ]
        rows += [self._mismatch(m) for m in self.status.mismatches if m.owner is None]
        rows += [
            Row(name, words.say("status.unrecorded", id=name)) for name in self.status.unrecorded
        ]
        if rows:
            yield Heading(words.say("status.answers"))
            yield Rows("", rows)

    def _mismatch(self, mismatch: Mismatch) -> Row:
        place = self.words.where(mismatch.file, mismatch.line)
        return Row(place, self.words.mismatch(mismatch))

    def _files(self) -> Iterator[Block]:
        words = self.words
        rows = [Row(words.where(file, line), why) for file, line, why in words.broken()]
        if rows:
            yield Heading(words.say("status.broken"))
            yield Rows("", rows)

    def _changes(self) -> Iterator[Block]:
        changes: Sequence[Finding] = self.status.changes
        if not changes:
            return
        yield Heading(self.words.say("status.changes"))
        if self.verbose:
            yield Rows("", [self._row(change) for change in changes])
        else:
            yield Prose(self.words.say("status.changes_count", count=len(changes)))
