"""Which safeguards a project of ours has chosen, as its answers file says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

ANSWERS_FILE = ".copier-answers.yml"


def chosen_safeguards(paths: Sequence[Path], catalog: dict[str, Any]) -> list[str] | None:
    """The safeguards of the project that have checks, with what they require and all concepts.

    None if it is not one project of ours: several paths, no answers file, or somebody else's.
    """
    if len(paths) > 1:
        return None
    folder = paths[0] if paths else Path()
    try:
        answers = yaml.safe_load((folder / ANSWERS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    named = answers.get("safeguards") if isinstance(answers, dict) else None
    if not isinstance(named, list) or "_src_path" not in answers:
        return None
    patterns = catalog["patterns"]
    known = [name for name in named if isinstance(name, str) and name in patterns]
    wanted = {each for name in known for each in patterns[name]["closure"]}
    # What holds for every project, such as a runtime in support, is nobody's choice.
    wanted |= {name for name, data in patterns.items() if data["scope"] == ["concept"]}
    return [name for name in patterns if name in wanted and patterns[name]["checks"]]
