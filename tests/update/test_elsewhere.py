"""Changes to projects on other machines, in other places, with other templates, and with faults."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from scaffolder import __version__
from scaffolder.messages import LANGUAGES
from tests.cli.conftest import make_checkout, pattern
from tests.cli.test_plain_update import (
    change,
    entry,
    publish,
    rename_the_safeguard,
    retire,
)
from tests.cli.test_wheel import ADDED, NEXT, NO_NETWORK, install, next_wheel, repository, wheel
from tests.unit.test_source import git
from tests.update.support import (
    ANSWERS,
    Machine,
    changed,
    commit,
    conflicts,
    copy,
    files_of_git,
    lines,
    texts,
)
from tests.update.trees import snapshot

__all__ = ["next_wheel", "repository", "wheel"]
FIRST, SECOND = "v0.1.0", "v0.2.0"
CHOSEN = ("old-hat", "rate-limit")
LANG = pytest.mark.parametrize("lang", LANGUAGES)


@dataclass(frozen=True)
class Shop:
    """A template with two releases, and a project of the first one.

    Attributes:
        both: a repository with both releases.
        first: one with the first release only.
        project: of the first release; not to be changed.
        updated: the same, updated to the second one; not to be changed.
    """

    both: Path
    first: Path
    project: Path
    updated: Path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Between the releases, an id and a question got other names, and an entry was withdrawn."""
    folder = tmp_path_factory.mktemp("shop")
    root = make_checkout(folder / "anshin")
    entry(root, "old-hat", pattern(scope=["code"]))
    (root / "catalog" / "old-hat" / "files").mkdir()
    (root / "catalog" / "old-hat" / "files" / "hat.txt").write_text("old\nhat\n", encoding="utf-8")
    release(root, FIRST, folder / "first.git")
    rename_the_safeguard(root)
    retire(root)
    for name, field in (("work-queue", "requires"), ("open-door", "conflicts")):
        change(root, name, **{field: {}})
    entry(root, "fresh-idea", pattern(scope=["code"]))
    makefile = root / "templates" / "base" / "Makefile"
    makefile.write_text(makefile.read_text(encoding="utf-8") + "\n# second\n", encoding="utf-8")
    release(root, SECOND, folder / "both.git")
    home = folder / "home"
    home.mkdir()
    places = (folder / name for name in ("both.git", "first.git", "project", "updated"))
    made, machine = Shop(*places), Machine(home)
    chosen = [word for name in CHOSEN for word in ("--safeguards", name)]
    words = ["new", made.project, "--template", made.first, "--defaults", *chosen]
    machine.run(folder, *words, "--data", "project_name=shop")
    copy(made.project, made.updated)
    machine.run(made.updated, "update", "--yes", "--template", made.both)
    commit(made.updated)
    return made


def release(root: Path, tag: str, target: Path) -> None:
    """Publish a version, and copy the repository as it is then."""
    publish(root, tag)
    git(root.parent, "clone", "--quiet", "--bare", str(root), str(target))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which nobody has told git who they are."""
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home)


@pytest.fixture
def project(shop: Shop, tmp_path: Path) -> Path:
    """A project of the first release, to be changed."""
    return copy(shop.project, tmp_path / "project")


def answers(project: Path) -> dict[str, object]:
    return dict(yaml.safe_load((project / ANSWERS).read_text(encoding="utf-8")))


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def prepend(path: Path, text: str) -> None:
    path.write_text(text + path.read_text(encoding="utf-8"), encoding="utf-8")


def refused(machine: Machine, project: Path, words: list[object], *said: str, lang: str) -> None:
    """See that a command ends with 2, says some things, and changes nothing."""
    before = snapshot(project)
    done = machine.run(project, *words, code=2, lang=lang)
    assert done.stdout == ""
    assert done.stderr.startswith("anshin: ")
    for text in said:
        assert text in done.stderr
    assert snapshot(project) == before


UPDATED = {ANSWERS, "SAFEGUARDS.md", "Makefile", "hat.txt"}
"""What is different in the second release."""


def is_updated(machine: Machine, project: Path, shop: Shop) -> None:
    """See that the project has the second release, and that an undo leads back."""
    recorded = answers(project)
    assert recorded["_commit"] == SECOND
    assert recorded["safeguards"] == ["traffic-limit"]
    assert recorded["traffic_limit_per_second"] == 50
    assert (project / "Makefile").read_text(encoding="utf-8").endswith("# second\n")
    assert not (project / "hat.txt").exists()
    template = ("--template", shop.both)
    status = machine.json(project, "status", *template)
    assert [s["state"] for s in status["safeguards"]] == ["present"]


# Wheels.


@pytest.fixture(scope="module")
def installed(
    wheel: Path, next_wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Two releases of Anshin, each installed in a place of its own."""
    folder = tmp_path_factory.mktemp("installed")
    return install(wheel, folder / "first"), install(next_wheel, folder / "other" / "second")


