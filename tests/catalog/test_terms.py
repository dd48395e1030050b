"""All prose uses one word for one thing, as catalog/terms.yaml says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.bar import ROOT
from tests.catalog.test_entries import CATALOG, ENTRIES, prose, texts

MARKDOWN = ("README.md", "README.ja.md", "CHANGELOG.md")
AVOIDED = [(term, re.compile("|".join(term.avoid))) for term in CATALOG.terms]


def documents() -> Iterator[tuple[str, str]]:
    """All prose that people read, with where it stands."""
    for entry in ENTRIES:
        for place, text in texts(entry.pattern):
            yield f"{entry.id}: {place}", f"{text.ja}\n{text.en}"
        for name, path in entry.tree("files").items():
            if ".md" in name:
                yield f"{entry.id}/files/{name}", path.read_text(encoding="utf-8")
    for name in ("chapters", "presets", "facts", "incidents", "workloads"):
        yield name, (ROOT / "catalog" / f"{name}.yaml").read_text(encoding="utf-8")
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "templates" / "base").rglob("*.md*")]
    for path in [*sorted(pages), *(ROOT / name for name in MARKDOWN)]:
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


DOCUMENTS = list(documents())


@pytest.mark.parametrize("text", [t for _, t in DOCUMENTS], ids=[p for p, _ in DOCUMENTS])
def test_terms_are_used_as_agreed(text: str) -> None:
    plain = prose(text)
    for term, avoided in AVOIDED:
        match = avoided.search(plain)
        around = plain[max(match.start() - 20, 0) : match.end() + 20] if match else ""
        assert not match, f"{match.group()!r} in …{around!r}…: write {term.ja} / {term.en}"


def test_every_incident_has_a_pattern_and_there_are_enough() -> None:
    named = {incident for entry in ENTRIES for incident in entry.pattern.incidents}
    assert named == set(CATALOG.incidents)
    assert len(named) >= 15
