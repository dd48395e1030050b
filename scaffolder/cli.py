"""The `anshin` command. Its modules are imported where they are needed: help has to be quick."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder import completion
from scaffolder.completion import values
from scaffolder.layout import ACCESSIBLE, Screen
from scaffolder.messages import Say, Trouble, choose_language, os_trouble
from scaffolder.usage import Argument, Command, Group, said

if TYPE_CHECKING:
    from scaffolder.intake import Sources

DONE, FOUND, USAGE, INTERRUPTED = 0, 1, 2, 130
DEBUG = "ANSHIN_DEBUG"
"""Environment variable: show the traceback of an unexpected error."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if completion.VARIABLE in os.environ:
        sys.exit(completion.answer(commands))
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
            from scaffolder import doctor

            click.echo(doctor.version(say))
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
    for make in (
        _list,
        _show,
        _new,
        _link,
        _status,
        _plan,
        _add,
        _remove,
        _update,
        _undo,
        _adopt,
        _check,
        _doctor,
        _completion,
        _compile,
    ):
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

    settings = {"metavar": "ID", "shell_complete": values.entries}
    pattern = Argument(["pattern"], say("help.show_id"), **settings)
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
        Argument(
            ["paths"],
            say("help.check_path"),
            metavar="PATH",
            nargs=-1,
            required=False,
            shell_complete=values.files,
        ),
        click.Option(
            ["--only"],
            multiple=True,
            metavar="ID",
            help=say("help.only"),
            shell_complete=values.checked,
        ),
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
        _path_option(["--root"], say("help.root"), default=".", metavar="DIR"),
    )


def _doctor(say: Say) -> Command:
    def run(project: str | None, as_json: bool) -> int:
        from scaffolder import doctor

        return doctor.run(say, project, as_json=as_json)

    option = _path_option(["--project"], say("help.project"), metavar="DIR")
    return _command("doctor", say, run, option, _json_flag(say))


def _completion(say: Say) -> Command:
    def run(shell: str) -> None:
        command = click.get_current_context().find_root().command
        click.echo(completion.script(shell, command, say), nl=False)

    shells = list(completion.SHELLS)
    argument = Argument(
        ["shell"],
        say("help.completion_shell"),
        type=click.Choice(shells),
        metavar="|".join(shells),
        shell_complete=values.shells,
    )
    return _command("completion", say, run, argument)


def _new(say: Say) -> Command:
    def run(accessible: bool, **options: Any) -> int:
        from scaffolder import newcommand

        if accessible:
            # All that writes to the terminal in this process looks there.
            os.environ[ACCESSIBLE] = "1"
        sources = _sources(options)
        return newcommand.run(say, newcommand.Options(sources=sources, **options))

    return _command(
        "new",
        say,
        run,
        _folder_argument("directory", say("help.new_dir"), "DIR"),
        *_choices(say),
        _path_option(
            ["--data-file"], say("help.data_file"), metavar="FILE", shell_complete=values.files
        ),
        _path_option(["--like"], say("help.new_like"), metavar="PATH"),
        click.Option(["--from", "link"], metavar="URL", help=say("help.new_from")),
        _flag("--defaults", say, "help.defaults"),
        _flag("--resume", say, "help.new_resume"),
        _flag("--explain", say, "help.new_explain"),
        _flag("--dry-run", say, "help.dry_run"),
        _flag("--accessible", say, "help.new_accessible"),
        _json_flag(say),
        _template(say),
    )


def _link(say: Say) -> Command:
    def run(path: str | None, as_json: bool, **options: Any) -> int:
        from scaffolder import linkcommand

        return linkcommand.run(say, path, _sources(options), as_json=as_json)

    return _command(
        "link",
        say,
        run,
        _folder_argument("path", say("help.link_path"), "PATH"),
        *_choices(say),
        _json_flag(say),
    )


def _choices(say: Say) -> list[click.Parameter]:
    """Options that say what is chosen."""
    return [
        click.Option(
            ["--safeguards", "-s"],
            multiple=True,
            metavar="ID,…",
            help=say("help.safeguards"),
            shell_complete=values.listed,
        ),
        click.Option(
            ["--preset", "-p"],
            metavar="NAME",
            help=say("help.preset"),
            shell_complete=values.presets,
        ),
        _data(say),
        click.Option(
            ["--fact", "facts"],
            multiple=True,
            metavar="NAME=VALUE",
            help=say("help.new_fact"),
            shell_complete=values.facts,
        ),
    ]


def _sources(options: dict[str, Any]) -> Sources:
    """The options that say what is chosen, taken out of all options."""
    from scaffolder.intake import Sources

    names = [field.name for field in fields(Sources) if field.name in options]
    return Sources(**{name: options.pop(name) for name in names})


