"""The safeguards to choose from as lines of text: chapter by chapter, numbered over all."""

from __future__ import annotations

from collections.abc import Sequence

from scaffolder import selection as choosing
from scaffolder.layout import Screen, wrap
from scaffolder.messages import Say
from scaffolder.screens import Pages
from scaffolder.selection import Mark, Row, Selection

INDENT = "     "
"""Before what is said of a safeguard."""


class Chapters:
    """A selection in words; every mark is a word."""

    def __init__(self, selection: Selection, say: Say, screen: Screen) -> None:
        self.selection = selection
        self._say = say
        self._screen = screen
        self._names = [row.id for row in selection.rows()]
        chapters = dict.fromkeys(row.chapter for row in selection.rows())
        self.chapters = list(chapters)

    @property
    def count(self) -> int:
        """Of the safeguards."""
        return len(self._names)

    def title(self, position: int) -> str:
        """What is chosen from at a position."""
        about = self.selection.catalog["chapters"][self.chapters[position]]
        return self._say("ask.plain.chapter", title=self._say.pick(about["title"]))

    def lines(self, position: int) -> list[str]:
        """The safeguards of the chapter at a position."""
        chapter = self.chapters[position]
        rows = [row for row in self.selection.rows() if row.chapter == chapter]
        return [line for row in rows for line in self._row(row)]

    def toggle(self, number: int) -> list[str]:
        """Toggle a safeguard; returns what that did, also to others."""
        toggled = self.selection.toggle(self._names[number - 1])
        told = choosing.told(self.selection.catalog, toggled, self._say)
        texts = (what + (self._say.after(why) if why else "") for what, why in told)
        return [line for text in texts for line in wrap(text, self._screen.width)]

    def page(self, number: int) -> list[str]:
        """All about a safeguard, as `anshin show` has it."""
        pages = Pages(self.selection.catalog, self._say, self._screen)
        return [*pages.pattern(self._names[number - 1]).split("\n"), ""]

    def result(self) -> list[str]:
        """What is chosen now, and what comes along."""
        active = self.selection.active
        titles = [self._title(name) for name in active] or [self._say("made.none")]
        text = self._say("ask.plain.result", count=len(active), titles=self._say.listed(titles))
        return wrap(text, self._screen.width)

    def _row(self, row: Row) -> list[str]:
        advice = self.selection.advice(row.id)
        words = [self._say(f"ask.plain.{row.mark.value}")]
        if advice and advice.recommended:
            words.append(self._say("ask.plain.recommended"))
        number = self._names.index(row.id) + 1
        head = f"{number} {self._title(row.id)} ({row.id}): {self._say.listed(words)}"
        texts = [self._why(row), *self._advice(row.id)]
        return [
            *wrap(head, self._screen.width, "", INDENT),
            *(line for text in texts if text for line in wrap(text, self._screen.width, INDENT)),
        ]

    def _why(self, row: Row) -> str:
        """Why a safeguard comes along or cannot be chosen."""
        if row.by is None or row.reason is None:
            return ""
        key = "ask.plain.along_with" if row.mark is Mark.along else "ask.plain.blocked_by"
        return self._say(key, title=self._title(row.by), reason=self._say.pick(row.reason))

    def _advice(self, name: str) -> Sequence[str]:
        """Why a safeguard is recommended for the workload or makes no sense there; its cost."""
        advice = self.selection.advice(name)
        costs = self.selection.catalog["patterns"][name]["costs"]["direction"]
        reasons = [self._say.pick(reason) for reason in advice.reasons] if advice else []
        if advice and not advice.applies and advice.because_not:
            reasons = [self._say("explain.not", reason=self._say.pick(advice.because_not))]
        return [*reasons, self._say(f"bill.{costs}")]

    def _title(self, name: str) -> str:
        return self._say.pick(self.selection.catalog["patterns"][name]["title"])
