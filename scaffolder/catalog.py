"""Read the catalog: one folder is one pattern, and the folder's name is its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from scaffolder.model import (
    PATTERN_ID,
    UNKNOWN,
    Chapter,
    Fact,
    Incident,
    Pattern,
    Preset,
    Question,
    Retired,
    Term,
    Workload,
)

ENTRY_FILE = "pattern.yaml"
WORKLOADS_FILE = "workloads.yaml"
IGNORED_NAMES = frozenset({"__pycache__"})

T = TypeVar("T")


class CatalogError(Exception):
    """The catalog says something that cannot be; the message names the file and the place."""


class UniqueKeyLoader(yaml.CSafeLoader):
    """PyYAML's safe loader, except that a key written twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise CatalogError(f"line {line}: key {key!r} is written twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class CatalogEntry:
    """A pattern and the folder it was read from."""

    id: str
    folder: Path
    pattern: Pattern

    @property
    def answer_prefix(self) -> str:
        """What the names of this pattern's answers start with, e.g. `apigw_throttling_`."""
        return _answer_prefix(self.id)

    def answers(self) -> dict[str, Question]:
        """The pattern's questions under the names they have in the answers file.

        Their aliases include the names they had when the pattern had another id.
        """
        return {
            self.answer_prefix + name: question.model_copy(
                update={"aliases": [*dict.fromkeys([*question.aliases, *self._former(name)])]}
            )
            for name, question in self.pattern.questions.items()
        }

    def _former(self, name: str) -> list[str]:
        return [_answer_prefix(alias) + name for alias in self.pattern.aliases]

    def read(self, name: str) -> str | None:
        """The text of one of the entry's files, or None if it has no such file."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def tree(self, folder: str) -> dict[str, Path]:
        """The files below one of the entry's folders, by relative POSIX path, sorted."""
        return tree(self.folder / folder)


@dataclass(frozen=True)
class Catalog:
    """All patterns in the order of the deck, and the lists that they share."""

    root: Path
    chapters: Mapping[str, Chapter]
    presets: Mapping[str, Preset]
    facts: Mapping[str, Fact]
    incidents: Mapping[str, Incident]
    terms: Sequence[Term]
    retired: Retired
    workloads: Mapping[str, Workload]
    entries: Mapping[str, CatalogEntry]

    def __iter__(self) -> Iterator[CatalogEntry]:
        return iter(self.entries.values())

    @cached_property
    def safeguards(self) -> list[CatalogEntry]:
        """The entries that can be chosen in a project: all but mere concepts."""
        return [e for e in self if e.pattern.scope != ["concept"]]

    def closure(self, ids: list[str]) -> list[str]:
        """`ids` and all that they require, in the catalog's order."""
        wanted: set[str] = set()
        queue = list(ids)
        while queue:
            current = queue.pop()
            if current not in wanted:
                wanted.add(current)
                queue.extend(self.entries[current].pattern.requires)
        return [e.id for e in self if e.id in wanted]

    def preset(self, name: str) -> list[str]:
        """The safeguards of a preset: `none`, `all`, or those that name it in their entry.

        `all` has no conflicts: the entry that declares one gives way to the other.
        """
        if name == "all":
            ids = {e.id for e in self.safeguards}
            return [e.id for e in self.safeguards if not ids & e.pattern.conflicts.keys()]
        return [e.id for e in self.safeguards if name in e.pattern.presets]


def tree(folder: Path) -> dict[str, Path]:
    """The files below `folder`, by relative POSIX path, sorted; nothing if there is no folder."""
    if not folder.is_dir():
        return {}
    files = (p for p in folder.rglob("*") if p.is_file() and not IGNORED_NAMES & set(p.parts))
    return dict(sorted((p.relative_to(folder).as_posix(), p) for p in files))


def load_catalog(root: Path) -> Catalog:
    """Read and check the catalog in `root`.

    Raises:
        CatalogError: a file is missing, does not fit the model, or names what does not exist.
    """
    chapters = _load(root / "chapters.yaml", TypeAdapter(dict[str, Chapter]))
    order = list(chapters)
    entries = [_load_entry(folder) for folder in _entry_folders(root)]
    for entry in entries:
        if entry.pattern.chapter not in chapters:
            raise CatalogError(_about(entry, f"chapter {entry.pattern.chapter!r} is not a chapter"))
    entries.sort(key=lambda e: (order.index(e.pattern.chapter), min(e.pattern.slides), e.id))
    catalog = Catalog(
        root=root,
        chapters=chapters,
        presets=_load(root / "presets.yaml", TypeAdapter(dict[str, Preset])),
        facts=_load(root / "facts.yaml", TypeAdapter(dict[str, Fact])),
        incidents=_load(root / "incidents.yaml", TypeAdapter(dict[str, Incident])),
        terms=_load(root / "terms.yaml", TypeAdapter(list[Term])),
        retired=_load(root / "retired.yaml", TypeAdapter(Retired)),
        workloads=_load(root / WORKLOADS_FILE, TypeAdapter(dict[str, Workload])),
        entries={e.id: e for e in entries},
    )
    for entry in entries:
        _check_names(catalog, entry)
    for name, workload in catalog.workloads.items():
        _check_workload(catalog, name, workload)
    return catalog


