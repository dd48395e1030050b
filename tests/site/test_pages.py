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
from scaffolder.pages import fenced, navigation, pages, prose, spaced

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
        "patterns/first-one.md",
        "patterns/index.md",
        "patterns/second-one.md",
    ]


def test_navigation_leads_to_every_page_in_the_decks_order(catalog: dict[str, Any]) -> None:
    found = list(_paths(navigation(catalog, "en")))
    assert found == [
        "index.md",
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
