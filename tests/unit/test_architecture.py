"""The shape of the package: who may import whom, what names pattern ids, what start-up loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffolder.catalog import load_catalog

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "scaffolder"

ORDER = [
    # What the catalog says, and the template made from it.
    "model",
    "jinja",
    "catalog",
    "merge",
    "handlers",
    "requirements",
    "sources",
    "adoptable",
    "questions",
    "weave",
    "export",
    "released",
    "compile",
    # What is read from its export.
    "published",
    "page_words",
    "pages",
    "checks",
    # The command.
    "messages",
    "layout",
    "answers",
    "recommend",
    "share",
    "selection",
    "history",
    "bundle",
    "versions",
    "commits",
    "source",
    "copier_process",
    "rendering",
    "project",
    # Life after generation.
    "structure",
    "textmerge",
    "managed",
    "threeway",
    "journal",
    "fitting",
    "standing",
    "adopted",
    "plan",
    "status",
    "screens",
    "usage",
    "document",
    "plan_parts",
    "plan_data",
    "plan_pages",
    "status_words",
    "status_pages",
    "picker",
    "prompts",
    "draft",
    "interview",
    "intake",
    "outline",
    "newcommand",
    "linkcommand",
    "changecommand",
    "statuscommand",
    "foreign",
    "adopt_pages",
    "adoptcommand",
    "completion",
    "doctor",
    "cli",
]
"""A module imports only those before it."""

HEAVY = {"copier", "jinja2", "prompt_toolkit", "pydantic", "questionary", "rich", "yaml"}
AT_START = ("cli", "usage", "layout", "messages", "published", "screens", "answers")
"""Modules that help, list and show load."""

AUTHORED = ("scaffolder", "templates/base", "docs", "mkdocs.yml", "Makefile", "pyproject.toml")
TEXT = {".py", ".toml", ".yaml", ".yml", ".md", ".html", ".js", ".css", ".jinja", ""}


def imports(path: Path) -> Iterator[str]:
    """The modules of the package that a file imports, by their first name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "scaffolder":
            yield from (alias.name for alias in node.names if alias.name != "__version__")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scaffolder."):
            yield str(node.module).split(".")[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                assert not alias.name.startswith("scaffolder"), f"{path}: use from … import"


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


FILES = [p for p in sorted(PACKAGE.rglob("*.py")) if p != PACKAGE / "__init__.py"]


def test_every_module_has_its_place() -> None:
    assert {module_of(p) for p in FILES} == set(ORDER)
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_those_before_it(path: Path) -> None:
    own = module_of(path)
    allowed = {*ORDER[: ORDER.index(own)], *([own] if path.parent != PACKAGE else [])}
    assert set(imports(path)) <= allowed


@pytest.mark.parametrize("name", AT_START)
def test_start_up_loads_nothing_heavy(name: str) -> None:
    """Imports at the top of a module, not those inside of functions."""
    tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert not found & HEAVY


def test_the_build_hook_needs_only_the_standard_library() -> None:
    """Where a package is built, nothing else is installed."""
    for name in ("bundle", "history"):
        tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                top = (node.module or "").split(".")[0]
                assert top in {*sys.stdlib_module_names, "hatchling", "scaffolder"}
            elif isinstance(node, ast.Import):
                assert all(a.name.split(".")[0] in sys.stdlib_module_names for a in node.names)


def authored() -> Iterator[Path]:
    """Files that people write outside the catalog; what is generated does not count."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *AUTHORED]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, done.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix in TEXT and path != PACKAGE / "catalog.json":
            yield path


def test_no_authored_file_names_a_pattern() -> None:
    """Adding a pattern is adding a folder, so nothing else may have to know of it."""
    ids = [re.escape(entry.id) for entry in load_catalog(ROOT / "catalog")]
    name = re.compile(rf"(?<![\w-])({'|'.join(ids)}|{'|'.join(ids).replace('-', '_')})(?![\w-])")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in authored()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := name.search(line)) and ("-" in match[0] or "_" in match[0])
    ]
    assert found == []
