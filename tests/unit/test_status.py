"""The comparison of a project with its rendering, on made-up safeguards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scaffolder import adopted, status
from scaffolder.checks.outcome import Item, Outcome, because
from scaffolder.checks.run import Problem, Report
from scaffolder.history import File
from scaffolder.managed import Managed
from scaffolder.messages import Say, Trouble
from scaffolder.status import Checked, State, Status, recorded
from scaffolder.status.comparing import Kind, compare, contains, leaves
from scaffolder.status.parts import Change
from scaffolder.status.snippets import read
from scaffolder.status.working import first_difference

SAY = Say("en")

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Topic:
    Type: String
    Default: ""
Globals:
  Function:
    Timeout: 10
    Runtime: python3.13
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      # Limits.
      MethodSettings:
        - {ResourcePath: /*, HttpMethod: "*", Rate: 100}
        - {ResourcePath: /orders, HttpMethod: POST, Rate: 50}
      Logs: !If
        - HasLogs
        - Format: >-
            one
            two
          To: !GetAtt Group.Arn
        - !Ref AWS::NoValue
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Delay: 5
      Encrypted: true
      Policy: !Sub ${Api}-x
      Alarms: [!Ref One]
"""


def differences(mine: str, rendered: str = TEMPLATE) -> list[tuple[str, str, int]]:
    """Kind, path and line of each difference."""
    return [
        (d.kind.value, ".".join(map(str, d.path)), d.line)
        for d in compare(read(rendered), read(mine))
    ]


def changed(*pairs: tuple[str, str]) -> str:
    """The template with texts replaced, each of which is there once."""
    text = TEMPLATE
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


SAME = """\
Resources:
    Queue: {Type: "AWS::SQS::Queue", Properties: {Encrypted: "true", Delay: '5',
        Alarms: [{Ref: One}], Policy: {"Fn::Sub": "${Api}-x"}}}
    Api:
        Properties:
            Logs:
                Fn::If:
                - HasLogs
                - {To: {"Fn::GetAtt": [Group, Arn]}, Format: one two}
                - {Ref: "AWS::NoValue"}
            MethodSettings:
            -   Rate: 50  # another comment
                HttpMethod: POST
                ResourcePath: /orders
            -   Rate: 100
                ResourcePath: /*
                HttpMethod: '*'
        Type: AWS::Serverless::Api
Globals:
    Function:
        Runtime: python3.13
        Timeout: 10
Parameters: {Topic: {Default: '', Type: String}}
Transform: AWS::Serverless-2016-10-31
"""


@pytest.mark.parametrize("mine", [TEMPLATE, SAME, TEMPLATE.replace("\n", "\r\n")])
def test_order_layout_comments_and_forms_are_nothing(mine: str) -> None:
    assert differences(mine) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Timeout: 10", "Timeout: 11", [("changed", "Globals.Function.Timeout", 8)]),
        ("    Timeout: 10\n", "", [("gone", "Globals.Function.Timeout", 7)]),
        (
            "    Timeout: 10\n",
            "    Timeout: 10\n    Layers: []\n",
            [("added", "Globals.Function.Layers", 9)],
        ),
        (
            'HttpMethod: "*", Rate: 100',
            'HttpMethod: "*", Rate: 50',
            [("changed", "Resources.Api.Properties.MethodSettings.0.Rate", 16)],
        ),
        (
            "        - {ResourcePath: /orders, HttpMethod: POST, Rate: 50}\n",
            "",
            [("gone", "Resources.Api.Properties.MethodSettings.1", 15)],
        ),
        (
            "        - {ResourcePath: /*, ",
            "        - {ResourcePath: /new, HttpMethod: GET, Rate: 1}\n"
            "        - {ResourcePath: /*, ",
            [("added", "Resources.Api.Properties.MethodSettings.0", 16)],
        ),
        (
            "            two\n",
            "            three\n",
            [("changed", "Resources.Api.Properties.Logs.Fn::If.1.Format", 20)],
        ),
        (
            "!GetAtt Group.Arn",
            "!GetAtt Other.Arn",
            [("changed", "Resources.Api.Properties.Logs.Fn::If.1.To", 23)],
        ),
        ("[!Ref One]", "[!Ref Two]", [("changed", "Resources.Queue.Properties.Alarms.0", 31)]),
        ("!Sub ${Api}-x", "fixed", [("changed", "Resources.Queue.Properties.Policy", 30)]),
        ("  Queue:\n", "  Orders:\n", [("renamed", "Resources.Queue", 25)]),
        (
            "  Queue:\n    Type: AWS::SQS::Queue\n",
            "  Orders:\n    Type: AWS::SNS::Topic\n",
            [("gone", "Resources.Queue", 10), ("added", "Resources.Orders", 25)],
        ),
    ],
)
def test_each_difference_has_its_place(
    old: str, new: str, expected: list[tuple[str, str, int]]
) -> None:
    assert differences(changed((old, new))) == expected


