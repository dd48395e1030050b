"""Choosing safeguards: what comes along, what is ruled out, and what a filter lets through."""

from __future__ import annotations

import random

import pytest

from scaffolder import published
from scaffolder.messages import LANGUAGES, Say
from scaffolder.selection import DIRECTIONS, Mark, Row, Selection, Toggled, told
from tests.unit import pick_world as world
from tests.unit.pick_world import CATALOG, selection

REAL = published.load()


def row(chosen: Selection, name: str) -> Row:
    return next(row for row in chosen.rows() if row.id == name)


def ids(rows: tuple[Row, ...]) -> list[str]:
    return [row.id for row in rows]


def said(toggled: Toggled, language: str) -> list[str]:
    return [sentence for sentence, _ in told(CATALOG, toggled, Say(language))]


# Rows


def test_rows_are_what_can_be_chosen_in_the_decks_order() -> None:
    rows = selection().rows()
    assert [row.id for row in rows] == [n for n in CATALOG["patterns"] if n != "the-idea"]
    assert [row.chapter for row in rows] == ["door"] * 3 + ["watch"] * 7 + ["network"] * 3
    assert {row.mark for row in rows} == {Mark.free}


def test_what_is_required_comes_along_and_says_for_whom() -> None:
    chosen = selection("sales-report", "rate-limit")
    assert chosen.chosen == ["rate-limit", "sales-report"]
    assert chosen.active == ["rate-limit", "plain-counts", "sales-counts", "sales-report"]
    assert row(chosen, "sales-report") == Row("sales-report", "watch", Mark.chosen)
    along = Row("sales-counts", "watch", Mark.along, "sales-report", world.SALES_FIRST)
    assert row(chosen, "sales-counts") == along
    further = Row("plain-counts", "watch", Mark.along, "sales-counts", world.ONE_METER)
    assert row(chosen, "plain-counts") == further


@pytest.mark.parametrize(
    ("chosen", "name", "by", "through", "reason"),
    [
        ("plain-counts", "other-counts", "plain-counts", None, world.COUNTED_TWICE),
        ("other-counts", "plain-counts", "other-counts", None, world.COUNTED_TWICE),
        ("other-counts", "sales-counts", "other-counts", "plain-counts", world.COUNTED_TWICE),
        ("other-counts", "sales-report", "other-counts", "plain-counts", world.COUNTED_TWICE),
        ("sales-report", "other-counts", "plain-counts", None, world.COUNTED_TWICE),
        ("closed-net", "way-out", "closed-net", None, world.NO_WAY_OUT),
        ("way-out", "closed-net", "way-out", None, world.NO_WAY_OUT),
    ],
)
def test_what_cannot_be_combined_is_blocked(
    chosen: str, name: str, by: str, through: str | None, reason: world.Text
) -> None:
    chapter = CATALOG["patterns"][name]["chapter"]
    expected = Row(name, chapter, Mark.blocked, by, reason, through)
    assert row(selection(chosen), name) == expected


def test_of_two_that_cannot_be_combined_the_first_one_stays() -> None:
    assert selection("other-counts", "sales-counts", "log-format").chosen == [
        "other-counts",
        "log-format",
    ]


@pytest.mark.parametrize("name", ["the-idea", "nothing"])
def test_what_cannot_be_chosen_is_an_error(name: str) -> None:
    with pytest.raises(KeyError):
        selection(name)


# Toggling


def test_choosing_brings_what_is_required_and_rules_out_what_conflicts() -> None:
    chosen = selection("log-format")
    toggled = chosen.toggle("sales-report")
    assert toggled.changed
    assert (toggled.before, toggled.row.mark) == (Mark.free, Mark.chosen)
    assert ids(toggled.came) == ["plain-counts", "sales-counts"]
    assert ids(toggled.blocked) == ["other-counts"]
    assert toggled.went == toggled.freed == ()
    assert said(toggled, "en") == [
        '"A daily report of sales" is chosen.',
        '"Metrics through log lines" comes along.',
        '"Sales as metrics, with an alarm" comes along.',
        'Not possible any more: "Metrics with another library".',
    ]
    reasons = [reason for _, reason in told(CATALOG, toggled, Say("ja"))]
    assert reasons == ["", world.ONE_METER["ja"], world.SALES_FIRST["ja"], ""]


def test_what_nothing_needs_any_more_goes_and_what_it_blocked_is_free() -> None:
    chosen = selection("sales-report")
    toggled = chosen.toggle("sales-report")
    assert chosen.chosen == chosen.active == []
    assert ids(toggled.went) == ["plain-counts", "sales-counts"]
    assert ids(toggled.freed) == ["other-counts"]
    assert row(chosen, "other-counts").mark is Mark.free
    assert said(toggled, "ja") == [
        "「売上の日次レポート」を外しました。",
        "前提でなくなった「ログで送るメトリクス」、「売上のメトリクスとアラーム」も外れました。",
        "「別のライブラリによるメトリクス」を選べるようになりました。",
    ]


