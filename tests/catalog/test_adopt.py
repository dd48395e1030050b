"""What each entry adds to projects that we did not generate is right in templates of any shape."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import adopted, fitting, published
from scaffolder.adoptable import FOLDERS
from scaffolder.checks.outcome import Outcome
from scaffolder.checks.reading import parse
from scaffolder.checks.run import check_project
from scaffolder.checks.template import Template
from scaffolder.structure import merge
from tests.bar import OF_THE_TRANSFORM, generate, lint, translate
from tests.catalog.foreign import CODE, SHAPES

CATALOG = published.load()
PARTS = {i: entry["adopt"] for i, entry in CATALOG["patterns"].items() if entry["adopt"]}
ANSWERS = {
    name: question["default"]
    for name, question in published.questions(CATALOG, CATALOG["patterns"]).items()
}
ELSEWHERE = {"maybe-elsewhere", "container-image"}
"""Reasons of checks to know nothing that no template can take away."""

OURS = re.compile(r"orders?\b|CreateOrder|DownstreamUrl|WorkerFunction", re.IGNORECASE)
"""What only the project that we generate has."""


def recorded(shape: str) -> dict[str, Any]:
    """What `anshin adopt` records of a shape."""
    document = parse(SHAPES[shape].encode(), Path("template.yaml"), "template.yaml")
    view = Template(document).views[0]
    roles = adopted.suggested(view)
    found = {"template": "template.yaml", "resources": roles, "own": []}
    return {**found, "conditions": adopted.conditions(view, roles)}


def possible(shape: str, name: str) -> bool:
    return adopted.refusal(CATALOG, name, recorded(shape)) is None


CASES = [(shape, name) for shape in SHAPES for name in PARTS if possible(shape, name)]
EACH = pytest.mark.parametrize(("shape", "name"), CASES, ids=["-".join(case) for case in CASES])


@cache
def added(shape: str, *names: str) -> tuple[str, str]:
    """A shape's template with safeguards, and our part of it."""

    def ours(record: Mapping[str, Any], pure: bool = True) -> str:
        return adopted.part(CATALOG, names, {**ANSWERS, "adopted": record}, pure=pure)

    known = adopted.prepared(recorded(shape), lambda _: "", ours, SHAPES[shape])
    part = ours(known, pure=False)
    return merge("", SHAPES[shape], part), part


def complaints(text: str) -> list[str]:
    """What cfn-lint says of a template, before and after the translation, without lines."""
    found = [*lint(text), *lint(json.dumps(translate(text), indent=1), OF_THE_TRANSFORM)]
    return sorted(line.partition(": ")[2] for line in found)


@cache
def before(shape: str) -> list[str]:
    return complaints(SHAPES[shape])


def test_the_shapes_take_what_can_be_taken() -> None:
    assert {name for _, name in CASES} == set(PARTS)
    refused = {(s, n) for s in SHAPES for n in PARTS} - set(CASES)
    assert {n for _, n in refused} < set(PARTS)
    # Nothing is refused where there is a function and a REST API that SAM defines.
    assert {s for s, _ in refused} == {"http", "queue", "defined"}


@EACH
def test_linters_and_the_transform_accept_it(shape: str, name: str) -> None:
    text, _ = added(shape, name)
    assert complaints(text) == before(shape)


