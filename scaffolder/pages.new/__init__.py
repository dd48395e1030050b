def pages(catalog: Data, language: str) -> dict[str, str]:
    """All generated pages in one language: path below the language's folder → Markdown.

    Args:
        catalog: the content of `catalog.json`.
        language: `ja` or `en`.
    """
    site = Site(catalog, language)
    found = {PATTERNS: _all_patterns(site)}
    for chapter in site.chapters():
        found[chapter_path(chapter)] = _chapter(site, chapter)
    for name in site.patterns:
        found[pattern_path(name)] = _pattern(site, name)
    return found


def navigation(catalog: Data, language: str) -> list[dict[str, Any]]:
    """The site's navigation in MkDocs's form, in the order of the deck."""
    site = Site(catalog, language)
    return [
        {site.word("home"): HOME},
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
