"""Which safeguards a project of ours has chosen, as its answers file says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

ANSWERS_FILE = ".copier-answers.yml"


def chosen_safeguards(paths: Sequence[Path], catalog: dict[str, Any]) -> list[str] | None:
    """The safeguards of the project that have checks, with what they require and all concepts.

    Those that an adopted project had before count as chosen.

    None if it is not one project of ours: several paths, no answers file, or somebody else's.
    """
    if len(paths) > 1:
        return None
    answers = _answers(paths[0] if paths else Path())
    named = answers.get("safeguards")
    if not isinstance(named, list):
        return None
    own = _adopted(answers).get("own")
    named = [*named, *(own if isinstance(own, list) else [])]
    patterns = catalog["patterns"]
    known = [name for name in named if isinstance(name, str) and name in patterns]
    wanted = {each for name in known for each in patterns[name]["closure"]}
    # What holds for every project, such as a runtime in support, is nobody's choice.
    wanted |= {name for name, data in patterns.items() if data["scope"] == ["concept"]}
    return [name for name in patterns if name in wanted and patterns[name]["checks"]]


def adopted_template(folder: Path) -> Path | None:
    """The template of a project that was adopted; None in any other folder."""
    name = _adopted(_answers(folder)).get("template")
    path = folder / name if isinstance(name, str) else None
    return path if path and path.is_file() else None


def _answers(folder: Path) -> dict[str, Any]:
    """What is recorded of a project of ours; nothing in any other folder."""
    try:
        found = yaml.safe_load((folder / ANSWERS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) and "_src_path" in found else {}


def _adopted(answers: dict[str, Any]) -> dict[str, Any]:
    found = answers.get("adopted")
    return found if isinstance(found, dict) else {}
