"""Every message exists in both languages, is used, and gets what it needs."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scaffolder.messages import FORMS, LANGUAGES, Say, choose_language, texts

PACKAGE = Path(__file__).parent.parent.parent / "scaffolder"
SPEAKERS = frozenset({"say", "Trouble", "_section", "_flag", "tell", "progress"})
"""Functions whose argument is a message's key."""


def calls() -> Iterator[ast.Call]:
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in SPEAKERS:
                yield node


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@cache
def constants() -> set[str]:
    """All strings in the code, and patterns for those put together from parts."""
    found: set[str] = set()
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"[A-Za-z_]+"
                    for p in node.values
                ]
                found.add("".join(parts))
    return {pattern for pattern in found if re.search(r"\w", pattern)}


def keys_in(node: ast.expr) -> list[str]:
    """The constant keys that an argument may be."""
    if isinstance(node, ast.IfExp):
        return keys_in(node.body) + keys_in(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", texts())
def test_both_languages_say_the_same(key: str) -> None:
    forms = texts()[key]
    assert set(LANGUAGES) <= forms.keys() <= FORMS
    named = {language: placeholders(text) for language, text in forms.items()}
    assert named["ja"] == named["en"]
    assert named.get("en_one", named["en"]) <= named["en"]
    assert all(text.strip() == text or "\n" in text for text in forms.values())


@pytest.mark.parametrize("key", texts())
def test_every_message_is_used(key: str) -> None:
    assert any(re.fullmatch(pattern, key) for pattern in constants())


def test_every_key_exists_and_gets_its_values() -> None:
    seen = 0
    for call in calls():
        hints = [k.value for k in call.keywords if k.arg == "hint"]
        keys = [key for a in [*call.args[:3], *hints] for key in keys_in(a) if "." in key]
        if any(k.arg is None for k in call.keywords):
            continue
        given = {k.arg for k in call.keywords} - {"hint"}
        for key in keys:
            seen += 1
            assert key in texts(), f"line {call.lineno}: {key}"
            if _name(call.func) in ("say", "Trouble"):
                missing = placeholders(texts()[key]["en"]) - given
                assert not missing, f"line {call.lineno}: {key} needs {missing}"
    assert seen > 100


def test_a_count_of_one_has_its_own_form() -> None:
    assert Say("en")("compile.stale", count=1).startswith("1 file is ")
    assert Say("en")("compile.stale", count=2).startswith("2 files are ")
    assert Say("ja")("compile.stale", count=1).startswith("1 個の")


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "ja_JP.UTF-8"}, "ja"),
        ([], {"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ([], {"LANG": "C", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ([], {"LANG": "ja_JP.UTF-8", "ANSHIN_LANG": "en"}, "en"),
        ([], {"LANG": "ja_JP.UTF-8", "ANSHIN_LANG": "fr"}, "ja"),
        (["new", "--lang", "en"], {"ANSHIN_LANG": "ja"}, "en"),
        (["--lang=ja", "list"], {}, "ja"),
        (["new", "--", "--lang=ja"], {}, "en"),
        (["list", "--lang"], {"ANSHIN_LANG": "ja"}, "ja"),
    ],
)
def test_choice_of_language(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert choose_language(arguments, environment) == language
