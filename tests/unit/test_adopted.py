"""Adopted projects: who plays which role, what goes into the template, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import adoptable, adopted, foreign, jinja, published
from scaffolder.catalog import CatalogEntry
from scaffolder.checks.outcome import Outcome
from scaffolder.checks.reading import parse
from scaffolder.checks.run import check_project
from scaffolder.checks.template import Template, View
from scaffolder.messages import LANGUAGES, Say, Trouble, texts
from scaffolder.model import Pattern
from scaffolder.structure import merge
from scaffolder.weave import STACKS


def entry(name: str, **fields: Any) -> dict[str, Any]:
    """An entry of a catalog as it is exported, as far as it matters here."""
    return {
        "closure": [name],
        "answers": {},
        "adopt": None,
        "adoptable": bool(fields.get("adopt")),
        "template": None,
        **fields,
    }


LIMIT = {"type": "int", "default": 5, "min": 1, "max": 9}
CATALOG: dict[str, Any] = {
    "site_url": "https://site.invalid/",
    "stacks": {"template": "template.yaml"},
    "answers": {"project_name": {"type": "str", "default": "orders"}},
    "patterns": {
        "logs": entry(
            "logs",
            answers={"logs_days": LIMIT},
            adopt="Globals:\n  Function:\n    LoggingConfig:\n      LogFormat: JSON\n"
            "      LogGroup: !Ref FunctionLogGroup\nResources:\n  FunctionLogGroup:\n"
            "    Type: AWS::Logs::LogGroup\n    Properties:\n      RetentionInDays: !Answer days\n",
        ),
        "query": entry(
            "query",
            closure=["logs", "query"],
            adopt="Resources:\n  Query:\n    Type: AWS::Logs::QueryDefinition\n    Properties:\n"
            "      LogGroupNames:\n        - !Ref FunctionLogGroup\n",
        ),
        "alias": entry(
            "alias",
            adopt="Resources:\n  ApiFunction:\n    Properties:\n      # Why.\n"
            "      AutoPublishAlias: live\n",
        ),
        "policy": entry("policy", adopt="Globals:\n  Api:\n    Auth:\n      ResourcePolicy: {}\n"),
        "rate": entry(
            "rate",
            answers={"rate_limit": LIMIT},
            adopt="Globals:\n  Api:\n    MethodSettings:\n      # Why.\n      - ResourcePath: /*\n"
            '        HttpMethod: "*"\n        ThrottlingRateLimit: !Answer limit\n',
        ),
        "budget": entry("budget", adoptable=True),
        "canary": entry("canary", adoptable=True, adopt_roles=["Api"]),
        "queue": entry(
            "queue",
            template="Resources:\n  ApiFunction:\n    Properties:\n      Timeout: !Answer seconds\n"
            "  Queue:\n    Type: AWS::SQS::Queue\n",
            answers={"queue_seconds": LIMIT},
        ),
        "worker": entry("worker", closure=["queue", "worker"], adoptable=True),
        "named": entry(
            "named", adopt="Resources:\n  Named:\n    Type: X\n    Name: !Answer project_name\n"
        ),
    },
}

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Conditions:
  Never: !Equals [a, b]
Globals:
  Function:
    Runtime: python3.12
Resources:
  Night:
    Type: AWS::Serverless::Function
    Properties:
      Events: {Clock: {Type: Schedule}}
  Idle:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt Role.Arn
      LoggingConfig: {LogGroup: !Ref Group}
      Events: {Get: {Type: Api}}
  Sometimes:
    Type: AWS::Serverless::Function
    Condition: Never
    Properties:
      Events: {Get: {Type: HttpApi}}
  Group:
    Type: AWS::Logs::LogGroup
  Flow:
    Type: AWS::Serverless::StateMachine
"""


def view(text: str) -> View:
    return Template(parse(text.encode(), Path("template.yaml"), "template.yaml")).views[0]


def api(definition: str) -> str:
    return f"{TEMPLATE}  Rest:\n    Type: AWS::Serverless::Api\n    Properties: {definition}\n"


def part(chosen: list[str], **recorded: Any) -> str:
    found = {"template": "template.yaml", "resources": {}, **recorded}
    return adopted.part(CATALOG, chosen, {"adopted": found})


# Who plays which role.


