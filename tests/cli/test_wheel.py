"""The wheel serves the template by itself: installed elsewhere, without a network or a checkout."""

from __future__ import annotations

import json
import shutil
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
from tests.unit.test_source import git, release

__all__ = ["repository"]
ANSWERS = ".copier-answers.yml"
NEXT = "99.0.0"
ADDED = "# From the next release\n"
OPENED = """
import json, sys
from dataclasses import replace
from pathlib import Path
from scaffolder import source
from scaffolder.rendering import renderer

folder, src_path, version = sys.argv[1:]
work = Path(folder)
opened = source.open_for(src_path, version, None, work)
for tag in opened.versions:
    made = work / f"made-{tag}"
    made.mkdir()
    place = work / f"render-{tag}"
    place.mkdir()
    with renderer(place) as ready:
        ready.render(replace(opened, version=tag), {}, made)
catalogs = [source.catalog_at(opened, tag, work)["version"] for tag in opened.versions]
print(json.dumps([opened.versions, source.newest(opened), catalogs]))
"""
"""Opens the template of a project, and renders each of its versions."""

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


@pytest.fixture(scope="module")
def next_wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the release after this one."""
    root = tmp_path_factory.mktemp("next") / "anshin"
    shutil.copytree(repository, root)
    git(root, "tag", f"v{__version__}")
    for name, says in (
        ("scaffolder/__init__.py", '__version__ = "{}"'),
        ("scaffolder/catalog.json", '"version": "{}"'),
    ):
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(says.format(__version__)) == 1
        path.write_text(text.replace(says.format(__version__), says.format(NEXT)), encoding="utf-8")
    with (root / "templates" / "project" / "Makefile").open("a", encoding="utf-8") as makefile:
        makefile.write(ADDED)
    release(root, f"v{NEXT}")
    return build(root, tmp_path_factory.mktemp("next-wheel"))


def test_what_is_in_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    scripts = [f"completion/script.{shell}" for shell in ("bash", "zsh", "fish")]
    for name in ("template.bundle", "messages.toml", "catalog.json", "cli.py", *scripts):
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


def test_the_next_wheel_knows_the_version_that_a_project_was_made_from(
    wheel: Path, next_wheel: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Another machine: another home, another place, no network, and the first wheel is gone."""
    first = install(wheel, tmp_path / "first")
    env = {**environment, **NO_NETWORK}
    run(first, "new", "svc", "--preset", "none", "--defaults", env=env, cwd=tmp_path)
    recorded = yaml.safe_load((tmp_path / "svc" / ANSWERS).read_text(encoding="utf-8"))
    shutil.rmtree(tmp_path / "first")

    second = install(next_wheel, tmp_path / "elsewhere" / "second")
    (tmp_path / "other-home").mkdir()
    (tmp_path / "work").mkdir()
    env["HOME"] = str(tmp_path / "other-home")
    python = [second.with_name("python"), "-c", OPENED]
    words = [tmp_path / "work", recorded["_src_path"], recorded["_commit"]]
    said = json.loads(run(*python, *words, env=env, cwd=tmp_path))
    tags = [f"v{__version__}", f"v{NEXT}"]
    assert said == [tags, f"v{NEXT}", [__version__, NEXT]]
    texts = [(tmp_path / "work" / f"made-{tag}" / "Makefile").read_text() for tag in tags]
    assert texts == [(tmp_path / "svc" / "Makefile").read_text(), texts[0] + ADDED]
