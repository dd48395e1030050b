"""Evaluate the checks on Python code: ast-grep rules and named predicates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from scaffolder.checks.code import Function, Module, Spot
from scaffolder.checks.evaluate import Check
from scaffolder.checks.grep import matches
from scaffolder.checks.outcome import Item, Outcome, Reason, because
from scaffolder.checks.predicates import code_predicate

Look = Callable[[list[Module]], dict[Module, list[Spot]]]
"""What is found in each of some modules."""


def evaluate_code(check: Check, functions: list[Function], file: str) -> list[Item]:
    """What a check of code says of the functions of one template.

    Args:
        check: a check with `rule`, or with a predicate on code.
        functions: the functions with their code.
        file: the template, for what is said of no module.
    """
    found = [_not_looked_at(check, f, file) for f in functions if f.reason is not None]
    readable = [f for f in functions if f.reason is None]
    is_rule = bool(check.data.get("rule"))
    if is_rule and readable and (missing := _missing_engine()) is not None:
        return [Item(check.id, Outcome.unknown, file, 1, 1, reason=missing)]
    look = _rule(check) if is_rule else _predicate(check)
    if check.expect == "some":
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
    name, place, reason = function.resource, function.place, function.reason
    return Item(check.id, outcome, file, place.line, place.column, name, values, reason)


@cache
def _missing_engine() -> Reason | None:
    try:
        import ast_grep_py  # noqa: F401
    except ImportError:
        return because("no-ast-grep", command="pip install 'anshin-serverless[code]'")
    return None


def _rule(check: Check) -> Look:
    """Where the check's rule matches."""

    def look(modules: list[Module]) -> dict[Module, list[Spot]]:
        return matches(check.data["rule"], modules)

    return look


def _predicate(check: Check) -> Look:
    """What the check's predicate says."""
    function = code_predicate(check.data["predicate"])
    options = check.data.get("options") or {}

    def look(modules: list[Module]) -> dict[Module, list[Spot]]:
        return {module: list(function(module, **options)) for module in modules}

    return look


def _some(check: Check, function: Function, look: Look) -> Item:
    """Whether the handler's module, or one that it imports, has a match."""
    assert function.handler is not None
    for module, spots in look(function.reached).items():
        for spot in spots:
            if check.data.get("rule") or spot.outcome is Outcome.passed:
                return _item(check, module, spot, function.resource, Outcome.passed)
    return _item(check, function.handler, Spot(Outcome.failed), function.resource, Outcome.failed)


def _everywhere(check: Check, functions: list[Function], look: Look) -> list[Item]:
    """What is found in any module, each module looked at once."""
    found: list[Item] = []
    owners = _owners(functions)
    for module, spots in look(list(owners)).items():
        bad = [spot for spot in spots if spot.outcome in (Outcome.failed, Outcome.unknown)]
        # A rule says nothing of a module in which it does not match.
        good = [Spot(Outcome.passed)] if check.data.get("rule") else spots[:1]
        for spot in bad or good:
            found.append(_item(check, module, spot, owners[module], spot.outcome))
    return found


def _owners(functions: list[Function]) -> dict[Module, str]:
    """Each module once, with a function that runs it, or "" if none seems to."""
    owners = {module: "" for function in functions for module in function.modules.values()}
    for function in functions:
        for module in function.reached:
            owners[module] = owners[module] or function.resource
    return owners


def _item(check: Check, module: Module, spot: Spot, resource: str, outcome: Outcome) -> Item:
    line, column = module.place(spot.line, spot.column)
    values = {"resource": resource or module.name, "file": module.file, **spot.values}
    return Item(check.id, outcome, module.file, line, column, resource, values, spot.reason)