@pytest.fixture
def alice_and_bob(installed: tuple[Path, Path], tmp_path: Path) -> tuple[Machine, Machine]:
    """Two machines without a network, with this release and the next one."""
    machines = []
    for name, anshin in zip(("alice", "bob"), installed, strict=True):
        home = tmp_path / name
        home.mkdir()
        path = f"{Path(shutil.which('git') or '').parent}"
        machines.append(Machine(home, anshin, {**NO_NETWORK, "PATH": path, "PYTHONPATH": ""}))
    return machines[0], machines[1]


def test_from_one_wheel_to_the_next(alice_and_bob: tuple[Machine, Machine], tmp_path: Path) -> None:
    alice, bob = alice_and_bob
    alice.run(alice.home, "new", "svc", "--preset", "recommended", "--defaults")
    here, there = alice.home / "svc", bob.home / "work" / "svc"
    git(tmp_path, "clone", "--quiet", str(here), str(there))
    recorded = answers(there)
    assert recorded["_commit"] == f"v{__version__}"
    assert str(recorded["_src_path"]).startswith("https://")
    alice.run(here, "update", "--check")
    bob.run(there, "update", "--check", code=1)
    assert bob.json(there, "update", "--check", code=1) == {
        "version": f"v{__version__}",
        "newest": f"v{NEXT}",
        "update_available": True,
    }
    append(there / "template.yaml", "  Mine:\n    Value: 1\n")
    bob.run(there, "update", "--yes")
    assert answers(there) == {**recorded, "_commit": f"v{NEXT}"}
    assert files_of_git(there) == dict.fromkeys([ANSWERS, "Makefile", "template.yaml"], " M")
    assert (there / "Makefile").read_text(encoding="utf-8").endswith(ADDED)
    for text in texts(there).values():
        assert str(tmp_path) not in text
    bob.run(there, "update", "--check")
    bob.run(there, "status")


@LANG
def test_a_project_of_a_newer_wheel(
    lang: str, alice_and_bob: tuple[Machine, Machine], tmp_path: Path
) -> None:
    alice, bob = alice_and_bob
    bob.run(bob.home, "new", "svc", "--preset", "none", "--defaults")
    project = copy(bob.home / "svc", alice.home / "svc")
    hint = {"ja": "アップグレード", "en": "Upgrade"}[lang]
    said = (f"v{NEXT}", f"v{__version__}", hint)
    for words in (["update", "--yes"], ["update", "--check"], ["plan", "add", "x"]):
        refused(alice, project, words, *said, lang=lang)


def test_back_to_the_version_before(alice_and_bob: tuple[Machine, Machine]) -> None:
    _, bob = alice_and_bob
    bob.run(bob.home, "new", "svc", "--preset", "none", "--defaults")
    project = bob.home / "svc"
    done = bob.run(project, "update", "--yes", "--to", f"v{__version__}")
    assert f"v{NEXT} → v{__version__}" in done.stdout
    assert answers(project)["_commit"] == f"v{__version__}"
    assert not (project / "Makefile").read_text(encoding="utf-8").endswith(ADDED)
    bob.run(project, "update", "--check", code=1)


# Versions and names.