def test_items_that_were_both_edited_are_told_apart() -> None:
    mine = changed(("Rate: 100", "Rate: 1"), ("Rate: 50", "Rate: 2"))
    found = compare(read(TEMPLATE), read(mine))
    assert [(d.kind, d.expected, d.found) for d in found] == [
        (Kind.changed, 100, 1),
        (Kind.changed, 50, 2),
    ]


def test_the_values_say_what_was_and_what_is() -> None:
    found = compare(read(TEMPLATE), read(changed(("Timeout: 10", "Timeout: 11"))))
    assert [(d.expected, d.found) for d in found] == [(10, 11)]


def test_a_snippets_values_and_their_answers() -> None:
    snippet = """\
    Parameters: {Topic: {Type: String, Default: ""}, Other: {Default: 1}}
    Globals: {Function: {Runtime: !Answer runtime}}
    Resources:
      Api:
        Properties:
          MethodSettings:
            - {ResourcePath: /orders, HttpMethod: POST, Rate: !Answer rate}
    """
    at = ("Resources", "Api", "Properties", "MethodSettings", 1)
    assert leaves(read(snippet), read(TEMPLATE)) == {
        ("Parameters", "Topic", "Type"): None,
        ("Globals", "Function", "Runtime"): "runtime",
        (*at, "ResourcePath"): None,
        (*at, "HttpMethod"): None,
        (*at, "Rate"): "rate",
    }


def test_a_parameters_default_belongs_to_nobody_unless_it_is_an_answer() -> None:
    snippet = read('Parameters: {Topic: {Default: ""}}')
    assert leaves(snippet, read(TEMPLATE)) == {}
    snippet = read("Parameters: {Topic: {Default: !Answer topic}}")
    assert leaves(snippet, read(TEMPLATE)) == {("Parameters", "Topic", "Default"): "topic"}


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ("Globals: {Function: {Timeout: !Answer timeout}}", True),
        ("Globals: {Function: {Timeout: 11}}", False),
        ("Globals: {Function: {Layers: []}}", False),
        ("Resources: {Queue: {Properties: {Alarms: [!Ref One]}}}", True),
        ("Resources: {Queue: {Properties: {Alarms: [!Ref Two]}}}", False),
    ],
)
def test_whether_a_template_contains_a_snippet(snippet: str, expected: bool) -> None:
    assert contains(read(TEMPLATE), read(snippet)) is expected


@pytest.mark.parametrize(
    ("mine", "line"),
    [
        (b"a\nb\nc\n", None),
        (b"a\r\nb\r\nc\r\n", None),
        (b"a\nB\nc\n", 2),
        (b"a\nb\nc\nd\n", 4),
        (b"a\nb\n", 2),
        (b"", 1),
    ],
)
def test_where_a_file_begins_to_differ(mine: bytes, line: int | None) -> None:
    assert first_difference(b"a\nb\nc\n", mine) == line


# A catalog and a project


def entry(**fields: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "scope": ["project"],
        "aliases": [],
        "requires": {},
        "conflicts": {},
        "answers": {},
        "checks": {"works": {}},
        "handlers": {},
        "files": [],
        "with": {},
        **dict.fromkeys(("template", "baseline")),
    }
    return {**known, **fields}


def asked(default: int) -> dict[str, Any]:
    return {"type": "int", "default": default, "min": 1, "max": 1000, "aliases": []}


QUEUE = """\
Parameters: {Topic: {Type: String, Default: ""}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {Delay: !Answer delay, Encrypted: true}
  Function:
    Properties: {Environment: {QUEUE: !Ref Queue}}
"""

ALARM = """\
Parameters: {Topic: {Type: String, Default: ""}}
Resources:
  Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {Threshold: !Answer threshold}}
"""

