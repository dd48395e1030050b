"""The Markdown of the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import markdown
import pytest

from scaffolder.catalog import load_catalog
from scaffolder.export import catalog_json
from scaffolder.page_words import WORDS
from scaffolder.pages import navigation, pages
from scaffolder.pages.markdown import fenced, prose, spaced

ROOT = Path(__file__).parents[2]
EXTENSIONS = ["attr_list", "md_in_html", "tables", "pymdownx.superfences"]

ENTRY = """\
title: {ja: 題, en: Title}
summary: {ja: 要約です。, en: A summary.}
why: {ja: 理由です。, en: Because.}
how: {ja: 方法です。, en: Thus.}
use_when: {ja: いつも。, en: Always.}
skip_if: {ja: 不要なら。, en: Not needed.}
costs: {direction: less, text: {ja: 無料です。, en: Free.}}
see_it: {ja: 見ます。, en: Look.}
chapter: CHAPTER
slides: [9, 3, 4, 5]
since_deck: {ja: なし。, en: Nothing.}
scope: [project]
recommended_when: [{facts: {trigger: [http]}, because: {ja: ため。, en: Because.}}]
goes_with: {RELATED}
questions:
  rate:
    {type: int, default: 20, min: 1, max: 5000, label: {ja: 率, en: Rate}, help: {ja: 率。, en: R.}}
  burst_rate:
    {type: str, default: a, pattern: "a|b`", label: {ja: 形, en: Form}, help: {ja: 形, en: F.}}
checks:
  limit:
    severity: error
    title: {ja: "A | B", en: "A | B"}
    message: {ja: 悪い。, en: Bad.}
    fix: {ja: "`a | b` に", en: "Use `a | b`"}
    select: ["$.Resources.*"]
    assert: {required: [Type]}
