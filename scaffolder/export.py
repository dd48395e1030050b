"""Export the catalog as data: `catalog.json` for the command, the site and other tools."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from scaffolder import __version__, adoptable
from scaffolder.catalog import Catalog, CatalogEntry
from scaffolder.model import Question
from scaffolder.questions import BASE_QUESTIONS, TEXT_MAX, BaseQuestion
from scaffolder.sources import targets
from scaffolder.weave import STACKS, extended, resources

FORMAT = 1
"""Version of the layout of catalog.json; it grows when a reader has to change."""


def catalog_json(catalog: Catalog, source_url: str, site_url: str) -> str:
    """The whole catalog as JSON text.

    Args:
        catalog: what to export.
        source_url: canonical URL of the template.
        site_url: where the pages are, with a slash at the end.
    """
    in_adopted = adoptable.answers_with_effect(catalog, STACKS)
    document = {
        "format": FORMAT,
        "version": __version__,
        "source_url": source_url,
        "site_url": site_url,
        "chapters": {k: v.model_dump(mode="json") for k, v in catalog.chapters.items()},
        "presets": {
            name: {**preset.model_dump(mode="json"), "safeguards": catalog.preset(name)}
            for name, preset in catalog.presets.items()
        },
        "incidents": {k: v.model_dump(mode="json") for k, v in catalog.incidents.items()},
        "facts": {k: v.model_dump(mode="json") for k, v in catalog.facts.items()},
        "workloads": {k: v.model_dump(mode="json") for k, v in catalog.workloads.items()},
        "stacks": dict(STACKS),
        "answers": {name: _base_answer(q) for name, q in BASE_QUESTIONS.items()},
        "retired": catalog.retired.model_dump(mode="json"),
        "patterns": {e.id: pattern_json(catalog, e, in_adopted) for e in catalog},
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def pattern_json(catalog: Catalog, entry: CatalogEntry, in_adopted: set[str]) -> dict[str, Any]:
    """One entry: what `pattern.yaml` says, and the texts of its files.

    Args:
        catalog: that it is of.
        entry: what to export.
        in_adopted: the answers that matter in projects that we did not generate.
    """
    data = entry.pattern.model_dump(mode="json", by_alias=True)
    del data["questions"]
    return {
        **data,
        "closure": catalog.closure([entry.id]),
        "answers": {n: _answer(q) for n, q in entry.answers().items()},
        **{stack: entry.read(f"{stack}.yaml") for stack in STACKS},
        "adopt": entry.read(adoptable.PART),
        "adoptable": adoptable.adoptable(entry, STACKS),
        "adopt_answers": [n for n in entry.answers() if n in in_adopted],
        "adopt_roles": adoptable.needed_roles(entry),
        "with": {name.removesuffix(".yaml"): p.read_text() for name, p in _tree(entry, "with")},
        "samples": {name: p.read_text(encoding="utf-8") for name, p in _tree(entry, "samples")},
        "files": targets(entry),
        "resources": resources(entry),
        "extends": extended(entry),
        "proof": _proof(entry),
    }


def _tree(entry: CatalogEntry, folder: str) -> list[tuple[str, Path]]:
    return list(entry.tree(folder).items())


def _proof(entry: CatalogEntry) -> str | None:
    """What the proof says of itself: what it shows, what is real and what is simulated."""
    text = entry.read("proof.py")
    return ast.get_docstring(ast.parse(text)) if text else None


def _base_answer(question: BaseQuestion) -> dict[str, Any]:
    known = {
        "type": question.type,
        "label": question.label.model_dump(),
        "default": question.default,
        "aliases": list(question.aliases),
    }
    if question.choices:
        return {**known, "choices": list(question.choices), "titles": dict(question.choices)}
    assert question.bound is not None
    bounds = {"pattern": question.pattern, "max_length": question.longest}
    return {**known, **bounds, "bound": question.bound.model_dump()}


def _answer(question: Question) -> dict[str, Any]:
    data = question.model_dump(mode="json")
    return {**data, "max_length": TEXT_MAX} if question.type == "str" else data
