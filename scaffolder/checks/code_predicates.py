"""Predicates about Python modules, which need to know what a name means where it stands.

A predicate yields nothing where it does not apply, a pass where it applies and all is well, and
a failure for each place that is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scaffolder.checks.code import Module, Spot
from scaffolder.checks.module_state import changes
from scaffolder.checks.outcome import Outcome, because
from scaffolder.checks.requests import is_request_name

_Def = ast.FunctionDef | ast.AsyncFunctionDef


def module_state_mutated(module: Module) -> Iterator[Spot]:
    """No data of a request is kept in the module, where the next request finds it.

    Finds module-level collections that a function adds to, and names that it assigns through
    `global`, unless that is a client or a setting made once. Fills `key` (the name) and `value`
    (the statement).
    """
    if module.tree is None:
        yield _unreadable()
        return
    found = False
    for change in changes(module.text, module.tree):
        found = True
        values = {"key": change.name, "value": change.text}
        yield Spot(Outcome.failed, change.line, change.column, values)
    if not found:
        yield Spot(Outcome.passed)


def cached_request_function(module: Module) -> Iterator[Spot]:
    """No `lru_cache` or `cache` on a function that takes a request, a tenant or a user.

    Fills `key` (the function) and `value` (the parameter).
    """
    if module.tree is None:
        yield _unreadable()
        return
    found = False
    for node in module.nodes:
        if not isinstance(node, _Def) or not any(map(_is_cache, node.decorator_list)):
            continue
        for name in _parameters(node):
            if is_request_name(name):
                found = True
                values = {"key": node.name, "value": name}
                yield Spot(Outcome.failed, node.lineno, node.col_offset + 1, values)
                break
    if not found:
        yield Spot(Outcome.passed)


def batch_record_parameter(module: Module) -> Iterator[Spot]:
    """The function that handles one record of a batch names its parameter `record`.

    Powertools passes the record by that keyword. Fills `key` (the function) and `value` (the
    parameter).
    """
    if module.tree is None:
        yield _unreadable()
        return
    for call in module.nodes:
        handler = _record_handler(call)
        if handler is not None:
            yield from _record_spot(module, handler)


def _record_spot(module: Module, handler: ast.expr) -> Iterator[Spot]:
    definition: _Def | ast.Lambda | None = None
    if isinstance(handler, ast.Lambda):
        definition = handler
    elif isinstance(handler, ast.Name):
        definition = _definition(module, handler.id)
        if definition is None:
            reason = because("defined-elsewhere", name=handler.id)
            line, column = handler.lineno, handler.col_offset + 1
            yield Spot(Outcome.unknown, line, column, {"key": handler.id}, reason)
    if definition is not None:
        names = _parameters(definition)
        name = "lambda" if isinstance(definition, ast.Lambda) else definition.name
        values = {"key": name, "value": names[0] if names else ""}
        outcome = Outcome.passed if "record" in names else Outcome.failed
        yield Spot(outcome, definition.lineno, definition.col_offset + 1, values)


def _record_handler(node: ast.AST) -> ast.expr | None:
    """The function given to Powertools' batch processing for one record, if this is such a call."""
    if not isinstance(node, ast.Call):
        return None
    for keyword in node.keywords:
        if keyword.arg == "record_handler":
            return _unwrapped(keyword.value)
    name = _called(node.func)
    if name in ("process_partial_response", "async_process_partial_response"):
        return _unwrapped(node.args[1]) if len(node.args) > 1 else None
    return None


def _unwrapped(handler: ast.expr) -> ast.expr:
    if isinstance(handler, ast.Call) and _called(handler.func) == "partial" and handler.args:
        return handler.args[0]
    return handler


def _definition(module: Module, name: str) -> _Def | None:
    for node in module.nodes:
        if isinstance(node, _Def) and node.name == name:
            return node
    return None


def _is_cache(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _called(call) in ("lru_cache", "cache")


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _parameters(node: _Def | ast.Lambda) -> list[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [a.arg for a in every if a.arg not in ("self", "cls")]


def _unreadable() -> Spot:
    return Spot(Outcome.unknown, reason=because("not-python"))
