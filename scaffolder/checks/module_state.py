"""Find what a function leaves behind in its module: state that outlives an invocation."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

_Def = ast.FunctionDef | ast.AsyncFunctionDef

_COLLECTIONS = frozenset(
    {"Counter", "OrderedDict", "bytearray", "defaultdict", "deque", "dict", "list", "set"}
)
_GROWING = frozenset({"add", "append", "appendleft", "extend", "extendleft", "insert"})
_FILLING = frozenset({"setdefault", "update", "__setitem__"})
_MADE_ONCE = ("client", "resource", "session", "connect", "connection", "pool", "engine", "logger")


@dataclass(frozen=True)
class Change:
    """A statement in a function that changes its module; line and column count from 1."""

    name: str
    line: int
    column: int
    text: str


def changes(text: str, tree: ast.Module) -> Iterator[Change]:
    """The statements in functions that put something into the module to stay.

    Left out: functions that run only while the module is imported, collections that the same
    function empties, clients and connections made once, and values that come from no parameter.
    """
    module = _Module(text, tree)
    for function in module.functions():
        yield from module.changes_in(function)


class _Module:
    def __init__(self, text: str, tree: ast.Module) -> None:
        self._tree = tree
        self._collections = set(_module_collections(tree))
        self._tables: dict[tuple[str, int], symtable.SymbolTable] = {}
        try:
            self._index(symtable.symtable(text, "module", "exec"))
        except (SyntaxError, ValueError, RecursionError):
            # It parses but does not compile (`return` outside a function): names mean nothing.
            self._collections = set()
        self._at_import = _called_only_at_import(tree)

    def functions(self) -> Iterator[_Def]:
        for node in ast.walk(self._tree):
            if isinstance(node, _Def) and node.name not in self._at_import:
                yield node

    def changes_in(self, function: _Def) -> Iterator[Change]:
        table = self._tables.get((function.name, function.lineno))
        if table is None:
            return
        own = list(_own_nodes(function))
        emptied = set(_emptied(own))
        tainted = _tainted(function, own)
        for node in own:
            for name, value, grows in _written(node):
                if name in emptied or not _is_module_name(table, name):
                    continue
                if name in self._collections and not isinstance(node, ast.Assign | ast.AnnAssign):
                    kept = grows or _depends(value, tainted)
                elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                    kept = True
                elif name in self._collections and _is_subscript(node):
                    kept = _depends(value, tainted)
                else:
                    kept = _is_global(table, name) and _depends(value, tainted)
                if kept and not _made_once(value):
                    shown = " ".join(ast.unparse(node).split())
                    yield Change(name, node.lineno, node.col_offset + 1, shown[:80])

    def _index(self, table: symtable.SymbolTable) -> None:
        for child in table.get_children():
            if child.get_type() == "function":
                self._tables.setdefault((child.get_name(), child.get_lineno()), child)
            self._index(child)


def _module_collections(tree: ast.Module) -> Iterator[str]:
    for node in _module_level(tree.body):
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if value is not None and _is_collection(value):
            yield from (t.id for t in targets if isinstance(t, ast.Name))


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
    functions = {n.name for n in ast.walk(tree) if isinstance(n, _Def)}
    outside: set[str] = set()
    inside: set[str] = set()
    stack: list[tuple[ast.AST, bool]] = [(node, False) for node in tree.body]
    while stack:
        node, within = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            (inside if within else outside).add(node.id)
        elif isinstance(node, ast.Attribute):
            inside.add(node.attr)
        for child in ast.iter_child_nodes(node):
            body = isinstance(node, _Def) and child in node.body
            stack.append((child, within or body or isinstance(node, ast.Lambda)))
    return functions & outside - inside


def _own_nodes(function: _Def) -> Iterator[ast.stmt | ast.Expr]:
    """The statements of a function in order, without those of functions inside it."""
    stack: list[ast.stmt] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        if isinstance(node, _Def | ast.ClassDef):
            continue
        yield node
        below = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.stmt)]
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ExceptHandler | ast.match_case):
                below.extend(child.body)
        stack.extend(reversed(below))


def _calls(node: ast.stmt) -> Iterator[ast.Call]:
    """The calls in a statement's own expressions."""
    stack: list[ast.AST] = [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.Call):
            yield current
        if not isinstance(current, ast.stmt | ast.ExceptHandler | ast.match_case):
            stack.extend(ast.iter_child_nodes(current))


def _written(node: ast.stmt) -> Iterator[tuple[str, list[ast.expr], bool]]:
    """Names that a statement changes, what it puts there, and whether they grow by it."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            for name in _roots(target):
                yield name, [node.value], False
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        for name in _roots(node.target):
            yield name, [node.value], False
    elif isinstance(node, ast.AugAssign):
        for name in _roots(node.target):
            yield name, [node.value], True
    for call in _calls(node):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _GROWING | _FILLING:
            values = [*call.args, *(k.value for k in call.keywords)]
            for name in _roots(call.func.value):
                yield name, values, call.func.attr in _GROWING


def _roots(target: ast.expr) -> Iterator[str]:
    """The names at the root of an assignment's target or a method's object."""
    if isinstance(target, ast.Tuple | ast.List):
        for member in target.elts:
            yield from _roots(member)
        return
    while isinstance(target, ast.Subscript | ast.Starred):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def _is_subscript(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Subscript) for target in targets)


def _emptied(own: list[ast.stmt]) -> Iterator[str]:
    """Names of collections that the function itself clears or starts anew."""
    for node in own:
        for call in _calls(node):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "clear":
                yield from _roots(call.func.value)
        if isinstance(node, ast.Assign) and _is_collection(node.value):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id


def _tainted(function: _Def, own: list[ast.stmt]) -> set[str]:
    """Parameters, and the local names that are made from them."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    names = {a.arg for a in every if a.arg not in ("self", "cls")}
    for _ in range(2):
        for node in own:
            source = node.iter if isinstance(node, ast.For) else getattr(node, "value", None)
            if source is None or not _depends([source], names):
                continue
            if isinstance(node, ast.For):
                names.update(_roots(node.target))
            elif isinstance(node, ast.Assign):
                names.update(n for t in node.targets if isinstance(t, ast.Name) for n in [t.id])
                names.update(n for t in node.targets if isinstance(t, ast.Tuple) for n in _roots(t))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names.add(node.target.id)
    return names


def _depends(values: list[ast.expr], names: set[str]) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id in names for v in values for node in ast.walk(v)
    )


def _made_once(values: list[ast.expr]) -> bool:
    """Whether what is put there is a client, a connection or an object of that kind."""
    for value in values:
        if isinstance(value, ast.Call):
            name = _name(value.func)
            if name[:1].isupper() or name.lower().endswith(_MADE_ONCE):
                return True
    return False


def _is_module_name(table: symtable.SymbolTable, name: str) -> bool:
    try:
        symbol = table.lookup(name)
    except KeyError:
        return False
    return symbol.is_global()


def _is_global(table: symtable.SymbolTable, name: str) -> bool:
    try:
        return table.lookup(name).is_declared_global()
    except KeyError:
        return False


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