def parse(text: str, adapter: TypeAdapter[T], name: str) -> T:
    """Validate YAML text; an error names the file, the place and the value."""
    try:
        return adapter.validate_python(yaml.load(text, UniqueKeyLoader))  # noqa: S506, safe subclass
    except (yaml.YAMLError, CatalogError) as error:
        raise CatalogError(f"{name}: {error}") from error
    except ValidationError as error:
        lines = [
            f"{name}: {'.'.join(map(str, e['loc']))}: {e['msg']} (value: {e['input']!r:.80})"
            for e in error.errors()
        ]
        raise CatalogError("\n".join(lines)) from error


def _answer_prefix(name: str) -> str:
    return name.replace("-", "_") + "_"


def _load(path: Path, adapter: TypeAdapter[T]) -> T:
    if not path.is_file():
        raise CatalogError(f"{path}: file not found")
    return parse(path.read_text(encoding="utf-8"), adapter, str(path))


def _entry_folders(root: Path) -> list[Path]:
    folders = (p for p in root.iterdir() if p.is_dir() and p.name not in IGNORED_NAMES)
    return sorted(p for p in folders if not p.name.startswith("."))


def _load_entry(folder: Path) -> CatalogEntry:
    if not PATTERN_ID.match(folder.name):
        raise CatalogError(f"{folder}: a pattern's folder is named in lower case with hyphens")
    pattern = _load(folder / ENTRY_FILE, TypeAdapter(Pattern))
    return CatalogEntry(folder.name, folder, pattern)


def _check_names(catalog: Catalog, entry: CatalogEntry) -> None:
    pattern = entry.pattern
    for relation in ("requires", "conflicts", "goes_with"):
        for other in getattr(pattern, relation):
            if other not in catalog.entries or other == entry.id:
                raise CatalogError(_about(entry, f"{relation}: {other!r} is not another pattern"))
    for other in pattern.conflicts:
        if entry.id in catalog.entries[other].pattern.conflicts:
            raise CatalogError(_about(entry, f"conflicts: {other!r} declares it already"))
    for preset in pattern.presets:
        if preset not in catalog.presets or preset in ("none", "all"):
            raise CatalogError(_about(entry, f"presets: {preset!r} cannot be joined"))
    for incident in pattern.incidents:
        if incident not in catalog.incidents:
            raise CatalogError(_about(entry, f"incidents: {incident!r} is no incident"))
    _check_conditions(catalog, entry)


def _check_conditions(catalog: Catalog, entry: CatalogEntry) -> None:
    pattern = entry.pattern
    applies = [pattern.applies_when.facts] if pattern.applies_when else []
    conditions = [f for r in pattern.recommended_when for f in (r.facts, r.also, r.unless)]
    for facts in (*applies, *conditions):
        if problem := _wrong_fact(catalog, facts):
            raise CatalogError(_about(entry, problem))
        if fact := next((f for f, values in facts.items() if UNKNOWN in values), None):
            problem = f"fact {fact!r}: {UNKNOWN!r} is replaced by what it means, name that instead"
            raise CatalogError(_about(entry, problem))


def _check_workload(catalog: Catalog, name: str, workload: Workload) -> None:
    problem = _wrong_fact(catalog, workload.facts)
    for fact, about in catalog.facts.items():
        values = workload.facts.get(fact, [])
        if not values or (len(values) > 1 and not about.multiple):
            problem = problem or f"fact {fact!r} has {len(values)} values"
    if both := sorted(workload.expected.keys() & workload.unexpected.keys()):
        problem = problem or f"{both[0]!r} is both expected and unexpected"
    if problem:
        raise CatalogError(f"{catalog.root / WORKLOADS_FILE}: {name}: {problem}")


def _wrong_fact(catalog: Catalog, facts: Mapping[str, list[str]]) -> str | None:
    """What is wrong with a mapping of facts to values, if anything."""
    for fact, values in facts.items():
        if fact not in catalog.facts:
            return f"{fact!r} is no fact"
        if unknown := [v for v in values if v not in catalog.facts[fact].values]:
            return f"fact {fact!r} has no value {unknown[0]!r}"
    return None


def _about(entry: CatalogEntry, problem: str) -> str:
    return f"{entry.folder / ENTRY_FILE}: {problem}"
