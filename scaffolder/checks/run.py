"""Check a project: find its templates, read them and their code, evaluate the checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from scaffolder.checks.code import Function, Packages, shown, single
from scaffolder.checks.evaluate import Check, evaluate, items
from scaffolder.checks.files import TooMany, Tree
from scaffolder.checks.managed import adopted_template
from scaffolder.checks.outcome import Item, Outcome, Reason, because, worst
from scaffolder.checks.predicates import CODE_PREDICATES, template_predicate
from scaffolder.checks.reading import Unreadable, read
from scaffolder.checks.scope import of_project
from scaffolder.checks.template import Template


@dataclass(frozen=True)
class Problem:
    """A file that could not be read."""

    file: str
    line: int
    column: int
    reason: Reason


@dataclass(frozen=True)
class Result:
    """What is said of one pattern."""

    pattern: str
    items: list[Item]

    @property
    def outcome(self) -> Outcome:
        """The worst that any of its checks says."""
        return worst(item.outcome for item in self.items)

    def count(self, outcome: Outcome) -> int:
        """How many items have an outcome."""
        return sum(item.outcome is outcome for item in self.items)


@dataclass
class Report:
    """What was looked at and what was found.

    Attributes:
        templates: names of the templates that were read.
        results: by pattern id, in the catalog's order.
        problems: files that could not be read.
        foreign: functions in other languages, whose code is not looked at, by runtime.
    """

    templates: list[str] = field(default_factory=list)
    results: dict[str, Result] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    foreign: dict[str, int] = field(default_factory=dict)

    @property
    def items(self) -> list[Item]:
        """All items, in the order of the patterns."""
        return [item for result in self.results.values() for item in result.items]


@dataclass(frozen=True)
class Source:
    """A template with the code of its functions; without a template, a module alone."""

    template: Template | None
    functions: list[Function]
    name: str


def check_project(
    path: Path,
    catalog: dict[str, Any],
    only: Collection[str] | None = None,
    template: Path | None = None,
) -> Report:
    """Check the templates below a folder, or one template.

    Args:
        path: a folder, or a file that is a template.
        catalog: what `catalog.json` says.
        only: ids of patterns or checks (`<pattern>/<check>`); all, if None.
        template: the one that is the project's own, if that is not recorded.
    """
    return check_paths([path], catalog, only, template)


def check_paths(
    paths: Iterable[Path],
    catalog: dict[str, Any],
    only: Collection[str] | None = None,
    template: Path | None = None,
) -> Report:
    """Check several folders and templates as one project."""
    report = Report()
    checks = chosen(catalog, only)
    needs_code = any(_is_code(check) for of in checks.values() for check in of)
    ours = [file for name, file in catalog.get("stacks", {}).items() if name != "template"]
    look = partial(_sources, report=report, needs_code=needs_code, ours=ours)
    found = (source for path in paths for source in look(Path(path), template=template))
    sources = list({source.name: source for source in found}.values())
    report.templates = [source.name for source in sources]
    for pattern, of in checks.items():
        scope = catalog["patterns"][pattern].get("scope", [])
        report.results[pattern] = Result(pattern, check_sources(of, sources, scope))
    return report


def chosen(catalog: dict[str, Any], only: Collection[str] | None) -> dict[str, list[Check]]:
    """The checks to run, by pattern; `only` names patterns and checks."""
    found: dict[str, list[Check]] = {}
    for pattern, data in catalog["patterns"].items():
        checks = [Check(f"{pattern}/{name}", c) for name, c in data.get("checks", {}).items()]
        if only is not None and pattern not in only:
            checks = [check for check in checks if check.id in only]
        if checks:
            found[pattern] = checks
    return found


def check_sources(checks: list[Check], sources: list[Source], scope: list[str]) -> list[Item]:
    """What the checks of one pattern say of a project.

    A pattern of the account may be met by a stack that is not in this project, so its absence
    here is unknown, not a failure.
    """
    found = [item for check in checks for item in check_items(check, sources)]
    if "account" not in scope or "project" in scope:
        return found
    found = [_maybe_elsewhere(i) if i.nothing and i.outcome is Outcome.failed else i for i in found]
    if found and worst(item.outcome for item in found) is Outcome.not_applicable:
        found[0] = _maybe_elsewhere(found[0])
    return found


def check_items(check: Check, sources: list[Source]) -> list[Item]:
    """What one check says of a project: what one template lacks, another one may have."""
    found = _once(item for source in sources for item in evaluate_source(check, source))
    something = [item for item in found if not item.nothing]
    if something:
        return something
    failed = [item for item in found if item.outcome is not Outcome.not_applicable]
    return (failed or found)[:1]


def _once(items: Iterable[Item]) -> list[Item]:
    """Each item once: two templates may share their code."""
    places = {
        (i.outcome, i.file, i.line, i.column, i.resource, i.values.get("key")): i for i in items
    }
    return list(places.values())


def _maybe_elsewhere(item: Item) -> Item:
    reason = because("maybe-elsewhere")
    return replace(item, outcome=Outcome.unknown, line=1, column=1, reason=reason)


def evaluate_source(check: Check, source: Source) -> list[Item]:
    """What one check says of one template and its code."""
    if _is_code(check):
        if not _code_applies(check, source):
            reason = because("nothing-to-check")
            nothing = Item(check.id, Outcome.not_applicable, source.name, 1, 1, reason=reason)
            return [replace(nothing, nothing=True)]
        from scaffolder.checks.code_checks import evaluate_code

        return evaluate_code(check, source.functions, source.name)
    if source.template is None:
        return []
    if check.data.get("select"):
        return evaluate(check, source.template)
    return _predicate(check, source.template)


def module_source(path: Path) -> Source:
    """A Python file on its own, for trying a check of code."""
    return Source(None, [single(path)], shown(path))


def _is_code(check: Check) -> bool:
    return bool(check.data.get("rule")) or check.data.get("predicate") in CODE_PREDICATES


def _code_applies(check: Check, source: Source) -> bool:
    queries = check.words("applies_to")
    if not queries or source.template is None:
        return True
    from scaffolder.checks.query import select

    view = source.template.views[0]
    return any(select(query, view) for query in queries)


def _predicate(check: Check, template: Template) -> list[Item]:
    function = template_predicate(check.data["predicate"])
    options = check.data.get("options") or {}
    views = [(view, list(function(view, **options))) for view in template.views]
    found = items(check.id, template, views)
    reason = because("nothing-to-check")
    nothing = Item(check.id, Outcome.not_applicable, template.name, 1, 1, reason=reason)
    return found or [replace(nothing, nothing=True)]


def _sources(
    path: Path, report: Report, needs_code: bool, ours: Collection[str], template: Path | None
) -> list[Source]:
    try:
        path.stat()
    except (OSError, ValueError):
        reason = because("not-found")
        report.problems.append(Problem(shown(path.absolute()), 1, 1, reason))
        return []
    given = not path.is_dir()
    root = (path.parent if given else path).resolve()
    tree = Tree(root)
    try:
        templates = [root / path.name] if given else tree.templates()
        own = None if given else template or adopted_template(root)
    except TooMany:
        reason = because("too-many-files", path=str(path))
        report.problems.append(Problem(shown(root), 1, 1, reason))
        return []
    if own:
        templates = of_project(own, templates, [root / file for file in ours])
    packages = Packages(tree)
    return [s for t in templates if (s := _source(t, given, packages, report, needs_code))]


def _source(
    path: Path, given: bool, packages: Packages, report: Report, needs_code: bool
) -> Source | None:
    name = shown(path)
    try:
        document = read(path, name)
        if not given and not _looks_like_one(document.root):
            return None
        template = Template(document)
    except Unreadable as error:
        report.problems.append(Problem(name, *error.place, error.reason))
        return None
    functions = packages.functions(template) if needs_code else []
    for function in functions:
        if function.foreign and function.reason is not None:
            runtime = str(function.reason.values["runtime"])
            report.foreign[runtime] = report.foreign.get(runtime, 0) + 1
    return Source(template, functions, name)


def _looks_like_one(root: dict[str, Any]) -> bool:
    """Whether a file called like a template is one of CloudFormation and not of something else."""
    return any(key in root for key in ("AWSTemplateFormatVersion", "Resources", "Transform"))
