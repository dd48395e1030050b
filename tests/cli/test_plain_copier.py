"""Plain Copier makes the same project from this repository, byte for byte."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scaffolder import published
from tests.cli.conftest import COPIER, ROOT, Run

RECORDED = ("_commit:", "_src_path:")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as it is now, committed."""
    folder = tmp_path_factory.mktemp("repository") / "anshin"
    git = ["git", "-C", str(ROOT)]
    listing = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, check=True, capture_output=True, text=True)
    for name in filter(None, done.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "x"]):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    return folder


def contents(project: Path) -> dict[str, bytes]:
    files = (p for p in project.rglob("*") if p.is_file())
    found = {p.relative_to(project).as_posix(): p.read_bytes() for p in files}
    return {name: text for name, text in found.items() if not name.startswith(".git/")}


def without_source(text: bytes) -> list[str]:
    return [li for li in text.decode().splitlines() if not li.startswith(RECORDED)]


@pytest.mark.parametrize(
    ("preset", "data"),
    [
        ("recommended", {}),
        ("none", {"language": "ja", "runtime": "python3.12"}),
        ("all", {"region": "eu-west-1", "architecture": "x86_64"}),
    ],
)
def test_the_same_files(
    preset: str,
    data: dict[str, str],
    repository: Path,
    anshin: Run,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    plain, ours = tmp_path / "plain" / "orders", tmp_path / "ours" / "orders"
    words = [word for name, value in data.items() for word in ("--data", f"{name}={value}")]
    chosen = published.load()["presets"][preset]["safeguards"]
    # Copier's default is the recommended set.
    selection = [] if preset == "recommended" else ["--data", f"safeguards={chosen}"]
    copier = [COPIER, "copy", "--defaults", "--quiet", "--vcs-ref", "HEAD", *selection, *words]
    subprocess.run(
        [*map(str, copier), str(repository), str(plain)],
        env=environment,
        check=True,
        capture_output=True,
    )
    done = anshin("new", ours, "--defaults", "--preset", preset, *words)
    assert done.returncode == 0, done.stderr
    theirs, found = contents(plain), contents(ours)
    answers = ".copier-answers.yml"
    assert without_source(theirs.pop(answers)) == without_source(found.pop(answers))
    assert theirs == found
    assert executables(plain) == executables(ours)


def executables(project: Path) -> set[str]:
    files = (p for p in project.rglob("*") if p.is_file() and ".git" not in p.parts)
    return {p.relative_to(project).as_posix() for p in files if p.stat().st_mode & 0o100}
