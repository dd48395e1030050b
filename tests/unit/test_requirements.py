"""Requirements merge by package; extras join; two versions are an error."""

from __future__ import annotations

import pytest

from scaffolder.jinja import ALWAYS, Condition
from scaffolder.requirements import RequirementError, merge_requirements
from tests.unit.test_merge import rendered

BASE = ("base", ALWAYS, ["powertools==3.37.0"])


def lines(*parts: tuple[str, list[str]], active: str = "") -> list[str]:
    sources = [BASE, *((name, Condition.on(name), needed) for name, needed in parts)]
    return rendered("\n".join(merge_requirements(sources)), *active).split()


def test_extras_come_and_go_with_their_patterns() -> None:
    parts = (("a", ["powertools[tracer]==3.37.0"]), ("b", ["powertools[parser]==3.37.0"]))
    assert lines(*parts) == ["powertools==3.37.0"]
    assert lines(*parts, active="a") == ["powertools[tracer]==3.37.0"]
    assert lines(*parts, active="ab") == ["powertools[parser,tracer]==3.37.0"]


def test_packages_are_sorted() -> None:
    assert lines(("a", ["boto3==1.44.8"]), active="a") == ["boto3==1.44.8", "powertools==3.37.0"]
    assert lines(("a", ["boto3==1.44.8"])) == ["powertools==3.37.0"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("powertools==3.36.0", "base pins 3.37.0, a pins 3.36.0"),
        ("powertools>=3", "a: not a pinned requirement"),
    ],
)
def test_clashes_and_open_ranges_are_errors(line: str, message: str) -> None:
    with pytest.raises(RequirementError, match=message):
        lines(("a", [line]))
