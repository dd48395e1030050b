"""Hold answers against the catalog's rules, before anything is written.

The rules are those of `copier.yml`; here every problem is found at once, and said in the user's
language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffolder import published
from scaffolder.messages import Say, Trouble, os_trouble
from scaffolder.published import Data

SAFEGUARDS = "safeguards"
RECORDED = frozenset({"_commit", "_src_path"})
"""Copier's own entries; an answers file of a project may be given as it is."""

SHOWN = 60
"""Characters of a value that a message repeats."""

YES_NO = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Problem:
    """One answer that cannot be used, and the rule that it breaks."""

    about: str
    rule: str
    value: str | None = None


class WrongAnswers(Exception):
    """Some answers cannot be used."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True)
class Given:
    """What the user gave with options and files, unchecked."""

    safeguards: list[str] | None = None
    preset: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """Checked answers. `safeguards` is None as long as nobody chose.

    `along` says why safeguards come along that nobody named.
    """

    safeguards: list[str] | None
    answers: Mapping[str, Any]
    notes: list[str]
    along: list[str] = field(default_factory=list)


def resolve(catalog: Data, given: Given, say: Say) -> Choice:
    """Check everything that was given.

    Raises:
        WrongAnswers: with all problems, not only the first.
    """
    problems: list[Problem] = []
    notes: list[str] = []
    wanted = _wanted(catalog, given, say, problems)
    chosen = None if wanted is None else _known(catalog, wanted, say, problems, notes)
    active = published.closure(catalog, chosen or [])
    problems += conflict_problems(catalog, active, say)
    asked = published.questions(catalog, active)
    answers: dict[str, Any] = {}
    renamed = published.former_answers(catalog)
    for word, value in given.answers.items():
        name = renamed.get(word, word)
        if name == SAFEGUARDS or (name != word and name in given.answers):
            continue
        if name not in asked:
            # As long as nobody chose, the question may still come up.
            if chosen is not None or published.owner(catalog, name) is None:
                problems.append(_unexpected(catalog, name, asked, say))
            continue
        answers[name], rule = check(asked[name], value, say)
        problems += [Problem(name, rule, shown(value, say))] if rule else []
    if problems:
        raise WrongAnswers(problems)
    return Choice(chosen, answers, notes, _coming_along(catalog, chosen or [], active, say))


def check(question: Data, value: object, say: Say) -> tuple[Any, str | None]:
    """The answer in the question's type, and the rule that it breaks, if any.

    Text is read as what the question asks for; other values must be of its type.
    """
    match question["type"]:
        case "int":
            value = _number(value)
            good = value is not None and question["min"] <= value <= question["max"]
        case "bool":
            value = YES_NO.get(value.strip().lower()) if isinstance(value, str) else value
            good = isinstance(value, bool)
        case "choice":
            good = value in question["choices"]
        case _:
            if not isinstance(value, str):
                return value, say("rule.quotes")
            fits = len(value) <= question["max_length"]
            good = fits and re.fullmatch(question["pattern"], value) is not None
    return value, None if good else bound(question, say)


def bound(question: Data, say: Say) -> str:
    """What an answer must be, in words."""
    match question["type"]:
        case "int":
            return say("rule.int", low=question["min"], high=question["max"])
        case "bool":
            return say("rule.bool")
        case "choice":
            return say("rule.choice", choices=say.listed(question["choices"]))
    if "bound" in question:
        return say.pick(question["bound"])
    return say("rule.pattern", pattern=question["pattern"], longest=question["max_length"])


def defaults(catalog: Data, active: Iterable[str], target: Path | None, say: Say) -> dict[str, Any]:
    """What stands where nobody answers: the catalog's defaults, the folder's name, the language."""
    found = {n: q["default"] for n, q in published.questions(catalog, active).items()}
    name = slug(target.resolve().name) if target else ""
    rule = check(catalog["answers"]["project_name"], name, say)[1]
    own = {} if rule else {"project_name": name}
    return {**found, "language": say.language, **own}


def slug(name: str) -> str:
    """A folder's name in the form of a project's name, as far as it goes."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[\s_.-]+", "-", plain).strip("-")


def conflict_problems(catalog: Data, active: list[str], say: Say) -> list[Problem]:
    """The pairs that cannot go together, with the catalog's reasons."""
    return [
        Problem(SAFEGUARDS, say("rule.conflict", reason=say.pick(reason)), f"{name} + {other}")
        for name, other, reason in published.conflicts(catalog, active)
    ]


