"""The template's source: found, described, served to Copier without a network or a trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import history, source
from scaffolder.history import File, Version, write_bundle
from scaffolder.messages import Trouble
from scaffolder.rendering import renderer
from tests.cli.conftest import COPIER, make_checkout

ANSWERS = {"project_name": "orders", "language": "en", "safeguards": ["rate-limit"]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout of its own, to be changed."""
    return make_checkout(tmp_path / "anshin")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in [n for n in os.environ if n.startswith(("GIT_", "XDG_", "COPIER_"))]:
        monkeypatch.delenv(name)
    return folder


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    command = ["git", *identity, *words]
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def release(root: Path, tag: str) -> None:
    """Commit the checkout as it is, under a tag."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", tag)
    git(root, "tag", tag)


def change(root: Path, text: str, version: str = "0.1.0") -> None:
    """Change the template, and the version that it says it has."""
    readme = root / "templates" / "project" / "Makefile"
    readme.write_text(readme.read_text(encoding="utf-8") + text, encoding="utf-8")
    catalog = root / "scaffolder" / "catalog.json"
    data = {**json.loads(catalog.read_text(encoding="utf-8")), "version": version}
    catalog.write_text(json.dumps(data), encoding="utf-8")


def work(tmp_path: Path, name: str = "work") -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


def generate(opened: source.Source, target: Path, folder: Path, **answers: Any) -> None:
    target.mkdir(parents=True)
    with renderer(folder) as ready:
        ready.render(opened, {**ANSWERS, **answers}, target)


def recorded(project: Path) -> dict[str, Any]:
    text = (project / ".copier-answers.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def test_a_checkout_is_stamped_with_its_content(root: Path, tmp_path: Path) -> None:
    first = source.open_source(str(root), work(tmp_path, "a"))
    again = source.open_source(str(root), work(tmp_path, "b"))
    change(root, "\n# changed\n")
    other = source.open_source(str(root), work(tmp_path, "c"))
    assert first.version.startswith("v0.1.0+g")
    assert first.version == again.version != other.version
    heads = [git(s.repository, "rev-parse", "HEAD") for s in (first, again, other)]
    assert heads[0] == heads[1] != heads[2]


def test_copier_picks_the_stamped_version_by_itself(root: Path, tmp_path: Path) -> None:
    release(root, "v0.1.0")
    change(root, "\n# changed\n")
    folder = work(tmp_path)
    opened = source.open_source(str(root), folder)
    source.point_git_at(opened, folder)
    subprocess.run(
        [COPIER, "copy", "--quiet", "--defaults", opened.url, tmp_path / "project"],
        env=source.environment(folder),
        check=True,
        capture_output=True,
    )
    assert recorded(tmp_path / "project")["_commit"] == opened.version != "v0.1.0"


def test_a_released_state_keeps_its_tag(root: Path, tmp_path: Path) -> None:
    release(root, "v0.1.0")
    assert source.open_source(str(root), work(tmp_path)).version == "v0.1.0"


def test_releases_come_in_order_and_others_are_left_out(root: Path) -> None:
    for tag in ("v0.10.0", "v0.9.0", "v0.10.0rc1", "nightly", "v0.9.0-wip"):
        change(root, f"\n# {tag}\n")
        release(root, tag)
    tags = [v.tag for v in history.versions(root, "0.11.0", stamped=False)]
    assert tags == ["v0.9.0", "v0.10.0rc1", "v0.10.0", "v0.11.0"]


def test_a_tag_without_a_template_is_no_version(root: Path, tmp_path: Path) -> None:
    (tmp_path / "anshin" / "copier.yml").rename(tmp_path / "aside")
    release(root, "v0.0.1")
    (tmp_path / "aside").rename(root / "copier.yml")
    release(root, "v0.1.0")
    assert [v.tag for v in history.released(root)] == ["v0.1.0"]


def test_history_is_written_as_it_is(tmp_path: Path) -> None:
    files = {
        "copier.yml": File("100644", b"_subdirectory: x\r\n"),
        "templates/project/{{ a }}.jinja": File("100644", "安心\0\n".encode()),
        'templates/project/a "b"\\n.sh': File("100755", b""),
    }
    later = {"copier.yml": File("100644", b"x: 1\n")}
    for name in ("one", "two"):
        history.write(tmp_path / name, [Version("v1.0.0", files), Version("v2.0.0", later)])
    repositories = [tmp_path / "one", tmp_path / "two"]
    assert len({git(r, "rev-parse", "main") for r in repositories}) == 1
    git(tmp_path, "clone", "--quiet", "--branch", "v1.0.0", str(repositories[0]), "clone")
    clone = tmp_path / "clone"
    for name, file in files.items():
        assert (clone / name).read_bytes() == file.content
    assert os.access(clone / 'templates/project/a "b"\\n.sh', os.X_OK)
    git(clone, "checkout", "--quiet", "v2.0.0")
    assert [p.name for p in clone.iterdir() if p.name != ".git"] == ["copier.yml"]


def test_no_path_of_this_machine_is_in_a_project(root: Path, tmp_path: Path) -> None:
    folder = work(tmp_path)
    generate(source.open_source(str(root), folder), tmp_path / "project", folder)
    assert recorded(tmp_path / "project")["_src_path"].startswith("https://")
    for path in (p for p in (tmp_path / "project").rglob("*") if p.is_file()):
        text = path.read_text(encoding="utf-8")
        for place in (tmp_path, folder, Path.home(), Path(source.__file__).parent):
            assert str(place) not in text, path


def test_a_project_updates_elsewhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made with one version, updated by the next, with another home and no network."""
    release(root, "v0.1.0")
    write_bundle(root, "0.1.0", tmp_path / "a.bundle")
    folder = work(tmp_path, "first")
    generate(source.open_source(str(tmp_path / "a.bundle"), folder), tmp_path / "p", folder)
    shutil.rmtree(folder)
    project = tmp_path / "p"
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "made")

    change(root, "\n# from the next version\n", version="0.2.0")
    write_bundle(root, "0.2.0", tmp_path / "b.bundle")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "elsewhere"))
    folder = work(tmp_path, "second")
    opened = source.open_source(str(tmp_path / "b.bundle"), folder)
    assert opened.version == "v0.2.0"
    source.point_git_at(opened, folder)
    subprocess.run(
        [COPIER, "update", "--quiet", "--defaults"],
        cwd=project,
        env=source.environment(folder),
        check=True,
        capture_output=True,
    )
    assert recorded(project)["_commit"] == "v0.2.0"
    changed = git(project, "status", "--porcelain").splitlines()
    assert sorted(line.split()[-1] for line in changed) == [".copier-answers.yml", "Makefile"]


