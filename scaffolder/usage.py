"""What click says by itself, help and usage errors, in the user's language."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from scaffolder.layout import Screen, accessible, width, wrap
from scaffolder.messages import LANGUAGES, Say, Trouble

LEFT = 26
"""Cells of the column of names; a longer name stands on a line of its own."""


CLEAR_LINE = "\r\x1b[K"


@contextmanager
def progress(say: Say) -> Iterator[Callable[[str], None]]:
    """Say on a terminal what is going on, by message key; nothing of it stays.

    Where the cursor must not move, each step is a line of its own.
    """
    terminal = sys.stderr.isatty()
    lines = accessible()

    def tell(key: str) -> None:
        if terminal:
            clear_line()
            click.echo(say(key), err=True, nl=lines)

    try:
        yield tell
    finally:
        if terminal:
            clear_line()


def clear_line() -> None:
    """Take back what `progress` says at the moment."""
    if not accessible():
        click.echo(CLEAR_LINE, err=True, nl=False)


class Argument(click.Argument):
    """An argument that help explains."""

    def __init__(self, names: Sequence[str], explained: str, **settings: Any) -> None:
        super().__init__(names, **settings)
        self.explained = explained


class Command(click.Command):
    """A command that speaks one language."""

    def __init__(self, name: str, say: Say, **settings: Any) -> None:
        super().__init__(name, add_help_option=False, **settings)
        self.say = say
        self.params += [language_option(say), help_option(say)]

    def get_help(self, ctx: click.Context) -> str:
        """The help, set for the terminal."""
        return help_text(self, ctx, self.say)

    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        """Take all arguments first, to complain about those too many in our own words."""
        settings["allow_extra_args"] = True
        return super().make_context(*arguments, **settings)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and allow nothing more than what is declared."""
        rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            extra = self.say.listed([str(word) for word in ctx.args])
            raise Trouble("usage.extra", hint="usage.see_help", words=extra, path=ctx.command_path)
        return rest


class Group(click.Group):
    """The command with all its commands."""

    def __init__(self, name: str, say: Say, **settings: Any) -> None:
        super().__init__(name, add_help_option=False, no_args_is_help=False, **settings)
        self.say = say
        self.invoke_without_command = True
        self.params += [language_option(say), help_option(say)]

    def get_help(self, ctx: click.Context) -> str:
        """The help, set for the terminal."""
        return help_text(self, ctx, self.say)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is met with a suggestion."""
        name = args[0]
        if name not in self.commands:
            raise Trouble(
                "usage.command",
                hint="usage.see_help",
                path=ctx.command_path,
                word=name,
                hint_words=suggestion(name, list(self.commands), self.say),
            )
        return name, self.commands[name], args[1:]


def language_option(say: Say) -> click.Option:
    """`--lang`; its value was taken before, since it decides what the commands are."""
    return click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=say("help.lang"),
    )


def help_option(say: Say) -> click.Option:
    """`--help`."""

    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()

    return click.Option(
        ["--help", "-h"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help=say("help.help"),
    )


def help_text(command: click.Command, ctx: click.Context, say: Say) -> str:
    """Usage, what the command does, its arguments, commands and options."""
    screen = Screen.of(sys.stdout)
    usage = " ".join([ctx.command_path, *_usage(command, say)])
    lines = wrap(usage, screen.width, f"{say('help.usage')}: ", "  ")
    lines += ["", *screen.prose(command.help or "", "  ")]
    arguments = [p for p in command.params if isinstance(p, Argument)]
    options = [p for p in command.params if isinstance(p, click.Option)]
    commands = command.commands.values() if isinstance(command, click.Group) else []
    sections = {
        "help.arguments": [(a.metavar or "", a.explained) for a in arguments],
        "help.commands": [(c.name or "", c.short_help or "") for c in commands],
        "help.options": [(_names(o), o.help or "") for o in options],
    }
    for title, rows in sections.items():
        if rows:
            lines += ["", screen.strong(f"{say(title)}:"), *_rows(rows, screen)]
    return "\n".join([*lines, *_epilog(command, screen)])


def _usage(command: click.Command, say: Say) -> list[str]:
    words = [f"[{say('help.options_word')}]"]
    for parameter in command.params:
        if isinstance(parameter, Argument):
            name = parameter.metavar or ""
            name = name if parameter.required else f"[{name}]"
            words.append(f"{name}..." if parameter.nargs == -1 else name)
    if isinstance(command, click.Group):
        words.append(say("help.command_word"))
    return words


def _names(option: click.Option) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    if option.is_flag:
        return names
    if isinstance(option.type, click.Choice):
        return f"{names} {'|'.join(map(str, option.type.choices))}"
    return f"{names} {option.metavar or 'TEXT'}"


def _rows(rows: Sequence[tuple[str, str]], screen: Screen) -> list[str]:
    column = min(LEFT, max(width(name) for name, _ in rows)) + 4
    lines: list[str] = []
    for name, text in rows:
        wrapped = wrap(text, screen.width, " " * column)
        if width(name) <= column - 4:
            gap = " " * (column - 2 - width(name))
            wrapped[0] = f"  {screen.name(name)}{gap}{wrapped[0].strip()}"
        else:
            lines.append(f"  {screen.name(name)}")
        lines += wrapped
    return lines


def _epilog(command: click.Command, screen: Screen) -> list[str]:
    return ["", *screen.prose(command.epilog, "")] if command.epilog else []


def suggestion(word: str, known: Sequence[str], say: Say) -> str:
    """`Did you mean …?`, to follow a sentence, or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    return say.after(say("rule.did_you_mean", words=close[0])) if close else ""


def said(error: click.UsageError, say: Say) -> str:
    """A usage error of click's, in the user's language."""
    path = error.ctx.command_path if error.ctx else "anshin"
    return f"{_problem(error, say)}\n{say('usage.see_help', path=path)}"


def _problem(error: click.UsageError, say: Say) -> str:
    match error:
        case click.NoSuchOption(option_name=name):
            known = [n for p in _parameters(error) for n in p.opts if n.startswith("--")]
            return say("usage.option", word=name, hint_words=suggestion(name, known, say))
        case click.BadOptionUsage(option_name=name):
            takes = [p for p in _parameters(error) if name in p.opts]
            flag = any(isinstance(p, click.Option) and p.is_flag for p in takes)
            return say("usage.no_value" if flag else "usage.value", word=name)
        case click.MissingParameter(param=click.Parameter() as parameter):
            return say("usage.missing", word=parameter.metavar or parameter.name)
        case click.BadParameter(param=click.Option(type=click.Choice() as kind) as option):
            choices = say.listed([str(c) for c in kind.choices])
            return say("usage.choice", word=option.opts[0], choices=choices)
        case click.BadParameter(param=click.Argument(type=click.Choice() as kind)):
            return say("usage.one_of", choices=say.listed([str(c) for c in kind.choices]))
    return error.format_message()


def _parameters(error: click.UsageError) -> list[click.Parameter]:
    return error.ctx.command.params if error.ctx else []