def from_file(path: Path) -> dict[str, Any]:
    """The answers in a YAML file; an answers file of another project will do.

    Raises:
        Trouble: the file cannot be read, or is not a mapping of names to values.
    """
    return {name: value for name, value in read_file(path).items() if name not in RECORDED}


def read_file(path: Path) -> dict[str, Any]:
    """All that a YAML file of answers says, with Copier's own entries.

    Raises:
        Trouble: the file cannot be read, or is not a mapping of names to values.
    """
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Trouble("data_file.encoding", path=path) from error
    except OSError as error:
        raise os_trouble(error, path) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or getattr(error, "reason", "")
        raise Trouble("data_file.yaml", path=path, line=line, problem=problem) from error
    except (ValueError, RecursionError) as error:
        raise Trouble("data_file.yaml", path=path, line=1, problem=error) from error
    if data is None or root is None:
        return {}
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        raise Trouble("data_file.mapping", path=path)
    names = [key.value for key, _ in root.value]
    if twice := [n for n in names if names.count(n) > 1]:
        raise Trouble("data_file.twice", path=path, name=twice[0])
    return data


def pair(text: str, form: str = "new.data_form") -> tuple[str, str]:
    """The name and the value in `name=value`, as options give them.

    Args:
        text: of the option.
        form: key of the message that says what the option takes.

    Raises:
        Trouble: there is no name, or no equals sign.
    """
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise Trouble(form, text=text)
    return name.strip(), value


def shown(value: object, say: Say) -> str:
    """A value for a message: short, and harmless to a terminal."""
    if isinstance(value, dict | list | tuple | set):
        return say("value.list" if not isinstance(value, dict) else "value.mapping")
    text = value if isinstance(value, str) else str(value)
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in short)
    return f'"{safe}"' if isinstance(value, str) else safe


def _wanted(catalog: Data, given: Given, say: Say, problems: list[Problem]) -> list[str] | None:
    """The ids asked for: by option, by preset, or by the answers; None if nobody said."""
    if given.safeguards is not None or given.preset is not None:
        preset = catalog["presets"][given.preset]["safeguards"] if given.preset else []
        return [*preset, *(given.safeguards or [])]
    value = given.answers.get(SAFEGUARDS)
    if value is None:
        return None
    if isinstance(value, str):
        return split(value)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return value
    problems.append(Problem(SAFEGUARDS, say("rule.safeguards"), shown(value, say)))
    return None


def split(text: str) -> list[str]:
    """Ids in a text, between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _known(
    catalog: Data, wanted: list[str], say: Say, problems: list[Problem], notes: list[str]
) -> list[str]:
    """The wanted ids in the catalog's order, with problems for those that cannot be chosen."""
    renamed = published.aliases(catalog)
    able = published.safeguards(catalog)
    found: set[str] = set()
    for word in dict.fromkeys(wanted):
        name = renamed.get(word, word)
        if name != word:
            notes.append(say("note.renamed", old=word, new=name))
        if name in able:
            found.add(name)
        elif name in catalog["patterns"]:
            problems.append(Problem(SAFEGUARDS, say("rule.concept", id=name), shown(word, say)))
        else:
            rule = unknown_id(word, able, say)
            problems.append(Problem(SAFEGUARDS, rule, shown(word, say)))
    return [name for name in able if name in found]


def unknown_id(word: str, known: Iterable[str], say: Say) -> str:
    """That there is no such id, and what may have been meant."""
    return did_you_mean(word, known, say) or say("rule.see_list")


def did_you_mean(word: str, known: Iterable[str], say: Say) -> str:
    """What may have been meant, as a question, or nothing."""
    close = published.similar(word, known)
    return say("rule.did_you_mean", words=say.listed(close)) if close else ""


def _unexpected(catalog: Data, name: str, asked: Iterable[str], say: Say) -> Problem:
    owner = published.owner(catalog, name)
    if owner:
        return Problem(name, say("rule.not_chosen", id=owner))
    hint = did_you_mean(name, asked, say)
    rule = say("rule.unknown_answer") + (say.after(hint) if hint else "")
    return Problem(shown(name, say).strip('"'), rule)


def _coming_along(catalog: Data, chosen: list[str], active: list[str], say: Say) -> list[str]:
    """Why safeguards come along that nobody named."""
    notes: list[str] = []
    for name in active:
        if name in chosen:
            continue
        for other in active:
            reason = catalog["patterns"][other]["requires"].get(name)
            if reason:
                text = say("note.comes_along", id=name, by=other, reason=say.pick(reason))
                notes.append(text)
                break
    return notes


def _number(value: object) -> int | None:
    if isinstance(value, str):
        text = value.strip()
        return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
