"""Every message exists in both languages, is used, and gets what it needs; and no text that a
user sees stands anywhere else."""

from __future__ import annotations

import ast
import errno
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from scaffolder import published
from scaffolder.checks.words import WORDS
from scaffolder.messages import FORMS, LANGUAGES, Say, choose_language, texts

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "scaffolder"
SPEAKERS = frozenset({"say", "Trouble", "_section", "_flag", "tell", "progress"})
"""Functions whose argument is a message's key."""


PROSE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}|[\u3040-\u30ff\u4e00-\u9fff]")
"""Two words in a row, or anything Japanese."""

COMMAND = re.compile(
    r"\s*(&& )?(anshin|brew|git|make|pip|sam|sudo apt|winget|xcode-select) |def |<[a-z]+ |fg:ansi"
)
"""What a user may type, code, HTML, and styles; it is the same in every language."""

AUTHORS = "speaks to those who write the catalog, in English like their other tools"
NOT_SHOWN = "is read by programs only"
BOTH = "holds texts in both languages"

ELSEWHERE = {
    "adoptable.py": BOTH,
    "bundle.py": AUTHORS,
    "catalog.py": AUTHORS,
    "checks/conditions.py": NOT_SHOWN,
    "checks/network.py": NOT_SHOWN,
    "checks/schema.py": "only the place of an error is shown, not its text",
    "checks/words.py": BOTH,
    "handlers.py": AUTHORS,
    "history.py": NOT_SHOWN,
    "journal/shelf.py": NOT_SHOWN,
    "layout.py": "has characters of both languages, by how lines break at them",
    "merge.py": AUTHORS,
    "model.py": AUTHORS,
    "page_words.py": BOTH,
    "plan_pages.py": "has the words of git's diff",
    "questions.py": "writes copier.yml, which is looked at below",
    "released.py": AUTHORS,
    "requirements.py": AUTHORS,
    "selection.py": "has the ends of the range of katakana",
    "sources.py": AUTHORS,
    "threeway.py": "has the words of git's diff",
    "weave.py": BOTH,
}
"""Modules with texts of their own, and why they may have them."""

SAID = {"click": {"echo", "secho", "UsageError"}, "": {"print", "SystemExit"}, "sys": {"exit"}}
"""Functions whose text a user sees as it is, by where they come from."""

NAMES = {"anshin", "anshin: "}
"""What they may say without a message: the name of the command, before a message."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def calls() -> Iterator[ast.Call]:
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in SPEAKERS:
                yield node


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@cache
def words() -> frozenset[str]:
    """All strings and names in the code: what a key that is put together can be made of."""
    found: set[str] = set(errno.errorcode.values())
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.Name | ast.arg):
                found.add(node.id if isinstance(node, ast.Name) else node.arg)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
    return frozenset(found)


@cache
def puzzles() -> tuple[re.Pattern[str], ...]:
    """Patterns of the keys that are put together: they begin with a section's name."""
    found: set[str] = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"([A-Za-z_]+)"
                    for p in node.values
                ]
                found.add("".join(parts))
    return tuple(re.compile(p) for p in sorted(found) if re.match(r"\w+\\\.", p))


def is_used(key: str) -> bool:
    """Whether the code has the key, or one like it whose variable parts it has elsewhere."""
    fits = filter(None, (puzzle.fullmatch(key) for puzzle in puzzles()))
    return key in words() or any(words() >= set(fit.groups()) for fit in fits)


def docstrings(tree: ast.Module) -> set[int]:
    """The strings that stand alone, as docstrings do."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


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
    assert is_used(key)


@pytest.mark.parametrize("key", ["nobody", "new.nobody", "plan.count.nobody", "help.nobody_short"])
def test_an_unused_message_would_be_found(key: str) -> None:
    assert not is_used(key)


def test_no_text_stands_in_the_code() -> None:
    """Nor is a module excused that has none."""
    found = {
        f"{name}:{node.lineno}: {node.value}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings(tree)
        and PROSE.search(node.value)
        and not COMMAND.match(node.value)
    }
    assert {f for f in found if f.partition(":")[0] not in ELSEWHERE} == set()
    assert ELSEWHERE.keys() <= {f.partition(":")[0] for f in found}


def said(tree: ast.Module) -> Iterator[ast.expr]:
    """What a user is told as it stands."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        where = getattr(getattr(node.func, "value", None), "id", "")
        if _name(node.func) in SAID.get(where, ()):
            yield from node.args[:1]
        yield from (k.value for k in node.keywords if k.arg in ("help", "short_help", "epilog"))
        if _name(node.func) == "Trouble":
            yield from (a for a in node.args[:1] if not set(keys_in(a)) <= texts().keys())


