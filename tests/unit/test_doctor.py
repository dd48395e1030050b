"""What the doctor knows of systems, programs, bundles and templates."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffolder import history, source
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.doctor import here, pages, system, template, tools
from scaffolder.doctor.finding import Finding, State
from scaffolder.history import PLAIN, File, Version
from scaffolder.layout import Screen, width
from scaffolder.messages import LANGUAGES, Say, texts

EN = Say("en")
Pose = Callable[..., None]


@pytest.fixture
def pose(monkeypatch: pytest.MonkeyPatch) -> Pose:
    """Pretend to be another system."""

    def pretend(kind: str, *programs: str, release: dict[str, str] | None = None) -> None:
        def release_of() -> dict[str, str]:
            if release is None:
                raise OSError
            return release

        found = {name: f"/bin/{name}" for name in programs}
        monkeypatch.setattr(sys, "platform", kind)
        monkeypatch.setattr(shutil, "which", found.get)
        monkeypatch.setattr(platform, "freedesktop_os_release", release_of)

    return pretend


DEBIAN = {"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 13 (trixie)"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "PRETTY_NAME": "Linux Mint 22"}
FEDORA = {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 43"}


@pytest.mark.parametrize(
    ("kind", "programs", "release", "ways"),
    [
        ("linux", (), DEBIAN, [system.DEBIAN]),
        ("linux", (), MINT, [system.DEBIAN]),
        ("linux", ("brew",), FEDORA, []),
        ("linux", (), None, []),
        ("darwin", ("brew",), None, [system.BREW, system.MACOS]),
        ("darwin", (), None, [system.MACOS]),
        ("win32", ("winget",), None, [system.WINGET]),
        ("win32", (), None, []),
    ],
)
def test_ways_to_install(
    kind: str, programs: tuple[str, ...], release: Any, ways: list[str], pose: Pose
) -> None:
    pose(kind, *programs, release=release)
    assert system.ways() == ways


def test_a_command_where_there_is_one_and_a_page_otherwise(pose: Pose) -> None:
    pose("darwin", "brew")
    assert system.get("git", EN) == ["brew install git"]
    assert system.get("make", EN) == ["xcode-select --install"]
    assert system.get("python", EN, "3.14") == ["brew install python@3.14"]
    assert system.get("sam", EN) == [EN("doctor.page.sam")]
    pose("linux", release=FEDORA)
    for tool in ("git", "make", "python", "sam", "docker", "credentials"):
        assert system.get(tool, EN, "3.14") == [EN(f"doctor.page.{tool}")]
    pose("win32", "winget")
    assert system.get("sam", EN)[0].startswith("winget install --id Amazon.SAM-CLI ")


def test_every_tool_with_commands_has_a_page() -> None:
    for tool, commands in system.INSTALL.items():
        assert f"doctor.page.{tool}" in texts()
        assert commands.keys() <= {system.DEBIAN, system.MACOS, system.BREW, system.WINGET}


def test_pages_are_addresses() -> None:
    for key, forms in texts().items():
        if key.startswith("doctor.page.") and key != "doctor.page.reinstall":
            assert all(text.startswith("https://") for text in forms.values())


def test_the_name_of_the_system(pose: Pose) -> None:
    pose("linux", release=DEBIAN)
    assert system.name() == "Debian GNU/Linux 13 (trixie)"
    pose("darwin")
    assert system.name().startswith("macOS")
    pose("linux")
    assert system.name() == f"{platform.system()} {platform.release()}"


def test_a_program_that_hangs_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(system, "LONGEST", 0.2)
    assert system.version(str(program), "--version") is None


def test_a_program_is_told_to_send_nothing(tmp_path: Path) -> None:
    program = tmp_path / "sam"
    program.write_text("#!/bin/sh\necho telemetry=$SAM_CLI_TELEMETRY\n", encoding="utf-8")
    program.chmod(0o755)
    assert system.output(str(program)) == "telemetry=0\n"


@pytest.mark.parametrize(
    ("environment", "places"),
    [
        ({}, []),
        ({"AWS_ACCESS_KEY_ID": "A"}, []),
        (
            {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"},
            ["AWS_ACCESS_KEY_ID + AWS_SECRET_ACCESS_KEY"],
        ),
        ({"AWS_PROFILE": "work"}, []),
        ({"AWS_CONFIG_FILE": "{here}/sso"}, ["AWS_CONFIG_FILE"]),
        ({"AWS_CONFIG_FILE": "{here}/region"}, []),
        ({"AWS_SHARED_CREDENTIALS_FILE": "{here}/keys"}, ["AWS_SHARED_CREDENTIALS_FILE"]),
        ({"AWS_SHARED_CREDENTIALS_FILE": "{here}"}, []),
    ],
)
def test_where_credentials_are_set_up(
    environment: dict[str, str],
    places: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    (tmp_path / "sso").write_text("[profile a]\nsso_session = b\n", encoding="utf-8")
    (tmp_path / "region").write_text("[default]\nregion = us-east-1\n", encoding="utf-8")
    (tmp_path / "keys").write_bytes(b"[a]\n  aws_access_key_id=\xff\n")
    filled = {name: value.format(here=tmp_path) for name, value in environment.items()}
    assert tools.credentials(filled) == places


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend to be installed from a wheel with a bundle."""
    package = tmp_path / "site" / "scaffolder"
    package.mkdir(parents=True)
    monkeypatch.setattr(template, "PACKAGE", package)
    monkeypatch.setattr(template, "BUNDLE", package / "template.bundle")

    def put(*tags: str) -> None:
        repository = tmp_path / "repository"
        file = File(PLAIN, b"x")
        history.write(repository, [Version(t, {t: file}) for t in tags])
        words = ["bundle", "create", "--quiet", str(package / "template.bundle"), "--all"]
        history.git(repository, *words)

    return put


