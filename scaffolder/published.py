"""Read the catalog as it was exported, `catalog.json`: plain data, quick to load."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Data: TypeAlias = Mapping[str, Any]

FILE = Path(__file__).parent / "catalog.json"
FORMAT = 1
"""The layout that is read here; a template's catalog of another one cannot be."""

RECOMMENDED = "recommended"
"""The preset that stands when nobody chooses."""

SAFEGUARDS = "safeguards"
ADOPTED = "adopted"
"""The answer that adopted projects have; it belongs to no version."""

ANSWER = re.compile(r"!Answer (\w+)(.*)$", re.MULTILINE)


def load() -> dict[str, Any]:
    """The catalog of this version."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def safeguards(catalog: Data) -> list[str]:
    """The ids that can be chosen in a project, in the deck's order."""
    return [i for i, entry in catalog["patterns"].items() if entry["scope"] != ["concept"]]


def by_chapter(catalog: Data, ids: Iterable[str]) -> dict[str, list[str]]:
    """Ids under the chapters that have any of them."""
    wanted = set(ids)
    found: dict[str, list[str]] = {chapter: [] for chapter in catalog["chapters"]}
    for name, entry in catalog["patterns"].items():
        if name in wanted:
            found[entry["chapter"]].append(name)
    return {chapter: names for chapter, names in found.items() if names}


def aliases(catalog: Data) -> dict[str, str]:
    """Ids of earlier releases and what they are called now."""
    return {old: i for i, entry in catalog["patterns"].items() for old in entry["aliases"]}


def former_answers(catalog: Data) -> dict[str, str]:
    """Answers of earlier releases and what they are called now."""
    owners = [catalog["answers"], *(entry["answers"] for entry in catalog["patterns"].values())]
    return {
        old: n for asked in owners for n, question in asked.items() for old in question["aliases"]
    }


def renamed_ids(source: Data, target: Data) -> dict[str, str]:
    """Ids of one version that are called otherwise in another, older or newer one."""
    forward, back = aliases(target), _back(aliases(source), target["patterns"])
    return {i: n for i, n in {**back, **forward}.items() if i not in target["patterns"]}


def renamed_answers(source: Data, target: Data) -> dict[str, str]:
    """Answers of one version that are called otherwise in another, older or newer one."""
    known = questions(target, target["patterns"])
    forward, back = former_answers(target), _back(former_answers(source), known)
    return {i: n for i, n in {**back, **forward}.items() if i not in known}


def _back(renamed: Mapping[str, str], known: Container[str]) -> dict[str, str]:
    """From today's names to the former ones, as far as those are known."""
    return {now: old for old, now in renamed.items() if old in known and now not in known}


def translated(source: Data, target: Data, recorded: Data) -> dict[str, Any]:
    """What a project of one version has recorded, under the names of another."""
    ids, names = renamed_ids(source, target), renamed_answers(source, target)
    found = {n: v for n, v in recorded.items() if n not in names}
    found = {**{names[n]: v for n, v in recorded.items() if n in names}, **found}
    if isinstance(found.get(SAFEGUARDS), list):
        found[SAFEGUARDS] = [ids.get(i, i) for i in map(str, found[SAFEGUARDS])]
    return found


def carried(catalog: Data, recorded: Data) -> tuple[dict[str, Any], list[str]]:
    """What a project of another version has recorded, in the words of this catalog.

    Nothing is checked. Copier's own entries are left out.

    Returns:
        The answers, and the safeguards and answers that are not known here.
    """
    renamed = former_answers(catalog)
    known = {*questions(catalog, catalog["patterns"]), SAFEGUARDS, ADOPTED}
    kept: dict[str, Any] = {}
    dropped: list[str] = []
    for name, value in recorded.items():
        now = renamed.get(name, name)
        if now not in known:
            dropped += [] if name.startswith("_") else [name]
        elif now == name or now not in recorded:
            kept[now] = value
    if isinstance(kept.get(SAFEGUARDS), list):
        kept[SAFEGUARDS], unknown = carried_ids(catalog, kept[SAFEGUARDS])
        dropped = [*unknown, *dropped]
    return kept, dropped


