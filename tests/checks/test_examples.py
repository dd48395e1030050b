"""The catalog's checks, each tried on the examples of its entry.

An example is called `<check>[.<case>].<outcome>.<yaml|json|py>`, the outcome being `pass`,
`fail`, `na` or `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scaffolder.catalog import Catalog, CatalogEntry, load_catalog
from scaffolder.checks.code import Packages
from scaffolder.checks.evaluate import Check
from scaffolder.checks.files import Tree
from scaffolder.checks.outcome import Outcome, worst
from scaffolder.checks.predicates import (
    CODE_PREDICATES,
    TEMPLATE_PREDICATES,
    code_predicate,
    template_predicate,
)
from scaffolder.checks.query import compiled
from scaffolder.checks.reading import read
from scaffolder.checks.run import Source, check_items, module_source
from scaffolder.checks.schema import KEYWORDS
from scaffolder.checks.template import Template

ROOT = Path(__file__).parent.parent.parent
CATALOG = ROOT / "catalog"
NAME = re.compile(r"(?P<check>[a-z0-9-]+)(\.[a-z0-9-]+)?\.(?P<outcome>pass|fail|na|unknown)")
OUTCOMES = {
    "pass": Outcome.passed,
    "fail": Outcome.failed,
    "na": Outcome.not_applicable,
    "unknown": Outcome.unknown,
}
# Keywords whose value is a mapping of names to schemas, and those whose value is no schema.
BY_NAME = {"properties", "patternProperties", "dependentSchemas"}
DATA = {"const", "enum", "required", "type", "dependentRequired"}


@cache
def catalog() -> Catalog:
    return load_catalog(CATALOG)


def examples() -> list[Any]:
    files = sorted(CATALOG.glob("*/examples/*"))
    return [pytest.param(f, id=f"{f.parent.parent.name}/{f.name}") for f in files if f.is_file()]


def checks() -> list[Any]:
    return [
        pytest.param(entry, name, id=f"{entry.id}/{name}")
        for entry in catalog()
        for name in entry.pattern.checks
    ]


def check_of(entry: CatalogEntry, name: str) -> Check:
    data = entry.pattern.checks[name].model_dump(mode="json", by_alias=True)
    return Check(f"{entry.id}/{name}", data)


def source_of(path: Path) -> Source:
    if path.suffix == ".py":
        return module_source(path)
    template = Template(read(path))
    return Source(template, Packages(Tree(path.parent)).functions(template), path.name)


@pytest.mark.parametrize("path", examples())
def test_an_example_has_the_outcome_that_its_name_says(path: Path) -> None:
    match = NAME.fullmatch(path.stem)
    assert match and path.suffix in {".yaml", ".json", ".py"}, "no name of an example"
    entry = catalog().entries[path.parent.parent.name]
    assert match["check"] in entry.pattern.checks, "no such check"
    check = check_of(entry, match["check"])
    items = check_items(check, [source_of(path)])
    assert worst(item.outcome for item in items) is OUTCOMES[match["outcome"]], items
    for item in items:
        if item.outcome is Outcome.failed:
            assert item.line >= 1
            for language in ("ja", "en"):
                names = re.findall(r"\{(\w+)\}", check.data["message"][language])
                assert not [n for n in names if n not in item.values], "placeholder not filled"


@pytest.mark.parametrize(("entry", "name"), checks())
def test_a_check_is_tried_both_ways(entry: CatalogEntry, name: str) -> None:
    stems = [path.stem for path in (entry.folder / "examples").glob("*")]
    found = {m["outcome"] for s in stems if (m := NAME.fullmatch(s)) and m["check"] == name}
    assert {"pass", "fail"} <= found


@pytest.mark.parametrize(("entry", "name"), checks())
def test_a_check_says_what_can_be_evaluated(entry: CatalogEntry, name: str) -> None:
    data = check_of(entry, name).data
    for word in ("select", "referenced_from", "applies_to"):
        for query in data[word]:
            compiled(query)
    for word in ("assert", "when"):
        Draft202012Validator.check_schema(data[word])
        assert not list(unknown_keywords(data[word]))
    if predicate := data["predicate"]:
        assert predicate in TEMPLATE_PREDICATES | CODE_PREDICATES
    if data["rule"]:
        assert data["expect"] in ("some", "none"), "a rule expects some or none"
    assert data["message"]["ja"].count("{") == data["message"]["en"].count("{")


def unknown_keywords(schema: Any) -> Iterator[str]:
    """Words of a schema that the engine does not know and so would pass over in silence."""
    if isinstance(schema, list):
        for member in schema:
            yield from unknown_keywords(member)
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key not in KEYWORDS:
            yield key
        elif key in BY_NAME:
            yield from unknown_keywords(list(value.values()))
        elif key not in DATA:
            yield from unknown_keywords(value)


def test_a_misspelt_keyword_is_noticed() -> None:
    assert list(unknown_keywords({"properties": {"a": {"require": ["b"]}}})) == ["require"]


@pytest.mark.parametrize("name", sorted(TEMPLATE_PREDICATES))
def test_predicates_on_templates_exist(name: str) -> None:
    assert callable(template_predicate(name))


@pytest.mark.parametrize("name", sorted(CODE_PREDICATES))
def test_predicates_on_code_exist(name: str) -> None:
    assert callable(code_predicate(name))


def test_there_are_checks() -> None:
    assert sum(len(entry.pattern.checks) for entry in catalog()) > 20