def test_the_command_that_a_plan_ends_with(
    shop: Shop, project: Path, machine: Machine, tmp_path: Path
) -> None:
    """It does just what was planned, where that was planned, with the template that was given."""
    before = snapshot(project)
    where = ("--project", project, "--template", shop.both)
    shown = machine.run(tmp_path, "plan", "update", *where, "--to", SECOND).stdout
    said = machine.run(tmp_path, "update", *where, "--to", SECOND, code=2).stderr
    assert f"anshin plan update --project {project} --template {shop.both} " in said
    assert snapshot(project) == before
    name, *words = shlex.split(shown.splitlines()[-1])
    assert name == "anshin"
    machine.run(tmp_path, *words, "--yes")
    is_updated(machine, project, shop)


def test_names_of_another_version(shop: Shop, project: Path, machine: Machine) -> None:
    """Forth and back: nothing gets lost but what was withdrawn."""
    before = answers(project)
    done = machine.run(project, "update", "--yes", "--template", shop.both)
    assert conflicts(texts(project)) == {}
    for words in ("rate-limit is called traffic-limit in v0.2.0", "old-hat has been withdrawn"):
        assert words in done.stdout
    assert files_of_git(project).keys() == UPDATED
    is_updated(machine, project, shop)
    machine.run(project, "update", "--yes", "--template", shop.both, "--to", FIRST)
    assert answers(project) == {**before, "safeguards": ["rate-limit"]}
    assert files_of_git(project).keys() == UPDATED - {"Makefile"}


def test_a_former_name_on_the_command_line(shop: Shop, machine: Machine, tmp_path: Path) -> None:
    project = copy(shop.updated, tmp_path / "project")
    template = ("--template", shop.both)
    machine.run(project, "remove", "rate-limit", "--yes", *template)
    assert answers(project)["safeguards"] == []
    machine.run(project, "add", "request-limit", "--yes", *template)
    is_updated(machine, project, shop)


@LANG
def test_names_that_cannot_be_used(lang: str, shop: Shop, machine: Machine) -> None:
    withdrawn = {"ja": "廃止", "en": "withdrawn"}[lang]
    newer = {"ja": "先に anshin update", "en": "Update the project first"}[lang]
    for project, words, *said in (
        (shop.project, ["add", "fresh-idea"], "fresh-idea", SECOND, newer),
        (shop.updated, ["add", "old-hat"], withdrawn),
        (shop.updated, ["add", "trafic-limit"], "traffic-limit"),
        (shop.updated, ["remove", "old-hat"], "old-hat"),
    ):
        words = [*words, "--yes", "--template", shop.both]
        refused(machine, project, words, *said, lang=lang)


@LANG
def test_a_version_that_the_template_does_not_have(lang: str, shop: Shop, machine: Machine) -> None:
    words = ["update", "--yes", "--template", shop.both, "--to", "v0.3.0"]
    refused(machine, shop.project, words, "v0.3.0", FIRST, SECOND, lang=lang)
    for words in (["update", "--yes"], ["update", "--check"], ["plan", "remove", "traffic-limit"]):
        words = [*words, "--template", shop.first]
        said = (SECOND, FIRST, "--template URL|PATH")
        refused(machine, shop.updated, words, *said, lang=lang)


@LANG
def test_an_answer_that_is_no_longer_allowed(
    lang: str, shop: Shop, tmp_path: Path, machine: Machine
) -> None:
    words = ["--defaults", "--safeguards", "rate-limit", "--data", "rate_limit_rate=500"]
    machine.run(tmp_path, "new", "svc", "--template", shop.first, *words)
    project = tmp_path / "svc"
    words = ["update", "--yes", "--template", shop.both]
    refused(machine, project, words, "traffic_limit_per_second", "500", "--data", lang=lang)
    machine.run(project, *words, "--data", "traffic_limit_per_second=99")
    assert answers(project)["traffic_limit_per_second"] == 99
    template = (project / "template.yaml").read_text(encoding="utf-8")
    assert "RetentionInDays: 99\n" in template


# Where the template comes from.


