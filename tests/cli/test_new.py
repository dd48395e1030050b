"""`anshin new`: what it makes, where, and what it refuses, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import published
from scaffolder.messages import LANGUAGES
from tests.cli.conftest import Run

LANG = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture
def new(anshin: Run, checkout: Path) -> Run:
    """`anshin new` with the made-up catalog, asking nothing."""

    def run(*words: object, lang: str = "en", **settings: Any) -> Any:
        return anshin("new", *words, "--template", checkout, "--defaults", lang=lang, **settings)

    run.folder = anshin.folder  # type: ignore[attr-defined]
    return run


@pytest.fixture
def here(anshin: Run) -> Path:
    """The folder that commands run in."""
    return Path(anshin.folder)  # type: ignore[attr-defined]


def answers(project: Path) -> dict[str, Any]:
    text = (project / ".copier-answers.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def git(project: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=project, check=True, capture_output=True, text=True
    ).stdout.strip()


@LANG
def test_a_project(new: Run, here: Path, lang: str) -> None:
    done = new("My Service", lang=lang)
    assert (done.returncode, done.stderr) == (0, "")
    project = here / "My Service"
    found = answers(project)
    assert (found["project_name"], found["language"]) == ("my-service", lang)
    assert found["safeguards"] == ["rate-limit"]
    assert "cd 'My Service'\n" in done.stdout
    for step in ("make setup", "make test", "anshin check", "sam build"):
        assert step in done.stdout


def test_everything_is_in_one_commit_on_main(new: Run, here: Path) -> None:
    new("svc")
    project = here / "svc"
    assert git(project, "rev-list", "--count", "main") == "1"
    assert git(project, "status", "--porcelain", "--ignored") == ""
    files = {p.relative_to(project).as_posix() for p in project.rglob("*") if p.is_file()}
    listed = set(git(project, "ls-files").splitlines())
    assert listed == {f for f in files if not f.startswith(".git/")}
    assert not list((project / ".git" / "hooks").glob("*"))


def test_its_tests_and_the_commands_it_names_are_there(new: Run, here: Path) -> None:
    new("svc")
    makefile = (here / "svc" / "Makefile").read_text(encoding="utf-8")
    assert "\nsetup:" in makefile
    assert "\ntest:" in makefile


def test_the_folders_mode_is_the_users(new: Run, here: Path) -> None:
    new("svc")
    (here / "plain").mkdir()
    assert (here / "svc").stat().st_mode == (here / "plain").stat().st_mode


@pytest.mark.parametrize(
    ("config", "variables", "author"),
    [
        ("", {}, "Anshin <anshin@localhost>"),
        ("[user]\nname = Hanako\nemail = h@example.com\n", {}, "Hanako <h@example.com>"),
        ("[user]\nuseConfigOnly = true\n", {}, "Anshin <anshin@localhost>"),
        ("[user]\nname = Hanako\n", {}, "Hanako <anshin@localhost>"),
        (
            "",
            {
                "GIT_AUTHOR_NAME": "Taro",
                "GIT_AUTHOR_EMAIL": "t@example.com",
                "GIT_COMMITTER_NAME": "Taro",
                "GIT_COMMITTER_EMAIL": "t@example.com",
            },
            "Taro <t@example.com>",
        ),
    ],
)
def test_the_author(
    config: str, variables: dict[str, str], author: str, new: Run, here: Path, home: Path
) -> None:
    (home / ".gitconfig").write_text(config, encoding="utf-8")
    assert new("svc", **variables).returncode == 0
    assert git(here / "svc", "log", "--format=%an <%ae>") == author


def test_the_users_git_settings_do_not_break_it(new: Run, here: Path, home: Path) -> None:
    hooks = home / "hooks"
    hooks.mkdir()
    (hooks / "commit-msg").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (hooks / "commit-msg").chmod(0o755)
    (home / "ignored").write_text("*.toml\n.copier-answers.yml\n", encoding="utf-8")
    (home / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {hooks}\n\texcludesFile = {home / 'ignored'}\n\tautocrlf = true\n"
        "[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /bin/false\n"
        "[init]\n\tdefaultBranch = trunk\n\ttemplateDir = /nowhere\n",
        encoding="utf-8",
    )
    done = new("svc")
    assert done.returncode == 0, done.stderr
    files = git(here / "svc", "ls-files").splitlines()
    assert {".copier-answers.yml", "pyproject.toml"} <= set(files)
    assert git(here / "svc", "branch", "--show-current") == "main"


def test_answers_from_everywhere(new: Run, here: Path) -> None:
    (here / "answers.yml").write_text(
        "safeguards: [work-queue]\nregion: eu-west-1\nrate_limit_rate: 7\n", encoding="utf-8"
    )
    words = ("--data-file", "answers.yml", "-d", "rate_limit_rate=8", "-d", "description=a=b")
    done = new("svc", *words)
    assert done.returncode == 0, done.stderr
    found = answers(here / "svc")
    assert found["safeguards"] == ["work-queue"]
    assert (found["region"], found["rate_limit_rate"]) == ("eu-west-1", 8)
    assert found["description"] == "a=b"
    template = (here / "svc" / "template.yaml").read_text(encoding="utf-8")
    assert "RetentionInDays: 8" in template
    # What came along unasked is announced.
    assert "The inflow must be bounded." in done.stderr


def test_another_projects_answers(new: Run, here: Path) -> None:
    new("one", "-s", "work-queue", "-d", "rate_limit_mode=hard")
    done = new("two", "--data-file", "one/.copier-answers.yml", "-d", "project_name=two")
    assert done.returncode == 0, done.stderr
    assert answers(here / "two") == {**answers(here / "one"), "project_name": "two"}


def test_flags_may_repeat(new: Run, here: Path) -> None:
    new("a", "-s", "rate-limit", "-s", "work-queue")
    new("b", "--safeguards", "rate-limit,work-queue")
    assert answers(here / "a")["safeguards"] == answers(here / "b")["safeguards"]
    new("c", "--preset", "none")
    assert answers(here / "c")["safeguards"] == []
    new("d", "--safeguards", "")
    assert answers(here / "d")["safeguards"] == []


@LANG
def test_wrong_answers_are_all_named_and_nothing_is_made(new: Run, here: Path, lang: str) -> None:
    words = ["-s", "rate-limt", "-s", "rate-limit", "-d", "rate_limit_rate=0", "-d", "region=x y"]
    done = new("svc", *words, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    for part in ('"rate-limt"', "rate_limit_rate", '"0"', "1000", "region", '"x y"'):
        assert part in done.stderr
    assert list(here.iterdir()) == []


@LANG
def test_conflicts_give_the_reason(new: Run, here: Path, lang: str) -> None:
    done = new("svc", "-s", "rate-limit,open-door", lang=lang)
    assert done.returncode == 2
    reason = {"en": "It undoes the ceiling.", "ja": "上限と矛盾します。"}[lang]
    assert reason in done.stderr
    assert list(here.iterdir()) == []


def test_an_unknown_preset(new: Run) -> None:
    done = new("svc", "--preset", "recomended")
    assert done.returncode == 2
    assert "recommended" in done.stderr


@LANG
def test_without_a_terminal_nothing_is_asked(anshin: Run, here: Path, lang: str) -> None:
    done = anshin("new", "svc", "--data", "region=eu-west-1", lang=lang)
    assert done.returncode == 2
    for name in ("project_name", "description", "language", "runtime", "--safeguards"):
        assert name in done.stderr
    assert "region=" not in done.stderr
    assert "--defaults" in done.stderr
    assert list(here.iterdir()) == []
    assert anshin("new", "--defaults").returncode == 2


def test_without_a_terminal_but_with_all_answers(anshin: Run, here: Path, checkout: Path) -> None:
    given = {
        "project_name": "svc",
        "description": "d",
        "language": "en",
        "region": "eu-west-1",
        "runtime": "python3.13",
        "architecture": "x86_64",
    }
    data = [word for name, value in given.items() for word in ("-d", f"{name}={value}")]
    done = anshin("new", "svc", "--preset", "none", *data, "--template", checkout)
    assert done.returncode == 0, done.stderr
    assert answers(here / "svc").items() >= given.items()


def test_json(new: Run, here: Path) -> None:
    done = new("svc", "-s", "work-queue", "--json")
    found = json.loads(done.stdout)
    assert found.keys() == {
        "path",
        "project_name",
        "safeguards",
        "active_safeguards",
        "files",
        "template_version",
    }
    assert found["path"] == str(here / "svc")
    assert found["safeguards"] == ["work-queue"]
    assert found["active_safeguards"] == ["rate-limit", "work-queue"]
    assert found["files"] == sorted(git(here / "svc", "ls-files").splitlines())
    assert found["template_version"] == answers(here / "svc")["_commit"]


@LANG
def test_dry_run(new: Run, here: Path, lang: str) -> None:
    done = new("svc", "--dry-run", lang=lang)
    assert done.returncode == 0
    assert "├── template.yaml" in done.stdout
    assert "RetentionInDays: 50" in done.stdout
    assert list(here.iterdir()) == []


def test_dry_run_shows_what_would_be_made(new: Run, here: Path) -> None:
    shown = json.loads(new("svc", "--dry-run", "--json").stdout)
    new("svc")
    template = (here / "svc" / "template.yaml").read_text(encoding="utf-8")
    assert shown["template"] == template
    assert shown["files"] == sorted(git(here / "svc", "ls-files").splitlines())
    assert shown["path"] is None


def test_dry_run_needs_no_place(new: Run) -> None:
    assert new("--dry-run").returncode == 0


@pytest.mark.parametrize("place", ["empty", ".", "empty/", "link"])
def test_an_empty_folder_will_do(new: Run, here: Path, place: str) -> None:
    (here / "empty").mkdir()
    (here / "link").symlink_to("empty")
    cwd = here / "empty" if place == "." else here
    inode = (here / "empty").stat().st_ino
    done = new(place, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert (here / "empty" / "template.yaml").is_file()
    assert git(here / "empty", "rev-list", "--count", "main") == "1"
    # The folder itself is still the same: somebody's shell may be in it.
    assert (here / "empty").stat().st_ino == inode
    assert not list((here / "empty").glob(".anshin*"))
    assert ("cd " in done.stdout) == (place != ".")


@LANG
def test_a_place_that_is_taken(new: Run, here: Path, lang: str) -> None:
    (here / "full").mkdir()
    for name in "abcde":
        (here / "full" / name).write_text("mine", encoding="utf-8")
    (here / "file").write_text("mine", encoding="utf-8")
    (here / "dangling").symlink_to("nowhere")
    before = sorted(p.as_posix() for p in here.rglob("*"))
    for place, part in (
        ("full", "a, b, c"),
        ("file", "file"),
        ("file/below", "file"),
        ("dangling", "dangling"),
        ("x" * 300, "xxx"),
    ):
        done = new(place, lang=lang)
        assert (done.returncode, done.stdout) == (2, "")
        assert part in done.stderr
        assert "Traceback" not in done.stderr
    assert sorted(p.as_posix() for p in here.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to(new: Run, here: Path) -> None:
    (here / "locked").mkdir(mode=0o500)
    done = new("locked/svc")
    assert done.returncode == 2
    assert "locked" in done.stderr


def test_inside_a_repository(new: Run, here: Path) -> None:
    """A project there belongs to that repository; one inside of another is a trap."""
    git(here, "init", "--quiet")
    done = new("services/svc")
    assert done.returncode == 0
    assert not (here / "services" / "svc" / ".git").exists()
    assert "git add . && git commit" in done.stdout
    (here / ".gitignore").write_text("scratch/\n", encoding="utf-8")
    new("scratch/svc")
    assert (here / "scratch" / "svc" / ".git").is_dir()


def test_a_repository_made_for_the_project(new: Run, here: Path) -> None:
    git(here, "init", "--quiet", "svc")
    done = new("svc")
    assert done.returncode == 0, done.stderr
    assert (here / "svc" / "template.yaml").is_file()
    assert git(here / "svc", "status", "--porcelain").startswith("??")


def test_modules_in_the_users_folder_are_not_taken(new: Run, here: Path) -> None:
    for name in ("copier", "yaml", "click", "json"):
        (here / f"{name}.py").write_text("raise SystemExit('taken')\n", encoding="utf-8")
    done = new("svc")
    assert done.returncode == 0, done.stderr


def test_the_template_of_this_version(anshin: Run, here: Path) -> None:
    """The real one, with every safeguard that can be there."""
    done = anshin("new", "svc", "--preset", "all", "--defaults", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    catalog = published.load()
    assert found["active_safeguards"] == catalog["presets"]["all"]["safeguards"]
    assert answers(here / "svc")["_src_path"] == catalog["source_url"]
    for path in (p for p in (here / "svc").rglob("*") if p.is_file() and ".git" not in p.parts):
        assert str(Path(published.__file__).parent.parent) not in path.read_text(encoding="utf-8")


def test_a_broken_template(anshin: Run, here: Path, checkout: Path, tmp_path: Path) -> None:
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(checkout, broken)
    (broken / "templates" / "project" / "x.jinja").write_text("{% if %}", encoding="utf-8")
    done = anshin("new", "a/b/svc", "--defaults", "--template", broken)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Nothing was made" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(here.iterdir()) == []
