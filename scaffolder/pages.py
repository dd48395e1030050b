"""The Markdown pages of the site, from the exported catalog.

`pages` is a pure function of `catalog.json`'s content, so the site's hook, an exporter and tests
all see the same text. Every heading has an ASCII id of its own: links from outside, such as the
command's, stay valid in both languages and when a title changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scaffolder.page_words import WORDS
from scaffolder.published import Data, answered, by_chapter

PATTERNS = "patterns/index.md"
HOME = "index.md"

RESOURCE = re.compile(r"  \w")
LIST_ITEM = re.compile(r"(?:\d+\.|[-*+]) ")
SYNTAX = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".sh": "sh", ".json": "json"}
IN_LIST = "    "
"""Python-Markdown wants what belongs to a list item indented by four."""


def pages(catalog: Data, language: str) -> dict[str, str]:
    """All generated pages in one language: path below the language's folder → Markdown.

    Args:
        catalog: the content of `catalog.json`.
        language: `ja` or `en`.
    """
    site = _Site(catalog, language)
    found = {PATTERNS: _all_patterns(site)}
    for chapter in site.chapters():
        found[_chapter_path(chapter)] = _chapter(site, chapter)
    for name in site.patterns:
        found[_pattern_path(name)] = _pattern(site, name)
    return found


def navigation(catalog: Data, language: str) -> list[dict[str, Any]]:
    """The site's navigation in MkDocs's form, in the order of the deck."""
    site = _Site(catalog, language)
    return [
        {site.word("home"): HOME},
        {site.word("patterns"): PATTERNS},
        *(
            {
                site.say(site.catalog["chapters"][chapter]["title"]): [
                    _chapter_path(chapter),
                    *({site.title(name): _pattern_path(name)} for name in names),
                ]
            }
            for chapter, names in site.chapters().items()
        ),
    ]


@dataclass(frozen=True)
class _Site:
    """The catalog, read in one language."""

    catalog: Data
    language: str

    @property
    def patterns(self) -> dict[str, Any]:
        return dict(self.catalog["patterns"])

    def word(self, name: str, **values: object) -> str:
        return WORDS[name][self.language].format(**values)

    def say(self, text: Data) -> str:
        return str(text[self.language])

    def title(self, name: str) -> str:
        return self.say(self.catalog["patterns"][name]["title"])

    def chapters(self) -> dict[str, list[str]]:
        """The chapters that have patterns, and their patterns."""
        return by_chapter(self.catalog, self.catalog["patterns"])

    def heading(self, level: int, word: str, **values: object) -> str:
        return _heading(level, self.word(word, **values), word)


def _chapter_path(chapter: str) -> str:
    # An index page, so that the navigation can make the chapter's name a link.
    return f"chapters/{chapter}/index.md"


def _pattern_path(name: str) -> str:
    return f"patterns/{name}.md"


# Lists of patterns


def _all_patterns(site: _Site) -> str:
    title = site.word("patterns")
    lead = site.word("patterns_lead", count=len(site.patterns))
    # The list repeats each pattern's summary; in a search the pattern itself comes first.
    front = _front_matter(title, lead, search={"boost": 0.5})
    parts = [front, _heading(1, title, "patterns"), lead]
    for chapter, names in site.chapters().items():
        about = site.catalog["chapters"][chapter]
        link = f"[{site.say(about['title'])}](../{_chapter_path(chapter)})"
        parts += [_heading(2, link, chapter), prose(site.say(about["intro"]))]
        parts.append(_listed(site, names, to_patterns=""))
    return _joined(parts)


def _chapter(site: _Site, chapter: str) -> str:
    about = site.catalog["chapters"][chapter]
    title, intro = site.say(about["title"]), site.say(about["intro"])
    return _joined(
        [
            _front_matter(title, intro, hide=["toc"]),
            _heading(1, title, chapter),
            _lead(intro),
            site.heading(2, "chapter_patterns"),
            _listed(site, site.chapters()[chapter], to_patterns="../../patterns/"),
        ]
    )


def _listed(site: _Site, names: Iterable[str], to_patterns: str) -> str:
    """Each pattern's title as a link, and its summary."""
    items: list[str] = []
    for name in names:
        summary = prose(site.say(site.patterns[name]["summary"]))
        items.append(f"- [{site.title(name)}]({to_patterns}{name}.md)\n\n{_indented(summary)}")
    return _boxed("anshin-list", "\n\n".join(items))


# A pattern's page


