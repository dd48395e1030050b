"""`anshin status` on real projects, edited as users edit them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scaffolder import managed, published
from scaffolder.messages import LANGUAGES, Say
from scaffolder.plan import read_tree
from scaffolder.status import recorded
from scaffolder.status.comparing import leaves
from scaffolder.status.parts import Owners
from scaffolder.status.snippets import Snippets, read
from scaffolder.status.working import Files
from tests.cli.conftest import ANSHIN, Run, make_checkout

LANG = pytest.mark.parametrize("lang", LANGUAGES)
TEMPLATES = ("template.yaml", "baseline/template.yaml", "network/template.yaml")
ANSWERS = ".copier-answers.yml"
SETTINGS = {
    "apigw_throttling_rate_limit": "77",
    "structured_logs_with_context_retention_days": "7",
    "description": 'He said "hi": #1 \\ x',
    "budget_alerts_email": "a@b.example",
    "project_name": "on-call",
}

Made = Callable[..., Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A project of a preset, made once; not to be changed."""
    folder = tmp_path_factory.mktemp("made")

    def make(preset: str, lang: str = "en", **data: str) -> Path:
        path = folder / f"{preset}-{lang}-{len(data)}"
        if not path.exists():
            settings = [word for pair in data.items() for word in ("-d", "=".join(pair))]
            words = ["--lang", lang, "new", str(path), "--preset", preset, "--defaults"]
            subprocess.run([ANSHIN, *words, *settings], check=True, capture_output=True)
        return path

    return make


@pytest.fixture
def project(made: Made, tmp_path: Path) -> Path:
    """A strict project to edit."""
    return Path(shutil.copytree(made("strict"), tmp_path / "strict"))


def edit(path: Path, *pairs: tuple[str, str]) -> None:
    """Replace texts, each of which is there."""
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def data(run: Run, project: Path, code: int) -> dict[str, Any]:
    done = run("status", "--project", project, "--json")
    assert (done.returncode, done.stderr) == (code, "")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    """The safeguards that are not as they were rendered."""
    return {s["id"]: s["state"] for s in found["safeguards"] if s["state"] != "present"}


def messages(found: dict[str, Any], name: str) -> list[tuple[str, int | None, str]]:
    safeguard = next(s for s in found["safeguards"] if s["id"] == name)
    return [(f["file"], f["line"], f["message"]) for f in safeguard["findings"]]


def line_of(path: Path, text: str) -> int:
    """The line that a text is in; it is there once."""
    lines = path.read_text(encoding="utf-8").splitlines()
    (found,) = (n for n, line in enumerate(lines, 1) if text in line)
    return found


@pytest.mark.parametrize(
    ("preset", "lang", "settings"),
    [
        ("none", "en", {}),
        ("recommended", "ja", {}),
        ("strict", "en", {}),
        ("all", "ja", {}),
        ("all", "en", SETTINGS),
    ],
)
def test_nothing_is_said_against_an_untouched_project(
    anshin: Run, made: Made, preset: str, lang: str, settings: dict[str, str]
) -> None:
    found = data(anshin, made(preset, lang, **settings), 0)
    catalog = published.load()
    active = published.closure(catalog, catalog["presets"][preset]["safeguards"])
    assert [s["id"] for s in found["safeguards"]] == active
    assert states(found) == {}
    assert [f for s in found["safeguards"] for f in s["findings"]] == []
    assert found["own_changes"] == found["files"] == []
    assert found["answers"] == {"problems": [], "mismatches": [], "unrecorded": []}
    assert found["template"]["update_available"] is False
    assert found["template"]["error"] is None


@pytest.mark.parametrize("preset", ["strict", "all"])
def test_all_that_safeguards_bring_into_templates_is_theirs(made: Made, preset: str) -> None:
    """What nobody owned could be changed unseen."""
    base = read(made("none").joinpath("template.yaml").read_text(encoding="utf-8"))
    catalog, project = published.load(), managed.find(made(preset))
    side = recorded.read(project, project.version, catalog, Say("en")).side
    snippets, rendered = Snippets(side, {}), read_tree(project.root)
    files = Files(project.root, rendered, rendered.get, snippets.files)
    owners = Owners(files, side.active, snippets.of)
    general = {("AWSTemplateFormatVersion",), ("Description",), *leaves(base, base)}
    for file, stack in files.stacks.items():
        everything = leaves(stack.rendered, stack.rendered)
        assert everything.keys() - owners.all_in(file) - general == set(), file
    assert sum(len(owners.all_in(file)) for file in files.stacks) > 700


def test_layout_and_order_are_nothing(anshin: Run, project: Path) -> None:
    yaml = YAML()
    yaml.indent(mapping=4, sequence=6, offset=4)
    yaml.width = 60
    for name in TEMPLATES:
        document = yaml.load(project / name)
        for key in sorted(document["Resources"]):
            document["Resources"].move_to_end(key)
        with (project / name).open("w", encoding="utf-8", newline="\r\n") as file:
            yaml.dump(document, file)
    found = data(anshin, project, 0)
    assert (states(found), found["own_changes"]) == ({}, [])


