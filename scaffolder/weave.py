"""Weave the base and every pattern into the one Jinja template that Copier copies."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path

from scaffolder import merge
from scaffolder.catalog import Catalog, CatalogEntry
from scaffolder.handlers import Addition, HandlerError, weave_handler
from scaffolder.jinja import ACTIVE, ALWAYS, Condition, literal
from scaffolder.questions import base_questions, copier_yml
from scaffolder.requirements import RequirementError, merge_requirements
from scaffolder.sources import BASE, SourceError, SourceFile, combined, gather, targets

TEMPLATE = "template.yaml"
BASELINE = "baseline/template.yaml"
RUNTIME_REQUIREMENTS = "src/requirements.txt"
DEV_REQUIREMENTS = "requirements-dev.txt"
SAFEGUARDS = "SAFEGUARDS.md"
WORDS = {
    "ja": {
        "adds": "追加されるもの",
        "resource": "`{file}` の `{name}`",
        "costs": "コストと副作用",
        "page": "詳しい説明",
        "see": "動作の確認",
        "requires": "必要なセーフガード",
    },
    "en": {
        "adds": "What it adds",
        "resource": "`{name}` in `{file}`",
        "costs": "Costs and side effects",
        "page": "Read more",
        "see": "See it working",
        "requires": "Needs",
    },
}


class WeaveError(Exception):
    """Base and patterns cannot be woven together; the message names the place and both sides."""


@dataclass(frozen=True)
class Woven:
    """The compiled template: files by path below `templates/project/`, and `copier.yml`."""

    files: MappingType[str, str]
    copier_yml: str


def weave(base: Path, catalog: Catalog, site_url: str) -> Woven:
    """Compile the template.

    Args:
        base: `templates/base/`.
        catalog: the patterns.
        site_url: where the pages are, for links in the project's documents.

    Raises:
        WeaveError: a clash; names the path, both origins and both values.
    """
    try:
        sources = gather(base, catalog)
        files = {target: _file(target, found, catalog) for target, found in sources.items()}
        files[TEMPLATE] = merged_template(base, catalog)
        files[BASELINE] = merged_template(base, catalog, BASELINE, "baseline.yaml")
        files[RUNTIME_REQUIREMENTS] = _requirements(sources, RUNTIME_REQUIREMENTS, catalog)
        files[DEV_REQUIREMENTS] = _requirements(sources, DEV_REQUIREMENTS, catalog)
        files[SAFEGUARDS] = _safeguards(files[SAFEGUARDS], catalog, site_url)
        copier = copier_yml(catalog, _excluded(sources, catalog))
    except (merge.MergeError, HandlerError, RequirementError, SourceError) as error:
        raise WeaveError(str(error)) from error
    return Woven(dict(sorted(_named(files, sources).items())), copier)


def merged_template(
    base: Path, catalog: Catalog, target: str = TEMPLATE, snippet: str = TEMPLATE
) -> str:
    """The base's CloudFormation template and all patterns' parts of it as one Jinja template."""
    text = (base / target).read_text(encoding="utf-8")
    document = merge.read(text, BASE, ALWAYS, _answers(None))
    for entry in catalog:
        for name, condition in _parts(entry, snippet):
            part = entry.read(name)
            if part is not None:
                origin = entry.id if name == snippet else f"{entry.id} ({name})"
                merge.merge(document, merge.read(part, origin, condition, _answers(entry)))
    return merge.write(document)


def resources(entry: CatalogEntry) -> dict[str, list[str]]:
    """The logical ids that an entry brings, by the file of the project that they are in."""
    found: dict[str, list[str]] = {}
    for target, snippet in ((TEMPLATE, TEMPLATE), (BASELINE, "baseline.yaml")):
        part = entry.read(snippet)
        if part is None:
            continue
        document = merge.read(part, entry.id, ALWAYS, _answers(entry))
        section = document.pairs.get("Resources")
        if section and isinstance(section.value, merge.Mapping):
            found[target] = list(section.value.pairs)
    return found


def _parts(entry: CatalogEntry, snippet: str) -> list[tuple[str, Condition]]:
    """The entry's own part, then those for when another pattern is there too."""
    parts = [(snippet, Condition.on(entry.id))]
    if snippet == TEMPLATE:
        for name in entry.tree("with"):
            other = name.removesuffix(".yaml")
            parts.append((f"with/{name}", Condition.on(entry.id, other)))
    return parts


