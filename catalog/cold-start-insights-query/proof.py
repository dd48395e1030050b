"""The saved queries find the cold starts in the project's logs; a query for the other format does
not know its fields.

The log has Lambda's report lines of two functions, cold and warm, and between them the lines that
the generated handler really writes. The project's queries give the right numbers for each function
and each five minutes. The deck's query for text logs (`before.yaml`) asks for fields that no JSON
line has, and finds its rows in the same invocations logged as text (`text-logs.yaml`). With
`SystemLogLevel: WARN` there would be nothing to find.

Real: the queries and log settings of the generated template, the generated handler's log lines,
the samples. Simulated: Lambda's own lines, written in the two forms that AWS documents, and Logs
Insights, as an interpreter of the few commands that the queries use. It finds the members of JSON
lines, and the `@` fields of text lines, as documented. Whether CloudWatch finds `@initDuration` in
JSON logs as well was not tried in AWS.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.conftest import Project
from tests.bar import lint, translate

ID = "cold-start-insights-query"
REQUIRED = "structured-logs-with-context"

Make = Callable[..., Project]
Row = dict[str, Any]


@dataclass(frozen=True)
class Invocation:
    """One invocation as Lambda reports it; times in ms, `second` from the start of the log."""

    function: str
    version: str
    second: int
    duration: float
    init: float | None = None
    memory: int = 512

    @property
    def stream(self) -> str:
        """The log stream's name in a log group that several functions share."""
        return f"2026/11/20/{self.function}[{self.version}][9b1c5f0de0a14c32]"

    @property
    def billed(self) -> int:
        """Milliseconds that are paid for; initialisation is among them."""
        return ceil(self.duration + (self.init or 0))

    def as_json(self) -> str:
        """The report line with `LogFormat: JSON`."""
        metrics: dict[str, float] = {
            "durationMs": self.duration,
            "billedDurationMs": self.billed,
            "memorySizeMB": self.memory,
            "maxMemoryUsedMB": 84,
        }
        if self.init is not None:
            metrics["initDurationMs"] = self.init
        record = {"requestId": "8f5d", "metrics": metrics, "status": "success"}
        time = f"2026-11-20T01:{self.second // 60:02}:{self.second % 60:02}.000Z"
        return json.dumps({"time": time, "type": "platform.report", "record": record})

    def as_text(self) -> str:
        """The report line without it."""
        parts = [
            "REPORT RequestId: 8f5d",
            f"Duration: {self.duration:.2f} ms",
            f"Billed Duration: {self.billed} ms",
            f"Memory Size: {self.memory} MB",
            "Max Memory Used: 84 MB",
        ]
        if self.init is not None:
            parts.append(f"Init Duration: {self.init:.2f} ms")
        return "\t".join(parts)


INVOCATIONS = [
    Invocation("orders-api", "7", 2, 182.4, init=613.2),
    Invocation("orders-api", "7", 4, 21.0),
    Invocation("orders-api", "7", 130, 19.5, init=587.5),
    Invocation("orders-worker", "7", 131, 240.1, init=702.0),
    Invocation("orders-api", "8", 310, 188.0, init=940.0),
    Invocation("orders-api", "8", 320, 20.1),
]


@dataclass(frozen=True)
class Event:
    """A log event."""

    second: int
    stream: str
    message: str

    def fields(self) -> Row:
        """What Logs Insights finds in it."""
        found: Row = {"@message": self.message, "@logStream": self.stream}
        if self.message.startswith("{"):
            return found | dict(_members(json.loads(self.message)))
        return found | _discovered(self.message)


