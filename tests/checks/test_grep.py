"""Rules matched on all modules at once find what they find on each module alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder.checks.code import Module
from scaffolder.checks.grep import matches
from tests.checks.support import module

ROOT = Path(__file__).parents[2]
CATALOG = json.loads((ROOT / "scaffolder" / "catalog.json").read_text("utf-8"))
RULES = {
    f"{pattern}/{name}": check["rule"]
    for pattern, data in CATALOG["patterns"].items()
    for name, check in data["checks"].items()
    if check["rule"]
}


def modules() -> list[Module]:
    """Code of the catalog's examples and samples, and some that does not parse."""
    files = sorted((ROOT / "catalog").glob("*/[es]*s/*.py"))
    assert len(files) > 20
    found = [module(path.read_text("utf-8"), path.stem) for path in files]
    broken = ["x = '''\nnever closed", "def f(:\n    print(1)\n", "print 'old'\nprint(1)\n", ""]
    return [*found[:10], *(module(text, "broken") for text in broken), *found[10:]]


def places(rule: dict[str, Any], of: list[Module]) -> list[list[tuple[int, int]]]:
    return [[(s.line, s.column) for s in spots] for spots in matches(rule, of).values()]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_together_is_as_alone(rule: dict[str, Any]) -> None:
    every = modules()
    alone = [places(rule, [one])[0] for one in every]
    assert places(rule, every) == alone
    assert any(alone)


CALL = {"kind": "call", "has": {"field": "function", "regex": "^f$"}}
BESIDE_G = {"inside": {"kind": "module", "stopBy": "end", "has": {"regex": "^g"}}}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (CALL, [[(1, 1)], [], [(2, 5)]]),
        ({"rule": CALL}, [[(1, 1)], [], [(2, 5)]]),
        ({**CALL, "not": BESIDE_G}, [[(1, 1)], [], []]),
        ({**CALL, **BESIDE_G}, [[], [], [(2, 5)]]),
        ({"all": [CALL, BESIDE_G]}, [[], [], [(2, 5)]]),
    ],
)
def test_a_rule_about_the_module_sees_only_its_own(
    rule: dict[str, Any], found: list[list[tuple[int, int]]]
) -> None:
    every = [module("f()"), module("x = 1\n"), module("if x:\n    f()\ng = 1\n")]
    assert places(rule, every) == found


def test_a_match_has_its_text() -> None:
    (spots,) = matches(CALL, [module("f(\n  1,\n)\n")]).values()
    assert spots[0].values["value"] == "f( 1, )"
