"""What is said of one safeguard below the list: as much as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scaffolder.layout import pad, shorten, width, wrap
from scaffolder.messages import Say
from scaffolder.published import Data
from scaffolder.selection import Mark, Row, Selection

LABELS = (
    "needed_by",
    "blocked",
    "what",
    "why",
    "why_not",
    "brings",
    "skip_if",
    "bill",
    "not_with",
)
"""What can be said, the most important first."""

STATE = ("needed_by", "blocked")
"""What is said in full, whatever else finds no room: why it is there, or cannot be."""

LEADING = ("why", "why_not", "brings", "what")
"""What gets more than one line first: what holds for this workload, before what holds for all."""

GAP = 2
NARROW = 60
"""Cells below which there is no column for the labels."""


@dataclass(frozen=True)
class Item:
    """Something to say: its name, its label and the text."""

    name: str
    label: str
    text: str


class Pane:
    """Tells of safeguards in one language."""

    def __init__(self, selection: Selection, say: Say) -> None:
        self._selection = selection
        self._patterns = selection.catalog["patterns"]
        self._say = say
        self._column = max(width(say(f"pick.label.{name}")) for name in LABELS) + GAP

    def lines(self, row: Row, cells: int, count: int) -> list[tuple[str, str]]:
        """The label, or blanks, and the text of each line; exactly `count` lines."""
        items = self.items(row)
        column = self._column if cells >= NARROW else 0
        texts = [wrap(i.text if column else f"{i.label}: {i.text}", cells - column) for i in items]
        shares = _shares(items, [len(text) for text in texts], count)
        found: list[tuple[str, str]] = []
        for item, text, share in zip(items, texts, shares, strict=True):
            shown = fitted(text, share, cells - column)
            head = pad(item.label, column) if column else ""
            found += zip([head, *[" " * column] * share], shown, strict=False)
        return [*found, *[("", "")] * (count - len(found))]

    def items(self, row: Row) -> list[Item]:
        """All that there is to say, the most important first."""
        entry = self._patterns[row.id]
        pick = self._say.pick
        texts = {
            "needed_by": self._state(row) if row.mark is Mark.along else "",
            "blocked": self._state(row) if row.mark is Mark.blocked else "",
            "what": pick(entry["summary"]),
            **self._advice(row.id),
            "brings": self._related(self._selection.brings(row.id)),
            "skip_if": pick(entry["skip_if"]),
            "bill": pick(entry["costs"]["text"]),
            "not_with": self._related(
                [pair for pair in self._selection.clashes(row.id) if pair[0] != row.by]
            ),
        }
        return [
            Item(name, self._say(f"pick.label.{name}"), self._joined(texts[name].split("\n")))
            for name in LABELS
            if texts.get(name)
        ]

    def _state(self, row: Row) -> str:
        """Why it is there, or why it cannot be."""
        assert row.by and row.reason
        reason = self._say.pick(row.reason)
        if row.through:
            names = {"by": self._title(row.by), "through": self._title(row.through)}
            return self._joined([self._say("pick.through", **names), reason])
        return self._say("pick.with_reason", title=self._title(row.by), reason=reason)

    def _advice(self, name: str) -> dict[str, str]:
        """Why the workload should have it, or need not; nothing, if nobody knows the workload."""
        advice = self._selection.advice(name)
        if advice is None:
            return {}
        if advice.recommended:
            return {"why": self._joined([self._say.pick(reason) for reason in advice.reasons])}
        if advice.because_not is None:
            return {"why_not": self._say("pick.why_nothing")}
        reason = self._say.pick(advice.because_not)
        if advice.excluded_by:
            title = self._title(advice.excluded_by)
            reason = self._say("pick.why_excluded", title=title, reason=reason)
        return {"why_not": reason}

    def _related(self, pairs: Sequence[tuple[str, Data]]) -> str:
        """Other safeguards, each with the reason."""
        texts = [
            self._say("pick.with_reason", title=self._title(name), reason=self._say.pick(reason))
            for name, reason in pairs
        ]
        return self._joined(texts)

    def _joined(self, sentences: Sequence[str]) -> str:
        """Sentences or paragraphs in one."""
        found = list(filter(None, map(str.strip, sentences)))
        return "".join([*found[:1], *map(self._say.after, found[1:])])

    def _title(self, name: str) -> str:
        return self._say.pick(self._patterns[name]["title"])


def _shares(items: Sequence[Item], needs: Sequence[int], count: int) -> list[int]:
    """How many lines each item gets: one each, two if it matters more, then all it needs."""
    shares = [0] * len(items)
    every = range(len(items))
    state, leading = (
        [place for name in names for place in every if items[place].name == name]
        for names in (STATE, LEADING)
    )
    for most, places in (
        (count, state),
        (1, every),
        (2, leading),
        (count, leading),
        (count, every),
    ):
        for place in places:
            more = max(0, min(most, needs[place]) - shares[place])
            shares[place] += min(more, count - sum(shares))
    return shares


def fitted(lines: Sequence[str], count: int, cells: int) -> list[str]:
    """The first lines; an ellipsis says that there are more."""
    kept = [shorten(line, cells) for line in lines[:count]]
    if kept and len(lines) > count:
        kept[-1] = shorten(f"{lines[count - 1]}…", cells)
    return kept