def _members(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The members of a JSON object, by names with dots."""
    for name, member in value.items():
        if isinstance(member, dict):
            yield from _members(member, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", member


def _discovered(message: str) -> Row:
    """The fields that Logs Insights discovers in Lambda's report line in text format."""
    if not message.startswith("REPORT"):
        return {}
    names = {
        "Duration": "@duration",
        "Billed Duration": "@billedDuration",
        "Memory Size": "@memorySize",
        "Max Memory Used": "@maxMemoryUsed",
        "Init Duration": "@initDuration",
    }
    parts = re.findall(r"\t([A-Z][A-Za-z ]+): ([\d.]+)", message)
    return {"@type": "REPORT"} | {names[name]: float(value) for name, value in parts}


def run(query: str, events: list[Event]) -> list[Row]:
    """The rows that a query gives; knows `filter`, `parse`, `stats` and `sort`.

    Percentiles are by nearest rank.
    """
    rows = [{"second": event.second, **event.fields()} for event in events]
    for command in (part.strip() for part in query.split("\n|")):
        word, _, rest = re.sub(r"\s+", " ", command).partition(" ")
        rows = {"filter": _filter, "parse": _parse, "stats": _stats, "sort": _sort}[word](
            rows, rest
        )
    return rows


def _filter(rows: list[Row], rest: str) -> list[Row]:
    for condition in rest.split(" and "):
        if present := re.fullmatch(r"ispresent\(([\w.@]+)\)", condition):
            rows = [row for row in rows if present[1] in row]
        else:
            equal = re.fullmatch(r'([\w.@]+) = "([^"]+)"', condition)
            assert equal is not None, condition
            rows = [row for row in rows if row.get(equal[1]) == equal[2]]
    return rows


def _parse(rows: list[Row], rest: str) -> list[Row]:
    match = re.fullmatch(r'([\w.@]+) "([^"]+)" as (.+)', rest)
    assert match is not None, rest
    pattern = re.escape(match[2]).replace(r"\*", "(.*?)")
    out = []
    for row in rows:
        found = re.fullmatch(pattern, row[match[1]])
        names = match[3].split(", ")
        out.append(row | dict(zip(names, found.groups(), strict=True)) if found else row)
    return out


def _stats(rows: list[Row], rest: str) -> list[Row]:
    columns, _, by = rest.partition(" by ")
    groups: dict[tuple[Any, ...], list[Row]] = {}
    keys = [by] if by.startswith("bin(") else by.split(", ")
    for row in rows:
        group = tuple(row["second"] // 300 if k == "bin(5m)" else row.get(k) for k in keys)
        groups.setdefault(group, []).append(row)
    return [
        dict(zip(keys, group, strict=True)) | {n: _value(f, members) for n, f in _columns(columns)}
        for group, members in groups.items()
    ]


def _columns(text: str) -> list[tuple[str, str]]:
    found = re.findall(r"(\w+\([^)]*\)) as (\w+)", text)
    assert len(found) == text.count(" as "), text
    return [(name, function) for function, name in found]


def _value(function: str, rows: list[Row]) -> Any:
    match = re.fullmatch(r"(\w+)\(([\w.@]+|\*)(?:, (\d+))?\)", function)
    assert match is not None, function
    if match[2] == "*":
        return len(rows)
    values = sorted(row[match[2]] for row in rows if match[2] in row)
    if match[1] == "count":
        return len(values)
    if not values:
        return None
    if match[1] == "pct":
        return values[ceil(int(match[3]) / 100 * len(values)) - 1]
    return {"avg": sum(values) / len(values), "max": max(values), "sum": sum(values)}[match[1]]


def _sort(rows: list[Row], rest: str) -> list[Row]:
    name, _, order = rest.partition(" ")
    return sorted(rows, key=lambda row: row[name] or 0, reverse=order == "desc")


@pytest.fixture
def application_lines(
    project: Make,
    code: Callable[..., ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[list[str]]:
    """What the generated handler logs for two orders, the first of them after a cold start."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "orders")
    monkeypatch.setattr("aws_lambda_powertools.logging.logger.is_cold_start", True)
    logging.root.manager.loggerDict.pop("orders", None)
    api = code(project(ID), "orders.api")
    monkeypatch.setattr(api.submission, "submit", lambda order: None)
    context = LambdaContext()
    context._function_name = "orders-api"
    context._memory_limit_in_mb = 512
    context._invoked_function_arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-api"
    context._aws_request_id = "8f5d"
    event = {
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"requestId": "r-1", "stage": "prod"},
        "body": json.dumps({"customer_id": "c-1", "sku": "tea-100", "quantity": 1}),
        "isBase64Encoded": False,
    }
    for _ in range(2):
        assert api.handler(event, context)["statusCode"] == 201
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["cold_start"] for line in lines] == [True, False]
    yield lines
    logging.root.manager.loggerDict.pop("orders", None)


@pytest.fixture
def json_log(application_lines: list[str]) -> list[Event]:
    """The project's log group."""
    reports = [Event(i.second, i.stream, i.as_json()) for i in INVOCATIONS]
    own = [Event(1, INVOCATIONS[0].stream, line) for line in application_lines]
    return own + reports


@pytest.fixture
def text_log(application_lines: list[str]) -> list[Event]:
    """The same in text format."""
    reports = [Event(i.second, i.stream, i.as_text()) for i in INVOCATIONS]
    return [Event(1, INVOCATIONS[0].stream, "[INFO]\torder accepted"), *reports]


def queries(made: Project) -> dict[str, str]:
    """The project's saved queries, by logical id."""
    found = made.resources("AWS::Logs::QueryDefinition").items()
    return {name: resource["Properties"]["QueryString"] for name, resource in found}


def sample_query(name: str) -> str:
    """The query of a sample, with which cfn-lint finds nothing wrong."""
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    return str(translate(text)["Resources"]["ColdStarts"]["Properties"]["QueryString"])


def fields(query: str) -> set[str]:
    """The fields of log events that a query reads, `@logStream` aside."""
    text = re.sub(r'"[^"]*"', "", query)
    return set(re.findall(r"record(?:\.\w+)+|@(?!logStream)\w+|\btype\b(?= =)", text))


def test_each_five_minutes_show_their_cold_starts(project: Make, json_log: list[Event]) -> None:
    rows = run(queries(project(ID))["ColdStartsOverTimeQuery"], json_log)
    assert [(row["bin(5m)"], row["coldStarts"]) for row in rows] == [(0, 3), (1, 1)]
    assert rows[0]["maxInitMs"] == rows[0]["p95InitMs"] == 702.0
    assert rows[0]["avgInitMs"] == pytest.approx((613.2 + 587.5 + 702.0) / 3)


def test_each_function_and_version_shows_its_share(project: Make, json_log: list[Event]) -> None:
    rows = run(queries(project(ID))["ColdStartsByFunctionQuery"], json_log)
    assert [
        (r["functionName"], r["functionVersion"], r["invocations"], r["coldStarts"]) for r in rows
    ] == [("orders-api", "7", 3, 2), ("orders-api", "8", 2, 1), ("orders-worker", "7", 1, 1)]
    assert rows[0]["totalInitMs"] == pytest.approx(613.2 + 587.5)
    assert rows[0]["memoryMB"] == 512


def test_the_project_asks_only_for_fields_that_its_lines_have(
    project: Make, json_log: list[Event]
) -> None:
    there = {name for event in json_log for name in event.fields()}
    for query in queries(project(ID)).values():
        assert fields(query) and fields(query) <= there


def test_a_query_for_text_logs_asks_json_logs_for_what_they_do_not_have(
    json_log: list[Event], text_log: list[Event]
) -> None:
    wrong, right = sample_query("before.yaml"), sample_query("after.yaml")
    there = {name for event in json_log for name in event.fields()}
    assert not fields(wrong) & there
    assert run(wrong, json_log) == []
    assert [row["coldStarts"] for row in run(right, json_log)] == [3, 1]
    assert run(right, text_log) == []


def test_in_text_logs_the_same_query_finds_the_same(
    json_log: list[Event], text_log: list[Event]
) -> None:
    text, json_ = sample_query("text-logs.yaml"), sample_query("after.yaml")
    assert run(text, text_log) == run(json_, json_log)


def test_without_report_lines_there_is_nothing_to_find(
    project: Make, json_log: list[Event]
) -> None:
    made = project(ID)
    warn = [event for event in json_log if event.fields().get("type") != "platform.report"]
    assert warn
    for query in queries(made).values():
        assert run(query, warn) == []
    for function in made.resources("AWS::Lambda::Function").values():
        assert function["Properties"]["LoggingConfig"]["SystemLogLevel"] == "INFO"


def test_the_queries_are_about_the_log_group_of_all_functions(project: Make) -> None:
    made = project(ID, "sqs-buffering")
    for query in made.resources("AWS::Logs::QueryDefinition").values():
        (group,) = query["Properties"]["LogGroupNames"]
        for function in made.resources("AWS::Lambda::Function").values():
            logging_config = function["Properties"]["LoggingConfig"]
            assert logging_config["LogGroup"] == group
            assert logging_config["LogFormat"] == "JSON"


def test_without_it_there_is_no_query(project: Make) -> None:
    assert queries(project(REQUIRED)) == {}
