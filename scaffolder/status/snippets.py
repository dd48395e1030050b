"""The partial templates that safeguards bring into a project, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import adopted
from scaffolder.checks.positions import PlacedDict
from scaffolder.checks.reading import parse
from scaffolder.plan import Side
from scaffolder.standing import MARK
from scaffolder.status.comparing import ANSWER

MAIN = "template"
"""The stack that is the application's own."""


@dataclass(frozen=True)
class Snippets:
    """What each safeguard brings, by the file of the project that it is in.

    Args:
        side: the project as it was rendered.
        adoption: what is recorded of a project that we did not generate.
    """

    side: Side
    adoption: Mapping[str, Any]

    @property
    def files(self) -> list[str]:
        """The templates that a project can have."""
        stacks: Mapping[str, str] = self.side.catalog["stacks"]
        own = {MAIN: self.adoption["template"]} if self.adoption else {}
        return list({**stacks, **own}.values())

    @property
    def ours(self) -> list[str]:
        """The safeguards that bring something; of those there were before, if they are chosen."""
        before = self.adoption.get("own", ())
        return [i for i in self.side.active if i not in before or i in self.side.chosen]

    def of(self, name: str) -> dict[str, list[PlacedDict]]:
        """What a safeguard brings, with what it adds to others that are active."""
        entry = self.side.catalog["patterns"][name]
        texts = [(stack, entry[stack]) for stack in self.side.catalog["stacks"] if entry[stack]]
        for key, text in entry["with"].items():
            other, _, stack = key.partition(".")
            if other in self.side.active:
                texts.append((stack or MAIN, text))
        if self.adoption:
            texts = [(stack, text) for stack, text in texts if stack != MAIN]
        found: dict[str, list[PlacedDict]] = {}
        for stack, text in texts:
            snippet = read(text)
            _spell_out(snippet, name.replace("-", "_"), entry["answers"])
            found.setdefault(self.side.catalog["stacks"][stack], []).append(snippet)
        if self.adoption:
            found[self.adoption["template"]] = self._adopted(name)
        return found

    def _adopted(self, name: str) -> list[PlacedDict]:
        """What a safeguard adds to the template of a project that we did not generate."""
        marks = {answer: f"{MARK}{answer}" for answer in self.side.answers}
        adoption, catalog = self.adoption, self.side.catalog
        before = adoption.get("before", ())
        text = adopted.parts(catalog, self.ours, marks, adoption, only=[name], before=before)
        return [_unmarked(read(text))] if text else []


def read(text: str) -> PlacedDict:
    """A partial template; `!Answer x` is read as `{"Fn::Answer": "x"}`."""
    return parse(text.encode(), Path(), "").root


def _spell_out(value: Any, prefix: str, own: Iterable[str]) -> None:
    """Replace the short names of answers by the full ones."""
    if isinstance(value, list):
        for member in value:
            _spell_out(member, prefix, own)
    elif isinstance(value, dict):
        if ANSWER in value:
            full = f"{prefix}_{value[ANSWER]}"
            value[ANSWER] = full if full in own else value[ANSWER]
        for member in value.values():
            _spell_out(member, prefix, own)


def _unmarked(value: Any) -> Any:
    """A snippet with answers where their marks are, changed in place."""
    if isinstance(value, str) and value.startswith(MARK):
        return {ANSWER: value.removeprefix(MARK)}
    if isinstance(value, dict):
        value.update({key: _unmarked(member) for key, member in value.items()})
    elif isinstance(value, list):
        value[:] = map(_unmarked, value)
    return value
