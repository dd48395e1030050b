"""Ask line by line: for screen readers, and for terminals that cannot move their cursor.

What is written is read from the top to the bottom, and nothing of it changes afterwards.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from scaffolder.layout import Screen, wrap
from scaffolder.messages import Say
from scaffolder.prompts import Back, Check, Choice, Question
from scaffolder.prompts.chapters import Chapters
from scaffolder.selection import Selection

BACK, EXPLAIN, END = "<", "?", "0"
EMPTY = '""'
"""What stands for a text without characters; Enter alone takes the default."""

T = TypeVar("T")


class Plain:
    """Numbered questions and typed answers.

    Args:
        say: in the user's language.
        screen: how long a line may be.
        draft: whether what was answered is kept on an interruption.
    """

    def __init__(self, say: Say, screen: Screen, *, draft: bool = False) -> None:
        self._say = say
        self._screen = screen
        self._introduction = say("ask.plain.start_draft" if draft else "ask.plain.start")

    def select(self, question: Question, choices: Sequence[Choice], default: Any) -> Any:
        """One choice, by its number."""
        self._open(question)
        self._offer(choices)
        start = next(n for n, c in enumerate(choices, 1) if c.value == default)

        def read(text: str) -> Any:
            return choices[self._number(text, len(choices)) - 1].value

        label = self._say("ask.plain.one", default=start)
        return self._ask(question, label, str(start), read, self._about(choices))

    def several(
        self,
        question: Question,
        choices: Sequence[Choice],
        default: Sequence[Any],
        alone: Collection[Any],
    ) -> list[Any]:
        """One or more choices, by their numbers."""
        self._open(question)
        self._offer(choices)
        start = ",".join(str(n) for n, c in enumerate(choices, 1) if c.value in default)

        def read(text: str) -> list[Any]:
            numbers = {self._number(word, len(choices)) for word in words(text)}
            found = [c for n, c in enumerate(choices, 1) if n in numbers]
            apart = [c for c in found if c.value in alone]
            if apart and len(found) > 1:
                raise _Wrong(self._say("ask.plain.alone", title=apart[0].title))
            return [c.value for c in found]

        label = self._say("ask.plain.some", default=start)
        return self._ask(question, label, start, read, self._about(choices))

    def text(self, question: Question, default: str, check: Check) -> str:
        """A line of text."""
        self._open(question)

        def read(text: str) -> str:
            given = "" if text == EMPTY else text
            if problem := check(given):
                raise _Wrong(problem, question.source)
            return given

        label = self._say("ask.plain.text", default=default or EMPTY)
        return self._ask(question, label, default or EMPTY, read)

    def pick(self, selection: Selection) -> list[str]:
        """Safeguards, chapter by chapter, numbered over all."""
        found = Chapters(selection, self._say, self._screen)
        position = 0
        while position < len(found.chapters):
            number = f"{position + 1}/{len(found.chapters)}"
            question = Question(
                found.title(position), number, self._say("ask.plain.toggle_help"), back=True
            )
            self._open(question, explained=position == 0)
            self.note(found.lines(position))
            try:
                ended = self._toggle(found, question)
            except Back:
                if position == 0:
                    raise
                position -= 1
            else:
                position = len(found.chapters) if ended else position + 1
        self.note(["", *found.result()])
        return selection.chosen

    def note(self, lines: Sequence[str]) -> None:
        """Lines of text."""
        print("\n".join(lines), flush=True)

    def _toggle(self, found: Chapters, question: Question) -> bool:
        """Toggle until the user goes on; returns whether they are done with all chapters."""

        def read(text: str) -> list[int] | None:
            if unicodedata.normalize("NFKC", text) == END:
                return None
            return [self._number(word, found.count) for word in words(text)]

        def about(text: str) -> list[str]:
            return found.page(self._number(text, found.count))

        label = self._say("ask.plain.toggle")
        while numbers := self._ask(question, label, "", read, about):
            for number in numbers:
                self.note(found.toggle(number))
        return numbers is None

    def _open(self, question: Question, *, explained: bool = True) -> None:
        """The question and how to answer it; before the first one, how to answer at all."""
        self._prose(self._introduction)
        self._introduction = ""
        self.note([""])
        self._prose(question.headline)
        if explained:
            self._prose(question.help, question.bound)

    def _offer(self, choices: Sequence[Choice]) -> None:
        for number, choice in enumerate(choices, 1):
            if choice.heading:
                self.note([choice.heading])
            text = f"{choice.title}: {choice.detail}" if choice.detail else choice.title
            head = f"  {number} "
            self.note(wrap(text, self._screen.width, head, " " * len(head)))
            if choice.note:
                self.note(wrap(choice.note, self._screen.width, " " * len(head)))

    def _about(self, choices: Sequence[Choice]) -> Callable[[str], list[str]]:
        """From the number of a choice to more about it."""

        def about(text: str) -> list[str]:
            choice = choices[self._number(text, len(choices)) - 1]
            texts = filter(None, (choice.note, *choice.help.splitlines()))
            return [line for text in texts for line in wrap(text, self._screen.width)]

        return about

    def _ask(
        self,
        question: Question,
        label: str,
        default: str,
        read: Callable[[str], T],
        about: Callable[[str], Sequence[str]] | None = None,
    ) -> T:
        """Read lines until one is an answer.

        Args:
            question: what is asked.
            label: stands before what the user types.
            default: what Enter alone stands for.
            read: from a line to the answer; raises _Wrong.
            about: from what stands after `?` to more about that; raises _Wrong.
        """
        while True:
            line = self._line(label)
            plain = unicodedata.normalize("NFKC", line)
            try:
                if plain == BACK and question.back:
                    raise Back
                if plain == BACK:
                    raise _Wrong(self._say("ask.plain.no_back"))
                if plain == EXPLAIN or (plain.startswith(EXPLAIN) and about is None):
                    self._explain(question)
                elif plain.startswith(EXPLAIN) and about is not None:
                    self.note(about(plain.removeprefix(EXPLAIN).strip()))
                else:
                    return read(line or default)
            except _Wrong as wrong:
                self._prose(*wrong.args)

    def _explain(self, question: Question) -> None:
        """Say again what helps to answer."""
        self._prose(question.help, question.bound, question.source, self._say("ask.plain.keys"))

    def _line(self, label: str) -> str:
        """What the user types on one line."""
        print(label, end=" ", flush=True)
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        return line.strip()

    def _number(self, text: str, last: int) -> int:
        """The number of a choice.

        Raises:
            _Wrong: it is none.
        """
        plain = unicodedata.normalize("NFKC", text)
        if plain.isascii() and plain.isdigit() and 1 <= int(plain) <= last:
            return int(plain)
        raise _Wrong(self._say("ask.plain.range", text=text, last=last))

    def _prose(self, *texts: str) -> None:
        for text in filter(None, texts):
            self.note(wrap(text, self._screen.width))


def words(text: str) -> list[str]:
    """What stands between commas or blanks, also Japanese ones."""
    plain = unicodedata.normalize("NFKC", text).replace("、", ",").replace(",", " ")
    return plain.split()


class _Wrong(Exception):
    """What was typed is no answer; its arguments say why."""
