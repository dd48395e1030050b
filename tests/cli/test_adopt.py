"""`anshin adopt`: what it records of projects that it did not make, and what follows from that."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pexpect
import pytest
import yaml

from scaffolder import published
from scaffolder.messages import LANGUAGES
from tests.catalog.foreign import CODE, EXPLICIT, HTTP, IMPLICIT, QUEUE
from tests.cli.conftest import ANSHIN, COPIER, Run, make_checkout
from tests.unit.test_source import git, release

LANG = pytest.mark.parametrize("lang", LANGUAGES)
ANSWERS = ".copier-answers.yml"
ENTER, DOWN, SPACE = "\r", "\x1b[B", " "


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def repository(root: Path, **files: str) -> Path:
    """A committed project; `template_yaml` is a file called `template.yaml`."""
    for name, text in files.items():
        write(root, name.replace("_", "."), text)
    write(root, "src/app.py", CODE)
    git(root, "init", "--quiet")
    commit(root)
    return root


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "x")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with one function and an API that SAM makes."""
    return repository(tmp_path / "my-service", template_yaml=IMPLICIT)


def recorded(root: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((root / ANSWERS).read_text(encoding="utf-8")))


# What it writes and says.


@LANG
def test_one_file_is_written(anshin: Run, project: Path, lang: str) -> None:
    done = anshin("adopt", cwd=project, lang=lang)
    assert (done.returncode, done.stderr) == (0, "")
    assert git(project, "status", "--porcelain", "--ignored") == f"?? {ANSWERS}"
    found = recorded(project)
    assert (found["project_name"], found["language"]) == ("my-service", lang)
    assert (found["runtime"], found["architecture"]) == ("python3.12", "x86_64")
    assert found["safeguards"] == []
    assert found["adopted"]["template"] == "template.yaml"
    assert found["adopted"]["resources"]["ApiFunction"] == ["HelloWorldFunction"]
    assert found["_src_path"] == published.load()["source_url"]
    for word in ("HelloWorldFunction", "ServerlessRestApi", "anshin plan add", ANSWERS):
        assert word in done.stdout


def test_every_safeguard_is_accounted_for_once(anshin: Run, project: Path) -> None:
    done = anshin("adopt", "--json", cwd=project)
    data = json.loads(done.stdout)
    named = [one["id"] for key in ("own", "addable", "refused") for one in data[key]]
    assert sorted(named) == sorted(published.safeguards(published.load()))
    assert data["path"] == str(project)
    assert data["files"] == [ANSWERS]
    assert all(one["reason"] for one in data["refused"])
    kept = {"template": data["template"], "resources": data["resources"]}
    assert kept.items() <= recorded(project)["adopted"].items()


def test_safeguards_that_are_there_are_the_users_own(anshin: Run, tmp_path: Path) -> None:
    traced = repository(tmp_path / "traced", template_yml=EXPLICIT)
    bare = repository(tmp_path / "bare", template_yml=EXPLICIT.replace("Tracing", "Other"))
    own = [json.loads(anshin("adopt", "--json", cwd=root).stdout)["own"] for root in (traced, bare)]
    more = {one["id"] for one in own[0]} - {one["id"] for one in own[1]}
    (name,) = more
    assert name in recorded(traced)["adopted"]["own"]
    assert "Tracing: Active" in published.load()["patterns"][name]["adopt"]
    checked = anshin("check", "--json", cwd=traced)
    assert name in [one["id"] for one in json.loads(checked.stdout)["patterns"]]


def test_settings_of_the_project_are_recorded(anshin: Run, project: Path) -> None:
    settings = 'stack_name = "MyStack"\nregion = "eu-west-1"\n'
    write(project, "samconfig.toml", f"[default.deploy.parameters]\n{settings}")
    assert anshin("adopt", cwd=project).returncode == 0
    found = recorded(project)
    assert (found["project_name"], found["region"]) == ("mystack", "eu-west-1")
    assert found["adopted"]["stack"] == "MyStack"


def test_answers_can_be_given(anshin: Run, project: Path) -> None:
    done = anshin("adopt", "--data", "project_name=other", "--data", "language=ja", cwd=project)
    assert done.returncode == 0
    assert (recorded(project)["project_name"], recorded(project)["language"]) == ("other", "ja")


