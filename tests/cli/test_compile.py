"""`anshin compile`, and `anshin check` as the command line passes it on."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from scaffolder.messages import LANGUAGES
from tests.cli.conftest import Run

LANG = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Path:
    shutil.copytree(checkout, tmp_path / "copy")
    return tmp_path / "copy"


@LANG
def test_fresh(copy: Path, lang: str, anshin: Run) -> None:
    done = anshin("compile", "--check", "--root", copy, lang=lang)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr


@LANG
def test_stale(copy: Path, lang: str, anshin: Run) -> None:
    stale = copy / "templates" / "project" / "Makefile"
    stale.write_text("changed\n", encoding="utf-8")
    (copy / "templates" / "project" / "orphan").write_text("\n", encoding="utf-8")
    done = anshin("compile", "--check", "--root", copy, lang=lang)
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["templates/project/Makefile", "templates/project/orphan"]
    assert "anshin compile" in done.stderr
    assert stale.read_text(encoding="utf-8") == "changed\n"
    done = anshin("compile", "--root", copy, lang=lang)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["templates/project/Makefile", "templates/project/orphan"]
    assert anshin("compile", "--check", "--root", copy).returncode == 0


@LANG
@pytest.mark.parametrize(
    ("file", "text", "part"),
    [
        ("catalog/rate-limit/pattern.yaml", "title: [", "pattern.yaml"),
        ("catalog/rate-limit/pattern.yaml", "title: x\n", "title"),
        ("catalog/rate-limit/template.yaml", "Resources: 5\n", "rate-limit"),
        ("catalog/rate-limit/template.yaml", "Transform: other\n", "Transform"),
        ("templates/base/src/orders/api.py", "# anshin:handler api\n", "api.py"),
    ],
)
def test_a_mistake_in_the_catalog(
    file: str, text: str, part: str, lang: str, copy: Path, anshin: Run
) -> None:
    (copy / file).write_text(text, encoding="utf-8")
    done = anshin("compile", "--root", copy, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("anshin: ")
    assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_the_repository_is_fresh(anshin: Run) -> None:
    root = Path(__file__).parent.parent.parent
    assert anshin("compile", "--check", "--root", root).returncode == 0


@LANG
def test_check_is_passed_on(lang: str, anshin: Run) -> None:
    """Paths, choice, language and exit code; what is checked has its own tests."""
    anshin("new", "svc", "--preset", "none", "--defaults")
    done = anshin("check", "svc", "--all", "--json", lang=lang)
    json.loads(done.stdout)
    assert done.returncode in (0, 1)
    assert done.stderr == ""
    here = anshin("check", "--all", "--json", cwd=Path(anshin.folder) / "svc")  # type: ignore[attr-defined]
    assert here.returncode == done.returncode
    name = json.loads(anshin("list", "--json").stdout)["patterns"][-1]["id"]
    only = anshin("check", "svc", "--only", name, lang=lang)
    full = anshin("check", "svc", "--all", "--verbose", lang=lang)
    assert name in only.stdout
    assert len(only.stdout) < len(full.stdout)
    assert bool(re.search("[ぁ-ん]", full.stdout)) == (lang == "ja")


def test_nothing_to_check(anshin: Run) -> None:
    assert anshin("check", "nowhere").returncode == 2
