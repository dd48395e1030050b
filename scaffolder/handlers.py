"""Weave what patterns add to handlers into Python source: imports, set-up, decorators.

A source file says with two comments where additions go, and of which kind its handler is:

    # anshin:setup api       statements and middlewares that follow the module's own
    # anshin:handler api     decorators of the function below

The result stays formatted for every selection: imports are sorted as ruff sorts them, and a line
that grows too long is wrapped as ruff wraps it, while rendering.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from scaffolder.jinja import ALWAYS, Condition, Lines, any_of, literal, under
from scaffolder.model import Decorator, Handler

LINE_LENGTH = 100
"""Of the generated project; `templates/base/pyproject.toml.jinja` says the same to ruff."""

FIRST_PARTY = frozenset({"baseline", "orders", "scripts", "tests"})
MARKER = re.compile(r"^# anshin:(setup|handler) (\w+)$")
FROM_MACRO = """\
{% macro import_from(module, names) %}
{% set line = 'from ' ~ module ~ ' import ' ~ names | join(', ') %}
{% if line | length <= LENGTH %}
{{ line }}
{% else %}
from {{ module }} import (
{% for name in names %}
    {{ name }},
{% endfor %}
)
{% endif %}
{% endmacro %}""".replace("LENGTH", str(LINE_LENGTH)).splitlines()


USE_MACRO = """\
{% macro use(names) %}
{% set listed = 'middlewares=[' ~ names | join(', ') ~ ']' %}
{% if listed | length + 9 <= LENGTH %}
app.use({{ listed }})
{% elif listed | length + 4 <= LENGTH %}
app.use(
    {{ listed }}
)
{% else %}
app.use(
    middlewares=[
{% for name in names %}
        {{ name }},
{% endfor %}
    ]
)
{% endif %}
{% endmacro %}""".replace("LENGTH", str(LINE_LENGTH)).splitlines()


class HandlerError(Exception):
    """A source file or an addition to it cannot be read."""


@dataclass(frozen=True)
class Addition:
    """What one pattern adds to one kind of handler."""

    origin: str
    kind: str
    handler: Handler
    condition: Condition


@dataclass
class Imports:
    """Import statements with the conditions under which each name is needed."""

    plain: dict[str, Condition] = field(default_factory=dict)
    names: dict[str, dict[str, Condition]] = field(default_factory=dict)

    def add(self, node: ast.stmt, condition: Condition, origin: str) -> None:
        """Add one statement; a name already there is needed under either condition."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                known = self.plain.get(_spelled(alias))
                self.plain[_spelled(alias)] = known | condition if known else condition
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = self.names.setdefault(node.module, {})
            for alias in node.names:
                known = names.get(_spelled(alias))
                names[_spelled(alias)] = known | condition if known else condition
        else:
            raise HandlerError(f"{origin}: not an absolute import: {ast.unparse(node)}")

    def write(self) -> list[str]:
        """The import block, as template lines."""
        out: list[str] = []
        for section in range(4):
            lines = self._section(section)
            text = lines.text()
            if not text:
                continue
            blank = [""] if out else []
            out += blank + text if lines.condition() == ALWAYS else _conditional(blank, lines)
        return out

    def _section(self, section: int) -> Lines:
        lines = Lines()
        for module in sorted(m for m in self.plain if _section_of(m) == section):
            lines.add([f"import {module}"], self.plain[module])
        for module in sorted(m for m in self.names if _section_of(m) == section):
            names = self.names[module]
            condition = any_of(names.values())
            lines.add(_from(module, names, condition), condition)
        return lines

    def needs_macro(self) -> bool:
        """Whether some module's list of names depends on the selection."""
        return any(len(set(names.values())) > 1 for names in self.names.values())


