"""The README of a project speaks of the folders that are in it, and of no others."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
import pytest

from scaffolder.catalog import Catalog, load_catalog
from scaffolder.weave import IN_PROJECT, STACKS, Woven, weave

ROOT = Path(__file__).parent.parent.parent
BASE = ROOT / "templates" / "base"


@cache
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalog")


@cache
def woven() -> Woven:
    return weave(BASE, catalog(), "https://site.invalid/")


def readme(language: str, *chosen: str) -> str:
    environment = jinja2.Environment(  # noqa: S701, Markdown, not HTML
        undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.from_string(woven().files["README.md.jinja"]).render(
        active_safeguards=catalog().closure(list(chosen)),
        description="",
        language=language,
        project_name="orders",
        region="ap-northeast-1",
        runtime="python3.14",
    )


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("stack", [stack for stack in STACKS if stack != "template"])
def test_a_stack_is_in_the_readme_when_a_safeguard_brings_it(stack: str, language: str) -> None:
    bringing = next(e.id for e in catalog() if e.read(f"{stack}.yaml") is not None)
    assert f"`{STACKS[stack]}`" in readme(language, bringing)
    assert f"| `{stack}/` |" in readme(language, bringing)
    assert f"{stack}/" not in readme(language)


@pytest.mark.parametrize("source", sorted(BASE.glob("README.*")), ids=lambda path: path.name)
def test_what_the_readme_asks_for_is_brought_by_some_safeguard(source: Path) -> None:
    files = [path.removesuffix(".jinja") for path in woven().files]
    asked = IN_PROJECT.findall(source.read_text(encoding="utf-8"))
    assert asked
    for path in asked:
        assert any(file == path or file.startswith(f"{path}/") for file in files), path
