"""Show what was found: on a terminal, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from scaffolder import __version__
from scaffolder.doctor import system
from scaffolder.doctor.finding import Finding, State
from scaffolder.layout import Screen, pad, width, wrap
from scaffolder.messages import Say

Sections: TypeAlias = Mapping[str, Sequence[Finding]]
"""`needed`, `optional` or `project` → what was found."""


def is_fine(sections: Sections) -> bool:
    """Whether nothing that is needed is missing."""
    return all(finding.is_fine for finding in _all(sections))


def data(sections: Sections) -> dict[str, Any]:
    """It for programs."""
    return {
        "anshin": __version__,
        "system": system.name(),
        "ok": is_fine(sections),
        "findings": [
            {
                "name": finding.name,
                "section": section,
                "state": finding.state.value,
                "text": finding.text,
                "get": list(finding.get),
            }
            for section, findings in sections.items()
            for finding in findings
        ],
    }


def text(sections: Sections, root: Path | None, say: Say, screen: Screen) -> str:
    """It for a terminal; `root` is the project's."""
    states = max(width(_state(f, say)) for f in _all(sections))
    titles = max(width(f.title) for f in _all(sections))
    lines = [screen.strong(f"anshin {__version__}, {system.name()}")]
    for section, findings in sections.items():
        title = say(f"doctor.section.{section}", path=root)
        lines += ["", *map(screen.strong, wrap(title, screen.width))]
        for finding in findings:
            lines += _row(finding, say, screen, states, titles)
    count = sum(not finding.is_fine for finding in _all(sections))
    end = say("doctor.amiss", count=count) if count else say("doctor.fine")
    return "\n".join([*lines, "", *wrap(end, screen.width)])


def _row(finding: Finding, say: Say, screen: Screen, states: int, titles: int) -> list[str]:
    state = pad(_state(finding, say), states)
    paint = {State.ok: screen.plus, State.missing: screen.minus, State.problem: screen.minus}
    shown = paint.get(finding.state, screen.faint)(state)
    begin = f"  {state}  {pad(finding.title, titles)}  "
    later = " " * width(begin)
    paragraphs = finding.text.split("\n")
    lines = wrap(paragraphs[0], screen.width, begin, later)
    for paragraph in paragraphs[1:]:
        lines += wrap(paragraph.strip(), screen.width, later)
    lines[0] = lines[0].replace(state.rstrip(), shown.rstrip(), 1)
    return [*lines, *(_get(how, say, screen, states + 4) for how in finding.get)]


def _get(how: str, say: Say, screen: Screen, indent: int) -> str:
    """How to get it; not to be broken, since it is to be copied."""
    return " " * indent + say("doctor.get", how=screen.name(how))


def _state(finding: Finding, say: Say) -> str:
    return say(f"doctor.state.{finding.state.value}")


def _all(sections: Sections) -> Iterable[Finding]:
    return [finding for findings in sections.values() for finding in findings]
