"""Completion with the Tab key: what is offered, and that the real shells show it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pexpect
import pyte
import pytest
import yaml

from scaffolder import completion, published
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.cli import commands
from scaffolder.messages import LANGUAGES, Say
from scaffolder.usage import Command
from tests.cli.conftest import ANSHIN, ROOT, Run
from tests.cli.terminal import PATIENCE

CATALOG = published.load()
PATTERNS = CATALOG["patterns"]
SAFEGUARDS = published.safeguards(CATALOG)
ALONE = [i for i in SAFEGUARDS if PATTERNS[i]["closure"] == [i]]
CHOSEN = ALONE[:2]
"""The safeguards of the project; they bring none along."""

CHOICE = next(
    (name, question["choices"])
    for name, question in published.questions(CATALOG, PATTERNS).items()
    if question["type"] == "choice" and published.owner(CATALOG, name)
)
"""An answer of a safeguard that has choices, and those."""

FREE = {"--to", "--from"}
"""Options whose values nobody can list."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with an answers file."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "data.yaml").write_text("", encoding="utf-8")
    recorded = {"_commit": "v0.1.0", "_src_path": CATALOG["source_url"], "safeguards": CHOSEN}
    (folder / ANSWERS_FILE).write_text(yaml.safe_dump(recorded), encoding="utf-8")
    return folder


Offers = dict[str, str]
"""Value → description."""

Ask = Callable[..., Offers]


@pytest.fixture
def offers(environment: dict[str, str], project: Path) -> Ask:
    """What the command offers at the end of a line, as fish gets it; it must say nothing else."""

    def ask(line: str, here: Path = project, **variables: str) -> Offers:
        asked = {completion.VARIABLE: "fish_complete", completion.LINE: line}
        done = subprocess.run(
            [ANSHIN], env={**environment, **asked, **variables}, cwd=here, capture_output=True
        )
        assert done.stderr == b""
        rows = (row.partition(",")[2] for row in done.stdout.decode().splitlines())
        return {value: text for value, _, text in (row.partition("\t") for row in rows)}

    return ask


@pytest.mark.parametrize("lang", LANGUAGES)
def test_commands(lang: str, offers: Ask) -> None:
    known = commands(Say(lang)).commands
    assert offers("anshin ", ANSHIN_LANG=lang) == {n: c.short_help for n, c in known.items()}
    # The option on the line decides, as it does when the line is run.
    assert offers(f"anshin --lang {lang} sta") == offers("anshin sta", ANSHIN_LANG=lang)


def test_options(offers: Ask) -> None:
    found = offers("anshin new --")
    assert {"--safeguards", "--data", "--lang", "--help"} <= found.keys()
    assert all(found.values())
    assert "--json" not in offers("anshin new --json --")
    # It asks for help, which is not printed into the line.
    assert offers("anshin new --help --").keys() == found.keys() - {"--help"}


def titles(ids: list[str], lang: str = "en") -> Offers:
    return {i: PATTERNS[i]["title"][lang] for i in ids}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ids_have_their_titles(lang: str, offers: Ask) -> None:
    assert offers("anshin show ", ANSHIN_LANG=lang) == titles(list(PATTERNS), lang)


def test_a_project_is_offered_what_it_lacks_and_what_it_has(offers: Ask, tmp_path: Path) -> None:
    lacking = titles([i for i in SAFEGUARDS if i not in CHOSEN])
    for command in ("add", "plan add"):
        assert offers(f"anshin {command} ") == lacking
        assert offers(f"anshin {command} --json ") == lacking
        assert offers(f"anshin {command} ", tmp_path) == titles(SAFEGUARDS)
    for command in ("remove", "plan remove"):
        assert offers(f"anshin {command} ") == titles(CHOSEN)
        assert offers(f"anshin {command} ", tmp_path) == {}
    assert offers("anshin plan update ") == {}
    assert offers("anshin remove --project project ", tmp_path) == titles(CHOSEN)


def test_what_was_typed_is_not_offered_again(offers: Ask) -> None:
    first, second = CHOSEN
    assert offers(f"anshin remove {first} ") == titles([second])
    assert first not in offers(f"anshin new --safeguards {first},")