def test_candidates_come_by_what_calls_them() -> None:
    found = adopted.roles(view(TEMPLATE))
    assert found["ApiFunction"] == ["Hello", "Sometimes", "Night", "Idle"]
    assert found["PlainFunction"] == ["Night", "Sometimes"]
    assert found["FunctionLogGroup"] == ["Group"]
    assert found["StateMachine"] == ["Flow"]
    assert found["Api"] == ["ServerlessRestApi"]
    assert found["HttpApi"] == ["ServerlessHttpApi"]


def test_functions_that_something_calls_are_suggested() -> None:
    assert adopted.suggested(view(TEMPLATE))["ApiFunction"] == ["Hello", "Sometimes", "Night"]
    alone = "Resources:\n  A:\n    Type: AWS::Serverless::Function\n"
    assert adopted.suggested(view(alone)) == {"ApiFunction": ["A"], "PlainFunction": ["A"]}


def test_the_conditions_of_what_plays_a_role() -> None:
    found = view(TEMPLATE)
    assert adopted.conditions(found, adopted.suggested(found)) == {"Sometimes": "Never"}


@pytest.mark.parametrize(
    ("definition", "inline"),
    [
        ("{StageName: x}", True),
        ("{DefinitionUri: api.yaml}", False),
        ("{DefinitionBody: {openapi: 3.0.1, paths: {}}}", True),
        ("{DefinitionBody: {Fn::Transform: {Name: AWS::Include}}}", False),
    ],
)
def test_whether_sam_can_change_the_definition(definition: str, inline: bool) -> None:
    found = adopted.roles(view(api(definition)))
    assert found["InlineApi"] == (["Rest", "ServerlessRestApi"] if inline else [])


def test_every_role_has_a_name_in_words() -> None:
    for role in adopted.roles(view(TEMPLATE)):
        assert set(texts()[f"adopt.role.{role}"]) == set(LANGUAGES)


# What is asked.


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ a }} {% if b %}{{ c | upper }}{% endif %}", {"a", "b", "c"}),
        ("{% if adopted %}{{ a }}{% else %}{{ b }}{% endif %}", {"a"}),
        ("{% if not adopted %}{{ a }}{% elif b %}{{ c }}{% else %}{{ d }}{% endif %}", set("bcd")),
        ("{% if adopted and a %}{{ b }}{% else %}{{ c }}{% endif %}", {"adopted", "a", "b", "c"}),
        ("{% if a %}{% if not adopted %}{{ b }}{% endif %}{% endif %}", {"a"}),
        ("{{ adopted.template }} {{ '{{' }} b", {"adopted"}),
    ],
)
def test_the_names_that_a_template_uses_in_an_adopted_project(text: str, names: set[str]) -> None:
    assert jinja.names_where(text, "adopted") == names


def test_answers_without_an_effect_are_those_of_what_does_not_come(tmp_path: Path) -> None:
    files = {
        "pattern.yaml": "",
        "template.yaml": "A: !Answer rate\nB: !Answer quota\n",
        "adopt.yaml": "A: !Answer rate\nC: !Answer project_name\n",
        "baseline.yaml": "A: !Answer limit\n",
        "files/src/app.py.jinja": "{{ x_code }}",
        "files/runbooks/x.en.md.jinja": "{{ x_told }}{% if not adopted %}{{ x_hidden }}{% endif %}",
        "files/runbooks/x.ja.md.jinja": "{{ x_told }}",
        "files/scripts/x.py": "{{ x_literal }}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = adoptable.answers_with_effect(
        [CatalogEntry("x", tmp_path, Pattern.model_construct())], STACKS
    )
    assert {name for name in found if name.startswith("x_")} == {
        "x_rate",
        "x_limit",
        "x_told",
        "x_project_name",
    }
    assert "project_name" in found


def test_only_what_matters_is_asked() -> None:
    patterns = {
        "a": entry("a", answers={"a_x": LIMIT, "a_y": LIMIT}, adopt_answers=["a_y"]),
        "b": entry("b", answers={"b_x": LIMIT}),
    }
    catalog = {"answers": {}, "patterns": patterns}
    assert adopted.narrowed(catalog, {}) is catalog
    found = adopted.narrowed(catalog, {"template": "template.yaml"})
    assert list(published.questions(found, ["a", "b"])) == ["a_y", "b_x"]


