"""What a killed command leaves in the folder for temporary files, the next one removes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from scaffolder import project
from tests.cli.conftest import ANSHIN, Run, anshin, environment, home

__all__ = ["anshin", "environment", "home"]

PATIENCE = 60
"""Seconds until a test that waits for a process gives up."""


def test_a_killed_plan_is_tidied_up_by_the_next_command(
    anshin: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    made = tmp_path / "here" / "orders"
    done = anshin("new", made, "--preset", "none", "--defaults")
    assert done.returncode == 0, done.stderr
    process = subprocess.Popen(
        [str(ANSHIN), "plan", "add", "xray-tracing"],
        cwd=made,
        env={**environment, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + PATIENCE
    while not list(temporary.glob("*/one/*")):
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list(temporary.iterdir())
    assert anshin("status", cwd=made, TMPDIR=str(temporary)).returncode == 0
    assert list(temporary.iterdir()) == []


def test_folders_of_living_commands_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with project.workspace() as first, project.workspace() as second:
        assert first.is_dir()
        assert second.is_dir()
    assert list(tmp_path.iterdir()) == []
