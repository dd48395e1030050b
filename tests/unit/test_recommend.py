"""Recommendations follow the catalog's conditions, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scaffolder import published, recommend
from scaffolder.answers import WrongAnswers
from scaffolder.catalog import CatalogError, load_catalog
from scaffolder.messages import LANGUAGES, Say
from scaffolder.model import Pattern
from tests.cli.conftest import both, make_checkout, pattern

EN = Say("en")
REAL = published.load()


def text(word: str) -> dict[str, str]:
    return {"ja": f"{word} です。", "en": word}


def fact(*values: str, means: list[str], multiple: bool = False) -> dict[str, Any]:
    known: dict[str, Any] = {value: {"title": text(value), "means": None} for value in values}
    known["unknown"] = {"title": text("unknown"), "means": means, "treated": text("safe")}
    return {"question": text("?"), "multiple": multiple, "values": known}


FACTS = {
    "start": fact("call", "clock", means=["call"], multiple=True),
    "goal": fact("speed", "safety", means=["safety"]),
    "worry": fact("cost", "theft", means=[]),
}


def when(because: str, also: Any = None, unless: Any = None, **facts: list[str]) -> dict[str, Any]:
    found = {"facts": facts, "also": also or {}, "unless": unless or {}}
    return {**found, "because": text(because)}


def entry(*conditions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "chapter": "start",
        "title": text("A title"),
        "scope": ["project"],
        "costs": {"direction": "small"},
        "skip_if": text("You need it not"),
        "presets": {},
        "requires": {},
        "conflicts": {},
        "applies_when": None,
        "recommended_when": list(conditions),
        **fields,
    }


def catalog(**entries: dict[str, Any]) -> dict[str, Any]:
    patterns = {name.replace("_", "-"): about for name, about in entries.items()}
    for name, about in patterns.items():
        about["closure"] = [other for other in patterns if other in {name, *about["requires"]}]
    return {"facts": FACTS, "patterns": patterns}


SAFE = when("safe", goal=["safety"])
SAFE_AND_CHEAP = when("safe and cheap", goal=["safety"], worry=["cost"])
NOT_BOTH = {"one": text("not both")}


def advice(made: dict[str, Any], facts: recommend.Facts) -> dict[str, recommend.Advice]:
    return {found.id: found for found in recommend.advise(made, facts)}


@pytest.mark.parametrize(
    ("condition", "facts", "holds"),
    [
        (when("", goal=["speed"]), {"goal": "speed"}, True),
        (when("", goal=["speed"]), {"goal": ["speed"]}, True),
        (when("", goal=["speed"]), {"goal": "safety"}, False),
        (when("", goal=["speed", "safety"]), {"goal": "speed"}, True),
        (when("", goal=["speed"], worry=["cost"]), {"goal": "speed", "worry": "theft"}, False),
        (when("", goal=["speed"], worry=["cost"]), {"goal": "speed", "worry": "cost"}, True),
        # Of a fact with several values, one is enough.
        (when("", start=["clock"]), {"start": ["call", "clock"]}, True),
        (when("", start=["clock"]), {"start": ["call"]}, False),
        (when("", also={"start": ["call"]}, start=["clock"]), {"start": ["clock"]}, False),
        (when("", also={"start": ["call"]}, start=["clock"]), {"start": ["clock", "call"]}, True),
        (when("", unless={"start": ["call"]}, start=["clock"]), {"start": ["clock"]}, True),
        (
            when("", unless={"start": ["call"]}, start=["clock"]),
            {"start": ["clock", "call"]},
            False,
        ),
        # One of several facts under `unless` is enough.
        (
            when("", unless={"goal": ["speed"], "worry": ["cost"]}, start=["clock"]),
            {"start": ["clock"], "goal": "safety", "worry": "cost"},
            False,
        ),
        # What is not known, or not said, has its safe meaning.
        (when("", goal=["safety"]), {"goal": "unknown"}, True),
        (when("", goal=["safety"]), {}, True),
        (when("", goal=["speed"]), {}, False),
        (when("", start=["call"]), {"start": ["unknown"]}, True),
        (when("", start=["call"]), {"start": ["clock", "unknown"]}, True),
        (when("", worry=["cost", "theft"]), {}, False),
        (when("", unless={"worry": ["cost", "theft"]}, goal=["safety"]), {}, True),
    ],
)
def test_when_a_condition_holds(
    condition: dict[str, Any], facts: recommend.Facts, holds: bool
) -> None:
    assert recommend.recommended(catalog(one=entry(condition)), facts) == (["one"] if holds else [])


def test_all_reasons_that_hold_are_given_in_the_catalogs_order() -> None:
    conditions = (when("first", goal=["speed"]), when("no", goal=["safety"]))
    made = catalog(one=entry(*conditions, when("last", worry=["cost"])))
    found = advice(made, {"goal": "speed", "worry": "cost"})["one"]
    assert [reason["en"] for reason in found.reasons] == ["first", "last"]


def test_what_is_for_everybody_says_so_only_when_nothing_better_holds() -> None:
    presets = {"strict": text("strict"), "recommended": text("everybody")}
    made = catalog(one=entry(when("speed", goal=["speed"]), presets=presets))
    assert advice(made, {})["one"].reasons == (text("everybody"),)
    assert advice(made, {"goal": "speed"})["one"].reasons == (text("speed"),)
    made = catalog(one=entry(presets={"strict": text("strict")}))
    assert not advice(made, {})["one"].recommended


def test_what_makes_no_sense_is_not_recommended_and_says_why() -> None:
    only = {"facts": {"start": ["clock"]}, "otherwise": text("no clock")}
    presets = {"recommended": text("everybody")}
    made = catalog(one=entry(when("safe", goal=["safety"]), applies_when=only, presets=presets))
    found = advice(made, {})["one"]
    assert (found.recommended, found.applies, found.reasons) == (False, False, ())
    assert found.because_not == text("no clock")
    assert advice(made, {"start": ["clock"]})["one"].recommended


def test_what_makes_no_sense_says_so_even_beside_a_conflict() -> None:
    only = {"facts": {"start": ["clock"]}, "otherwise": text("no clock")}
    made = catalog(one=entry(SAFE), two=entry(applies_when=only, conflicts=NOT_BOTH))
    found = advice(made, {})["two"]
    assert (found.because_not, found.excluded_by) == (text("no clock"), None)


def test_conditions_see_no_doubt() -> None:
    known = recommend.meant(catalog(), {"start": ["clock", "unknown"], "worry": "unknown"})
    assert known == {"start": {"clock", "call"}, "goal": {"safety"}, "worry": set()}


def test_a_concept_is_never_recommended() -> None:
    made = catalog(one=entry(when("safe", goal=["safety"]), scope=["concept"]))
    assert recommend.advise(made, {}) == []


@pytest.mark.parametrize(
    ("first", "second", "stays"),
    [
        (entry(SAFE), entry(SAFE, conflicts=NOT_BOTH), "one"),
        (entry(SAFE), entry(SAFE_AND_CHEAP, conflicts=NOT_BOTH), "two"),
        (entry(SAFE_AND_CHEAP), entry(SAFE, SAFE, conflicts=NOT_BOTH), "one"),
        # A reason for this workload is stronger than one for everybody.
        (entry(presets={"recommended": text("all")}), entry(SAFE, conflicts=NOT_BOTH), "two"),
        (
            entry(SAFE),
            entry(presets={"recommended": text("all")}, conflicts=NOT_BOTH),
            "one",
        ),
        # `also` and `unless` make a condition as strong as facts do.
        (
            entry(SAFE),
            entry(when("", unless={"worry": ["theft"]}, goal=["safety"]), conflicts=NOT_BOTH),
            "two",
        ),
    ],
)
def test_of_two_in_conflict_the_stronger_reason_stays(
    first: dict[str, Any], second: dict[str, Any], stays: str
) -> None:
    # The order of the deck makes no difference.
    for made in (catalog(one=first, two=second), catalog(two=second, one=first)):
        facts = {"worry": "cost"}
        assert recommend.recommended(made, facts) == [stays]
        other = advice(made, facts)["two" if stays == "one" else "one"]
        assert (other.recommended, other.excluded_by) == (False, stays)
        assert other.because_not == text("not both")
        assert other.reasons


def test_what_gives_way_excludes_nothing() -> None:
    """Two conflicts in a row: the middle one gives way to the first, and the last stays."""
    made = catalog(
        one=entry(SAFE_AND_CHEAP),
        two=entry(SAFE, conflicts=NOT_BOTH),
        three=entry(SAFE, conflicts={"two": text("no")}),
    )
    assert recommend.recommended(made, {"worry": "cost"}) == ["one", "three"]


def test_conflicts_of_what_comes_along_count() -> None:
    made = catalog(
        one=entry(SAFE_AND_CHEAP),
        bad=entry(conflicts=NOT_BOTH),
        two=entry(SAFE, requires={"bad": text("needs it")}),
    )
    found = advice(made, {"worry": "cost"})
    assert (found["two"].recommended, found["two"].excluded_by) == (False, "one")
    # It was not wanted, but could not be had either.
    assert (found["bad"].reasons, found["bad"].excluded_by) == ((), "one")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_explanation_is_plain_data(language: str) -> None:
    made = catalog(
        one=entry(SAFE_AND_CHEAP, requires={"two": text("needed")}),
        two=entry(),
        three=entry(conflicts={"two": text("not both")}),
    )
    say = Say(language)
    rows = {row["id"]: row for row in recommend.explain(made, {"worry": "cost"}, say)}
    assert rows["one"] == {
        "id": "one",
        "chapter": "start",
        "title": say.pick(text("A title")),
        "recommended": True,
        "reasons": [say.pick(text("safe and cheap"))],
        "applies": True,
        "because_not": None,
        "excluded_by": None,
        "cost": "small",
        "skip_if": say.pick(text("You need it not")),
        "brings": {"two": say.pick(text("needed"))},
    }
    assert rows["two"]["brings"] == {}
    assert rows["three"]["excluded_by"] == "one"
    assert rows["three"]["because_not"] == say.pick(text("not both"))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {}),
        ({"goal": "speed"}, {"goal": "speed"}),
        ({"goal": " speed "}, {"goal": "speed"}),
        ({"goal": ["speed"]}, {"goal": "speed"}),
        ({"start": "clock, call"}, {"start": ["call", "clock"]}),
        ({"start": "clock"}, {"start": ["clock"]}),
        ({"worry": "unknown", "start": ["call", "call"]}, {"start": ["call"], "worry": "unknown"}),
    ],
)
def test_good_facts(given: dict[str, object], found: dict[str, object]) -> None:
    checked = recommend.checked(catalog(), given, EN)
    assert checked == found
    assert list(checked) == [name for name in FACTS if name in found]


@pytest.mark.parametrize(
    "given",
    [
        {"goal": "sped"},
        {"goal": ""},
        {"goal": "speed,safety"},
        {"goal": ["speed", "safety"]},
        {"goal": []},
        {"goal": None},
        {"goal": 5},
        {"goal": {"speed": 1}},
        {"goal": [["speed"]]},
        {"start": ""},
        {"start": "call,nap"},
        {"golf": "speed"},
        {"\x1b[31m": "speed"},
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_bad_facts(given: dict[str, object], language: str) -> None:
    with pytest.raises(WrongAnswers) as caught:
        recommend.checked(catalog(), given, Say(language))
    (problem,) = caught.value.problems
    assert problem.about.isprintable() and problem.about in (*given, "\\x1b[31m")
    assert problem.rule


def test_all_bad_facts_are_found_at_once() -> None:
    given = {"golf": "x", "goal": "x", "worry": "x", "start": "call"}
    with pytest.raises(WrongAnswers) as caught:
        recommend.checked(catalog(), given, EN)
    assert [p.about for p in caught.value.problems] == ["golf", "goal", "worry"]
    assert "goal" in caught.value.problems[0].rule


def workloads() -> Iterator[dict[str, tuple[str, ...]]]:
    """Some of all workloads that the real facts can describe; always the same ones."""
    choices = {}
    for name, about in REAL["facts"].items():
        most = len(about["values"]) if about["multiple"] else 1
        sizes = range(1, most + 1)
        choices[name] = [c for n in sizes for c in combinations(about["values"], n)]
    chance = random.Random(5)  # noqa: S311, a sample, not a secret
    for _ in range(1500):
        yield {name: chance.choice(values) for name, values in choices.items()}


def test_any_workload_gets_what_can_be_had_together_and_nothing_unexplained() -> None:
    sizes = set()
    for facts in workloads():
        found = recommend.advise(REAL, facts)
        ids = [a.id for a in found if a.recommended]
        # What comes along is recommended for a reason of its own.
        assert published.closure(REAL, ids) == ids, facts
        assert published.conflicts(REAL, ids) == [], facts
        for each in found:
            assert each.reasons or not each.recommended
            assert each.applies or (each.because_not and not each.reasons)
            assert (each.excluded_by is None) or (each.because_not and not each.recommended)
        sizes.add(len(ids))
    everything = len(published.safeguards(REAL))
    assert min(sizes) > 0
    assert max(sizes) < everything * 0.85


TWICE = {"facts": {"trigger": ["http"]}, "because": both("ため。", "Because.")}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recommended_when": [{**TWICE, "facts": {"trigger": ["carrier-pigeon"]}}]}, "pigeon"),
        ({"recommended_when": [{**TWICE, "facts": {"weather": ["http"]}}]}, "weather"),
        ({"recommended_when": [{**TWICE, "also": {"trigger": ["phone"]}}]}, "phone"),
        ({"recommended_when": [{**TWICE, "unless": {"trigger": ["phone"]}}]}, "phone"),
        # It is replaced before conditions are looked at, so it could never hold.
        ({"recommended_when": [{**TWICE, "facts": {"trigger": ["unknown"]}}]}, "unknown"),
        (
            {
                "applies_when": {
                    "facts": {"trigger": ["unknown"]},
                    "otherwise": both("不要。", "No."),
                }
            },
            "unknown",
        ),
    ],
)
def test_a_condition_that_cannot_be_is_refused_by_the_compiler(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(CatalogError) as caught:
        make_checkout(tmp_path / "anshin", **{"work-queue": change})
    assert "work-queue" in str(caught.value) and said in str(caught.value)


def test_that_no_fact_can_tell_has_to_be_said() -> None:
    fields = pattern(recommended_when=[])
    assert Pattern.model_validate(fields).recommended_when == []
    del fields["recommended_when"]
    with pytest.raises(ValidationError, match="recommended_when"):
        Pattern.model_validate(fields)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("      means: [http]\n", "      means: [phone]\n", "phone"),
        ("      means: [http]\n", "      means: [unknown]\n", "unknown"),
        ("      means: [http]\n", "", "belong together"),
        ("      means: [public]\n", "      means: [public, internal]\n", "only one value"),
        ("    schedule:\n", "    schedule:\n      means: [http]\n", "belong together"),
    ],
)
def test_facts_without_a_safe_meaning_are_refused(
    before: str, after: str, said: str, tmp_path: Path
) -> None:
    root = make_checkout(tmp_path / "anshin") / "catalog"
    path = root / "facts.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogError, match=said):
        load_catalog(root)
