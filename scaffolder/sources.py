"""Gather the files that the base and the patterns bring, and settle who brings what.

A file's place in `templates/base/` or `catalog/<id>/files/` is its place in the user's project.
Three endings have a meaning: `.jinja` is rendered, and `.ja.md` / `.en.md` are one file in the
project's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scaffolder.catalog import Catalog, CatalogEntry, tree
from scaffolder.jinja import ALWAYS, Condition, literal

BASE = "base"
IN_LANGUAGE = re.compile(r"\.(?P<language>ja|en)(?P<ending>\.\w+)$")


class SourceError(Exception):
    """Two patterns bring one file, or a file is there in one language only."""


@dataclass(frozen=True)
class SourceFile:
    """One file for the user's project, from one origin."""

    target: str
    origin: str
    condition: Condition
    text: str
    is_template: bool

    def template(self) -> str:
        """The text as Jinja."""
        return self.text if self.is_template else literal(self.text)


def gather(base: Path, catalog: Catalog) -> dict[str, list[SourceFile]]:
    """All files by their place in the project; a place's base file comes first.

    Raises:
        SourceError: two patterns bring one file, or a language is missing.
    """
    found = _files(base, BASE, ALWAYS)
    for entry in catalog:
        found += _files(entry.folder / "files", entry.id, Condition.on(entry.id))
    by_target: dict[str, list[SourceFile]] = {}
    for file in found:
        by_target.setdefault(file.target, []).append(file)
    for target, files in by_target.items():
        patterns = [f.origin for f in files if f.origin != BASE]
        if len(patterns) > 1:
            raise SourceError(
                f"{target}: both {patterns[0]} and {patterns[1]} bring this file. "
                "Rename one of the two, or let one pattern require the other."
            )
    return dict(sorted(by_target.items()))


def brought(entry: CatalogEntry) -> list[SourceFile]:
    """The files that an entry brings."""
    return _files(entry.folder / "files", entry.id, ALWAYS)


def targets(entry: CatalogEntry) -> list[str]:
    """The places in the project of the files that an entry brings."""
    return sorted({file.target for file in brought(entry)})


def combined(files: list[SourceFile]) -> str:
    """One place's files as one template: a pattern's file stands in for the base's."""
    base = [f for f in files if f.origin == BASE]
    own = [f for f in files if f.origin != BASE]
    if not own or not base:
        return (own or base)[0].template()
    return (
        f"{{% if {own[0].condition} %}}\n{own[0].template()}"
        f"{{% else %}}\n{base[0].template()}{{% endif %}}\n"
    )


def _files(folder: Path, origin: str, condition: Condition) -> list[SourceFile]:
    plain: list[SourceFile] = []
    variants: dict[str, dict[str, str]] = {}
    for name, path in tree(folder).items():
        text = path.read_text(encoding="utf-8")
        stem = name.removesuffix(".jinja")
        is_template = stem != name
        if match := IN_LANGUAGE.search(stem):
            target = stem[: match.start()] + match["ending"]
            variants.setdefault(target, {})[match["language"]] = (
                text if is_template else literal(text)
            )
        else:
            plain.append(SourceFile(stem, origin, condition, text, is_template))
    return plain + [
        SourceFile(t, origin, condition, _by_language(t, origin, texts), is_template=True)
        for t, texts in variants.items()
    ]


def _by_language(target: str, origin: str, texts: dict[str, str]) -> str:
    missing: Iterable[str] = {"ja", "en"} - set(texts)
    for language in missing:
        raise SourceError(f"{origin}: {target} is there in one language only; {language} is owed")
    return f"{{% if language == 'ja' %}}\n{texts['ja']}{{% else %}}\n{texts['en']}{{% endif %}}\n"
