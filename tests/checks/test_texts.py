"""Regular expressions on strings of which parts are unknown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.checks.intrinsics import Unknown, UnknownText
from scaffolder.checks.outcome import because
from scaffolder.checks.texts import matches

UNKNOWN = Unknown(because("not-known"), None)


def text(*parts: str | None) -> UnknownText:
    return UnknownText(because("not-known"), None, [UNKNOWN if p is None else p for p in parts])


@pytest.mark.parametrize(
    ("pattern", "parts", "result"),
    [
        ("^CodeDeployHook_", ("CodeDeployHook_", None), True),
        ("^CodeDeployHook_", ("Code", None), None),
        ("^CodeDeployHook_", ("hook-", None), False),
        ("^CodeDeployHook_", (None, "CodeDeployHook_"), None),
        (":live$", (None, ":live"), True),
        (":live$", (None, ":dead"), False),
        (":live$", (None, "live"), None),
        ("live", ("a", None, "live", None), True),
        ("^a*b", ("b", None), True),
        ("^a*b", ("c", None), None),
        ("^a|b", ("x", None), None),
        (r"\.$", (None, "x"), None),
        ("^abc$", ("abc", None), None),
    ],
)
def test_what_the_known_parts_tell(
    pattern: str, parts: tuple[str | None, ...], result: bool | None
) -> None:
    assert matches(pattern, text(*parts)) is result


PATTERNS = st.sampled_from(
    [
        "^a",
        "^ab",
        "b$",
        "ab$",
        "a",
        "^a.b",
        "^a*b",
        "^(a|b)",
        "a|^b",
        "^$",
        "^ab?$",
        r"\ba",
        "a(?!b)",
    ]
)
PARTS = st.lists(st.sampled_from(["a", "b", "ab", None, "c"]), min_size=1, max_size=4)


@settings(max_examples=1000, deadline=None)
@given(PATTERNS, PARTS, st.sampled_from(["", "a", "b", "ab", "ba", "c", "aabb"]))
def test_an_answer_holds_whatever_the_unknown_parts_are(
    pattern: str, parts: list[str | None], filling: str
) -> None:
    result = matches(pattern, text(*parts))
    if result is not None:
        whole = "".join(filling if part is None else part for part in parts)
        assert (re.search(pattern, whole) is not None) is result