def reach(machine: Machine, repository: Path, url: str) -> None:
    """Let a URL lead to a repository, and no other."""
    text = f'[url "{repository}"]\n\tinsteadOf = {url}\n'
    (machine.home / ".gitconfig").write_text(text, encoding="utf-8")


OLD, NEW = "https://old.invalid/anshin.git", "https://new.invalid/anshin.git"


@pytest.fixture
def moved(shop: Shop, machine: Machine, tmp_path: Path) -> Path:
    """A project whose template is nowhere to be found any more."""
    reach(machine, shop.first, OLD)
    words = ["--defaults", *(w for name in CHOSEN for w in ("--safeguards", name))]
    machine.run(tmp_path, "new", "moved", "--template", OLD, *words)
    assert answers(tmp_path / "moved")["_src_path"] == OLD
    reach(machine, shop.both, NEW)
    return tmp_path / "moved"


@LANG
def test_a_template_that_cannot_be_reached(lang: str, moved: Path, machine: Machine) -> None:
    for words in (["update", "--yes"], ["update", "--check"], ["plan", "add", "open-door"]):
        refused(machine, moved, words, OLD, "--template URL", lang=lang)
    for template in ("https://nobody.invalid/x.git", "/nowhere/x.git"):
        refused(machine, moved, ["update", "--yes", "--template", template], template, lang=lang)


def test_a_template_that_moved(moved: Path, shop: Shop, machine: Machine) -> None:
    machine.run(moved, "update", "--yes", "--template", NEW)
    assert answers(moved)["_src_path"] == NEW
    is_updated(machine, moved, shop)
    # From now on it is found again.
    machine.run(moved, "update", "--check")
    machine.run(moved, "undo")
    assert files_of_git(moved) == {}


def test_a_template_that_moved_and_has_nothing_new(
    moved: Path, shop: Shop, machine: Machine
) -> None:
    reach(machine, shop.first, NEW)
    append(moved / ANSWERS, "# mine\n")
    commit(moved)
    for words in (["update"], ["add", "work-queue"], ["remove", "old-hat"]):
        machine.run(moved, *words, "--yes", "--template", NEW)
        assert answers(moved)["_src_path"] == NEW
        assert (moved / ANSWERS).read_text(encoding="utf-8").endswith("# mine\n")
        assert (ANSWERS in files_of_git(moved)) and files_of_git(moved)[ANSWERS] == " M"
        machine.run(moved, "undo")
        assert files_of_git(moved) == {}
    # Another way to write it is no move.
    machine.run(moved, "update", "--yes", "--template", NEW)
    commit(moved)
    machine.run(moved, "update", "--yes")
    assert files_of_git(moved) == {}


# Where the project is.


def test_a_shallow_clone(shop: Shop, project: Path, machine: Machine, tmp_path: Path) -> None:
    commit(project)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{project}", str(clone))
    assert git(clone, "rev-parse", "--is-shallow-repository") == "true"
    machine.run(clone, "update", "--yes", "--template", shop.both)
    is_updated(machine, clone, shop)
    machine.run(clone, "undo")
    assert files_of_git(clone) == {}


@pytest.mark.parametrize("place", ["inside", "by option"])
def test_a_folder_of_a_larger_repository(
    place: str, shop: Shop, machine: Machine, tmp_path: Path
) -> None:
    top = tmp_path / "mono"
    project = top / "services" / "shop"
    shutil.copytree(shop.project, project, ignore=shutil.ignore_patterns(".git"))
    git(tmp_path, "init", "--quiet", str(top))
    (top / "README").write_text("All of it\n", encoding="utf-8")
    commit(top)
    # Elsewhere somebody is in the middle of something.
    (top / "README").write_text("All of it, and more\n", encoding="utf-8")
    before = snapshot(top)
    folder = project / "src" / "orders" if place == "inside" else tmp_path
    options = [] if place == "inside" else ["--project", project]
    template = ("--template", shop.both)
    machine.run(folder, "update", "--yes", *template, *options)
    inside = {f"services/shop/{name}" for name in UPDATED}
    assert files_of_git(top).keys() == {"README", *inside}
    is_updated(machine, project, shop)
    status = machine.json(folder, "status", *template, *options)
    assert status["template"]["version"] == SECOND
    machine.run(folder, "add", "fresh-idea", "--yes", *template, *options)
    assert answers(project)["safeguards"] == ["fresh-idea", "traffic-limit"]
    machine.run(folder, "undo", *options)
    assert answers(project)["safeguards"] == ["traffic-limit"]
    assert changed(before, snapshot(top)) == inside
    refused(machine, top / "services", ["update", "--yes"], str(top), "--project", lang="en")