WITH_QUEUE = """\
Resources:
  QueueAlarm: {Type: AWS::CloudWatch::Alarm, Properties: {Metric: Age}}
"""

TRACE_BY_BLOCKS = "Globals:\n  Function:\n    Tracing: Active\n"
TRACE = "Globals: {Function: {Tracing: Active}}\n"

CALL = {
    "imports": ["from app.trace import tracer"],
    "setup": [],
    "middlewares": [{"name": "trace_route", "order": 1}],
    "decorators": [{"line": "@tracer.capture(\n    response=False, error=False\n)", "order": 1}],
}

RUNTIME = {
    "type": "choice",
    "choices": ["python3.13", "python3.14"],
    "default": "python3.13",
    "aliases": [],
}

CATALOG: dict[str, Any] = {
    "site_url": "https://example.com/",
    "stacks": {"template": "template.yaml", "baseline": "baseline/template.yaml"},
    "answers": {"runtime": RUNTIME},
    "patterns": {
        "queue": entry(
            template=QUEUE,
            closure=["queue"],
            answers={"queue_delay": asked(5)},
            files=["src/worker.py", "runbooks/queue.md"],
        ),
        "alarm": entry(
            template=ALARM,
            closure=["queue", "alarm"],
            answers={"alarm_threshold": asked(3)},
            **{"with": {"queue": WITH_QUEUE}},
        ),
        "trace": entry(
            template=TRACE,
            closure=["trace"],
            handlers={"api": CALL, "queue": CALL},
            files=["src/trace.py"],
        ),
        "budget": entry(
            baseline="Resources: {Budget: {Type: AWS::Budgets::Budget}}\n",
            closure=["budget"],
            files=["runbooks/budget.md"],
        ),
        "tuning": entry(closure=["tuning"], checks={}, files=["runbooks/tuning.md"]),
    },
}
for identifier, pattern in CATALOG["patterns"].items():
    pattern["title"] = {"ja": identifier, "en": identifier}

API = """\
from app.trace import tracer

app.use(middlewares=[trace_route])


@tracer.capture(response=False, error=False)
def handler(event, context):
    return event
"""

FILES = {
    "template.yaml": """\
Parameters: {Topic: {Type: String, Default: ""}}
Globals:
  Function:
    Runtime: python3.13
    CodeUri: src/
    MemorySize: 512
    Tracing: Active
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Handler: api.handler
      Environment: {QUEUE: !Ref Queue}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Delay: 5
      Encrypted: true
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {Threshold: 3}
  QueueAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {Metric: Age}
""",
    "baseline/template.yaml": "Resources:\n  Budget: {Type: AWS::Budgets::Budget}\n",
    "src/api.py": API,
    "src/worker.py": "print('worker')\n",
    "src/trace.py": "tracer = 1\n",
    "runbooks/queue.md": "# Queue\n",
    "runbooks/budget.md": "# Budget\n",
    "runbooks/tuning.md": "# Tuning\n",
    "README.md": "# Project\n",
}
ALL = ["alarm", "trace", "budget", "tuning"]


@dataclass
class Project:
    """A project in memory: edit it, then ask for its status."""

    root: Path
    chosen: Sequence[str] = field(default_factory=lambda: list(ALL))
    answers: dict[str, Any] = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    adopted: dict[str, Any] = field(default_factory=dict)
    rendered: dict[str, str] = field(default_factory=lambda: dict(FILES))
    mine: dict[str, str] = field(default_factory=lambda: dict(FILES))

    def edit(self, file: str, old: str, new: str) -> None:
        assert self.mine[file].count(old) == 1
        self.mine[file] = self.mine[file].replace(old, new)

    def status(self) -> Status:
        known = self.recorded()
        return status.compare(
            self.managed, known, self.checked, self._read, known.side, self._tree(self.rendered)
        )

    def recorded(self) -> recorded.Recorded:
        return recorded.read(self.managed, "v1", CATALOG, SAY)

    @property
    def managed(self) -> Managed:
        own = {"adopted": self.adopted} if self.adopted else {}
        answers = {"safeguards": list(self.chosen), **self.answers, **own}
        return Managed(self.root, self.root, "v1", "https://example.com/t.git", answers)

    @property
    def checked(self) -> Checked:
        return Checked(Report(["template.yaml"], problems=self.problems), self.items)

    def _read(self, path: str) -> File | None:
        return self._tree(self.mine).get(path)

    def _tree(self, files: Mapping[str, str]) -> dict[str, File]:
        return {path: File("100644", text.encode()) for path, text in files.items()}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def states(found: Status) -> dict[str, str]:
    """The safeguards that are not as they were rendered."""
    return {s.id: s.state.value for s in found.safeguards if s.state is not State.present}


