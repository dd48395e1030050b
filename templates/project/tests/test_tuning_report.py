"""The report of a tuning run names the cheapest and the fastest memory size, or why it cannot."""

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from scripts.tuning_report import main, read, report, svg

# A CPU-bound function, measured by AWS Lambda Power Tuning: the example of the tool's README, in
# the form that version 4.4.0 writes. Memory in MB, ms, USD; billed in steps of 100 ms at the time.
RECORDED: dict[str, Any] = {
    "power": 1536,
    "cost": 6.4896e-05,
    "duration": 2512.2,
    "stats": [
        {"value": 128, "averagePrice": 7.7168e-05, "averageDuration": 37002.4},
        {"value": 256, "averagePrice": 7.7792e-05, "averageDuration": 18647.8},
        {"value": 512, "averagePrice": 7.072e-05, "averageDuration": 8489.4},
        {"value": 1024, "averagePrice": 6.4896e-05, "averageDuration": 3890.9},
        {"value": 1536, "averagePrice": 6.4896e-05, "averageDuration": 2512.2},
        {"value": 3008, "averagePrice": 0.000102648, "averageDuration": 2009.8},
    ],
}


def test_the_cheapest_and_the_fastest_are_named() -> None:
    run = read(json.dumps(RECORDED))
    assert run.cheapest.memory == 1536, "1024 MB costs the same and takes longer"
    assert run.fastest.memory == 3008
    assert run.notes() == ["", "", "", "", "cheapest", "fastest"]


def test_the_output_may_be_wrapped_as_it_is_documented() -> None:
    assert read(json.dumps({"results": RECORDED})) == read(json.dumps(RECORDED))


def test_sizes_are_in_order_and_those_without_a_result_left_out() -> None:
    stats = [*reversed(RECORDED["stats"]), {"value": 64, "averagePrice": 0, "averageDuration": 0}]
    run = read(json.dumps({**RECORDED, "power": "1536", "stats": stats}))
    assert [m.memory for m in run.measured] == [128, 256, 512, 1024, 1536, 3008]
    assert run.chosen == 1536


def test_the_report_weighs_the_sizes_against_each_other() -> None:
    text = report(read(json.dumps(RECORDED)), current=512)
    assert "Cheapest: 1536 MB." in text
    assert "Fastest: 3008 MB, 0.80 times the duration and 1.58 times the cost of" in text
    assert "Today: 512 MB, 3.38 times the duration and 1.09 times the cost of" in text
    assert "  128 MB     37002 ms  ########################      77.17" in text


def test_a_cheapest_size_at_the_upper_end_is_no_answer_yet() -> None:
    tried = {**RECORDED, "stats": RECORDED["stats"][:5]}
    text = report(read(json.dumps(tried)), current=640)
    assert "Cheapest and fastest: 1536 MB." in text
    assert "try larger ones" in text
    assert "640 MB, which is not among the sizes tried" in text


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("{}", "CleanUpOnError"),
        ("null", "dryRun"),
        ("None", "under way"),
        (json.dumps({k: v for k, v in RECORDED.items() if k != "stats"}), "includeOutputResults"),
    ],
)
def test_a_run_without_a_result_says_why(
    output: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(output))
    assert main(["-"]) == 1
    assert reason in capsys.readouterr().err


def test_the_chart_has_each_size_and_each_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "result.json").write_text(json.dumps(RECORDED), "utf-8")
    assert main([str(tmp_path / "result.json"), "--svg", str(tmp_path / "chart.svg")]) == 0
    assert "cheapest" in capsys.readouterr().out
    chart = (tmp_path / "chart.svg").read_text("utf-8")
    assert chart == svg(read(json.dumps(RECORDED)))
    texts = [t.text for t in ElementTree.fromstring(chart).iter() if t.tag.endswith("text")]  # noqa: S314, our own
    assert {"128 MB", "3008 MB", "cheapest", "fastest", "37,002", "64.9"} <= set(texts)