def test_two_work_trees_of_one_repository(
    shop: Shop, project: Path, machine: Machine, tmp_path: Path
) -> None:
    """Each has a last change of its own."""
    other = tmp_path / "other"
    git(project, "worktree", "add", "--quiet", str(other), "-b", "other")
    machine.run(other, "update", "--yes", "--template", shop.both)
    is_updated(machine, other, shop)
    assert files_of_git(project) == {}
    machine.run(project, "undo", code=2)
    machine.run(project, "remove", "old-hat", "--yes", "--template", shop.both)
    machine.run(other, "undo")
    assert files_of_git(other) == {}
    assert "hat.txt" in files_of_git(project)


def test_line_ends_of_windows(shop: Shop, machine: Machine, tmp_path: Path) -> None:
    project = tmp_path / "windows"
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "--quiet", str(shop.project), str(project))
    git(project, "config", "core.autocrlf", "true")
    template = ("--template", shop.first)
    machine.run(project, "remove", "old-hat", "--yes", *template)
    commit(project)
    append(project / "SAFEGUARDS.md", "Mine\n")
    content = (project / "SAFEGUARDS.md").read_bytes().replace(b"\r\n", b"\n")
    (project / "SAFEGUARDS.md").write_bytes(content.replace(b"\n", b"\r\n"))
    before = {p: (project / p).read_bytes() for p in texts(project)}

    machine.run(project, "add", "old-hat", "--yes", *template)
    assert files_of_git(project) == {ANSWERS: " M", "SAFEGUARDS.md": " M", "hat.txt": "??"}
    for name in texts(project):
        content = (project / name).read_bytes()
        assert content.count(b"\r\n") == content.count(b"\n"), name
        gone = lines(before.get(name, b"").decode()) - lines(content.decode())
        assert not gone, name
    assert git(project, "diff", "--numstat", "--", ANSWERS) == f"1\t0\t{ANSWERS}"
    machine.run(project, "undo")
    assert {p: (project / p).read_bytes() for p in texts(project)} == before


# The answers file.


def rewritten(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda text: f"<<<<<<< ours\n{text}=======\n>>>>>>> theirs\n", "git"),
        (lambda text: f"{text}x: [\n", "YAML"),
        (lambda text: f"- {text}", "YAML"),
        (lambda text: "[]\n", "{name}"),
        (lambda text: "", "_commit"),
        (rewritten("_commit", "commit"), "_commit"),
        (rewritten("_src_path", "src_path"), "_src_path"),
        (rewritten(FIRST, "0.1"), "_commit"),
        (rewritten("safeguards:\n- old-hat\n- rate-limit\n", ""), "safeguards"),
        (lambda text: "_commit: v1\n_src_path: gh:acme/x\nname: y\n", "safeguards"),
        (rewritten("rate_limit_rate: 50", "rate_limit_rate: 5000"), "git diff"),
        (rewritten("rate_limit_mode: soft", "rate_limit_mode: no"), "git diff"),
    ],
)
def test_an_answers_file_that_cannot_be_used(
    edit: Callable[[str], str], said: str, shop: Shop, project: Path, machine: Machine
) -> None:
    file = project / ANSWERS
    file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    words = {"ja": ["update", "--yes"], "en": ["plan", "remove", "rate-limit"]}
    for lang, command in words.items():
        name = said.format(name={"ja": "名前", "en": "name"}[lang])
        command += ["--template", str(shop.both)]
        refused(machine, project, command, str(file), name, lang=lang)