def findings(found: Status, name: str) -> list[tuple[str, str, int, str, bool]]:
    parts = next(s.parts for s in found.safeguards if s.id == name)
    assert parts is not None
    return [
        (f.change.value, f.file, f.line, ".".join(map(str, f.place)), f.essential)
        for f in parts.findings
    ]


def fail(check: str, **fields: Any) -> Item:
    return Item(check, Outcome.failed, "template.yaml", 1, **fields)


def test_an_untouched_project(project: Project) -> None:
    found = project.status()
    assert [s.id for s in found.safeguards] == ["queue", *ALL]
    assert states(found) == {}
    assert (found.code, found.changes, found.mismatches) == (0, [], [])
    assert [s.needed_by for s in found.safeguards] == ["alarm", None, None, None, None]


def test_a_value_that_was_changed_is_drift_of_its_safeguard_alone(project: Project) -> None:
    project.edit("template.yaml", "Encrypted: true", "Encrypted: false")
    found = project.status()
    assert states(found) == {"queue": "drifted"}
    place = "Resources.Queue.Properties.Encrypted"
    assert findings(found, "queue") == [("changed", "template.yaml", 18, place, False)]
    assert found.code == 0


def test_an_answer_that_says_something_else(project: Project) -> None:
    project.answers = {"queue_delay": 7, "runtime": "python3.14"}
    project.rendered["template.yaml"] = (
        FILES["template.yaml"].replace("Delay: 5", "Delay: 7").replace("python3.13", "python3.14")
    )
    found = project.status()
    assert [(m.name, m.recorded, m.found, m.line, m.owner) for m in found.mismatches] == [
        ("queue_delay", 7, 5, 17, "queue"),
        ("runtime", "python3.14", "python3.13", 4, None),
    ]
    assert states(found) == {"queue": "drifted"}
    assert found.changes == []


def test_an_answer_that_cannot_be_used_is_not_compared(project: Project) -> None:
    project.answers = {"queue_delay": "soon"}
    project.edit("template.yaml", "Delay: 5", "Delay: 7")
    found = project.status()
    assert [p.about for p in found.problems] == ["queue_delay"]
    assert (states(found), found.mismatches, found.code) == ({}, [], 1)


def test_a_failing_check_weakens(project: Project) -> None:
    project.items = {"queue": [fail("queue/works")]}
    found = project.status()
    assert states(found) == {"queue": "weakened"}
    assert found.code == 1


def test_an_unknown_check_is_named_and_is_neither(project: Project) -> None:
    unknown = Item("queue/works", Outcome.unknown, "template.yaml", 1)
    project.items = {"queue": [unknown]}
    found = project.status()
    assert states(found) == {}
    assert found.safeguards[0].unknown == [unknown]


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "expected"),
    [
        (
            "template.yaml",
            "  QueueAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: {Metric: Age}\n",
            "",
            "alarm",
            ("gone", "template.yaml", 8, "Resources.QueueAlarm", True),
        ),
        (
            "template.yaml",
            "      Environment: {QUEUE: !Ref Queue}\n",
            "",
            "queue",
            ("gone", "template.yaml", 11, "Resources.Function.Properties.Environment", True),
        ),
        (
            "template.yaml",
            "    Tracing: Active\n",
            "",
            "trace",
            ("gone", "template.yaml", 3, "Globals.Function.Tracing", True),
        ),
        (
            "src/api.py",
            "@tracer.capture(response=False, error=False)\n",
            "",
            "trace",
            ("code_gone", "src/api.py", 0, "", True),
        ),
        (
            "src/api.py",
            "[trace_route]",
            "[]",
            "trace",
            ("code_gone", "src/api.py", 0, "", True),
        ),
    ],
)
def test_an_essential_part_that_is_gone_weakens(
    project: Project,
    file: str,
    old: str,
    new: str,
    name: str,
    expected: tuple[str, str, int, str, bool],
) -> None:
    project.edit(file, old, new)
    found = project.status()
    assert states(found) == {name: "weakened"}
    assert findings(found, name) == [expected]


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "expected"),
    [
        ("runbooks/queue.md", "Queue", "Ours", "queue", ("edited", 1)),
        ("src/api.py", "error=False", "error=True", "trace", ("code_changed", 6)),
        ("template.yaml", "      Delay: 5\n", "", "queue", ("gone", 16)),
        ("template.yaml", "  Alarm:\n", "  Errors:\n", "alarm", ("renamed", 19)),
    ],
)
def test_what_is_not_essential_is_drift(
    project: Project, file: str, old: str, new: str, name: str, expected: tuple[str, int]
) -> None:
    project.edit(file, old, new)
    found = project.status()
    assert states(found) == {name: "drifted"}
    assert [(change, line) for change, _, line, _, _ in findings(found, name)] == [expected]