def carried_ids(catalog: Data, ids: Iterable[Any]) -> tuple[list[str], list[str]]:
    """Safeguards under the ids they have here, and those that cannot be chosen here."""
    renamed, able = aliases(catalog), set(safeguards(catalog))
    now = {str(i): renamed.get(str(i), str(i)) for i in ids}
    dropped = [i for i, name in now.items() if name not in able]
    return list(dict.fromkeys(n for n in now.values() if n in able)), dropped


def closure(catalog: Data, chosen: Iterable[str]) -> list[str]:
    """The chosen safeguards and all that they require, in the deck's order."""
    wanted = {other for i in chosen for other in catalog["patterns"][i]["closure"]}
    return [i for i in catalog["patterns"] if i in wanted]


def questions(catalog: Data, active: Iterable[str]) -> dict[str, Data]:
    """The questions of a project with these safeguards: answer's name → question."""
    own = {n: q for i in active for n, q in catalog["patterns"][i]["answers"].items()}
    return {**catalog["answers"], **own}


def owner(catalog: Data, answer: str) -> str | None:
    """The safeguard that asks for an answer, if one does."""
    owners = (i for i, entry in catalog["patterns"].items() if answer in entry["answers"])
    return next(owners, None)


def similar(word: str, known: Iterable[str]) -> list[str]:
    """What a misspelt word may have meant, the likeliest first, at most three."""
    from difflib import get_close_matches

    names = list(known)
    close = get_close_matches(word.lower(), names, n=3, cutoff=0.6)
    parts = [n for n in names if len(word) > 2 and word.lower() in n]
    return list(dict.fromkeys([*close, *parts]))[:3]


def snippets(catalog: Data, name: str) -> dict[str, str]:
    """The partial templates that a safeguard adds: file in the project → text.

    Where an answer goes, its default stands, and a comment names the answer.
    """
    entry = catalog["patterns"][name]
    texts = {file: entry[stack] for stack, file in catalog["stacks"].items() if entry[stack]}
    return {file: answered(catalog, name, text) for file, text in texts.items()}


def answered(catalog: Data, name: str, text: str) -> str:
    """A safeguard's snippet with defaults in place of `!Answer`, each named in a comment."""
    own = catalog["patterns"][name]["answers"]
    prefix = name.replace("-", "_")

    def shown(match: re.Match[str]) -> str:
        word, rest = match.groups()
        full = f"{prefix}_{word}" if f"{prefix}_{word}" in own else word
        default = (own.get(full) or catalog["answers"][full])["default"]
        return f"{json.dumps(default, ensure_ascii=False)}{rest}  # {full}"

    return ANSWER.sub(shown, text)


def summary(catalog: Data, name: str, language: str) -> dict[str, Any]:
    """What `list --json` says of one pattern."""
    entry = catalog["patterns"][name]
    kept: dict[str, Any] = {key: entry[key] for key in ("chapter", "scope")}
    return {
        "id": name,
        "title": entry["title"][language],
        **kept,
        "cost": entry["costs"]["direction"],
        "presets": presets_of(catalog, name),
        "requires": list(entry["requires"]),
        "conflicts": list(entry["conflicts"]),
    }


def presets_of(catalog: Data, name: str) -> list[str]:
    """The presets that an entry names itself; `all` says nothing."""
    return [p for p in catalog["presets"] if p in catalog["patterns"][name]["presets"]]


def together(catalog: Data, ids: Sequence[str]) -> list[str]:
    """Those that can be in one project; of two in conflict, the one that declares it gives way."""
    return [i for i in ids if not catalog["patterns"][i]["conflicts"].keys() & set(ids)]


def conflicts(catalog: Data, active: Sequence[str]) -> list[tuple[str, str, Data]]:
    """Pairs among the active safeguards that cannot go together, with the reason."""
    return [
        (name, other, reason)
        for name in active
        for other, reason in catalog["patterns"][name]["conflicts"].items()
        if other in active
    ]
