"""Find what a function leaves behind in its module: state that outlives an invocation."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property

from scaffolder.checks.requests import is_request_name

_Def = ast.FunctionDef | ast.AsyncFunctionDef

_COLLECTIONS = frozenset(
    {"Counter", "OrderedDict", "bytearray", "defaultdict", "deque", "dict", "list", "set"}
)
_GROWING = frozenset({"add", "append", "appendleft", "extend", "extendleft", "insert"})
_FILLING = frozenset({"setdefault", "update"})
_CLIENTS = ("client", "connect", "connection", "engine", "logger", "pool", "resource", "session")
# What makes a client the client of one caller.
_CREDENTIALS = frozenset(
    {
        *("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
        *("auth", "credentials", "headers", "password", "token", "user"),
    }
)


class _How(Enum):
    """How a statement changes a name."""

    assign = auto()  # name = value
    count = auto()  # name += value, name[key] += value
    store = auto()  # name[key] = value, name.update(value)
    set_attribute = auto()  # name.attribute = value
    grow = auto()  # name.append(value)


@dataclass(frozen=True)
class Change:
    """Code in a function that changes its module; line and column count from 1."""

    name: str
    line: int
    column: int
    text: str


@dataclass(frozen=True)
class _Write:
    name: str
    values: list[ast.expr]
    how: _How
    at: ast.stmt | ast.expr


def changes(text: str, tree: ast.Module) -> Iterator[Change]:
    """The places in functions that put something into the module to stay.

    Left out: functions that run only while the module is imported, collections that the same
    function empties, clients and connections that are not made from a request, and values
    (as of a setting read once) that come from no parameter.
    """
    module = _Module(text, tree)
    for function in module.functions():
        yield from module.changes_in(function)


class _Module:
    def __init__(self, text: str, tree: ast.Module) -> None:
        self._text = text
        self._tree = tree
        self._collections = set(_bound(tree, _is_collection))
        objects = _bound(tree, lambda value: isinstance(value, ast.Call))
        classes = (node.name for node in tree.body if isinstance(node, ast.ClassDef))
        self._objects = {*objects, *classes}

    @cached_property
    def _at_import(self) -> set[str]:
        return _called_only_at_import(self._tree)

    @cached_property
    def _tables(self) -> dict[tuple[str, int], symtable.SymbolTable]:
        """The names of each function, by its name and line."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return dict(_function_tables(symtable.symtable(self._text, "module", "exec")))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                # It parses but does not compile, so it never runs: there is nothing to find.
                return {}

    def functions(self) -> Iterator[_Def]:
        """All functions and methods, those inside others too."""
        return (node for node in ast.walk(self._tree) if isinstance(node, _Def))

    def changes_in(self, function: _Def) -> Iterator[Change]:
        """What a function puts into the module to stay."""
        own = list(_statements(function))
        named = {name for node in own if isinstance(node, ast.Global) for name in node.names}
        named |= self._collections | self._objects
        writes = [w for node in own for w in _writes(node) if w.name in named]
        if not writes or function.name in self._at_import:
            return
        table = self._tables.get((function.name, function.lineno))
        if table is None:
            return
        emptied = set(_emptied(own))
        parameters = _derived(_parameters(function), own)
        request = _derived({n for n in _parameters(function) if is_request_name(n)}, own)
        for write in map(_kept, writes):
            sources = request if _made_once(write.values) else parameters
            if write.name not in emptied and self._stays(write, table, sources):
                text = " ".join(ast.unparse(write.at).split())
                line, column = write.at.lineno, write.at.col_offset + 1
                yield Change(write.name, line, column, text[:80])

    def _stays(self, write: _Write, table: symtable.SymbolTable, sources: set[str]) -> bool:
        """Whether a write puts something into the module that the next request finds."""
        if not _is_module_name(table, write.name):
            return False
        from_request = _depends(write.values, sources)
        in_collection = write.name in self._collections
        if write.how is _How.grow:
            return in_collection and (from_request or not _made_once(write.values))
        if write.how is _How.store:
            return in_collection and from_request
        if write.how is _How.set_attribute:
            return write.name in self._objects and from_request
        if write.how is _How.count:
            return True
        return from_request


def _function_tables(
    table: symtable.SymbolTable,
) -> Iterator[tuple[tuple[str, int], symtable.SymbolTable]]:
    for child in table.get_children():
        if child.get_type() == "function":
            yield (child.get_name(), child.get_lineno()), child
        yield from _function_tables(child)


def _bound(tree: ast.Module, wanted: Callable[[ast.expr], bool]) -> Iterator[str]:
    """Names that the module binds to values of the wanted kind."""
    for node in _module_level(tree.body):
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if value is not None and wanted(value):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _module_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            for name in ("body", "orelse", "finalbody"):
                yield from _module_level(getattr(node, name, []))