def test_one_of_each(anshin: Run, project: Path) -> None:
    template = project / "template.yaml"
    edit(
        template,
        ("Type: Linear10PercentEvery1Minute", "Type: AllAtOnce"),
        ("ThrottlingRateLimit: 100", "ThrottlingRateLimit: 60"),
        ("MemorySize: 512", "MemorySize: 1024"),
    )
    text = template.read_text(encoding="utf-8")
    text = text.replace("        deadLetterTargetArn: !GetAtt OrderDlq.Arn\n", "")
    start, end = text.index("  OrderDlq:\n"), text.index("  OrderDlqAlarm:\n")
    template.write_text(text[:start] + text[end:], encoding="utf-8")
    page = project / "runbooks" / "apigw-throttling.md"
    page.write_text(page.read_text(encoding="utf-8") + "Call me.\n", encoding="utf-8")
    edit(project / ANSWERS, ("safeguards:\n", "safeguards:\n- lambda-power-tuning\n"))

    found = data(anshin, project, 1)
    assert states(found) == {
        "lambda-power-tuning": "missing",
        "sam-deployment-preference": "weakened",
        "sqs-buffering": "weakened",
        "apigw-throttling": "drifted",
    }
    rate = line_of(template, "ThrottlingRateLimit: 60")
    assert ("template.yaml", rate) in [m[:2] for m in messages(found, "apigw-throttling")]
    assert ("runbooks/apigw-throttling.md", line_of(page, "Call me.")) in [
        m[:2] for m in messages(found, "apigw-throttling")
    ]
    assert {
        "name": "apigw_throttling_rate_limit",
        "recorded": 100,
        "found": 60,
        "file": "template.yaml",
        "line": rate,
        "safeguard": "apigw-throttling",
    } in found["answers"]["mismatches"]
    assert "OrderDlq is gone." in [m[2] for m in messages(found, "sqs-buffering")]
    failed = {i["check"] for s in found["safeguards"] for i in s["failed"]}
    assert {"sam-deployment-preference/gradual-deploy", "sqs-buffering/queue-dlq"} <= failed
    assert [(c["file"], c["line"], c["found"]) for c in found["own_changes"]] == [
        ("template.yaml", line_of(template, "MemorySize: 1024"), 1024)
    ]

    done = anshin("status", cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0].startswith("strict-en-0: 23 safeguards (1 missing, 2 weakened, 1 drifted, ")
    assert "anshin add lambda-power-tuning     puts it into the files" in lines
    assert "anshin remove lambda-power-tuning  takes it off the record" in lines
    assert f"template.yaml:{rate}" in lines
    site = published.load()["site_url"]
    assert f"{site}en/patterns/sqs-buffering/" in lines
    assert "1 that is part of no safeguard; --verbose shows it" in lines
    assert "MemorySize" not in done.stdout
    assert "MemorySize" in anshin("status", "-v", cwd=project).stdout


@LANG
def test_a_terminal_of_80_columns_is_wide_enough(anshin: Run, project: Path, lang: str) -> None:
    from scaffolder.layout import width

    edit(project / "template.yaml", ("Type: Linear10PercentEvery1Minute", "Type: AllAtOnce"))
    edit(project / "src" / "orders" / "api.py", ("@tracer.capture_lambda_handler(", "@other("))
    done = anshin("status", cwd=project, lang=lang)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if width(line) > 80] == []


def test_without_what_is_missing_the_rest_is_compared(anshin: Run, project: Path) -> None:
    """The safeguard is woven into handlers and documents that belong to others."""
    edit(project / ANSWERS, ("safeguards:\n", "safeguards:\n- lambda-insights\n"))
    found = data(anshin, project, 1)
    assert states(found) == {"lambda-insights": "missing"}
    assert found["own_changes"] == []


def test_a_safeguard_taken_off_the_answers_by_hand(anshin: Run, project: Path) -> None:
    edit(project / ANSWERS, ("- apigw-resource-policy\n", ""))
    found = data(anshin, project, 1)
    assert found["answers"]["unrecorded"] == ["apigw-resource-policy"]
    (problem,) = found["answers"]["problems"]
    assert "apigw_resource_policy_allowed_cidrs" in problem["about"]
    assert states(found) == {}