def test_code_may_be_set_otherwise(project: Project) -> None:
    project.edit(
        "src/api.py",
        "@tracer.capture(response=False, error=False)",
        "@tracer.capture(\n    response=False,  # private\n    error=False,\n)",
    )
    assert states(project.status()) == {}


def test_a_moved_handler_is_found(project: Project) -> None:
    del project.mine["src/api.py"]
    (project.root / "shop").mkdir()
    (project.root / "shop" / "api.py").write_text(API, encoding="utf-8")
    found = project.status()
    assert states(found) == {}
    assert [(c.change, c.file) for c in found.changes] == [(Change.deleted, "src/api.py")]


@pytest.mark.parametrize(
    ("file", "state"), [("src/worker.py", "weakened"), ("runbooks/queue.md", "drifted")]
)
def test_deleted_code_weakens_and_a_deleted_page_does_not(
    project: Project, file: str, state: str
) -> None:
    del project.mine[file]
    found = project.status()
    assert states(found) == {"queue": state}
    assert findings(found, "queue") == [("deleted", file, 0, "", state == "weakened")]


def test_code_that_was_moved_is_drift(project: Project) -> None:
    del project.mine["src/worker.py"]
    (project.root / "shop").mkdir()
    (project.root / "shop" / "worker.py").write_text("x = 1\n", encoding="utf-8")
    assert states(project.status()) == {"queue": "drifted"}


def test_a_deleted_template_weakens(project: Project) -> None:
    del project.mine["baseline/template.yaml"]
    assert states(project.status()) == {"budget": "weakened"}


def test_nothing_of_it_is_missing(project: Project) -> None:
    project.edit("template.yaml", "    Tracing: Active\n", "")
    project.mine["src/api.py"] = "def handler(event, context):\n    return event\n"
    project.mine["src/trace.py"] = "# of the base\n"
    del project.mine["runbooks/tuning.md"]
    found = project.status()
    assert states(found) == {"trace": "missing", "tuning": "missing"}
    assert found.code == 1


def test_a_changed_value_tells_that_a_safeguard_is_there(project: Project) -> None:
    project.edit("template.yaml", "Tracing: Active", "Tracing: PassThrough")
    project.mine["src/api.py"] = "def handler(event, context):\n    return event\n"
    del project.mine["src/trace.py"]
    assert states(project.status()) == {"trace": "weakened"}


def test_what_another_safeguard_has_too_does_not_tell(project: Project) -> None:
    """The parameter is there, but the queue has it as well."""
    project.mine["template.yaml"] = FILES["template.yaml"].partition("  Alarm:\n")[0]
    assert states(project.status()) == {"alarm": "missing"}


def test_an_edited_page_tells_of_a_safeguard_that_has_nothing_else(project: Project) -> None:
    project.mine["runbooks/tuning.md"] = "# Ours\n"
    assert states(project.status()) == {"tuning": "drifted"}


def test_the_rest_is_compared_without_what_is_missing(project: Project) -> None:
    project.mine["template.yaml"] = FILES["template.yaml"].partition("  Alarm:\n")[0]
    del project.mine["runbooks/tuning.md"]
    side = status.without_missing(project.status())
    assert side is not None
    assert side.active == ["queue", "trace", "budget"]
    assert "alarm_threshold" not in side.answers
    assert "queue_delay" in side.answers


