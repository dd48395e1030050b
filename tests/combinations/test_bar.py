"""The bar finds what it is there to find: a project is broken on purpose, once for each part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bar import code_problems, generate, template_problems, text_problems


@pytest.fixture
def project(tmp_path: Path) -> Path:
    generate(tmp_path / "project", {"safeguards": []})
    return tmp_path / "project"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("break_it", "finding"),
    [
        (lambda p: replace(p / "template.yaml", "Globals:\n", "Globals: \n"), "blanks at the end"),
        (
            lambda p: replace(p / "template.yaml", "\nGlobals", "\n\nGlobals"),
            "too many blank lines",
        ),
        (lambda p: replace(p / "README.md", "make setup", "{% if x %}"), "leftover Jinja"),
        (lambda p: replace(p / "README.md", "make setup", "{%if x%}"), "leftover Jinja"),
        (lambda p: replace(p / "README.md", "make setup", "{{name}}"), "leftover Jinja"),
        (lambda p: replace(p / "README.md", "make setup", "{#note#}"), "leftover Jinja"),
    ],
)
def test_text(project: Path, break_it: Callable[[Path], None], finding: str) -> None:
    assert list(text_problems(project)) == []
    break_it(project)
    assert any(finding in problem for problem in text_problems(project))


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("import json\n", "", "ruff"),
        ("x: int = 1\n", "x: int = 'one'\n", "mypy"),
        ("assert True\n", "assert False\n", "pytest"),
        ("x: int = 1\n", "x:int=1\n", "ruff format"),
    ],
)
def test_code(project: Path, old: str, new: str, finding: str) -> None:
    good = (
        "import json\n\nx: int = 1\n\n\ndef test_x() -> None:\n    assert True\n    json.dumps(x)\n"
    )
    (project / "tests" / "test_x.py").write_text(good.replace(old, new), encoding="utf-8")
    found = list(code_problems(project))
    assert any(problem.startswith(finding) for problem in found), found


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("Timeout: 10", "Timeout: ten", "cfn-lint: template.yaml"),
        ("Method: POST", "Verb: POST", "SAM translate"),
        ("Runtime: python3.14", "Runtime: python2.7", "cfn-lint, translated"),
    ],
)
def test_template(project: Path, old: str, new: str, finding: str) -> None:
    assert list(template_problems(project)) == []
    replace(project / "template.yaml", old, new)
    assert any(problem.startswith(finding) for problem in template_problems(project))