def test_the_versions_in_a_bundle(bundle: Callable[..., None], monkeypatch: Any) -> None:
    bundle("v0.9.0", "v0.10.0rc1", "v0.10.0")

    def no_process(*_: object, **__: object) -> None:
        raise AssertionError("it is to be quick")

    monkeypatch.setattr(subprocess, "run", no_process)
    found = template.tags()
    assert found == ["v0.10.0", "v0.10.0rc1", "v0.9.0"]
    assert template.words(found, EN) == "v0.10.0, and 2 earlier versions"
    assert template.words(found[1:], EN) == "v0.10.0rc1, and 1 earlier version"
    assert template.words(found[:1], EN) == "v0.10.0"


def test_the_same_versions_as_git_sees(bundle: Callable[..., None]) -> None:
    bundle("v0.9.0", "v0.10.0")
    known = source._bundle(template.BUNDLE, {"source_url": ""})
    assert template.tags() == list(known.versions)[::-1]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"# v2 git bundle\nnonsense\n\n"])
def test_a_damaged_bundle(content: bytes | None, bundle: Any, tmp_path: Path) -> None:
    if content is not None:
        template.BUNDLE.write_bytes(content)
    assert template.tags() == []
    finding = tools._template(EN)
    assert (finding.state, list(finding.get)) == (State.problem, [EN("doctor.page.reinstall")])


SAM = """\
Globals:
  Function:
    Runtime: python3.13
Resources:
  A:
    Properties:
      Runtime: "python3.12"  # on purpose
  B:
    Properties:
      Runtime: nodejs22.x
"""


def test_the_pythons_of_a_project(tmp_path: Path) -> None:
    answers = tmp_path / ANSWERS_FILE
    assert len(here.pythons(None)) == 1
    answers.write_text("runtime: python3.12\n", encoding="utf-8")
    assert here.pythons(tmp_path) == ["3.12"]
    (tmp_path / "template.yaml").write_text(SAM, encoding="utf-8")
    assert here.pythons(tmp_path) == ["3.12", "3.13"]
    (tmp_path / "sam.yaml").write_text("Runtime: python3.14\n", encoding="utf-8")
    answers.write_text("adopted:\n  template: sam.yaml\n", encoding="utf-8")
    assert here.pythons(tmp_path) == ["3.14"]
    answers.write_text("runtime: [\n", encoding="utf-8")
    (tmp_path / "template.yaml").unlink()
    assert here.pythons(tmp_path) == here.pythons(None)


def finding(state: State, **fields: Any) -> Finding:
    return Finding("name", "Title", state, **{"text": "Some words.", **fields})


@pytest.mark.parametrize("state", State)
def test_a_state_is_said_in_words(state: State) -> None:
    sections = {"needed": [finding(state, get=["brew install it"])]}
    for lang in LANGUAGES:
        say = Say(lang)
        for screen in (Screen(), Screen(60, styled=True)):
            shown = pages.text(sections, None, say, screen)
            assert say(f"doctor.state.{state.value}") in shown
            assert "brew install it" in shown
    assert pages.is_fine(sections) == (state not in (State.missing, State.problem))


def test_the_end_says_how_much_is_to_be_done() -> None:
    assert pages.text({"needed": [finding(State.ok)]}, None, EN, Screen()).endswith(
        EN("doctor.fine")
    )
    two = {"needed": [finding(State.missing)], "project": [finding(State.problem)]}
    shown = pages.text(two, Path("/srv/orders"), EN, Screen())
    assert shown.endswith(EN("doctor.amiss", count=2))
    assert "/srv/orders" in shown


def test_long_texts_stay_in_their_column() -> None:
    text = f"{'word ' * 30}\nA second paragraph."
    shown = pages.text({"needed": [finding(State.ok, text=text)]}, None, EN, Screen())
    rows = shown.splitlines()[3:-2]
    assert len(rows) > 3
    assert all(row.startswith(" " * 13) for row in rows[1:])
    assert all(width(row) <= 80 for row in rows)
