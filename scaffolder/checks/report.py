"""Render a report as plain text, with colour if wanted, and as JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from scaffolder.checks.outcome import Item, Outcome
from scaffolder.checks.run import Problem, Report, Result
from scaffolder.checks.words import clean, fill, reason, word

FORMAT = 1
"""Version of the layout of the JSON report."""

_COLOURS = {
    Outcome.failed: "31",
    Outcome.unknown: "33",
    Outcome.passed: "32",
    Outcome.not_applicable: "2",
}
_NAMED = 5
"""How many templates are named; more are only counted."""
_SHOWN = (Outcome.failed, Outcome.unknown, Outcome.passed)


def as_text(
    report: Report,
    catalog: dict[str, Any],
    language: str,
    verbose: bool = False,
    colour: bool = False,
    width: int = 0,
) -> str:
    """The report for a terminal or a file.

    Args:
        report: what was found.
        catalog: what `catalog.json` says.
        language: `ja` or `en`.
        verbose: whether to list passes, unknowns and what does not apply, too.
        colour: whether to use ANSI colours; nothing is said by colour alone.
        width: columns of the terminal; 0 if lines may be of any length.
    """
    text = _Text(report, catalog, language, colour, width)
    blocks = [text.header(), *text.chapters(), text.problems(), text.failures()]
    if verbose:
        blocks += [
            text.others(Outcome.unknown, "unknowns"),
            text.others(Outcome.passed, "passes"),
            text.others(Outcome.not_applicable, "not-applicables"),
        ]
    blocks.append(text.footer(verbose))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def as_json(report: Report, catalog: dict[str, Any], language: str, verbose: bool = False) -> str:
    """The report as JSON; what does not apply is listed only with `verbose`."""
    patterns = [_pattern(result, catalog, language) for result in report.results.values()]
    items = [
        _finding(item, catalog, language)
        for item in _ordered(report.items)
        if verbose or item.outcome is not Outcome.not_applicable
    ]
    document = {
        "format": FORMAT,
        "language": language,
        "templates": report.templates,
        "patterns": patterns,
        "findings": items,
        "problems": [_problem(problem, language) for problem in report.problems],
        "not_looked_at": report.foreign,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def message(item: Item, catalog: dict[str, Any], language: str) -> str:
    """What an item says: the check's message if it failed, the reason, or the check's title."""
    check = _check(item.check, catalog)
    if item.outcome is Outcome.failed:
        return fill(check["message"][language], item.values)
    if item.reason is not None:
        about = f"{clean(item.resource)}: " if item.resource else ""
        return about + reason(item.reason, language)
    about = f"{clean(item.resource)}: " if item.resource else ""
    return about + str(check["title"][language])


def width_of(text: str) -> int:
    """Columns that a text takes in a terminal; a wide character takes two."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class _Text:
    def __init__(
        self, report: Report, catalog: dict[str, Any], language: str, colour: bool, width: int
    ) -> None:
        self._report = report
        self._catalog = catalog
        self._language = language
        self._colour = colour
        self._width = width

    def header(self) -> list[str]:
        templates = self._report.templates
        if len(templates) > _NAMED:
            return [self._word("looked-at-many", count=len(templates))]
        names = ", ".join(map(clean, templates))
        return [self._word("looked-at", names=names)] if names else []

    def chapters(self) -> Iterator[list[str]]:
        """A block for each chapter: a line for each of its patterns."""
        results = self._report.results.values()
        rows = {r.pattern: self._row(r) for r in results}
        columns = [max((width_of(row[n]) for row in rows.values()), default=0) for n in range(3)]
        for chapter, data in self._catalog["chapters"].items():
            inside = [r for r in results if self._pattern(r.pattern)["chapter"] == chapter]
            if inside:
                title = data["title"][self._language]
                lines = [self._line(r, rows[r.pattern], columns) for r in inside]
                yield [self._strong(title), *lines]

    def problems(self) -> list[str]:
        problems = self._report.problems
        if not problems:
            return []
        lines = [f"{_where(p)}  {_cannot_read(p, self._language)}" for p in problems]
        return [self._strong(self._word("problems")), *lines]

    def failures(self) -> list[str]:
        failed = [i for i in _ordered(self._report.items) if i.outcome is Outcome.failed]
        if not failed:
            return []
        lines = [self._strong(self._word("failures"))]
        for check, group in groupby(failed, key=lambda item: item.check):
            data = _check(check, self._catalog)
            severity = self._paint(self._word(data["severity"]), Outcome.failed)
            for item in group:
                said = message(item, self._catalog, self._language)
                lines.append(f"{_where(item)}  {severity}  {check}  {said}")
            text = " ".join(data["fix"][self._language].split())
            lines.append("    " + self._word("fix", text=text))
            page = _page(check.split("/")[0], self._catalog, self._language)
            lines.append("    " + self._word("page", url=page))
        return lines

    def others(self, outcome: Outcome, title: str) -> list[str]:
        items = [i for i in _ordered(self._report.items) if i.outcome is outcome]
        if not items:
            return []
        said = self._paint(self._word(outcome.value), outcome)
        lines = [
            f"{_where(i)}  {said}  {i.check}  {message(i, self._catalog, self._language)}"
            for i in items
        ]
        return [self._strong(self._word(title)), *dict.fromkeys(lines)]

    def footer(self, verbose: bool) -> list[str]:
        report, lines = self._report, []
        if report.foreign:
            names = self._word("between-counts").join(
                self._word("foreign-count", runtime=runtime, count=count)
                for runtime, count in sorted(report.foreign.items())
            )
            lines.append(self._word("foreign", names=names))
        unknown = sum(item.outcome is Outcome.unknown for item in report.items)
        if unknown and not verbose:
            lines.append(self._word("more-with-verbose", count=unknown))
        outcomes = [result.outcome for result in report.results.values()]
        lines.append(
            self._word(
                "total",
                patterns=len(outcomes),
                failed=outcomes.count(Outcome.failed),
                unknown=outcomes.count(Outcome.unknown),
                passed=outcomes.count(Outcome.passed),
                not_applicable=outcomes.count(Outcome.not_applicable),
            )
        )
        return lines

    def _row(self, result: Result) -> tuple[str, str, str, str]:
        counts = [
            self._word("count-of", word=self._word(outcome.value), count=count)
            for outcome in _SHOWN
            if (count := result.count(outcome))
        ]
        title = self._pattern(result.pattern)["title"][self._language]
        joined = self._word("between-counts").join(counts)
        return self._word(result.outcome.value), result.pattern, joined, title

    def _line(self, result: Result, row: tuple[str, ...], columns: list[int]) -> str:
        cells = [
            cell + " " * (wide - width_of(cell)) for cell, wide in zip(row, columns, strict=False)
        ]
        room = self._width - sum(columns) - 8 if self._width else 0
        title = _cut(row[3], room) if self._width else row[3]
        painted = self._paint(cells[0], result.outcome)
        return "  ".join(["", painted, *cells[1:], title]).rstrip()

    def _word(self, key: str, **values: Any) -> str:
        return word(key, self._language, **values)

    def _pattern(self, pattern: str) -> dict[str, Any]:
        data: dict[str, Any] = self._catalog["patterns"][pattern]
        return data

    def _paint(self, text: str, outcome: Outcome) -> str:
        return f"\x1b[{_COLOURS[outcome]}m{text}\x1b[0m" if self._colour else text

    def _strong(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._colour else text


def _cut(text: str, room: int) -> str:
    """A text cut to a number of columns, "" if too few are left to say anything."""
    if width_of(text) <= room:
        return text
    if room < 8:
        return ""
    used, kept = 1, ""
    for character in text:
        used += _width(character)
        if used > room:
            break
        kept += character
    return kept.rstrip() + "…"


def _where(at: Item | Problem) -> str:
    return f"{clean(at.file)}:{at.line}:{at.column}"


def _cannot_read(problem: Problem, language: str) -> str:
    return word("cannot-read", language, why=reason(problem.reason, language))


def _ordered(items: list[Item]) -> list[Item]:
    """By pattern and check as they come, and inside a check by place."""
    order = {check: n for n, check in enumerate(dict.fromkeys(item.check for item in items))}
    return sorted(items, key=lambda i: (order[i.check], i.file, i.line, i.column, i.resource))


def _check(check: str, catalog: dict[str, Any]) -> dict[str, Any]:
    pattern, name = check.split("/")
    data: dict[str, Any] = catalog["patterns"][pattern]["checks"][name]
    return data


def _page(pattern: str, catalog: dict[str, Any], language: str) -> str:
    return f"{catalog.get('site_url', '')}{language}/patterns/{pattern}/"


def _pattern(result: Result, catalog: dict[str, Any], language: str) -> dict[str, Any]:
    data = catalog["patterns"][result.pattern]
    return {
        "id": result.pattern,
        "chapter": data["chapter"],
        "title": data["title"][language],
        "outcome": result.outcome.value,
        "counts": {outcome.value: result.count(outcome) for outcome in Outcome},
        "url": _page(result.pattern, catalog, language),
    }


def _finding(item: Item, catalog: dict[str, Any], language: str) -> dict[str, Any]:
    check = _check(item.check, catalog)
    finding: dict[str, Any] = {
        "check": item.check,
        "outcome": item.outcome.value,
        "severity": check["severity"],
        "file": item.file,
        "line": item.line,
        "column": item.column,
        "resource": item.resource,
        "message": message(item, catalog, language),
    }
    if item.outcome is Outcome.failed:
        finding["fix"] = " ".join(check["fix"][language].split())
        finding["url"] = _page(item.check.split("/")[0], catalog, language)
    return finding


def _problem(problem: Problem, language: str) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": _cannot_read(problem, language),
    }
