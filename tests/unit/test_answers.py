"""Answers are held against the catalog's rules; every problem is found, each in its own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder import answers
from scaffolder.answers import Given, WrongAnswers
from scaffolder.messages import LANGUAGES, Say, Trouble
from tests.cli.conftest import make_checkout

EN = Say("en")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = make_checkout(tmp_path_factory.mktemp("answers") / "anshin")
    return dict(json.loads((root / "scaffolder" / "catalog.json").read_text(encoding="utf-8")))


def wrong(catalog: dict[str, Any], given: Given, say: Say = EN) -> dict[str, str]:
    """About → rule of all problems."""
    with pytest.raises(WrongAnswers) as caught:
        answers.resolve(catalog, given, say)
    return {problem.about: problem.rule for problem in caught.value.problems}


LIMITED = ["rate-limit"]


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        ("project_name", "a-1", "a-1"),
        ("description", "'quotes' \"and\" {{ braces }} 注文 🙂", None),
        ("description", "x" * 200, None),
        ("language", "ja", "ja"),
        ("region", "us-gov-west-1", "us-gov-west-1"),
        ("rate_limit_rate", "1", 1),
        ("rate_limit_rate", 1000, 1000),
        ("rate_limit_rate", "５０", 50),
        ("rate_limit_strict", "Yes", True),
        ("rate_limit_strict", False, False),
        ("rate_limit_mode", "hard", "hard"),
        ("rate_limit_label", "", ""),
    ],
)
def test_good(catalog: dict[str, Any], name: str, value: object, answer: object) -> None:
    choice = answers.resolve(catalog, Given(LIMITED, None, {name: value}), EN)
    assert choice.answers == {name: value if answer is None else answer}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project_name", ""),
        ("project_name", "My Project"),
        ("project_name", "a--b"),
        ("project_name", "a-"),
        ("project_name", "-a"),
        ("project_name", "../a"),
        ("project_name", "a\n"),
        ("project_name", "a" * 41),
        ("project_name", "注文"),
        ("project_name", 5),
        ("description", ""),
        ("description", " padded"),
        ("description", "two\nlines"),
        ("description", "x" * 201),
        ("description", "bell\x07"),
        ("description", "\ud800"),
        ("description", ["a"]),
        ("language", "fr"),
        ("language", ["ja"]),
        ("region", "tokyo"),
        ("runtime", "python2.7"),
        ("rate_limit_rate", "0"),
        ("rate_limit_rate", "1001"),
        ("rate_limit_rate", "1.5"),
        ("rate_limit_rate", "9" * 5000),
        ("rate_limit_rate", True),
        ("rate_limit_rate", None),
        ("rate_limit_strict", "maybe"),
        ("rate_limit_strict", 1),
        ("rate_limit_mode", "HARD"),
        ("rate_limit_label", "x" * 201),
        ("rate_limit_label", "a\tb"),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_bad(catalog: dict[str, Any], name: str, value: object, lang: str) -> None:
    found = wrong(catalog, Given(LIMITED, None, {name: value}), Say(lang))
    assert list(found) == [name]
    assert found[name]


def test_all_problems_at_once(catalog: dict[str, Any]) -> None:
    given = Given(
        ["rate-limt", "peace-of-mind", "rate-limit"],
        None,
        {"rate_limit_rate": "0", "regoin": "eu-west-1", "region": "mars"},
    )
    with pytest.raises(WrongAnswers) as caught:
        answers.resolve(catalog, given, EN)
    assert [p.about for p in caught.value.problems] == [
        "safeguards",
        "safeguards",
        "rate_limit_rate",
        "regoin",
        "region",
    ]


def test_suggestions(catalog: dict[str, Any]) -> None:
    assert "rate-limit" in wrong(catalog, Given(["rate-limt"]))["safeguards"]
    assert "anshin list" in wrong(catalog, Given(["xyz"]))["safeguards"]
    assert "region" in wrong(catalog, Given([], None, {"regoin": "x"}))["regoin"]
    assert "concept" in wrong(catalog, Given(["peace-of-mind"]))["safeguards"]


def test_an_answer_of_a_safeguard_that_is_not_chosen(catalog: dict[str, Any]) -> None:
    found = wrong(catalog, Given([], None, {"rate_limit_rate": 5}))
    assert "--safeguards rate-limit" in found["rate_limit_rate"]
    # As long as nobody chose, it may still be.
    answers.resolve(catalog, Given(None, None, {"rate_limit_rate": 5}), EN)


def test_the_computed_answer_cannot_be_given(catalog: dict[str, Any]) -> None:
    assert "active_safeguards" in wrong(catalog, Given([], None, {"active_safeguards": []}))


@pytest.mark.parametrize("chosen", [["rate-limit", "open-door"], ["work-queue", "open-door"]])
def test_conflicts_have_the_catalogs_reason(catalog: dict[str, Any], chosen: list[str]) -> None:
    assert "It undoes the ceiling." in wrong(catalog, Given(chosen))["safeguards"]


def test_what_is_required_comes_along_with_its_reason(catalog: dict[str, Any]) -> None:
    choice = answers.resolve(catalog, Given(["work-queue"]), EN)
    assert choice.safeguards == ["work-queue"]
    (note,) = choice.along
    assert "rate-limit" in note
    assert "The inflow must be bounded." in note


def test_a_renamed_safeguard(catalog: dict[str, Any]) -> None:
    choice = answers.resolve(catalog, Given(["request-limit"]), EN)
    assert choice.safeguards == ["rate-limit"]
    assert "rate-limit" in choice.notes[0]


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        (Given(), None),
        (Given([]), []),
        (Given(["work-queue", "rate-limit"]), ["rate-limit", "work-queue"]),
        (Given(None, "recommended"), ["rate-limit"]),
        (Given(["work-queue"], "recommended"), ["rate-limit", "work-queue"]),
        (Given(None, "none"), []),
        (Given(None, None, {"safeguards": "work-queue, rate-limit"}), ["rate-limit", "work-queue"]),
        (Given(None, None, {"safeguards": ["rate-limit"]}), ["rate-limit"]),
        (Given(["work-queue"], None, {"safeguards": ["rate-limit"]}), ["work-queue"]),
    ],
)
def test_choosing(catalog: dict[str, Any], given: Given, chosen: list[str] | None) -> None:
    assert answers.resolve(catalog, given, EN).safeguards == chosen


@pytest.mark.parametrize("value", [5, {"a": 1}, [1], None])
def test_safeguards_of_a_wrong_kind(catalog: dict[str, Any], value: object) -> None:
    given = Given(None, None, {"safeguards": value})
    if value is None:
        assert answers.resolve(catalog, given, EN).safeguards is None
    else:
        assert "safeguards" in wrong(catalog, given)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my-service", "my-service"),
        ("My Service", "my-service"),
        ("my_service.v2", "my-service-v2"),
        ("注文", "orders"),
        ("2fast", "orders"),
        ("Ｏｒｄｅｒｓ", "orders"),
        ("x" * 60, "orders"),
    ],
)
def test_the_folder_names_the_project(
    catalog: dict[str, Any], folder: str, name: str, tmp_path: Path
) -> None:
    standing = answers.defaults(catalog, [], tmp_path / folder, Say("ja"))
    assert (standing["project_name"], standing["language"]) == (name, "ja")


def test_values_in_messages_are_short_and_harmless() -> None:
    assert answers.shown("a\x1b[31m\n\ud800", EN) == '"a\\x1b[31m\\n\\ud800"'
    assert len(answers.shown("x" * 10_000, EN)) < 70
    assert answers.shown([1] * 100, EN) == "(a list)"
    assert answers.shown({}, EN) == "(a mapping)"
    assert answers.shown(5, EN) == "5"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b"\xff\xfe", "data_file.encoding"),
        (b"a: [", "data_file.yaml"),
        (b"a: !!python/object/apply:os.system [ls]", "data_file.yaml"),
        (b"a: \x00", "data_file.yaml"),
        (b"a: 1\n---\nb: 2\n", "data_file.yaml"),
        (b"- a\n- b\n", "data_file.mapping"),
        (b"1: a\n", "data_file.mapping"),
        (b"just text", "data_file.mapping"),
        (b"a: 1\na: 2\n", "data_file.twice"),
        (b"[" * 5000, "data_file.yaml"),
        (b"a: 2024-13-45\n", "data_file.yaml"),
        (None, "os_error.ENOENT"),
    ],
)
def test_a_data_file_that_cannot_be_used(text: bytes | None, key: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(Trouble) as caught:
        answers.from_file(path)
    assert caught.value.key == key
    assert str(path) in caught.value.said(Say("ja"))


def test_a_data_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text("# mine\n_commit: v1\n_src_path: x\nregion: eu-west-1\n", encoding="utf-8")
    assert answers.from_file(path) == {"region": "eu-west-1"}
    path.write_text("", encoding="utf-8")
    assert answers.from_file(path) == {}
