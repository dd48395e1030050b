"""The page of one pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from scaffolder.pages import markdown as md
from scaffolder.pages.evidence import results
from scaffolder.pages.site import INCIDENTS, PRESETS, Site, chapter_path
from scaffolder.published import Data, answered, safeguards

SYNTAX = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".sh": "sh", ".json": "json"}


def pattern_page(site: Site, name: str) -> str:
    """Everything about one pattern, always in the same order."""
    entry = site.patterns[name]
    summary = site.say(entry["summary"])
    sections = [
        md.front_matter(site.title(name), summary),
        md.heading(1, site.title(name), name),
        md.lead(summary),
        _badges(site, entry),
        _section(site, "why", md.prose(site.say(entry["why"]))),
        _section(site, "how", md.prose(site.say(entry["how"]))),
        _section(site, "adds", _additions(site, name)),
        _section(site, "samples", _samples(site, entry["samples"])),
        _section(site, "checks", _checks(site, entry["checks"])),
        _section(site, "proof", _proof(site, name, entry["proof"])),
        _section(site, "use_when", _use_when(site, entry)),
        _section(site, "skip_if", md.prose(site.say(entry["skip_if"]))),
        _section(site, "costs", md.prose(site.say(entry["costs"]["text"]))),
        _section(site, "relations", _relations(site, name)),
        _section(site, "since_deck", md.prose(site.say(entry["since_deck"]))),
        _section(site, "see_it", md.prose(site.say(entry["see_it"]))),
        _section(site, "commands", _commands(site, name, entry)),
        _section(site, "references", _references(site, entry["references"])),
    ]
    return md.joined(sections)


def _section(site: Site, word: str, body: str) -> str:
    return f"{site.heading(2, word)}\n\n{body}" if body else ""


def _badges(site: Site, entry: Data) -> str:
    chapter = site.say(site.catalog["chapters"][entry["chapter"]]["title"])
    badges = {
        "chapter": f"[{chapter}](../{chapter_path(entry['chapter'])})",
        "scope": site.listed(_scope(site, scope) for scope in entry["scope"]),
        "slides": _slides(site, entry["slides"]),
        "bill": site.word(f"bill.{entry['costs']['direction']}"),
    }
    items = [f"- {site.word(name)}: {value}" for name, value in badges.items()]
    return md.boxed("anshin-badges", "\n".join(items))


def _scope(site: Site, scope: str) -> str:
    return f"[{site.word(f'scope.{scope}')}](index.md#scope-{scope})"


def _slides(site: Site, numbers: Sequence[int]) -> str:
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


def _additions(site: Site, name: str) -> str:
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


def _resources(site: Site, resources: Data) -> str:
    return "\n".join(
        "- " + site.word("resources_in", file=file, names=", ".join(map(md.code, names)))
        for file, names in resources.items()
    )


def _questions(site: Site, answers: Data) -> str:
    if not answers:
        return ""
    rows = [
        [
            f"**{site.say(question['label'])}**<br>{md.code(name)}<br>{site.say(question['help'])}"
            + _source(site, question["source"]),
            md.code(md.plain(question["default"])),
            _allowed(site, question),
        ]
        for name, question in answers.items()
    ]
    head = [site.word(w) for w in ("setting", "default", "allowed")]
    return f"{site.heading(3, 'questions')}\n\n{md.table('anshin-settings', head, rows)}"


def _source(site: Site, url: str) -> str:
    return f"<br>[{site.word('source')}]({url})" if url else ""


def _allowed(site: Site, question: Data) -> str:
    match question["type"]:
        case "int":
            return site.word("range", low=f"{question['min']:,}", high=f"{question['max']:,}")
        case "bool":
            return "`true` / `false`"
        case "choice":
            return " / ".join(map(md.code, question["choices"]))
    return site.word("matches", pattern=md.code(question["pattern"]))


def _snippet(site: Site, name: str, stack: str) -> str:
    text = site.patterns[name][stack]
    if not text:
        return ""
    shown = answered(site.catalog, name, text)
    note = f"{site.word('defaults_shown')}\n\n" if shown != text else ""
    code = md.fenced(md.spaced(shown), "yaml", site.catalog["stacks"][stack])
    return f"{site.heading(3, stack)}\n\n{note}{code}"


def _with(site: Site, name: str, key: str, text: str) -> str:
    """What goes in together with another pattern; `key` is `<other>` or `<other>.<stack>`."""
    other, _, stack = key.partition(".")
    if other not in site.patterns:
        return ""
    heading = md.heading(
        3, site.word("with", title=site.title(other)), f"with-{key.replace('.', '-')}"
    )
    shown = answered(site.catalog, name, text)
    file = site.catalog["stacks"][stack or "template"]
    return f"{heading}\n\n{md.fenced(md.spaced(shown), 'yaml', file)}"


def _handlers(site: Site, handlers: Data) -> str:
    blocks = [
        f"{site.word(f'kind.{kind}')}:\n\n{md.fenced(_handler(handler), 'python')}"
        for kind, handler in handlers.items()
    ]
    return "\n\n".join([site.heading(3, "handlers"), *blocks]) if blocks else ""


def _handler(handler: Data) -> str:
    ordered = sorted(handler["decorators"], key=lambda d: (d["order"], d["line"]))
    decorators = [d["line"] for d in ordered]
    if decorators:
        decorators.append("def handler(event, context): ...")
    uses = [f"app.use(middlewares=[{m['name']}])" for m in handler["middlewares"]]
    parts = [handler["imports"], [*handler["setup"], *uses], decorators]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _files(site: Site, files: Sequence[str]) -> str:
    if not files:
        return ""
    listed = "\n".join(f"- {md.code(file)}" for file in files)
    return f"{site.heading(3, 'files')}\n\n{site.word('files_lead')}\n\n{listed}"


def _dependencies(site: Site, dependencies: Data) -> str:
    lines = [
        f"- {site.word(f'{kind}_packages')}: {', '.join(map(md.code, dependencies[kind]))}"
        for kind in ("runtime", "dev")
        if dependencies[kind]
    ]
    return "\n\n".join([site.heading(3, "dependencies"), "\n".join(lines)]) if lines else ""


def _samples(site: Site, samples: Mapping[str, str]) -> str:
    return "\n\n".join(
        f"{_sample_heading(site, name)}\n\n{md.fenced(samples[name], _syntax(name), name)}"
        for name in sorted(samples, key=_sample_order)
    )


def _sample_order(name: str) -> tuple[int, str]:
    """The mistake, then its mending, then the rest."""
    stem = PurePosixPath(name).stem
    known = ("before", "after")
    return (known.index(stem) if stem in known else len(known), name)


def _sample_heading(site: Site, name: str) -> str:
    stem = PurePosixPath(name).stem
    anchor = "sample-" + re.sub(r"[^a-z0-9]+", "-", name.lower())
    return md.heading(3, site.word(stem) if stem in ("before", "after") else md.code(name), anchor)


def _checks(site: Site, checks: Data) -> str:
    if not checks:
        return ""
    rows = [
        [
            f"{md.code(name)}{{ #check-{name} }}<br>{_severity(site, check['severity'])}",
            site.say(check["title"]),
            site.say(check["fix"]),
        ]
        for name, check in checks.items()
    ]
    head = [site.word(w) for w in ("check", "demand", "fix")]
    return f"{site.word('checks_lead')}\n\n{md.table('anshin-checks', head, rows)}"


def _severity(site: Site, severity: str) -> str:
    label = site.word(f"severity.{severity}")
    return f'<span class="anshin-severity anshin-severity--{severity}">{label}</span>'


def _proof(site: Site, name: str, text: str | None) -> str:
    if not text:
        return ""
    lead = site.word("proof_lead", path=f"catalog/{name}/proof.py")
    blocks = [lead, md.boxed("anshin-proof", text, language="en"), results(site, name)]
    return "\n\n".join(block for block in blocks if block)


def _use_when(site: Site, entry: Data) -> str:
    blocks = [md.prose(site.say(entry["use_when"]))]
    incidents, presets = site.catalog["incidents"], site.catalog["presets"]
    if entry["incidents"]:
        titles = ((i, site.say(incidents[i]["title"])) for i in entry["incidents"])
        lines = [f"- [{title}](../{INCIDENTS}#{i})" for i, title in titles]
        blocks += [site.heading(3, "incidents_of"), "\n".join(lines)]
    if entry["presets"]:
        why = ((p, site.say(presets[p]["title"]), site.say(r)) for p, r in entry["presets"].items())
        lines = [f"- [{title}](../{PRESETS}#{p}): {reason}" for p, title, reason in why]
        blocks += [site.heading(3, "presets"), "\n".join(lines)]
    return "\n\n".join(blocks)


def _relations(site: Site, name: str) -> str:
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


def _named_by_others(site: Site, name: str, relation: str) -> dict[str, Any]:
    others = site.patterns.items()
    return {other: entry[relation][name] for other, entry in others if name in entry[relation]}


def _relation(site: Site, other: str, reason: Data) -> str:
    return f"[{site.title(other)}]({other}.md): {site.say(reason)}"


def _commands(site: Site, name: str, entry: Data) -> str:
    blocks: list[str] = []
    if name in safeguards(site.catalog):
        command = f"anshin new my-service --safeguards {name}"
        blocks += [site.word("new_lead"), md.fenced(command, "sh")]
    if entry["checks"]:
        command = f"anshin check --only {name} path/to/project"
        blocks += [site.word("check_lead"), md.fenced(command, "sh")]
    return "\n\n".join(blocks)


def _references(site: Site, references: Sequence[Data]) -> str:
    return "\n".join(f"- [{site.say(r['title'])}]({r['url']})" for r in references)


def _syntax(name: str) -> str:
    return SYNTAX.get(PurePosixPath(name).suffix, "text")