def test_nothing_is_said_without_a_message() -> None:
    """Not even one word."""
    found = [
        f"{name}:{node.lineno}: {part.value}"
        for name, tree in trees()
        if ELSEWHERE.get(name) not in (AUTHORS, BOTH)
        for node in said(tree)
        for part in (node.values if isinstance(node, ast.JoinedStr) else [node])
        if isinstance(part, ast.Constant)
        and re.search(r"[^\W\d_]", str(part.value))
        and part.value not in NAMES
    ]
    assert found == []


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


# The engine of the checks has words of its own, since it imports nothing of the command.


@pytest.mark.parametrize("key", WORDS)
def test_the_words_of_the_checks_are_in_both_languages_and_used(key: str) -> None:
    forms = WORDS[key]
    assert forms.keys() == set(LANGUAGES)
    assert placeholders(forms["ja"]) == placeholders(forms["en"])
    assert key in outside_of_their_module()


@cache
def outside_of_their_module() -> frozenset[str]:
    return frozenset(
        node.value
        for name, tree in trees()
        if name != "checks/words.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_one_word_is_used_for_one_thing() -> None:
    """As in the catalog and on the pages."""
    terms = yaml.safe_load((ROOT / "catalog" / "terms.yaml").read_text(encoding="utf-8"))
    avoided = [re.compile(pattern) for term in terms for pattern in term["avoid"]]
    both = {**texts(), **WORDS}
    found = {
        (key, pattern.pattern)
        for key, forms in both.items()
        for pattern in avoided
        if pattern.search("\n".join(forms.values()))
    }
    assert found == set()


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


def test_the_locale_of_c_is_english() -> None:
    for name in ("C", "POSIX", "C.UTF-8", "en_US.UTF-8", "de_DE.UTF-8", ""):
        assert choose_language([], {"LC_ALL": name}) == "en"


QUESTIONS = {
    name: question
    for name, question in yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8")).items()
    if not name.startswith("_") and question.get("when") is not False
}
"""What plain Copier asks; it has no languages, so its texts are in both."""

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def is_both(text: str) -> bool:
    """Whether a text is in English and in Japanese."""
    english, slash, japanese = text.partition(" / ")
    words = bool(re.search(r"[A-Za-z]", english)) and not JAPANESE.search(english)
    return words and bool(slash) and bool(JAPANESE.search(japanese))


@pytest.mark.parametrize("name", QUESTIONS)
def test_copier_asks_in_both_languages(name: str) -> None:
    question = QUESTIONS[name]
    catalog = published.load()
    assert is_both(question["help"])
    asked = published.questions(catalog, catalog["patterns"]).get(name)
    if asked:
        assert question["help"].startswith(f"{asked['label']['en']} / {asked['label']['ja']}")
    for complaint in re.findall(r"{{ '((?:[^'\\]|\\.)*)' }}", question.get("validator", "")):
        assert is_both(complaint) or not re.search(r"[A-Za-z]{2}", complaint)


@pytest.mark.parametrize("name", [n for n, q in QUESTIONS.items() if "choices" in q])
def test_copier_offers_choices_in_both_languages(name: str) -> None:
    """Codes are the same in both, and languages are called what they call themselves."""
    choices = QUESTIONS[name]["choices"]
    if isinstance(choices, str):
        # YAML, then Jinja for ids that are recorded and unknown here.
        choices = yaml.safe_load(re.sub(r"(?m)^{%.*$", "", choices))
    titles = published.load()["answers"]["language"]["titles"]
    if isinstance(choices, list):
        assert all(re.fullmatch(r"[\w.-]+", str(choice)) for choice in choices)
        return
    for label, choice in choices.items():
        value = choice["value"] if isinstance(choice, dict) else choice
        assert str(label) in (str(value), titles.get(value)) or is_both(str(label))