def test_what_a_project_has_brought_along_or_had_before_is_not_lacking(
    offers: Ask, project: Path
) -> None:
    bringing = next(i for i in SAFEGUARDS if len(PATTERNS[i]["closure"]) > 1)
    recorded = {"safeguards": [bringing], "adopted": {"own": CHOSEN[:1]}}
    (project / ANSWERS_FILE).write_text(yaml.safe_dump(recorded), encoding="utf-8")
    assert not {*PATTERNS[bringing]["closure"], CHOSEN[0]} & offers("anshin add ").keys()


def test_lists_between_commas(offers: Ask) -> None:
    first, second = CHOSEN
    begin = f"{first},{second},"
    found = offers(f"anshin new --safeguards {begin}")
    assert found == {f"{begin}{i}": t for i, t in titles(SAFEGUARDS).items() if i not in CHOSEN}
    glued = offers(f"anshin new --safeguards={begin}")
    assert glued == {f"--safeguards={value}": text for value, text in found.items()}


def test_answers_and_their_choices(offers: Ask) -> None:
    name, choices = CHOICE
    owner = published.owner(CATALOG, name)
    asked = published.questions(CATALOG, published.closure(CATALOG, [str(owner)]))
    labels = {f"{n}=": question["label"]["en"] for n, question in asked.items()}
    assert offers(f"anshin new --safeguards {owner} --data ") == labels
    assert offers(f"anshin new -s {owner} -d {name}=x -d ").keys() == labels.keys() - {f"{name}="}
    assert list(offers(f"anshin new --data {name}=")) == [f"{name}={c}" for c in choices]
    assert offers("anshin new --data language=")["language=ja"] == "日本語"
    assert offers("anshin new --data nothing=") == {}
    # In a project, its own safeguards and those on the line.
    there = published.questions(CATALOG, published.closure(CATALOG, [*CHOSEN, str(owner)]))
    assert offers(f"anshin add {owner} --data ").keys() == {f"{n}=" for n in there}


def test_facts(offers: Ask) -> None:
    several = next(n for n, fact in CATALOG["facts"].items() if fact["multiple"])
    first, *rest = CATALOG["facts"][several]["values"]
    assert set(offers("anshin new --fact ")) == {f"{n}=" for n in CATALOG["facts"]}
    found = offers(f"anshin new --fact {several}={first},")
    assert list(found) == [f"{several}={first},{value}" for value in rest]


def test_checks_of_a_safeguard(offers: Ask) -> None:
    name = next(i for i, entry in PATTERNS.items() if entry["checks"])
    assert name in offers("anshin check --only ")
    checks = PATTERNS[name]["checks"]
    assert list(offers(f"anshin check --only {name}/")) == [f"{name}/{c}" for c in checks]


@pytest.mark.parametrize(
    "line",
    [
        "anshin nothing ",
        "anshin nothing --",
        "anshin --lang fr nothing ",
        "anshin show one two ",
        "anshin list more ",
        "anshin list 'x",
    ],
)
def test_a_line_that_makes_no_sense_is_met_with_silence(line: str, offers: Ask) -> None:
    assert offers(line) == {}


@pytest.mark.parametrize(
    "text", ["safeguards: [", "- a\n- b\n", "safeguards: 7\n", "\x00", "safeguards: [{a: b}]\n"]
)
def test_a_damaged_answers_file_is_met_with_silence(text: str, offers: Ask, project: Path) -> None:
    (project / ANSWERS_FILE).write_text(text, encoding="utf-8")
    assert offers("anshin remove ") == {}
    assert offers("anshin add ") == titles(SAFEGUARDS)


def test_an_unexpected_error_is_met_with_silence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("the disk has turned to cheese")

    monkeypatch.setattr(published, "load", broken)
    monkeypatch.setenv(completion.VARIABLE, "bash_complete")
    monkeypatch.setenv(completion.LINE, "anshin show ")
    assert completion.answer(commands) != 0
    monkeypatch.setenv(completion.VARIABLE, "tcsh_complete")
    assert completion.answer(commands) != 0
    assert capfd.readouterr() == ("", "")


