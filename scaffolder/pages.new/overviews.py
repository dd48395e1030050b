def _all_patterns(site: Site) -> str:
    title = site.word("patterns")
    lead = site.word("patterns_lead", count=len(site.patterns))
    # The list repeats each pattern's summary; in a search the pattern itself comes first.
    front = md.front_matter(title, lead, search={"boost": 0.5})
    parts = [front, md.heading(1, title, "patterns"), lead]
    for chapter, names in site.chapters().items():
        about = site.catalog["chapters"][chapter]
        link = f"[{site.say(about['title'])}](../{chapter_path(chapter)})"
        parts += [md.heading(2, link, chapter), md.prose(site.say(about["intro"]))]
        parts.append(listed(site, names, to_patterns=""))
    return md.joined(parts)


def _chapter(site: Site, chapter: str) -> str:
    about = site.catalog["chapters"][chapter]
    title, intro = site.say(about["title"]), site.say(about["intro"])
    return md.joined(
        [
            md.front_matter(title, intro, hide=["toc"]),
            md.heading(1, title, chapter),
            md.lead(intro),
            site.heading(2, "chapter_patterns"),
            listed(site, site.chapters()[chapter], to_patterns="../../patterns/"),
        ]
    )


def listed(site: Site, names: Iterable[str], to_patterns: str) -> str:
    """Each pattern's title as a link, and its summary."""
    items: list[str] = []
    for name in names:
        summary = md.prose(site.say(site.patterns[name]["summary"]))
        items.append(f"- [{site.title(name)}]({to_patterns}{name}.md)\n\n{md.indented(summary)}")
    return md.boxed("anshin-list", "\n\n".join(items))
