"""Compile the catalog: write everything that is generated and checked in, or compare it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from scaffolder import released
from scaffolder.catalog import load_catalog
from scaffolder.export import catalog_json
from scaffolder.model import Pattern
from scaffolder.weave import weave

COMMAND = "anshin compile"
TEMPLATE_FOLDER = "templates/project"


def compiled(root: Path) -> dict[str, str]:
    """All generated files of a checkout, by path below its root.

    Raises:
        CatalogError, WeaveError: the catalog or the base contradicts itself, or something that
            was released is gone.
    """
    urls = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    catalog = load_catalog(root / "catalog")
    recorded = released.read(root)
    released.check(catalog, recorded)
    woven = weave(root / "templates" / "base", catalog, urls["Documentation"])
    return {
        "catalog/pattern.schema.json": pattern_schema(),
        released.FILE: released.text(catalog, recorded),
        "tests/requirements.txt": woven.requirements,
        "copier.yml": woven.copier_yml,
        "scaffolder/catalog.json": catalog_json(catalog, urls["Template"], urls["Documentation"]),
        **{f"{TEMPLATE_FOLDER}/{name}": text for name, text in woven.files.items()},
    }


def pattern_schema() -> str:
    """The JSON Schema of `pattern.yaml`, for editors."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Pattern.model_json_schema(by_alias=True),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def differences(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """The paths whose file is missing, stale, or no longer generated."""
    stale = [p for p, text in wanted.items() if _read(root / p) != text]
    return sorted([*stale, *_orphans(root, wanted)])


def write(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Bring the generated files up to date; returns the paths that changed."""
    changed = differences(root, wanted)
    for name in changed:
        path = root / name
        if name not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[name], encoding="utf-8", newline="\n")
    return changed


def _orphans(root: Path, wanted: Mapping[str, str]) -> list[str]:
    folder = root / TEMPLATE_FOLDER
    files = (p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else ()
    names = (p.relative_to(root).as_posix() for p in files)
    return [n for n in names if n not in wanted]


def _read(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8") if path.is_file() else None
