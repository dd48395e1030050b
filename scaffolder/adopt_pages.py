"""What `anshin adopt` found and recorded: as a screen, and as data."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import adopted, foreign, published
from scaffolder.adopted import Refusal
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.fitting import API_FUNCTION, HTTP_API, REST_API
from scaffolder.foreign import Foreign
from scaffolder.layout import Screen, pad, shorten, width, wrap
from scaffolder.messages import Say
from scaffolder.published import Data


@dataclass(frozen=True)
class Adoption:
    """What was recorded of a project, and what that allows.

    Attributes:
        roles: who plays which role.
        left: functions that could be meant and are not.
        own: safeguards that were there before.
        refused: why the safeguards that cannot be added cannot.
    """

    foreign: Foreign
    answers: Mapping[str, Any]
    roles: Mapping[str, Sequence[str]]
    left: Sequence[str]
    own: Sequence[str]
    addable: Sequence[str]
    refused: Mapping[str, Refusal]
    version: str

    @property
    def recorded(self) -> dict[str, Any]:
        """The answer `adopted`."""
        resources = {role: list(names) for role, names in self.roles.items()}
        found = {"template": self.foreign.name, "resources": resources, "own": list(self.own)}
        more = {
            "conditions": adopted.conditions(self.foreign.view, self.roles),
            "stack": foreign.stack(self.foreign, self.answers["project_name"]),
        }
        return {**found, **{name: value for name, value in more.items() if value}}

    def data(self, catalog: Data, say: Say) -> dict[str, Any]:
        """All of it for other programs."""

        def named(ids: Sequence[str]) -> list[dict[str, str]]:
            return [{"id": i, "title": say.pick(catalog["patterns"][i]["title"])} for i in ids]

        refused = [
            {**one, "reason": adopted.said(self.refused[one["id"]], say)}
            for one in named(list(self.refused))
        ]
        return {
            "path": str(self.foreign.root),
            "files": [ANSWERS_FILE],
            "answers": dict(self.answers),
            **self.recorded,
            "own": named(self.own),
            "functions_left": list(self.left),
            "addable": named(self.addable),
            "refused": refused,
            "template_version": self.version,
        }


@dataclass(frozen=True)
class AdoptPage:
    """The end of `adopt`, for one terminal."""

    found: Adoption
    catalog: Data
    say: Say
    screen: Screen

    def text(self, path: str) -> str:
        """What was recorded, what can be added, and what to do next.

        Args:
            path: of the project, as the user gave it.
        """
        name = self.found.answers["project_name"]
        title = self.say("adopt.title", name=name, file=ANSWERS_FILE)
        lines = [*self.screen.prose(title), "", *self._facts(), ""]
        own, addable, refused = self.found.own, self.found.addable, self.found.refused
        if own:
            lines += [self.screen.strong(self.say("adopt.own", count=len(own)))]
            lines += [*self._listed(own), ""]
        else:
            lines += [*self.screen.prose(self.say("adopt.own_none")), ""]
        if addable:
            lines += [self.screen.strong(self.say("adopt.addable", count=len(addable)))]
            lines += [*self._listed(addable), ""]
        if refused:
            lines += [self.screen.strong(self.say("adopt.refused", count=len(refused)))]
            lines += [*self._reasons(), ""]
        return "\n".join([*lines, self.say("adopt.next"), *self._steps(path)])

    def _facts(self) -> list[str]:
        found, roles, say = self.found, self.found.roles, self.say
        name = found.foreign.name
        json_too = found.foreign.path.suffix == ".json"
        apis = [*roles.get(REST_API, ()), *roles.get(HTTP_API, ())]
        rows = [
            ("adopt.template", say("adopt.json", name=name) if json_too else name),
            ("adopt.functions", say.listed(list(roles.get(API_FUNCTION, ()))) or say("adopt.none")),
            ("adopt.apis", say.listed(apis) or say("adopt.none")),
            ("adopt.recorded", say.listed([f"{n}: {v}" for n, v in found.answers.items()])),
        ]
        column = max(width(say(key)) for key, _ in rows) + 4
        lines: list[str] = []
        for key, value in rows:
            head = f"  {pad(say(key), column - 2)}"
            lines += wrap(value, self.screen.width, head, " " * column)
            if key == "adopt.functions" and found.left:
                names = say.listed(list(found.left))
                left = say("adopt.functions_left", names=names, role=API_FUNCTION)
                lines += wrap(left, self.screen.width, " " * column)
        return lines

    def _listed(self, ids: Sequence[str]) -> Iterator[str]:
        column = max(map(width, ids)) + 4
        for chapter, names in published.by_chapter(self.catalog, ids).items():
            yield f"  {self.say.pick(self.catalog['chapters'][chapter]['title'])}"
            for name in names:
                title = self.say.pick(self.catalog["patterns"][name]["title"])
                gap = " " * (column - 2 - width(name))
                room = self.screen.width - column - 2
                yield f"    {self.screen.name(name)}{gap}{shorten(title, room)}"

    def _reasons(self) -> Iterator[str]:
        by_reason: dict[str, list[str]] = {}
        for name, why in self.found.refused.items():
            by_reason.setdefault(adopted.said(why, self.say), []).append(name)
        for reason, names in by_reason.items():
            yield from wrap(reason, self.screen.width, "  ")
            yield from wrap(self.say.listed(names), self.screen.width, "    ")
        yield from wrap(self.say("adopt.refused_hint"), self.screen.width, "  ")

    def _steps(self, path: str) -> list[str]:
        folder = Path(path) if Path(path).is_dir() else Path(path).parent
        steps = [(f"cd {shlex.quote(str(folder))}", "")] if str(folder) != "." else []
        commit = f"git add {ANSWERS_FILE} && git commit -m 'Adopt with Anshin'"
        steps += [(commit, self.say("adopt.step_commit"))]
        if self.found.addable:
            wise = self.catalog["presets"][published.RECOMMENDED]["safeguards"]
            first = next((i for i in self.found.addable if i in wise), self.found.addable[0])
            steps += [(f"anshin plan add {first}", self.say("adopt.step_plan"))]
            steps += [(f"anshin add {first}", self.say("adopt.step_add"))]
        steps += [("anshin check --all", self.say("adopt.step_check"))]
        column = max(width(command) for command, _ in steps) + 2
        return [f"  {pad(c, column)}{'# ' if note else ''}{note}".rstrip() for c, note in steps]
