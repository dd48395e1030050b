"""Ids and answers are permanent: what was released is there, or is mapped, or compiling fails."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import compile as compiler
from scaffolder import published, questions, released
from scaffolder.catalog import CatalogError, load_catalog
from tests.cli.conftest import (
    ROOT,
    Run,
    anshin,
    both,
    environment,
    home,
    make_checkout,
    question,
)

__all__ = ["anshin", "environment", "home"]

Data = dict[str, Any]
Change = Callable[[Data], object]
RELATIONS = ("requires", "conflicts")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout whose safeguards and answers are recorded."""
    return make_checkout(tmp_path / "anshin")


def edit(root: Path, name: str, change: Change) -> None:
    """Change an entry, given as plain data."""
    path = root / "catalog" / name / "pattern.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def remove(root: Path, name: str) -> None:
    shutil.rmtree(root / "catalog" / name)
    for folder in (p.parent for p in (root / "catalog").glob("*/pattern.yaml")):
        edit(root, folder.name, lambda data: [data.get(k, {}).pop(name, 0) for k in RELATIONS])


def rename(root: Path, name: str, now: str, *aliases: str) -> None:
    folder = root / "catalog" / name
    shutil.copytree(folder, root / "catalog" / now)
    remove(root, name)
    edit(root, now, lambda data: data.update(aliases=[*data["aliases"], *aliases]))


def retire(root: Path, **names: list[str]) -> None:
    why = {"since": "0.2.0", "because": both("不要になりました。", "Nobody needs it.")}
    data = {kind: dict.fromkeys(names.get(kind, []), why) for kind in ("safeguards", "answers")}
    (root / "catalog" / "retired.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")


def compiled(root: Path) -> Data:
    """The exported catalog, compiled and written."""
    compiler.write(root, compiler.compiled(root))
    text = (root / "scaffolder" / "catalog.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def problems(root: Path) -> str:
    with pytest.raises(CatalogError) as caught:
        compiler.compiled(root)
    return str(caught.value)


def test_the_real_catalog_is_recorded() -> None:
    catalog = load_catalog(ROOT / "catalog")
    recorded = released.read(ROOT)
    assert {e.id: {*e.answers()} for e in catalog.safeguards}.items() <= {
        name: {*answers} for name, answers in recorded.safeguards.items()
    }.items()
    assert questions.BASE_QUESTIONS.keys() <= recorded.answers.keys()


def test_what_is_new_is_added_and_nothing_is_taken_out(root: Path) -> None:
    before = released.read(root)
    assert before.safeguards["rate-limit"]["rate_limit_rate"] == "int"
    assert before.answers["language"] == "choice"
    assert "peace-of-mind" not in before.safeguards
    rename(root, "rate-limit", "traffic-limit", "rate-limit")
    retire(root, safeguards=["open-door"])
    remove(root, "open-door")
    edit(root, "work-queue", lambda d: d.update(questions={"depth": question("bool", True)}))
    compiled(root)
    after = released.read(root)
    assert after.safeguards["rate-limit"] == before.safeguards["rate-limit"]
    assert after.safeguards["open-door"] == {}
    assert after.safeguards["traffic-limit"]["traffic_limit_mode"] == "choice"
    assert after.safeguards["work-queue"] == {"work_queue_depth": "bool"}
    assert compiler.differences(root, compiler.compiled(root)) == []


def test_an_id_that_is_gone(root: Path, anshin: Run) -> None:
    remove(root, "open-door")
    assert "'open-door'" in problems(root)
    for words in (["compile"], ["compile", "--check"]):
        done = anshin(*words, "--root", root)
        assert (done.returncode, done.stdout) == (2, "")
        assert "'open-door' was released" in done.stderr
        assert "aliases" in done.stderr and "retired.yaml" in done.stderr


def test_the_record_cannot_be_forgotten(root: Path, anshin: Run) -> None:
    (root / released.FILE).unlink()
    done = anshin("compile", "--check", "--root", root)
    assert (done.returncode, done.stdout) == (1, f"{released.FILE}\n")


def test_a_damaged_record(root: Path) -> None:
    (root / released.FILE).write_text("safeguards: [a]\n", encoding="utf-8")
    assert released.FILE in problems(root)


def test_an_id_that_is_retired_takes_its_answers_along(root: Path) -> None:
    remove(root, "rate-limit")
    retire(root, safeguards=["rate-limit"])
    assert compiled(root)["retired"]["safeguards"]["rate-limit"]["since"] == "0.2.0"


def test_an_id_that_has_become_a_concept(root: Path) -> None:
    edit(root, "open-door", lambda data: data.update(scope=["concept"]))
    assert "'open-door'" in problems(root)
    retire(root, safeguards=["open-door"])
    compiled(root)


def test_a_new_id_takes_its_answers_along(root: Path) -> None:
    rename(root, "rate-limit", "traffic-limit")
    assert "'rate-limit'" in problems(root)
    edit(root, "traffic-limit", lambda data: data["aliases"].append("rate-limit"))
    catalog = compiled(root)
    assert published.former_answers(catalog)["rate_limit_mode"] == "traffic_limit_mode"
    assert published.former_answers(catalog)["request_limit_mode"] == "traffic_limit_mode"


def test_an_answer_that_is_gone(root: Path) -> None:
    edit(root, "rate-limit", lambda d: d["questions"].update(speed=d["questions"].pop("rate")))
    (root / "catalog" / "rate-limit" / "template.yaml").unlink()
    assert "'rate_limit_rate' was released and is gone" in problems(root)
    edit(root, "rate-limit", lambda d: d["questions"]["speed"].update(aliases=["rate_limit_rate"]))
    assert published.former_answers(compiled(root))["rate_limit_rate"] == "rate_limit_speed"


def test_an_answer_that_is_retired(root: Path) -> None:
    edit(root, "rate-limit", lambda data: data["questions"].pop("strict"))
    assert "'rate_limit_strict'" in problems(root)
    retire(root, answers=["rate_limit_strict"])
    compiled(root)


@pytest.mark.parametrize("alias", [False, True])
def test_an_answer_of_another_type(alias: bool, root: Path) -> None:
    flag = question("bool", True)
    if alias:
        new = {**flag, "aliases": ["rate_limit_rate"]}
        edit(root, "rate-limit", lambda d: d["questions"].update(fast=new))
        edit(root, "rate-limit", lambda d: d["questions"].pop("rate"))
    else:
        edit(root, "rate-limit", lambda d: d["questions"].update(rate=flag))
    (root / "catalog" / "rate-limit" / "template.yaml").unlink()
    said = problems(root)
    assert "'rate_limit_rate' was released as int" in said and "is bool" in said


def test_a_question_of_every_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = dict(questions.BASE_QUESTIONS)
    region = asked.pop("region")
    asked["place"] = region
    monkeypatch.setattr(questions, "BASE_QUESTIONS", asked)
    monkeypatch.setattr(released, "BASE_QUESTIONS", asked)
    catalog = load_catalog(root / "catalog")
    with pytest.raises(CatalogError, match="'region' was released and is gone"):
        released.check(catalog, released.read(root))
    asked["place"] = replace(region, aliases=("region",))
    released.check(catalog, released.read(root))
    written = yaml.safe_load(released.text(catalog, released.read(root)))
    assert {"region", "place"} <= written["answers"].keys()
    default = questions.base_questions()["place"]["default"]
    assert default.startswith("{% if region is defined and region is string")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["aliases"].append("work-queue"), "alias 'work-queue' of safeguard"),
        (lambda d: d["aliases"].append("peace-of-mind"), "alias 'peace-of-mind' of safeguard"),
        (lambda d: d["aliases"].append("rate-limit"), "alias 'rate-limit' of safeguard"),
        (
            lambda d: d["questions"]["rate"].update(aliases=["rate_limit_mode"]),
            "alias 'rate_limit_mode' of answer 'rate_limit_rate'",
        ),
        (
            lambda d: [d["questions"][n].update(aliases=["old"]) for n in ("rate", "mode")],
            "alias 'old' of answer",
        ),
        (
            lambda d: d["questions"]["rate"].update(aliases=["language"]),
            "alias 'language' of answer 'rate_limit_rate'",
        ),
    ],
)
def test_a_name_that_would_mean_two_things(change: Change, said: str, root: Path) -> None:
    edit(root, "rate-limit", change)
    assert said in problems(root)


