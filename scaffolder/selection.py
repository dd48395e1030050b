"""The choice of safeguards: what is chosen, what comes along with it, and what it rules out.

All of it is state and rules; how it is shown and asked for is the business of others.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scaffolder import published
from scaffolder.messages import LANGUAGES, Say
from scaffolder.published import Data
from scaffolder.recommend import Advice

DIRECTIONS = ("more", "small", "less", "none")
"""Which ways the bill can move, the dearest first."""

KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
"""To hiragana."""

BETWEEN = re.compile(r"[\s,、]+")
"""What separates the words of a filter."""


class Back(Exception):
    """The user wants the previous question."""


class Mark(StrEnum):
    """What a safeguard is in a selection.

    Attributes:
        chosen: the user chose it.
        along: one that is chosen needs it.
        free: it could be chosen.
        blocked: it cannot be had with what is chosen.
    """

    chosen = "chosen"
    along = "along"
    free = "free"
    blocked = "blocked"


@dataclass(frozen=True)
class Row:
    """One safeguard as it stands.

    Attributes:
        id: of the safeguard.
        chapter: of the deck.
        mark: what it is.
        by: the safeguard that brings it along or blocks it.
        reason: why, in the catalog's words.
        through: what it requires that `by` blocks, if that is not itself.
    """

    id: str
    chapter: str
    mark: Mark
    by: str | None = None
    reason: Data | None = None
    through: str | None = None


@dataclass(frozen=True)
class Toggled:
    """What a toggle did.

    Attributes:
        row: the safeguard as it stands now.
        before: what it was.
        came: other safeguards that came along with it.
        went: other safeguards that nothing needs any more.
        blocked: other safeguards that cannot be chosen any more.
        freed: other safeguards that can be chosen again.
    """

    row: Row
    before: Mark
    came: tuple[Row, ...] = ()
    went: tuple[Row, ...] = ()
    blocked: tuple[Row, ...] = ()
    freed: tuple[Row, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether it did anything; a safeguard that is blocked stays so."""
        return self.row.mark is not self.before