@LANG
def test_an_answers_file_that_is_a_link(
    lang: str, shop: Shop, project: Path, machine: Machine
) -> None:
    """It would keep the old version while every other file gets the new one."""
    (project / ANSWERS).rename(project / "answers")
    (project / ANSWERS).symlink_to("answers")
    words = ["update", "--yes", "--template", shop.both]
    refused(machine, project, words, str(project / ANSWERS), lang=lang)


@LANG
def test_the_template_of_somebody_else(lang: str, project: Path, machine: Machine) -> None:
    other = machine.home / "other"
    other.mkdir()
    (other / "copier.yml").write_text("x: 1\n", encoding="utf-8")
    git(other, "init", "--quiet")
    commit(other)
    git(other, "tag", FIRST)
    words = ["update", "--yes", "--template", other]
    refused(machine, project, words, str(other), lang=lang)


# Git.

COMMANDS = (
    ["update", "--yes"],
    ["update", "--check"],
    ["plan", "remove", "rate-limit"],
    ["remove", "rate-limit", "--yes"],
)


@LANG
def test_without_a_repository(lang: str, shop: Shop, project: Path, machine: Machine) -> None:
    shutil.rmtree(project / ".git")
    for words in (*COMMANDS, ["undo"], ["status"]):
        template = [] if words == ["undo"] else ["--template", shop.both]
        refused(machine, project, [*words, *template], str(project), "git init", lang=lang)


