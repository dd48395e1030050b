"""A function that nobody touched is throttled, because another one has taken the account's
concurrency. Without the safeguard no alarm goes off. With it the account's alarm goes off a minute
before the first call is turned away, the function's alarm with that call, and the report names the
minute of the peak and the function behind it. `before.py` misses a peak that `after.py` finds.

Real: the generated script, run as from the command line; the generated alarms of both templates;
boto3 with its paginators; moto's CloudWatch, which keeps the metrics and works out the statistics
that alarms and script ask for; botocore's model, by which the other answers are checked.

Simulated: Lambda. A calculation gives each minute its calls, durations and executions, and shares
out a limit of 400 when more is wanted, in the proportion of what each function wants. An alarm goes
off in the first minute whose value crosses its threshold. AWS evaluates alarms some time later.
"""

from __future__ import annotations

import importlib
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from catalog.conftest import Project

REGION = "ap-northeast-1"
ID = "concurrency-hunt"
LIMIT = 400
START = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=2)
API, REPORT = "orders-api", "nightly-report"

# Calls a second, and ms of one call in each minute. What the report calls in turn gets slow.
LOAD = {
    API: (100, [400] * 12),
    REPORT: (20, [2000] * 6 + [4000, 8000, 14000, 20000, 20000, 20000]),
}

Sample = Callable[[str], ModuleType]


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def throttled() -> dict[str, list[float]]:
    """The night as Lambda records it in CloudWatch; throttled calls of each function by minute."""
    lost: dict[str, list[float]] = {name: [] for name in LOAD}
    for number in range(12):
        wanted = {name: rate * ms[number] / 1000 for name, (rate, ms) in LOAD.items()}
        share = min(1.0, LIMIT / sum(wanted.values()))
        record(number, {"ConcurrentExecutions": sum(wanted.values()) * share})
        for name, (rate, ms) in LOAD.items():
            lost[name].append(round(60 * rate * (1 - share)))
            measured = {
                "ConcurrentExecutions": wanted[name] * share,
                "Invocations": 60 * rate - lost[name][-1],
                "Duration": ms[number],
                "Throttles": lost[name][-1],
            }
            record(number, measured, name)
    return lost


def record(number: int, measured: dict[str, float], function: str = "") -> None:
    dimensions = [{"Name": "FunctionName", "Value": function}] if function else []
    boto3.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": dimensions,
                "Timestamp": START + timedelta(minutes=number),
                "Value": value,
            }
            for metric, value in measured.items()
        ],
    )


def alarms(of: Project) -> dict[str, int | None]:
    """When each of a project's alarms on Lambda's metrics goes off: the minute, or None."""
    found = of.resources("AWS::CloudWatch::Alarm")
    if (of.path / "baseline").is_dir():
        found = found | of.baseline["Resources"]
    return {name: goes_off(of, resource["Properties"]) for name, resource in found.items()}


def goes_off(of: Project, alarm: dict[str, Any]) -> int | None:
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["EvaluationPeriods"] == 1
    divisor = 1.0
    metric, statistic = alarm, alarm.get("Statistic")
    if "Metrics" in alarm:
        source, used = alarm["Metrics"]
        metric, statistic = source["MetricStat"]["Metric"], source["MetricStat"]["Stat"]
        text, variables = used["Expression"]["!Sub"]
        assert re.fullmatch(r"100 \* concurrency / \$\{Limit\}", text)
        name, first, second = variables["Limit"]["!FindInMap"]
        divisor = of.baseline["Mappings"][name][first][second] / 100
    dimensions = [
        {"Name": d["Name"], "Value": {"ApiFunction": API}[d["Value"]["Ref"]]}
        for d in metric.get("Dimensions", [])
    ]
    query: Any = {
        "Id": "it",
        "MetricStat": {
            "Metric": {
                "Namespace": metric["Namespace"],
                "MetricName": metric["MetricName"],
                "Dimensions": dimensions,
            },
            "Period": 60,
            "Stat": statistic,
        },
    }
    (result,) = boto3.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=START, EndTime=START + timedelta(minutes=12)
    )["MetricDataResults"]
    values = zip(result["Timestamps"], result["Values"], strict=True)
    crossed = [moment for moment, value in values if value / divisor >= alarm["Threshold"]]
    return int((min(crossed) - START).total_seconds()) // 60 if crossed else None