@pytest.mark.parametrize(
    ("stands", "default"),
    [("7", 7), ("70", 5), ("!Ref Days", 5), ("{}", 5), ("'7'", 7)],
)
def test_what_is_set_already_is_the_default(stands: str, default: int) -> None:
    mine = f"Resources:\n  FunctionLogGroup:\n    Properties:\n      RetentionInDays: {stands}\n"
    recorded = {"template": "template.yaml"}
    found = adopted.with_standing(CATALOG, ["logs", "alias"], recorded, mine, Say("en"))
    asked = published.questions(found, ["logs"])
    assert asked["logs_days"] == {**LIMIT, "default": default}
    assert CATALOG["patterns"]["logs"]["answers"]["logs_days"] == LIMIT
    assert adopted.with_standing(CATALOG, ["logs"], recorded, "[", Say("en")) is CATALOG


# What goes into the template.


def test_parts_with_answers_and_their_names() -> None:
    recorded = {"resources": {"ApiFunction": ["Hello"]}}
    answers = {"logs_days": 7, "adopted": {"template": "template.yaml", **recorded}}
    found = adopted.part(CATALOG, ["logs", "alias"], answers)
    resources = yaml.safe_load(found.replace("!Ref ", ""))["Resources"]
    assert resources["FunctionLogGroup"]["Properties"] == {"RetentionInDays": 7}
    assert resources["Hello"] == {"Properties": {"AutoPublishAlias": "live"}}
    assert "# Why." in found


def test_what_refers_to_a_resource_with_a_condition_has_it_too() -> None:
    recorded = {"resources": {"FunctionLogGroup": ["Group"]}, "conditions": {"Group": "Never"}}
    found = part(["query"], own=["logs"], **recorded)
    assert "- !If [Never, !Ref Group, !Ref AWS::NoValue]\n" in found


def test_without_an_answer_the_default_stands() -> None:
    assert "RetentionInDays: 5\n" in part(["logs"])


@pytest.mark.parametrize("name", ["!Answer logs_days", "{{ project_name }}", 'a"b\\c', "x: [1"])
def test_answers_of_any_kind_come_out_as_they_are(name: str) -> None:
    text = adopted.parts(CATALOG, ["named"], {"project_name": name}, {})
    assert yaml.safe_load(text)["Resources"]["Named"]["Name"] == name


def test_what_a_required_safeguard_brings_is_named_as_ours() -> None:
    theirs = {"FunctionLogGroup": ["Group"]}
    assert "- !Ref FunctionLogGroup\n" in part(["query"], resources=theirs)


def test_what_the_project_has_itself_is_not_brought() -> None:
    found = part(["query"], resources={"FunctionLogGroup": ["Group"]}, own=["logs"])
    assert "- !Ref Group\n" in found
    assert "RetentionInDays" not in found


def test_what_is_chosen_by_name_is_brought_in_any_case() -> None:
    assert "RetentionInDays" in part(["logs"], own=["logs"])


def test_only_some_of_the_active_ones() -> None:
    found = adopted.parts(CATALOG, ["logs", "query"], {}, {}, only=["query"])
    assert "- !Ref FunctionLogGroup\n" in found
    assert "RetentionInDays" not in found


def test_a_catalog_of_an_earlier_version_has_no_parts() -> None:
    patterns = {"logs": {"closure": ["logs"], "answers": {}}}
    answers = {"adopted": {"template": "template.yaml"}}
    assert adopted.part({"answers": {}, "patterns": patterns}, ["logs"], answers) == ""


def test_what_was_there_before_is_none_of_ours() -> None:
    before = ["/Globals/Function/LoggingConfig/LogFormat", "/Resources/FunctionLogGroup/Type"]
    found = yaml.safe_load(part(["logs"], before=before).replace("!Ref ", ""))
    assert found["Globals"] == {"Function": {"LoggingConfig": {"LogGroup": "FunctionLogGroup"}}}
    assert found["Resources"] == {"FunctionLogGroup": {"Properties": {"RetentionInDays": 5}}}


def test_what_holds_nothing_else_goes_with_it() -> None:
    recorded = {"resources": {"ApiFunction": ["Hello"]}}
    assert (
        part(["alias"], before=["/Resources/Hello/Properties/AutoPublishAlias"], **recorded) == ""
    )


