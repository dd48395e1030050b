"""The cost curve follows from what Lambda reports of each call, in either log format."""

import io
import json

import pytest

from scripts.cost_curve import NotMeasured, calls, main, report, sizes

# Duration in ms of a CPU-bound function by memory in MB: the example in the README of AWS Lambda
# Power Tuning.
COMPUTING = {128: 37002, 256: 18648, 512: 8489, 1024: 3891, 1536: 2512, 3008: 2010}
WAITING = {128: 512, 512: 493, 1024: 490}


def text_line(memory: int, duration: float, init: float = 0) -> str:
    """The last line that Lambda logs of a call, in text format."""
    line = (
        f"REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95\tDuration: {duration:.2f} ms\t"
        f"Billed Duration: {duration + init:.0f} ms\tMemory Size: {memory} MB\t"
        "Max Memory Used: 84 MB\t"
    )
    return f"{line}Init Duration: {init:.2f} ms\t\n" if init else f"{line}\n"


def json_line(memory: int, duration: float, init: float = 0) -> str:
    """The same in JSON format."""
    metrics = {
        "durationMs": duration,
        "billedDurationMs": round(duration + init),
        "memorySizeMB": memory,
        "maxMemoryUsedMB": 84,
    }
    if init:
        metrics["initDurationMs"] = init
    event = {"type": "platform.report", "record": {"status": "success", "metrics": metrics}}
    return json.dumps(event) + "\n"


def log(durations: dict[int, int]) -> str:
    """Three calls at each size, the first of them cold."""
    return "".join(
        f"START RequestId: x Version: 1\n{text_line(memory, ms, init=400)}"
        f"{text_line(memory, ms)}{text_line(memory, ms + 20)}{text_line(memory, ms - 20)}"
        for memory, ms in durations.items()
    )


def test_both_formats_say_the_same() -> None:
    in_text = text_line(512, 120.5) + text_line(512, 130, init=410)
    in_json = json_line(512, 120.5) + json_line(512, 130, init=410)
    assert list(calls(in_text)) == list(calls(in_json))
    assert [call.cold for call in calls(in_text)] == [False, True]


def test_other_lines_are_passed_over() -> None:
    noise = (
        'START RequestId: x\n{"message": "type is \\"platform.report\\""}\n[INFO] REPORT is late\n'
    )
    assert list(calls(noise)) == []


def test_computing_is_cheapest_away_from_the_smallest_memory() -> None:
    measured = sizes(log(COMPUTING))
    assert [size.memory for size in measured] == list(COMPUTING)
    costs = [size.cost() for size in measured]
    assert costs.index(min(costs)) == 4
    assert costs[4] == pytest.approx(2.512 * 1536 / 1024)
    text = report(measured)
    assert "Cheapest: 1536 MB, 0.07 times the duration and 0.81 times the cost of 128 MB" in text
    assert "It computes" in text


def test_waiting_costs_more_with_every_megabyte() -> None:
    measured = sizes(log(WAITING))
    costs = [size.cost() for size in measured]
    assert costs == sorted(costs)
    assert costs[-1] / costs[0] > 7
    assert "it waits" in report(measured)


def test_between_the_two_it_is_a_matter_of_price() -> None:
    assert "what the time is worth" in report(sizes(log({128: 1000, 1024: 300})))


def test_cold_starts_count_as_far_as_they_are_reckoned_with() -> None:
    size = sizes(log(COMPUTING))[3]
    assert size.duration == 3891, "the median of the warm calls"
    assert size.cost(1.0) / size.cost() == pytest.approx((3891 + 400) / 3891)
    assert size.cost() < size.cost(0.1) < size.cost(1.0)


def test_a_price_turns_it_into_money() -> None:
    text = report(sizes(log({1024: 1000, 2048: 900})), price=0.5)
    assert "500,000.00" in text
    assert "Per million" in text


@pytest.mark.parametrize(
    ("text", "arguments", "reason"),
    [
        ("", [], "have 0"),
        (text_line(128, 5) * 9, [], "have 1"),
        (text_line(128, 5) + text_line(256, 3, init=300), [], "all calls at 256 MB"),
        (text_line(128, 5) + text_line(256, 3), ["--cold-percent", "1"], "no call at 128 MB"),
    ],
)
def test_too_few_reports_give_no_curve(
    text: str,
    arguments: list[str],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["-", *arguments]) == 1
    assert reason in capsys.readouterr().err


def test_sizes_say_what_is_missing() -> None:
    with pytest.raises(NotMeasured, match="two memory sizes"):
        sizes("nothing to see")


def test_the_command_prints_the_curve(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(log(COMPUTING)))
    assert main(["-"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("  128 MB      4     37002 ms  ########################")
    assert "3,768,000" in lines[5]