def test_a_place_can_be_named(anshin: Run, project: Path, tmp_path: Path) -> None:
    done = anshin("adopt", "my-service", cwd=tmp_path)
    assert done.returncode == 0
    assert "  cd my-service\n" in done.stdout
    assert (project / ANSWERS).is_file()


def test_a_template_can_be_named(anshin: Run, tmp_path: Path) -> None:
    root = repository(tmp_path / "p", template_yaml=HTTP, app_yaml=QUEUE)
    write(root, "infra/sam.yaml", EXPLICIT)
    assert anshin("adopt", "--sam-template", "infra/sam.yaml", cwd=root).returncode == 0
    assert recorded(root)["adopted"]["template"] == "infra/sam.yaml"
    assert anshin("undo", cwd=root).returncode == 0
    assert anshin("adopt", "app.yaml", cwd=root).returncode == 0
    assert recorded(root)["adopted"]["template"] == "app.yaml"


def test_it_can_be_taken_back(anshin: Run, project: Path) -> None:
    anshin("adopt", cwd=project)
    done = anshin("undo", cwd=project)
    assert done.returncode == 0
    assert "anshin adopt" in done.stdout
    assert git(project, "status", "--porcelain", "--ignored") == ""


def test_a_template_in_json_is_left_alone(anshin: Run, tmp_path: Path) -> None:
    text = json.dumps(yaml.safe_load(HTTP.replace("!Ref ", "")))
    root = repository(tmp_path / "p", template_json=text)
    done = anshin("adopt", cwd=root)
    assert done.returncode == 0
    assert "a template in JSON cannot be edited" in done.stdout
    patterns = published.load()["patterns"]
    name = next(i for i, entry in patterns.items() if entry["adopt"])
    refused = anshin("add", name, "--yes", cwd=root)
    assert refused.returncode == 2
    assert "JSON" in refused.stderr
    assert recorded(root)["safeguards"] == []


# Who plays which role.


def test_functions_can_be_chosen(anshin: Run, tmp_path: Path) -> None:
    root = repository(tmp_path / "p", template_yml=EXPLICIT)
    done = anshin("adopt", "--resource", "ApiFunction=PutFunction", cwd=root)
    assert done.returncode == 0
    assert recorded(root)["adopted"]["resources"]["ApiFunction"] == ["PutFunction"]
    assert "Left out: ListFunction." in done.stdout


