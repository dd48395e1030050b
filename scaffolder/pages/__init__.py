"""The Markdown pages of the site, from the exported catalog.

`pages` is a pure function of what `catalog.json` and `evidence.json` say, so the site's hook, an
exporter and tests all see the same text. Every heading has an ASCII id of its own: links from
outside, such as the command's, stay valid in both languages and when a title changes.
"""

from __future__ import annotations

from typing import Any

from scaffolder.pages.overviews import all_patterns, chapter_page, incidents, presets
from scaffolder.pages.pattern import pattern_page
from scaffolder.pages.site import (
    HOME,
    INCIDENTS,
    PATTERNS,
    PRESETS,
    PROJECTS,
    Site,
    chapter_path,
    pattern_path,
)
from scaffolder.published import Data


def pages(catalog: Data, language: str, evidence: Data | None = None) -> dict[str, str]:
    """All generated pages in one language: path below the language's folder → Markdown.

    Args:
        catalog: the content of `catalog.json`.
        language: `ja` or `en`.
        evidence: the content of `evidence.json`, if it was recorded.
    """
    site = Site(catalog, language, evidence or {})
    found = {PATTERNS: all_patterns(site), INCIDENTS: incidents(site), PRESETS: presets(site)}
    for chapter in site.chapters():
        found[chapter_path(chapter)] = chapter_page(site, chapter)
    for name in site.patterns:
        found[pattern_path(name)] = pattern_page(site, name)
    return found


def navigation(catalog: Data, language: str) -> list[dict[str, Any]]:
    """The site's navigation in MkDocs's form, in the order of the deck."""
    site = Site(catalog, language)
    return [
        {site.word("home"): HOME},
        {site.word("incidents"): INCIDENTS},
        {site.word("presets"): PRESETS},
        {site.word("projects"): PROJECTS},
        {site.word("patterns"): PATTERNS},
        *(
            {
                site.say(site.catalog["chapters"][chapter]["title"]): [
                    chapter_path(chapter),
                    *({site.title(name): pattern_path(name)} for name in names),
                ]
            }
            for chapter, names in site.chapters().items()
        ),
    ]