def weave_handler(source: str, path: str, additions: Sequence[Addition]) -> str:
    """The source with all that patterns add to it, as a Jinja template.

    Args:
        source: a Python module; one without markers comes back as it is, made literal.
        path: where it is, for messages.
        additions: of all patterns and kinds; those of the module's kinds are used.

    Raises:
        HandlerError: an import is not absolute, or a marker's kind is misspelt.
    """
    lines = source.splitlines()
    kinds = {m.group(2) for line in lines if (m := MARKER.match(line))}
    if not kinds:
        return literal(source)
    if unknown := kinds - {"api", "queue", "hook"}:
        raise HandlerError(f"{path}: no such kind of handler: {sorted(unknown)[0]}")
    mine = [a for a in additions if a.kind in kinds | {"any"}]
    start, end, imports = _read_imports(source, path)
    for addition in mine:
        for statement in addition.handler.imports:
            for node in ast.parse(statement).body:
                imports.add(node, addition.condition, addition.origin)
    out = FROM_MACRO[:] if imports.needs_macro() else []
    out += USE_MACRO if any(a.handler.middlewares for a in mine) else []
    out += [literal(line) for line in lines[:start]]
    out += imports.write()
    for line in lines[end:]:
        marker = MARKER.match(line)
        out += _filled(marker.group(1), mine) if marker else [literal(line)]
    return "\n".join(out) + "\n"


def _read_imports(source: str, path: str) -> tuple[int, int, Imports]:
    imports = Imports()
    nodes = [n for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)]
    if not nodes:
        raise HandlerError(f"{path}: a handler imports something")
    for node in nodes:
        imports.add(node, ALWAYS, path)
    ends = [node.end_lineno or node.lineno for node in nodes]
    return nodes[0].lineno - 1, max(ends), imports


def _filled(slot: str, additions: Sequence[Addition]) -> list[str]:
    lines = Lines()
    if slot == "setup":
        for addition in additions:
            lines.add(map(literal, addition.handler.setup), addition.condition)
        return lines.text() + _middlewares(additions)
    decorators: dict[Decorator, Condition] = {}
    for addition in additions:
        for decorator in addition.handler.decorators:
            known = decorators.get(decorator)
            decorators[decorator] = known | addition.condition if known else addition.condition
    for decorator in sorted(decorators, key=lambda d: (d.order, d.line)):
        lines.add([literal(decorator.line)], decorators[decorator])
    return lines.text()


def _middlewares(additions: Sequence[Addition]) -> list[str]:
    """One `app.use` for all middlewares, the outermost first."""
    found = [(m.order, m.name, a.condition) for a in additions for m in a.handler.middlewares]
    if not found:
        return []
    names = " + ".join(
        f"(['{name}'] if {condition} else [])"
        for _, name, condition in sorted(found, key=_by_order)
    )
    return under(any_of(c for _, _, c in found), [f"{{{{ use({names}) | trim }}}}"])


def _by_order(middleware: tuple[int, str, Condition]) -> tuple[int, str]:
    return middleware[:2]


def _from(module: str, names: dict[str, Condition], condition: Condition) -> list[str]:
    ordered = sorted(names, key=_name_order)
    if all(names[n] == condition for n in ordered):
        line = f"from {module} import {', '.join(ordered)}"
        if len(line) <= LINE_LENGTH:
            return [line]
        return [f"from {module} import (", *(f"    {n}," for n in ordered), ")"]
    parts: list[str] = []
    for name in ordered:
        needed = names[name]
        always = needed in (ALWAYS, condition)
        parts.append(f"['{name}']" if always else f"(['{name}'] if {needed} else [])")
    return [f"{{{{ import_from('{module}', {' + '.join(parts)}) | trim }}}}"]


def _conditional(blank: list[str], lines: Lines) -> list[str]:
    return [f"{{% if {lines.condition()} %}}", *blank, *lines.text(), "{% endif %}"]


def _section_of(module: str) -> int:
    top = module.split(".")[0]
    if top == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    return 3 if top in FIRST_PARTY else 2


def _name_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as isort's order-by-type has it."""
    word = name.split(" ")[0]
    if word.isupper() and len(word) > 1:
        return (0, word)
    return (1 if word[:1].isupper() else 2, word)


def _spelled(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name