def test_what_is_blocked_does_not_change_and_says_why() -> None:
    chosen = selection("other-counts")
    toggled = chosen.toggle("sales-counts")
    assert not toggled.changed
    assert chosen.chosen == ["other-counts"]
    assert told(CATALOG, toggled, Say("en")) == [
        (
            '"Sales as metrics, with an alarm" needs "Metrics through log lines", which cannot be'
            ' combined with "Metrics with another library".',
            world.COUNTED_TWICE["en"],
        )
    ]
    direct = said(chosen.toggle("plain-counts"), "ja")
    assert direct == [
        "「ログで送るメトリクス」は「別のライブラリによるメトリクス」と同時に選べません。"
    ]


def test_what_came_along_can_be_chosen_itself_and_then_stays() -> None:
    chosen = selection("log-queries")
    toggled = chosen.toggle("log-format")
    assert (toggled.before, toggled.row.mark) == (Mark.along, Mark.chosen)
    assert said(toggled, "en") == [
        '"Structured logs" is now chosen itself, and stays even if nothing needs it.'
    ]
    assert chosen.toggle("log-queries").went == ()
    assert chosen.active == ["log-format"]


def test_what_another_needs_stays_when_it_is_no_longer_chosen() -> None:
    chosen = selection("log-format", "log-queries")
    toggled = chosen.toggle("log-format")
    assert (toggled.before, toggled.row.mark) == (Mark.chosen, Mark.along)
    assert chosen.active == ["log-format", "log-queries"]
    assert told(CATALOG, toggled, Say("en")) == [
        ('"Structured logs" stays, because "Saved queries" needs it.', world.ONE_GROUP["en"])
    ]


@pytest.mark.parametrize("catalog", [CATALOG, REAL], ids=["small", "real"])
@pytest.mark.parametrize("seed", range(5))
def test_a_selection_always_holds_together(catalog: published.Data, seed: int) -> None:
    """Whatever is toggled, in whatever order."""
    random.seed(seed)
    names = published.safeguards(catalog)
    chosen = Selection(catalog, [], [])
    for _ in range(60):
        before = {row.id: row.mark for row in chosen.rows()}
        toggled = chosen.toggle(random.choice(names))  # noqa: S311
        now = {row.id: row.mark for row in chosen.rows()}
        active = chosen.active
        assert active == published.closure(catalog, chosen.chosen)
        assert not published.conflicts(catalog, active)
        for name in names:
            with_it = published.closure(catalog, [*active, name])
            blocked = bool(published.conflicts(catalog, with_it))
            assert (now[name] is Mark.blocked) == blocked
            assert (now[name] is Mark.chosen) == (name in chosen.chosen)
            assert (now[name] in (Mark.chosen, Mark.along)) == (name in active)
        others = [*toggled.came, *toggled.went, *toggled.blocked, *toggled.freed]
        changed = {name for name in names if now[name] is not before[name]}
        assert changed - {toggled.row.id} == {other.id for other in others}
        assert len(others) == len({other.id for other in others})
        for language in LANGUAGES:
            assert all(sentence for sentence, _ in told(catalog, toggled, Say(language)))


# What else is known


def test_the_cost_counts_what_comes_along() -> None:
    cost = selection("sales-report", "right-size", "rate-limit").cost()
    assert cost == {"more": 1, "small": 2, "less": 1, "none": 1}
    assert tuple(cost) == DIRECTIONS


def test_relations_have_their_reasons_whoever_declares_them() -> None:
    chosen = selection()
    assert chosen.brings("sales-report") == [
        ("plain-counts", world.ONE_METER),
        ("sales-counts", world.SALES_FIRST),
    ]
    assert chosen.clashes("plain-counts") == [("other-counts", world.COUNTED_TWICE)]
    assert chosen.clashes("other-counts") == [("plain-counts", world.COUNTED_TWICE)]
    assert chosen.brings("right-size") == chosen.clashes("right-size") == []


def test_advice_is_that_of_the_workload() -> None:
    advice = selection().advice("rate-limit")
    assert advice and advice.recommended
    assert Selection(CATALOG, [], []).advice("rate-limit") is None


# The filter


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("sales", ["sales-counts", "sales-report"]),
        ("SALES-C", ["sales-counts"]),
        ("  sales\talarm ", ["sales-counts"]),
        ("alarm,sales", ["sales-counts"]),
        ("売上、アラーム", ["sales-counts"]),
        ("ｱﾗｰﾑ", ["sales-counts"]),
        ("あらーむ", ["sales-counts"]),
        ("nat", ["way-out"]),
        ("ＮＡＴ", ["way-out"]),
        ("429", ["rate-limit"]),
        ("ceiling json", []),
        ("report-writes", []),
        ("[", []),
        ("", None),
        (" ,", None),
    ],
)
def test_a_filter_looks_at_words_in_both_languages(filter: str, found: list[str] | None) -> None:
    every = [row.id for row in selection().rows()]
    assert [row.id for row in selection().rows(filter)] == (every if found is None else found)


def test_a_filter_does_not_change_marks() -> None:
    rows = selection("sales-report").rows("metrics")
    assert [row.mark for row in rows] == [Mark.along, Mark.blocked, Mark.along]
