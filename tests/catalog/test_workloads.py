"""Realistic workloads get what an engineer who knows them would recommend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffolder import published, recommend
from scaffolder.catalog import CatalogError, load_catalog
from scaffolder.messages import LANGUAGES, Say
from scaffolder.model import UNKNOWN, Text
from tests.catalog.test_entries import (
    CATALOG,
    FULL_WIDTH,
    JAPANESE,
    SPACED_PUNCTUATION,
    TOUCHING,
    prose,
    texts,
)
from tests.cli.conftest import make_checkout

EXPORTED = published.load()
WORKLOADS = EXPORTED["workloads"]
EACH = pytest.mark.parametrize("name", WORKLOADS)
ABLE = published.safeguards(EXPORTED)


@EACH
def test_a_workload_gets_exactly_what_is_expected(name: str) -> None:
    about = WORKLOADS[name]
    assert recommend.recommended(EXPORTED, about["facts"]) == list(about["expected"])


@EACH
def test_what_is_expected_and_what_is_not_are_safeguards(name: str) -> None:
    about = WORKLOADS[name]
    assert {*about["expected"], *about["unexpected"]} <= {*ABLE}
    assert 2 <= len(about["unexpected"]) <= 4


@EACH
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_safeguard_has_a_reason_in_words(name: str, language: str) -> None:
    rows = recommend.explain(EXPORTED, WORKLOADS[name]["facts"], Say(language))
    assert [row["id"] for row in rows] == ABLE
    for row in rows:
        assert all(row["reasons"]) and (row["reasons"] or not row["recommended"])
        # What is brought along is recommended for a reason of its own.
        if row["recommended"]:
            assert row["brings"].keys() <= WORKLOADS[name]["expected"].keys()


def test_there_are_ten_and_one_where_nothing_is_known() -> None:
    nothing = [n for n, w in WORKLOADS.items() if all(v == [UNKNOWN] for v in w["facts"].values())]
    assert len(nothing) == 1
    assert len(WORKLOADS) == 11


@pytest.mark.parametrize("fact", EXPORTED["facts"])
def test_every_answer_occurs(fact: str) -> None:
    occurring = {value for about in WORKLOADS.values() for value in about["facts"][fact]}
    assert occurring == EXPORTED["facts"][fact]["values"].keys()


@pytest.mark.parametrize("name", ABLE)
def test_every_safeguard_is_for_some_workloads_and_not_for_all(name: str) -> None:
    entry = EXPORTED["patterns"][name]
    having = [n for n, about in WORKLOADS.items() if name in about["expected"]]
    if not entry["recommended_when"]:
        # It is for those who know that they want it; the entry it is an alternative to is not.
        assert entry["conflicts"] and having == []
    elif published.RECOMMENDED in entry["presets"] and not entry["applies_when"]:
        for_all = [n for n in WORKLOADS if _excluded(name, n) is None]
        assert having == for_all
    else:
        assert 0 < len(having) < len(WORKLOADS)


def _excluded(safeguard: str, workload: str) -> str | None:
    facts = WORKLOADS[workload]["facts"]
    return next(a.excluded_by for a in recommend.advise(EXPORTED, facts) if a.id == safeguard)


@pytest.mark.parametrize("name", ABLE)
def test_every_condition_can_hold(name: str) -> None:
    """Also in view of `applies_when`; a condition that cannot hold is never shown."""
    entry = EXPORTED["patterns"][name]
    applies = (entry["applies_when"] or {"facts": {}})["facts"]
    for condition in entry["recommended_when"]:
        facts: dict[str, list[str]] = {}
        for part in (applies, condition["facts"], condition["also"]):
            for fact, values in part.items():
                several = EXPORTED["facts"][fact]["multiple"]
                allowed = [v for v in values if v not in condition["unless"].get(fact, [])]
                kept = [v for v in facts.get(fact, []) if several or v in allowed]
                facts[fact] = kept if set(kept) & set(allowed) else [*kept, allowed[0]]
        found = {a.id: a for a in recommend.advise(EXPORTED, facts)}[name]
        assert condition["because"] in found.reasons, condition["facts"]


def shared_texts() -> Iterator[tuple[str, Text]]:
    yield from texts(dict(CATALOG.workloads), "workloads")
    yield from texts(dict(CATALOG.facts), "facts")


SHARED = dict(shared_texts())


@pytest.mark.parametrize("place", SHARED)
def test_facts_and_workloads_are_set_by_the_rules(place: str) -> None:
    text = SHARED[place]
    for rule in (TOUCHING, SPACED_PUNCTUATION, FULL_WIDTH):
        assert not rule.search(prose(text.ja)), f"{rule.pattern} in {text.ja}"
    assert not re.search(JAPANESE, text.en)
    assert re.search(JAPANESE, text.ja) or len(text.ja) < 10
    assert text.en == text.en.strip() and text.ja == text.ja.strip()


@pytest.mark.parametrize("place", [p for p in SHARED if ".expected" in p or ".unexpected" in p])
def test_a_reason_is_whole_sentences(place: str) -> None:
    assert SHARED[place].ja.endswith("。") and SHARED[place].en.endswith(".")
    assert len(SHARED[place].ja) < 80


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w["facts"].update(trigger=["pigeon"]), "pigeon"),
        (lambda w: w["facts"].update(weather=["rain"]), "weather"),
        (lambda w: w["facts"].pop("team"), "team"),
        (lambda w: w["facts"].update(team=["lone", "on-call"]), "team"),
        (lambda w: w["unexpected"].update(w["expected"]), "both"),
    ],
)
def test_a_workload_that_cannot_be_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    import yaml

    root = make_checkout(tmp_path / "anshin") / "catalog"
    path = root / "workloads.yaml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(next(iter(known.values())))
    path.write_text(yaml.safe_dump(known, allow_unicode=True), encoding="utf-8")
    with pytest.raises(CatalogError, match=said) as caught:
        load_catalog(root)
    assert "workloads.yaml" in str(caught.value)
