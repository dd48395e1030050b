"""Files made to break a checker: each ends with findings or with "cannot read", soon."""

from __future__ import annotations

import copy
import json
import random
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder.checks.code import Packages
from scaffolder.checks.command import run
from scaffolder.checks.files import Tree
from scaffolder.checks.reading import Unreadable, parse
from scaffolder.checks.report import as_json, as_text
from scaffolder.checks.run import Report, Result, Source, check_sources, chosen
from scaffolder.checks.template import Template
from tests.bar import generate

ROOT = Path(__file__).parents[2]
CATALOG: dict[str, Any] = json.loads((ROOT / "scaffolder" / "catalog.json").read_text("utf-8"))
CHECKS = chosen(CATALOG, None)


def reported(data: bytes, folder: Path) -> Report:
    """All checks of the catalog on one template, and both forms of the report."""
    report = Report(["template.yaml"])
    try:
        template = Template(parse(data, folder / "template.yaml", "template.yaml"))
    except Unreadable as error:
        assert error.place.line >= 1
        return report
    functions = Packages(Tree(folder)).functions(template)
    source = Source(template, functions, "template.yaml")
    for pattern, checks in CHECKS.items():
        scope = CATALOG["patterns"][pattern]["scope"]
        report.results[pattern] = Result(pattern, check_sources(checks, [source], scope))
    as_text(report, CATALOG, "ja", verbose=True, width=80)
    json.loads(as_json(report, CATALOG, "en", verbose=True))
    return report


def tower(levels: int) -> str:
    """Aliases that double at each level."""
    lines = ["x0: &x0 {a: 1}"]
    lines += [f"x{n}: &x{n} {{a: *x{n - 1}, b: *x{n - 1}}}" for n in range(1, levels)]
    return "\n".join(lines)


def flags(count: int) -> str:
    names = [f"C{n}" for n in range(count)]
    parameters = "\n".join(f"  {name}: {{Type: String}}" for name in names)
    conditions = "\n".join(f"  {name}: !Equals [!Ref {name}, 'yes']" for name in names)
    keys = "\n".join(f"      {name}: !If [{name}, a, b]" for name in names)
    resource = f"  F:\n    Type: AWS::Serverless::Function\n    Properties:\n{keys}"
    return f"Parameters:\n{parameters}\nConditions:\n{conditions}\nResources:\n{resource}\n"


def many(count: int) -> str:
    function = "Type: AWS::Serverless::Function, Properties: {Runtime: nodejs24.x}"
    return "Resources:\n" + "".join(f"  F{n}: {{{function}}}\n" for n in range(count))


def nested(text: str, levels: int) -> str:
    return "Resources: {A: {Type: T, Properties: {V: " + text * levels + "1" + "]" * levels + "}}}"


