"""Learn about a SAM project that we did not generate: its template, settings and safeguards."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import answers, published
from scaffolder.checks.files import TooMany, Tree
from scaffolder.checks.layer_predicates import DEFAULT_ARCHITECTURE
from scaffolder.checks.outcome import Item, Outcome
from scaffolder.checks.reading import Unreadable, read
from scaffolder.checks.run import check_project
from scaffolder.checks.template import Template, View
from scaffolder.checks.view import SAM_FUNCTION
from scaffolder.checks.words import reason
from scaffolder.messages import Say, Trouble
from scaffolder.published import Data

TRANSFORM = "AWS::Serverless-2016-10-31"
SETTINGS = "samconfig.toml"
STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
FALLBACK_NAME = "sam-app"
"""Where neither the stack nor the folder has a name that can be used; SAM's own default."""


@dataclass(frozen=True)
class Foreign:
    """A project's SAM template, as SAM sees it."""

    root: Path
    path: Path
    view: View

    @property
    def name(self) -> str:
        """The template's path below the project's folder."""
        return self.path.relative_to(self.root).as_posix()


def templates(root: Path) -> list[Path]:
    """The SAM templates with functions below a folder.

    Raises:
        Trouble: there are too many files to look at.
    """
    try:
        found = Tree(root).templates()
    except TooMany as error:
        raise Trouble("adopt.too_many_files", path=root) from error
    named = _setting(root, "template_file", "template")
    if isinstance(named, str) and (root / named).is_file() and (root / named) not in found:
        found.append(root / named)
    return [path for path in found if _usable(path)]


def open_template(root: Path, path: Path, say: Say) -> Foreign:
    """Read a template.

    Raises:
        Trouble: it is none of a SAM project.
    """
    try:
        view = Template(read(path)).views[0]
    except Unreadable as error:
        why = reason(error.reason, say.language)
        place = f"{path}:{error.place.line}:{error.place.column}"
        raise Trouble("adopt.unreadable", path=place, reason=why) from error
    if key := _shortcoming(view):
        raise Trouble(key, path=path, transform=TRANSFORM, type=SAM_FUNCTION)
    return Foreign(root, path, view)


def base_answers(catalog: Data, foreign: Foreign, say: Say) -> dict[str, Any]:
    """The answers that every project has, as far as this one says what they are."""
    questions = catalog["answers"]
    standing = answers.defaults(catalog, [], None, say)
    stack = _setting(foreign.root, "stack_name")
    names = [stack if isinstance(stack, str) else "", foreign.root.name]
    standing["project_name"] = _name(names, questions["project_name"]["max_length"])
    standing["description"] = standing["project_name"]
    said = {
        "description": _line(
            foreign.view.root.get("Description"), questions["description"]["max_length"]
        ),
        "region": _setting(foreign.root, "region"),
        "runtime": _usual(foreign.view, "Runtime", ""),
        "architecture": _usual(foreign.view, "Architectures", DEFAULT_ARCHITECTURE),
    }
    fitting = {n: v for n, v in said.items() if answers.check(questions[n], v, say)[1] is None}
    return {**standing, **fitting}


def stack(foreign: Foreign, project_name: str) -> str | None:
    """The name that the project is deployed under, if it is not the project's name."""
    name = _setting(foreign.root, "stack_name")
    if isinstance(name, str) and STACK.fullmatch(name) and name != project_name:
        return name
    return None


def own_safeguards(catalog: Data, foreign: Foreign) -> list[str]:
    """The safeguards that are there already: no check complains, and one found what it wants.

    That nothing forbidden was found is no sign that somebody took care.
    """
    known = published.load()
    report = check_project(foreign.root, known, template=foreign.path)
    there = [
        name
        for name, result in report.results.items()
        if result.outcome is Outcome.passed
        and any(_finds_something(known, i) for i in result.items if i.outcome is Outcome.passed)
    ]
    return [i for i in published.safeguards(catalog) if i in there]


def _finds_something(catalog: Data, item: Item) -> bool:
    pattern, _, check = item.check.partition("/")
    return bool(catalog["patterns"][pattern]["checks"][check]["expect"] != "none")


def _usable(path: Path) -> bool:
    try:
        return _shortcoming(Template(read(path)).views[0]) is None
    except Unreadable:
        return False


def _shortcoming(view: View) -> str | None:
    """Why a template is none of a SAM project, as the key of a message."""
    named = view.root.get("Transform")
    if TRANSFORM not in (named if isinstance(named, list) else [named]):
        return "adopt.not_sam"
    return None if any(True for _ in view.of_type(SAM_FUNCTION)) else "adopt.no_functions"


def _setting(root: Path, *names: str) -> Any:
    """What samconfig.toml says for deployments under the first of these names."""
    try:
        text = (root / SETTINGS).read_text(encoding="utf-8")
        environment = tomllib.loads(text).get("default", {})
    except (OSError, ValueError):
        return None
    sections = [environment.get(command) for command in ("deploy", "global")]
    tables = [s.get("parameters") for s in sections if isinstance(s, dict)]
    found = (t[n] for t in tables if isinstance(t, dict) for n in names if n in t)
    return next(found, None)


def _name(candidates: Sequence[str], longest: int) -> str:
    """The first that makes a project's name, in that form."""
    for text in candidates:
        plain = re.sub(r"[^a-z0-9]+", "-", answers.slug(text)).lstrip("0123456789-")
        if name := plain[:longest].strip("-"):
            return name
    return FALLBACK_NAME


def _line(text: Any, longest: int) -> str | None:
    """The first paragraph of a description in one line."""
    if not isinstance(text, str):
        return None
    return " ".join(text.strip().split("\n\n")[0].split())[:longest].strip()


def _usual(view: View, key: str, default: str) -> str:
    """What most functions have; `default` is what Lambda takes where nothing is said."""
    values = [p.get(key, default) for _, p in view.of_type(SAM_FUNCTION)]
    plain = [v[0] if isinstance(v, list) and v else v for v in values]
    found = Counter(v for v in plain if isinstance(v, str)).most_common(1)
    return found[0][0] if found else ""
