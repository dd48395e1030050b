"""The wheel serves the template by itself: installed elsewhere, without a network or a checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import yaml

from scaffolder import __version__
from tests.cli.conftest import ANSHIN
from tests.cli.test_plain_copier import contents, repository

__all__ = ["repository"]
ANSWERS = ".copier-answers.yml"
NO_NETWORK = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}


def run(*command: object, **settings: object) -> str:
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        **settings,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def build(source: Path, target: Path) -> Path:
    """A wheel from a folder or a source distribution, with the tools that are here."""
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    run(sys.executable, "-m", "pip", "wheel", *flags, "--wheel-dir", target, source)
    (wheel,) = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(repository, tmp_path_factory.mktemp("wheel"))


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a new environment beside what it needs; returns its command."""
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    pip = [sys.executable, "-m", "pip", "--python", python]
    run(*pip, "install", "--quiet", "--no-deps", "--no-cache-dir", wheel)
    # The packages that it needs, as they are here.
    (site / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin" / "anshin"


def test_what_is_in_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("template.bundle", "messages.toml", "catalog.json", "cli.py"):
        assert f"scaffolder/{name}" in names
    assert all(n.startswith(("scaffolder/", "anshin_serverless-")) for n in names)


def test_the_build_leaves_nothing_in_the_tree(wheel: Path, repository: Path) -> None:
    status = run("git", "status", "--porcelain", "--ignored", cwd=repository)
    assert "template.bundle" not in status


def test_a_project_from_it(
    wheel: Path,
    repository: Path,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    anshin = install(wheel, tmp_path / "env")
    ours = {**environment, **NO_NETWORK}
    run(anshin, "new", "svc", "--preset", "all", "--defaults", env=ours, cwd=tmp_path)
    found = contents(tmp_path / "svc")
    recorded = yaml.safe_load(found[ANSWERS])
    assert recorded["_commit"] == f"v{__version__}"
    assert recorded["_src_path"].startswith("https://")
    for name, text in found.items():
        for place in (tmp_path, repository):
            assert str(place).encode() not in text, name
    # The same as from a checkout, but for the version's name.
    run(ANSHIN, "new", "two/svc", "--preset", "all", "--defaults", env=ours, cwd=tmp_path)
    other = contents(tmp_path / "two" / "svc")
    assert {**yaml.safe_load(other.pop(ANSWERS)), "_commit": recorded["_commit"]} == recorded
    assert other == {name: text for name, text in found.items() if name != ANSWERS}


def test_by_way_of_a_source_distribution(
    wheel: Path,
    repository: Path,
    tmp_path: Path,
) -> None:
    """The git history stays behind; the bundle is carried along, the same to the byte."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, cwd=repository)
    (sdist,) = tmp_path.glob("*.tar.gz")
    (tmp_path / "out").mkdir()
    again = build(sdist, tmp_path / "out")
    name = "scaffolder/template.bundle"
    assert zipfile.ZipFile(again).read(name) == zipfile.ZipFile(wheel).read(name)
