"""The `anshin` command. Its modules are imported where they are needed: help has to be quick."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from scaffolder import __version__
from scaffolder.layout import Screen
from scaffolder.messages import Say, Trouble, choose_language, os_trouble
from scaffolder.usage import Argument, Command, Group, said

DONE, FOUND, USAGE, INTERRUPTED = 0, 1, 2, 130
DEBUG = "ANSHIN_DEBUG"
"""Environment variable: show the traceback of an unexpected error."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(words, Say(choose_language(words, os.environ))))


def run(arguments: list[str], say: Say) -> int:
    """Run the command; returns its exit code. Whatever happens is said in words."""
    try:
        result = commands(say).main(arguments, prog_name="anshin", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else DONE
    except click.UsageError as error:
        return _fail(say, said(error, say))
    except Trouble as trouble:
        return _fail(say, trouble.said(say))
    except (click.Abort, KeyboardInterrupt):
        # click has ended the line already.
        click.echo(say("interrupted"), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Who read has gone away, as `head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        return _fail(say, say("unexpected", kind=type(error).__name__, error=error, variable=DEBUG))


def _fail(say: Say, text: str) -> int:
    click.echo(f"anshin: {text}", err=True)
    return USAGE


def commands(say: Say) -> Group:
    """The command with its subcommands, in one language."""

    def start(version: bool) -> None:
        context = click.get_current_context()
        if version:
            click.echo(f"anshin {__version__}")
        elif context.invoked_subcommand is None:
            click.echo(context.get_help())
            context.exit(USAGE)

    version = click.Option(["--version"], is_flag=True, help=say("help.version"))
    group = Group(
        "anshin",
        say,
        help=say("help.anshin"),
        epilog=say("help.start"),
        callback=start,
        params=[version],
    )
    for make in (_list, _show, _new, _check, _compile):
        group.add_command(make(say))
    return group


def _command(
    name: str, say: Say, callback: Callable[..., int | None], *parameters: click.Parameter
) -> Command:
    return Command(
        name,
        say,
        callback=callback,
        params=list(parameters),
        short_help=say(f"help.{name}_short"),
        help=say(f"help.{name}"),
    )


def _flag(name: str, say: Say, key: str) -> click.Option:
    return click.Option([name], is_flag=True, help=say(key))


def _json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _screen() -> Screen:
    return Screen.of(sys.stdout)


def _list(say: Say) -> Command:
    def run(as_json: bool) -> None:
        from scaffolder import published
        from scaffolder.screens import Pages

        catalog = published.load()
        if as_json:
            names = catalog["patterns"]
            _json({"patterns": [published.summary(catalog, n, say.language) for n in names]})
        else:
            click.echo(Pages(catalog, say, _screen()).listing())

    return _command("list", say, run, _json_flag(say))


def _show(say: Say) -> Command:
    def run(pattern: str, as_json: bool) -> None:
        from scaffolder import answers, published
        from scaffolder.screens import Pages

        catalog = published.load()
        name = published.aliases(catalog).get(pattern, pattern)
        if name not in catalog["patterns"]:
            hint = answers.did_you_mean(name, catalog["patterns"], say) or say("show.see_list")
            shown = answers.shown(pattern, say)
            raise Trouble("show.unknown", id=shown, hint_words=say.after(hint))
        if as_json:
            _json({"id": name, **catalog["patterns"][name]})
        else:
            click.echo(Pages(catalog, say, _screen()).pattern(name))

    pattern = Argument(["pattern"], say("help.show_id"), metavar="ID")
    return _command("show", say, run, pattern, _json_flag(say))


def _json_flag(say: Say) -> click.Option:
    return click.Option(["--json", "as_json"], is_flag=True, help=say("help.json"))


def _check(say: Say) -> Command:
    def run(
        paths: tuple[str, ...],
        only: tuple[str, ...],
        every: bool,
        as_json: bool,
        verbose: bool,
    ) -> int:
        from scaffolder import published
        from scaffolder.checks import command, managed

        screen = _screen()
        catalog = published.load()
        places = [Path(p) for p in paths]
        own = None if every or only else managed.chosen_safeguards(places, catalog)
        if own:
            click.echo(say("check.own"), err=True)
        text, code = command.run(
            places,
            catalog,
            say.language,
            as_json=as_json,
            only=own or only,
            verbose=verbose,
            colour=screen.styled,
            width=screen.width if sys.stdout.isatty() else 0,
        )
        click.echo(text, nl=not text.endswith("\n"))
        return code

    return _command(
        "check",
        say,
        run,
        Argument(["paths"], say("help.check_path"), metavar="PATH", nargs=-1, required=False),
        click.Option(["--only"], multiple=True, metavar="ID", help=say("help.only")),
        click.Option(["--all", "every"], is_flag=True, help=say("help.every")),
        click.Option(["--verbose", "-v"], is_flag=True, help=say("help.verbose")),
        _json_flag(say),
    )


def _compile(say: Say) -> Command:
    def run(root: str, check: bool) -> int:
        from scaffolder import compile as compiler
        from scaffolder.catalog import CatalogError
        from scaffolder.weave import WeaveError

        folder = Path(root)
        if not (folder / "catalog").is_dir() or not (folder / "pyproject.toml").is_file():
            raise Trouble("compile.nothing", path=folder.resolve())
        try:
            wanted = compiler.compiled(folder)
            changed = (compiler.differences if check else compiler.write)(folder, wanted)
        except (CatalogError, WeaveError) as error:
            raise Trouble("compile.error", error=error) from error
        except OSError as error:
            raise os_trouble(error, error.filename) from error
        for name in changed:
            click.echo(name)
        if check and changed:
            click.echo(say("compile.stale", count=len(changed)), err=True)
            return FOUND
        key = "compile.fresh" if check or not changed else "compile.written"
        click.echo(say(key, count=len(changed)), err=True)
        return DONE

    return _command(
        "compile",
        say,
        run,
        _flag("--check", say, "help.compile_check"),
        click.Option(["--root"], default=".", metavar="DIR", help=say("help.root")),
    )


def _new(say: Say) -> Command:
    def run(**options: Any) -> int:
        from scaffolder import newcommand

        return newcommand.run(say, newcommand.Options(**options))

    return _command(
        "new",
        say,
        run,
        Argument(["directory"], say("help.new_dir"), metavar="DIR", required=False),
        click.Option(
            ["--safeguards", "-s"], multiple=True, metavar="ID,…", help=say("help.safeguards")
        ),
        click.Option(["--preset", "-p"], metavar="NAME", help=say("help.preset")),
        click.Option(["--data", "-d"], multiple=True, metavar="NAME=VALUE", help=say("help.data")),
        click.Option(["--data-file"], metavar="FILE", help=say("help.data_file")),
        _flag("--defaults", say, "help.defaults"),
        _flag("--dry-run", say, "help.dry_run"),
        _json_flag(say),
        click.Option(["--template"], metavar="URL|PATH", help=say("help.template")),
    )
