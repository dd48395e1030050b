"""Switch on, in one account and Region, what CloudFormation cannot.

Run it from the project's root: `python -m baseline.enable --dry-run`, then without `--dry-run`.
Each module in `baseline/steps/` looks first and changes only what is not as it should be, so a
second run does nothing.
"""

import argparse
import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, cast

import boto3


class Step(Protocol):
    """What a module in `baseline/steps/` offers."""

    def enable(self, session: boto3.Session, dry_run: bool) -> list[str]:
        """Make the changes that are missing, or only list them; each is one short sentence."""


def steps() -> Iterator[tuple[str, Step]]:
    """The steps by name, in alphabetical order."""
    folder = Path(__file__).parent / "steps"
    for name in sorted(module.name for module in pkgutil.iter_modules([str(folder)])):
        yield name, cast(Step, importlib.import_module(f"baseline.steps.{name}"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every step and print what it changed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    parser.add_argument("--region", help="AWS Region; by default that of the AWS configuration")
    options = parser.parse_args(arguments)
    session = boto3.Session(region_name=options.region)
    print(f"Region {session.region_name}{', dry run' if options.dry_run else ''}")
    for name, step in steps():
        changes = step.enable(session, options.dry_run) or ["nothing to change"]
        for change in changes:
            print(f"{name}: {change}")


if __name__ == "__main__":
    main()
