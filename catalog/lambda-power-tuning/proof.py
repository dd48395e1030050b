"""A guess at the memory costs money or time; the measured result names the size that costs neither.

What was measured is the example in the README of AWS Lambda Power Tuning, a CPU-bound function at
six sizes. Without reading it, whoever guesses small pays 19% more for 15 times the duration, and
whoever guesses large pays 58% more. With it, the project's report names 1,536 MB as the cheapest
and 3,008 MB as the fastest. The state machine ends as SUCCEEDED also when it failed: the status
says nothing, the report does. And the deck's input (`before.json`), 7,000 calls at once for a
strategy that does not exist, is refused by the project's tests; the one that the project brings
and the sample `after.json` pass them.

Real: the recorded figures, the generated project with its script, its chart, its tests and its
handler, cfn-lint on the stack that deploys the tool. Simulated: the runs themselves. The state
machine, version 4.4.0, runs in AWS only; what it gives after an error and in a dry run is taken
from its source. The figures were measured when Lambda still billed in steps of 100 ms.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from catalog.conftest import Project
from tests.bar import lint

ID = "lambda-power-tuning"
SAMPLES = Path(__file__).parent / "samples"
RECORDED = {
    128: (37002.4, 7.7168e-05),
    256: (18647.8, 7.7792e-05),
    512: (8489.4, 7.072e-05),
    1024: (3890.9, 6.4896e-05),
    1536: (2512.2, 6.4896e-05),
    3008: (2009.8, 0.000102648),
}
"""Memory in MB → ms and USD of one invocation."""

Make = Callable[..., Project]
Done = subprocess.CompletedProcess[str]


def output(chosen: int) -> str:
    """What the state machine puts out, as `describe-execution` prints it."""
    stats = [
        {"value": memory, "averagePrice": cost, "averageDuration": duration}
        for memory, (duration, cost) in RECORDED.items()
    ]
    duration, cost = RECORDED[chosen]
    return json.dumps({"power": chosen, "cost": cost, "duration": duration, "stats": stats})


def run(project: Path, *arguments: str, text: str = "") -> Done:
    """Run a module of the project as its runbook does."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=project,
        input=text,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def own_test(project: Path) -> Done:
    """The test that the safeguard brings for the input."""
    return run(project, "pytest", "-q", "-p", "no:cacheprovider", "tests/test_tuning_input.py")


def test_a_guess_pays_too_much_or_waits_too_long() -> None:
    (small_ms, small), (large_ms, large) = RECORDED[128], RECORDED[3008]
    best_ms, best = RECORDED[1536]
    assert small / best == pytest.approx(1.19, abs=0.005)
    assert small_ms / best_ms == pytest.approx(14.7, abs=0.05)
    assert large / best == pytest.approx(1.58, abs=0.005)
    assert large_ms / best_ms == pytest.approx(0.80, abs=0.005)


def test_the_report_names_the_cheapest_and_the_fastest(project: Make, tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    arguments = ["scripts.tuning_report", "-", "--current", "128", "--svg", str(chart)]
    done = run(project(ID).path, *arguments, text=output(1536))
    assert done.returncode == 0, done.stderr
    assert "Cheapest: 1536 MB." in done.stdout
    assert "Fastest: 3008 MB, 0.80 times the duration and 1.58 times the cost" in done.stdout
    assert "Today: 128 MB, 14.73 times the duration and 1.19 times the cost" in done.stdout
    texts = [t.text for t in ElementTree.parse(chart).iter() if t.tag.endswith("text")]  # noqa: S314
    assert {f"{memory} MB" for memory in RECORDED} | {"cheapest", "fastest"} <= set(texts)


def test_a_failed_run_that_succeeded_is_called_failed(project: Make) -> None:
    execution = {"status": "SUCCEEDED", "output": "{}"}
    done = run(project(ID).path, "scripts.tuning_report", "-", text=execution["output"])
    assert execution["status"] == "SUCCEEDED"
    assert (done.returncode, done.stdout) == (1, "")
    assert "CleanUpOnError" in done.stderr


def test_the_projects_input_passes_its_own_test(project: Make) -> None:
    done = own_test(project(ID).path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("strategy", ["cost", "speed", "balanced"])
def test_answers_arrive_in_the_input(strategy: str, project: Make) -> None:
    answers = {"lambda_power_tuning_num": 10, "lambda_power_tuning_strategy": strategy}
    made = json.loads((project(ID, **answers).path / "tuning" / "api.json").read_text("utf-8"))
    assert (made["num"], made["strategy"]) == (10, strategy)


def with_input(project: Project, tmp_path: Path, text: str) -> Path:
    """A copy of the project with another input."""
    copy = shutil.copytree(project.path, tmp_path / "copy")
    (copy / "tuning" / "api.json").write_text(text, encoding="utf-8")
    return copy


def test_the_decks_input_is_refused(project: Make, tmp_path: Path) -> None:
    text = (SAMPLES / "before.json").read_text("utf-8")
    tuning: dict[str, Any] = json.loads(text)
    assert len(tuning["powerValues"]) * tuning["num"] == 7_000
    done = own_test(with_input(project(ID), tmp_path, text))
    assert done.returncode == 1
    for name in ("stays_in_bounds", "one_strategy", "result_is_written", "payload_is_an_order"):
        assert any("FAILED" in line and name in line for line in done.stdout.splitlines()), name


def test_the_mended_input_is_taken(project: Make, tmp_path: Path) -> None:
    text = (SAMPLES / "after.json").read_text("utf-8")
    done = own_test(with_input(project(ID), tmp_path, text))
    assert done.returncode == 0, done.stdout


def test_the_tool_may_touch_one_function_only(project: Make) -> None:
    text = (project(ID).path / "tuning" / "template.yaml").read_text("utf-8")
    assert lint(text) == []
    assert "lambdaResource: !Sub ${FunctionArn}*" in text