@pytest.fixture
def script(
    project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Callable[..., list[str]]]:
    """Run the project's script with arguments; the lines it prints."""
    monkeypatch.syspath_prepend(project(ID).path)
    clients = {name: boto3.client(name) for name in ("cloudwatch", "lambda")}
    monkeypatch.setattr(boto3.Session, "client", lambda session, name: clients[name])

    def main(*arguments: str) -> list[str]:
        with Stubber(clients["lambda"]) as stub:
            limits = {"AccountLimit": {"ConcurrentExecutions": LIMIT}}
            stub.add_response("get_account_settings", limits)
            importlib.import_module("scripts.concurrency_hunt").main(list(arguments))
        printed = capsys.readouterr()
        return (printed.out + printed.err).splitlines()

    yield main
    for name in [n for n in sys.modules if n.split(".")[0] == "scripts"]:
        del sys.modules[name]


def test_without_it_callers_are_turned_away_and_no_alarm_says_so(
    project: Callable[..., Project], throttled: dict[str, list[float]]
) -> None:
    assert throttled[API] == [0] * 9 + [545] * 3
    assert alarms(project()) == {}


def test_with_it_the_alarms_go_off_before_and_with_the_first_call_lost(
    project: Callable[..., Project], throttled: dict[str, list[float]]
) -> None:
    first = next(number for number, lost in enumerate(throttled[API]) if lost)
    assert alarms(project(ID, concurrency_hunt_account_limit=LIMIT)) == {
        "AccountConcurrencyAlarm": first - 1,
        "ApiThrottlesAlarm": first,
    }


def test_a_limit_that_is_not_the_accounts_makes_the_alarm_late(
    project: Callable[..., Project], throttled: dict[str, list[float]]
) -> None:
    assert alarms(project(ID, concurrency_hunt_account_limit=1000)) == {
        "AccountConcurrencyAlarm": None,
        "ApiThrottlesAlarm": 9,
    }


def test_with_it_the_report_names_the_minute_and_the_cause(
    script: Callable[..., list[str]], throttled: dict[str, list[float]]
) -> None:
    lines = [" ".join(line.split()) for line in script("--days", "3")]
    minute = START + timedelta(minutes=9)
    assert lines[0].endswith(
        f" 400 concurrent executions at {minute:%Y-%m-%d %H:%M} UTC,"
        " 100% of the account's limit of 400."
    )
    assert f"> {minute:%H:%M} 36 5,455 400 545" in lines
    assert lines[-4] == f"Cause: {REPORT}, which went from 107 to 364 concurrent executions."
    assert lines[-2].startswith("Average duration: 5,333 ms before, 20,000 ms at the peak")
    assert lines[-1].startswith("Look for what made it slower")


def test_a_region_in_which_nothing_ran_is_no_error(script: Callable[..., list[str]]) -> None:
    (line,) = script()
    assert line.startswith("No function ran since")


def test_a_peak_on_the_second_page_is_missed_before_and_found_after(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("cloudwatch")
    monkeypatch.setattr(boto3, "client", lambda name: client)
    later, peak = START + timedelta(days=1), START

    def page(moment: datetime, value: float, **more: str) -> dict[str, Any]:
        result = {"Id": "account", "Timestamps": [moment], "Values": [value]}
        return {"MetricDataResults": [result], **more}

    for name, found in (("before.py", (later, 44)), ("after.py", (peak, 400))):
        with Stubber(client) as stub:
            stub.add_response("get_metric_data", page(later, 44, NextToken="more"))
            stub.add_response("get_metric_data", page(peak, 400))
            assert sample(name).peak() == found


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine nine hours ahead of UTC."""
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("tokyo")
def test_a_time_without_a_zone_cuts_nine_hours_off_in_tokyo(sample: Sample) -> None:
    record(-60 * (6 * 24 + 20) + 60 * 48, {"ConcurrentExecutions": 400})
    record(0, {"ConcurrentExecutions": 44})
    assert sample("before.py").peak()[1] == 44
    assert sample("after.py").peak()[1] == 400


def test_without_any_value_before_fails_and_after_says_so(sample: Sample) -> None:
    with pytest.raises(ValueError, match="empty"):
        sample("before.py").peak()
    assert sample("after.py").peak() is None
