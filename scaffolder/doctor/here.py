"""The project in the current folder: can Anshin work with it?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scaffolder import answers, managed, project, published, source
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.doctor.finding import Finding, State
from scaffolder.journal import store_of
from scaffolder.journal.shelf import Shelf
from scaffolder.managed import Managed
from scaffolder.messages import Say, Trouble
from scaffolder.published import Data
from scaffolder.status import recorded

RUNTIME = re.compile(r"""^\s*Runtime:\s*["']?python(\d+\.\d+)["']?\s*(?:#.*)?$""", re.MULTILINE)
TEMPLATE = "template.yaml"


def pythons(root: Path | None) -> list[str]:
    """The versions of Python that the project's functions run on; of a new one without a project.

    They are those in the SAM template, and if it says none, the one in the answers.
    """
    known = _answers(root) if root else {}
    if root:
        adopted = known.get(published.ADOPTED)
        name = adopted.get("template") if isinstance(adopted, dict) else None
        if found := RUNTIME.findall(_text(root / str(name or TEMPLATE))):
            return sorted(set(found))
    runtime = known.get("runtime") or published.load()["answers"]["runtime"]["default"]
    match = re.fullmatch(r"python(\d+\.\d+)", str(runtime))
    return [match[1]] if match else []


def look(root: Path, say: Say) -> list[Finding]:
    """What may keep commands from working on a project."""
    return list(_look(root, say))


def _look(root: Path, say: Say) -> Iterator[Finding]:
    try:
        found = managed.find(root)
    except Trouble as trouble:
        if trouble.key == "git.missing":
            # Which is said already.
            title = say("doctor.title.repository")
            yield Finding("repository", title, State.unknown, say(trouble.key))
        elif trouble.key == "managed.no_git":
            yield _problem("repository", say, trouble)
        else:
            yield Finding("repository", say("doctor.title.repository"), State.ok)
            yield _problem("answers", say, trouble)
        return
    yield Finding("repository", say("doctor.title.repository"), State.ok, str(found.top))
    catalog, opened = _template(found, say)
    yield opened
    yield _recorded(found, catalog, say)
    yield _changes(root, say)


def _template(found: Managed, say: Say) -> tuple[Data, Finding]:
    """The catalog of the project's template, ours if it is out of reach, and what was found."""
    title, own = say("doctor.title.template"), published.load()
    if not source.is_own(found.src_path) and not Path(found.src_path).exists():
        text = say("doctor.template.elsewhere", version=found.version, url=found.src_path)
        return own, Finding("template", title, State.unknown, text)
    try:
        with project.workspace() as work:
            opened = source.open_for(found.src_path, found.version, None, work)
            catalog = source.catalog_at(opened, found.version, work)
    except Trouble as trouble:
        return own, _problem("template", say, trouble)
    newest = source.newest(opened)
    key = "newest" if newest == found.version else "older"
    text = say(f"doctor.template.{key}", version=found.version, newest=newest)
    return catalog, Finding("template", title, State.ok, text)


def _recorded(found: Managed, catalog: Data, say: Say) -> Finding:
    problems = recorded.read(found, found.version, catalog, say).problems
    if not problems:
        text = say("doctor.answers", count=len(found.safeguards))
        return Finding("answers", ANSWERS_FILE, State.ok, text)
    first = problems[0]
    value = f" = {first.value}" if first.value else ""
    about = f"{first.about}{value}: {first.rule}"
    text = say("doctor.answers_wrong", count=len(problems), first=about)
    return Finding("answers", ANSWERS_FILE, State.problem, text, ["anshin status"])


def _changes(root: Path, say: Say) -> Finding:
    name, title = "changes", say("doctor.title.changes")
    try:
        shelf = Shelf(store_of(root))
        if shelf.state().applying is None:
            return Finding(name, title, State.ok, say("doctor.changes.none"))
        # Unless another command is at it right now.
        with suppress(OSError), shelf.alone():
            pass
    except Trouble as trouble:
        return _problem(name, say, trouble)
    return Finding(name, title, State.problem, say("doctor.changes.cut_off"), ["anshin status"])


def _problem(name: str, say: Say, trouble: Trouble) -> Finding:
    title = ANSWERS_FILE if name == "answers" else say(f"doctor.title.{name}")
    return Finding(name, title, State.problem, trouble.said(say))


def _answers(root: Path) -> Mapping[str, Any]:
    try:
        return answers.read_file(root / ANSWERS_FILE)
    except Trouble:
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