def taking_values() -> Iterator[tuple[str, str]]:
    """Every place of the command line where a value is to stand."""
    for name, command in commands(Say("en")).commands.items():
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                yield f"{name} {'add ' if parameter.name == 'ids' and name == 'plan' else ''}", ""
            elif not parameter.is_flag:
                yield from ((f"{name} ", option) for option in parameter.opts)


PLACES = [place for place in taking_values() if place[1] not in FREE]


@pytest.mark.parametrize(("before", "option"), PLACES, ids=map("".join, PLACES))
def test_every_value_is_completed(
    before: str,
    option: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setenv(completion.VARIABLE, "zsh_complete")
    monkeypatch.setenv(completion.LINE, f"anshin {before}{option}{' ' if option else ''}")
    assert completion.answer(commands) == 0
    assert capsysbinary.readouterr().out


def test_it_reads_little(environment: dict[str, str], project: Path, tmp_path: Path) -> None:
    """Each press of the key starts a process, so no git runs, and nothing heavy is loaded."""
    marker = tmp_path / "git-ran"
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
    git.chmod(0o755)
    code = (
        "import sys\n"
        "from scaffolder.cli import main\n"
        "try: main()\n"
        "finally: print(*sys.modules, file=sys.stderr)\n"
    )
    asked = {completion.VARIABLE: "fish_complete", completion.LINE: "anshin add "}
    path = {"PATH": f"{git.parent}{os.pathsep}{environment['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, **asked, **path},
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert done.stdout
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert not loaded & {"copier", "jinja2", "prompt_toolkit", "pydantic", "questionary", "rich"}
    assert "json" in loaded
    assert not marker.exists()


# The real shells.


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


SHELLS = [pytest.param(shell, marks=needs(shell)) for shell in completion.SHELLS]


@pytest.fixture
def shell_environment(environment: dict[str, str]) -> dict[str, str]:
    return {
        **environment,
        "PATH": f"{ANSHIN.parent}{os.pathsep}{environment['PATH']}",
        "TERM": "xterm",
        "PS1": "> ",
    }


START = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}
SETUP = {
    "bash": 'eval "$(anshin completion bash)"; bind "set show-all-if-ambiguous on"',
    "zsh": 'autoload -U compinit; compinit -D -u; eval "$(anshin completion zsh)"; PS1="> "',
    "fish": "anshin completion fish | source; function fish_prompt; echo '> '; end",
}


class Shell:
    """An interactive shell on a terminal, with completion set up as the help says."""

    def __init__(self, name: str, environment: dict[str, str], here: Path) -> None:
        self.screen = pyte.Screen(110, 50)
        self._stream = pyte.Stream(self.screen)
        self.child: Any = pexpect.spawn(
            name,
            START[name],
            env=environment,
            cwd=str(here),
            encoding="utf-8",
            dimensions=(50, 110),
        )
        self.child.sendline(f"{SETUP[name]}; echo rea''dy")
        self.reads("ready")
        self.child.sendline("clear")
        self.reads_not("ready")

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display).strip()

    def types(self, text: str) -> None:
        self.child.send(text)

    def reads(self, *texts: str) -> None:
        self._wait(lambda: all(text in self.text for text in texts), f"lacks one of {texts}")

    def reads_not(self, text: str) -> None:
        self._wait(lambda: text not in self.text, f"still has {text}")

    def _wait(self, holds: Callable[[], bool], complaint: str) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            try:
                self._stream.feed(self.child.read_nonblocking(65536, timeout=0.1))
            except pexpect.TIMEOUT:
                assert time.monotonic() < end, f"{complaint}:\n{self.text}"


@pytest.fixture
def shell(
    shell_environment: dict[str, str], project: Path
) -> Iterator[Callable[[str, str], Shell]]:
    open_: list[Shell] = []

    def start(name: str, lang: str = "en") -> Shell:
        open_.append(Shell(name, {**shell_environment, "ANSHIN_LANG": lang}, project))
        return open_[-1]

    yield start
    for each in open_:
        each.child.close(force=True)