def _pattern(site: _Site, name: str) -> str:
    entry = site.patterns[name]
    summary = site.say(entry["summary"])
    sections = [
        _front_matter(site.title(name), summary),
        _heading(1, site.title(name), name),
        _lead(summary),
        _badges(site, entry),
        _section(site, "why", prose(site.say(entry["why"]))),
        _section(site, "how", prose(site.say(entry["how"]))),
        _section(site, "adds", _additions(site, name)),
        _section(site, "samples", _samples(site, entry["samples"])),
        _section(site, "checks", _checks(site, entry["checks"])),
        _section(site, "proof", _proof(site, name, entry["proof"])),
        _section(site, "use_when", _use_when(site, entry)),
        _section(site, "skip_if", prose(site.say(entry["skip_if"]))),
        _section(site, "costs", prose(site.say(entry["costs"]["text"]))),
        _section(site, "relations", _relations(site, name)),
        _section(site, "since_deck", prose(site.say(entry["since_deck"]))),
        _section(site, "see_it", prose(site.say(entry["see_it"]))),
        _section(site, "commands", _commands(site, name, entry)),
        _section(site, "references", _references(site, entry["references"])),
    ]
    return _joined(sections)


def _section(site: _Site, word: str, body: str) -> str:
    return f"{site.heading(2, word)}\n\n{body}" if body else ""


def _badges(site: _Site, entry: Data) -> str:
    chapter = site.say(site.catalog["chapters"][entry["chapter"]]["title"])
    separator = "、" if site.language == "ja" else ", "
    badges = {
        "chapter": f"[{chapter}](../{_chapter_path(entry['chapter'])})",
        "scope": separator.join(site.word(f"scope.{s}") for s in entry["scope"]),
        "slides": _slides(site, entry["slides"]),
        "bill": site.word(f"bill.{entry['costs']['direction']}"),
    }
    items = [f"- {site.word(name)}: {value}" for name, value in badges.items()]
    return _boxed("anshin-badges", "\n".join(items))