# What is recorded when something is added.


def whole(*chosen: str) -> adopted.Render:
    """Our part for a record, with what the template may have had before."""
    return lambda record: adopted.part(CATALOG, chosen, {"adopted": record}, pure=True)


MINE = """\
Globals:
  Function:
    LoggingConfig:
      LogFormat: JSON # ours for years
Resources:
  Hello:
    Type: AWS::Serverless::Function
"""


def test_adding_and_removing_leaves_the_template_as_it_was() -> None:
    recorded: dict[str, Any] = {"template": "template.yaml", "resources": {}}
    after = adopted.prepared(recorded, whole(), whole("logs"), MINE)
    assert after["before"] == ["/Globals/Function/LoggingConfig/LogFormat"]
    ours = adopted.part(CATALOG, ["logs"], {"adopted": after})
    added = merge("", MINE, ours)
    assert "LogGroup: !Ref FunctionLogGroup" in added
    assert merge(ours, added, "") == MINE


RATED = """\
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      MethodSettings: # for all
        - ResourcePath: "/*"
          HttpMethod: "*"
          LoggingLevel: INFO # why
  Other:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
"""


def test_what_theirs_says_of_the_same_methods_is_joined() -> None:
    """SAM would join the list in Globals to that of the API: two members for one method."""
    recorded = {"template": "template.yaml", "resources": {"Api": ["Rest", "Other"]}}
    after = adopted.prepared(recorded, whole(), whole("rate"), RATED)
    assert after == {**recorded, "local": ["/Globals/Api/MethodSettings"]}
    ours = adopted.part(CATALOG, ["rate"], {"adopted": after})
    added = merge("", RATED, ours)
    assert "          ThrottlingRateLimit: 5\n          LoggingLevel: INFO # why\n" in added
    assert "Globals:" not in added
    settings = yaml.safe_load(added)["Resources"]["Other"]["Properties"]["MethodSettings"]
    assert settings == [{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 5}]
    assert adopted.prepared(after, whole("rate"), whole("rate"), added) == after
    assert adopted.prepared(after, whole("rate"), whole(), added) == recorded
    assert merge(ours, added, "") == RATED


def test_what_an_api_that_is_not_written_down_would_miss_is_refused() -> None:
    recorded = {"template": "template.yaml", "resources": {"Api": ["Rest", "ServerlessRestApi"]}}
    with pytest.raises(Trouble) as caught:
        adopted.prepared(recorded, whole(), whole("rate"), RATED)
    assert "template.yaml:5  Rest MethodSettings" in caught.value.said(Say("en"))


def test_a_second_addition_keeps_what_was_recorded() -> None:
    recorded = {
        "template": "template.yaml",
        "before": ["/Globals/Function/LoggingConfig/LogFormat"],
    }
    mine = merge("", MINE, part(["logs"], before=recorded["before"]))
    assert adopted.prepared(recorded, whole("logs"), whole("logs", "named"), mine) == recorded


def test_a_removal_forgets_what_no_longer_counts() -> None:
    recorded = {
        "template": "template.yaml",
        "before": ["/Globals/Function/LoggingConfig/LogFormat"],
    }
    assert adopted.prepared(recorded, whole("logs"), whole(), MINE) == {"template": "template.yaml"}


def test_what_stands_against_it_is_named_with_its_line() -> None:
    mine = f"{MINE}    Properties:\n      LoggingConfig:\n        LogFormat: Text\n"
    with pytest.raises(Trouble) as caught:
        adopted.prepared({"template": "sam.yaml"}, whole(), whole("logs"), mine)
    for language in LANGUAGES:
        assert "sam.yaml:10  Hello LoggingConfig.LogFormat" in caught.value.said(Say(language))
    # What stood against it from the beginning does not keep anybody from removing it.
    adopted.prepared({"template": "sam.yaml"}, whole("logs"), whole(), mine)
    adopted.prepared({"template": "sam.yaml"}, whole("logs"), whole("logs", "named"), mine)


def test_a_template_that_cannot_be_read_is_left_to_the_merge() -> None:
    recorded = {"template": "template.yaml"}
    assert adopted.prepared(recorded, whole(), whole("logs"), "a: [") == recorded


# What is refused.

