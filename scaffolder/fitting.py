"""Fit a part of a template into a project that names its resources differently.

A part speaks of roles: `ApiFunction` is whatever function answers in the user's project. Here the
names of roles become logical ids of that project. What speaks of a role that nothing plays there
is left out, and what belongs to a role that several resources play is written once for each.
What refers to a resource that has a condition gets that condition, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

import yaml

Roles = Mapping[str, Sequence[str]]
"""The logical ids that play each role, in the order of the template."""

API_FUNCTION = "ApiFunction"
"""A function that events or requests call."""

PLAIN_FUNCTION = "PlainFunction"
"""A function that takes layers, with a role that SAM makes."""

LOG_GROUP = "FunctionLogGroup"
"""A log group that functions write to."""

REST_API, HTTP_API = "Api", "HttpApi"
INLINE_API = "InlineApi"
"""The REST APIs, if SAM can change the definition of each."""

STATE_MACHINE = "StateMachine"
ALL = (API_FUNCTION, PLAIN_FUNCTION, LOG_GROUP, STATE_MACHINE, REST_API, HTTP_API, INLINE_API)

GLOBALS = {"Api": REST_API, "HttpApi": HTTP_API}
"""Sections of `Globals` and the role without which they have no effect."""

IN_DEFINITION = frozenset({"Auth", "Cors", "GatewayResponses"})
"""Properties of a REST API that SAM writes into its definition."""

CONDITIONS = "Conditions"
CONDITION = "Condition"

EFFECTIVE = ("Globals", "Resources")
"""Sections without which the others are of no use."""

SUBSTITUTED = re.compile(r"\$\{(\w+)")
NAMED = re.compile(r"(?:!\w+\s+)?[\"']?(\w+)")
ARGUMENTS = {"Ref": "Ref", "Fn::GetAtt": "GetAtt", "Fn::Sub": "Sub", "DependsOn": "DependsOn"}
"""Keys whose value names logical ids, and how."""


def fitted(
    text: str,
    roles: Roles,
    brought: Set[str] = frozenset(),
    conditions: Mapping[str, str] | None = None,
) -> str:
    """A part with the project's logical ids; "" if it has nothing to add there.

    Args:
        text: block-style YAML.
        roles: who plays which role; one that is missing or empty is played by nobody.
        brought: roles that the parts play themselves, under our name.
        conditions: logical id → the condition that the resource has.
    """
    return _Part(text, roles, brought, conditions or {}).fitted()


def speaks_of(text: str) -> set[str]:
    """The roles that a part speaks of, without those whose resource it brings itself."""
    part = _Part(text, {}, brings(text))
    found = {role for key, value in part.entries() for role in part.roles_in(key, value)}
    found |= {GLOBALS[key.value] for key, _ in part.section("Globals") if key.value in GLOBALS}
    return found | ({INLINE_API} if in_definition(text) else set())


def in_definition(text: str) -> list[str]:
    """The settings of REST APIs in a part that SAM writes into their definitions."""
    for key, value in _Part(text, {}).section("Globals"):
        if key.value == "Api":
            return [k.value for k, _ in value.value if k.value in IN_DEFINITION]
    return []


def brings(text: str) -> set[str]:
    """The roles that a part plays itself, since it brings the resource."""
    return {
        key.value
        for key, value in _Part(text, {}).section("Resources")
        if key.value in ALL and any(k.value == "Type" for k, _ in value.value)
    }


def role_of(name: str) -> str | None:
    """The role that a logical id belongs to: `ApiFunctionErrorsAlarm` goes with `ApiFunction`."""
    found = [r for r in ALL if name == r or (name.startswith(r) and name[len(r)].isupper())]
    return max(found, key=len, default=None)


@dataclass(frozen=True)
class _Named:
    """A place in the text that names a logical id."""

    line: int
    start: int
    end: int
    name: str


@dataclass(frozen=True)
class _Part:
    """A part as lines, and what stands in which of them.

    Attributes:
        chosen: the logical id that plays a role, where only one is meant.
    """

    text: str
    roles: Roles
    brought: Set[str] = frozenset()
    conditions: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts, in characters."""
        found = [0]
        for line in self.lines:
            found.append(found[-1] + len(line) + 1)
        return found

    @cached_property
    def root(self) -> yaml.MappingNode:
        node = yaml.compose(self.text, Loader=yaml.CSafeLoader)
        assert isinstance(node, yaml.MappingNode)
        return node

    def section(self, name: str) -> list[tuple[yaml.ScalarNode, yaml.MappingNode]]:
        """The members of a section."""
        return next((value.value for key, value in self.root.value if key.value == name), [])

    def entries(self) -> Iterator[tuple[yaml.ScalarNode, yaml.MappingNode]]:
        """The resources and outputs."""
        yield from self.section("Resources")
        yield from self.section("Outputs")

    def fitted(self) -> str:
        lines = self.mapping(self.root, 0, len(self.lines), ())
        joint = {self.joint(names): names for names in self.joined()}
        if joint and f"{CONDITIONS}:" not in lines:
            lines.append(f"{CONDITIONS}:")
        at = lines.index(f"{CONDITIONS}:") + 1 if joint else 0
        lines[at:at] = [
            f"  {name}: !And [{', '.join(f'!Condition {n}' for n in names)}]"
            for name, names in joint.items()
        ]
        effective = [line for line in lines if line.rstrip(":") in EFFECTIVE]
        return "\n".join(lines) + "\n" if effective else ""

    def mapping(
        self, node: yaml.MappingNode, first: int, last: int, path: tuple[str, ...]
    ) -> list[str]:
        """The lines of a mapping of sections or entries; none if all of it is left out."""
        out: list[str] = []
        for key, value, begin, end in self.chunks(node, first, last):
            here = (*path, key.value)
            if not self.wanted(here):
                continue
            if here in (("Globals",), ("Globals", "Api"), ("Resources",), ("Outputs",)):
                start = key.start_mark.line + 1
                inner = self.mapping(value, start, end, here)
                out += self.lines[begin:start] + inner if inner else []
            elif path and path[0] != "Globals":
                out += self.entry(key, value, begin, end)
            else:
                out += self.lines[begin:end]
        return out

    def chunks(
        self, node: yaml.MappingNode, first: int, last: int
    ) -> Iterator[tuple[yaml.ScalarNode, yaml.MappingNode, int, int]]:
        """The members of a mapping with their lines; comments belong to what they stand above."""
        begins = [first]
        for key, _ in node.value[1:]:
            line = key.start_mark.line
            while not self.lines[line - 1].strip() or self.is_comment(line - 1):
                line -= 1
            begins.append(line)
        for (key, value), begin, end in zip(node.value, begins, [*begins[1:], last], strict=True):
            yield key, value, begin, end

    def wanted(self, path: tuple[str, ...]) -> bool:
        """Whether the project has what a member of `Globals` is for."""
        match path:
            case ("Globals", kind) if kind in GLOBALS:
                return bool(self.roles.get(GLOBALS[kind]))
            case ("Globals", "Api", name) if name in IN_DEFINITION:
                return bool(self.roles.get(INLINE_API))
        return True

    def entry(
        self, key: yaml.ScalarNode, value: yaml.MappingNode, begin: int, end: int
    ) -> list[str]:
        """A resource or output, once for each that plays its role."""
        if not all(self.roles.get(role) for role in self.roles_in(key, value)):
            return []
        out: list[str] = []
        for copy in self.copies(key):
            # Explained once is enough.
            lines = [copy.line(n, key, value, bool(out)) for n in range(begin, end)]
            copy.make_conditional(lines, key, value, begin)
            out += [text for texts in lines for text in texts]
        return out

    def copies(self, key: yaml.ScalarNode) -> list[_Part]:
        """The part for each that plays the role that an entry belongs to."""
        role = self.role(key.value)
        chosen = [{role: name} for name in self.roles[role]] if role else [{}]
        return [replace(self, chosen=each) for each in chosen]

    def make_conditional(
        self, lines: list[list[str]], key: yaml.ScalarNode, value: yaml.MappingNode, begin: int
    ) -> None:
        """Give an entry of ours the conditions of what it refers to.

        Args:
            lines: what stands for each line of the part from `begin` on; changed.
            key, value: the entry.
            begin: number of its first line.
        """
        names = self.needed(key, value)
        if names in ([], self.own_condition(value)):
            return
        text = f"    {CONDITION}: {self.joint(names)}"
        own = next((k for k, _ in value.value if k.value == CONDITION), None)
        if own:
            lines[own.start_mark.line - begin] = [text]
        else:
            after = next((k for k, _ in value.value if k.value == "Type"), key)
            lines[after.start_mark.line - begin].append(text)

    def needed(self, key: yaml.ScalarNode, value: yaml.MappingNode) -> list[str]:
        """The conditions of an entry: its own, and those of what it refers to."""
        is_theirs = self.role(key.value) == key.value
        names = [] if is_theirs else [r for n in self.named(key, value) if (r := self.single(n))]
        theirs = [self.conditions[name] for name in names if name in self.conditions]
        return list(dict.fromkeys([*self.own_condition(value), *theirs]))

    def own_condition(self, value: yaml.MappingNode) -> list[str]:
        return [v.value for k, v in value.value if k.value == CONDITION]

    def single(self, named: _Named) -> str | None:
        """Who is meant where a role is named outside of a list."""
        role = self.role(named.name)
        if role is None or (role not in self.chosen and self.is_item(named.line)):
            return None
        return self.chosen.get(role, self.roles[role][0])

    def joint(self, names: Sequence[str]) -> str:
        """The condition that several have to hold for."""
        return names[0] if len(names) == 1 else "And".join(names)

    def joined(self) -> Iterator[list[str]]:
        """The conditions that have to hold together."""
        for key, value in self.entries():
            if all(self.roles.get(role) for role in self.roles_in(key, value)):
                found = (copy.needed(key, value) for copy in self.copies(key))
                yield from (names for names in found if len(names) > 1)

    def line(
        self, number: int, key: yaml.ScalarNode, value: yaml.MappingNode, again: bool
    ) -> list[str]:
        """A line with their ids; an item of a list, once for each that plays its role."""
        text = self.lines[number]
        if again and self.is_comment(number):
            return []
        named = [n for n in self.named(key, value) if n.line == number]
        roles = [r for n in named if (r := self.role(n.name)) and r not in self.chosen]
        players = self.roles[roles[0]] if roles else [""]
        if not self.is_item(number):
            return [self.renamed(text, named, players[0])]
        return [self.item(self.renamed(text, named, player), player) for player in players]

    def item(self, text: str, player: str) -> str:
        """An item of a list, which is there only if what it names is."""
        condition = self.conditions.get(player)
        if condition is None:
            return text
        dash, _, value = text.partition("- ")
        return f"{dash}- !If [{condition}, {value}, !Ref AWS::NoValue]"

    def renamed(self, text: str, named: Sequence[_Named], player: str) -> str:
        """A line with their ids; `player` plays the role that is not chosen."""
        for each in sorted(named, key=lambda n: n.start, reverse=True):
            if role := self.role(each.name):
                theirs = self.chosen.get(role, player) + each.name.removeprefix(role)
                text = text[: each.start] + theirs + text[each.end :]
        return text

    def role(self, name: str) -> str | None:
        """The role that a logical id belongs to, unless a part brings the resource."""
        return None if name in self.brought else role_of(name)

    def roles_in(self, key: yaml.ScalarNode, value: yaml.MappingNode) -> set[str]:
        """The roles that a resource or an output speaks of."""
        return {role for n in self.named(key, value) if (role := self.role(n.name))}

    def named(self, key: yaml.ScalarNode, value: yaml.MappingNode) -> Iterator[_Named]:
        mark = key.start_mark
        yield _Named(mark.line, mark.column, mark.column + len(key.value), key.value)
        for match in _names(self.text, value, ""):
            line = self.text.count("\n", 0, match.start(1))
            start = match.start(1) - self.starts[line]
            yield _Named(line, start, start + len(match[1]), match[1])

    def is_comment(self, number: int) -> bool:
        return self.lines[number].lstrip().startswith("#")

    def is_item(self, number: int) -> bool:
        return self.lines[number].lstrip().startswith("- ")


def _names(text: str, node: yaml.Node, kind: str) -> Iterator[re.Match[str]]:
    """Where a value names logical ids; `kind` is the intrinsic whose argument it is."""
    tag = node.tag.removeprefix("!")
    kind = tag if tag in ARGUMENTS.values() else kind
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode):
        if kind == "Sub":
            yield from SUBSTITUTED.finditer(text, start, end)
        elif kind and (match := NAMED.match(text, start, end)):
            yield match
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            # Of `!GetAtt [X, Arn]` and `!Sub [text, variables]`, only the first names resources.
            yield from _names(text, item, kind if number == 0 or kind == "DependsOn" else "")
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _names(text, value, ARGUMENTS.get(str(key.value), ""))