references: [{title: {ja: 資料, en: Source}, url: "https://example.com/"}]
"""


@pytest.fixture
def catalog(tmp_path: Path) -> dict[str, Any]:
    """A catalog of two patterns in two chapters that name each other."""
    for path in ROOT.glob("catalog/*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    for name, chapter, related in (
        ("first-one", "start", ""),
        ("second-one", "cost", "first-one: {ja: 理由, en: reason}"),
    ):
        entry = ENTRY.replace("CHAPTER", chapter).replace("RELATED", related)
        (tmp_path / name / "samples").mkdir(parents=True)
        (tmp_path / name / "pattern.yaml").write_text(entry, encoding="utf-8")
        (tmp_path / name / "samples" / "after.py").write_text("x = 1\n", encoding="utf-8")
        (tmp_path / name / "samples" / "before.py").write_text('x = "```"\n', encoding="utf-8")
        (tmp_path / name / "template.yaml").write_text(
            "Parameters:\n"
            "  Rate:\n    Type: Number\n    Default: !Answer rate\n"
            "  Name:\n    Type: String\n    Default: !Answer project_name\n",
            encoding="utf-8",
        )
        (tmp_path / name / "proof.py").write_text('"""It works."""\n', encoding="utf-8")
    return dict(json.loads(catalog_json(load_catalog(tmp_path), "source", "https://site.invalid/")))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_all_pages(catalog: dict[str, Any], language: str) -> None:
    assert sorted(pages(catalog, language)) == [
        "chapters/cost/index.md",
        "chapters/start/index.md",
        "incidents.md",
        "patterns/first-one.md",
        "patterns/index.md",
        "patterns/second-one.md",
        "presets.md",
    ]


def test_navigation_leads_to_every_page_in_the_decks_order(catalog: dict[str, Any]) -> None:
    found = list(_paths(navigation(catalog, "en")))
    assert found == [
        "index.md",
        "incidents.md",
        "presets.md",
        "projects.md",
        "patterns/index.md",
        "chapters/start/index.md",
        "patterns/first-one.md",
        "chapters/cost/index.md",
        "patterns/second-one.md",
    ]


def test_a_pattern_has_all_sections_in_one_order(catalog: dict[str, Any]) -> None:
    text = pages(catalog, "ja")["patterns/second-one.md"]
    assert re.findall(r"^## .*\{ #(\S+) \}$", text, re.MULTILINE) == [
        "why",
        "how",
        "adds",
        "samples",
        "checks",
        "proof",
        "use-when",
        "skip-if",
        "costs",
        "relations",
        "since-deck",
        "see-it",
        "commands",
        "references",
    ]


def test_answers_stand_with_their_default_and_name(catalog: dict[str, Any]) -> None:
    text = pages(catalog, "en")["patterns/first-one.md"]
    assert "Default: 20  # first_one_rate\n" in text
    assert 'Default: "orders"  # project_name\n' in text
    assert "!Answer" not in text


def test_samples_come_before_then_after_and_whole(catalog: dict[str, Any]) -> None:
    text = pages(catalog, "en")["patterns/first-one.md"]
    before, after = text.index('x = "```"'), text.index("x = 1")
    assert before < after
    assert '````python title="before.py"\nx = "```"\n````\n' in text


def test_relations_are_shown_from_both_sides(catalog: dict[str, Any]) -> None:
    english = pages(catalog, "en")
    assert "[Title](first-one.md): reason" in english["patterns/second-one.md"]
    assert "[Title](second-one.md): reason" in english["patterns/first-one.md"]


def test_slides_are_joined_to_runs(catalog: dict[str, Any]) -> None:
    assert "- スライド: 3〜5, 9\n" in pages(catalog, "ja")["patterns/first-one.md"]
    assert "- Slides: 3–5, 9\n" in pages(catalog, "en")["patterns/first-one.md"]


def test_an_incident_leads_to_its_patterns_and_to_one_command(catalog: dict[str, Any]) -> None:
    for name in ("first-one", "second-one"):
        catalog["patterns"][name]["incidents"] = ["bill-tripled"]
    text = pages(catalog, "en")["incidents.md"]
    assert re.findall(r"^## .*\{ #(\S+) \}$", text, re.MULTILINE) == ["bill-tripled"]
    assert text.count("\n\n    A summary.") == 2
    assert "anshin new my-service --safeguards first-one,second-one\n" in text
    pattern = pages(catalog, "en")["patterns/first-one.md"]
    assert "- [The bill tripled overnight](../incidents.md#bill-tripled)" in pattern


def test_the_command_has_nothing_that_cannot_go_together(catalog: dict[str, Any]) -> None:
    for name in ("first-one", "second-one"):
        catalog["patterns"][name]["incidents"] = ["bill-tripled"]
    reason = {"ja": "理由", "en": "reason"}
    catalog["patterns"]["first-one"]["conflicts"] = {"second-one": reason}
    text = pages(catalog, "en")["incidents.md"]
    assert "--safeguards second-one\n" in text
    assert "“Title” is left out" in text


def test_what_is_only_an_idea_is_shown_but_in_no_command(catalog: dict[str, Any]) -> None:
    catalog["patterns"]["first-one"].update(incidents=["bill-tripled"], scope=["concept"])
    english = pages(catalog, "en")
    assert "[Title](patterns/first-one.md)" in english["incidents.md"]
    assert "anshin new" not in english["incidents.md"] + english["patterns/first-one.md"]
    assert "anshin check --only first-one" in english["patterns/first-one.md"]


def test_a_command_says_what_comes_along(catalog: dict[str, Any]) -> None:
    catalog["patterns"]["second-one"].update(
        incidents=["bill-tripled"], closure=["first-one", "second-one"]
    )
    text = pages(catalog, "en")["incidents.md"]
    assert "because they are needed: [Title](patterns/first-one.md)" in text


def test_a_preset_says_why_each_member_is_in_it(catalog: dict[str, Any]) -> None:
    catalog["patterns"]["first-one"]["presets"] = {"cost": {"ja": "安い。", "en": "It saves."}}
    catalog["presets"]["cost"]["safeguards"] = ["first-one"]
    text = pages(catalog, "en")["presets.md"]
    anchors = re.findall(r"^## .*\{ #(\S+) \}$", text, re.MULTILINE)
    assert anchors == list(catalog["presets"])
    cost = text[text.index("{ #cost }") : text.index("{ #learning }")]
    assert "anshin new my-service --preset cost\n" in cost
    assert "- [Title](patterns/first-one.md)\n\n    It saves." in cost
    everything = text[text.index("{ #all }") :]
    assert "It contains 2 safeguards." in everything
    assert "[Cost](../presets.md#cost): It saves." in pages(catalog, "en")["patterns/first-one.md"]


def test_each_pattern_is_listed_under_every_place_it_lives_in(catalog: dict[str, Any]) -> None:
    catalog["patterns"]["first-one"]["scope"] = ["code", "project"]
    text = pages(catalog, "en")["patterns/index.md"]
    code = text[text.index("{ #scope-code }") :]
    project = text[text.index("{ #scope-project }") : text.index("{ #scope-code }")]
    assert code.count("(first-one.md)") == 1 and "second-one.md" not in code
    assert "(first-one.md)" in project and "(second-one.md)" in project
    page = pages(catalog, "en")["patterns/first-one.md"]
    assert "[code](index.md#scope-code), [SAM template](index.md#scope-project)" in page


def test_only_the_first_paragraph_of_an_introduction_is_in_the_list(
    catalog: dict[str, Any],
) -> None:
    catalog["chapters"]["cost"]["intro"] = {"ja": "", "en": "Opening.\nMore of it.\n"}
    english = pages(catalog, "en")
    assert "Opening.\n" in english["patterns/index.md"]
    assert "More of it." not in english["patterns/index.md"]
    assert "Opening.\n\nMore of it.\n" in english["chapters/cost/index.md"]


EVIDENCE = {
    "date": "2026-11-24",
    "python": "3.11.7",
    "versions": {"pytest": "9.0.1"},
    "proofs": {
        "first-one": {
            "date": "2026-11-23",
            "passed": 3,
            "failed": 0,
            "tests": ["without it all is lost", "with it nothing is lost"],
        },
        "second-one": {"date": "2026-11-24", "passed": 1, "failed": 2, "tests": ["it works"]},
    },
    "combinations": {
        "first-one": {"tried": 41, "passed": 41, "date": "2026-11-22"},
        "second-one": {"tried": 40, "passed": 38, "date": "2026-11-24"},
    },
}


def test_a_page_says_what_was_run_and_when(catalog: dict[str, Any]) -> None:
    text = pages(catalog, "en", EVIDENCE)["patterns/first-one.md"]
    assert "On 2026-11-23, all tests passed (3).\n" in text
    assert "- Without it all is lost\n- With it nothing is lost\n" in text
    assert "On 2026-11-22, projects were generated from 41 selections" in text
    assert "Versions used: Python 3.11.7, pytest 9.0.1\n" in text


@pytest.mark.parametrize(
    ("language", "proof", "combinations"),
    [("en", "2 of 3 tests failed", "2 failed"), ("ja", "2 件が失敗", "2 通りが")],
)
def test_a_page_hides_no_failure(
    catalog: dict[str, Any], language: str, proof: str, combinations: str
) -> None:
    text = pages(catalog, language, EVIDENCE)["patterns/second-one.md"]
    assert proof in text and combinations in text
    assert "all tests passed" not in text and "すべて成功" not in text
    assert "All of them passed" not in text and "すべてが" not in text


@pytest.mark.parametrize(
    "evidence",
    [None, {}, {"date": "2026-11-24", "versions": {"pytest": "9.0.1"}, "proofs": {}}],
)
def test_a_page_claims_nothing_that_was_not_recorded(
    catalog: dict[str, Any], evidence: dict[str, Any] | None
) -> None:
    text = pages(catalog, "en", evidence)["patterns/first-one.md"]
    assert "It works." in text
    assert "{ #results }" not in text and "pytest" not in text


def test_bars_and_backticks_do_not_break_tables(catalog: dict[str, Any]) -> None:
    html = _html(pages(catalog, "en")["patterns/first-one.md"])
    assert [row.count("<td") for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)] == [
        0,  # the settings' head
        3,
        3,
        0,  # the checks' head
        3,
    ]
    assert '<td data-label="What it looks for">A | B</td>' in html.replace("&#124;", "|")
    assert "<code>a | b</code>" in html
    assert "<code>a|b`</code>" in html
    assert '<code id="check-limit">limit</code>' in html


def test_every_word_is_there_in_both_languages() -> None:
    for name, word in WORDS.items():
        assert sorted(word) == ["en", "ja"], name
        fields = [sorted(re.findall(r"\{(\w+)\}", text)) for text in word.values()]
        assert fields[0] == fields[1], name


def test_one_line_is_one_paragraph() -> None:
    assert prose("One.\nTwo.\n") == "One.\n\nTwo."


def test_lists_and_code_in_prose() -> None:
    html = _html(
        prose(
            "Do this:\n1. Run it.\n\n   ```sh\n   for x in 1; do\n     echo $x\n   done\n\n"
            "   exit\n   ```\n2. Look.\n   More.\n3. Done.\nAfter."
        )
    )
    assert html.count("<ol>") == 1 and html.count("<li>") == 3
    assert "for x in 1; do\n  echo $x\ndone\n\nexit\n" in re.sub(r"<[^>]+>", "", html)
    assert html.index("More.") < html.index("</ol>") < html.index("After.")


def test_prose_with_code_outside_a_list() -> None:
    html = _html(prose("Run:\n```sh\na\n\n  b\n```\nThen look."))
    assert "a\n\n  b\n" in re.sub(r"<[^>]+>", "", html)
    assert "<p>Then look.</p>" in html


def test_fences_are_longer_than_what_they_hold() -> None:
    assert fenced("````\n", "text").startswith("`````text\n")


def test_templates_are_spaced_between_sections_and_resources() -> None:
    text = "A:\n  X: 1\n  Y: 2\nResources:\n  # one\n  One:\n    T: 1\n  # two\n  Two:\n    T: 2\n"
    assert spaced(text) == (
        "A:\n  X: 1\n  Y: 2\n\nResources:\n  # one\n  One:\n    T: 1\n\n  # two\n  Two:\n    T: 2\n"
    )


def _html(text: str) -> str:
    body = text.split("\n---\n", 1)[-1]
    return markdown.markdown(body, extensions=EXTENSIONS)


def _paths(nav: list[Any]) -> Iterator[str]:
    for item in nav:
        if isinstance(item, str):
            yield item
            continue
        for value in item.values():
            if isinstance(value, str):
                yield value
            else:
                yield from _paths(value)
