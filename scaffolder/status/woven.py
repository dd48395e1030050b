"""What safeguards weave into Python modules: is it there, and as it was?

Decorators, middlewares and statements are compared by what they mean, not by how they are set.
Imports are left out: where one is missing, the code does not run, and other tools say so.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scaffolder.published import Data


class Fate(StrEnum):
    """What became of a piece of code."""

    there = "there"
    changed = "changed"
    gone = "gone"


@dataclass(frozen=True)
class Piece:
    """A decorator, a middleware or a statement.

    Attributes:
        text: as the catalog spells it, in one line.
        line: in the user's file; 0 if it is gone.
    """

    text: str
    fate: Fate
    line: int


@dataclass
class Module:
    """What there is of such pieces in a module: what they say → the line."""

    decorators: dict[str, int] = field(default_factory=dict)
    middlewares: dict[str, int] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)

    def has_all(self, handler: Data) -> bool:
        """Whether all that is woven into handlers of one kind is in this module."""
        wanted = _pieces(handler)
        return bool(wanted) and all(said in self._of(kind) for kind, said, _ in wanted)

    def look_for(self, handler: Data) -> list[Piece]:
        """What became of each piece."""
        return [self._found(*piece) for piece in _pieces(handler)]

    def join(self, other: Module) -> None:
        """Count what is in another module as if it were in this one."""
        for kind in ("decorators", "middlewares", "statements"):
            self._of(kind).update(other._of(kind))

    def _found(self, kind: str, said: str, text: str) -> Piece:
        known = self._of(kind)
        if said in known:
            return Piece(text, Fate.there, known[said])
        if kind == "decorators":
            name = _callee(said)
            for other, line in known.items():
                if _callee(other) == name:
                    return Piece(text, Fate.changed, line)
        return Piece(text, Fate.gone, 0)

    def _of(self, kind: str) -> dict[str, int]:
        found: dict[str, int] = getattr(self, kind)
        return found


def read(source: bytes) -> Module | None:
    """The pieces in a module's source; None if it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = Module()
    plain = (s for s in tree.body if isinstance(s, ast.Assign | ast.AnnAssign | ast.Expr))
    found.statements |= {ast.unparse(statement): statement.lineno for statement in plain}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.decorators |= {ast.unparse(d): d.lineno for d in node.decorator_list}
        elif isinstance(node, ast.Call):
            found.middlewares |= _middlewares(node)
    return found


def modules(handlers: Data, rendered: Mapping[str, Module]) -> list[tuple[str, Data]]:
    """The rendered modules that a safeguard's additions were woven into, and what was.

    Args:
        handlers: what the catalog says: kind of handler → additions.
        rendered: the project's modules as they were rendered, by path.
    """
    return [
        (path, handler)
        for handler in handlers.values()
        for path, module in rendered.items()
        if module.has_all(handler)
    ]


def _pieces(handler: Data) -> list[tuple[str, str, str]]:
    """The pieces of an addition: which kind, what it says, how the catalog spells it."""
    decorators = [d["line"] for d in handler["decorators"]]
    return [
        *(("decorators", _normal(line.removeprefix("@")), _one_line(line)) for line in decorators),
        *(("middlewares", m["name"], m["name"]) for m in handler["middlewares"]),
        *(("statements", _normal(line), _one_line(line)) for line in handler["setup"]),
    ]


def _normal(text: str) -> str:
    return ast.unparse(ast.parse(text))


def _one_line(text: str) -> str:
    joined = " ".join(line.strip() for line in text.splitlines())
    return joined.replace("( ", "(").replace(" )", ")")


def _callee(said: str) -> str:
    return said.partition("(")[0]


def _middlewares(call: ast.Call) -> dict[str, int]:
    for keyword in call.keywords:
        if keyword.arg == "middlewares" and isinstance(keyword.value, ast.List):
            return {ast.unparse(item): item.lineno for item in keyword.value.elts}
    return {}
