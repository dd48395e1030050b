"""Interrupted or failed, `anshin new` leaves nothing behind: no project, no folder, no scraps."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from scaffolder import project
from scaffolder.messages import Trouble
from scaffolder.project import Place
from tests.cli.conftest import ANSHIN


@pytest.fixture
def scene(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    """An environment whose temporary folder can be looked into."""
    for name in ("tmp", "place"):
        (tmp_path / name).mkdir()
    return {**environment, "TMPDIR": str(tmp_path / "tmp"), "TERM": "xterm"}


def left(tmp_path: Path) -> list[str]:
    """Everything below the folders that a run can write to, but git's own record of templates."""
    folders = (tmp_path / name for name in ("tmp", "place", "home"))
    return sorted(p.relative_to(tmp_path).as_posix() for f in folders for p in f.rglob("*"))


def start(target: Path, scene: dict[str, str], checkout: Path) -> subprocess.Popen[str]:
    command = [ANSHIN, "new", target, "--defaults", "--template", checkout]
    return subprocess.Popen(
        list(map(str, command)),
        env=scene,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("number", "moments"), [(signal.SIGINT, 12), (signal.SIGTERM, 4), (signal.SIGHUP, 4)]
)
@pytest.mark.parametrize("existing", [False, True])
def test_at_any_moment(
    number: signal.Signals,
    moments: int,
    existing: bool,
    scene: dict[str, str],
    checkout: Path,
    tmp_path: Path,
) -> None:
    """Ended from outside at moments all over a run: all or nothing."""
    began = time.monotonic()
    start(tmp_path / "whole", scene, checkout).communicate()
    whole_run = time.monotonic() - began
    target = tmp_path / "place" / "deep" / "svc"
    if existing:
        target.mkdir(parents=True)
    before = left(tmp_path)
    interrupted = 0
    for moment in range(moments):
        process = start(target, scene, checkout)
        delay = whole_run * (moment + 0.5) / moments
        time.sleep(delay)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        # Until the command is loaded, Python itself says what it was doing.
        assert "Traceback" not in err or "from scaffolder.cli import main" in err, err
        if "Made the project" in out:
            assert (target / ".git").is_dir()
            assert (target / "template.yaml").is_file()
            shutil.rmtree(target)
            if existing:
                target.mkdir()
            else:
                target.parent.rmdir()
        else:
            interrupted += process.returncode == 130
        assert left(tmp_path) == before, (delay, out, err)
    assert interrupted >= 2


def spawn(scene: dict[str, str], tmp_path: Path, *words: str) -> Any:
    return pexpect.spawn(
        str(ANSHIN),
        ["new", *words],
        env=scene,
        cwd=str(tmp_path / "place"),
        encoding="utf-8",
        timeout=20,
        dimensions=(24, 80),
    )


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Nothing was made"), ("ja", "何も作成していません")]
)
@pytest.mark.parametrize("while_", ["asked", "made"])
def test_control_c_on_a_terminal(
    while_: str, lang: str, said: str, scene: dict[str, str], checkout: Path, tmp_path: Path
) -> None:
    words = ["deep/svc", "--template", str(checkout), "--lang", lang]
    child = spawn(scene, tmp_path, *words, *(["--defaults"] if while_ == "made" else []))
    child.expect({"asked": r"\?", "made": "…"}[while_])
    child.sendintr()
    child.expect(said)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert left(tmp_path) == []


def test_twice_control_c(scene: dict[str, str], checkout: Path, tmp_path: Path) -> None:
    child = spawn(scene, tmp_path, "svc", "--template", str(checkout), "--defaults")
    child.expect("…")
    for _ in range(5):
        child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert left(tmp_path) == []


class Broken:
    """A renderer that writes a little, then fails."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def render(self, source: object, answers: object, target: Path) -> None:
        (target / "half").write_text("half", encoding="utf-8")
        raise self.error


class Working:
    """A renderer that writes one file."""

    def render(self, source: object, answers: object, target: Path) -> None:
        (target / "file").write_text("whole", encoding="utf-8")


class Version:
    version = "v1"


def make(path: Path, renderer: object, outer: Path | None = None) -> project.Made:
    return project.make(
        Version(),  # type: ignore[arg-type]
        {},
        Place(path, outer),
        "message",
        renderer,  # type: ignore[arg-type]
        lambda key: None,
        lambda: None,
    )


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (FULL, Trouble),
        (Trouble("new.render", reason="x"), Trouble),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (RuntimeError(), RuntimeError),
    ],
)
def test_a_failure_while_rendering(
    error: BaseException, expected: type[BaseException], existing: bool, tmp_path: Path
) -> None:
    target = tmp_path / "a" / "b" / "svc"
    if existing:
        target.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(expected):
        make(target, Broken(error))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_failing_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "commit", fail := _raise(Trouble("git.failed", reason="x")))
    with pytest.raises(Trouble):
        make(tmp_path / "a" / "svc", Working())
    assert fail
    assert list(tmp_path.iterdir()) == []


def _raise(error: Exception) -> Callable[..., None]:
    def fail(*arguments: object) -> None:
        raise error

    return fail


def test_a_place_that_fills_meanwhile(tmp_path: Path) -> None:
    """Somebody else writes there while the project is rendered: theirs stays as it is."""

    class Slow(Working):
        def render(self, source: object, answers: object, target: Path) -> None:
            super().render(source, answers, target)
            (tmp_path / "svc").mkdir(exist_ok=True)
            (tmp_path / "svc" / "file").write_text("theirs", encoding="utf-8")

    for existing in (False, True):
        if existing:
            (tmp_path / "svc").mkdir()
        with pytest.raises(Trouble):
            make(tmp_path / "svc", Slow(), tmp_path)
        assert (tmp_path / "svc" / "file").read_text(encoding="utf-8") == "theirs"
        assert [p.name for p in tmp_path.rglob("*")] == ["svc", "file"]
        shutil.rmtree(tmp_path / "svc")


def test_moving_in_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder exists, and the disk fails after some of the files have been moved there."""

    class Two(Working):
        def render(self, source: object, answers: object, target: Path) -> None:
            for name in ("a", "b", "c"):
                (target / name).write_text(name, encoding="utf-8")

    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "c" and self.parent != tmp_path:
            raise FULL
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(Trouble):
        make(tmp_path, Two(), tmp_path)
    assert list(tmp_path.iterdir()) == []
