"""Hostile answers are refused with a clear message, or come out literally in files that parse."""

from __future__ import annotations

import ast
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scaffolder import answers, published, rendering, source
from scaffolder.answers import Given, WrongAnswers
from scaffolder.layout import Screen
from scaffolder.messages import LANGUAGES, Say
from scaffolder.screens import Pages
from tests.cli.conftest import Run

NASTY = [
    "'",
    '"',
    "'''",
    '"""',
    'it\'s "quoted" \\ back\\\\slash',
    "a: b",
    "- a",
    "-rf /",
    "--help",
    "# no comment",
    "{{ 7 * 7 }}",
    "{{ undefined_name }}",
    "{% for x in y %}",
    "{% raw %}{{ x }}{% endraw %}",
    "{# gone? #}",
    "{{'}}'}}",
    "!!python/object/apply:os.system ['ls']",
    "!Ref Api",
    "!Sub ${AWS::AccountId}",
    "${AWS::StackName}",
    "&anchor *alias",
    "<<: *x",
    "null",
    "true",
    "1.10",
    "2024-01-01",
    "0x1F",
    "@handle",
    "%TAG ! tag:x",
    "`backticks`",
    "| literal",
    "> folded",
    "? key",
    "[a, b",
    "{a: b",
    "../../etc/passwd",
    "C:\\Windows\\x",
    "/absolute",
    "..",
    "~",
    "🙂 安心 ｱﾝｼﾝ",
    "\u202e reversed",
    "\u200b",
    "a\u00a0b",
    "e\u0301",
    "\U0010ffff",
    "two\nlines",
    "carriage\rreturn",
    "tab\tbed",
    "\x00",
    "\x1b[31mred",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\ud800",
    " padded ",
    "",
    "x" * 200,
    "安" * 200,
    "🙂" * 200,
    "'" * 200,
    '"' * 200,
    "\\" * 200,
    "{" * 200,
    "x" * 10_000,
    "$(touch owned)",
    "; rm -rf .",
    "</title><script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
]

TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=250),
    st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join),
    st.text("'\"{}%#:-!&*\\ \n[]|>?,`@$<=", max_size=40),
)
"""Text that somebody may type, paste or send."""

NAMES = st.one_of(
    st.sampled_from([*NASTY, "a" * 40, "a" * 41, "a-b", "a--b", "A", "9a", "a_b", "con", "a.b"]),
    st.from_regex(r"[a-z][a-z0-9-]{0,45}", fullmatch=True),
    st.text(max_size=45),
)

FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def opened(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> source.Source:
    return source.open_source(str(checkout), tmp_path_factory.mktemp("source"))


class Loader(yaml.SafeLoader):
    """Reads a SAM template; what an intrinsic says is not looked at."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: (suffix, node.value))


@contextmanager
def project(
    opened: source.Source, given: dict[str, Any], place: Path
) -> Iterator[Path | WrongAnswers]:
    """The project made with these answers, or how they are refused."""
    say = Say("en")
    try:
        choice = answers.resolve(opened.catalog, Given(["rate-limit"], None, given), say)
    except WrongAnswers as wrong:
        yield wrong
        return
    standing = answers.defaults(opened.catalog, ["rate-limit"], None, say)
    everything = {**standing, **choice.answers, "safeguards": ["rate-limit"]}
    target, work = place / "project", place / "work"
    for folder in (target, work):
        folder.mkdir()
    try:
        with rendering.renderer(work) as ready:
            ready.render(opened, everything, target)
        yield target
    finally:
        shutil.rmtree(target)
        shutil.rmtree(work)


def is_literal(made: Path, given: dict[str, Any]) -> None:
    """Every file parses, and says what was answered."""
    recorded = yaml.safe_load((made / ".copier-answers.yml").read_text(encoding="utf-8"))
    for name, value in given.items():
        assert recorded[name] == value
    template = yaml.load((made / "template.yaml").read_text(encoding="utf-8"), Loader)  # noqa: S506
    assert template["Description"] == recorded["description"]
    log = template["Resources"]["LimitLog"]["Properties"]
    assert log["LogGroupName"] == recorded["rate_limit_label"]
    assert len(template["Description"].encode()) <= 1024
    about = tomllib.loads((made / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert about["description"] == recorded["description"]
    assert about["name"] == recorded["project_name"]
    deploy = tomllib.loads((made / "samconfig.toml").read_text(encoding="utf-8"))
    assert recorded["project_name"] in json.dumps(deploy)
    for path in made.rglob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"))
    for path in made.rglob("*.yml"):
        yaml.safe_load(path.read_text(encoding="utf-8"))
    readme = (made / "README.md").read_text(encoding="utf-8")
    assert f"\n{recorded['description']}\n" in readme
    top = {p.relative_to(made).parts[0] for p in made.rglob("*")}
    assert top <= {*TOP, "SAFEGUARDS.md"}


TOP = {
    ".copier-answers.yml",
    ".git",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
    "Makefile",
    "README.md",
    "pyproject.toml",
    "renovate.json",
    "requirements-dev.txt",
    "samconfig.toml",
    "src",
    "template.yaml",
    "tests",
}


def is_refused_clearly(wrong: WrongAnswers, opened: source.Source, given: dict[str, Any]) -> None:
    """Each message names an answer that was given, is short, and cannot touch the terminal."""
    for lang in LANGUAGES:
        text = Pages(opened.catalog, Say(lang), Screen()).wrong_answers(wrong.problems)
        assert len(text) < 800
        assert all(c.isprintable() or c == "\n" for c in text)
    assert {problem.about for problem in wrong.problems} <= given.keys()


def holds(opened: source.Source, given: dict[str, Any], place: Path) -> None:
    with project(opened, given, place) as made:
        if isinstance(made, WrongAnswers):
            is_refused_clearly(made, opened, given)
        else:
            is_literal(made, given)


@FEW
@given(text=TEXTS, label=TEXTS)
@example(text="{{ 7 * 7 }} {% raw %} {# #}", label="'{{ 7 * 7 }}'")
@example(text="'\"\\ : # - !!x & * \t", label="")
def test_texts(text: str, label: str, opened: source.Source, tmp_path: Path) -> None:
    holds(opened, {"description": text, "rate_limit_label": label}, tmp_path)


@settings(FEW, max_examples=20)
@given(name=NAMES)
def test_names(name: str, opened: source.Source, tmp_path: Path) -> None:
    holds(opened, {"project_name": name}, tmp_path)


def test_every_nasty_text(opened: source.Source, tmp_path: Path) -> None:
    """Each by itself is refused or fit; those that are fit come out together."""
    say = Say("en")
    fit: list[str] = []
    for text in NASTY:
        given = {"rate_limit_label": text}
        try:
            answers.resolve(opened.catalog, Given(["rate-limit"], None, given), say)
            fit.append(text)
        except WrongAnswers as wrong:
            is_refused_clearly(wrong, opened, given)
    assert {"{{ 7 * 7 }}", "🙂 安心 ｱﾝｼﾝ", "'''", "..", ""} <= set(fit)
    assert not {"two\nlines", "\x00", "\ud800", "x" * 10_000} & set(fit)
    for text in (" ".join(fit)[:200], " ".join(reversed(fit))[:200]):
        holds(opened, {"rate_limit_label": text, "description": text.strip()}, tmp_path)


def test_project_names_are_plain(opened: source.Source) -> None:
    """Of all the nasty texts none can be a project's name, as paths and stacks are made of it."""
    question = opened.catalog["answers"]["project_name"]
    accepted = [t for t in NASTY if answers.check(question, t, Say("en"))[1] is None]
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", text) for text in accepted)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["{{ 7 * 7 }}", "two\nlines", "x" * 10_000, "🙂'\": {% x %}", "--help", "\udcff"]
)
def test_as_a_user_gives_them(
    text: str, lang: str, anshin: Run, checkout: Path, tmp_path: Path
) -> None:
    """Through the command line and a file, with the real command."""
    data = tmp_path / "answers.yml"
    data.write_text(json.dumps({"description": text}), encoding="utf-8")
    for words in (["--data", f"description={text}"], ["--data-file", str(data)]):
        done = anshin(
            "new", "svc", "--defaults", "--json", "--template", checkout, *words, lang=lang
        )
        assert "Traceback" not in done.stderr
        if done.returncode == 0:
            made = Path(json.loads(done.stdout)["path"])
            is_literal(made, {"description": text})
            shutil.rmtree(made)
        else:
            assert done.returncode == 2
            assert "description" in done.stderr or str(data) in done.stderr
            assert len(done.stderr) < 600
            assert not (Path(anshin.folder) / "svc").exists()  # type: ignore[attr-defined]


def test_the_real_catalogs_text_answers(tmp_path: Path) -> None:
    """Whatever text a real safeguard asks for, a quote or a brace in it stays one."""
    catalog = published.load()
    texts = {
        name: (owner, question)
        for owner, entry in catalog["patterns"].items()
        for name, question in entry["answers"].items()
        if question["type"] == "str"
    }
    for name, (_, question) in texts.items():
        for text in NASTY:
            value, rule = answers.check(question, text, Say("ja"))
            assert rule is None or value == text, name
            if rule is None:
                assert "\n" not in text, name
                assert len(text) <= question["max_length"], name