def _answers(entry: CatalogEntry | None) -> merge.AnswerKind:
    kinds = {
        name: (name, "choice" if "choices" in question else question["type"])
        for name, question in base_questions().items()
    }
    if entry is not None:
        for full, question in entry.answers().items():
            kinds[full] = (full, question.type)
            kinds[full.removeprefix(entry.answer_prefix)] = (full, question.type)
    return kinds.__getitem__


def _file(target: str, found: list[SourceFile], catalog: Catalog) -> str:
    if not target.endswith(".py") or any(f.is_template for f in found):
        return combined(found)
    additions = [
        Addition(e.id, kind, handler, Condition.on(e.id))
        for e in catalog
        for kind, handler in e.pattern.handlers.items()
    ]
    woven = [
        SourceFile(f.target, f.origin, f.condition, weave_handler(f.text, target, additions), True)
        for f in found
    ]
    return combined(woven)


def _requirements(
    sources: MappingType[str, list[SourceFile]], target: str, catalog: Catalog
) -> str:
    kind = "runtime" if target == RUNTIME_REQUIREMENTS else "dev"
    base_lines = [line for line in sources[target][0].text.splitlines() if line]
    parts = [(BASE, ALWAYS, base_lines)]
    for entry in catalog:
        needed: list[str] = getattr(entry.pattern.dependencies, kind)
        parts.append((entry.id, Condition.on(entry.id), needed))
    return "\n".join(merge_requirements(parts)) + "\n"


def _excluded(sources: MappingType[str, list[SourceFile]], catalog: Catalog) -> list[str]:
    """What to leave out: a block per condition, and folders that would be left empty."""
    conditions = {target: _condition(found) for target, found in sources.items()}
    with_baseline = [e.id for e in catalog if e.read("baseline.yaml") is not None]
    conditions[BASELINE] = Condition(frozenset(frozenset({i}) for i in with_baseline))
    folders: dict[str, Condition] = {}
    for target, condition in conditions.items():
        for parent in list(Path(target).parents)[:-1]:
            name = parent.as_posix()
            folders[name] = folders.get(name, Condition(frozenset())) | condition
    blocks: dict[str, list[str]] = {}
    for path, condition in sorted({**conditions, **folders}.items()):
        if condition != ALWAYS:
            blocks.setdefault(str(condition), []).append(f"/{path}")
    return [
        f"{{% if not ({condition}) %}}\n{chr(10).join(paths)}\n{{% endif %}}\n"
        for condition, paths in blocks.items()
    ]


def _condition(found: list[SourceFile]) -> Condition:
    result = Condition(frozenset())
    for file in found:
        result = result | file.condition
    return result


def _safeguards(text: str, catalog: Catalog, site_url: str) -> str:
    languages = [
        f"{{% if language == '{language}' %}}\n"
        + "".join(_section(e, language, site_url) for e in catalog.safeguards)
        + "{% endif %}\n"
        for language in ("ja", "en")
    ]
    return text + "".join(languages)


def _section(entry: CatalogEntry, language: str, site_url: str) -> str:
    words = WORDS[language]
    pattern = entry.pattern

    def say(text: object) -> str:
        return literal(str(getattr(text, language)).strip().replace("\n", "\n\n"))

    places = [
        words["resource"].format(file=file, name=name)
        for file, names in resources(entry).items()
        for name in names
    ] + [f"`{target}`" for target in targets(entry)]
    lines = ["", f"## {say(pattern.title)} (`{entry.id}`)", "", say(pattern.summary), ""]
    lines += [say(pattern.why), ""]
    if places:
        lines += [f"**{words['adds']}**", "", *(f"- {literal(p)}" for p in places), ""]
    lines += [f"**{words['costs']}**: {say(pattern.costs.text)}", ""]
    lines += [f"**{words['page']}**: <{site_url}{language}/patterns/{entry.id}/>"]
    body = "\n".join(lines)
    return f"{{% if {Condition.on(entry.id)} %}}\n{body}\n{{% endif %}}\n"


def _named(
    files: MappingType[str, str], sources: MappingType[str, list[SourceFile]]
) -> dict[str, str]:
    """Paths in the template: `.jinja` is added to what has to be rendered."""
    named: dict[str, str] = {}
    for target, text in files.items():
        found = sources.get(target, [])
        verbatim = len(found) == 1 and not found[0].is_template and literal(found[0].text) == text
        named[target if verbatim else f"{target}.jinja"] = found[0].text if verbatim else text
    return named


__all__ = ["ACTIVE", "WeaveError", "Woven", "merged_template", "resources", "weave"]
