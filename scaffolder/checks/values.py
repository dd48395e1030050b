"""Scalars as CloudFormation takes them: "10" for 10 and "true" for true, where one is wanted."""

from __future__ import annotations

import re
from typing import Any

_INTEGER = re.compile(r"[-+]?\d{1,18}")
_NUMBER = re.compile(r"[-+]?(\d{1,18}(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?")
_BOOLEANS = {"true": True, "false": False}


def as_number(value: Any) -> Any:
    """The number that a string writes; anything else as it is."""
    if isinstance(value, str):
        if _INTEGER.fullmatch(value):
            return int(value)
        if _NUMBER.fullmatch(value):
            return float(value)
    return value


def as_boolean(value: Any) -> Any:
    """The boolean that a string writes; anything else as it is."""
    return _BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value


def like(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values to compare, a string turned into what the other one is."""
    return _as(left, right), _as(right, left)


def _as(value: Any, other: Any) -> Any:
    if not isinstance(value, str) or isinstance(other, str):
        return value
    if isinstance(other, bool):
        return as_boolean(value)
    return as_number(value) if isinstance(other, int | float) else value


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same to CloudFormation."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    left, right = like(left, right)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    return bool(left == right)
