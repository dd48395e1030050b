"""The report names the minute of the peak, the function behind it, and what it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from scripts.concurrency_hunt import hunt, main, window
from scripts.concurrency_metrics import values

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef

PEAK = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=2)
MINUTES = range(-6, 3)

# For each minute around the peak: concurrency, calls, average duration in ms, throttles.
RECORDED: dict[str, list[tuple[int, int, int, int]]] = {
    "orders-api": [(2, 60, 110, 0)] * 6 + [(90, 2700, 115, 0), (80, 2400, 120, 0), (3, 70, 110, 0)],
    "orders-report": [(40, 240, 9000, 0)] * 6 + [(41, 250, 9100, 12)] * 3,
    "orders-idle": [(1, 1, 50, 0)] + [(0, 0, 0, 0)] * 8,
}


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatchClient]:
    """CloudWatch in moto, without any value yet, and Lambda, which says the account's limit."""
    with mock_aws():
        session = boto3.Session(region_name="ap-northeast-1")
        clients = {"cloudwatch": session.client("cloudwatch"), "lambda": session.client("lambda")}
        monkeypatch.setattr(boto3.Session, "client", lambda session, name: clients[name])
        with Stubber(clients["lambda"]) as stub:
            stub.add_response(
                "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 400}}
            )
            yield session.client("cloudwatch")


def put(
    client: CloudWatchClient, minute: datetime, measured: Mapping[str, float], function: str = ""
) -> None:
    """Record what was measured in one minute; without a function, for all of them together."""
    dimensions: list[DimensionTypeDef] = []
    if function:
        dimensions = [{"Name": "FunctionName", "Value": function}]
    for name, value in measured.items():
        client.put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Timestamp": minute,
                    "Value": value,
                }
            ],
        )


@pytest.fixture
def recorded(cloudwatch: CloudWatchClient) -> CloudWatchClient:
    """An ordinary day before, and the minutes around the peak."""
    put(cloudwatch, PEAK - timedelta(days=1), {"ConcurrentExecutions": 44})
    for number, offset in enumerate(MINUTES):
        minute = PEAK + timedelta(minutes=offset)
        rows = {function: rows[number] for function, rows in RECORDED.items()}
        together = sum(row[0] for row in rows.values())
        put(cloudwatch, minute, {"ConcurrentExecutions": together})
        for function, (concurrency, calls, duration, throttles) in rows.items():
            if calls:
                measured = {
                    "ConcurrentExecutions": concurrency,
                    "Invocations": calls,
                    "Duration": duration,
                    "Throttles": throttles,
                }
                put(cloudwatch, minute, measured, function)
    return cloudwatch


@pytest.mark.usefixtures("recorded")
def test_the_peak_and_its_cause_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--days", "7"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0].endswith(
        f"131 concurrent executions at {PEAK:%Y-%m-%d %H:%M} UTC,"
        " 33% of the account's limit of 400."
    )
    assert f"> {PEAK:%H:%M} 90 2,700 115 0" in lines
    assert f"> {PEAK:%H:%M} 41 250 9,100 12" in lines
    assert lines[-4:] == [
        "Cause: orders-api, which went from 2 to 90 concurrent executions.",
        "Calls a minute: 60 before, 2,700 at the peak (45.0 times).",
        "Average duration: 110 ms before, 115 ms at the peak (1.0 times).",
        "Look for what called it more often.",
    ]


def test_a_function_that_got_slower_is_told_apart(
    recorded: CloudWatchClient, capsys: pytest.CaptureFixture[str]
) -> None:
    minute = PEAK + timedelta(hours=3)
    for offset in range(-6, 1):
        row = (4, 60, 4000) if offset < 0 else (240, 70, 200_000)
        names = ("ConcurrentExecutions", "Invocations", "Duration")
        measured = dict(zip(names, row, strict=True))
        put(recorded, minute + timedelta(minutes=offset), measured, "orders-worker")
        put(recorded, minute + timedelta(minutes=offset), {"ConcurrentExecutions": row[0]})
    assert main([]) == 0
    text = capsys.readouterr().out
    assert "Cause: orders-worker, which went from 4 to 240" in text
    assert "4,000 ms before, 200,000 ms at the peak (50.0 times)" in text
    assert text.rstrip().endswith(
        "Look for what made it slower: what it calls in turn, or a deployment."
    )


def test_only_functions_that_ran_at_the_peak_are_suspects(recorded: CloudWatchClient) -> None:
    found = hunt(recorded, datetime.now(UTC), days=7, before=6, after=2, top=5)
    assert [suspect.function for suspect in found.suspects] == ["orders-api", "orders-report"]
    found = hunt(recorded, datetime.now(UTC), days=7, before=6, after=2, top=1)
    assert [suspect.function for suspect in found.suspects] == ["orders-api"]


@pytest.mark.usefixtures("recorded")
def test_a_shorter_window_does_not_reach_the_peak(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--days", "1"]) == 1
    assert "No function ran since" in capsys.readouterr().err


@pytest.mark.usefixtures("cloudwatch")
def test_without_any_value_there_is_no_peak(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert "No function ran" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "16", "x"])
def test_a_window_without_a_value_for_each_minute_is_refused(
    days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--days", days])
    assert "--days" in capsys.readouterr().err


def test_the_window_is_never_longer_than_the_days() -> None:
    now = datetime(2026, 11, 23, 9, 14, 59, tzinfo=UTC)
    start, end = window(now, days=15)
    assert timedelta(0) <= start - (now - timedelta(days=15)) < timedelta(minutes=1)
    assert end == datetime(2026, 11, 23, 9, 14, tzinfo=UTC)


def test_all_pages_and_any_number_of_functions_are_read() -> None:
    client = boto3.Session("testing", "testing").client("cloudwatch", "ap-northeast-1")
    names = [f"orders-{number}" for number in range(501)]
    window = (PEAK, PEAK + timedelta(minutes=2))

    def result(name: str, minute: datetime, value: float) -> dict[str, object]:
        return {"Id": name, "Timestamps": [minute], "Values": [value]}

    with Stubber(client) as stub:
        first = [result("s0", PEAK + timedelta(minutes=1), 1)]
        second = [result("s0", PEAK, 2), result("s499", PEAK, 3)]
        stub.add_response("get_metric_data", {"MetricDataResults": first, "NextToken": "more"})
        stub.add_response("get_metric_data", {"MetricDataResults": second})
        stub.add_response("get_metric_data", {"MetricDataResults": [result("s500", PEAK, 4)]})
        found = values(client, "Throttles", "Sum", names, *window)
        stub.assert_no_pending_responses()
    assert found[0] == {PEAK: 2, PEAK + timedelta(minutes=1): 1}
    assert (found[1], found[499], found[500]) == ({}, {PEAK: 3}, {PEAK: 4})