@LANG
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PutFunction", ["PutFunction"]),
        ("ApiFunction=", ["ApiFunction="]),
        ("Function=PutFunction", ["Function", "ApiFunction"]),
        ("ApiFunction=PutFunktion", ["PutFunktion", "PutFunction"]),
        ("ApiFunction=RestApi", ["RestApi", "template.yml"]),
    ],
)
def test_a_wrong_resource_is_named(
    anshin: Run, tmp_path: Path, lang: str, text: str, words: list[str]
) -> None:
    root = repository(tmp_path / "p", template_yml=EXPLICIT)
    done = anshin("adopt", "--resource", text, cwd=root, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(word in done.stderr for word in words)
    assert not (root / ANSWERS).exists()


class Terminal:
    """Somebody at a terminal."""

    def __init__(self, environment: dict[str, str], here: Path, *words: str) -> None:
        self.child: Any = pexpect.spawn(
            str(ANSHIN),
            ["adopt", *words],
            env={**environment, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
            cwd=str(here),
            encoding="utf-8",
            timeout=30,
            dimensions=(40, 80),
        )

    def answers(self, question: str, *keys: str) -> None:
        self.child.expect_exact(question)
        for key in keys:
            self.child.send(key)

    def ends(self) -> int:
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus)


def test_on_a_terminal_it_asks(environment: dict[str, str], tmp_path: Path) -> None:
    root = repository(tmp_path / "p", template_yaml=HTTP, template_yml=EXPLICIT)
    terminal = Terminal(environment, root)
    terminal.answers("SAM template to adopt", DOWN, ENTER)
    terminal.answers("Functions that the safeguards are for", SPACE, ENTER)
    assert terminal.ends() == 0
    found = recorded(root)["adopted"]
    assert (found["template"], found["resources"]["ApiFunction"]) == (
        "template.yml",
        ["PutFunction"],
    )


def test_an_interruption_writes_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    root = repository(tmp_path / "p", template_yml=EXPLICIT)
    terminal = Terminal(environment, root)
    terminal.answers("Functions that the safeguards are for", "\x03")
    assert terminal.ends() == 130
    assert git(root, "status", "--porcelain", "--ignored") == ""


def test_yes_asks_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    root = repository(tmp_path / "p", template_yml=EXPLICIT)
    assert Terminal(environment, root, "--yes").ends() == 0
    assert recorded(root)["adopted"]["resources"]["ApiFunction"] == ["ListFunction", "PutFunction"]


# What it refuses.

PLAIN = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"


@LANG
@pytest.mark.parametrize(
    ("files", "words", "expected"),
    [
        ({}, [], ["--sam-template"]),
        ({"template_yaml": PLAIN}, [], ["--sam-template"]),
        ({"template_yaml": PLAIN}, ["template.yaml"], ["AWS::Serverless-2016-10-31"]),
        (
            {"template_yaml": f"Transform: AWS::Serverless-2016-10-31\n{PLAIN}"},
            ["template.yaml"],
            ["AWS::Serverless::Function"],
        ),
        ({"template_yaml": "Resources:\n  A: ["}, ["template.yaml"], ["template.yaml:3:1"]),
        ({"template_yaml": "\0"}, ["template.yaml"], ["template.yaml:1:1"]),
        ({"template_yaml": HTTP}, ["nowhere"], ["nowhere"]),
        ({"template_yaml": HTTP}, ["--sam-template", "other.yaml"], ["other.yaml"]),
        ({"template_yaml": HTTP}, ["--data", "region=moon"], ["region", "moon"]),
        ({"template_yaml": HTTP}, ["--data", "region"], ["NAME=VALUE"]),
        ({"template_yaml": HTTP, "template_yml": QUEUE}, [], ["template.yaml", "template.yml"]),
        (
            {"template_yaml": HTTP, ANSWERS: "_commit: v1\n_src_path: https://x.invalid/y\n"},
            [],
            [ANSWERS, "Copier"],
        ),
        ({"template_yaml": HTTP, ANSWERS: "a: [\n"}, [], [f"{ANSWERS}"]),
    ],
)
def test_what_cannot_be_adopted(
    anshin: Run,
    tmp_path: Path,
    lang: str,
    files: dict[str, str],
    words: list[str],
    expected: list[str],
) -> None:
    root = repository(tmp_path / "p", **files)
    done = anshin("adopt", *words, cwd=root, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("anshin: ")
    for word in expected:
        assert word in done.stderr
    assert git(root, "status", "--porcelain", "--ignored") == ""


@LANG
def test_one_service_of_several(anshin: Run, tmp_path: Path, lang: str) -> None:
    root = tmp_path / "mono"
    for name in ("a", "b"):
        write(root, f"services/{name}/template.yaml", QUEUE)
    repository(root)
    done = anshin("adopt", cwd=root, lang=lang)
    assert done.returncode == 2
    assert "anshin adopt services/a" in done.stderr
    for name in ("a", "b"):
        assert anshin("adopt", f"services/{name}", cwd=root).returncode == 0
        assert recorded(root / "services" / name)["project_name"] == name


@LANG
def test_without_git_nothing_is_written(anshin: Run, tmp_path: Path, lang: str) -> None:
    write(tmp_path, "p/template.yaml", HTTP)
    done = anshin("adopt", cwd=tmp_path / "p", lang=lang, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.returncode == 2
    assert "git init" in done.stderr
    assert [p.name for p in (tmp_path / "p").iterdir()] == ["template.yaml"]


@LANG
def test_a_project_is_adopted_once(anshin: Run, project: Path, lang: str) -> None:
    anshin("adopt", cwd=project)
    before = (project / ANSWERS).read_bytes()
    done = anshin("adopt", cwd=project, lang=lang)
    assert done.returncode == 2
    assert "anshin status" in done.stderr
    assert (project / ANSWERS).read_bytes() == before


def test_a_project_of_ours_needs_no_adoption(anshin: Run, tmp_path: Path) -> None:
    anshin("new", tmp_path / "ours", "--preset", "none", "--defaults")
    done = anshin("adopt", cwd=tmp_path / "ours")
    assert (done.returncode, "already managed" in done.stderr) == (2, True)


def test_a_template_that_knows_nothing_of_it(anshin: Run, project: Path, tmp_path: Path) -> None:
    """An earlier version would bring a whole project."""
    root = make_checkout(tmp_path / "anshin")
    config = root / "copier.yml"
    data = yaml.safe_load(config.read_text(encoding="utf-8"))
    data["_exclude"] = [text for text in data["_exclude"] if "{% if adopted %}" not in text]
    config.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    done = anshin("adopt", "--template", root, cwd=project)
    assert done.returncode == 2
    assert "cannot adopt" in done.stderr
    assert git(project, "status", "--porcelain", "--ignored") == ""


# What follows.


def addable(anshin: Run, root: Path) -> list[str]:
    """Adopt a project; gives the ids with a part for its template that can be added."""
    data = json.loads(anshin("adopt", "--json", cwd=root).stdout)
    patterns = published.load()["patterns"]
    return [one["id"] for one in data["addable"] if patterns[one["id"]]["adopt"]]


@pytest.mark.parametrize("template", [IMPLICIT, EXPLICIT, HTTP, QUEUE])
def test_safeguards_come_and_go_without_a_trace(anshin: Run, tmp_path: Path, template: str) -> None:
    root = repository(tmp_path / "p", template_yaml=template)
    able = published.together(published.load(), addable(anshin, root))
    commit(root)
    done = anshin("add", *able, "--yes", cwd=root)
    assert done.returncode in (0, 1), done.stderr
    changed = git(root, "diff", "--numstat", "--", "template.yaml").split()
    # Lines are added, and of theirs only what stands on one line is touched, which has to grow.
    assert int(changed[0]) > 20
    grown = template.count("Layers: [") + template.count('- {ResourcePath: "/*"')
    assert int(changed[1]) == grown
    assert git(root, "diff", "--name-only") == f"{ANSWERS}\ntemplate.yaml"
    assert recorded(root)["safeguards"] == able
    done = anshin("remove", *able, "--yes", cwd=root)
    assert done.returncode == 0, done.stderr
    assert (root / "template.yaml").read_text(encoding="utf-8") == template
    assert (
        recorded(root)["adopted"]
        == dict(yaml.safe_load(git(root, "show", f"HEAD:{ANSWERS}")))["adopted"]
    )


def test_only_settings_with_an_effect_are_recorded(anshin: Run, tmp_path: Path) -> None:
    root = repository(tmp_path / "p", template_yaml=IMPLICIT)
    patterns = published.load()["patterns"]
    some = {i: set(patterns[i]["answers"]) - set(patterns[i]["adopt_answers"]) for i in patterns}
    name = next(i for i in addable(anshin, root) if some[i] and patterns[i]["adopt_answers"])
    done = anshin("add", name, "--yes", "--json", cwd=root)
    settings = json.loads(done.stdout)["answers"]
    assert set(settings) == set(patterns[name]["adopt_answers"])
    assert settings.items() <= recorded(root).items()
    assert some[name].isdisjoint(recorded(root))
    assert json.loads(anshin("status", "--json", cwd=root).stdout)["answers"]["problems"] == []
    anshin("undo", cwd=root)
    wrong = anshin("add", name, "--yes", "--data", f"{min(some[name])}=1", cwd=root)
    assert wrong.returncode == 2
    assert min(some[name]) in wrong.stderr


def test_a_setting_that_is_there_already_stays(anshin: Run, tmp_path: Path) -> None:
    line = "      DeploymentPreference: {Type: Canary10Percent5Minutes}\n"
    own = HTTP.replace("      Events:", f"{line}      Events:")
    root = repository(tmp_path / "p", template_yaml=own)
    patterns = published.load()["patterns"]
    name = next(i for i in addable(anshin, root) if "Type: !Answer" in patterns[i]["adopt"])
    commit(root)
    done = anshin("add", name, "--yes", cwd=root)
    assert done.returncode == 0, done.stdout
    assert "Canary10Percent5Minutes" in recorded(root).values()
    assert "Type: Canary10Percent5Minutes," in (root / "template.yaml").read_text("utf-8")
    anshin("undo", cwd=root)
    other = f"{name.replace('-', '_')}_type=Canary10Percent10Minutes"
    assert anshin("add", name, "--yes", "--data", other, cwd=root).returncode == 1
    assert (root / "template.yaml").read_text("utf-8") == own


def test_what_cannot_be_added_comes_with_its_snippet(anshin: Run, project: Path) -> None:
    data = json.loads(anshin("adopt", "--json", cwd=project).stdout)
    patterns = published.load()["patterns"]
    name = next(o["id"] for o in data["refused"] if patterns[o["id"]]["template"])
    done = anshin("add", name, "--yes", cwd=project)
    assert done.returncode == 2
    assert f"/en/patterns/{name}/" in done.stderr
    assert "Resources:" in done.stderr
    assert recorded(project)["safeguards"] == []


def test_a_setting_that_stands_against_it_is_named(anshin: Run, tmp_path: Path) -> None:
    own = HTTP.replace("      Events:", "      Tracing: PassThrough\n      Events:")
    root = repository(tmp_path / "p", template_yaml=own)
    patterns = published.load()["patterns"]
    name = next(i for i in addable(anshin, root) if "Tracing: Active" in patterns[i]["adopt"])
    done = anshin("plan", "add", name, cwd=root)
    assert done.returncode == 2
    line = own.splitlines().index("      Tracing: PassThrough") + 1
    assert f"template.yaml:{line}  Fn Tracing" in done.stderr


@LANG
def test_a_setting_of_one_of_several_stays_and_is_named(
    anshin: Run, tmp_path: Path, lang: str
) -> None:
    own = HTTP.replace("      Events:", "      Tracing: PassThrough\n      Events:")
    own += "  Other:\n    Type: AWS::Serverless::Function\n    Properties:\n"
    own += "      {Handler: app.lambda_handler, Runtime: python3.12, CodeUri: src/}\n"
    root = repository(tmp_path / "p", template_yaml=own)
    patterns = published.load()["patterns"]
    name = next(i for i in addable(anshin, root) if "Tracing: Active" in patterns[i]["adopt"])
    commit(root)
    done = anshin("add", name, "--yes", cwd=root, lang=lang)
    line = own.splitlines().index("      Tracing: PassThrough") + 1
    assert f"template.yaml:{line}  Fn Tracing" in done.stdout
    # The check says the same.
    assert done.returncode == 1
    assert "      Tracing: PassThrough\n" in (root / "template.yaml").read_text("utf-8")
    assert anshin("remove", name, "--yes", cwd=root).returncode == 0
    assert git(root, "status", "--porcelain") == ""


def test_plain_copier_touches_nothing_of_theirs(
    anshin: Run, project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    root = make_checkout(tmp_path / "anshin")
    release(root, "v0.1.0")
    done = anshin("adopt", "--template", root, cwd=project)
    assert done.returncode == 0, done.stderr
    for name in ("Makefile", "src/orders/api.py", "template.yaml"):
        # Files of our name are theirs, too.
        write(project, name, IMPLICIT)
    commit(project)
    makefile = root / "templates" / "project" / "Makefile"
    makefile.write_text(makefile.read_text(encoding="utf-8") + "\n# new\n", encoding="utf-8")
    catalog = root / "scaffolder" / "catalog.json"
    text = catalog.read_text(encoding="utf-8").replace('"version": "0.1.0"', '"version": "0.2.0"')
    catalog.write_text(text, encoding="utf-8")
    release(root, "v0.2.0")
    url = recorded(project)["_src_path"]
    reach = {"KEY_0": f"url.{root}.insteadOf", "VALUE_0": url, "COUNT": "1"}
    variables = {f"GIT_CONFIG_{name}": value for name, value in reach.items()}
    subprocess.run(
        [str(COPIER), "update", "--defaults"],
        cwd=project,
        env={**environment, **variables},
        check=True,
        capture_output=True,
    )
    assert git(project, "status", "--porcelain") == f"M {ANSWERS}"
    assert recorded(project)["_commit"] == "v0.2.0"
    kept = dict(yaml.safe_load(git(project, "show", f"HEAD:{ANSWERS}")))
    assert {**recorded(project), "_commit": "v0.1.0"} == kept
