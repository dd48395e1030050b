"""The command's help and errors: quick, in the user's language, never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from scaffolder import __version__, published
from scaffolder.cli import commands
from scaffolder.layout import PIPED, width
from scaffolder.messages import LANGUAGES, Say
from tests.cli.conftest import ANSHIN, ROOT, Run

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
HELP = ["", *commands(Say("en")).commands]


def complaint(lang: str, text: str) -> None:
    """The text is what the command says of a mistake: in the language, and nothing else."""
    assert text.startswith("anshin: ")
    assert bool(JAPANESE.search(text)) == (lang == "ja")
    assert "Traceback" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", HELP)
def test_help(command: str, lang: str, anshin: Run) -> None:
    done = anshin(*command.split(), "--help", lang=lang)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(width(line) <= PIPED for line in done.stdout.splitlines())
    assert bool(JAPANESE.search(done.stdout)) == (lang == "ja")
    # Nothing of click's own English remains.
    assert lang == "en" or not re.search(r"\b(Options|Usage|Show|the)\b", done.stdout)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [
        ["--lang={lang}", "list", "--help"],
        ["list", "--lang", "{lang}", "--help"],
    ],
)
def test_the_option_decides_the_language(words: list[str], lang: str, anshin: Run) -> None:
    other = "en" if lang == "ja" else "ja"
    done = anshin(*(w.format(lang=lang) for w in words), lang=other)
    assert bool(JAPANESE.search(done.stdout)) == (lang == "ja")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_version(lang: str, anshin: Run) -> None:
    catalog = published.load()
    first, template, entries = anshin("--version", lang=lang).stdout.splitlines()
    assert first == f"anshin {__version__}"
    assert str(ROOT) in template
    assert str(len(catalog["patterns"])) in entries
    assert str(catalog["format"]) in entries


def test_without_a_command(anshin: Run) -> None:
    done = anshin()
    assert done.returncode == 2
    assert "anshin new my-service" in done.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["lst"], "list"),
        (["--nope"], "--nope"),
        (["new", "--default"], "--defaults"),
        (["new", "--preset"], "--preset"),
        (["new", "--defaults=yes"], "--defaults"),
        (["show"], "ID"),
        (["plan", "everything"], "remove"),
        (["completion", "tcsh"], "fish"),
        (["list", "more", "words"], "more"),
        (["--lang", "fr", "list"], "ja"),
        (["show", "no-such-safeguard"], "no-such-safeguard"),
        (["compile", "--root", "/nowhere"], "/nowhere"),
        (["new", "x", "--data", "novalue"], "NAME=VALUE"),
        (["new", "x", "--template", "nowhere"], "nowhere"),
    ],
)
def test_mistakes(words: list[str], part: str, lang: str, anshin: Run) -> None:
    done = anshin(*words, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert part in done.stderr
    complaint(lang, done.stderr)


JA, EN = "ja_JP.UTF-8", "en_US.UTF-8"


@pytest.mark.parametrize(
    ("words", "variables", "lang"),
    [
        (["--lang", "ja", "lst"], {"ANSHIN_LANG": "en", "LC_ALL": EN}, "ja"),
        (["list", "--lang=en", "--nope"], {"ANSHIN_LANG": "ja", "LC_ALL": JA}, "en"),
        (["plan", "nothing", "--lang", "ja"], {"ANSHIN_LANG": "en"}, "ja"),
        (["lst"], {"ANSHIN_LANG": "ja", "LC_ALL": "C"}, "ja"),
        (["new", "--preset"], {"ANSHIN_LANG": "en", "LC_ALL": JA}, "en"),
        (["show"], {"ANSHIN_LANG": "", "LC_ALL": JA, "LC_MESSAGES": EN}, "ja"),
        (["show"], {"ANSHIN_LANG": "", "LC_ALL": "C", "LANG": JA}, "en"),
        (["show"], {"ANSHIN_LANG": "", "LC_ALL": "POSIX", "LANG": JA}, "en"),
        (["list", "x"], {"ANSHIN_LANG": "", "LC_ALL": "", "LC_MESSAGES": JA, "LANG": EN}, "ja"),
        (["list", "x"], {"ANSHIN_LANG": "", "LC_ALL": "", "LANG": JA}, "ja"),
        (["--lang", "fr", "list"], {"ANSHIN_LANG": "ja", "LC_ALL": EN}, "ja"),
    ],
)
def test_mistakes_are_met_in_the_language_asked_for(
    words: list[str], variables: dict[str, str], lang: str, anshin: Run
) -> None:
    """`--lang` goes over ANSHIN_LANG, and that over the locale."""
    done = anshin(*words, **variables)
    assert (done.returncode, done.stdout) == (2, "")
    complaint(lang, done.stderr)


def test_an_unexpected_error_is_said_too(monkeypatch: pytest.MonkeyPatch, capsys: object) -> None:
    from scaffolder import cli, published

    def broken() -> None:
        raise RuntimeError("the disk has turned to cheese")

    monkeypatch.setattr(published, "load", broken)
    monkeypatch.delenv(cli.DEBUG, raising=False)
    assert cli.run(["list"], Say("en")) == cli.USAGE
    said = capsys.readouterr().err  # type: ignore[attr-defined]
    assert "RuntimeError: the disk has turned to cheese" in said
    complaint("en", said)
    monkeypatch.setenv(cli.DEBUG, "1")
    with pytest.raises(RuntimeError):
        cli.run(["list"], Say("en"))


def test_a_reader_that_goes_away(environment: dict[str, str]) -> None:
    command = f"{ANSHIN} list --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""


def test_an_output_that_knows_no_japanese(anshin: Run) -> None:
    done = anshin("list", lang="ja", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_heavy_is_loaded_for_reading() -> None:
    """Copier, pydantic, rich and prompts are imported by those commands only that need them."""
    code = (
        "import sys\n"
        "from scaffolder.cli import run\n"
        "from scaffolder.messages import Say\n"
        "for words in (['--help'], ['list'], ['show', 'x'], ['new', '--help']):\n"
        "    run(words, Say('en'))\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    heavy = {"copier", "pydantic", "rich", "questionary", "prompt_toolkit", "yaml", "jinja2"}
    assert not loaded & heavy
