"""Weave the base and every pattern into the one Jinja template that Copier copies."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path

from scaffolder import adoptable, merge
from scaffolder.catalog import Catalog, CatalogEntry
from scaffolder.handlers import Addition, HandlerError, weave_handler
from scaffolder.jinja import ALWAYS, Condition, any_of, literal
from scaffolder.questions import base_questions, copier_yml
from scaffolder.requirements import RequirementError, merge_requirements
from scaffolder.sources import BASE, SourceError, SourceFile, combined, gather, targets

STACKS = {
    "template": "template.yaml",
    "baseline": "baseline/template.yaml",
    "network": "network/template.yaml",
    "config": "config/template.yaml",
}
"""An entry's partial templates (`<name>.yaml`) and where in the project they are merged."""

STACKS_AT = frozenset(STACKS.values())
STEPS = "baseline/steps/"
"""Where patterns put what CloudFormation cannot switch on in an account."""

REQUIREMENTS = {"runtime": "src/requirements.txt", "dev": "requirements-dev.txt"}
SAFEGUARDS = "SAFEGUARDS.md"
README = "README.md"
IN_PROJECT = re.compile(r"in_project\('([^']+)'\)")
"""In the base's README: whether a file or a folder is in the project."""

WORDS = {
    "ja": {
        "adds": "追加されるもの",
        "resource": "`{file}` の `{name}`",
        "extended": "`{file}` の `{name}` への設定",
        "costs": "コストと副作用",
        "page": "詳しい説明",
        "see": "動作の確認",
        "requires": "前提となるセーフガード",
    },
    "en": {
        "adds": "What it adds",
        "resource": "`{name}` in `{file}`",
        "extended": "settings of `{name}` in `{file}`",
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
    """The compiled template: files by path below `templates/project/`, and `copier.yml`.

    `requirements` are the pins of all generated projects together, for testing them.
    """

    files: MappingType[str, str]
    copier_yml: str
    requirements: str


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
        files |= {target: merged_stack(base, catalog, name) for name, target in STACKS.items()}
        runbooks = [target for target in files if target.startswith(adoptable.RUNBOOKS)]
        files |= {target: adoptable.with_notes(files[target]) for target in runbooks}
        for kind, target in REQUIREMENTS.items():
            files[target] = "\n".join(merge_requirements(_pins(sources, kind, catalog))) + "\n"
        files[SAFEGUARDS] = _safeguards(files[SAFEGUARDS], catalog, site_url)
        present = _present(sources, catalog)
        files[README] = IN_PROJECT.sub(lambda m: _holds(present, m[1]), files[README])
        check_adoptable(catalog)
        in_adopted = adoptable.answers_with_effect(catalog, STACKS)
        excluded = [adoptable.excluded(files), *_excluded(present)]
        copier = copier_yml(catalog, excluded, in_adopted)
        pins = [*_pins(sources, "runtime", catalog), *_pins(sources, "dev", catalog)]
        requirements = merge_requirements((origin, ALWAYS, lines) for origin, _, lines in pins)
    except (merge.MergeError, HandlerError, RequirementError, SourceError) as error:
        raise WeaveError(str(error)) from error
    return Woven(
        dict(sorted(_named(files, sources).items())), copier, "\n".join(requirements) + "\n"
    )


def merged_stack(base: Path, catalog: Catalog, stack: str) -> str:
    """The base's template of one stack and all patterns' parts of it, as one Jinja template."""
    text = (base / STACKS[stack]).read_text(encoding="utf-8")
    document = merge.read(text, BASE, ALWAYS, _answers(None))
    parts = [(e, name, on) for e in catalog for name, on in _parts(e, stack)]
    # What is added to another pattern's resource comes after that resource.
    for entry, name, condition in sorted(parts, key=lambda part: "/" in part[1]):
        origin = entry.id if "/" not in name else f"{entry.id} ({name})"
        part = merge.read(entry.read(name) or "", origin, condition, _answers(entry))
        merge.merge(document, part)
    return merge.write(document)


def check_adoptable(catalog: Catalog) -> None:
    """Make sure that what entries add to projects that we did not generate can go together.

    Raises:
        MergeError: a part names an unknown answer, or two contradict each other.
    """
    whole = merge.Mapping(BASE)
    for entry in catalog:
        text = entry.read(adoptable.PART)
        if text is not None:
            origin = f"{entry.id} ({adoptable.PART})"
            merge.merge(whole, merge.read(text, origin, Condition.on(entry.id), _answers(entry)))


def resources(entry: CatalogEntry) -> dict[str, list[str]]:
    """The logical ids that an entry brings, by the file of the project that they are in."""
    return _logical_ids(entry, own=True)


def extended(entry: CatalogEntry) -> dict[str, list[str]]:
    """The logical ids of others to which an entry adds properties, by file."""
    return _logical_ids(entry, own=False)


def _logical_ids(entry: CatalogEntry, own: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for stack, target in STACKS.items():
        part = entry.read(f"{stack}.yaml")
        if part is None:
            continue
        document = merge.read(part, entry.id, ALWAYS, _answers(entry))
        section = document.pairs.get("Resources")
        if section and isinstance(section.value, merge.Mapping):
            # Without a Type, the part only adds to somebody else's resource.
            pairs = section.value.pairs.values()
            if names := [p.name for p in pairs if _has_type(p.value) == own]:
                found[target] = names
    return found


def _has_type(value: merge.Mapping | merge.Sequence | merge.Leaf) -> bool:
    return isinstance(value, merge.Mapping) and "Type" in value.pairs


def _parts(entry: CatalogEntry, stack: str) -> list[tuple[str, Condition]]:
    """The entry's own part of a stack, then those for when another pattern is there too.

    `with/<other>.yaml` goes into the application's template, `with/<other>.<stack>.yaml` into
    that stack's.
    """
    parts = []
    if entry.read(f"{stack}.yaml") is not None:
        parts.append((f"{stack}.yaml", Condition.on(entry.id)))
    for name in entry.tree("with"):
        other, _, named = name.removesuffix(".yaml").partition(".")
        if (named or "template") == stack:
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


def _pins(
    sources: MappingType[str, list[SourceFile]], kind: str, catalog: Catalog
) -> list[tuple[str, Condition, list[str]]]:
    """Who needs which packages, and when; `kind` is `runtime` or `dev`."""
    text = sources[REQUIREMENTS[kind]][0].text
    pins = [(BASE, ALWAYS, [line for line in text.splitlines() if line])]
    for entry in catalog:
        needed: list[str] = getattr(entry.pattern.dependencies, kind)
        pins.append((entry.id, Condition.on(entry.id), needed))
    return pins


def _present(sources: MappingType[str, list[SourceFile]], catalog: Catalog) -> dict[str, Condition]:
    """When each file is in the project, and each folder."""
    conditions = {t: any_of(f.condition for f in found) for t, found in sources.items()}
    for stack, target in STACKS.items():
        if stack != "template":
            bringing = [c for e in catalog for _, c in _parts(e, stack)]
            conditions[target] = any_of(bringing)
    # What stands beside the steps of the account's set-up is of no use without any step.
    steps = [c for t, c in conditions.items() if t.startswith(STEPS)]
    for target, found in sources.items():
        if target.startswith("baseline/") and found[0].origin == BASE and target not in STACKS_AT:
            conditions[target] = any_of(steps)
    folders: dict[str, Condition] = {}
    for target, condition in conditions.items():
        for parent in list(Path(target).parents)[:-1]:
            name = parent.as_posix()
            folders[name] = any_of([folders[name], condition] if name in folders else [condition])
    return conditions | folders


def _holds(present: MappingType[str, Condition], path: str) -> str:
    """The Jinja expression for a file or folder; what nobody brings is never there."""
    return f"({present.get(path, any_of([]))})"


def _excluded(present: MappingType[str, Condition]) -> list[str]:
    """What to leave out, in a block per condition."""
    blocks: dict[str, list[str]] = {}
    for path, condition in sorted(present.items()):
        if condition != ALWAYS:
            blocks.setdefault(str(condition), []).append(f"/{path}")
    return [
        f"{{% if not ({condition}) %}}\n{chr(10).join(paths)}\n{{% endif %}}\n"
        for condition, paths in blocks.items()
    ]


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
        words[kind].format(file=file, name=name)
        for kind, by_file in (("resource", resources(entry)), ("extended", extended(entry)))
        for file, names in by_file.items()
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
