"""The `anshin` command."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def main() -> None:
    """Anshin."""


@main.command("compile")
@click.option("--check", is_flag=True)
@click.option("--root", type=click.Path(path_type=Path), default=Path())
def compile_command(check: bool, root: Path) -> None:
    """Compile the catalog."""
    from scaffolder import compile as compiler

    wanted = compiler.compiled(root)
    changed = compiler.differences(root, wanted) if check else compiler.write(root, wanted)
    for name in changed:
        click.echo(name)
    raise SystemExit(1 if check and changed else 0)