def _is_collection(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return _name(value.func) in _COLLECTIONS
    kinds = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    return isinstance(value, kinds)


def _called_only_at_import(tree: ast.Module) -> set[str]:
    """Functions that are used at module level and by no other function."""
    functions = {node.name for node in ast.walk(tree) if isinstance(node, _Def)}
    outside: set[str] = set()
    inside: set[str] = set()
    stack: list[tuple[ast.AST, bool]] = [(node, False) for node in tree.body]
    while stack:
        node, within = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            (inside if within else outside).add(node.id)
        elif isinstance(node, ast.Attribute):
            inside.add(node.attr)
        bodies = node.body if isinstance(node, _Def) else []
        for child in ast.iter_child_nodes(node):
            below = within or child in bodies or isinstance(node, ast.Lambda)
            stack.append((child, below))
    return functions & outside - inside


def _statements(function: _Def) -> Iterator[ast.stmt]:
    """The statements of a function in order, without those of functions inside it."""
    stack: list[ast.stmt] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        if isinstance(node, _Def | ast.ClassDef):
            continue
        yield node
        below = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ExceptHandler | ast.match_case):
                below.extend(child.body)
        stack.extend(reversed(below))


def _calls(node: ast.stmt) -> Iterator[ast.Call]:
    """The calls in a statement's own expressions, not in statements inside it."""
    stack: list[ast.AST] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.Call):
            yield current
        for child in ast.iter_child_nodes(current):
            if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                stack.append(child)


def _writes(node: ast.stmt) -> Iterator[_Write]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value, node)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _assigned(node.target, node.value, node)
    elif isinstance(node, ast.AugAssign):
        name = _root(node.target)
        if name and not isinstance(node.target, ast.Attribute):
            yield _Write(name, [node.value], _How.count, node)
    for call in _calls(node):
        method = call.func
        if isinstance(method, ast.Attribute) and method.attr in _GROWING | _FILLING:
            values = [*call.args, *(keyword.value for keyword in call.keywords)]
            how = _How.grow if method.attr in _GROWING else _How.store
            if name := _root(method.value):
                yield _Write(name, values, how, call)


def _assigned(target: ast.expr, value: ast.expr, at: ast.stmt) -> Iterator[_Write]:
    if isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        alone = len(values) == len(target.elts)
        for number, member in enumerate(target.elts):
            yield from _assigned(member, values[number] if alone else value, at)
    elif isinstance(target, ast.Name):
        yield _Write(target.id, [value], _How.assign, at)
    elif isinstance(target, ast.Subscript) and (name := _root(target)):
        # A client kept for each region is fine; a value kept for each user is not.
        key = [] if _made_once([value]) else [target.slice]
        yield _Write(name, [value, *key], _How.store, at)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        yield _Write(target.value.id, [value], _How.set_attribute, at)


def _root(target: ast.expr) -> str:
    """The name at the root of `name[key][key]`, or ""."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _emptied(own: list[ast.stmt]) -> Iterator[str]:
    """Names of collections that the function itself clears or starts anew."""
    for node in own:
        for call in _calls(node):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "clear":
                yield _root(call.func.value)
        if isinstance(node, ast.Assign) and _is_collection(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _parameters(function: _Def) -> set[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return {argument.arg for argument in every} - {"self", "cls"}


def _derived(names: set[str], own: list[ast.stmt]) -> set[str]:
    """These names, and the local ones that are made from them."""
    found = set(names)
    for _ in range(2):
        for node in own:
            source = node.iter if isinstance(node, ast.For) else getattr(node, "value", None)
            if isinstance(source, ast.expr) and _depends([source], found):
                targets = getattr(node, "targets", [getattr(node, "target", None)])
                found.update(name for target in targets for name in _names(target))
    return found


def _names(target: ast.expr | None) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for member in target.elts:
            yield from _names(member)


def _depends(values: list[ast.expr], names: set[str]) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id in names
        for value in values
        for node in ast.walk(value)
    )


def _made_once(values: list[ast.expr]) -> bool:
    """Whether a value is a client, a connection or another object that is worth keeping."""
    return any(
        isinstance(value, ast.Call) and (_name(value.func)[:1].isupper() or _is_client(value))
        for value in values
    )


def _is_client(call: ast.Call) -> bool:
    return _name(call.func).lower().endswith(_CLIENTS)


def _kept(write: _Write) -> _Write:
    """The write with that of a client which ties it to a caller; its address does not."""
    values: list[ast.expr] = []
    for value in write.values:
        if isinstance(value, ast.Call) and _is_client(value):
            keywords = [k for k in value.keywords if k.arg in _CREDENTIALS]
            value = ast.Call(func=value.func, args=[], keywords=keywords)
        values.append(value)
    return replace(write, values=values)


def _is_module_name(table: symtable.SymbolTable, name: str) -> bool:
    """Whether a name in a function is that of the module."""
    try:
        symbol = table.lookup(name)
    except KeyError:
        return False
    return symbol.is_global()


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
