"""Write the plain Jinja that Copier renders: literal text, conditions, answers.

Only tags and filters that a browser's Jinja has too are written here, so that the site can show
the exact result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ACTIVE = "active_safeguards"
"""Name of the computed answer: the chosen safeguards and all that they require."""

ADOPTED = "adopted"
"""Name of the answer that projects have which we did not generate."""

BLOCKS: Mapping[str, Any] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}
"""How the templates treat white space; part of Copier's `_envops`."""

DELIMITERS = re.compile(r"\{\{|\{%|\{#")

Conjunction = frozenset[str]


@dataclass(frozen=True)
class Condition:
    """When something is in the project: always, or when one of these sets is active as a whole."""

    any_of: frozenset[Conjunction] | None = None

    @staticmethod
    def on(*ids: str) -> Condition:
        """True when all of `ids` are active; with no ids, always true."""
        return Condition(frozenset({frozenset(ids)})) if ids else ALWAYS

    def __or__(self, other: Condition) -> Condition:
        if self.any_of is None or other.any_of is None:
            return ALWAYS
        union = self.any_of | other.any_of
        # A set that contains another one of the union adds nothing to it.
        return Condition(frozenset(c for c in union if not any(o < c for o in union)))

    def __str__(self) -> str:
        """The Jinja expression, the same for equal conditions."""
        if self.any_of is None:
            return "true"
        if not self.any_of:
            return "false"
        conjunctions = sorted(sorted(c) for c in self.any_of)
        parts = [" and ".join(f"'{i}' in {ACTIVE}" for i in c) for c in conjunctions]
        return parts[0] if len(parts) == 1 else " or ".join(_in_brackets(p) for p in parts)

    def holds(self, active: Iterable[str]) -> bool:
        """Whether the condition is true for these active safeguards."""
        chosen = set(active)
        return self.any_of is None or any(c <= chosen for c in self.any_of)


ALWAYS = Condition()


def any_of(conditions: Iterable[Condition]) -> Condition:
    """True when one of the conditions is; without any, never."""
    result = Condition(frozenset())
    for condition in conditions:
        result = result | condition
    return result


@dataclass
class Lines:
    """Text with conditional parts; parts in a row with one condition share one `{% if %}`."""

    _chunks: list[tuple[Condition, list[str]]] = field(default_factory=list)

    def add(self, lines: Iterable[str], condition: Condition = ALWAYS) -> None:
        """Append template lines under a condition."""
        new = list(lines)
        if not new:
            return
        if self._chunks and self._chunks[-1][0] == condition:
            self._chunks[-1][1].extend(new)
        else:
            self._chunks.append((condition, new))

    def text(self) -> list[str]:
        """All lines, with `{% if %}` around what is conditional."""
        out: list[str] = []
        for condition, lines in self._chunks:
            out.extend(lines if condition == ALWAYS else under(condition, lines))
        return out

    def condition(self) -> Condition:
        """When there is any line at all."""
        return any_of(condition for condition, _ in self._chunks)


def under(condition: Condition | str, lines: Iterable[str]) -> list[str]:
    """The lines inside `{% if condition %}`."""
    return [f"{{% if {condition} %}}", *lines, "{% endif %}"]


def literal(text: str) -> str:
    """Text that comes out of Jinja as it went in."""
    return DELIMITERS.sub(lambda m: "{{ '" + m.group() + "' }}", text)


def yaml_value(name: str, kind: str) -> str:
    """An answer as a YAML scalar that is safe for any line of text."""
    match kind:
        case "int" | "choice":
            return f"{{{{ {name} }}}}"
        case "bool":
            return f"{{{{ 'true' if {name} else 'false' }}}}"
        case _:
            escaped = rf"""{name} | replace('\\', '\\\\') | replace('"', '\\"')"""
            return f'"{{{{ {escaped} }}}}"'


def names_where(text: str, flag: str) -> set[str]:
    """The names that a template uses, without those that it only uses where a flag is not set."""
    from jinja2 import Environment, nodes

    def walk(node: nodes.Node) -> Iterator[str]:
        if isinstance(node, nodes.Name):
            yield node.name
        if isinstance(node, nodes.If) and _says(node.test, flag):
            children: Iterable[nodes.Node] = node.body
        elif isinstance(node, nodes.If) and _denies(node.test, flag):
            children = [*node.elif_, *node.else_]
        else:
            children = node.iter_child_nodes()
        for child in children:
            yield from walk(child)

    environment = Environment(**BLOCKS)  # noqa: S701, nothing is rendered
    return set(walk(environment.parse(text)))


def _says(test: Any, flag: str) -> bool:
    return type(test).__name__ == "Name" and test.name == flag


def _denies(test: Any, flag: str) -> bool:
    return type(test).__name__ == "Not" and _says(test.node, flag)


def _in_brackets(part: str) -> str:
    return f"({part})" if " and " in part else part