def test_what_another_one_needs_cannot_be_left_out(project: Project) -> None:
    text, _, rest = FILES["template.yaml"].partition("  Queue:\n")
    project.mine["template.yaml"] = (
        text.replace("      Environment: {QUEUE: !Ref Queue}\n", "")
        + rest[rest.index("  Alarm:\n") :]
    )
    del project.mine["src/worker.py"], project.mine["runbooks/queue.md"]
    found = project.status()
    assert states(found) == {"queue": "missing"}
    assert status.without_missing(found) is None


def test_the_users_own_changes_are_apart(project: Project) -> None:
    project.edit("template.yaml", "MemorySize: 512", "MemorySize: 1024")
    project.edit("template.yaml", 'Default: ""', "Default: arn:aws:sns:eu-west-1:1:ops")
    project.edit("template.yaml", "      Delay: 5\n", "      Delay: 5\n      Fifo: true\n")
    project.mine["README.md"] = "# Ours\n"
    found = project.status()
    assert states(found) == {}
    assert [(c.change.value, c.file, c.line) for c in found.changes] == [
        ("edited", "README.md", 1),
        ("changed", "template.yaml", 1),
        ("changed", "template.yaml", 6),
        ("added", "template.yaml", 18),
    ]


def test_a_file_in_conflict_stops_what_is_in_it_alone(project: Project) -> None:
    project.edit("template.yaml", "    MemorySize: 512\n", "<<<<<<< mine\n    MemorySize: 512\n")
    project.problems = [Problem("template.yaml", 6, 1, because("empty"))]
    project.items = {"queue": [fail("queue/works", nothing=True)], "budget": [fail("budget/works")]}
    found = project.status()
    assert states(found) == {
        "queue": "unknown",
        "alarm": "unknown",
        "trace": "unknown",
        "budget": "weakened",
    }
    assert [(b.file, b.place.line, b.why) for b in found.broken] == [("template.yaml", 6, None)]
    assert found.code == 1


def test_code_that_cannot_be_parsed_is_said(project: Project) -> None:
    project.edit("src/api.py", "def handler", "de handler")
    found = project.status()
    assert states(found) == {"trace": "unknown"}
    assert [b.file for b in found.broken] == ["src/api.py"]
    assert found.code == 1


def test_a_file_that_cannot_be_opened_is_said(project: Project) -> None:
    known = project.recorded()
    tree = project._tree(FILES)

    def read_file(path: str) -> File | None:
        if path == "src/worker.py":
            raise Trouble("os_error.EACCES", path=path)
        return tree.get(path)

    found = status.compare(project.managed, known, project.checked, read_file, known.side, tree)
    assert [b.file for b in found.broken] == ["src/worker.py"]
    assert found.code == 1


def test_a_safeguard_that_is_there_and_not_recorded(project: Project) -> None:
    project.chosen = ["alarm", "tuning"]
    del project.rendered["baseline/template.yaml"], project.rendered["runbooks/budget.md"]
    project.rendered["template.yaml"] = FILES["template.yaml"].replace("    Tracing: Active\n", "")
    found = project.status()
    assert found.unrecorded == ["trace"]
    assert found.code == 0


