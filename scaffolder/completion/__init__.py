"""What TAB offers in bash, zsh and fish: the scripts, and the answers that they ask for.

Each script calls the command with the line up to the cursor in an environment variable.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from scaffolder.messages import Say, choose_language

VARIABLE, LINE, BREAKS = "_ANSHIN_COMPLETE", "_ANSHIN_LINE", "_ANSHIN_BREAKS"
"""Environment variables that the scripts set: what is asked for, the line, and the characters
between which bash completes."""

SCRIPTS = Path(__file__).parent


class Shell(ShellComplete):
    """A shell that asks what may stand at the cursor."""

    filters = True
    """Whether the shell itself leaves out what does not fit to what was typed."""

    def source(self) -> str:
        """The script, without comments on how to install it."""
        return (SCRIPTS / f"script.{self.name}").read_text(encoding="utf-8")

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one at the cursor, and as much of that as was typed."""
        # One more character tells a word that ends at the cursor from one before it.
        words = split_arg_string(f"{os.environ[LINE]}.")
        return words[1:-1], words[-1][:-1]

    def complete(self) -> str:
        """What may stand at the cursor, as the script reads it."""
        args, word = self.get_completion_args()
        option, equals, value = word.partition("=")
        kept = ""
        if equals and option.startswith("--"):
            kept, word, args = option + equals, value, [*args, option]
        items = [_behind(kept, item) for item in self.get_completions(args, word)]
        if not self.filters:
            items = [item for item in items if _is_path(item) or item.value.startswith(kept + word)]
        return self.written(kept + word, items)

    def written(self, word: str, items: list[CompletionItem[str]]) -> str:
        """The answer, one line for each item."""
        return "\n".join(map(self.format_completion, items))


class Bash(Shell):
    """bash, which shows no descriptions.

    It completes only what follows the last `=` or `:`, or the quotation mark that is open.
    """

    name = "bash"
    filters = False

    def written(self, word: str, items: list[CompletionItem[str]]) -> str:
        """Kind and value, separated by a comma."""
        quoted = _quoted(os.environ[LINE])
        if quoted is None:
            cut = max(word.rfind(character) + 1 for character in os.environ[BREAKS])
        else:
            cut = max(len(word) - len(quoted), 0)
        return "\n".join(f"{item.type},{item.value[cut:]}" for item in items)


class Zsh(Shell):
    """zsh, which is told how much of the word stays, and then shows only what follows."""

    name = "zsh"

    def written(self, word: str, items: list[CompletionItem[str]]) -> str:
        """How many characters stay; then kind, value and description in turns."""
        kept = min((item.kept or 0 for item in items), default=0)
        lines = [(i.type, i.value[kept:], _line(i.help)) for i in items]
        return "\n".join([str(kept), *(text for line in lines for text in line)]) if lines else ""


class Fish(Shell):
    """fish, which wants whole words, and finds those that hold what was typed anywhere."""

    name = "fish"

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Kind and value, separated by a comma, and the description behind a tab."""
        help_ = _line(item.help)
        return f"{item.type},{item.value}" + (f"\t{help_}" if help_ else "")


SHELLS: dict[str, type[Shell]] = {shell.name: shell for shell in (Bash, Zsh, Fish)}


def script(shell: str, command: click.Command, say: Say) -> str:
    """A shell's script, with comments on how to install it."""
    how = say(f"completion.{shell}")
    comments = "\n".join(f"# {line}".rstrip() for line in how.splitlines())
    return SHELLS[shell](command, {}, "anshin", VARIABLE).source().replace("@how@", comments)


def answer(commands: Callable[[Say], click.Command]) -> int:
    """Print what a script has asked for; nothing at all if that fails.

    Args:
        commands: gives the command in one language.

    Returns:
        The exit code.
    """
    try:
        shell = SHELLS[os.environ[VARIABLE].removesuffix("_complete")]
        words = split_arg_string(os.environ[LINE])
        command = commands(Say(choose_language(words, os.environ)))
        text = shell(command, {}, "anshin", VARIABLE).complete()
    except (Exception, KeyboardInterrupt):
        # Whatever is printed here ends up in the middle of what the user types.
        return 1
    click.echo(text.encode(), nl=bool(text))
    return 0


def _behind(kept: str, item: CompletionItem[str]) -> CompletionItem[str]:
    """An item behind what stays of the word, such as `--preset=`."""
    value = kept + (item.value if not _is_path(item) else "")
    return CompletionItem(value, item.type, item.help, kept=len(kept) + (item.kept or 0))


def _is_path(item: CompletionItem[str]) -> bool:
    return item.type in ("dir", "file")


def _line(help_: str | None) -> str:
    return " ".join((help_ or "").split())


def _quoted(line: str) -> str | None:
    """What follows the quotation mark that is open at the end of a line, if one is."""
    marks = [n for n, character in enumerate(line) if character in "\"'" and _is_closed(line[:n])]
    return None if _is_closed(line) or not marks else line[marks[-1] + 1 :]


def _is_closed(line: str) -> bool:
    try:
        shlex.split(line)
    except ValueError:
        return False
    return True