class Selection:
    """Safeguards being chosen.

    Args:
        catalog: the exported catalog.
        advice: on its safeguards, for the workload at hand; none, if nothing is known about it.
        chosen: what to start from. Of two that cannot be combined, the first one stays.

    Raises:
        KeyError: an id of `chosen` is none of the catalog's safeguards.
    """

    def __init__(self, catalog: Data, advice: Sequence[Advice], chosen: Iterable[str]) -> None:
        self.catalog = catalog
        self._advice = {about.id: about for about in advice}
        self._texts = {name: _searched(catalog, name) for name in published.safeguards(catalog)}
        self._chosen: set[str] = set()
        for name in chosen:
            if name not in self._texts:
                raise KeyError(name)
            if self._row(name).mark is not Mark.blocked:
                self._chosen.add(name)

    @property
    def chosen(self) -> list[str]:
        """What the user chose, in the deck's order."""
        return [name for name in self._texts if name in self._chosen]

    @property
    def active(self) -> list[str]:
        """What is chosen and what comes along with it, in the deck's order."""
        return published.closure(self.catalog, self._chosen)

    def advice(self, name: str) -> Advice | None:
        """What is said of a safeguard for the workload, if that is known."""
        return self._advice.get(name)

    def rows(self, filter: str = "") -> list[Row]:
        """The safeguards in the deck's order, chapter by chapter.

        Args:
            filter: words that all occur in the id, title or summary, in either language. Neither
                case nor width matters, nor whether kana are hiragana or katakana. Commas separate
                words as blanks do.
        """
        words = [word for word in BETWEEN.split(_folded(filter)) if word]
        return [
            self._row(name)
            for name, text in self._texts.items()
            if all(word in text for word in words)
        ]

    def toggle(self, name: str) -> Toggled:
        """Choose a safeguard, or choose it no longer.

        One that came along becomes chosen itself. One that another needs still comes along.
        """
        before = {row.id: row for row in self.rows()}
        if before[name].mark is not Mark.blocked:
            self._chosen ^= {name}
        now = [row for row in self.rows() if row.mark is not before[row.id].mark]
        others = [(row, before[row.id].mark) for row in now if row.id != name]
        return Toggled(
            self._row(name),
            before[name].mark,
            came=tuple(row for row, _ in others if row.mark is Mark.along),
            went=tuple(row for row, was in others if was is Mark.along),
            blocked=tuple(row for row, _ in others if row.mark is Mark.blocked),
            freed=tuple(row for row, was in others if was is Mark.blocked),
        )

    def cost(self) -> dict[str, int]:
        """How many of the active safeguards move the bill in each direction."""
        patterns = self.catalog["patterns"]
        counts = Counter(patterns[name]["costs"]["direction"] for name in self.active)
        return {direction: counts[direction] for direction in DIRECTIONS}

    def brings(self, name: str) -> list[tuple[str, Data]]:
        """What a safeguard requires, also through others, and why."""
        needed = [other for other in published.closure(self.catalog, [name]) if other != name]
        return [(other, self._needs(other, [name, *needed])[1]) for other in needed]

    def clashes(self, name: str) -> list[tuple[str, Data]]:
        """What a safeguard cannot be combined with, whichever of them says so, and why."""
        pairs = published.conflicts(self.catalog, list(self.catalog["patterns"]))
        return [
            (other if one == name else one, reason)
            for one, other, reason in pairs
            if name in (one, other)
        ]

    def _row(self, name: str) -> Row:
        chapter = self.catalog["patterns"][name]["chapter"]
        active = self.active
        if name in self._chosen:
            return Row(name, chapter, Mark.chosen)
        if name in active:
            return Row(name, chapter, Mark.along, *self._needs(name, active))
        together = published.closure(self.catalog, [*active, name])
        for one, other, reason in published.conflicts(self.catalog, together):
            ours, theirs = (other, one) if one in active else (one, other)
            through = ours if ours != name else None
            return Row(name, chapter, Mark.blocked, theirs, reason, through)
        return Row(name, chapter, Mark.free)

    def _needs(self, name: str, others: Iterable[str]) -> tuple[str, Data]:
        """The first of the others that requires a safeguard itself, and why."""
        patterns = self.catalog["patterns"]
        return next(
            (other, patterns[other]["requires"][name])
            for other in others
            if name in patterns[other]["requires"]
        )


def told(catalog: Data, toggled: Toggled, say: Say) -> list[tuple[str, str]]:
    """What a toggle did: first to the safeguard itself, then to others.

    Returns:
        Sentences, each with the catalog's reason for it, which may be empty.
    """
    patterns = catalog["patterns"]

    def title(name: str | None) -> str:
        return say.pick(patterns[name]["title"]) if name else ""

    row, names = toggled.row, {"title": title(toggled.row.id), "by": title(toggled.row.by)}
    match toggled.before, row.mark:
        case _, Mark.blocked:
            key = "pick.cannot_through" if row.through else "pick.cannot"
            own = say(key, **names, through=title(row.through))
        case Mark.along, _:
            own = say("pick.own", **names)
        case _, Mark.along:
            own = say("pick.stays", **names)
        case _, mark:
            own = say("pick.in" if mark is Mark.chosen else "pick.out", **names)
    sentences = [(own, _why(row, say))]
    sentences += [
        (say("pick.came", title=title(other.id)), _why(other, say)) for other in toggled.came
    ]
    for key, rows in (
        ("pick.went", toggled.went),
        ("pick.ruled_out", toggled.blocked),
        ("pick.freed", toggled.freed),
    ):
        if rows:
            quoted = [say("pick.quoted", title=title(other.id)) for other in rows]
            sentences.append((say(key, titles=say.listed(quoted)), ""))
    return sentences


def _why(row: Row, say: Say) -> str:
    return say.pick(row.reason) if row.reason else ""


def _searched(catalog: Data, name: str) -> str:
    """What a filter looks at; nothing matches across the parts, for no word has a line break."""
    entry = catalog["patterns"][name]
    parts = [entry[part][language] for part in ("title", "summary") for language in LANGUAGES]
    return _folded("\n".join([name, *parts]))


def _folded(text: str) -> str:
    """A text as a filter sees it."""
    return unicodedata.normalize("NFKC", text).casefold().translate(KATAKANA)
