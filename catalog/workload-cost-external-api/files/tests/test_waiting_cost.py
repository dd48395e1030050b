"""Measured durations are split into waiting and computing, and the waiting gets its price."""

import pytest

from scripts.waiting_cost import Split, Unclear, by_memory, by_way, gb_seconds, main, split

WAITING = {128: 512.0, 1024: 490.0}
COMPUTING = {128: 37002.0, 512: 8489.0, 1024: 3891.0}


def test_what_does_not_shrink_is_waiting() -> None:
    parts = split(WAITING)
    assert parts.waiting == pytest.approx(486.9, abs=0.1)
    assert parts.computing == pytest.approx(3.1, abs=0.1)
    assert parts.duration(128) == pytest.approx(512)
    assert parts.waiting_share(1024) == pytest.approx(0.994, abs=0.001)


def test_what_shrinks_with_memory_is_computing() -> None:
    parts = split(COMPUTING)
    assert parts.waiting == pytest.approx(0)
    assert parts.computing == pytest.approx(4489, abs=1)


def test_noise_makes_no_negative_time() -> None:
    assert split({128: 500, 1024: 510}) == Split(waiting=505, computing=0)


def test_more_memory_only_costs_more() -> None:
    assert gb_seconds(1024, 490) / gb_seconds(128, 512) == pytest.approx(7.7, abs=0.1)
    text = by_memory(split(WAITING), WAITING)
    assert "8.0 times the memory, a call costs 7.7 times as much" in text
    assert "from 512 ms to 490 ms" in text


def test_calls_at_once_wait_for_the_longest_only() -> None:
    lines = by_way(split(WAITING), 128, [240, 180, 70]).splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [
        "one after another",
        "all at once",
        "without waiting",
    ]
    assert ["512 ms" in lines[1], "262 ms" in lines[2], "22 ms" in lines[3]] == [True] * 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["128=512"], "two memory sizes"),
        (["128=512", "1024=490", "--calls", "900"], "900 ms of 487 ms"),
    ],
)
def test_figures_that_do_not_fit_are_refused(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert reason in capsys.readouterr().err


def test_zero_is_no_measurement() -> None:
    with pytest.raises(SystemExit):
        main(["0=512", "1024=490"])


def test_one_size_is_no_split() -> None:
    with pytest.raises(Unclear):
        split({512: 100})


def test_the_command_prints_both_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["128=512", "1024=490", "--calls", "240", "180", "70"]) == 0
    out = capsys.readouterr().out
    assert "Waiting takes 487 ms" in out
    assert "At 128 MB" in out
