"""`anshin doctor` as a user runs it, on machines that have different things."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import published
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.journal import store_of
from scaffolder.journal.shelf import Shelf, State
from scaffolder.layout import PIPED, width
from scaffolder.messages import LANGUAGES
from scaffolder.source import OLDEST_GIT
from tests.cli.conftest import ANSHIN, Run

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
DEFAULT = published.load()["answers"]["runtime"]["default"].removeprefix("python")
SECRET = "wJalrXUtnFEMIK7MDENG"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET}
PROGRAMS = {
    "make": "GNU Make 4.3",
    f"python{DEFAULT}": f"Python {DEFAULT}.2",
    "sam": "SAM CLI, version 1.151.0",
    "docker": "Docker version 28.2.2, build e6534b4",
}
"""What a machine on which nothing is missing has beside git, and what each says of itself."""


def put_program(folder: Path, name: str, says: str, code: int = 0) -> None:
    """A program that says something and ends."""
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The only folder of programs, with git in it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "git").symlink_to(str(shutil.which("git")))
    return folder


Doctor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def doctor(anshin: Run, programs: Path) -> Doctor:
    """Run `anshin doctor` with these programs only."""

    def run(*words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
        return anshin("doctor", *words, **{"PATH": str(programs), **settings})

    return run


def states(done: subprocess.CompletedProcess[str]) -> Mapping[str, str]:
    """Of `--json`: name → state."""
    assert done.stderr == ""
    return {f"{f['section']}/{f['name']}": f["state"] for f in json.loads(done.stdout)["findings"]}


def test_a_machine_with_everything(doctor: Doctor, programs: Path) -> None:
    for name, says in PROGRAMS.items():
        put_program(programs, name, says)
    done = doctor("--json", **KEYS)
    assert done.returncode == 0
    assert set(states(done).values()) == {"ok"}
    assert f"optional/python{DEFAULT}" in states(done)
    assert json.loads(done.stdout)["ok"] is True
    shown = doctor(**KEYS).stdout
    for version in ("4.3", f"{DEFAULT}.2", "1.151.0", "28.2.2"):
        assert re.search(rf"^  ok .* {re.escape(version)}$", shown, re.MULTILINE)


def test_what_is_optional_may_be_missing(doctor: Doctor) -> None:
    done = doctor("--json")
    assert done.returncode == 0
    found = states(done)
    assert {n for n, state in found.items() if state == "optional"} >= {
        f"optional/{name}" for name in (*PROGRAMS, "credentials")
    }
    for finding in json.loads(done.stdout)["findings"]:
        assert bool(finding["get"]) == (finding["state"] == "optional")


def test_git_is_needed(doctor: Doctor, programs: Path) -> None:
    (programs / "git").unlink()
    done = doctor()
    assert done.returncode == 1
    assert re.search(r"^  missing +git ", done.stdout, re.MULTILINE)
    assert "git" in done.stdout.split("->")[1].splitlines()[0]
    put_program(programs, "git", "xcode-select: note: No developer tools were found", code=1)
    assert states(doctor("--json"))["needed/git"] == "missing"


@pytest.mark.parametrize(
    ("version", "state", "code"),
    [
        ((OLDEST_GIT[0], OLDEST_GIT[1] - 1), "problem", 1),
        (OLDEST_GIT, "ok", 0),
        ((OLDEST_GIT[0], OLDEST_GIT[1] * 10), "ok", 0),
        ((OLDEST_GIT[0] + 1, 0), "ok", 0),
    ],
)
def test_git_must_be_new_enough(
    version: tuple[int, int], state: str, code: int, doctor: Doctor, programs: Path
) -> None:
    put_program(programs, "git", "git version {}.{}.1 (Apple Git-154)".format(*version))
    done = doctor("--json")
    assert (states(done)["needed/git"], done.returncode) == (state, code)


def test_a_program_that_does_not_work_is_not_there(doctor: Doctor, programs: Path) -> None:
    """As the stand-ins for versions of Python that are not installed."""
    put_program(programs, f"python{DEFAULT}", f"Python {DEFAULT}.2", code=127)
    put_program(programs, "python3", "Python 3.9.1")
    assert states(doctor("--json"))[f"optional/python{DEFAULT}"] == "optional"
    put_program(programs, "python", f"Python {DEFAULT}.0")
    assert states(doctor("--json"))[f"optional/python{DEFAULT}"] == "ok"


def test_credentials_are_named_and_not_shown(doctor: Doctor, home: Path) -> None:
    folder = home / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[default]\nregion = ap-northeast-1\n", encoding="utf-8")
    assert states(doctor("--json"))["optional/credentials"] == "optional"
    text = f"[default]\naws_access_key_id = AKIA\naws_secret_access_key = {SECRET}\n"
    (folder / "credentials").write_text(text, encoding="utf-8")
    for done in (doctor(), doctor("--json"), doctor(**KEYS), doctor("--json", **KEYS)):
        assert "~/.aws/credentials" in done.stdout
        assert "~/.aws/config" not in done.stdout
        assert SECRET not in done.stdout
        assert KEYS["AWS_ACCESS_KEY_ID"] not in done.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_speaks_one_language_and_fits(lang: str, doctor: Doctor, project: Path) -> None:
    shown = doctor(lang=lang, cwd=project, TERM="xterm").stdout
    assert bool(JAPANESE.search(shown)) == (lang == "ja")
    # What is to be copied is not broken.
    lines = [line for line in shown.splitlines() if not re.match(r" +(->|→) ", line)]
    assert all(width(line) <= PIPED for line in lines if str(project) not in line)
    assert lang == "en" or not re.search(r"\b(missing|optional|needed|the)\b", shown)


# In a project.


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as it is made, not to be changed."""
    home = tmp_path_factory.mktemp("made")
    words = ["new", "orders", "--defaults"]
    subprocess.run([ANSHIN, *words], cwd=home, check=True, capture_output=True)
    return home / "orders"


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    shutil.copytree(made, folder)
    return folder


