"""`list` and `show`: everything that an entry says, set for a terminal, or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder import published
from scaffolder.layout import PIPED, Screen, width
from scaffolder.messages import LANGUAGES, Say
from scaffolder.screens import Pages, tree
from tests.cli.conftest import Run

LANG = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def catalog(checkout: Path) -> dict[str, Any]:
    path = checkout / "scaffolder" / "catalog.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def pages(catalog: dict[str, Any], lang: str, *, styled: bool = False) -> Pages:
    return Pages(catalog, Say(lang), Screen(PIPED, styled))


def test_list(catalog: dict[str, Any]) -> None:
    assert pages(catalog, "en").listing() == (
        "Where to start\n"
        "  peace-of-mind  What peace of mind is\n"
        "    concept | bill slightly higher\n"
        "\n"
        "Throttling\n"
        "  open-door      No ceiling at all\n"
        "    code | bill slightly higher\n"
        "  rate-limit     A ceiling on requests\n"
        "    SAM template | bill slightly higher | recommended\n"
        "\n"
        "Protecting the downstream\n"
        "  work-queue     A queue for the work\n"
        "    code | bill slightly higher\n"
        "\n"
        "Presets (anshin new DIR --preset NAME): none, recommended, strict, cost,\n"
        "  learning, all\n"
        "4 entries. Read one with: anshin show ID"
    )


def test_list_in_japanese(catalog: dict[str, Any]) -> None:
    lines = pages(catalog, "ja").listing().splitlines()
    assert "  rate-limit     リクエスト数の上限" in lines
    assert "    SAM テンプレート | 料金がわずかに増える | recommended" in lines


@LANG
def test_show_has_everything(catalog: dict[str, Any], lang: str) -> None:
    entry = catalog["patterns"]["rate-limit"]
    text = pages(catalog, lang).pattern("rate-limit")
    for part in ("title", "summary", "why", "how", "use_when", "skip_if", "see_it", "since_deck"):
        assert entry[part][lang] in text
    assert entry["costs"]["text"][lang] in text
    for name, question in entry["answers"].items():
        assert name in text
        assert question["label"][lang] in text
        assert str(question["default"]).lower() in text
    check = entry["checks"]["limited"]
    assert "rate-limit/limited" in text
    assert check["title"][lang] in text
    assert check["fix"][lang] in text
    # The snippet as it would be with the defaults, and which answer changes it.
    assert "RetentionInDays: 50  # rate_limit_rate" in text
    assert text.index("before.py") < text.index("after.py")
    assert "https://example.com/" in text
    assert f"https://anshin.invalid/{lang}/patterns/rate-limit/" in text
    assert "anshin new DIR --safeguards rate-limit" in text


@LANG
def test_show_names_relations_with_their_reasons(catalog: dict[str, Any], lang: str) -> None:
    for name, relation in (("work-queue", "requires"), ("open-door", "conflicts")):
        text = pages(catalog, lang).pattern(name)
        assert catalog["patterns"][name][relation]["rate-limit"][lang] in text


def test_a_concept_is_nothing_to_build_in(catalog: dict[str, Any]) -> None:
    assert "anshin new" not in pages(catalog, "en").pattern("peace-of-mind")


@LANG
def test_the_real_catalog_fits_the_terminal(lang: str) -> None:
    """Prose and lists do; code, addresses and long commands stay as they are."""
    real = published.load()
    assert all(width(line) <= PIPED for line in pages(real, lang).listing().splitlines())
    for name in real["patterns"]:
        code = _code(real, name)
        for line in pages(real, lang).pattern(name).splitlines():
            bare = line.strip()
            long_word = "`" in bare or "https://" in bare or bare in code or " " not in bare
            assert width(line) <= PIPED or long_word, f"{name}: {line}"


def _code(catalog: dict[str, Any], name: str) -> set[str]:
    entry = catalog["patterns"][name]
    files = [*published.snippets(catalog, name).values()]
    files += [*entry["samples"].values(), *entry["with"].values()]
    # Prose has code between fences.
    files += [text for key in ("how", "see_it") for text in entry[key].values()]
    return {line.strip() for text in files for line in text.splitlines()}


def test_styles_only_decorate(catalog: dict[str, Any]) -> None:
    import click

    styled = pages(catalog, "ja", styled=True).pattern("rate-limit")
    assert "\x1b[" in styled
    assert click.unstyle(styled) == pages(catalog, "ja").pattern("rate-limit")


@LANG
def test_json(lang: str, anshin: Run) -> None:
    real = published.load()
    listed = json.loads(anshin("list", "--json", lang=lang).stdout)["patterns"]
    assert [p["id"] for p in listed] == list(real["patterns"])
    for row in listed:
        entry = real["patterns"][row["id"]]
        assert row["title"] == entry["title"][lang]
        assert row["cost"] == entry["costs"]["direction"]
        assert set(row["presets"]) == set(entry["presets"])
        assert (row["scope"], row["chapter"]) == (entry["scope"], entry["chapter"])


def test_show_json_is_the_whole_entry(anshin: Run) -> None:
    name, entry = next(iter(published.load()["patterns"].items()))
    assert json.loads(anshin("show", name, "--json").stdout) == {"id": name, **entry}


@LANG
def test_a_typing_mistake(lang: str, anshin: Run) -> None:
    name = next(iter(published.load()["patterns"]))
    done = anshin("show", name[:-2] + name[-1], lang=lang)
    assert done.returncode == 2
    assert name in done.stderr


def test_similar() -> None:
    known = ["sqs-buffering", "apigw-throttling", "apigw-request-validation"]
    assert published.similar("sqs-bufferin", known) == ["sqs-buffering"]
    assert published.similar("APIGW-THROTTLING", known)[0] == "apigw-throttling"
    assert published.similar("validation", known) == ["apigw-request-validation"]
    assert published.similar("zzz", known) == []


def test_tree() -> None:
    assert tree(["a/b.py", "a/c/d.py", "z.md"]) == [
        "├── a/",
        "│   ├── b.py",
        "│   └── c/",
        "│       └── d.py",
        "└── z.md",
    ]
