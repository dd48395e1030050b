"""Evaluate the checks on Python code: ast-grep rules and named predicates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from scaffolder.checks.code import Function, Module, Spot
from scaffolder.checks.evaluate import Check, short
from scaffolder.checks.outcome import Item, Outcome, Reason, because
from scaffolder.checks.predicates import code_predicate

Look = Callable[[Module], list[Spot]]


def evaluate_code(check: Check, functions: list[Function], file: str) -> list[Item]:
    """What a check of code says of the functions of one template.

    Args:
        check: a check with `rule`, or with a predicate on code.
        functions: the functions with their code.
        file: the template, for what is said of no module.
    """
    found = [_not_looked_at(check, f, file) for f in functions if f.reason is not None]
    readable = [f for f in functions if f.reason is None]
    if check.data.get("rule"):
        if (missing := _missing_engine()) is not None and readable:
            return [Item(check.id, Outcome.unknown, file, 1, 1, reason=missing)]
        look = _rule(check)
        some = check.expect == "some"
    else:
        predicate = code_predicate(check.data["predicate"])
        options = check.data.get("options") or {}
        some = check.expect == "some"

        def look(module: Module) -> list[Spot]:
            return list(predicate(module, **options))

    if some:
        found += [_some(check, function, look) for function in readable]
    else:
        found += _everywhere(check, readable, look)
    if found:
        return found
    reason = because("no-python")
    return [Item(check.id, Outcome.not_applicable, file, 1, 1, reason=reason, nothing=True)]


def _not_looked_at(check: Check, function: Function, file: str) -> Item:
    outcome = Outcome.not_applicable if function.foreign else Outcome.unknown
    values = {"resource": function.resource, "file": file}
    return Item(check.id, outcome, file, 1, 1, function.resource, values, function.reason)


@cache
def _missing_engine() -> Reason | None:
    try:
        import ast_grep_py  # noqa: F401
    except ImportError:
        return because("no-ast-grep", command="pip install 'anshin-serverless[code]'")
    return None


def _rule(check: Check) -> Look:
    """Where the check's rule matches. A rule may stand alone or in ast-grep's `rule:`."""
    rule = check.data["rule"]
    config: Any = rule if "rule" in rule else {"rule": rule}

    def look(module: Module) -> list[Spot]:
        spots = []
        for node in module.grep.find_all(config):
            start = node.range().start
            values = {"value": short(node.text()), "key": ""}
            spots.append(Spot(Outcome.failed, start.line + 1, start.column + 1, values))
        return spots

    return look


def _some(check: Check, function: Function, look: Look) -> Item:
    """Whether the handler's module, or one that it imports, has a match."""
    assert function.handler is not None
    for module in function.reached:
        for spot in look(module):
            return _item(check, module, spot, function.resource, Outcome.passed)
    return _item(check, function.handler, Spot(Outcome.failed), function.resource, Outcome.failed)


def _everywhere(check: Check, functions: list[Function], look: Look) -> list[Item]:
    """What is found in any module, each module looked at once."""
    found: list[Item] = []
    for module, resource in _modules(functions):
        spots = look(module)
        bad = [spot for spot in spots if spot.outcome in (Outcome.failed, Outcome.unknown)]
        for spot in bad:
            found.append(_item(check, module, spot, resource, spot.outcome))
        if bad:
            continue
        if check.data.get("rule"):
            spots = [Spot(Outcome.passed)]
        found += [_item(check, module, spot, resource, spot.outcome) for spot in spots[:1]]
    return found


def _modules(functions: list[Function]) -> Iterator[tuple[Module, str]]:
    """Each module once, with a function that runs it, or "" if none seems to."""
    owners: dict[Module, str] = {}
    for function in functions:
        for module in function.reached:
            owners.setdefault(module, function.resource)
    seen: set[int] = set()
    for function in functions:
        for module in function.modules.values():
            if id(module) not in seen:
                seen.add(id(module))
                yield module, owners.get(module, "")


def _item(check: Check, module: Module, spot: Spot, resource: str, outcome: Outcome) -> Item:
    line, column = module.place(spot.line, spot.column)
    values = {"resource": resource or module.name, "file": module.file, **spot.values}
    return Item(check.id, outcome, module.file, line, column, resource, values, spot.reason)
