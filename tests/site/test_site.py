"""The built site is whole: all pages in both languages, all links alive, nothing from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scaffolder.catalog import load_catalog
from scaffolder.export import catalog_json
from scaffolder.pages import pages
from scaffolder.published import closure, conflicts, safeguards
from tests.site.built import ROOT, Site, build

LANGUAGES = ("ja", "en")
OVERVIEWS = ("incidents", "presets")
CATALOG = load_catalog(ROOT / "catalog")
PROVEN = next(entry.id for entry in CATALOG if entry.read("proof.py"))
OUTSIDE_CSS = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pattern_and_its_chapter_has_a_page(site: Site, language: str) -> None:
    for entry in CATALOG:
        page = site.page(f"{language}/patterns/{entry.id}/index.html")
        title = getattr(entry.pattern.title, language)
        assert f"<title>{title} - Anshin</title>" in page.path.read_text(encoding="utf-8")
        chapter = site.page(f"{language}/chapters/{entry.pattern.chapter}/index.html")
        assert page.path in {site.resolve(chapter, link) for link in chapter.links}


@pytest.mark.parametrize("language", LANGUAGES)
def test_symptoms_and_presets_lead_to_patterns_and_back(site: Site, language: str) -> None:
    overviews = {name: site.page(f"{language}/{name}/index.html") for name in OVERVIEWS}
    assert set(CATALOG.presets) <= set(overviews["presets"].ids)
    for entry in CATALOG:
        page = site.page(f"{language}/patterns/{entry.id}/index.html")
        named = {"incidents": entry.pattern.incidents, "presets": entry.pattern.presets}
        for name, anchors in named.items():
            links = {url for url in page.links if f"/{name}/#" in url}
            assert {url.partition("#")[2] for url in links} == set(anchors)
            assert {site.resolve(page, url) for url in links} <= {overviews[name].path}
            back = {site.resolve(overviews[name], url) for url in overviews[name].links}
            assert not anchors or page.path in back


def test_the_command_of_a_symptom_names_what_can_be_chosen_together() -> None:
    catalog = json.loads(catalog_json(CATALOG, "source", "https://site.invalid/"))
    commands = re.findall(r"--safeguards (\S+)", pages(catalog, "en")["incidents.md"])
    assert commands
    for command in commands:
        chosen = command.split(",")
        assert set(chosen) <= set(safeguards(catalog))
        assert conflicts(catalog, closure(catalog, chosen)) == []


def test_no_link_or_anchor_is_dead(site: Site) -> None:
    assert list(site.dead_links()) == []


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    loaded = [url for page in site.pages.values() for url in page.loaded]
    assert loaded
    assert [url for url in loaded if urlsplit(url).netloc] == []
    for sheet in site.root.rglob("*.css"):
        assert not OUTSIDE_CSS.search(sheet.read_text(encoding="utf-8")), sheet


def test_each_page_says_its_language_and_leads_to_itself_in_the_other(site: Site) -> None:
    for language, other in (LANGUAGES, LANGUAGES[::-1]):
        for path, page in site.pages.items():
            if path.is_relative_to(site.root / language) and path.name != "404.html":
                assert page.language == language
                twin = site.root / other / path.relative_to(site.root / language)
                assert site.resolve(page, page.switches[other]) == twin
                assert twin in site.pages


def test_the_root_leads_to_both_languages_without_a_script(site: Site) -> None:
    root = site.page("index.html")
    found = {site.resolve(root, link) for link in root.links}
    assert found == {site.root / language / "index.html" for language in LANGUAGES}


def test_anchors_are_given_unique_and_the_same_in_both_languages(site: Site) -> None:
    for path, page in site.pages.items():
        if not path.is_relative_to(site.root / "ja") or path.name == "404.html":
            continue
        anchors = [anchor for _, anchor in page.headings]
        # A heading without an id of its own gets one like `_2`.
        assert [a for a in anchors if not re.fullmatch(r"[a-z][a-z0-9-]*", a)] == [], path
        assert len(page.ids) == len(set(page.ids)), path
        twin = site.pages[site.root / "en" / path.relative_to(site.root / "ja")]
        assert twin.headings == page.headings


def test_heading_levels_are_not_skipped(site: Site) -> None:
    for path, page in site.pages.items():
        levels = [level for level, _ in page.headings]
        assert levels[0] == 1 and levels.count(1) == 1, path
        assert all(below - above <= 1 for above, below in pairwise(levels)), path


def test_checks_have_anchors(site: Site) -> None:
    for entry in CATALOG:
        page = site.page(f"ja/patterns/{entry.id}/index.html")
        assert {f"check-{check}" for check in entry.pattern.checks} <= set(page.ids)


def test_a_copy_for_the_file_system(tmp_path: Path) -> None:
    result = build(tmp_path, "--no-directory-urls")
    assert result.returncode == 0, result.stderr
    site = Site.read(tmp_path)
    assert list(site.dead_links()) == []
    for language in LANGUAGES:
        page = site.page(f"{language}/index.html")
        relative = [link for link in page.links if not urlsplit(link).scheme]
        # A browser lists a folder instead of opening its index.html.
        assert [link for link in relative if urlsplit(link).path.endswith("/")] == []
        index = tmp_path / language / "search" / "search_index.js"
        assert index.read_text(encoding="utf-8").startswith("var __index = {")


def test_a_checkout_without_evidence_or_patterns_builds(tmp_path: Path) -> None:
    result = build(tmp_path / "site", root=_without_patterns(tmp_path))
    assert result.returncode == 0, result.stderr


def test_recorded_evidence_is_on_the_page(tmp_path: Path) -> None:
    root = _with_evidence(tmp_path)
    result = build(tmp_path / "site", root=root)
    assert result.returncode == 0, result.stderr
    site = Site.read(tmp_path / "site")
    assert list(site.dead_links()) == []
    for language in LANGUAGES:
        page = site.page(f"{language}/patterns/{PROVEN}/index.html")
        assert "results" in page.ids
        text = page.path.read_text(encoding="utf-8")
        assert "2001-02-03" in text and "It holds" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dead_link_in_either_language_fails_the_build(tmp_path: Path, language: str) -> None:
    root = _without_patterns(tmp_path)
    page = root / "docs" / language / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[gone](gone.md)\n", encoding="utf-8")
    result = build(tmp_path / "site", root=root)
    assert result.returncode != 0
    assert "gone.md" in result.stderr


def test_a_hand_written_page_does_not_stand_in_for_a_generated_one(tmp_path: Path) -> None:
    root = _without_patterns(tmp_path)
    (root / "docs" / "ja" / "patterns").mkdir()
    (root / "docs" / "ja" / "patterns" / "index.md").write_text("# Mine\n", encoding="utf-8")
    result = build(tmp_path / "site", root=root)
    assert result.returncode != 0
    assert "patterns/index.md" in result.stderr


def _with_evidence(folder: Path) -> Path:
    """A checkout with one result on record. The hook looks for it in its own checkout."""
    root = folder / "checkout"
    for name in ("catalog", "docs", "scaffolder"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for path in (*ROOT.glob("mkdocs*.yml"), ROOT / "pyproject.toml"):
        shutil.copy(path, root)
    proof = {"date": "2001-02-03", "passed": 1, "failed": 0, "tests": ["it holds"]}
    recorded = {"date": "2001-02-03", "proofs": {PROVEN: proof}}
    (root / "scaffolder" / "evidence.json").write_text(json.dumps(recorded), encoding="utf-8")
    return root


def _without_patterns(folder: Path) -> Path:
    """A checkout with all that the site is built from, but an empty catalog."""
    root = folder / "checkout"
    shutil.copytree(ROOT / "docs", root / "docs")
    (root / "catalog").mkdir()
    for path in (*ROOT.glob("mkdocs*.yml"), ROOT / "pyproject.toml", *ROOT.glob("catalog/*.yaml")):
        shutil.copy(path, root / path.relative_to(ROOT))
    return root