def _slides(site: _Site, numbers: Sequence[int]) -> str:
    """`[3, 4, 5, 58]` as `3–5, 58`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        str(run[0]) if len(run) == 1 else site.word("range", low=run[0], high=run[-1])
        for run in runs
    )


def _additions(site: _Site, name: str) -> str:
    entry = site.patterns[name]
    blocks = [
        _resources(site, entry["resources"]),
        _questions(site, entry["answers"]),
        *(_snippet(site, name, stack) for stack in site.catalog["stacks"]),
        *(_with(site, name, key, text) for key, text in entry["with"].items()),
        _handlers(site, entry["handlers"]),
        _files(site, entry["files"]),
        _dependencies(site, entry["dependencies"]),
    ]
    return "\n\n".join(block for block in blocks if block)


def _resources(site: _Site, resources: Data) -> str:
    return "\n".join(
        "- " + site.word("resources_in", file=file, names=", ".join(map(_code, names)))
        for file, names in resources.items()
    )


def _questions(site: _Site, answers: Data) -> str:
    if not answers:
        return ""
    rows = [
        [
            f"**{site.say(question['label'])}**<br>{_code(name)}<br>{site.say(question['help'])}"
            + _source(site, question["source"]),
            _code(_plain(question["default"])),
            _allowed(site, question),
        ]
        for name, question in answers.items()
    ]
    head = [site.word(w) for w in ("setting", "default", "allowed")]
    return f"{site.heading(3, 'questions')}\n\n{_table('anshin-settings', head, rows)}"


def _source(site: _Site, url: str) -> str:
    return f"<br>[{site.word('source')}]({url})" if url else ""


def _allowed(site: _Site, question: Data) -> str:
    match question["type"]:
        case "int":
            return site.word("range", low=f"{question['min']:,}", high=f"{question['max']:,}")
        case "bool":
            return "`true` / `false`"
        case "choice":
            return " / ".join(map(_code, question["choices"]))
    return site.word("matches", pattern=_code(question["pattern"]))


def _snippet(site: _Site, name: str, stack: str) -> str:
    text = site.patterns[name][stack]
    if not text:
        return ""
    shown = answered(site.catalog, name, text)
    note = f"{site.word('defaults_shown')}\n\n" if shown != text else ""
    code = fenced(spaced(shown), "yaml", site.catalog["stacks"][stack])
    return f"{site.heading(3, stack)}\n\n{note}{code}"


def _with(site: _Site, name: str, key: str, text: str) -> str:
    """What goes in together with another pattern; `key` is `<other>` or `<other>.<stack>`."""
    other, _, stack = key.partition(".")
    if other not in site.patterns:
        return ""
    heading = _heading(
        3, site.word("with", title=site.title(other)), f"with-{key.replace('.', '-')}"
    )
    shown = answered(site.catalog, name, text)
    file = site.catalog["stacks"][stack or "template"]
    return f"{heading}\n\n{fenced(spaced(shown), 'yaml', file)}"


def _handlers(site: _Site, handlers: Data) -> str:
    blocks = [
        f"{site.word(f'kind.{kind}')}:\n\n{fenced(_handler(handler), 'python')}"
        for kind, handler in handlers.items()
    ]
    return "\n\n".join([site.heading(3, "handlers"), *blocks]) if blocks else ""


def _handler(handler: Data) -> str:
    ordered = sorted(handler["decorators"], key=lambda d: (d["order"], d["line"]))
    decorators = [d["line"] for d in ordered]
    if decorators:
        decorators.append("def handler(event, context): ...")
    parts = [handler["imports"], handler["setup"], decorators]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _files(site: _Site, files: Sequence[str]) -> str:
    if not files:
        return ""
    listed = "\n".join(f"- {_code(file)}" for file in files)
    return f"{site.heading(3, 'files')}\n\n{site.word('files_lead')}\n\n{listed}"


def _dependencies(site: _Site, dependencies: Data) -> str:
    lines = [
        f"- {site.word(f'{kind}_packages')}: {', '.join(map(_code, dependencies[kind]))}"
        for kind in ("runtime", "dev")
        if dependencies[kind]
    ]
    return "\n\n".join([site.heading(3, "dependencies"), "\n".join(lines)]) if lines else ""


def _samples(site: _Site, samples: Mapping[str, str]) -> str:
    return "\n\n".join(
        f"{_sample_heading(site, name)}\n\n{fenced(samples[name], _syntax(name), name)}"
        for name in sorted(samples, key=_sample_order)
    )


def _sample_order(name: str) -> tuple[int, str]:
    """The mistake, then its mending, then the rest."""
    stem = PurePosixPath(name).stem
    known = ("before", "after")
    return (known.index(stem) if stem in known else len(known), name)


def _sample_heading(site: _Site, name: str) -> str:
    stem = PurePosixPath(name).stem
    anchor = "sample-" + re.sub(r"[^a-z0-9]+", "-", name.lower())
    return _heading(3, site.word(stem) if stem in ("before", "after") else _code(name), anchor)


def _checks(site: _Site, checks: Data) -> str:
    if not checks:
        return ""
    rows = [
        [
            f"{_code(name)}{{ #check-{name} }}<br>{_severity(site, check['severity'])}",
            site.say(check["title"]),
            site.say(check["fix"]),
        ]
        for name, check in checks.items()
    ]
    head = [site.word(w) for w in ("check", "demand", "fix")]
    return f"{site.word('checks_lead')}\n\n{_table('anshin-checks', head, rows)}"


def _severity(site: _Site, severity: str) -> str:
    label = site.word(f"severity.{severity}")
    return f'<span class="anshin-severity anshin-severity--{severity}">{label}</span>'


def _proof(site: _Site, name: str, text: str | None) -> str:
    if not text:
        return ""
    lead = site.word("proof_lead", path=f"catalog/{name}/proof.py")
    return f"{lead}\n\n{_boxed('anshin-proof', text, language='en')}"


def _use_when(site: _Site, entry: Data) -> str:
    presets = [
        site.word(
            "in_preset",
            preset=site.say(site.catalog["presets"][preset]["title"]),
            reason=site.say(reason),
        )
        for preset, reason in entry["presets"].items()
    ]
    return "\n\n".join([prose(site.say(entry["use_when"])), *presets])


def _relations(site: _Site, name: str) -> str:
    own = site.patterns[name]
    groups = {
        "requires": own["requires"],
        "required_by": _named_by_others(site, name, "requires"),
        "conflicts": {**_named_by_others(site, name, "conflicts"), **own["conflicts"]},
        "goes_with": {**_named_by_others(site, name, "goes_with"), **own["goes_with"]},
    }
    blocks: list[str] = []
    for word, others in groups.items():
        if others:
            lines = [f"- {_relation(site, other, reason)}" for other, reason in others.items()]
            blocks += [site.heading(3, word), "\n".join(lines)]
    return "\n\n".join(blocks)


def _named_by_others(site: _Site, name: str, relation: str) -> dict[str, Any]:
    others = site.patterns.items()
    return {other: entry[relation][name] for other, entry in others if name in entry[relation]}


def _relation(site: _Site, other: str, reason: Data) -> str:
    return f"[{site.title(other)}]({other}.md): {site.say(reason)}"


def _commands(site: _Site, name: str, entry: Data) -> str:
    if entry["scope"] == ["concept"]:
        return ""
    blocks = [site.word("new_lead"), fenced(f"anshin new my-service --safeguards {name}", "sh")]
    if entry["checks"]:
        blocks += [site.word("check_lead"), fenced("anshin check path/to/project", "sh")]
    return "\n\n".join(blocks)


def _references(site: _Site, references: Sequence[Data]) -> str:
    return "\n".join(f"- [{site.say(r['title'])}]({r['url']})" for r in references)


# Markdown


def prose(text: str) -> str:
    """An entry's prose as Python-Markdown wants it.

    In the catalog one line is one paragraph. Lists and fenced code pass through, with what belongs
    to a list item indented by four.
    """
    out: list[str] = []
    in_list = False
    fence: tuple[str, int, str] | None = None  # its marks, its own indentation, what it gets
    for line in text.strip("\n").split("\n"):
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if fence:
            marks, removed, given = fence
            out.append(given + line[min(indent, removed) :] if bare else "")
            fence = None if bare.rstrip() == marks else fence
            continue
        if not bare:
            continue
        is_item = LIST_ITEM.match(bare) is not None
        in_list = is_item or (in_list and indent > 0)
        given = IN_LIST if in_list and indent else ""
        if out and not (is_item and _ends_in_item(out)):
            out.append("")
        if bare.startswith("```"):
            fence = (bare[: len(bare) - len(bare.lstrip("`"))], indent, given)
        out.append(given + bare)
    return "\n".join(out)


def _ends_in_item(lines: Sequence[str]) -> bool:
    return LIST_ITEM.match(lines[-1].lstrip(" ")) is not None


def spaced(text: str) -> str:
    """A partial template with a blank line between sections and between resources."""
    out: list[str] = []
    in_resources = False
    for line in text.split("\n"):
        is_section = line[:1].isalpha()
        if is_section or (in_resources and RESOURCE.match(line)):
            at = len(out)
            while at and out[at - 1].lstrip().startswith("#"):
                at -= 1  # a comment belongs to what follows it
            if at and out[at - 1] not in ("", "Resources:"):
                out.insert(at, "")
        if is_section:
            in_resources = line == "Resources:"
        out.append(line)
    return "\n".join(out)


def fenced(text: str, syntax: str, title: str = "") -> str:
    """A fenced code block; the fence is longer than any in the text."""
    marks = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    attribute = f' title="{title}"' if title else ""
    return f"{marks}{syntax}{attribute}\n{text.rstrip()}\n{marks}"


def _front_matter(title: str, description: str, **more: object) -> str:
    plain = description.replace("`", "").replace("\n", " ")
    values = {"title": title, "description": plain, **more}
    # JSON is YAML too.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---"])


def _heading(level: int, text: str, anchor: str) -> str:
    return f"{'#' * level} {text} {{ #{anchor.replace('_', '-')} }}"


def _lead(text: str) -> str:
    return _boxed("anshin-lead", prose(text))


def _boxed(css_class: str, body: str, language: str = "") -> str:
    lang = f' lang="{language}"' if language else ""
    return f'<div class="{css_class}"{lang} markdown>\n\n{body}\n\n</div>'


def _table(css_class: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    # On a phone the head is not shown, so each cell carries its column's name.
    cells = (
        [f'{_cell(text)} {{ data-label="{name}" }}' for name, text in zip(head, row, strict=True)]
        for row in rows
    )
    lines = [head, ["---"] * len(head), *cells]
    return _boxed(css_class, "\n".join(f"| {' | '.join(line)} |" for line in lines))


def _cell(text: str) -> str:
    """Text that stays in its cell: no line breaks, and no bar outside code."""
    parts = re.split(r"(`+[^`]*`+)", text.strip().replace("\n", "<br>"))
    return "".join(p if p.startswith("`") else p.replace("|", "&#124;") for p in parts)


def _code(text: object) -> str:
    """Inline code, also for text with backticks in it."""
    plain = str(text)
    marks = "`" * (1 + max(map(len, re.findall(r"`+", plain)), default=0))
    space = " " if len(marks) > 1 else ""
    return f"{marks}{space}{plain}{space}{marks}"


def _scalar(value: object) -> str:
    """A value as YAML, where JSON is valid too."""
    return json.dumps(value, ensure_ascii=False)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else _scalar(value)


def _indented(text: str) -> str:
    return "\n".join(IN_LIST + line if line else "" for line in text.split("\n"))


def _syntax(name: str) -> str:
    return SYNTAX.get(PurePosixPath(name).suffix, "text")


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
