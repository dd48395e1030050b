"""A history of the template, built from the catalog as it is now.

Each earlier version has fewer entries, other texts, values and pins, and shorter tests; some ids
and questions have other names in it. What is older differs by the hash of a line, so that no
entry and no line of it is named here.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from scaffolder import compile as compiler
from scaffolder.catalog import Catalog, CatalogEntry, load_catalog
from tests.cli.conftest import ROOT
from tests.unit.test_source import git, release

NOW = "v0.4.0"
AGES = {"v0.1.0": 3, "v0.2.0": 2, "v0.3.0": 1}
"""The earlier versions, and how far they are from what is there now."""

FORMER = "former-"
"""What an id that was changed later begins with."""

VALUES = ("EvaluationPeriods", "Period", "Threshold", "Timeout", "timeout-minutes")
"""Keys whose numbers were others."""

SPECIAL = re.compile(r"checkov:|anshin:|type: ignore|noqa|yaml-language-server|!/")
COMMENT = re.compile(r"^(\s*)# (.+)$")
PROSE = re.compile(r"^[A-Za-z\u3040-\u9fff].*[.。]$")
DOCSTRING = re.compile(r'^(\s*""".+)\."""$')
DESCRIPTION = re.compile(r"^(\s*(?:Alarm)?Description: [A-Z][^'\"]*)$")
VALUE = re.compile(rf"^(\s*(?:{'|'.join(VALUES)}): |line-length = )(\d+)$")
LOGGED = re.compile(r"(\blogger\.\w+\(\"[a-z ]+)(\")")
PIN = re.compile(r"\b([\w.-]+(?:\[[\w,-]+\])?)==(\d+(?:\.\d+)*)\b")
TEXTS = {".py", ".yaml", ".yml", ".md", ".jinja", ".json", ".toml", ".txt", ".conf", ""}


@dataclass(frozen=True)
class Past:
    """A repository with all versions, and one for each in which it is the newest.

    Attributes:
        root: the repository, with a work tree at the newest version.
        at: version → bare repository that ends there.
        catalogs: version → catalog as it was exported.
        renamed: ids and questions of earlier versions → what they are called in the newest.
    """

    root: Path
    at: Mapping[str, Path]
    catalogs: Mapping[str, Mapping[str, Any]]
    renamed: Mapping[str, str]


@dataclass(frozen=True)
class Names:
    """What had another name once: two ids and one question."""

    early: str
    """The id that was changed with the second version."""

    late: str
    """The id that was changed with the newest."""

    asked_by: str
    """The entry whose first question was renamed with the second version."""


def build(folder: Path) -> Past:
    """Build the history in a new folder."""
    root, pure = folder / "anshin", folder / "pure"
    _copy_catalog(ROOT, pure)
    catalog = load_catalog(pure / "catalog")
    names = _names(catalog)
    kept = {"v0.1.0": 1 / 3, "v0.2.0": 2 / 3, "v0.3.0": None, NOW: 1.0}
    at, catalogs = {}, {}
    for version, share in kept.items():
        _clear(root)
        _copy_catalog(pure, root)
        _remember_names(root, catalog, names)
        _make_older(root, catalog, names, version, share)
        _compile(root, version)
        release(root, version)
        at[version] = folder / f"{version}.git"
        git(folder, "clone", "--quiet", "--bare", str(root), str(at[version]))
        catalogs[version] = json.loads((root / "scaffolder" / "catalog.json").read_text("utf-8"))
    return Past(root, at, catalogs, _renamed(catalog, names))


def _copy_catalog(source: Path, root: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "released.yaml", "examples", "proof.py")
    for part in ("catalog", "templates/base"):
        shutil.copytree(source / part, root / part, ignore=ignored, dirs_exist_ok=True)
    shutil.copy(source / "pyproject.toml", root)
    (root / "scaffolder").mkdir(exist_ok=True)


def _clear(root: Path) -> None:
    """Leave nothing but what was released."""
    if not root.is_dir():
        return
    record = (root / "catalog" / "released.yaml").read_text(encoding="utf-8")
    for path in root.iterdir():
        if path.is_dir() and path.name != ".git":
            shutil.rmtree(path)
    (root / "catalog").mkdir()
    (root / "catalog" / "released.yaml").write_text(record, encoding="utf-8")


def _names(catalog: Catalog) -> Names:
    """Entries with questions and files that most projects have."""
    able = [
        entry.id
        for entry in _by_rank(catalog)
        if entry.pattern.questions and entry.tree("files") and entry.read("template.yaml")
    ]
    others = [e.id for e in _by_rank(catalog) if e.pattern.questions and e.id not in able[:2]]
    return Names(able[0], able[1], others[0])


def _by_rank(catalog: Catalog) -> list[CatalogEntry]:
    """What is recommended comes first; the rest by chance, but always the same."""
    return sorted(
        catalog.safeguards,
        key=lambda e: ("recommended" not in e.pattern.presets, crc32(e.id.encode())),
    )


def _renamed(catalog: Catalog, names: Names) -> dict[str, str]:
    asked = catalog.entries[names.asked_by]
    question = _first_question(asked)
    found = {asked.answer_prefix + FORMER[:-1] + "_" + question: asked.answer_prefix + question}
    for name in (names.early, names.late):
        entry = catalog.entries[name]
        former = (FORMER + name).replace("-", "_") + "_"
        found |= {former + q: entry.answer_prefix + q for q in entry.pattern.questions}
        found[FORMER + name] = name
    return found


def _first_question(entry: CatalogEntry) -> str:
    return next(iter(entry.pattern.questions))


def _remember_names(root: Path, catalog: Catalog, names: Names) -> None:
    """Write the former names into the entries as they are now."""
    for name in (names.early, names.late):
        with _entry(root, name) as data:
            data["aliases"] = [FORMER + name]
    entry = catalog.entries[names.asked_by]
    question = _first_question(entry)
    with _entry(root, names.asked_by) as data:
        former = f"{entry.answer_prefix}{FORMER[:-1]}_{question}"
        data["questions"][question]["aliases"] = [former]


def _make_older(
    root: Path, catalog: Catalog, names: Names, version: str, share: float | None
) -> None:
    """Change a copy of what is there now into an earlier version."""
    age = AGES.get(version, 0)
    _keep_only(root, catalog, _kept(catalog, names, share))
    if not age:
        return
    for path in _files(root):
        text = path.read_text(encoding="utf-8")
        older = _older(path, text, age)
        if older != text:
            path.write_text(older, encoding="utf-8")
    for path in (root / "catalog").glob("*/pattern.yaml"):
        with _entry(root, path.parent.name) as data:
            _other_defaults(data, age)
    if age == max(AGES.values()):
        _ask_as_before(root, catalog.entries[names.asked_by])
        _call(root, names.early, FORMER + names.early)
        (root / "templates/base/.pre-commit-config.yaml").unlink(missing_ok=True)
    _call(root, names.late, FORMER + names.late)


def _kept(catalog: Catalog, names: Names, share: float | None) -> set[str]:
    """The ids of a version: a share of them, or all but the last one if None."""
    ranked = [entry.id for entry in _by_rank(catalog)]
    needed = {other for name in ranked for other in catalog.entries[name].pattern.requires}
    if share is None:
        left_out = next(name for name in reversed(ranked) if name not in needed)
        return {*ranked} - {left_out}
    first = ranked[: round(len(ranked) * share)]
    return {*catalog.closure([*first, names.early, names.late, names.asked_by])}


def _keep_only(root: Path, catalog: Catalog, kept: set[str]) -> None:
    gone = {entry.id for entry in catalog.safeguards} - kept
    for name in gone:
        shutil.rmtree(root / "catalog" / name)
    for folder in (root / "catalog").iterdir():
        for path in folder.glob("with/*"):
            if path.name.partition(".")[0] in gone:
                path.unlink()
        if folder.is_dir():
            with _entry(root, folder.name) as data:
                for relation in ("requires", "conflicts", "goes_with"):
                    data[relation] = {
                        k: v for k, v in data.get(relation, {}).items() if k not in gone
                    }


class _entry:
    """An entry's `pattern.yaml` as data; what is changed in it is written."""

    def __init__(self, root: Path, name: str) -> None:
        self._path = root / "catalog" / name / "pattern.yaml"

    def __enter__(self) -> dict[str, Any]:
        self._data: dict[str, Any] = yaml.load(
            self._path.read_text(encoding="utf-8"), yaml.CSafeLoader
        )
        return self._data

    def __exit__(self, *error: object) -> None:
        text = yaml.dump(self._data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        self._path.write_text(text, encoding="utf-8")


def _files(root: Path) -> Iterator[Path]:
    """What ends up in a project."""
    parts = [root / "templates" / "base", *(root / "catalog").glob("*/files")]
    snippets = (p for p in (root / "catalog").glob("*/*.yaml"))
    for path in (*(p for part in parts for p in part.rglob("*")), *snippets):
        if path.is_file() and path.suffix in TEXTS:
            yield path
    yield from (root / "catalog").glob("*/with/*.yaml")


def _older(path: Path, text: str, age: int) -> str:
    name = path.name.removesuffix(".jinja")
    if name.endswith(".py") and "tests" in path.parts and path.suffix == ".py":
        text = _shorter(text, age)
    lines = (_older_line(line, Path(name).suffix, age) for line in text.split("\n"))
    return "\n".join(line for line in lines if line is not None)


def _older_line(line: str, suffix: str, age: int) -> str | None:
    """The line as it was, or None if it was not there yet."""
    chance = crc32(line.strip().encode()) % 12
    if pins := PIN.search(line):
        return line.replace(pins[0], f"{pins[1]}=={_older_version(pins[2], age)}")
    if SPECIAL.search(line) or "{%" in line:
        return line
    if suffix in (".yaml", ".yml", ".py", ".toml") and COMMENT.match(line):
        return None if chance < age else _reworded(line, chance, age)
    if (suffix == ".md" and PROSE.match(line)) or DESCRIPTION.match(line):
        return _reworded(line, chance, age)
    if suffix == ".py" and (match := DOCSTRING.match(line)) and chance < 2 * age:
        return f'{match[1]}, as it was {age}."""'
    if (match := VALUE.match(line)) and chance < 3 * age:
        return f"{match[1]}{int(match[2]) + age}"
    return LOGGED.sub(rf"\1, {age}\2", line) if chance < 3 * age else line


def _reworded(line: str, chance: int, age: int) -> str:
    return f"{line} It was version {age}." if age <= chance < 2 * age else line


def _older_version(version: str, age: int) -> str:
    first, _, last = version.rpartition(".")
    return f"{first}.{max(int(last) - age, 0)}" if first else version


def _shorter(text: str, age: int) -> str:
    """A test module without its last tests."""
    tree = ast.parse(text)
    tests = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    if len(tests) <= age or tests[-1] is not tree.body[-1]:
        return text
    first = tests[-age]
    start = min([first.lineno, *(d.lineno for d in first.decorator_list)])
    return "\n".join(text.split("\n")[: start - 1]).rstrip("\n") + "\n"


def _other_defaults(data: dict[str, Any], age: int) -> None:
    for question in data.get("questions", {}).values():
        if question["type"] == "int":
            question["default"] = max(question["default"] - age, question["min"])
    pins = data.get("dependencies", {})
    for kind, lines in pins.items():
        pins[kind] = [
            PIN.sub(lambda m: f"{m[1]}=={_older_version(m[2], age)}", line) for line in lines
        ]


def _ask_as_before(root: Path, entry: CatalogEntry) -> None:
    """Give an entry's first question the name that it had once."""
    question = _first_question(entry)
    former = f"{FORMER[:-1]}_{question}"
    with _entry(root, entry.id) as data:
        asked = {**data["questions"][question], "aliases": []}
        data["questions"] = {former: asked, **data["questions"]}
        del data["questions"][question]
    full = entry.answer_prefix
    _replace_in(
        [p for p in _files(root) if entry.id in p.parts and p.name != "pattern.yaml"],
        [
            (rf"!Answer {question}\b", f"!Answer {former}"),
            (rf"(?<!\w){full}{question}\b", full + former),
        ],
    )


def _call(root: Path, name: str, former: str) -> None:
    """Give an entry the id that it had once, wherever it is named."""
    with _entry(root, name) as data:
        data["aliases"] = []
    changes = [
        (rf"(?<![\w-]){name}(?![\w-])", former),
        (rf"(?<!\w){name.replace('-', '_')}(?=_|\b)", former.replace("-", "_")),
    ]
    catalog = root / "catalog"
    _replace_in(
        [p for p in catalog.rglob("*") if p.is_file() and p.name != "released.yaml"], changes
    )
    for path in sorted(catalog.rglob("*"), reverse=True):
        renamed = path.name
        for pattern, text in changes:
            renamed = re.sub(pattern, text, renamed)
        if renamed != path.name:
            path.rename(path.with_name(renamed))


def _replace_in(paths: Iterable[Path], changes: Iterable[tuple[str, str]]) -> None:
    for path in paths:
        text = before = path.read_text(encoding="utf-8")
        for pattern, replacement in changes:
            text = re.sub(pattern, replacement, text)
        if text != before:
            path.write_text(text, encoding="utf-8")


def _compile(root: Path, version: str) -> None:
    compiler.write(root, compiler.compiled(root))
    catalog = root / "scaffolder" / "catalog.json"
    data = json.loads(catalog.read_text(encoding="utf-8"))
    catalog.write_text(json.dumps({**data, "version": version.removeprefix("v")}), encoding="utf-8")
