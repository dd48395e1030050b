"""The template's source: found, described, served to Copier without a network or a trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import commits, history, published, source, versions
from scaffolder.history import File, Version, write_bundle
from scaffolder.messages import LANGUAGES, Say, Trouble
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
    said = caught.value.said(Say("en"))
    assert "0.1.0" in said and "99" in said and str(published.FORMAT) in said


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


CANONICAL = published.load()["source_url"]
REMOTE = "https://example.com/fork.git"


@pytest.fixture
def reachable(root: Path, home: Path) -> None:
    """The checkout's repository stands behind a URL."""
    settings = f'[url "{root}"]\n\tinsteadOf = {REMOTE}\n'
    (home / ".gitconfig").write_text(settings, encoding="utf-8")


@pytest.fixture
def embedded(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Anshin as it is installed from a wheel with two releases."""
    two_releases(root)
    package = work(tmp_path, "site-packages") / "scaffolder"
    package.mkdir()
    write_bundle(root, "0.2.0", package / "template.bundle")
    monkeypatch.setattr(source, "PACKAGE", package)
    monkeypatch.setattr(source, "BUNDLE", package / "template.bundle")
    monkeypatch.setattr(published, "FILE", root / "scaffolder" / "catalog.json")
    return package


def two_releases(root: Path) -> None:
    release(root, "v0.1.0")
    change(root, "\n# second\n", "0.2.0")
    release(root, "v0.2.0")


def trouble(src_path: str, version: str, template: str | None, folder: Path) -> Trouble:
    with pytest.raises(Trouble) as caught:
        source.open_for(src_path, version, template, folder)
    for language in LANGUAGES:
        assert caught.value.said(Say(language))
    return caught.value


@pytest.mark.parametrize("end", ["", "/", "x"])
def test_the_own_template_is_known_by_its_url(end: str, embedded: Path, tmp_path: Path) -> None:
    recorded = CANONICAL if end == "" else CANONICAL.removesuffix(".git") + end
    assert source.is_own(recorded) == (end != "x")


def test_a_project_finds_its_version_in_the_bundle(embedded: Path, tmp_path: Path) -> None:
    folder = work(tmp_path)
    opened = source.open_for(CANONICAL, "v0.1.0", None, folder)
    assert opened.versions == ("v0.1.0", "v0.2.0")
    assert source.newest(opened) == "v0.2.0"
    assert [source.catalog_at(opened, v, folder)["version"] for v in opened.versions] == [
        "0.1.0",
        "0.2.0",
    ]
    generate(replace(opened, version="v0.1.0"), tmp_path / "project", work(tmp_path, "other"))
    assert "second" not in (tmp_path / "project" / "Makefile").read_text(encoding="utf-8")


def test_any_old_catalog_can_be_read_from_a_bundle(embedded: Path, tmp_path: Path) -> None:
    """Also where nothing but the newest was asked for at first."""
    folder = work(tmp_path)
    opened = source.open_for(CANONICAL, "v0.2.0", None, folder)
    assert source.catalog_at(opened, "v0.1.0", folder)["version"] == "0.1.0"


@pytest.mark.parametrize(
    ("version", "key", "words"),
    [
        ("v0.3.0", "source.newer", ["v0.3.0", "v0.2.0"]),
        ("v0.3.0-4-gabcdef0", "source.newer", ["v0.3.0", "v0.2.0"]),
        ("v0.1.5", "source.no_version", ["v0.1.5", "v0.1.0, v0.2.0", "--template"]),
        ("v0.2.0+g01234567", "source.unreleased", ["v0.2.0+g01234567", "--template"]),
        ("v0.1.0-3-gabcdef0", "source.unreleased", ["v0.1.0-3-gabcdef0", "--template"]),
        ("abcdef0", "source.unreleased", ["abcdef0", "--template"]),
        ("main", "source.unreleased", ["main", "--template"]),
    ],
)
def test_a_version_that_the_bundle_does_not_have(
    version: str, key: str, words: list[str], embedded: Path, tmp_path: Path
) -> None:
    found = trouble(CANONICAL, version, None, work(tmp_path))
    assert found.key == key
    said = found.said(Say("en"))
    assert all(word in said for word in words)


def test_an_old_catalog_of_another_format(root: Path, tmp_path: Path) -> None:
    path = root / "scaffolder" / "catalog.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(json.dumps({**json.loads(text), "format": 0}), encoding="utf-8")
    release(root, "v0.0.1")
    path.write_text(text, encoding="utf-8")
    folder = work(tmp_path)
    opened = source.open_for(CANONICAL, "v0.0.1", str(root), folder)
    with pytest.raises(Trouble) as caught:
        source.catalog_at(opened, "v0.0.1", folder)
    assert caught.value.key == "source.other_format"


@pytest.mark.usefixtures("reachable")
def test_a_recorded_url_is_opened(root: Path, tmp_path: Path) -> None:
    """With a version between releases, as plain Copier records it, and with none at all."""
    two_releases(root)
    change(root, "\n# third\n", "0.2.0")
    release(root, "wip")
    described = git(root, "describe", "--tags", "--match", "v*")
    change(root, "\n# fourth\n", "0.3.0")
    release(root, "v0.3.0")
    for version in ("v0.1.0", described, git(root, "rev-parse", "--short", "v0.2.0")):
        folder = work(tmp_path, f"work {version}")
        opened = source.open_for(REMOTE, version, None, folder)
        assert (opened.url, source.newest(opened)) == (REMOTE, "v0.3.0")
        assert version in opened.versions and opened.versions[-1] == "v0.3.0"
        project = tmp_path / "made" / version
        generate(replace(opened, version=version), project, work(tmp_path, f"render {version}"))
        makefile = (project / "Makefile").read_text(encoding="utf-8")
        assert ("third" in makefile) == (version == described)
        assert "fourth" not in makefile


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize(
    ("version", "key"),
    [("v0.2.0-7-g0123456", "source.unreleased"), ("v0.9.0", "source.no_version")],
)
def test_a_version_that_a_url_does_not_have(
    version: str, key: str, root: Path, tmp_path: Path
) -> None:
    """To upgrade Anshin would not help: this is no template of its own."""
    two_releases(root)
    found = trouble(REMOTE, version, None, work(tmp_path))
    assert (found.key, found.values["template"]) == (key, REMOTE)


@pytest.mark.usefixtures("reachable")
def test_nothing_older_counts_as_newer(root: Path, tmp_path: Path) -> None:
    """Where the project is ahead of the releases, an update goes nowhere."""
    two_releases(root)
    for number in ("1", "2"):
        change(root, f"\n# early {number}\n", f"0.3.0rc{number}")
        release(root, f"v0.3.0rc{number}")
    change(root, "\n# ahead\n", "0.3.0rc2")
    release(root, "wip")
    ahead = git(root, "describe", "--tags", "--match", "v0.2*")
    for version, newest in (
        ("v0.1.0", "v0.2.0"),
        ("v0.2.0", "v0.2.0"),
        ("v0.3.0rc1", "v0.3.0rc2"),
        (ahead, ahead),
    ):
        folder = work(tmp_path, f"work {version}")
        opened = source.open_for(REMOTE, version, None, folder)
        assert source.newest(opened) == newest
        number = "0.3.0rc2" if newest == ahead else newest[1:]
        assert opened.catalog["version"] == number


@pytest.mark.usefixtures("reachable")
def test_a_repository_without_releases(root: Path, tmp_path: Path) -> None:
    release(root, "wip")
    git(root, "tag", "--delete", "wip")
    opened = source.open_source(REMOTE, work(tmp_path))
    assert opened.versions == (opened.version,) == (git(root, "rev-parse", "--short", "HEAD"),)
    generate(opened, tmp_path / "project", work(tmp_path, "other"))
    assert recorded(tmp_path / "project")["_commit"] == opened.version


@pytest.mark.parametrize("src_path", ["https://moved.invalid/x.git", "/gone/x.git"])
def test_a_template_that_moved(src_path: str, root: Path, embedded: Path, tmp_path: Path) -> None:
    found = trouble(src_path, "v0.1.0", None, work(tmp_path, "a"))
    assert found.key in ("source.unreadable", "source.nothing")
    said = found.said(Say("en"))
    assert src_path in said and "--template URL" in said
    opened = source.open_for(src_path, "v0.1.0", str(root), work(tmp_path, "b"))
    assert (opened.versions, opened.url) == (("v0.1.0", "v0.2.0"), CANONICAL)


def test_git_is_to_blame_and_no_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(work(tmp_path, "bin")))
    assert trouble(REMOTE, "v0.1.0", None, work(tmp_path)).hint == "git.missing_hint"


def test_a_state_of_a_checkout_is_found_again(root: Path, tmp_path: Path) -> None:
    """On the same branch, on another one that is merged nowhere, and as what is there now."""
    release(root, "v0.1.0")
    git(root, "branch", "aside")
    states = []
    for number, branch in enumerate(["", "", "aside"]):
        if branch:
            git(root, "checkout", "--quiet", branch)
        change(root, f"\n# state {number}\n")
        (root / "templates" / "project" / "Makefile").chmod(0o755 if number else 0o644)
        states.append(source.open_source(str(root), work(tmp_path, f"state{number}")).version)
        release(root, f"wip{number}")
        git(root, "tag", "--delete", f"wip{number}")
    assert len(set(states)) == 3
    (root / "README.md").write_text("Nothing of the template\n", encoding="utf-8")
    release(root, "wip")
    change(root, "\n# not committed\n")
    for number, version in enumerate(states):
        for place in (str(root), str(root / ".git")):
            folder = work(tmp_path, f"{number} {len(place)}")
            opened = source.open_for(CANONICAL, version, place, folder)
            assert version in opened.versions[1:]
            target = tmp_path / "made" / folder.name
            generate(replace(opened, version=version), target, work(tmp_path, f"r {folder.name}"))
            makefile = target / "Makefile"
            assert f"# state {number}\n" in makefile.read_text(encoding="utf-8")
            assert os.access(makefile, os.X_OK) == bool(number)
            assert recorded(target)["_commit"] == version
    opened = source.open_source(str(root), work(tmp_path, "now"))
    again = source.open_for(CANONICAL, opened.version, str(root), work(tmp_path, "again"))
    assert again.versions == ("v0.1.0", opened.version)


def test_a_state_that_nobody_committed(root: Path, tmp_path: Path) -> None:
    release(root, "v0.1.0")
    found = trouble(CANONICAL, "v0.1.0+g01234567", str(root), work(tmp_path))
    assert found.key == "source.unreleased"
    assert str(root) in found.said(Say("en"))


@pytest.mark.parametrize("kind", ["release", "state"])
def test_a_shallow_checkout(kind: str, root: Path, tmp_path: Path) -> None:
    two_releases(root)
    change(root, "\n# state\n", "0.2.0")
    state = source.open_source(str(root), work(tmp_path, "state")).version
    release(root, "wip")
    change(root, "\n# later\n", "0.2.0")
    release(root, "later")
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{root}", "shallow")
    shallow = tmp_path / "shallow"
    version = "v0.1.0" if kind == "release" else state
    found = trouble(CANONICAL, version, str(shallow), work(tmp_path, "a"))
    assert found.key == "source.shallow"
    said = found.said(Say("en"))
    assert str(shallow) in said and "git fetch --unshallow --tags" in said
    git(shallow, "fetch", "--quiet", "--unshallow", "--tags")
    opened = source.open_for(CANONICAL, version, str(shallow), work(tmp_path, "b"))
    assert version in opened.versions


def test_the_search_ends(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest commits are looked at first, and old ones beyond the limit not at all."""
    release(root, "first")
    old = history.digest(history.working_tree(root))[:8]
    for number in range(3):
        change(root, f"\n# {number}\n")
        release(root, f"later{number}")
    monkeypatch.setattr(commits, "SEARCHED", 3)
    new = history.digest(history.working_tree(root))[:8]
    assert commits.find(root, f"v0.1.0+g{new}") == git(root, "rev-parse", "HEAD")
    assert commits.find(root, f"v0.1.0+g{old}") is None
    monkeypatch.setattr(commits, "SEARCHED", 4)
    assert commits.find(root, f"v0.1.0+g{old}") == git(root, "rev-parse", "first")


@pytest.mark.parametrize(
    "version", ["", "--all", "v0.1.0 x", "v1\n+g01234567", "v../../x+g01234567", "HEAD", "main"]
)
def test_only_what_looks_like_a_version_is_looked_up(
    version: str, root: Path, tmp_path: Path
) -> None:
    release(root, "v0.1.0")
    assert commits.find(root, version) is None


@pytest.mark.parametrize(
    "ordered",
    [
        ["abcdef0", "v0.1.0"],
        ["v0.1.0rc1", "v0.1.0", "v0.1.0-3-gabcdef0", "v0.1.1", "v0.2.0", "v0.10.0"],
        ["v0.1.0", "v0.1.0+g01234567", "v0.1.1"],
    ],
)
def test_the_order_of_versions(ordered: list[str]) -> None:
    assert sorted({*ordered}, key=versions.order) == ordered
    for older, newer in pairwise(ordered):
        assert not versions.is_newer(older, newer)
        assert versions.is_newer(newer, older) == ("+" not in newer)