@LANG
@pytest.mark.parametrize("version", ["", "2.20.1"])
def test_no_git_and_an_old_git(
    version: str, lang: str, project: Path, machine: Machine, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    if version:
        script = f'#!/bin/sh\n[ "$1" = --version ] && echo "git version {version}" && exit\n'
        (folder / "git").write_text(f'{script}exec {shutil.which("git")} "$@"\n', encoding="utf-8")
        (folder / "git").chmod(0o755)
    poor = replace(machine, variables={"PATH": str(folder)})
    said = (version, "2.32") if version else ("https://git-scm.com",)
    for words in COMMANDS:
        refused(poor, project, words, *said, lang=lang)


def test_nobody_has_to_be_known_to_git(shop: Shop, project: Path, machine: Machine) -> None:
    """Nothing is committed, so nobody needs a name."""
    nameless = subprocess.run(
        ["git", "config", "user.name"], cwd=project, env=machine.environment, capture_output=True
    )
    assert nameless.returncode == 1
    head = git(project, "rev-parse", "HEAD")
    machine.run(project, "update", "--yes", "--template", shop.both)
    is_updated(machine, project, shop)
    assert git(project, "rev-parse", "HEAD") == head


def test_a_repository_without_a_commit(shop: Shop, project: Path, machine: Machine) -> None:
    shutil.rmtree(project / ".git")
    git(project, "init", "--quiet")
    before = snapshot(project)
    machine.run(project, "update", "--yes", "--template", shop.both)
    is_updated(machine, project, shop)
    machine.run(project, "undo")
    assert snapshot(project) == before


def test_what_is_not_committed_stays_as_it_is(shop: Shop, project: Path, machine: Machine) -> None:
    """Edited, staged, both, untracked, staged as deleted; the index is not touched."""
    prepend(project / "SAFEGUARDS.md", "Mine, staged\n\n")
    git(project, "add", "SAFEGUARDS.md")
    prepend(project / "SAFEGUARDS.md", "Mine\n\n")
    (project / "new").write_text("new\n", encoding="utf-8")
    (project / "staged").write_text("staged\n", encoding="utf-8")
    git(project, "add", "staged")
    git(project, "rm", "--quiet", "--cached", ".gitignore")
    git(project, "status")
    index = (project / ".git" / "index").read_bytes()
    before = snapshot(project)

    machine.run(project, "update", "--yes", "--template", shop.both)
    assert (project / ".git" / "index").read_bytes() == index
    assert changed(before, snapshot(project)) == UPDATED
    text = (project / "SAFEGUARDS.md").read_text(encoding="utf-8")
    assert text.startswith("Mine\n\nMine, staged\n\n")
    assert "traffic-limit" in text
    machine.run(project, "undo")
    assert snapshot(project) == before
    assert (project / ".git" / "index").read_bytes() == index


# What stands where the template wants to have something.


@pytest.fixture
def hatless(shop: Shop, project: Path, machine: Machine) -> Path:
    """The project without one of its safeguards, so that its file can come."""
    machine.run(project, "remove", "old-hat", "--yes", "--template", shop.first)
    commit(project)
    assert not (project / "hat.txt").exists()
    return project


def test_an_ignored_file(shop: Shop, hatless: Path, machine: Machine) -> None:
    (hatless / ".gitignore").write_text("hat.txt\n", encoding="utf-8")
    commit(hatless)
    (hatless / "hat.txt").write_text("mine\n", encoding="utf-8")
    before = snapshot(hatless)
    words = ["add", "old-hat", "--yes", "--template", shop.first]
    done = machine.run(hatless, *words, code=1)
    assert "hat.txt:1" in done.stdout
    found = (hatless / "hat.txt").read_text(encoding="utf-8")
    assert found == f"<<<<<<< yours\nmine\n=======\nold\nhat\n>>>>>>> Anshin {FIRST}\n"
    machine.run(hatless, "undo")
    assert snapshot(hatless) == before
    # The same is no conflict, and stays.
    (hatless / "hat.txt").write_text("old\nhat\n", encoding="utf-8")
    machine.run(hatless, *words)
    machine.run(hatless, "undo")
    assert (hatless / "hat.txt").read_text(encoding="utf-8") == "old\nhat\n"


@LANG
def test_a_folder_in_the_way(lang: str, shop: Shop, hatless: Path, machine: Machine) -> None:
    (hatless / "hat.txt").mkdir()
    (hatless / "hat.txt" / "mine").write_text("mine\n", encoding="utf-8")
    before = snapshot(hatless)
    words = ["add", "old-hat", "--yes", "--template", shop.first]
    done = machine.run(hatless, *words, code=2, lang=lang)
    assert "hat.txt" in done.stderr
    assert snapshot(hatless) == before


@LANG
def test_a_link_in_the_way(
    lang: str, shop: Shop, project: Path, machine: Machine, tmp_path: Path
) -> None:
    """Its target is somewhere else, and none of our business."""
    target = tmp_path / "safeguards.md"
    (project / "SAFEGUARDS.md").rename(target)
    (project / "SAFEGUARDS.md").symlink_to(target)
    before = target.read_bytes()
    words = ["update", "--yes", "--template", shop.both]
    done = machine.run(project, *words, code=1, lang=lang)
    link = {"ja": "シンボリックリンク", "en": "symbolic link"}[lang]
    said = [line for line in done.stdout.splitlines() if "SAFEGUARDS.md" in line and link in line]
    assert said
    assert (project / "SAFEGUARDS.md").is_symlink()
    assert target.read_bytes() == before
    assert answers(project)["_commit"] == SECOND
    machine.run(project, *words)


def test_a_folder_where_a_file_was(shop: Shop, project: Path, machine: Machine) -> None:
    """To the template, the file is gone."""
    for name in ("SAFEGUARDS.md", "hat.txt"):
        (project / name).unlink()
        (project / name).mkdir()
        (project / name / "mine").write_text("mine\n", encoding="utf-8")
    before = snapshot(project)
    machine.run(project, "update", "--yes", "--template", shop.both)
    assert changed(before, snapshot(project)) == {ANSWERS, "Makefile"}


@pytest.mark.parametrize("action", ["remove", "update"])
def test_an_edited_file_that_is_no_longer_needed(
    action: str, shop: Shop, project: Path, machine: Machine
) -> None:
    append(project / "hat.txt", "mine\n")
    words = ["remove", "old-hat"] if action == "remove" else ["update"]
    found = machine.json(project, "plan", *words, "--template", shop.both)
    assert {f["path"]: f["kind"] for f in found["files"]}["hat.txt"] == "kept"
    done = machine.run(project, *words, "--yes", "--template", shop.both)
    assert "hat.txt" in done.stdout
    assert (project / "hat.txt").read_text(encoding="utf-8") == "old\nhat\nmine\n"
    assert "old-hat" not in json.dumps(answers(project))
