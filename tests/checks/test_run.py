"""Whole projects: which templates are found, and what is said of each pattern."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder.checks.run import Report, check_paths, check_project
from tests.checks.support import catalog, check

QUEUE = "$.Resources[?@.Type == 'AWS::SQS::Queue'].Properties"
ENCRYPTED = {"required": ["Encrypted"]}
GOOD = "Resources:\n  Good: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}\n"
BAD = "Resources:\n  Bad: {Type: AWS::SQS::Queue, Properties: {}}\n"
OTHER = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"


def one(scope: str = "project", **words: Any) -> dict[str, Any]:
    """A catalog of one pattern with one check."""
    return catalog(queues={"checks": {"enc": check(**words).data}, "scope": [scope]})


ALL = one(select=[QUEUE], assert_=ENCRYPTED)


def project(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path = path.with_suffix(".yaml") if not path.suffix else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def outcome(report: Report) -> str:
    return report.results["queues"].outcome.value


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"template": GOOD}, "pass"),
        ({"template": BAD}, "fail"),
        ({"template": OTHER}, "not-applicable"),
        ({"template": GOOD, "sub__template": BAD}, "fail"),
        ({"template": GOOD, "sub__template": OTHER}, "pass"),
        ({"template": "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: !Ref P}\n"}, "unknown"),
    ],
)
def test_a_pattern_is_as_good_as_its_worst_item(
    tmp_path: Path, files: dict[str, str], expected: str
) -> None:
    project(tmp_path, **files)
    if "!Ref P" in files["template"]:
        text = "Parameters: {P: {Type: String}}\n" + files["template"]
        (tmp_path / "template.yaml").write_text(text)
    assert outcome(check_project(tmp_path, ALL)) == expected


def test_templates_are_found_by_their_names_and_only_the_projects_own(tmp_path: Path) -> None:
    project(tmp_path, template=GOOD, sub__template=GOOD, deep__er__template=GOOD)
    (tmp_path / "yml").mkdir()
    (tmp_path / "yml" / "template.yml").write_text(GOOD)
    (tmp_path / "json").mkdir()
    resources = {"Good": {"Type": "AWS::SQS::Queue", "Properties": {"Encrypted": True}}}
    (tmp_path / "json" / "template.json").write_text(json.dumps({"Resources": resources}))
    hidden = (".aws-sam/build", ".venv/x", "node_modules/y", "cdk.out", "vendor/z", ".git/w")
    for folder in hidden:
        project(tmp_path / folder, template=BAD)
    project(tmp_path, other=BAD)
    report = check_project(tmp_path, ALL)
    assert [Path(name).parent.name for name in report.templates] == [
        "er",
        "json",
        "sub",
        tmp_path.name,
        "yml",
    ]
    assert outcome(report) == "pass"


def test_a_file_of_any_name_can_be_given(tmp_path: Path) -> None:
    project(tmp_path, stack=BAD)
    assert outcome(check_project(tmp_path / "stack.yaml", ALL)) == "fail"
    assert check_project(tmp_path, ALL).templates == []


def test_a_file_that_only_happens_to_be_called_template_is_passed_over(tmp_path: Path) -> None:
    project(tmp_path, template="openapi: 3.0.1\npaths: {}\n")
    report = check_project(tmp_path, ALL)
    assert (report.templates, report.problems) == ([], [])
    (problem,) = check_project(tmp_path / "template.yaml", ALL).problems
    assert problem.reason.word == "no-resources"


def test_one_unreadable_file_does_not_stop_the_others(tmp_path: Path) -> None:
    project(tmp_path, template=GOOD, sub__template="A: [\n")
    report = check_project(tmp_path, ALL)
    assert outcome(report) == "pass"
    (problem,) = report.problems
    assert problem.file.endswith("sub/template.yaml") and problem.reason.word == "not-yaml"


@pytest.mark.parametrize(
    "resources",
    [
        *(
            "",
            "null",
            "[]",
            "text",
            "{A: null}",
            "{A: [1]}",
            "{A: {Type: null}}",
            "{A: {Type: {}}}",
        ),
        *("{A: {Properties: []}}", "{A: {Type: AWS::SQS::Queue, Properties: text}}"),
        "{A: {Type: AWS::Serverless::Function, Properties: {Events: []}}}",
        "{A: {Type: AWS::Serverless::Function, Properties: {Events: {B: null}}}}",
        "{A: {Type: AWS::Serverless::Function, IgnoreGlobals: {}, Condition: [x]}}",
    ],
)
def test_resources_of_any_shape_are_survived(tmp_path: Path, resources: str) -> None:
    text = f"Globals: [x]\nParameters: [y]\nConditions: z\nMappings: 1\nResources: {resources}\n"
    project(tmp_path, template=text)
    check_project(tmp_path, ALL)


ACCOUNT = one("account", select=[QUEUE], assert_=ENCRYPTED)
ACCOUNT_SOME = one("account", select=[QUEUE], assert_=ENCRYPTED, expect="some")


@pytest.mark.parametrize("words", [ACCOUNT, ACCOUNT_SOME])
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"template": OTHER}, "unknown"),
        ({"template": OTHER, "baseline__template": GOOD}, "pass"),
        ({"template": OTHER, "baseline__template": BAD}, "fail"),
    ],
)
def test_what_lives_in_the_account_may_be_in_another_stack(
    tmp_path: Path, words: dict[str, Any], files: dict[str, str], expected: str
) -> None:
    report = check_project(project(tmp_path, **files), words)
    assert outcome(report) == expected
    if expected == "unknown":
        (item,) = report.items
        assert item.reason is not None and item.reason.word == "maybe-elsewhere"


def test_some_is_asked_of_the_project_not_of_each_template(tmp_path: Path) -> None:
    some = one(select=[QUEUE], expect="some")
    project(tmp_path, template=OTHER, sub__template=GOOD)
    assert outcome(check_project(tmp_path, some)) == "pass"
    assert outcome(check_project(tmp_path / "template.yaml", some)) == "fail"


def test_only_what_is_asked_for_is_evaluated(tmp_path: Path) -> None:
    enc = check(select=[QUEUE], assert_=ENCRYPTED).data
    both = catalog(queues={"checks": {"enc": enc, "two": enc}}, more={"checks": {"enc": enc}})
    project(tmp_path, template=BAD)
    ran = {item.check for item in check_project(tmp_path, both, ["queues/two", "more"]).items}
    assert ran == {"queues/two", "more/enc"}


def test_functions_in_other_languages_are_counted(tmp_path: Path) -> None:
    text = """