def test_what_the_rendering_has_anyway_is_not_unrecorded(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = CATALOG["patterns"]["trace"]
    monkeypatch.setitem(trace, "template", "Globals: {Function: {Runtime: python3.13}}\n")
    project.chosen = ["alarm", "tuning", "budget"]
    del project.rendered["src/trace.py"]
    assert project.status().unrecorded == []


# The answers file


def test_what_is_wrong_with_the_answers(project: Project) -> None:
    project.chosen = ["tuning", "tunning"]
    project.answers = {"queue_delay": 7, "nonsense": 1, "runtime": "python3.13"}
    known = project.recorded()
    assert [(p.about, p.value) for p in known.problems] == [
        ("safeguards", '"tunning"'),
        ("nonsense", None),
        ("queue_delay", None),
    ]
    assert known.side.chosen == ["tuning"]
    assert not known.unusable


def test_safeguards_that_cannot_be_together(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = {"ja": "矛盾します。", "en": "It undoes it."}
    monkeypatch.setitem(CATALOG["patterns"]["tuning"], "conflicts", {"budget": reason})
    known = project.recorded()
    assert known.unusable
    assert [p.value for p in known.problems] == ["tuning + budget"]


# Without the template


def test_without_the_template_the_checks_speak(project: Project) -> None:
    project.chosen = ["queue", "trace", "tuning"]
    passed = Item("queue/works", Outcome.passed, "template.yaml", 1)
    project.items = {"queue": [passed], "trace": [fail("trace/works")]}
    trouble = Trouble("git.missing")
    found = status.unrendered(project.managed, project.recorded(), project.checked, trouble)
    assert states(found) == {"trace": "weakened", "tuning": "unknown"}
    assert found.code == 1
    project.items = {"queue": [passed], "trace": [passed]}
    found = status.unrendered(project.managed, project.recorded(), project.checked, trouble)
    assert found.code == 2
    project.chosen = ["queue", "trace"]
    found = status.unrendered(project.managed, project.recorded(), project.checked, trouble)
    assert found.code == 0


def test_by_the_rules_of_another_version_nobody_knows_the_answers(project: Project) -> None:
    project.chosen = []
    project.answers = {"of_another_version": 1}
    known = project.recorded()
    found = status.unrendered(project.managed, known, project.checked, Trouble("git.missing"))
    assert (found.problems, found.code) == ((), 2)


# Adopted projects

ADOPT = """\
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Delay: !Answer delay
"""


@pytest.fixture
def adopting(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An adopted project that had `trace` before, and has `queue` and `budget` now."""
    monkeypatch.setitem(CATALOG["patterns"]["queue"], "adopt", ADOPT)
    monkeypatch.setitem(CATALOG["patterns"]["trace"], "adopt", TRACE_BY_BLOCKS)
    project.adopted = {"template": "app/template.yaml", "own": ["trace"], "resources": {}}
    project.chosen = ["queue", "budget"]
    project.rendered = {k: FILES[k] for k in ("baseline/template.yaml", "runbooks/budget.md")}
    project.mine["app/template.yaml"] = FILES["template.yaml"]
    project.items = {"trace": [Item("trace/works", Outcome.passed, "app/template.yaml", 1)]}
    render_part(project)
    return project


def render_part(project: Project) -> None:
    side = project.recorded().side
    text = adopted.part(CATALOG, side.chosen, side.answers)
    project.rendered.pop("app/template.yaml", None)
    project.rendered |= {"app/template.yaml": text} if text else {}


def test_a_safeguard_that_an_adopted_project_had(adopting: Project) -> None:
    found = adopting.status()
    assert states(found) == {"trace": "own"}
    assert (found.changes, found.code) == ([], 0)
    adopting.items = {"trace": [fail("trace/works")]}
    found = adopting.status()
    assert states(found) == {"trace": "weakened"}
    assert found.code == 1


def test_what_was_there_before_and_is_chosen_is_ours(adopting: Project) -> None:
    adopting.chosen = ["queue", "trace"]
    render_part(adopting)
    adopting.edit("app/template.yaml", "Tracing: Active", "Tracing: PassThrough")
    found = adopting.status()
    assert states(found) == {"trace": "drifted"}
    assert [s.own for s in found.safeguards] == [False, False]


def test_what_was_there_before_and_is_needed_stays_the_users(adopting: Project) -> None:
    adopting.adopted["own"] = ["queue"]
    adopting.chosen = ["alarm"]
    render_part(adopting)
    adopting.edit("app/template.yaml", "Delay: 5", "Delay: 8")
    assert states(adopting.status()) == {"queue": "own"}


def test_our_part_of_an_adopted_template_is_compared(adopting: Project) -> None:
    adopting.edit("app/template.yaml", "Delay: 5", "Delay: 8")
    adopting.edit("app/template.yaml", "MemorySize: 512", "MemorySize: 1024")
    found = adopting.status()
    assert states(found) == {"queue": "drifted", "trace": "own"}
    assert [(m.name, m.recorded, m.found) for m in found.mismatches] == [("queue_delay", 5, 8)]
    assert found.changes == []


def test_a_record_of_an_adopted_project_that_was_damaged(project: Project) -> None:
    project.adopted = {"own": "trace"}
    known = project.recorded()
    assert known.unusable
    assert [p.about for p in known.problems] == ["adopted"]
    found = status.unrendered(project.managed, known, project.checked, None)
    assert (found.is_compared, found.code) == (False, 1)
