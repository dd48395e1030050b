"""The interview: what is asked, in which order, and what it means to go back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scaffolder import answers, project, published, recommend
from scaffolder.draft import FACT, PLACE, SAFEGUARDS, SETTINGS, SUMMARY, Draft, steps
from scaffolder.layout import Screen
from scaffolder.messages import Say, Trouble
from scaffolder.prompts import Back, Choice, Prompts, Question, prompts
from scaffolder.published import Data
from scaffolder.selection import Selection

MAKE, CANCEL, FACTS = "make", "cancel", "facts"
"""Ways on from the summary, beside the names of steps."""

USE = ""
"""In the list of settings, the line that takes them as they are."""


class Interview:
    """Questions in one language. Every method raises KeyboardInterrupt on an interruption.

    Args:
        catalog: whose questions are asked.
        say: in the user's language.
        screen: where they appear.
        draft: whether what was answered is kept on an interruption.
        asking: the way of asking; by default, the one that suits the user.
    """

    def __init__(
        self,
        catalog: Data,
        say: Say,
        screen: Screen,
        *,
        draft: bool = False,
        asking: Prompts | None = None,
    ) -> None:
        self.catalog = catalog
        self.say = say
        self.prompts = asking or prompts(say, screen, draft=draft)

    def settings(self, names: Iterable[str], found: dict[str, Any]) -> None:
        """Ask what these safeguards want to know, unless it is in `found`; answers go there."""
        groups: dict[str, dict[str, Data]] = {}
        for name in names:
            asked = self.catalog["patterns"][name]["answers"]
            if open_questions := {n: q for n, q in asked.items() if n not in found}:
                groups[self._heading(name)] = open_questions
        standing = {n: q["default"] for asked in groups.values() for n, q in asked.items()}
        if standing:
            found |= standing
            self.review(groups, found, standing, back=False)

    def agreement(self) -> str:
        """Whether a plan is to be carried out: `apply`, `diff` (show it) or `cancel`."""
        words = ("apply", "diff", "cancel")
        choices = [Choice(self.say(f"agree.{word}"), word) for word in words]
        return str(self.prompts.select(Question(self.say("agree.question")), choices, "apply"))

    def review(
        self,
        groups: dict[str, dict[str, Data]],
        values: dict[str, Any],
        standing: Data,
        *,
        back: bool,
    ) -> None:
        """Show settings with what they are now, and let the user change them.

        Args:
            groups: heading → name → question.
            values: of all these questions; changes go there.
            standing: the values that nobody chose.
            back: whether there is something to go back to.

        Raises:
            Back: the user wants the step before.
        """
        asked = {name: q for group in groups.values() for name, q in group.items()}
        help_text = self.say("ask.settings_help", count=len(asked))
        question = Question(self.say("ask.settings"), help=help_text, back=back)
        line: str = USE
        while True:
            use = Choice(self.say("ask.settings_use"), USE)
            choices = [use, *self._lines(groups, values, standing)]
            line = self.prompts.select(question, choices, line)
            if line == USE:
                return
            try:
                values[line] = self._edit(asked[line], values[line])
            except Back:
                continue

    def base_group(self) -> dict[str, dict[str, Data]]:
        """The questions that every project has, for `review`."""
        return {self.say("ask.settings_project"): dict(self.catalog["answers"])}

    def groups(self, names: Iterable[str]) -> dict[str, dict[str, Data]]:
        """The questions of safeguards, for `review`."""
        patterns = self.catalog["patterns"]
        return {self._heading(n): patterns[n]["answers"] for n in names if patterns[n]["answers"]}

    def _heading(self, name: str) -> str:
        return f"{self.say.pick(self.catalog['patterns'][name]['title'])} ({name})"

    def _lines(
        self, groups: dict[str, dict[str, Data]], values: Data, standing: Data
    ) -> Iterator[Choice]:
        for heading, asked in groups.items():
            head = heading
            for name, question in asked.items():
                shown = self._shown(question, values[name])
                changed = values[name] != standing[name]
                detail = self.say("ask.changed", value=shown) if changed else shown
                texts = (self._help(question), self._bound(question))
                yield Choice(
                    self.say.pick(question["label"]),
                    name,
                    detail=detail,
                    help="\n".join(filter(None, texts)),
                    heading=head,
                )
                head = ""

    def _edit(self, question: Data, current: Any) -> Any:
        """Another value for a setting; it keeps its rule.

        Raises:
            Back: it stays as it is.
        """
        asked = Question(
            self.say.pick(question["label"]),
            help=self._help(question),
            source=self._source(question),
            back=True,
        )
        if values := _values(question):
            choices = [Choice(self._shown(question, value), value) for value in values]
            return self.prompts.select(asked, choices, current)
        bound = self._bound(question)

        def check(text: str) -> str | None:
            if answers.check(question, text, self.say)[1] is None:
                return None
            return self.say("ask.wrong", value=answers.shown(text, self.say), rule=bound)

        asked = Question(asked.title, "", asked.help, bound, asked.source, back=True)
        text = self.prompts.text(asked, str(current), check)
        return answers.check(question, text, self.say)[0]

    def _shown(self, question: Data, value: Any) -> str:
        """A value as the user reads it."""
        if isinstance(value, bool):
            return self.say("ask.yes" if value else "ask.no")
        return str(question.get("titles", {}).get(value, value)) or '""'

    def _help(self, question: Data) -> str:
        return self.say.pick(question["help"]) if question.get("help") else ""

    def _bound(self, question: Data) -> str:
        """What a typed answer must be; nothing where it is chosen from a list."""
        if _values(question):
            return ""
        key = "ask.rule_own" if "bound" in question else "ask.rule"
        return self.say(key, rule=answers.bound(question, self.say))

    def _source(self, question: Data) -> str:
        return self.say("ask.source", url=question["source"]) if question.get("source") else ""


class Course:
    """The interview of `anshin new`: steps that can be gone through in both directions.

    Args:
        interview: asks.
        draft: what is answered already; answers go there.
        given: steps that the command line has answered; they are passed over.
        summary: from a complete draft to the lines that show what will be made.
    """

    def __init__(
        self,
        interview: Interview,
        draft: Draft,
        given: Iterable[str],
        summary: Callable[[Draft], Sequence[str]],
    ) -> None:
        self.interview = interview
        self.catalog = interview.catalog
        self.say = interview.say
        self.prompts = interview.prompts
        self.draft = draft
        self._given = frozenset(given)
        self._passed = set(self._given)
        self._summary_of = summary
        self._steps = steps(self.catalog)

    def run(self) -> bool:
        """Ask until everything is answered; returns whether the project is to be made.

        Raises:
            KeyboardInterrupt: the user interrupted; the draft holds what was answered.
        """
        step: str | None = self.draft.step if self.draft.step in self._steps else self._steps[0]
        while step is not None:
            if step in self._passed:
                step = self._after(step)
                continue
            self.draft.step = step
            try:
                way = self._ask(step)
            except Back:
                step = self._before(step)
                continue
            if way == CANCEL:
                return False
            step = way or self._after(step)
        return True

    def _after(self, step: str) -> str | None:
        """The next step; what the command line has answered is passed over only once."""
        self._passed.discard(step)
        position = self._steps.index(step) + 1
        return self._steps[position] if position < len(self._steps) else None

    def _before(self, step: str) -> str:
        """The step before."""
        self._passed.clear()
        return self._steps[self._steps.index(step) - 1]

    def _can_go_back(self, step: str) -> bool:
        """Whether there is a step before; a place that was given is asked for never."""
        first = 1 if PLACE in self._given else 0
        return self._steps.index(step) > first

    def _ask(self, step: str) -> str | None:
        """Ask one step; returns where to go on, or CANCEL, if not at the next step."""
        back = self._can_go_back(step)
        if step == PLACE:
            self._place()
        elif step == SAFEGUARDS:
            self._safeguards()
        elif step == SETTINGS:
            self._settings(back=back)
        elif step == SUMMARY:
            return self._summary(back=back)
        else:
            self._fact(step.removeprefix(FACT), back=back)
        return None

    def _place(self) -> None:
        """The folder for the project: a new or an empty one."""
        question = Question(self.say("ask.place"), help=self.say("ask.place_help"))
        default = self.draft.answers.get("project_name")
        default = default or self.catalog["answers"]["project_name"]["default"]
        text = self.prompts.text(question, self.draft.directory or str(default), self._taken)
        self.draft.directory, self.draft.started = text.strip(), str(Path.cwd())

    def _taken(self, text: str) -> str | None:
        """Why a project cannot be made in a folder, if it cannot."""
        if not text.strip():
            return self.say("ask.place_empty")
        try:
            project.find_place(Path(text.strip()))
        except Trouble as trouble:
            return self.say(trouble.key, **trouble.values)
        return None

    def _fact(self, name: str, *, back: bool) -> None:
        """One question about the workload."""
        about = self.catalog["facts"][name]
        names = list(self.catalog["facts"])
        number = names.index(name)
        unsure = [v for v, value in about["values"].items() if value["means"] is not None]
        choices = [
            Choice(
                self.say.pick(value["title"]),
                word,
                note=self.say.pick(value["treated"]) if value["treated"] else "",
            )
            for word, value in about["values"].items()
        ]
        question = Question(
            self.say.pick(about["question"]),
            f"{number + 1}/{len(names)}",
            self.say.pick(about["help"]),
            before=[self._told(other) for other in names[:number] if other in self.draft.facts],
            back=back,
        )
        known = self.draft.facts.get(name, unsure)
        if about["multiple"]:
            found: Any = self.prompts.several(question, choices, list(known), unsure)
        else:
            found = self.prompts.select(question, choices, known if known != unsure else unsure[0])
        facts = {**self.draft.facts, name: found}
        self.draft.facts = {n: facts[n] for n in names if n in facts}

    def _told(self, name: str) -> tuple[str, str]:
        """A question about the workload, and what the user said."""
        about, value = self.catalog["facts"][name], self.draft.facts[name]
        words = [value] if isinstance(value, str) else value
        titles = [self.say.pick(about["values"][word]["title"]) for word in words]
        return self.say.pick(about["question"]), self.say.listed(titles)

    def _safeguards(self) -> None:
        """What to build in. What the user toggled by hand stays, also with other facts."""
        advice = recommend.advise(self.catalog, self.draft.facts)
        wanted = [found.id for found in advice if found.recommended]
        chosen = self.draft.chosen
        if chosen is None:
            chosen = wanted
        elif wanted != self.draft.advised:
            chosen = moved(self.catalog, chosen, self.draft.advised, wanted)
        selection = Selection(self.catalog, advice, chosen)
        self.draft.advised = wanted
        try:
            self.prompts.pick(selection)
        finally:
            self.draft.chosen = selection.chosen

    def _settings(self, *, back: bool) -> None:
        """The answers to all questions, as far as nobody gave them."""
        active = published.closure(self.catalog, self.draft.chosen or [])
        standing = answers.defaults(self.catalog, active, self.draft.path, self.say)
        given = {n: v for n, v in self.draft.answers.items() if n in standing}
        values = {**standing, **given}
        groups = {**self.interview.base_group(), **self.interview.groups(active)}
        try:
            self.interview.review(groups, values, standing, back=back)
        finally:
            changed = {n: v for n, v in values.items() if n in given or v != standing[n]}
            self.draft.answers = {**self.draft.answers, **changed}

    def _summary(self, *, back: bool) -> str | None:
        """What will be made; returns the step to go to, if it is not to be made."""
        self.prompts.note(self._summary_of(self.draft))
        standing = answers.defaults(self.catalog, [], self.draft.path, self.say)
        name = {**standing, **self.draft.answers}["project_name"]
        title = self.say("ask.make", name=name, path=self.draft.path or name)
        ways = {MAKE: MAKE, SAFEGUARDS: SAFEGUARDS, SETTINGS: SETTINGS, FACTS: self._steps[1]}
        choices = [Choice(self.say(f"ask.way.{word}"), word) for word in [*ways, CANCEL]]
        question = Question(title, back=back)
        way = self.prompts.select(question, choices, MAKE)
        return None if way == MAKE else ways.get(way, CANCEL)


def moved(
    catalog: Data, chosen: Sequence[str], before: Sequence[str], now: Sequence[str]
) -> list[str]:
    """A choice that was made from one recommendation, made from another one.

    What the user added or took out by hand stays so; where the new recommendation cannot be
    combined with what they added, it gives way.
    """
    added = [name for name in chosen if name not in before]
    taken = {name for name in before if name not in chosen}
    found = added
    for name in now:
        if name not in taken and name not in found:
            together = published.closure(catalog, [*found, name])
            if not published.conflicts(catalog, together):
                found = [*found, name]
    return [name for name in catalog["patterns"] if name in found]


def _values(question: Data) -> list[Any]:
    """The answers to choose from; none, where it is typed."""
    if question["type"] == "bool":
        return [True, False]
    return list(question["choices"]) if question["type"] == "choice" else []
