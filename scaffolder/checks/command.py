"""What `anshin check` does, apart from reading its options and printing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scaffolder.checks.outcome import Outcome
from scaffolder.checks.report import as_json as json_report
from scaffolder.checks.report import as_text
from scaffolder.checks.run import Report, check_paths
from scaffolder.checks.words import word

OK, FAILURES, UNUSABLE = 0, 1, 2


def run(
    paths: Sequence[Path],
    catalog: dict[str, Any],
    language: str,
    as_json: bool,
    only: Sequence[str],
    verbose: bool,
    colour: bool,
    width: int,
) -> tuple[str, int]:
    """Check projects and templates.

    Args:
        paths: folders and templates; the working directory if there are none.
        catalog: what `catalog.json` says.
        language: `ja` or `en`.
        as_json: JSON instead of text.
        only: ids of patterns and checks to evaluate; all if empty.
        verbose: list passes, unknowns and what does not apply, too.
        colour: use ANSI colours; the caller honours NO_COLOR.
        width: columns of the terminal, 0 if the output is none.

    Returns:
        The text to print and the exit code: 0 no failures, 1 failures or a file that cannot be
        read, 2 nothing to check.
    """
    if complaint := _complaint(only, catalog, language):
        return complaint + "\n", UNUSABLE
    places = list(paths) or [Path()]
    report = check_paths(places, catalog, set(only) if only else None)
    if not report.templates and not report.problems:
        path = ", ".join(map(str, places))
        return word("no-templates", language, path=path) + "\n", UNUSABLE
    if as_json:
        return json_report(report, catalog, language, verbose), _exit_code(report)
    return as_text(report, catalog, language, verbose, colour, width), _exit_code(report)


def _exit_code(report: Report) -> int:
    if not report.templates:
        return UNUSABLE
    failed = any(item.outcome is Outcome.failed for item in report.items)
    return FAILURES if failed or report.problems else OK


def _complaint(only: Sequence[str], catalog: dict[str, Any], language: str) -> str:
    """What is wrong with the ids that were asked for; "" if nothing."""
    patterns = catalog["patterns"]
    known = [*patterns, *(f"{p}/{c}" for p, data in patterns.items() for c in data["checks"])]
    for name in only:
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, n=3)
            said = word("no-such-id", language, id=name)
            names = ", ".join(close)
            return f"{said} {word('close-ids', language, names=names)}" if close else said
        if name in patterns and not patterns[name]["checks"]:
            return word("no-checks", language, id=name)
    return ""
