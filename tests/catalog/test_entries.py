"""Every entry keeps the house rules: one voice, both languages, samples that run, a proof."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from scaffolder.catalog import CatalogEntry
from scaffolder.model import Text
from tests.combinations.selections import catalog

CATALOG = catalog()
ENTRIES = list(CATALOG)
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=[e.id for e in ENTRIES])

JAPANESE = r"[ぁ-んァ-ヶー一-龠々]"
TOUCHING = re.compile(rf"{JAPANESE}[A-Za-z0-9`]|[A-Za-z0-9`]{JAPANESE}")
SPACED_PUNCTUATION = re.compile(r"[、。「」] | [、。「」]")
"""Japanese and Latin stand one half-width space apart, and no space stands at Japanese marks."""

FULL_WIDTH = re.compile(r"[（）：；！０-９Ａ-Ｚａ-ｚ]")
FENCE = re.compile(r"```.*?```", re.DOTALL)
CODE = re.compile(r"`[^`]*`")


def texts(value: Any, place: str = "") -> Iterator[tuple[str, Text]]:
    """All prose of an entry with the place it stands at."""
    if isinstance(value, Text):
        yield place, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from texts(each, f"{place}[{index}]")
    elif hasattr(value, "__pydantic_fields__"):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), f"{place}.{name}".lstrip("."))


def prose(text: str) -> str:
    """Text without fenced code; inline code is kept as one letter in its backticks."""
    plain = re.sub(r"^ *(\d+\.|-) ", "", FENCE.sub("", text), flags=re.MULTILINE)
    return CODE.sub("`x`", plain)


@EACH
def test_the_first_line_names_the_schema(entry: CatalogEntry) -> None:
    first = (entry.read("pattern.yaml") or "").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../pattern.schema.json"


@EACH
def test_no_folded_scalars_and_no_trailing_blanks(entry: CatalogEntry) -> None:
    for number, line in enumerate((entry.read("pattern.yaml") or "").splitlines(), 1):
        assert not re.search(r": >[+-]?\d?$", line), f"line {number}: folds Japanese with blanks"
        assert line == line.rstrip(), f"line {number}: blanks at the end"


@EACH
def test_japanese_is_set_by_the_rules(entry: CatalogEntry) -> None:
    problems = []
    for place, text in texts(entry.pattern):
        for rule in (TOUCHING, SPACED_PUNCTUATION, FULL_WIDTH):
            for match in rule.finditer(prose(text.ja)):
                around = prose(text.ja)[max(match.start() - 12, 0) : match.end() + 12]
                problems.append(f"{place}: {match.group()!r} in …{around!r}…")
    assert not problems, "\n".join(problems)


@EACH
def test_each_language_is_in_its_own_words(entry: CatalogEntry) -> None:
    for place, text in texts(entry.pattern):
        assert not re.search(JAPANESE, text.en), f"{place}: Japanese in the English text"
        if len(text.ja) > 40:
            assert re.search(JAPANESE, text.ja), f"{place}: no Japanese in the Japanese text"


@EACH
def test_both_languages_have_the_same_paragraphs(entry: CatalogEntry) -> None:
    for place, text in texts(entry.pattern):
        assert len(text.ja.strip().splitlines()) == len(text.en.strip().splitlines()), place


@EACH
def test_every_entry_that_can_be_chosen_has_a_proof_that_says_what_is_real(
    entry: CatalogEntry,
) -> None:
    if entry not in CATALOG.safeguards:
        return
    proof = entry.read("proof.py")
    assert proof, "proof.py is missing"
    said = (ast.get_docstring(ast.parse(proof)) or "").lower()
    assert "real" in said, "the docstring says what is real and what is simulated"
    tests = [n.name for n in ast.parse(proof).body if isinstance(n, ast.FunctionDef)]
    assert len([t for t in tests if t.startswith("test_")]) >= 2, "both halves are shown"


@EACH
def test_every_sample_runs_in_the_proof(entry: CatalogEntry) -> None:
    proof = entry.read("proof.py") or ""
    for name in entry.tree("samples"):
        assert f'"{name}"' in proof, f"samples/{name} is shown on the page and run by nothing"


@EACH
def test_defaults_and_bounds_have_a_source(entry: CatalogEntry) -> None:
    for name, question in entry.pattern.questions.items():
        if question.type in ("int", "choice"):
            assert question.source.startswith("https://"), f"questions.{name}.source"