RECORDED = {"template": "template.yaml", "resources": {"ApiFunction": "Hello"}, "own": []}


@pytest.mark.parametrize(
    ("name", "changes", "key"),
    [
        ("alias", {}, None),
        ("alias", {"resources": {}}, "adopt.why.role"),
        ("alias", {"template": "template.json"}, "adopt.why.json"),
        ("budget", {"template": "template.json"}, None),
        ("query", {}, None),
        ("query", {"own": ["logs"]}, "adopt.why.role"),
        ("query", {"own": ["logs"], "resources": {"FunctionLogGroup": ["Group"]}}, None),
        ("policy", {}, "adopt.why.role"),
        ("policy", {"resources": {"Api": ["Rest"]}}, "adopt.why.role"),
        ("policy", {"resources": {"Api": ["Rest"], "InlineApi": ["Rest"]}}, None),
        ("canary", {}, "adopt.why.role"),
        ("canary", {"resources": {"Api": ["Rest"]}}, None),
        ("queue", {}, "adopt.why.by_hand"),
        ("worker", {}, "adopt.why.other"),
        ("worker", {"own": ["queue"]}, None),
    ],
)
def test_why_not(name: str, changes: dict[str, Any], key: str | None) -> None:
    why = adopted.refusal(CATALOG, name, {**RECORDED, **changes})
    assert (why.key if why else None) == key
    for language in LANGUAGES:
        assert why is None or "{" not in adopted.said(why, Say(language))


def test_the_missing_role_is_named() -> None:
    why = adopted.refusal(CATALOG, "policy", {**RECORDED, "resources": {"Api": ["Rest"]}})
    assert why is not None
    assert adopted.said(why, Say("en")).endswith("REST API whose definition SAM can change")


def test_a_refusal_brings_the_snippet_and_the_page() -> None:
    with pytest.raises(Trouble) as caught:
        adopted.refuse(CATALOG, ["alias", "queue"], RECORDED, Say("en"))
    said = caught.value.said(Say("en"))
    assert "https://site.invalid/en/patterns/queue/" in said
    theirs = "      Hello:\n        Properties:\n          Timeout: 5  # queue_seconds\n"
    ours = "      Queue:\n        Type: AWS::SQS::Queue\n"
    assert f"\ntemplate.yaml\n\n    Resources:\n{theirs}{ours}" in said


def test_a_snippet_for_a_template_in_json_is_json() -> None:
    changes = {"template": "sam/template.json", "resources": {"FunctionLogGroup": ["Group"]}}
    found = adopted.snippets(CATALOG, "query", {**RECORDED, **changes})
    query = json.loads(found["sam/template.json"])["Resources"]["Query"]
    assert query["Properties"] == {"LogGroupNames": [{"Ref": "Group"}]}


def test_a_snippet_that_speaks_of_what_is_not_there_is_shown_as_it_is() -> None:
    found = adopted.snippets(CATALOG, "alias", {**RECORDED, "resources": {}})
    assert "ApiFunction:" in found["template.yaml"]


def test_what_an_api_with_a_definition_elsewhere_does_not_get() -> None:
    text = "Globals:\n  Function: {}\n  Api:\n    TracingEnabled: true\n    Auth: {}\n"
    catalog = {"patterns": {"mixed": entry("mixed", adopt=text)}}
    for resources, names in (
        ({"Api": ["Rest"]}, ["Auth"]),
        ({"Api": ["Rest"], "InlineApi": ["Rest"]}, []),
        ({}, []),
    ):
        assert adopted.left_out(catalog, "mixed", {"resources": resources}) == names


def test_what_is_there_already_is_not_refused_as_impossible() -> None:
    with pytest.raises(Trouble) as caught:
        adopted.refuse(CATALOG, ["queue"], {**RECORDED, "own": ["queue"]}, Say("en"))
    assert caught.value.key == "adopt.have"


def test_nothing_is_refused_without_a_reason() -> None:
    adopted.refuse(CATALOG, ["alias", "budget"], RECORDED, Say("en"))


# What a project says about itself.


@pytest.fixture
def catalog() -> dict[str, Any]:
    return published.load()


