"""The screens of `list`, `show` and `new`: what the user reads, as text."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder import answers, published
from scaffolder.layout import Screen, pad, shorten, width, wrap
from scaffolder.messages import Say
from scaffolder.published import Data

MARKS = {True: "[x]", False: "[ ]"}
"""Of what is recommended, and of what is not."""


@dataclass(frozen=True)
class Outline:
    """What a project will be.

    Attributes:
        name: of the project.
        chosen: safeguards that were asked for.
        active: those and what they bring along.
        files: by path.
        resources: safeguard, or None for the project itself → type of AWS resource → how many.
        command: makes it again.
        link: to the site's configurator, with all choices.
    """

    name: str
    chosen: Sequence[str]
    active: Sequence[str]
    files: Sequence[str]
    resources: Mapping[str | None, Mapping[str, int]]
    command: str
    link: str


@dataclass(frozen=True)
class Pages:
    """Writes screens from one catalog, in one language, for one terminal."""

    catalog: Data
    say: Say
    screen: Screen

    def listing(self) -> str:
        """All patterns by chapter."""
        patterns = self.catalog["patterns"]
        lines: list[str] = []
        for chapter, names in published.by_chapter(self.catalog, patterns).items():
            title = self.say.pick(self.catalog["chapters"][chapter]["title"])
            lines += [self.screen.strong(title)]
            for name in names:
                lines += self._listed(name)
            lines.append("")
        presets = self.say.listed(list(self.catalog["presets"]))
        lines += wrap(self.say("list.presets", names=presets), self.screen.width, "", "  ")
        lines.append(self.say("list.footer", count=len(patterns)))
        return "\n".join(lines)

    def pattern(self, name: str) -> str:
        """Everything about one pattern."""
        entry = self.catalog["patterns"][name]
        pick = self.say.pick
        title = f"{self.screen.strong(pick(entry['title']))} ({self.screen.name(name)})"
        chapter = pick(self.catalog["chapters"][entry["chapter"]]["title"])
        lines = [
            title,
            *map(self.screen.faint, wrap(f"{chapter} | {self._facts(name)}", self.screen.width)),
            "",
            *self._prose(entry["summary"]),
        ]
        for key in ("why", "how"):
            lines += self._section(f"show.{key}", self._prose(entry[key]))
        lines += self._section("show.costs", self._prose(entry["costs"]["text"]))
        for key in ("use_when", "skip_if"):
            lines += self._section(f"show.{key}", self._prose(entry[key]))
        lines += self._section("show.adds", self._adds(name))
        lines += self._section("show.samples", self._samples(entry["samples"]))
        lines += self._section("show.questions", self._questions(entry["answers"]))
        lines += self._section("show.checks", self._checks(name))
        for relation in ("requires", "conflicts", "goes_with"):
            lines += self._section(f"show.{relation}", self._relations(entry[relation]))
        lines += self._section("show.since_deck", self._prose(entry["since_deck"]))
        lines += self._section("show.see_it", self._prose(entry["see_it"]))
        lines += self._section("show.references", self._references(name))
        if name in published.safeguards(self.catalog):
            lines += self._section("show.add", [f"  anshin new DIR --safeguards {name}"])
        return "\n".join(lines)

    def made(self, result: Mapping[str, Any], outer: str | None) -> str:
        """The end of `new`: what was made, and what to do next."""
        chosen, active = result["safeguards"], result["active_safeguards"]
        names = [i if i in chosen else f"{i} {self.say('made.along')}" for i in active]
        count = len(result["files"])
        place = "made.files_outer" if outer else "made.files_commit"
        rows = [
            (self.say("made.safeguards"), names or [self.say("made.none")]),
            (self.say("made.files"), [self.say(place, count=count, outer=outer)]),
            (self.say("made.template"), [result["template_version"]]),
        ]
        column = max(width(label) for label, _ in rows) + 2
        lines = [self.say("made.title", name=result["project_name"], path=result["path"]), ""]
        for label, values in rows:
            heads = [label, *[""] * (len(values) - 1)]
            lines += [f"  {pad(h, column)}{v}" for h, v in zip(heads, values, strict=True)]
        return "\n".join([*lines, "", self.say("made.next"), *self._steps(result, outer)])

    def preview(self, files: Sequence[str], template: str) -> str:
        """What `new --dry-run` shows: the tree and the template."""
        title = self.say("dry_run.title", count=len(files))
        return "\n".join([title, "", *tree(files), "", "template.yaml", "", template.rstrip()])

    def summary(self, about: Outline, path: str) -> str:
        """What `new` is about to make, and how to make it again."""
        along = [name for name in about.active if name not in about.chosen]
        key = "summary.along" if along else "summary.count"
        count = sum(sum(kinds.values()) for kinds in about.resources.values())
        folders = _folders(about.files)
        names = self.say.listed([f"{name}/ ({number})" for name, number in folders.items()])
        more = len(about.files) - sum(folders.values())
        rows = {
            "summary.resources": self.say("summary.count", count=count),
            "made.files": self.say("summary.files", count=len(about.files), names=names, more=more),
            "made.safeguards": self.say(key, count=len(about.active), names=self.say.listed(along)),
            "summary.bill": self._bill(about.active),
        }
        column = max(width(self.say(label)) for label in rows) + 2
        # Whole lines: somebody may copy them. What matters most stands last, next to the question.
        lines = ["", self.say("summary.again"), f"  {self.screen.name(about.command)}"]
        lines += ["", self.say("summary.link"), f"  {self.screen.name(about.link)}"]
        lines += ["", *self.screen.prose(self.say("summary.like", path=path))]
        title = self.say("summary.title", name=about.name, path=path)
        lines += ["", self.screen.strong(title), ""]
        for label, text in rows.items():
            lines += self._beside(self.say(label), column, text)
            lines += self._kinds(about.resources) if label == "summary.resources" else []
        return "\n".join([*lines, ""])

    def explain(self, facts: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
        """What is recommended for a workload and what is not, and why."""
        lines = [self.screen.strong(self.say("explain.facts"))]
        for name in self.catalog["facts"]:
            lines += self._fact(name, facts.get(name))
        chapter = ""
        for row in rows:
            if row["chapter"] != chapter:
                chapter = row["chapter"]
                title = self.say.pick(self.catalog["chapters"][chapter]["title"])
                lines += ["", self.screen.strong(title)]
            lines += self._advice(row)
        count = sum(row["recommended"] for row in rows)
        return "\n".join([*lines, "", self.say("explain.count", count=count, all=len(rows))])

    def _fact(self, name: str, given: str | Sequence[str] | None) -> list[str]:
        """A question about the workload, and the answer or what it is taken for."""
        about = self.catalog["facts"][name]
        unsure = [value for value, said in about["values"].items() if said["means"] is not None]
        words = unsure if given is None else [given] if isinstance(given, str) else given
        said = [about["values"][word] for word in words]
        titles = self.say.listed([self.say.pick(value["title"]) for value in said])
        treated = [self.say.pick(value["treated"]) for value in said if value["treated"]]
        head = f"{self.say.pick(about['question'])} ({name}: {', '.join(about['values'])})"
        lines = wrap(head, self.screen.width, "  ")
        for text in (titles, *treated):
            lines += wrap(text, self.screen.width, "    ")
        return lines

    def _advice(self, row: Mapping[str, Any]) -> list[str]:
        """What is said of one safeguard: whether it is recommended, why or why not, its cost."""
        indent = " " * 6
        head = f"  {MARKS[row['recommended']]} {row['title']}"
        name = f"({self.screen.name(row['id'])})"
        fits = width(head) + width(row["id"]) + 3 <= self.screen.width
        lines = [f"{head} {name}"] if fits else [head, f"{indent}{name}"]
        texts = list(row["reasons"]) if row["recommended"] else []
        if row["because_not"]:
            key = "explain.excluded" if row["excluded_by"] else "explain.not"
            texts = [self.say(key, reason=row["because_not"], id=row["excluded_by"])]
        texts = texts or [self.say("explain.nothing")]
        for other, reason in row["brings"].items():
            texts.append(self.say("explain.brings", id=other, reason=reason))
        for text in texts:
            lines += wrap(text, self.screen.width, indent)
        return [*lines, indent + self.screen.faint(self.say(f"bill.{row['cost']}"))]

    def _bill(self, active: Sequence[str]) -> str:
        """How many safeguards move the bill, and which way."""
        costs = [self.catalog["patterns"][name]["costs"]["direction"] for name in active]
        ways = {way: costs.count(way) for way in ("none", "less", "small", "more")}
        words = [self.say(f"summary.bill_{way}", count=n) for way, n in ways.items() if n]
        return self.say.listed(words) or self.say("made.none")

    def _kinds(self, resources: Mapping[str | None, Mapping[str, int]]) -> list[str]:
        """AWS resources by the safeguard that brings them."""
        named = {name or self.say("summary.base"): kinds for name, kinds in resources.items()}
        column = max(map(width, named), default=0) + 2
        lines: list[str] = []
        for name, kinds in named.items():
            words = [
                kind.removeprefix("AWS::") + (f" ({count})" if count > 1 else "")
                for kind, count in sorted(kinds.items())
            ]
            lines += [f"  {row}" for row in self._beside(name, column, self.say.listed(words))]
        return lines

    def _beside(self, label: str, column: int, text: str) -> list[str]:
        """A label, and beside it a text of one or more lines."""
        blank = " " * (column + 2)
        lines = wrap(text, self.screen.width - 2, blank)
        return [f"  {pad(label, column)}{lines[0].strip()}", *lines[1:]]

    def wrong_answers(self, problems: Sequence[answers.Problem], title: str = "wrong.title") -> str:
        """All answers that cannot be used, and why; `title` is the key of the first line."""
        lines = [self.say(title, count=len(problems))]
        for problem in problems:
            about = problem.about if problem.value is None else f"{problem.about}: {problem.value}"
            lines += [f"  {about}", *self.screen.prose(problem.rule, "    ")]
        return "\n".join(lines)

    def _listed(self, name: str) -> list[str]:
        title = self.say.pick(self.catalog["patterns"][name]["title"])
        column = max(map(width, self.catalog["patterns"])) + 4
        gap = " " * (column - 2 - width(name))
        first = f"  {self.screen.name(name)}{gap}{shorten(title, self.screen.width - column)}"
        facts = wrap(self._facts(name), self.screen.width, "    ")
        return [first, *map(self.screen.faint, facts)]

    def _facts(self, name: str) -> str:
        entry = self.catalog["patterns"][name]
        places = self.say.listed([self.say(f"scope.{scope}") for scope in entry["scope"]])
        facts = [places, self.say(f"bill.{entry['costs']['direction']}")]
        presets = published.presets_of(self.catalog, name)
        return " | ".join([*facts, self.say.listed(presets)] if presets else facts)

    def _prose(self, text: Mapping[str, str]) -> list[str]:
        return self.screen.prose(self.say.pick(text), "  ")

    def _section(self, key: str, body: Sequence[str]) -> list[str]:
        return ["", self.screen.strong(self.say(key)), *body] if body else []

    def _adds(self, name: str) -> list[str]:
        entry = self.catalog["patterns"][name]
        lines: list[str] = []
        for file, text in published.snippets(self.catalog, name).items():
            lines += self._file(file, text)
        for key, text in entry["with"].items():
            other = key.partition(".")[0]
            if other in self.catalog["patterns"]:
                lines += self._file(self.say("show.with", id=other), text)
        if entry["files"]:
            lines += ["", f"  {self.say('show.files')}", *(f"    {f}" for f in entry["files"])]
        return lines[1:]

    def _file(self, title: str, text: str) -> list[str]:
        return ["", f"  {title}", *self.screen.code(text, "    ")]

    def _samples(self, samples: Mapping[str, str]) -> list[str]:
        lines: list[str] = []
        for name in sorted(samples, key=_sample_order):
            lines += self._file(name, samples[name])
        return lines[1:]

    def _questions(self, questions: Mapping[str, Data]) -> list[str]:
        lines: list[str] = []
        for name, question in questions.items():
            default = _spelled(question["default"])
            rule = answers.bound(question, self.say)
            about = self.say("show.default", default=default, rule=rule)
            lines += ["", f"  {self.screen.name(name)}"]
            lines += self.screen.prose(self.say.pick(question["label"]), "    ")
            lines += self.screen.prose(self.say.pick(question["help"]), "    ")
            lines += self.screen.prose(about, "    ")
        return lines[1:]

    def _checks(self, name: str) -> list[str]:
        lines: list[str] = []
        for check, about in self.catalog["patterns"][name]["checks"].items():
            severity = self.say(f"severity.{about['severity']}")
            lines += ["", f"  {name}/{check} ({severity})"]
            lines += self.screen.prose(self.say.pick(about["title"]), "    ")
            lines += self.screen.prose(self.say.pick(about["fix"]), "    ")
        return lines[1:]

    def _relations(self, relations: Mapping[str, Data]) -> list[str]:
        lines: list[str] = []
        for other, reason in relations.items():
            lines += [f"  {self.screen.name(other)}"]
            lines += self.screen.prose(self.say.pick(reason), "    ")
        return lines

    def _references(self, name: str) -> list[str]:
        language = self.say.language
        page = f"{self.catalog['site_url']}{language}/patterns/{name}/"
        lines = [f"  {self.say('show.page')}", f"    {page}"]
        for reference in self.catalog["patterns"][name]["references"]:
            lines += self._prose(reference["title"])
            lines.append(f"    {reference['url']}")
        return lines

    def _steps(self, result: Mapping[str, Any], outer: str | None) -> list[str]:
        """Commands that work in this project, in order, each with a word about it."""
        quoted = shlex.quote(result["path"])
        files = result["files"]
        steps = [(f"cd {quoted}", "")] if result["path"] != "." else []
        if outer:
            steps.append(("git add . && git commit", self.say("step.commit")))
        if "Makefile" in files:
            steps += [("make setup", self.say("step.setup")), ("make test", self.say("step.test"))]
        steps.append(("anshin check", self.say("step.check")))
        steps.append(("sam build && sam deploy", self.say("step.deploy")))
        column = max(len(command) for command, _ in steps) + 2
        lines = [f"  {pad(c, column)}{'# ' if note else ''}{note}".rstrip() for c, note in steps]
        stacks = [f.removesuffix("template.yaml") for f in files if f.endswith("/template.yaml")]
        if stacks:
            text = self.say("step.stacks", folders=self.say.listed(stacks))
            lines += ["", *self.screen.prose(text)]
        return lines


def tree(files: Iterable[str]) -> list[str]:
    """Paths as an indented tree."""
    root: dict[str, Any] = {}
    for file in files:
        place = root
        for part in file.split("/"):
            place = place.setdefault(part, {})
    return _branches(root, "")


def _folders(files: Iterable[str]) -> dict[str, int]:
    """The folders at the root, and how many files are in each."""
    tops = [file.partition("/")[0] for file in files if "/" in file]
    return {name: tops.count(name) for name in dict.fromkeys(tops)}


def _branches(folder: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    names = sorted(folder)
    for name in names:
        last = name == names[-1]
        lines.append(f"{indent}{'└── ' if last else '├── '}{name}{'/' if folder[name] else ''}")
        lines += _branches(folder[name], indent + ("    " if last else "│   "))
    return lines


def _sample_order(name: str) -> tuple[bool, str]:
    """The mistake first, then its mending."""
    return (not name.startswith("before"), name)


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
