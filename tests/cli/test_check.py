"""`anshin check` asks a project of ours about its own safeguards, and any other about all."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.bar import generate
from tests.cli.conftest import ANSHIN

CHOSEN = "esm-max-concurrency"
REQUIRED = "sqs-buffering"
NOT_CHOSEN = "sam-deployment-preference"


def check(*arguments: str | Path, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ANSHIN), "check", *map(str, arguments)],
        env={**os.environ, "ANSHIN_LANG": lang},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check") / "project"
    generate(path, {"safeguards": [CHOSEN]})
    return path


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Checking the safeguards"), ("ja", "選んだセーフガードを確認します")]
)
def test_a_project_of_ours_is_asked_about_its_own(project: Path, lang: str, said: str) -> None:
    done = check(project, lang=lang)
    assert done.returncode == 0, done.stdout
    assert said in done.stderr and "--all" in done.stderr
    assert CHOSEN in done.stdout and REQUIRED in done.stdout
    assert NOT_CHOSEN not in done.stdout


def test_all_asks_about_the_whole_catalog(project: Path) -> None:
    done = check(project, "--all", "--json")
    assert done.returncode == 1
    assert NOT_CHOSEN in json.dumps(json.loads(done.stdout))


def test_a_weakened_safeguard_fails_with_its_place(project: Path, tmp_path: Path) -> None:
    weak = tmp_path / "weak"
    generate(weak, {"safeguards": [CHOSEN]})
    template = weak / "template.yaml"
    text = template.read_text(encoding="utf-8").replace(
        "VisibilityTimeout: 240", "VisibilityTimeout: 45"
    )
    template.write_text(text, encoding="utf-8")
    line = text[: text.index("VisibilityTimeout: 45")].count("\n") + 1
    done = check(weak)
    assert done.returncode == 1
    assert f"template.yaml:{line}:" in done.stdout


def test_without_the_answers_file_everything_counts(project: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    generate(foreign, {"safeguards": [CHOSEN]})
    (foreign / ".copier-answers.yml").unlink()
    done = check(foreign)
    assert done.returncode == 1
    assert NOT_CHOSEN in done.stdout


def test_without_safeguards_only_what_holds_for_all_is_asked(tmp_path: Path) -> None:
    generate(tmp_path / "none", {"safeguards": []})
    done = check(tmp_path / "none", "--json")
    assert done.returncode == 0
    said = json.dumps(json.loads(done.stdout))
    assert "runtime-supported" in said and NOT_CHOSEN not in said
