"""What the list looks like: its lines for a terminal of any size.

From the top: what is chosen so far and the filter, the list, what is known of the row pointed at,
what the last key did, and the keys. No information is in the styles alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from scaffolder.layout import WIDEST, shorten, width, wrap
from scaffolder.messages import Say
from scaffolder.picker.listing import Listing
from scaffolder.picker.pane import NARROW, Pane, fitted
from scaffolder.selection import DIRECTIONS, Mark, Row, told

Line: TypeAlias = list[tuple[str, str]]
"""Pieces of one line: class of style, text."""

CURSOR = "[SetCursorPosition]"
"""In place of a class: the cursor stands here, so that an input method shows there too."""

SIGNS = {Mark.chosen: "[x]", Mark.along: "[+]", Mark.free: "[ ]", Mark.blocked: "[-]"}

LOWEST = 12
"""Lines of a terminal that has room for more than the list."""

FEWEST = 4
"""Lines that the list keeps before anything else gets some."""

NEWS = 3
"""Most lines for what the last key did."""

INDENT = 6
"""Cells of pointer and mark."""

GAP = 2
NARROWEST = 12
"""Cells in which a note still says something."""


class Heights(NamedTuple):
    """Lines of the list and of what is said of the row pointed at."""

    list: int
    pane: int

    @classmethod
    def of(cls, rows: int) -> Heights:
        """The shares on a terminal of so many lines."""
        if rows <= FEWEST:
            return cls(max(1, rows), 0)
        if rows < LOWEST:
            # Around it are the head, the news and the keys.
            return cls(rows - 4, 0)
        # The pane has a rule and a title.
        room = rows - 6
        pane = min(room * 2 // 5, room - FEWEST)
        return cls(room - pane, pane)


class View:
    """Draws a listing in one language."""

    def __init__(self, listing: Listing, say: Say) -> None:
        self._listing = listing
        self._selection = listing.selection
        self._patterns = self._selection.catalog["patterns"]
        self._say = say
        self._pane = Pane(self._selection, say)
        names = [row.id for row in self._selection.rows()]
        self._titles = max((width(self._title(name)) for name in names), default=0)
        self._ids = max(map(width, names), default=0)
        self._bills = GAP + max(width(say(f"bill.{direction}")) for direction in DIRECTIONS)

    def lines(self, columns: int, rows: int) -> list[Line]:
        """The screen, at most as many lines as the terminal has. The last column stays free."""
        cells = max(1, columns - 1)
        heights = Heights.of(rows)
        listed = self._list(cells, heights.list)
        if rows <= FEWEST:
            return listed
        news = self._news(cells, NEWS if heights.pane > NEWS else 1)
        known: list[Line] = []
        if heights.pane:
            known = [
                self._rule(cells, heights.list),
                *self._known(cells, heights.pane + 2 - len(news)),
            ]
        return [*self._head(cells), *listed, *known, *news, self._keys(cells)]

    def _head(self, cells: int) -> list[Line]:
        """How much is chosen, what it does to the bill, and the filter."""
        say, listing = self._say, self._listing
        active, chosen = len(self._selection.active), len(self._selection.chosen)
        counts = [say("pick.chosen", count=chosen)]
        counts += [say("pick.along", count=active - chosen)] if active > chosen else []
        typed: Line = [("", listing.filter), (CURSOR, "")]
        if listing.filter:
            total = len(self._selection.rows())
            typed.append(
                ("class:faint", " " + say("pick.hits", count=len(listing.rows), total=total))
            )
        return [
            _ends([("class:title", say("pick.title"))], [("", say.listed(counts))], cells),
            _ends([("", say("pick.filter") + " "), *typed], [("", self._bill())], cells),
        ]

    def _bill(self) -> str:
        """Which way the bill moves, in words."""
        moves = {key: n for key, n in self._selection.cost().items() if n and key != "none"}
        if not moves:
            return self._say("bill.none")
        counts = [self._say(f"pick.count.{key}", count=n) for key, n in moves.items()]
        return self._say("pick.bill", counts=self._say.listed(counts))

    def _list(self, cells: int, height: int) -> list[Line]:
        """The part of the list around the row pointed at."""
        rows = self._listing.rows
        if not rows:
            lines = [[("", line)] for line in wrap(self._say("pick.no_hits"), cells, "  ")]
            return _filled(lines, height)
        entries = _with_chapters(rows)
        here = entries.index(next(row for row in rows if row.id == self._listing.current))
        # The heading above a row comes into view with it.
        first = here - 1 if here and isinstance(entries[here - 1], str) and height > 1 else here
        top = min(max(self._listing.top, here - height + 1), first)
        self._listing.top = top = max(0, min(top, len(entries) - height))
        return _filled([self._entry(e, cells) for e in entries[top : top + height]], height)

    def _entry(self, entry: Row | str, cells: int) -> Line:
        if isinstance(entry, str):
            title = self._say.pick(self._selection.catalog["chapters"][entry]["title"])
            return [("class:chapter", shorten(title, cells))]
        return self._row(entry, cells)

    def _row(self, row: Row, cells: int) -> Line:
        """Pointer, mark, title, then the id or who decides on it, and the bill."""
        here = row.id == self._listing.current
        style = "class:current" if here else "class:blocked" if row.mark is Mark.blocked else ""
        bill = "" if row.mark is Mark.blocked or cells < NARROW else self._bill_of(row)
        title = self._title(row.id)
        note = self._note(row, cells - INDENT - self._bills)
        if row.by and not note:
            # Who brings it matters more than the bill, which is said below as well.
            bill, note = "", self._note(row, cells - INDENT)
        sign = f"{'>' if here else ' '} {SIGNS[row.mark]} "
        room = cells - INDENT - (GAP + width(bill) if bill else 0)
        left: Line = [
            (style or f"class:{row.mark}", sign),
            (style, shorten(title, max(1, room))),
            ("class:faint", note),
        ]
        return _ends(left, [("class:faint", bill)], cells)

    def _note(self, row: Row, room: int) -> str:
        """What stands beside a title: who brings the safeguard or blocks it; or its id."""
        own = width(self._title(row.id))
        wide = room >= self._titles + GAP + self._ids
        gap = (self._titles - own if wide else 0) + GAP
        if row.by is None:
            return " " * gap + row.id if wide else ""
        key = "pick.needed_by" if row.mark is Mark.along else "pick.not_with"
        rest = room - own - gap - width(self._say(key, title=""))
        if rest < NARROWEST:
            return ""
        return " " * gap + self._say(key, title=shorten(self._title(row.by), rest))

    def _bill_of(self, row: Row) -> str:
        return self._say(f"bill.{self._patterns[row.id]['costs']['direction']}")

    def _known(self, cells: int, count: int) -> list[Line]:
        """The row pointed at, in so many lines."""
        row = self._current(self._listing.rows)
        if row is None:
            return [[]] * count
        title: Line = [("class:title", self._title(row.id))]
        told_of = self._pane.lines(row, min(cells, WIDEST), count - 1)
        return [
            _ends(title, [("class:name", row.id)], cells),
            *([("class:label", label), ("", text)] for label, text in told_of),
        ]

    def _rule(self, cells: int, height: int) -> Line:
        """A line that says how much of the list is out of sight."""
        entries, top = _with_chapters(self._listing.rows), self._listing.top
        above = sum(isinstance(e, Row) for e in entries[:top])
        below = sum(isinstance(e, Row) for e in entries[top + height :])
        words = [self._say("pick.above", count=above)] if above else []
        words += [self._say("pick.below", count=below)] if below else []
        text = f" {self._say.listed(words)} --" if words else ""
        return [("class:faint", shorten("-" * (cells - width(text)) + text, cells))]

    def _news(self, cells: int, most: int) -> list[Line]:
        """What the last key did, where the list does not show it; an empty line, if nothing."""
        toggled = self._listing.last
        if toggled is None:
            return [[]]
        first, *others = (
            sentence for sentence, _ in told(self._selection.catalog, toggled, self._say)
        )
        plain = toggled.changed and toggled.row.mark in (Mark.chosen, Mark.free)
        sentences = others if plain and others else [first, *others]
        text = sentences[0] + "".join(map(self._say.after, sentences[1:]))
        return [[("class:news", line)] for line in fitted(wrap(text, cells), most, cells)]

    def _keys(self, cells: int) -> Line:
        clear = "pick.key.clear" if self._listing.filter else "pick.key.back"
        keys = ("choose", "filter", "chapter", "page", "done")
        words = [*(self._say(f"pick.key.{key}") for key in keys), self._say(clear)]
        return [("class:keys", shorten("  ".join(words), cells))]

    def _current(self, rows: Sequence[Row]) -> Row | None:
        return next((row for row in rows if row.id == self._listing.current), None)

    def _title(self, name: str) -> str:
        return self._say.pick(self._patterns[name]["title"])


def _with_chapters(rows: Sequence[Row]) -> list[Row | str]:
    """The rows, with the name of each chapter before its first."""
    entries: list[Row | str] = []
    for chapter, group in groupby(rows, lambda row: row.chapter):
        entries += [chapter, *group]
    return entries


def _filled(lines: list[Line], height: int) -> list[Line]:
    return [*lines[:height], *([[]] * (height - len(lines)))]


def _ends(left: Line, right: Line, cells: int) -> Line:
    """A line with something at both ends; where both do not fit, the right one is left out."""
    beginning = sum(width(text) for _, text in left)
    end = sum(width(text) for _, text in right)
    gap = cells - beginning - end
    if end and gap >= GAP:
        return [*left, ("", " " * gap), *right]
    rest = cells
    kept: Line = []
    for style, text in left:
        kept.append((style, shorten(text, rest) if rest > 0 else ""))
        rest -= width(kept[-1][1])
    return kept
