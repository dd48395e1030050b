"""Renovate updates a generated project unattended.

What Renovate does is stated here as facts, read in the source of version 44.121.2
(`manager/copier`, `util/exec/env`), so that they are tested where it is not installed. Where it
is, it runs too, and the facts are held against it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from scaffolder import published
from tests.cli.conftest import ANSHIN, COPIER, make_checkout
from tests.unit.test_source import change, git, release

RENOVATE = shutil.which("renovate")
VALIDATOR = shutil.which("renovate-config-validator")
installed = pytest.mark.skipif(
    RENOVATE is None, reason="renovate is not on the PATH (npm package renovate)"
)

ANSWERS = re.compile(r"(^|/)\.copier-answers(\..+)?\.ya?ml")
"""The files that the copier manager looks for."""

PLAIN_URL = re.compile(r"^https?://[^/\s]+/\S+$")
"""An address that the manager takes as it is; it tries to rewrite any other, `gh:` in vain."""

UPDATE = "update --skip-answered --defaults --answers-file .copier-answers.yml --vcs-ref"
"""What the manager lets Copier do, before the version. `--trust` comes in only where `allowScripts`
is on and `ignoreScripts` off, the opposite of both defaults.
"""

PASSED_ON = ("HOME", "PATH", "LANG", "LC_ALL")
"""What a command started by Renovate sees of the environment, besides proxies and certificates."""


def template_found(project: Path) -> dict[str, str] | None:
    """The dependency that the manager extracts from a project, if it finds one."""
    files = [p for p in project.iterdir() if ANSWERS.search(p.name)]
    if len(files) != 1:
        return None
    answers = yaml.safe_load(files[0].read_text(encoding="utf-8"))
    url, version = answers.get("_src_path"), answers.get("_commit")
    # A version that YAML reads as a number is refused.
    if not isinstance(version, str) or not PLAIN_URL.match(str(url)):
        return None
    return {
        "datasource": "git-tags",
        "depName": url,
        "packageName": url,
        "depType": "template",
        "currentValue": version,
    }


@pytest.fixture
def environment(tmp_path: Path, root: Path) -> dict[str, str]:
    """Of a machine on which the template's URL leads to the checkout.

    By git's own settings, because Renovate passes no GIT_CONFIG_ variable on.
    """
    home = tmp_path / "home"
    home.mkdir()
    url = published.load()["source_url"]
    settings = f'[url "{root}"]\ninsteadOf = "{url}"\n'
    (home / ".gitconfig").write_text(settings, encoding="utf-8")
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, "HOME": str(home), "CI": "true"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one release."""
    root = make_checkout(tmp_path / "anshin")
    release(root, "v0.1.0")
    return root


@pytest.fixture
def project(root: Path, environment: dict[str, str], tmp_path: Path) -> Path:
    """Made with the first release; a second one has come out since."""
    project = generated(root, tmp_path / "orders", environment)
    change(root, "\n# from the next version\n", version="0.2.0")
    release(root, "v0.2.0")
    return project


def generated(root: Path, project: Path, environment: dict[str, str]) -> Path:
    # With a name of its own, so that projects in different folders can be compared.
    words = ["new", project, "--template", root, "--defaults", "--data", "project_name=orders"]
    ran([ANSHIN, *words], project.parent, environment)
    return project


def ran(words: list[Any], cwd: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contents(project: Path) -> dict[str, bytes]:
    files = git(project, "ls-files", "--cached", "--others").splitlines()
    return {name: (project / name).read_bytes() for name in files}


def test_the_template_is_a_dependency(project: Path) -> None:
    found = template_found(project)
    assert found is not None
    assert found["packageName"] == published.load()["source_url"]
    assert found["currentValue"] == "v0.1.0"


def test_a_version_between_releases_is_older_than_the_next(
    root: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    change(root, "\n# not released\n")
    found = template_found(generated(root, tmp_path / "orders", environment))
    assert found is not None
    # Renovate's `pep440` versioning is a translation of `packaging`.
    assert Version("v0.1.0") < Version(found["currentValue"]) < Version("v0.2.0")


def test_its_command_brings_the_next_version(
    root: Path, project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    ran([COPIER, *UPDATE.split(), "v0.2.0"], project, environment)
    fresh = generated(root, tmp_path / "fresh", environment)
    assert contents(project) == contents(fresh)
    found = template_found(project)
    assert found is not None
    assert found["currentValue"] == "v0.2.0"


def test_it_sees_a_conflict(project: Path, environment: dict[str, str]) -> None:
    """Copier succeeds all the same; Renovate asks git for unmerged files."""
    makefile = project / "Makefile"
    makefile.write_text(makefile.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    git(project, "commit", "--quiet", "--all", "--message", "mine")
    ran([COPIER, *UPDATE.split(), "v0.2.0"], project, environment)
    assert git(project, "diff", "--name-only", "--diff-filter=U") == "Makefile"


def renovate(
    project: Path, environment: dict[str, str], message: str, *words: str, **config: Any
) -> dict[str, Any]:
    """What Renovate logs under a message when it runs on a project, changing nothing."""
    variables = {
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "debug",
        "RENOVATE_BASE_DIR": str(Path(environment["HOME"]) / "renovate"),
        "RENOVATE_CONFIG": json.dumps(config),
    }
    output = ran([RENOVATE, "--platform=local", *words], project, {**environment, **variables})
    logged = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    found = [entry for entry in logged if entry["msg"] == message]
    assert found, output
    return dict(found[0])


@installed
def test_renovate_finds_what_it_can_update(project: Path, environment: dict[str, str]) -> None:
    entry = renovate(project, environment, "Extracted dependencies", "--dry-run=extract")
    found = {
        manager: {file["packageFile"]: file["deps"] for file in files}
        for manager, files in entry["packageFiles"].items()
    }
    assert found["copier"] == {".copier-answers.yml": [template_found(project)]}
    assert {"requirements-dev.txt", "src/requirements.txt"} == set(found["pip_requirements"])
    assert ".github/workflows/ci.yml" in found["github-actions"]


@installed
def test_renovate_finds_the_next_version(project: Path, environment: dict[str, str]) -> None:
    entry = renovate(
        project,
        environment,
        "packageFiles with updates",
        "--dry-run=lookup",
        enabledManagers=["copier"],
    )
    (file,) = entry["config"]["copier"]
    (dependency,) = file["deps"]
    assert dependency["versioning"] == "pep440"
    (update,) = dependency["updates"]
    assert (update["newValue"], update["branchName"]) == ("v0.2.0", "renovate/anshin-template-0.x")


@installed
def test_renovate_accepts_the_settings(project: Path, environment: dict[str, str]) -> None:
    ran([VALIDATOR, "--strict", "--no-global", "renovate.json"], project, environment)
