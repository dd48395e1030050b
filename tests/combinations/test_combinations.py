"""Every selection of safeguards gives a project that passes the whole bar.

`SWEEP=full` tries all pairs and 200 random selections (`make sweep`); the default tries none,
each alone, the presets, all, and some of the pairs. A failure prints the command to repeat it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bar import generate, problems
from tests.combinations.selections import catalog, default_selections, selections

PAIRS = 40
"""Pairs tried by default: with eight safeguards all of them, later a sample."""

CATALOG = catalog()
FULL = os.environ.get("SWEEP") == "full"
SELECTIONS = selections(CATALOG, 200) if FULL else default_selections(CATALOG, PAIRS)
LANGUAGES = ("ja", "en")


@pytest.mark.parametrize(
    ("number", "safeguards"),
    list(enumerate(SELECTIONS)),
    ids=["+".join(s) or "none" for s in SELECTIONS],
)
def test_selection_passes_the_bar(
    number: int, safeguards: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    monkeypatch.setenv("BAR_MYPY_CACHE", str(tmp_path.parent.parent / f"mypy-{worker}"))
    # The languages take turns; documents differ by it, code does not.
    language = LANGUAGES[number % 2]
    generate(tmp_path / "project", {"safeguards": list(safeguards), "language": language})
    found = list(problems(tmp_path / "project"))
    repeat = f"python -m tests.bar {' '.join(safeguards)} --data language={language}"
    assert not found, "\n\n".join([*found, f"To repeat: {repeat}"])