def test_a_name_that_was_retired(root: Path) -> None:
    retire(root, safeguards=["rate-limit", "gone"], answers=["rate_limit_mode"])
    said = problems(root)
    assert "safeguard 'rate-limit' is in retired.yaml" in said
    assert "answer 'rate_limit_mode' is in retired.yaml" in said
    retire(root, safeguards=["request-limit"])
    assert "alias 'request-limit' of safeguard 'rate-limit'" in problems(root)


def test_recorded_answers_are_carried_over(root: Path) -> None:
    rename(root, "rate-limit", "traffic-limit", "rate-limit")
    retire(root, safeguards=["open-door"])
    remove(root, "open-door")
    kept, dropped = published.carried(
        compiled(root),
        {
            "_commit": "v0.1.0",
            "_src_path": "https://x",
            "adopted": {"own": []},
            "safeguards": ["work-queue", "no-such", "rate-limit", "traffic-limit", "open-door"],
            "rate_limit_rate": 5,
            "traffic_limit_mode": "soft",
            "rate_limit_mode": "hard",
            "rate_limit_gone": True,
            "region": "eu-west-1",
        },
    )
    assert kept == {
        "adopted": {"own": []},
        "safeguards": ["work-queue", "traffic-limit"],
        "traffic_limit_rate": 5,
        "traffic_limit_mode": "soft",
        "region": "eu-west-1",
    }
    assert dropped == ["no-such", "open-door", "rate_limit_gone"]


@pytest.mark.parametrize("chosen", [None, "rate-limit", 5])
def test_what_is_no_list_is_left_to_those_who_check(chosen: object, root: Path) -> None:
    kept, dropped = published.carried(compiled(root), {"safeguards": chosen})
    assert (kept, dropped) == ({"safeguards": chosen}, [])
