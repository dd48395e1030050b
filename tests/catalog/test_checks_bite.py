"""Each pattern's checks see it in the project that has it, and miss it in one that has not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder.catalog import CatalogEntry
from scaffolder.checks.outcome import Outcome
from scaffolder.checks.run import check_project
from tests.bar import ROOT, generate
from tests.combinations.selections import catalog

ENTRIES = [e for e in catalog().safeguards if e.pattern.checks]
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=[e.id for e in ENTRIES])
EXPORTED: dict[str, Any] = json.loads(
    (ROOT / "scaffolder" / "catalog.json").read_text(encoding="utf-8")
)


def outcome(project: Path, pattern: str) -> Outcome:
    return check_project(project, EXPORTED, [pattern]).results[pattern].outcome


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without any safeguard."""
    path = tmp_path_factory.mktemp("bare") / "project"
    generate(path, {"safeguards": []})
    return path


@EACH
def test_with_the_pattern_its_checks_pass(entry: CatalogEntry, tmp_path: Path) -> None:
    generate(tmp_path / "project", {"safeguards": [entry.id]})
    found = check_project(tmp_path / "project", EXPORTED, [entry.id]).results[entry.id]
    wrong = [i for i in found.items if i.outcome in (Outcome.failed, Outcome.unknown)]
    assert not wrong, wrong
    assert found.outcome is Outcome.passed


@EACH
def test_without_the_pattern_its_template_checks_do_not_pass(
    entry: CatalogEntry, bare: Path
) -> None:
    """Rules for code may hold without the pattern: the base's code keeps them from the start."""
    if entry.pattern.scope[0] in ("project", "account"):
        assert outcome(bare, entry.id) is not Outcome.passed