def test_answers_that_cannot_be_used(anshin: Run, project: Path) -> None:
    edit(
        project / ANSWERS,
        ("- emf-metrics\n", "- emf-metricz\n"),
        ("sqs_buffering_alarm_age: 300", "sqs_buffering_alarm_age: often"),
        ("runtime: python3.14", "runtime: python3.13"),
    )
    done = anshin("status", cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    assert 'safeguards: "emf-metricz"' in done.stdout
    assert "Did you mean emf-metrics?" in done.stdout
    assert 'sqs_buffering_alarm_age: "often"' in done.stdout
    assert "runtime: the answers say python3.13, the file says python3.14." in done.stdout


def test_a_conflict_that_was_not_solved(anshin: Run, project: Path) -> None:
    template = project / "template.yaml"
    edit(template, ("    MemorySize: 512\n", "<<<<<<< yours\n    MemorySize: 512\n"))
    found = data(anshin, project, 1)
    line = line_of(template, "<<<<<<<")
    assert [(f["file"], f["line"]) for f in found["files"]] == [("template.yaml", line)]
    said = states(found)
    assert said["apigw-throttling"] == "unknown"
    assert "budget-alerts" not in said
    assert set(said.values()) == {"unknown"}


def test_the_template_is_out_of_reach(anshin: Run, project: Path) -> None:
    edit(project / "template.yaml", ("Type: Linear10PercentEvery1Minute", "Type: AllAtOnce"))
    done = anshin("status", "--template", "nowhere", "--json", cwd=project)
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert "nowhere" in found["template"]["error"]
    assert found["template"]["newest"] is None
    assert states(found)["sam-deployment-preference"] == "weakened"
    assert [f for s in found["safeguards"] for f in s["findings"]] == []
    done = anshin("status", "--template", "nowhere", cwd=project)
    assert "this is only what the" in done.stdout


def test_a_version_that_nobody_has(anshin: Run, made: Made, tmp_path: Path) -> None:
    project = Path(shutil.copytree(made("recommended"), tmp_path / "recommended"))
    text = (project / ANSWERS).read_text(encoding="utf-8")
    version = next(w for w in text.split() if w.startswith("v0."))
    edit(project / ANSWERS, (version, "v0.0.1"))
    found = data(anshin, project, 0)
    assert "v0.0.1" in found["template"]["error"]
    assert states(found) == {}


def test_a_newer_template(anshin: Run, tmp_path: Path) -> None:
    """One version made the project; another one is there now."""
    checkout = make_checkout(tmp_path / "checkout")
    git(checkout, "init", "--quiet")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "first")
    git(checkout, "tag", "v0.1.0")
    folder = Path(anshin.folder)  # type: ignore[attr-defined]
    words = ("--template", checkout)
    made = anshin("new", "svc", "--preset", "recommended", "--defaults", *words)
    assert made.returncode == 0, made.stderr
    (checkout / "templates" / "project" / "README.md").write_text("# New\n", encoding="utf-8")
    done = anshin("status", "--project", "svc", "--json", *words)
    found = json.loads(done.stdout)
    assert found["template"]["version"] == "v0.1.0"
    assert found["template"]["newest"].startswith("v0.1.0+")
    assert found["template"]["update_available"] is True
    assert (states(found), found["own_changes"], done.returncode) == ({}, [], 0)
    assert "anshin update" in anshin("status", *words, cwd=folder / "svc").stdout


def test_it_writes_nothing(anshin: Run, project: Path) -> None:
    edit(project / "template.yaml", ("MemorySize: 512", "MemorySize: 1024"))
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    data(anshin, project, 0)
    assert {p: p.read_bytes() for p in project.rglob("*") if p.is_file()} == before


def test_no_project(anshin: Run, tmp_path: Path) -> None:
    done = anshin("status", "--project", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "anshin adopt" in done.stderr


SAM = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Tracing: Active
Resources:
  ShopApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      TracingEnabled: true
  ShopFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: shop/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Buy:
          Type: Api
          Properties: {RestApiId: !Ref ShopApi, Path: /buy, Method: get}
"""


def test_an_adopted_project(anshin: Run, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    (project / "shop").mkdir(parents=True)
    template = project / "template.yaml"
    template.write_text(SAM, encoding="utf-8")
    (project / "shop" / "app.py").write_text("def handler(event, context):\n    return {}\n")
    git(project, "init", "--quiet")
    assert anshin("adopt", "--yes", cwd=project).returncode == 0
    found = data(anshin, project, 0)
    assert states(found)["xray-tracing"] == "own"

    added = anshin("add", "--yes", "apigw-throttling", "cold-start-insights-query", cwd=project)
    assert added.returncode == 0, added.stderr
    found = data(anshin, project, 0)
    assert set(states(found).values()) == {"own"}
    assert found["own_changes"] == []

    edit(template, ("ThrottlingRateLimit: 100", "ThrottlingRateLimit: 60"))
    edit(template, ("Tracing: Active", "Tracing: PassThrough"))
    edit(template, ("filter type =", "filter kind ="))
    found = data(anshin, project, 1)
    said = states(found)
    assert said["apigw-throttling"] == "drifted"
    assert said["xray-tracing"] == "weakened"
    assert messages(found, "cold-start-insights-query")
    names = [m["name"] for m in found["answers"]["mismatches"]]
    assert names == ["apigw_throttling_rate_limit"]


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)
