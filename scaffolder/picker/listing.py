"""The list as the user goes through it: where they are, what they filter by, what happened last."""

from __future__ import annotations

from scaffolder.selection import Row, Selection, Toggled


class Listing:
    """A selection with a place in it.

    Attributes:
        selection: what is listed.
        filter: what the user typed.
        current: the row that is pointed at; None, if there are none.
        last: the toggle just done, until the next key.
        top: the first line in sight of rows and headings; whoever draws them keeps it in bounds.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.filter = ""
        self.current: str | None = None
        self.last: Toggled | None = None
        self.top = 0
        self.narrow("")

    @property
    def rows(self) -> list[Row]:
        """What the filter lets through."""
        return self.selection.rows(self.filter)

    def narrow(self, filter: str) -> None:
        """Filter by another text. The place stays, if it still exists."""
        self.filter = filter
        names = [row.id for row in self.rows]
        if self.current not in names:
            self.current = names[0] if names else None

    def move(self, steps: int) -> None:
        """Go down or up, as far as the list goes."""
        names = [row.id for row in self.rows]
        if self.current is not None:
            place = names.index(self.current) + steps
            self.current = names[min(max(place, 0), len(names) - 1)]

    def leap(self, steps: int) -> None:
        """Go to the first row of a later or an earlier chapter, and around the ends.

        The chapter's heading becomes the top line, as far as the list goes.
        """
        rows = self.rows
        firsts: dict[str, int] = {}
        for place, row in enumerate(rows):
            firsts.setdefault(row.chapter, place)
        here = next((row.chapter for row in rows if row.id == self.current), None)
        if here is not None:
            chapters = list(firsts)
            number = (chapters.index(here) + steps) % len(chapters)
            place = firsts[chapters[number]]
            self.current = rows[place].id
            self.top = place + number

    def toggle(self) -> None:
        """Choose the row pointed at, or choose it no longer."""
        if self.current is not None:
            self.last = self.selection.toggle(self.current)
