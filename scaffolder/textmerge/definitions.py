"""Merge Python where both sides only brought whole imports, functions or classes."""

from __future__ import annotations

import ast
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder.source import own_environment
from scaffolder.textmerge.sound import is_python

LONGEST = 100
"""Characters of a line in the template's code."""

SIZE = 61
"""Of the markers here, so that no line of the user's looks like one."""

CONFLICT = re.compile(
    f"^<{{{SIZE}}}[^\\n]*\\n(?P<mine>.*?)^\\|{{{SIZE}}}[^\\n]*\\n(?P<base>.*?)"
    f"^={{{SIZE}}}\\n(?P<new>.*?)^>{{{SIZE}}}[^\\n]*\\n",
    re.DOTALL | re.MULTILINE,
)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)

Name = tuple[str, str, str]
"""Of an import: the module or nothing, what is imported, and what it is called here."""


class Undecided(Exception):
    """Somebody has to look at a conflict."""


@dataclass(frozen=True)
class Statement:
    """An import, and how it is written."""

    text: str
    names: frozenset[Name]

    @property
    def order(self) -> tuple[bool, str]:
        """What import statements are sorted by: those with `from` come second."""
        module, name, _ = min(self.names)
        return bool(module), (module or name).lower()


def merge(base: str, mine: str, new: str) -> str | None:
    """The user's code with what leads from one of ours to the other.

    Returns:
        The code, or None if somebody has to decide.
    """
    brought: list[str] = []

    def solved(match: re.Match[str]) -> str:
        return _solved(brought, **match.groupdict())

    try:
        text = CONFLICT.sub(solved, _merged_by_git(base, mine, new))
    except Undecided:
        return None
    return text if is_python(text) and _has_all(text, brought) else None


def _has_all(text: str, brought: Iterable[str]) -> bool:
    """Whether definitions are at the top of a module as they were brought, with nothing more."""
    there = {ast.dump(node) for node in ast.parse(text).body}
    return all(ast.dump(node) in there for each in brought for node in ast.parse(each).body)


def _merged_by_git(*texts: str) -> str:
    """The merge of base, mine and new, with all three where they are in conflict."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("base", "mine", "new")]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text.encode())
        base, mine, new = map(str, paths)
        done = subprocess.run(
            ["git", "merge-file", "-p", "-q", "--diff3", f"--marker-size={SIZE}", mine, base, new],
            cwd=folder,
            capture_output=True,
            env=own_environment({"core.autocrlf": "false"}),
        )
    return done.stdout.decode()


def _solved(brought: list[str], mine: str, base: str, new: str) -> str:
    """Both sides of one conflict; the whole definitions that one side brought are noted."""
    texts = mine, base, new
    trees = [_parsed(text) for text in texts]
    if all(_consists(tree, IMPORTS) for tree in trees):
        return _imports(*map(_statements, trees, texts))
    if not base.strip() and _defined(mine) & _defined(new):
        raise Undecided
    for side, other in ((mine, new), (new, mine)):
        above, below = side.removesuffix(base), side.removeprefix(base)
        if side.endswith(base) and _defined(above) and not _goes_on(other):
            brought.append(above)
            return above + other
        if side.startswith(base) and _defined(below):
            brought.append(below)
            return other + below
    raise Undecided


def _goes_on(text: str) -> bool:
    """Whether a text belongs to what stands above it."""
    return text.lstrip("\n")[:1].isspace()


def _parsed(text: str) -> ast.Module | None:
    """The statements of a text, or None if it does not consist of whole ones."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _consists(tree: ast.Module | None, kinds: tuple[type[ast.stmt], ...]) -> bool:
    return tree is not None and all(isinstance(node, kinds) for node in tree.body)


def _defined(text: str) -> set[str]:
    """The names that a text defines, if it consists of whole definitions; else none."""
    tree = _parsed(text)
    if tree is None or not _consists(tree, DEFINITIONS):
        return set()
    return {node.name for node in tree.body if isinstance(node, DEFINITIONS)}


def _statements(tree: ast.Module | None, text: str) -> list[Statement]:
    """The imports that a text consists of."""
    assert tree is not None
    lines = text.splitlines(keepends=True)
    if "#" in text or ";" in text or sum(_height(node) for node in tree.body) != len(lines):
        raise Undecided
    return [
        Statement("".join(lines[node.lineno - 1 : node.end_lineno]), frozenset(_names(node)))
        for node in tree.body
    ]


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _names(node: ast.stmt) -> Iterator[Name]:
    assert isinstance(node, IMPORTS)
    module = ""
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            raise Undecided
        yield module, alias.name, alias.asname or alias.name


def _imports(mine: Sequence[Statement], base: Sequence[Statement], new: Sequence[Statement]) -> str:
    """The user's imports with those that came, without those that went."""
    had, have = (_all_names(statements) for statements in (base, new))
    missing = have - had - _all_names(mine)
    found: list[Statement] = []
    for statement in mine:
        module = min(statement.names)[0]
        came = frozenset(name for name in missing if module and name[0] == module)
        missing -= came
        names = (statement.names - (had - have)) | came
        if names == statement.names:
            found.append(statement)
        elif names:
            found.append(Statement(_written(names), names))
    for names in _by_statement(missing):
        _place(found, Statement(_written(names), names))
    return "".join(statement.text for statement in found)


def _by_statement(names: frozenset[Name]) -> list[frozenset[Name]]:
    """Names as they are imported together: all of a module, or a module by itself."""
    groups: dict[tuple[str, str], set[Name]] = {}
    for name in sorted(names):
        module = name[0]
        groups.setdefault((module, "" if module else name[1]), set()).add(name)
    return [frozenset(group) for group in groups.values()]


def _all_names(statements: Sequence[Statement]) -> frozenset[Name]:
    return frozenset(name for statement in statements for name in statement.names)


def _place(found: list[Statement], statement: Statement) -> None:
    """Put an import before the first one that it is sorted before."""
    later = (at for at, other in enumerate(found) if other.order > statement.order)
    found.insert(next(later, len(found)), statement)


def _written(names: frozenset[Name]) -> str:
    """An import statement as a formatter writes it."""
    module = min(names)[0]
    listed = [
        name if name == own else f"{name} as {own}" for _, name, own in sorted(names, key=_rank)
    ]
    if not module:
        return "".join(f"import {name}\n" for name in listed)
    line = f"from {module} import {', '.join(listed)}\n"
    if len(line) <= LONGEST + 1:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in listed) + ")\n"


def _rank(name: Name) -> tuple[int, str]:
    """Constants, classes, everything else."""
    own = name[1]
    return 0 if own.isupper() and len(own) > 1 else 1 if own[:1].isupper() else 2, own