@pytest.mark.parametrize("name", SHELLS)
def test_a_word_is_completed(name: str, shell: Callable[..., Shell], project: Path) -> None:
    """The only one that fits, in the places that shells treat each in a way of their own."""
    first, second = CHOSEN
    rest = next(n for n in range(1, len(second)) if second[:n] != first[:n])
    answer, choices = CHOICE
    part = next(
        choices[0][:n]
        for n in range(1, len(choices[0]) + 1)
        if sum(c.startswith(choices[0][:n]) for c in choices) == 1
    )
    for typed, whole in {
        "anshin comple": "anshin completion ",
        f"anshin remove {second[:rest]}": f"anshin remove {second} ",
        f"X=1 anshin remove {second[:rest]}": f"anshin remove {second} ",
        f"{ANSHIN} remove {second[:rest]}": f"remove {second} ",
        "anshin new x --data langu": "anshin new x --data language=",
        f"anshin new x --data {answer}={part}": f"--data {answer}={choices[0]} ",
        f"anshin new x --data '{answer}={part}": f"--data '{answer}={choices[0]}' ",
        "anshin new x --preset=recomm": "anshin new x --preset=recommended ",
        "anshin new --data-file dat": "anshin new --data-file data.yaml ",
        "anshin new --data-file=dat": "anshin new --data-file=data.yaml ",
        "anshin status --project ../proj": "anshin status --project ../project/",
    }.items():
        session = shell(name)
        session.types(f"{typed}\t")
        session.reads(whole.rstrip())
        # What follows shows whether a blank came behind it.
        session.types("!")
        session.reads(f"{whole}!")


@needs("bash")
def test_bash_completes_behind_a_quotation_mark(shell: Callable[..., Shell]) -> None:
    session = shell("bash")
    session.types("anshin new x --data 'language=en' --data=\"runti\t")
    session.reads('--data="runtime="')


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SHELLS)
def test_all_that_fits_is_listed(name: str, lang: str, shell: Callable[..., Shell]) -> None:
    session = shell(name, lang)
    session.types("anshin remove \t")
    session.reads(*CHOSEN)
    if name != "bash":  # it has no place for descriptions
        session.reads(*(title[:12] for title in titles(CHOSEN, lang).values()))


@pytest.mark.parametrize("name", SHELLS)
def test_nothing_is_said_of_a_mistake(name: str, shell: Callable[..., Shell]) -> None:
    session = shell(name)
    session.types("anshin nothing x\t")
    session.types("!")
    session.reads("anshin nothing x!")
    assert session.text.count("\n") == 0


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_script_says_how_to_install_it(name: str, lang: str, anshin: Run) -> None:
    done = anshin("completion", name, lang=lang)
    assert (done.returncode, done.stderr) == (0, "")
    comments = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert any(f"anshin completion {name}" in line for line in comments)
    assert "@how@" not in done.stdout
    assert f"anshin completion {name}" in anshin("completion", "--help", lang=lang).stdout


@pytest.mark.parametrize("name", SHELLS)
def test_the_script_is_good_shell(name: str, anshin: Run, tmp_path: Path) -> None:
    script = tmp_path / f"script.{name}"
    script.write_text(anshin("completion", name).stdout, encoding="utf-8")
    done = subprocess.run([name, "-n", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_zsh_loads_it_from_a_folder(
    shell_environment: dict[str, str], project: Path, anshin: Run, tmp_path: Path
) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    folder = tmp_path / "functions"
    folder.mkdir()
    (folder / "_anshin").write_text(anshin("completion", "zsh").stdout, encoding="utf-8")
    setup = (
        f"fpath=({folder} $fpath); autoload -U compinit; compinit -D -u; print ${{_comps[anshin]}}"
    )
    done = subprocess.run(
        ["zsh", "-f", "-c", setup], env=shell_environment, capture_output=True, text=True
    )
    assert done.stdout == "_anshin\n"


def test_every_command_has_a_description() -> None:
    for lang in LANGUAGES:
        for command in commands(Say(lang)).commands.values():
            assert isinstance(command, Command)
            assert command.short_help
