"""Whether the text of a file makes sense to the tools that read it."""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath


def is_sound(path: str, text: str) -> bool:
    """Whether a file can be read; True for kinds of which nothing is known."""
    reads = READERS.get(PurePosixPath(path).suffix)
    return reads is None or reads(text)


def is_python(text: str) -> bool:
    """Whether a text is Python."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def is_toml(text: str) -> bool:
    """Whether a text is TOML."""
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True


def is_json(text: str) -> bool:
    """Whether a text is JSON without a key that is there twice."""
    try:
        json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        return False
    return True


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


READERS: Mapping[str, Callable[[str], bool]] = {
    ".py": is_python,
    ".toml": is_toml,
    ".json": is_json,
}