def test_the_users_settings_of_git_do_not_matter(root: Path, tmp_path: Path, home: Path) -> None:
    hooks = home / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "pre-commit", "commit-msg"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {hooks}\n\tautocrlf = true\n[commit]\n\tgpgsign = true\n"
        f"[init]\n\ttemplateDir = {home / 'none'}\n[protocol]\n\tallow = never\n"
        '[url "https://elsewhere.invalid/"]\n\tinsteadOf = https://anshin.invalid/\n',
        encoding="utf-8",
    )
    folder = work(tmp_path)
    generate(source.open_source(str(root), folder), tmp_path / "project", folder)
    assert b"\r" not in (tmp_path / "project" / "Makefile").read_bytes()


def test_the_users_settings_of_copier_do_not_matter(root: Path, tmp_path: Path, home: Path) -> None:
    settings = home / ".config" / "copier" / "settings.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text("defaults:\n  region: eu-west-1\n", encoding="utf-8")
    folder = work(tmp_path)
    generate(source.open_source(str(root), folder), tmp_path / "project", folder)
    assert recorded(tmp_path / "project")["region"] == "ap-northeast-1"


def test_inside_a_git_hook(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git has bound its variables to the repository whose hook runs."""
    release(root, "v0.1.0")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing" / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    folder = work(tmp_path)
    generate(source.open_source(str(root), folder), tmp_path / "project", folder)
    assert recorded(tmp_path / "project")["_commit"] == "v0.1.0"


def test_a_repository_as_the_template(root: Path, tmp_path: Path) -> None:
    """Its newest release is taken, not what is newer but unreleased."""
    release(root, "v0.1.0")
    change(root, "\n# not yet released\n")
    git(root, "commit", "--quiet", "--all", "--message", "later")
    git(tmp_path, "clone", "--quiet", "--bare", str(root), "bare.git")
    folder = work(tmp_path)
    opened = source.open_source(str(tmp_path / "bare.git"), folder)
    assert (opened.version, opened.url) == ("v0.1.0", opened.catalog["source_url"])
    generate(opened, tmp_path / "project", folder)
    assert "not yet released" not in (tmp_path / "project" / "Makefile").read_text()


def test_a_url_is_recorded_as_given(
    root: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(root, "v0.1.0")
    (home / ".gitconfig").write_text(
        f'[url "{root}"]\n\tinsteadOf = https://example.com/fork\n', encoding="utf-8"
    )
    folder = work(tmp_path)
    opened = source.open_source("https://example.com/fork", folder)
    assert opened.url == "https://example.com/fork.git"
    generate(opened, tmp_path / "project", folder)
    assert recorded(tmp_path / "project")["_src_path"] == "https://example.com/fork.git"


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("https://me:secret@example.com/x.git", "source.credentials"),
        ("https://token@example.com/x.git", "source.credentials"),
        ("nowhere/to/be/found", "source.nothing"),
        ("file:///nowhere/x.git", "source.nothing"),
        ("https://anshin.invalid/x.git", "source.unreadable"),
    ],
)
def test_what_is_no_template(template: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(Trouble) as caught:
        source.open_source(template, work(tmp_path))
    assert caught.value.key == key


def test_a_repository_of_something_else(tmp_path: Path) -> None:
    other = work(tmp_path, "other")
    (other / "readme").write_text("hello\n", encoding="utf-8")
    release(other, "v1.0.0")
    with pytest.raises(Trouble) as caught:
        source.open_source(str(other), work(tmp_path))
    assert caught.value.key in ("source.unreadable", "source.not_anshin")


def test_a_catalog_of_another_format(root: Path, tmp_path: Path) -> None:
    path = root / "scaffolder" / "catalog.json"
    data = {**json.loads(path.read_text(encoding="utf-8")), "format": 99}
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(Trouble) as caught:
        source.open_source(str(root), work(tmp_path))
    assert caught.value.key == "source.other_format"


@pytest.mark.parametrize(
    ("script", "key"), [(None, "git.missing"), ("echo git version 2.17.1", "git.old")]
)
def test_git_missing_or_old(
    script: str | None, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = work(tmp_path, "bin")
    if script:
        (folder / "git").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(Trouble) as caught:
        source.open_source(None, work(tmp_path))
    assert caught.value.key == key