HOSTILE = {
    "a tower of aliases": tower(60),
    "a tower of aliases among resources": f"{tower(15)}\nResources:\n  A: {{Type: T, P: *x14}}\n",
    "as many conditions as can be": flags(150),
    "a condition that asks for itself": (
        "Conditions: {A: !Not [!Condition B], B: !And [!Condition A, !Condition A]}\n"
        "Resources: {F: {Type: T, Properties: {X: !If [A, 1, !If [B, 2, 3]]}}}\n"
    ),
    "ifs in ifs": nested("!If [C, 1, ", 40),
    "joins in joins": nested("!Join ['', [", 40).replace("]}}}", "]" * 40 + "]}}}"),
    "references in a circle": (
        "Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy:"
        " {deadLetterTargetArn: !GetAtt B.Arn}}}\n  B: {Type: AWS::SQS::Queue, Properties:"
        " {RedrivePolicy: {deadLetterTargetArn: !GetAtt A.Arn}}}\n"
    ),
    "a stack that nests itself": (
        "Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL:"
        " template.yaml}}\n  F: {Type: AWS::Serverless::Function, Properties: {VpcConfig:"
        " {SubnetIds: [!GetAtt S.Outputs.X], SecurityGroupIds: [!GetAtt S.Outputs.Y]}}}\n"
        "Outputs: {X: {Value: !GetAtt S.Outputs.X}, Y: {Value: !GetAtt S.Outputs.Y}}\n"
    ),
    "resources called like functions": "Resources: {Ref: {Type: T}}\n",
    "one resource called like a function": "Resources: {'Fn::Sub': '${A}'}\n",
    "a key that is a long text": f"Resources: {{'{'k' * 900}': {{Type: T}}}}\n",
    "a very long line": f"Resources: {{A: {{Type: T, Properties: {{V: '{'x' * 300_000}'}}}}}}\n",
    "braces in strings": "Resources: {A: {Type: '{resource}', Properties: {V: '${{{}}}'}}}\n",
    "numbers beyond all bounds": (
        f"Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {{Timeout: {'9' * 400},"
        " MemorySize: .inf, ReservedConcurrentExecutions: .nan}}}\n"
    ),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_soon_and_quietly(text: str, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    start = time.monotonic()
    said, code = run([tmp_path], CATALOG, "en", False, [], True, False, 80)
    assert code in (0, 1, 2) and said
    # A bound on what is endless, not a measure of speed.
    assert time.monotonic() - start < 20


def test_five_hundred_resources_are_no_burden(tmp_path: Path) -> None:
    start = time.monotonic()
    report = reported(many(500).encode(), tmp_path)
    assert sum(len(result.items) for result in report.results.values()) > 500
    assert time.monotonic() - start < 10


def test_a_file_that_is_no_file_is_no_template(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "template.yaml").mkdir()
    (tmp_path / "b" / "template.yaml").symlink_to("template.yaml")
    (tmp_path / "template.yaml").write_text("Resources: {}\n")
    said, _ = run([tmp_path], CATALOG, "en", True, [], False, False, 0)
    assert [Path(name).parent for name in json.loads(said)["templates"]] == [tmp_path]


@cache
def seeds() -> list[Any]:
    """Real templates to spoil: a project with everything, and its account template."""
    import tempfile

    folder = Path(tempfile.mkdtemp())
    generate(folder / "p", {"safeguards": list(CATALOG["presets"]["all"]["safeguards"])})
    found = []
    for path in sorted(folder.rglob("template.yaml")):
        found.append(json.loads(json.dumps(parse(path.read_bytes(), path, "t").root)))
    return found


JUNK: list[Any] = [
    *(None, True, -1, 3.5, "", "x", [], {}, [None], "{{resolve:ssm:/a}}", 10**30, "\u202e\x1b"),
    *({"Ref": "AWS::NoValue"}, {"Ref": None}, {"Ref": ["a"]}, {"Fn::If": ["C"]}),
    *({"Fn::If": ["C", {"a": 1}, {"Ref": "AWS::NoValue"}]}, {"Fn::Sub": "${A}-${B.C}"}),
    *({"Fn::Sub": ["${A}", {"A": {"Ref": "P"}}]}, {"Fn::GetAtt": "A.B"}, {"Fn::GetAtt": []}),
    *({"Fn::Join": ["", ["a", {"Ref": "Q"}, None, {}]]}, {"Fn::Select": [0, []]}),
    *({"Fn::Transform": {"Name": "AWS::Include"}}, {"Fn::Transform": {}, "b": 1}),
    *({"Fn::ImportValue": "x"}, {"Fn::FindInMap": ["a", "b", "c"]}, {"Fn::Split": [",", 1]}),
]
KEYS = ["Condition", "Fn::If", "Ref", "Type", "Properties", "Fn::Transform", "Events", "Globals"]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    members = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for key, member in members:
        found += places(member, (*path, key))
    return found


def spoiled(value: Any, rnd: random.Random) -> Any:
    """The value with a few of its members replaced, dropped or added."""
    value = copy.deepcopy(value)
    for _ in range(rnd.randint(1, 5)):
        *above, last = rnd.choice(places(value))
        holder = value
        for step in above:
            holder = holder[step]
        how = rnd.random()
        if how < 0.6:
            holder[last] = copy.deepcopy(rnd.choice(JUNK))
        elif isinstance(holder, dict) and how < 0.8:
            del holder[last]
        elif isinstance(holder, dict):
            holder[rnd.choice(KEYS)] = copy.deepcopy(rnd.choice(JUNK))
        if not places(value):
            return value
    return value


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 10**9))
def test_spoiled_templates_are_survived(tmp_path: Path, seed: int) -> None:
    rnd = random.Random(seed)  # noqa: S311, chance for tests
    value = spoiled(rnd.choice(seeds()), rnd)
    reported(json.dumps(value).encode(), tmp_path)