def _plan(say: Say) -> Command:
    def run(action: str, ids: tuple[str, ...], **options: Any) -> int:
        return _change(say, action, apply=False, ids=ids, **options)

    actions = click.Choice(["add", "remove", "update"])
    return _command(
        "plan",
        say,
        run,
        Argument(
            ["action"],
            say("help.plan_action"),
            type=actions,
            metavar="add|remove|update",
            shell_complete=values.actions,
        ),
        _ids(say, values.planned, required=False),
        *_change_options(say),
        click.Option(["--to", "version"], metavar="VERSION", help=say("help.to")),
        _flag("--markdown", say, "help.markdown"),
        _flag("--full", say, "help.full"),
    )


def _add(say: Say) -> Command:
    def run(ids: tuple[str, ...], **options: Any) -> int:
        return _change(say, "add", ids=ids, **options)

    return _command("add", say, run, _ids(say, values.absent), *_change_options(say), _yes(say))


def _remove(say: Say) -> Command:
    def run(ids: tuple[str, ...], **options: Any) -> int:
        return _change(say, "remove", ids=ids, **options)

    return _command("remove", say, run, _ids(say, values.present), *_change_options(say), _yes(say))


def _update(say: Say) -> Command:
    def run(**options: Any) -> int:
        return _change(say, "update", **options)

    return _command(
        "update",
        say,
        run,
        *_change_options(say),
        _yes(say),
        click.Option(["--to", "version"], metavar="VERSION", help=say("help.to")),
        _flag("--check", say, "help.update_check"),
    )


def _undo(say: Say) -> Command:
    def run(project: str, as_json: bool) -> int:
        from scaffolder import changecommand

        return changecommand.undo(say, project, as_json=as_json)

    return _command("undo", say, run, _project(say), _json_flag(say))


def _change(say: Say, action: str, *, apply: bool = True, **options: Any) -> int:
    from scaffolder import changecommand
    from scaffolder.plan import Action

    return changecommand.run(say, changecommand.Options(Action(action), apply, **options))


def _ids(say: Say, offers: Callable[..., values.Items], *, required: bool = True) -> Argument:
    return Argument(
        ["ids"],
        say("help.change_ids"),
        metavar="ID",
        nargs=-1,
        required=required,
        shell_complete=offers,
    )


def _project(say: Say) -> click.Option:
    return _path_option(["--project"], say("help.project"), default=".", metavar="DIR")


def _data(say: Say) -> click.Option:
    return click.Option(
        ["--data", "-d"],
        multiple=True,
        metavar="NAME=VALUE",
        help=say("help.data"),
        shell_complete=values.data,
    )


def _template(say: Say, *name: str) -> click.Option:
    return _path_option(["--template", *name], say("help.template"), metavar="URL|PATH")


def _path_option(names: list[str], text: str, **settings: Any) -> click.Option:
    return click.Option(names, help=text, **{"shell_complete": values.folders, **settings})


def _folder_argument(name: str, explained: str, metavar: str) -> Argument:
    settings = {"metavar": metavar, "shell_complete": values.folders}
    return Argument([name], explained, required=False, **settings)


def _yes(say: Say) -> click.Option:
    return click.Option(["--yes", "-y"], is_flag=True, help=say("help.yes"))


def _change_options(say: Say) -> list[click.Parameter]:
    return [
        _project(say),
        _data(say),
        _template(say),
        _json_flag(say),
    ]


def _status(say: Say) -> Command:
    def run(**options: Any) -> int:
        from scaffolder import statuscommand

        return statuscommand.run(say, statuscommand.Options(**options))

    return _command(
        "status",
        say,
        run,
        _project(say),
        _template(say),
        click.Option(["--verbose", "-v"], is_flag=True, help=say("help.status_verbose")),
        _json_flag(say),
    )


def _adopt(say: Say) -> Command:
    def run(**options: Any) -> int:
        from scaffolder import adoptcommand

        return adoptcommand.run(say, adoptcommand.Options(**options))

    return _command(
        "adopt",
        say,
        run,
        _folder_argument("path", say("help.adopt_path"), "PATH"),
        _path_option(
            ["--sam-template", "template"],
            say("help.adopt_file"),
            metavar="FILE",
            shell_complete=values.files,
        ),
        click.Option(
            ["--resource", "resources"],
            multiple=True,
            metavar="OURS=YOURS",
            help=say("help.adopt_resource"),
            shell_complete=values.roles,
        ),
        _data(say),
        _template(say, "source_template"),
        _yes(say),
        _json_flag(say),
    )
