"""Pages that lead to patterns: all of them, chapters, symptoms and presets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scaffolder.pages import markdown as md
from scaffolder.pages.site import PATTERNS, Site, chapter_path
from scaffolder.published import closure, safeguards, together

SCOPES = ("project", "code", "account", "operations", "concept")


def all_patterns(site: Site) -> str:
    title = site.word("patterns")
    lead = site.word("patterns_lead", count=len(site.patterns))
    parts = [_overview(title, lead), md.heading(1, title, "patterns"), lead]
    for chapter, names in site.chapters().items():
        about = site.catalog["chapters"][chapter]
        link = f"[{site.say(about['title'])}](../{chapter_path(chapter)})"
        parts += [md.heading(2, link, chapter), md.first(site.say(about["intro"]))]
        parts.append(_listed(site, names, to_patterns=""))
    return md.joined([*parts, *_by_scope(site)])


def _by_scope(site: Site) -> Iterator[str]:
    """Titles again, under each of the places where a pattern lives."""
    scopes = dict.fromkeys(s for entry in site.patterns.values() for s in entry["scope"])
    if not scopes:
        return
    yield site.heading(2, "by_scope")
    yield site.word("by_scope_lead")
    for scope in SCOPES:
        names = [n for n, entry in site.patterns.items() if scope in entry["scope"]]
        if names:
            title = site.word(f"scope.{scope}")
            yield md.heading(3, title[:1].upper() + title[1:], f"scope-{scope}")
            yield "\n".join(f"- [{site.title(name)}]({name}.md)" for name in names)


def chapter_page(site: Site, chapter: str) -> str:
    about = site.catalog["chapters"][chapter]
    title, intro = site.say(about["title"]), site.say(about["intro"])
    return md.joined(
        [
            md.front_matter(title, md.first(intro), hide=["toc"]),
            md.heading(1, title, chapter),
            md.lead(intro),
            site.heading(2, "chapter_patterns"),
            _listed(site, site.chapters()[chapter], to_patterns="../../patterns/"),
        ]
    )


def _listed(site: Site, names: Iterable[str], to_patterns: str) -> str:
    """Each pattern's title as a link, and its summary."""
    items: list[str] = []
    for name in names:
        summary = md.prose(site.say(site.patterns[name]["summary"]))
        items.append(f"- [{site.title(name)}]({to_patterns}{name}.md)\n\n{md.indented(summary)}")
    return md.boxed("anshin-list", "\n\n".join(items))


def incidents(site: Site) -> str:
    """What people arrive with, and what helps."""
    title, lead = site.word("incidents"), site.word("incidents_lead")
    parts = [_overview(title, lead), md.heading(1, title, "incidents"), md.lead(lead)]
    for incident, about in site.catalog["incidents"].items():
        names = [n for n, entry in site.patterns.items() if incident in entry["incidents"]]
        if names:
            parts += [md.heading(2, site.say(about["title"]), incident)]
            parts += [md.prose(site.say(about["story"]))]
            parts += [_listed(site, names, to_patterns="patterns/"), _add_all(site, names)]
    return md.joined(parts)


def _add_all(site: Site, names: Iterable[str]) -> str:
    """The one command that makes a project with all of these, and what it leaves out or brings."""
    able = [name for name in names if name in safeguards(site.catalog)]
    chosen = together(site.catalog, able)
    if not chosen:
        return ""
    word = "add_one" if len(chosen) == 1 else "add_all"
    lead = site.word(word, title=site.title(chosen[0]))
    parts = [lead, _new(f"--safeguards {','.join(chosen)}")]
    for name in able:
        others = [o for o in site.patterns[name]["conflicts"] if o in chosen]
        if name not in chosen and others:
            words = {"title": site.title(name), "other": site.title(others[0])}
            parts.append(site.word("left_out", **words))
    return "\n\n".join([*parts, *_needed(site, chosen)])


def _needed(site: Site, chosen: Iterable[str]) -> Iterator[str]:
    """What comes along because the chosen safeguards need it."""
    known = set(chosen)
    more = [name for name in closure(site.catalog, known) if name not in known]
    if more:
        links = site.listed(f"[{site.title(name)}](patterns/{name}.md)" for name in more)
        yield site.word("brings_along", names=links)


def presets(site: Site) -> str:
    """The named sets, and why each safeguard is in them."""
    title, lead = site.word("presets"), site.word("presets_lead")
    parts = [_overview(title, lead), md.heading(1, title, "presets"), md.lead(lead)]
    for preset, about in site.catalog["presets"].items():
        parts += [md.heading(2, site.say(about["title"]), preset)]
        parts += [md.prose(site.say(about["summary"])), _new(f"--preset {preset}")]
        parts += _members(site, preset, about["safeguards"])
    return md.joined(parts)


def _members(site: Site, preset: str, names: list[str]) -> Iterator[str]:
    reasons = {n: r for n in names if (r := site.patterns[n]["presets"].get(preset))}
    if names and not reasons:
        yield site.word("members_counted", count=len(names), link=PATTERNS)
    elif names:
        items = [
            f"- [{site.title(name)}](patterns/{name}.md)\n\n{md.indented(md.prose(site.say(why)))}"
            for name, why in reasons.items()
        ]
        yield md.boxed("anshin-list", "\n\n".join(items))
        yield from _needed(site, names)


def _overview(title: str, description: str) -> str:
    # These pages repeat what patterns say; in a search the pattern itself comes first.
    return md.front_matter(title, description, search={"boost": 0.5})


def _new(options: str) -> str:
    # Long enough for many ids, so it has to wrap.
    return md.boxed("anshin-command", md.fenced(f"anshin new my-service {options}", "sh"))
