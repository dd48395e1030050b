"""The catalog and the evidence, read in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scaffolder.page_words import WORDS
from scaffolder.pages import markdown as md
from scaffolder.published import Data, by_chapter

HOME = "index.md"
PATTERNS = "patterns/index.md"
INCIDENTS = "incidents.md"
PRESETS = "presets.md"
PROJECTS = "projects.md"


@dataclass(frozen=True)
class Site:
    """What the pages of one language are made of."""

    catalog: Data
    language: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def patterns(self) -> dict[str, Any]:
        return dict(self.catalog["patterns"])

    def word(self, name: str, **values: object) -> str:
        return WORDS[name][self.language].format(**values)

    def say(self, text: Data) -> str:
        return str(text[self.language])

    def listed(self, items: Iterable[str]) -> str:
        return ("、" if self.language == "ja" else ", ").join(items)

    def title(self, name: str) -> str:
        return self.say(self.catalog["patterns"][name]["title"])

    def chapters(self) -> dict[str, list[str]]:
        """The chapters that have patterns, and their patterns."""
        return by_chapter(self.catalog, self.catalog["patterns"])

    def heading(self, level: int, word: str, **values: object) -> str:
        return md.heading(level, self.word(word, **values), word)


def chapter_path(chapter: str) -> str:
    # An index page, so that the navigation can make the chapter's name a link.
    return f"chapters/{chapter}/index.md"


def pattern_path(name: str) -> str:
    return f"patterns/{name}.md"
