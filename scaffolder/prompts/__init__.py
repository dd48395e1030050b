"""Ask the user: one interface, over a terminal whose cursor moves, or line by line.

Every way of asking raises `Back` if the user wants the previous question, and KeyboardInterrupt
if they interrupt or their input ends.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scaffolder.layout import Screen, accessible
from scaffolder.messages import Say
from scaffolder.selection import Back, Selection

Check = Callable[[str], str | None]
"""From a text to what is wrong with it, if anything."""


@dataclass(frozen=True)
class Question:
    """What is asked, and what helps to answer it.

    Attributes:
        title: the question.
        place: among others, such as `3/8`.
        help: how to choose.
        bound: what the answer must be.
        source: where the bound comes from.
        before: what was asked before, and the answers.
        back: whether there is something to go back to.
    """

    title: str
    place: str = ""
    help: str = ""
    bound: str = ""
    source: str = ""
    before: Sequence[tuple[str, str]] = ()
    back: bool = False

    @property
    def headline(self) -> str:
        """The question with its place."""
        return f"{self.place}  {self.title}" if self.place else self.title


@dataclass(frozen=True)
class Choice:
    """One of the answers on offer.

    Attributes:
        title: what it is called.
        value: what is returned.
        detail: what stands beside the title.
        note: what it means, in a sentence.
        help: more about it, for those who look closer.
        heading: of the group that begins with it.
    """

    title: str
    value: Any
    detail: str = ""
    note: str = ""
    help: str = ""
    heading: str = ""


class Prompts(Protocol):
    """A way of asking."""

    def select(self, question: Question, choices: Sequence[Choice], default: Any) -> Any:
        """The value of one choice; `default` is the one that Enter takes."""

    def several(
        self,
        question: Question,
        choices: Sequence[Choice],
        default: Sequence[Any],
        alone: Collection[Any],
    ) -> list[Any]:
        """The values of one or more choices; those in `alone` go with no other."""

    def text(self, question: Question, default: str, check: Check) -> str:
        """A line of text that the check has nothing against."""

    def pick(self, selection: Selection) -> list[str]:
        """Safeguards."""

    def note(self, lines: Sequence[str]) -> None:
        """Say something."""


def prompts(
    say: Say, screen: Screen, *, draft: bool, environment: Mapping[str, str] = os.environ
) -> Prompts:
    """The way of asking that suits the user and their terminal.

    Args:
        say: in the user's language.
        screen: where the questions go.
        draft: whether what was answered is kept on an interruption, so that it can be said.
        environment: ACCESSIBLE and TERM decide.
    """
    if accessible(environment):
        from scaffolder.prompts.plain import Plain

        return Plain(say, screen, draft=draft)
    from scaffolder.prompts.terminal import Terminal

    return Terminal(say, screen, draft=draft)


__all__: Sequence[str] = ("Back", "Check", "Choice", "Prompts", "Question", "prompts")