@EACH
def test_its_own_checks_pass(shape: str, name: str, tmp_path: Path) -> None:
    text, _ = added(shape, name)
    (tmp_path / "template.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE, encoding="utf-8")
    bad = [
        item
        for item in check_project(tmp_path, CATALOG, [name]).items
        if item.outcome is Outcome.failed
        or (
            item.outcome is Outcome.unknown
            and (item.reason is None or item.reason.word not in ELSEWHERE)
        )
    ]
    assert [i for i in bad if not excused(shape, i.resource)] == []


def excused(shape: str, resource: str) -> bool:
    """Functions without layers, or with their own role; an API that SAM does not define."""
    known = {"explicit": {"PutFunction"}, "queue": {"Image"}, "defined": {"Api"}}
    return resource in known.get(shape, set())


@EACH
def test_it_goes_without_a_trace(shape: str, name: str) -> None:
    text, part = added(shape, name)
    assert text != SHAPES[shape] or part == ""
    assert merge(part, text, part) == text
    assert merge(part, text, "") == SHAPES[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_all_at_once(shape: str) -> None:
    able = [name for name in PARTS if possible(shape, name)]
    together = published.together(CATALOG, able)
    text, part = added(shape, *together)
    assert complaints(text) == before(shape)
    assert merge(part, text, "") == SHAPES[shape]


@pytest.mark.parametrize("name", PARTS)
def test_it_speaks_of_no_service_of_ours(name: str) -> None:
    assert OURS.findall(PARTS[name]) == []


@pytest.mark.parametrize("name", PARTS)
def test_it_changes_only_what_roles_play(name: str) -> None:
    """A resource without a type is somebody else's, so it has the name of a role."""
    document = parse(PARTS[name].encode(), Path(), name).root
    for logical_id, resource in document.get("Resources", {}).items():
        if "Type" not in resource:
            assert logical_id in fitting.ALL
            assert logical_id not in (fitting.REST_API, fitting.HTTP_API), "use Globals"


@pytest.mark.parametrize("name", PARTS)
def test_what_speaks_of_one_function_belongs_to_it(name: str) -> None:
    """Or it would be there once, however many functions there are."""
    roles = {role: ["One", "Two"] for role in fitting.ALL}
    text = fitting.fitted(PARTS[name], roles, fitting.brings(PARTS[name]))
    document = yaml.compose(text, Loader=yaml.CSafeLoader)
    for section, members in document.value:
        for key, value in members.value if section.value in ("Resources", "Outputs") else ():
            named = re.findall(r"\b(?:One|Two)", repr(value))
            if named and not key.value.startswith(("One", "Two")):
                assert {"One", "Two"} <= set(named), key.value


@cache
def in_json() -> dict[str, Any]:
    """A template that can only be changed by hand."""
    return dict(parse(SHAPES["conditional"].encode(), Path("template.yaml"), "t").root)


@pytest.mark.parametrize("name", PARTS)
def test_the_snippet_for_json_is_right_once_it_is_pasted(name: str) -> None:
    known = {**recorded("conditional"), "template": "template.json"}
    pasted: Any = in_json()
    for each in CATALOG["patterns"][name]["closure"]:
        snippet = adopted.snippets(CATALOG, each, known).get("template.json", "{}")
        pasted = joined(pasted, json.loads(snippet))
    assert pasted != in_json()
    assert complaints(json.dumps(pasted)) == before("conditional")


def joined(one: Any, other: Any) -> Any:
    """Two values as one, as somebody does who pastes a part in."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{k: joined(one[k], v) if k in one else v for k, v in other.items()}}
    return [*one, *other] if isinstance(one, list) and isinstance(other, list) else other


@pytest.mark.parametrize("name", PARTS)
def test_what_is_left_out_is_said(name: str) -> None:
    entry = CATALOG["patterns"][name]
    folders = {file.partition("/")[0] for file in entry["files"]} - {"tests"}
    leaves_out = entry["handlers"] or folders - FOLDERS
    leaves_out = leaves_out or entry["answers"].keys() - set(entry["adopt_answers"])
    assert bool(entry["when_adopted"]) == bool(leaves_out)


ADOPTABLE = [i for i in published.safeguards(CATALOG) if adopted.addable(CATALOG, i)]
NOT_THERE = re.compile(
    r"ApiFunction|src/orders|tests/|DownstreamUrl|WorkerFunction|CodeDeployHook|UsagePlan|ApiKey"
    r"|\bLogGroupName\b"
)


@pytest.fixture(scope="module", params=["ja", "en"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an adopted project gets with all that can be added."""
    target = tmp_path_factory.mktemp("adopted") / request.param
    known = {
        "template": "sam/app.yaml",
        "stack": "TheStack",
        "resources": {"ApiFunction": ["Hello", "World"], "Api": ["RestApi"]},
        "own": [],
    }
    chosen = published.together(CATALOG, ADOPTABLE)
    data = {"adopted": known, "safeguards": chosen, "language": request.param}
    generate(target, {**data, "project_name": "thing"})
    return target


def test_files_come_in_folders_of_their_own(project: Path) -> None:
    names = {path.name for path in project.iterdir()}
    assert names <= {".copier-answers.yml", "baseline", "config", "network", "runbooks", "scripts"}


def test_runbooks_speak_of_the_project_that_is_there(project: Path) -> None:
    runbooks = sorted((project / "runbooks").iterdir())
    assert len(runbooks) > 10
    for path in runbooks:
        text = path.read_text(encoding="utf-8")
        assert NOT_THERE.findall(text) == [], path.name
        assert "--stack-name thing " not in text
        assert "`sam/app.yaml`" in text or not re.search(r"[^/\w]template\.yaml", text)


def test_runbooks_name_the_functions(project: Path) -> None:
    naming = [p for p in (project / "runbooks").iterdir() if "Hello" in p.read_text("utf-8")]
    assert len(naming) > 3
    for path in naming:
        assert "`World`" in path.read_text(encoding="utf-8"), path.name