def change_answers(project: Path, **changes: Any) -> None:
    file = project / ANSWERS_FILE
    recorded = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**recorded, **changes}), encoding="utf-8")


def of_project(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    found = states(done).items()
    return {n.removeprefix("project/"): s for n, s in found if n.startswith("project/")}


def test_a_project_that_is_fine(doctor: Doctor, project: Path) -> None:
    done = doctor("--json", cwd=project / "src")
    assert done.returncode == 0
    assert of_project(done) == dict.fromkeys(("repository", "template", "answers", "changes"), "ok")
    assert "the newest" in doctor(cwd=project).stdout
    assert str(project) in doctor("--project", str(project)).stdout


def test_a_folder_that_is_no_project(doctor: Doctor, tmp_path: Path) -> None:
    assert of_project(doctor("--json", cwd=tmp_path)) == {}
    done = doctor("--project", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert ANSWERS_FILE in done.stderr


def test_a_project_outside_of_git(doctor: Doctor, project: Path) -> None:
    shutil.rmtree(project / ".git")
    done = doctor("--json", cwd=project)
    assert (done.returncode, of_project(done)) == (1, {"repository": "problem"})
    assert "git init" in done.stdout


def test_a_project_without_git(doctor: Doctor, project: Path, programs: Path) -> None:
    """It is said once."""
    (programs / "git").unlink()
    done = doctor("--json", cwd=project)
    assert (done.returncode, of_project(done)) == (1, {"repository": "unknown"})
    assert "One thing " in doctor(cwd=project).stdout


def test_a_project_whose_answers_are_in_conflict(doctor: Doctor, project: Path) -> None:
    file = project / ANSWERS_FILE
    text = file.read_text(encoding="utf-8")
    file.write_text(f"<<<<<<< HEAD\n{text}=======\n>>>>>>> x\n", encoding="utf-8")
    done = doctor("--json", cwd=project)
    assert (done.returncode, of_project(done)) == (1, {"repository": "ok", "answers": "problem"})


def test_a_project_whose_answers_cannot_be_used(doctor: Doctor, project: Path) -> None:
    change_answers(project, project_name="NOT A NAME", runtime="python2.7", colour="red")
    done = doctor("--json", cwd=project)
    assert done.returncode == 1
    assert of_project(done)["answers"] == "problem"
    assert "3 problems" in done.stdout
    assert "anshin status" in done.stdout


def test_a_version_that_is_nowhere(doctor: Doctor, project: Path) -> None:
    change_answers(project, _commit="v0.0.7")
    done = doctor("--json", cwd=project)
    assert done.returncode == 1
    assert of_project(done) == {
        "repository": "ok",
        "template": "problem",
        "answers": "ok",
        "changes": "ok",
    }
    assert "v0.0.7" in done.stdout


def test_a_template_elsewhere_is_not_fetched(doctor: Doctor, project: Path, tmp_path: Path) -> None:
    change_answers(project, _src_path="https://example.invalid/template.git")
    done = doctor("--json", cwd=project)
    assert done.returncode == 0
    assert of_project(done)["template"] == "unknown"
    assert "https://example.invalid/template.git" in done.stdout


def test_a_change_that_was_cut_off(doctor: Doctor, project: Path) -> None:
    shelf = Shelf(store_of(project))
    shelf.folder.mkdir(parents=True)
    shelf.set_state(State(applying="0123456789ab"))
    done = doctor("--json", cwd=project)
    assert (done.returncode, of_project(done)["changes"]) == (1, "problem")
    assert "anshin status" in done.stdout
    # It only looks.
    assert shelf.state().applying
    with shelf.alone():
        assert "at work" in doctor(cwd=project).stdout
    (shelf.folder / "journal.json").write_text("{}", encoding="utf-8")
    assert of_project(doctor("--json", cwd=project))["changes"] == "problem"


def test_the_python_of_the_functions(doctor: Doctor, project: Path, programs: Path) -> None:
    template = project / "template.yaml"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace(f"python{DEFAULT}", "python3.99"), encoding="utf-8")
    found = states(doctor("--json", cwd=project))
    assert found["optional/python3.99"] == "optional"
    assert f"optional/python{DEFAULT}" not in found