def project(root: Path, template: str = TEMPLATE, settings: str = "") -> foreign.Foreign:
    (root / "template.yaml").write_text(template, encoding="utf-8")
    (root / "samconfig.toml").write_text(settings, encoding="utf-8")
    return foreign.open_template(root, root / "template.yaml", Say("ja"))


def test_settings_come_from_the_project(tmp_path: Path, catalog: dict[str, Any]) -> None:
    described = TEMPLATE.replace(
        "Globals:", "Description: |\n  Some\n  service\n\n  More\nGlobals:", 1
    )
    found = project(
        tmp_path,
        described,
        '[default.global.parameters]\nstack_name = "MyStack"\n'
        '[default.deploy.parameters]\nregion = "eu-west-1"\n',
    )
    answers = foreign.base_answers(catalog, found, Say("ja"))
    assert answers == {
        "project_name": "mystack",
        "description": "Some service",
        "language": "ja",
        "region": "eu-west-1",
        "runtime": "python3.12",
        "architecture": "x86_64",
    }
    assert foreign.stack(found, "mystack") == "MyStack"
    assert foreign.stack(found, "MyStack") is None


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "no toml",
        "[default]\ndeploy = 1\n",
        '[default.deploy]\nparameters = "x"\n',
        '[default.deploy.parameters]\nregion = 5\nstack_name = ["x"]\n',
        '[default.deploy.parameters]\nregion = "moon"\nstack_name = "日本語"\n',
    ],
)
def test_what_cannot_be_used_leaves_the_default(
    tmp_path: Path, catalog: dict[str, Any], settings: str
) -> None:
    root = tmp_path / "1 My_Service!"
    root.mkdir()
    found = project(root, settings=settings)
    answers = foreign.base_answers(catalog, found, Say("en"))
    assert answers["project_name"] == answers["description"] == "my-service"
    assert answers["region"] == catalog["answers"]["region"]["default"]
    assert foreign.stack(found, "my-service") is None


def test_a_folder_without_a_name_that_can_be_used(tmp_path: Path, catalog: dict[str, Any]) -> None:
    root = tmp_path / "日本語"
    root.mkdir()
    answers = foreign.base_answers(catalog, project(root), Say("en"))
    assert answers["project_name"] == foreign.FALLBACK_NAME


def test_what_is_merely_absent_is_no_safeguard(tmp_path: Path, catalog: dict[str, Any]) -> None:
    """A check that looks for mistakes passes where nothing is done about the matter, too."""
    text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n"
    function = "    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n"
    where = "      Handler: app.handler\n      CodeUri: .\n"
    found = project(tmp_path, text + function + where)
    code = "def handler(event, context):\n    return {}\n"
    (tmp_path / "app.py").write_text(code, encoding="utf-8")
    report = check_project(tmp_path, catalog)
    passed = {i for i, result in report.results.items() if result.outcome is Outcome.passed}
    own = foreign.own_safeguards(catalog, found)
    absent = passed & set(published.safeguards(catalog)) - set(own)
    assert absent
    for name in absent:
        checks = catalog["patterns"][name]["checks"].values()
        assert any(check["expect"] == "none" for check in checks)


def test_another_template_in_the_folder_is_somebody_elses(
    tmp_path: Path, catalog: dict[str, Any]
) -> None:
    text = (
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n"
        "    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs24.x\n"
        "      Handler: app.handler\n      CodeUri: .\n      Tracing: Active\n"
    )
    found = project(tmp_path, text)
    alone = foreign.own_safeguards(catalog, found)
    assert alone
    (tmp_path / "other").mkdir()
    project(tmp_path / "other", text.replace("Active", "PassThrough"))
    assert foreign.own_safeguards(catalog, found) == alone


def test_templates_are_found_by_name_or_setting(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "infra").mkdir()
    for name in ("a/template.yml", "sam.yaml"):
        (tmp_path / name).write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "infra" / "template.yaml").write_text("Resources: {}\n", encoding="utf-8")
    (tmp_path / "template.json").write_text("{", encoding="utf-8")
    assert foreign.templates(tmp_path) == [tmp_path / "a" / "template.yml"]
    text = '[default.build.parameters]\n[default.deploy.parameters]\ntemplate_file = "sam.yaml"\n'
    (tmp_path / "samconfig.toml").write_text(text, encoding="utf-8")
    assert foreign.templates(tmp_path)[-1] == tmp_path / "sam.yaml"
