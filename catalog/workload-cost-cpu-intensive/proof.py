"""Less memory makes CPU-bound work slower and dearer; the cost curve shows where the cheapest is.

The measured durations are the example in the README of AWS Lambda Power Tuning, a CPU-bound
function at six sizes, written as the report lines that Lambda logs. Whoever saves on memory and
goes from 1,536 MB to 128 MB pays 23% more and waits 15 times as long. The project's
`scripts/cost_curve.py` finds the minimum at 1,536 MB, in both log formats. At 3,008 MB the cost is
57% above it: there, only code that computes in parallel gains. `before.py` tries that with a pool
and fails, because Lambda gives processes no semaphores; so do the other tools that the check looks
for. `after.py` uses pipes and returns the same results, computed in its child processes.

Real: the recorded durations, the script of a generated project, the processes and pipes of both
samples, Python's own path to its semaphores. Simulated: Lambda. The report lines are written here,
and the missing semaphores are an error put where Python asks the system for one.
"""

from __future__ import annotations

import errno
import importlib
import json
import multiprocessing
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import synchronize
from multiprocessing.pool import ThreadPool
from types import ModuleType
from typing import Any

import pytest

from catalog.conftest import Project

ID = "workload-cost-cpu-intensive"
RECORDED = {128: 37002, 256: 18648, 512: 8489, 1024: 3891, 1536: 2512, 3008: 2010}
"""Memory in MB → ms of one invocation."""

PARTS = [f"part-{number}" for number in range(7)]

Make = Callable[..., Project]
Sample = Callable[[str], ModuleType]


def text_log() -> str:
    """The recorded calls, as Lambda reports them in text format."""
    return "".join(
        f"REPORT RequestId: 8f507cfc\tDuration: {duration}.00 ms\tBilled Duration: {duration} ms\t"
        f"Memory Size: {memory} MB\tMax Memory Used: 90 MB\t\n"
        for memory, duration in RECORDED.items()
    )


def json_log() -> str:
    """The same in JSON format."""
    metrics = [
        {"memorySizeMB": memory, "durationMs": duration, "billedDurationMs": duration}
        for memory, duration in RECORDED.items()
    ]
    lines = [{"type": "platform.report", "record": {"metrics": each}} for each in metrics]
    return "".join(json.dumps(line) + "\n" for line in lines)


def curve(project: Project, log: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the runbook does."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.cost_curve", "-", *options],
        cwd=project.path,
        input=log,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def costs(output: str) -> dict[int, int]:
    """GB-seconds per million invocations by memory, as the script prints them."""
    rows = re.findall(r"^ *(\d+) MB .* ([\d,]{5,})\b", output, re.MULTILINE)
    return {int(memory): int(cost.replace(",", "")) for memory, cost in rows}


def test_saving_on_memory_makes_the_call_slower_and_dearer() -> None:
    gb_seconds = {memory: memory / 1024 * ms / 1000 for memory, ms in RECORDED.items()}
    assert gb_seconds[128] / gb_seconds[1536] == pytest.approx(1.23, abs=0.005)
    assert RECORDED[128] / RECORDED[1536] == pytest.approx(14.7, abs=0.05)


@pytest.mark.parametrize("log", [text_log(), json_log()], ids=["text", "json"])
def test_the_curve_has_its_minimum_away_from_the_smallest_memory(log: str, project: Make) -> None:
    done = curve(project(ID), log)
    assert done.returncode == 0, done.stderr
    found = costs(done.stdout)
    assert list(found) == list(RECORDED)
    assert min(found, key=lambda memory: found[memory]) == 1536
    assert found[3008] / found[1536] == pytest.approx(1.57, abs=0.005)
    assert "Cheapest: 1536 MB" in done.stdout
    assert "It computes" in done.stdout


def test_one_size_alone_is_no_curve(project: Make) -> None:
    done = curve(project(ID), text_log().splitlines()[0])
    assert (done.returncode, done.stdout) == (1, "")
    assert "two memory sizes" in done.stderr


@pytest.fixture
def no_semaphores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes can have no semaphores, as on Lambda."""

    class Refused:
        SEM_VALUE_MAX = synchronize.SEM_VALUE_MAX

        def __init__(self, *arguments: object) -> None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(importlib.import_module("_multiprocessing"), "SemLock", Refused)


@pytest.mark.usefixtures("no_semaphores")
def test_the_pool_fails_where_there_are_no_semaphores(sample: Sample) -> None:
    with pytest.raises(OSError, match="Function not implemented"):
        sample("before.py").handler({"parts": PARTS}, None)


@pytest.mark.usefixtures("no_semaphores")
@pytest.mark.parametrize(
    "make",
    [
        multiprocessing.Queue,
        multiprocessing.SimpleQueue,
        multiprocessing.JoinableQueue,
        multiprocessing.Lock,
        multiprocessing.RLock,
        multiprocessing.Semaphore,
        multiprocessing.BoundedSemaphore,
        multiprocessing.Condition,
        multiprocessing.Event,
        lambda: multiprocessing.Barrier(2),
        ThreadPool,
        lambda: ProcessPoolExecutor(max_workers=1).submit(len, "x").result(),
    ],
)
def test_so_does_all_that_the_check_looks_for(make: Callable[[], Any]) -> None:
    with pytest.raises(OSError, match="Function not implemented"):
        make()


@pytest.mark.usefixtures("no_semaphores")
def test_pipes_work_and_the_children_do_the_work(sample: Sample) -> None:
    module = sample("after.py")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert module.handler({"parts": PARTS}, None) == [module.fingerprint(part) for part in PARTS]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before
    assert module.handler({"parts": []}, None) == []


def test_a_child_that_dies_is_an_error_and_no_endless_wait(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sample("after.py")
    monkeypatch.setattr(module, "fingerprint", lambda part: os._exit(1))
    with pytest.raises(EOFError):
        module.handler({"parts": PARTS}, None)