Globals: {Function: {Runtime: nodejs24.x, Handler: a.b}}
Resources:
  A: {Type: AWS::Serverless::Function}
  B: {Type: AWS::Serverless::Function}
  C: {Type: AWS::Serverless::Function, Properties: {Runtime: java21}}
"""
    project(tmp_path, template=text)
    words = one(predicate="module_state_mutated")
    report = check_project(tmp_path, words)
    assert report.foreign == {"nodejs24.x": 2, "java21": 1}
    assert outcome(report) == "not-applicable"


def test_several_paths_are_one_project(tmp_path: Path) -> None:
    project(tmp_path, a__template=GOOD, b__template=BAD)
    report = check_paths([tmp_path / "a", tmp_path / "b" / "template.yaml"], ALL)
    assert len(report.templates) == 2
    assert outcome(report) == "fail"


PARENT = """\
Resources:
  Own: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: ./inner/stack.yaml}}
  Elsewhere: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://x.invalid/y}}
  Missing: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: gone.yaml}}
  Odd: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: x}}}
"""
CHILD = GOOD + "  Back: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../app.yml}}\n"


def test_an_adopted_project_is_its_template_and_what_that_nests(tmp_path: Path) -> None:
    """Other templates in its folder belong to somebody else, and its own may have any name."""
    project(tmp_path, infra__app=PARENT, infra__inner__stack=CHILD, template=BAD)
    project(tmp_path, baseline__template=GOOD, config__template=OTHER)
    (tmp_path / "infra" / "app.yaml").rename(tmp_path / "infra" / "app.yml")
    catalog = {**ALL, "stacks": {"template": "template.yaml", "b": "baseline/template.yaml"}}
    assert outcome(check_project(tmp_path, catalog)) == "fail"
    wanted = ["infra/app.yml", "infra/inner/stack.yaml", "baseline/template.yaml"]

    def names(report: Report) -> list[str]:
        return [Path(name).relative_to(tmp_path).as_posix() for name in report.templates]

    given = check_project(tmp_path, catalog, template=tmp_path / "infra" / "app.yml")
    record = "_src_path: x\nadopted: {template: infra/app.yml}\nsafeguards: []\n"
    (tmp_path / ".copier-answers.yml").write_text(record)
    report = check_project(tmp_path, catalog)
    assert outcome(report) == "pass"
    assert names(report) == names(given) == wanted
    assert outcome(check_project(tmp_path / "template.yaml", catalog)) == "fail"


@pytest.mark.parametrize(
    "record", ["[", "- x", "adopted: {template: app.yaml}", "_src_path: x\nadopted: {template: 1}"]
)
def test_a_record_that_cannot_be_used_changes_nothing(tmp_path: Path, record: str) -> None:
    project(tmp_path, template=GOOD, app=BAD)
    (tmp_path / ".copier-answers.yml").write_text(record)
    assert outcome(check_project(tmp_path, ALL)) == "pass"


def test_a_path_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = check_project(tmp_path / "nowhere", ALL).problems
    assert problem.reason.word == "not-found"


def test_code_that_two_templates_share_is_reported_once(tmp_path: Path) -> None:
    text = """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.14, Handler: app.handler, CodeUri: FOLDER}
"""
    project(tmp_path, template=text.replace("FOLDER", "src"))
    project(tmp_path, sub__template=text.replace("FOLDER", "../src"))
    (tmp_path / "src").mkdir()
    code = "SEEN = []\ndef handler(event, context):\n    SEEN.append(event)\n"
    (tmp_path / "src" / "app.py").write_text(code)
    report = check_project(tmp_path, one(predicate="module_state_mutated"))
    assert [(i.outcome.value, i.line) for i in report.items] == [("fail", 3)]


def test_a_template_given_twice_is_checked_once(tmp_path: Path) -> None:
    project(tmp_path, template=BAD)
    report = check_paths([tmp_path, tmp_path / "template.yaml", tmp_path], ALL)
    assert (len(report.templates), len(report.items)) == (1, 1)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "/dev/null", "template.yaml/below"])
def test_odd_paths_are_problems(tmp_path: Path, name: str) -> None:
    project(tmp_path, template=BAD)
    report = check_project(tmp_path / name, ALL)
    assert report.problems and not report.templates
