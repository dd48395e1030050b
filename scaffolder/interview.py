"""Ask on a terminal for what was not given: base answers, safeguards, their settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import questionary

from scaffolder import answers, project, published
from scaffolder.answers import Given
from scaffolder.layout import Screen, shorten, width, wrap
from scaffolder.messages import Say, Trouble
from scaffolder.published import Data

NAME_COLUMN = 32
"""Cells for a safeguard's id in the list to choose from."""


class Interview:
    """Questions in one language on one terminal.

    Every method raises KeyboardInterrupt when the user interrupts; nothing was written then.
    """

    def __init__(self, catalog: Data, say: Say, screen: Screen) -> None:
        self.catalog = catalog
        self.say = say
        self.screen = screen

    def place(self, suggested: str) -> str:
        """The folder for the project: a new or an empty one."""

        def check(text: str) -> bool | str:
            if not text.strip():
                return self.say("ask.place_empty")
            try:
                project.find_place(Path(text.strip()))
            except Trouble as trouble:
                return self.say(trouble.key, **trouble.values)
            return True

        return self._text(self.say("ask.place"), suggested, check).strip()

    def complete(self, given: Given, target: Path | None) -> Given:
        """What was given, and the answers to all questions that it leaves open."""
        found = dict(given.answers)
        standing = answers.defaults(self.catalog, [], target, self.say)
        for name, question in self.catalog["answers"].items():
            if name not in found:
                found[name] = self._ask(name, question, standing[name])
        chosen = answers.resolve(self.catalog, replace(given, answers=found), self.say).safeguards
        if chosen is None:
            chosen = self._safeguards()
        for name in published.closure(self.catalog, chosen):
            self._settings(name, found)
        return Given(chosen, None, found)

    def _settings(self, name: str, found: dict[str, Any]) -> None:
        """Ask what one safeguard wants to know."""
        entry = self.catalog["patterns"][name]
        open_questions = {n: q for n, q in entry["answers"].items() if n not in found}
        if open_questions:
            self._say(["", self.screen.strong(self.say.pick(entry["title"])) + f" ({name})"])
        for answer, question in open_questions.items():
            rule = self.say("ask.rule", rule=answers.bound(question, self.say))
            self._say(["", *self.screen.prose(self.say.pick(question["help"]), "  ")])
            if question["type"] in ("int", "str"):
                self._say(self.screen.prose(rule, "  "))
            found[answer] = self._ask(answer, question, question["default"])

    def _safeguards(self) -> list[str]:
        if not published.safeguards(self.catalog):
            return []
        presets = {
            f"{self.say.pick(p['title'])} ({len(p['safeguards'])})": name
            for name, p in self.catalog["presets"].items()
        }
        start = self._select(self.say("ask.preset"), presets, published.RECOMMENDED)
        checked = self.catalog["presets"][start]["safeguards"]
        return self._chosen(self.say("ask.safeguards"), checked)

    def _ask(self, name: str, question: Data, default: Any) -> Any:
        """One question; the answer keeps its rule."""
        label = self.say.pick(question["label"])
        match question["type"]:
            case "choice":
                titles = question.get("titles", {c: c for c in question["choices"]})
                return self._select(label, {titles[c]: c for c in question["choices"]}, default)
            case "bool":
                words = {self.say("ask.yes"): True, self.say("ask.no"): False}
                return self._select(label, words, default)

        def check(text: str) -> bool | str:
            rule = answers.check(question, text, self.say)[1]
            return rule or True

        text = self._text(label, str(default), check)
        return answers.check(question, text, self.say)[0]

    def _text(self, label: str, default: str, check: Callable[[str], bool | str]) -> str:
        question = questionary.text(f"{label}:", default=default, validate=check)
        return str(_answer(question))

    def _select(self, label: str, choices: Mapping[str, Any], default: Any) -> Any:
        options = [questionary.Choice(title, value) for title, value in choices.items()]
        start = next(o for o in options if o.value == default)
        instruction = f" {self.say('ask.select_keys')}"
        return _answer(
            questionary.select(f"{label}:", options, default=start, instruction=instruction)
        )

    def _chosen(self, label: str, checked: list[str]) -> list[str]:
        """Safeguards that can go together, asked for until they can."""
        while True:
            chosen = self._checkbox(label, checked)
            active = published.closure(self.catalog, chosen)
            found = answers.conflict_problems(self.catalog, active, self.say)
            if not found:
                break
            for problem in found:
                self._say(wrap(f"{problem.value}: {problem.rule}", self.screen.width))
            checked = chosen
        summary = self.say.listed(chosen) or self.say("made.none")
        self._say(wrap(f"{label}: {summary}", self.screen.width, "? ", "  "))
        return chosen

    def _checkbox(self, label: str, checked: list[str]) -> list[str]:
        options: list[questionary.Choice | questionary.Separator] = []
        able = published.safeguards(self.catalog)
        for chapter, names in published.by_chapter(self.catalog, able).items():
            title = self.say.pick(self.catalog["chapters"][chapter]["title"])
            options.append(questionary.Separator(f"-- {title}"))
            options += [questionary.Choice(self._line(n), n, checked=n in checked) for n in names]
        question = questionary.checkbox(
            f"{label}:",
            options,
            instruction=f" {self.say('ask.checkbox_keys')}",
            # What stays on the screen otherwise is English.
            erase_when_done=True,
        )
        chosen: list[str] = _answer(question)
        return chosen

    def _line(self, name: str) -> str:
        title = self.say.pick(self.catalog["patterns"][name]["title"])
        gap = " " * max(2, NAME_COLUMN - width(name))
        # The list's own mark and the cursor take six cells.
        return name + shorten(gap + title, self.screen.width - 7 - width(name))

    def _say(self, lines: list[str]) -> None:
        print("\n".join(lines))


def _answer(question: questionary.Question) -> Any:
    try:
        return question.unsafe_ask()
    except EOFError:
        raise KeyboardInterrupt from None
