"""Adding a pattern is adding one folder and compiling; nothing else that people write changes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from scaffolder.pages import pages
from tests.bar import ROOT, generate

OLD = "warm-instance-isolation"
NEW = "copied-pattern"
GENERATED = (
    "catalog/pattern.schema.json",
    "catalog/released.yaml",
    "copier.yml",
    "scaffolder/catalog.json",
    "templates/project/",
    "tests/requirements.txt",
)
TEMPLATE = """\
Resources:
  CopiedLogs:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: !Answer days
"""
QUESTIONS = """\
questions:
  days:
    type: int
    default: 30
    min: 1
    max: 365
    label: {ja: 日数, en: Days}
    help: {ja: ログを残す日数です。, en: How many days to keep logs.}
    source: https://docs.aws.amazon.com/
checks:
"""


def authored(root: Path) -> dict[str, str]:
    """What people write, by path, without the new folder and what is generated."""
    files = (p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    names = {p.relative_to(root).as_posix(): p for p in files}
    return {
        name: sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if not name.startswith((*GENERATED, f"catalog/{NEW}/"))
    }


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, as it was, with one entry copied and `anshin compile` run."""
    root = tmp_path_factory.mktemp("adding")
    for name in ("catalog", "scaffolder", "templates", "tests"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    before = authored(root)
    folder = root / "catalog" / NEW
    shutil.copytree(root / "catalog" / OLD, folder)
    make_it_its_own(folder)
    done = run(root, "-c", "from scaffolder.cli import main; main()", "compile")
    assert done.returncode == 0, done.stderr
    assert authored(root) == before
    return root


def make_it_its_own(folder: Path) -> None:
    """What an author changes inside the copied folder: its files, its part, a question."""
    for path in [p for p in (folder / "files").rglob("*") if p.is_file()]:
        path.rename(path.with_name("test_copied" + "".join(path.suffixes)))
    (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    entry = folder / "pattern.yaml"
    text = entry.read_text(encoding="utf-8")
    assert "\nchecks:\n" in text
    entry.write_text(text.replace("\nchecks:\n", "\n" + QUESTIONS), encoding="utf-8")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True)


def test_the_question_is_asked_and_the_part_is_in_the_project(
    checkout: Path, tmp_path: Path
) -> None:
    questions = yaml.safe_load((checkout / "copier.yml").read_text(encoding="utf-8"))
    assert questions["copied_pattern_days"]["default"] == 30
    generate(
        tmp_path / "project",
        {"safeguards": [NEW], "copied_pattern_days": 90, "language": "ja"},
        checkout,
    )
    template = (tmp_path / "project" / "template.yaml").read_text(encoding="utf-8")
    assert "  CopiedLogs:\n    Type: AWS::Logs::LogGroup\n" in template
    assert "RetentionInDays: 90\n" in template
    assert (tmp_path / "project" / "tests" / "test_copied.py").is_file()
    assert f"`{NEW}`" in (tmp_path / "project" / "SAFEGUARDS.md").read_text(encoding="utf-8")


def test_the_pages_and_the_checks_are_there(checkout: Path) -> None:
    exported = json.loads((checkout / "scaffolder" / "catalog.json").read_text(encoding="utf-8"))
    assert set(exported["patterns"][NEW]["checks"]) == set(exported["patterns"][OLD]["checks"])
    for language in ("ja", "en"):
        assert f"patterns/{NEW}.md" in pages(exported, language)


def test_its_tests_are_collected(checkout: Path) -> None:
    listed = run(
        checkout,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "tests/catalog/test_entries.py",
        "tests/combinations",
        "tests/checks/test_examples.py",
        f"catalog/{NEW}/proof.py",
    )
    assert listed.returncode == 0, listed.stdout
    assert f"test_every_sample_runs_in_the_proof[{NEW}]" in listed.stdout
    assert f"test_selection_passes_the_bar[{NEW}]" in listed.stdout
    assert f"catalog/{NEW}/proof.py::" in listed.stdout
    assert any(NEW in line and "test_examples" in line for line in listed.stdout.splitlines())


def test_a_second_pattern_with_the_same_file_is_an_error_that_names_both(
    checkout: Path, tmp_path: Path
) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(checkout, root)
    shutil.copytree(root / "catalog" / OLD, root / "catalog" / "another-copy")
    done = run(root, "-c", "from scaffolder.cli import main; main()", "compile")
    assert done.returncode == 2
    assert OLD in done.stderr and "another-copy" in done.stderr
    assert "Traceback" not in done.stderr


def test_compiling_is_the_same_on_any_file_system_order(checkout: Path, tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(checkout, root, ignore=shutil.ignore_patterns("catalog"))
    entries = sorted((checkout / "catalog").iterdir(), reverse=True)
    (root / "catalog").mkdir()
    for path in entries:
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, root / "catalog" / path.name)
    done = run(root, "-c", "from scaffolder.cli import main; main()", "compile", "--check")
    assert done.returncode == 0, done.stdout
