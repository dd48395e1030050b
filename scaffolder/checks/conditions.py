"""Which conditions can hold together.

A template with `Fn::If` is several templates, one for each way its conditions can come out. The
ways are found by giving the parameters the values that the conditions compare them with, so
that `IsProd` and `IsDev` on the same parameter never hold at once.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

from scaffolder.checks.positions import PlacedDict

MAX_VALUATIONS = 4096
MAX_ASSIGNMENTS = 24
"""How many ways are looked at, if the template is not too large for that."""

_OTHER = "any other value"

Assignment = dict[str, bool]


def used_conditions(value: Any) -> set[str]:
    """Names of the conditions that an `Fn::If` anywhere in the value asks for."""
    found: set[str] = set()
    seen: set[int] = set()
    stack = [value]
    while stack:
        current = stack.pop()
        if not isinstance(current, dict | list) or id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, dict):
            choice = current.get("Fn::If")
            if isinstance(choice, list) and len(choice) == 3 and isinstance(choice[0], str):
                found.add(choice[0])
            stack.extend(current.values())
        else:
            stack.extend(current)
    return found


def assignments(
    template: PlacedDict, names: set[str], most: int = MAX_ASSIGNMENTS
) -> list[Assignment]:
    """The ways in which the named conditions can come out, the one of the defaults first.

    No more than `most`, chosen so that each pair of conditions still comes out in every
    way that is possible among those tried.
    """
    if not names:
        return [{}]
    conditions = _Conditions(template)
    ordered = sorted(names)
    found: dict[tuple[bool, ...], None] = {}
    for valuation in conditions.valuations(ordered):
        found[tuple(conditions.holds(name, valuation) for name in ordered)] = None
    vectors = list(found)
    if len(vectors) > most:
        vectors = _covering(vectors, most)
    return [dict(zip(ordered, vector, strict=True)) for vector in vectors]


def _covering(vectors: list[tuple[bool, ...]], most: int) -> list[tuple[bool, ...]]:
    """Few of the vectors in which every pair of members has every pair of values they have."""
    width = range(len(vectors[0]))
    pairs = [
        {(i, j, v[i], v[j]) for i, j in itertools.combinations_with_replacement(width, 2)}
        for v in vectors
    ]
    chosen = [0]
    missing = set().union(*pairs) - pairs[0]
    while missing and len(chosen) < most:
        best = max(range(len(vectors)), key=lambda n: len(pairs[n] & missing))
        chosen.append(best)
        missing -= pairs[best]
    return [vectors[n] for n in chosen]


class _Conditions:
    """The `Conditions` section, and what its expressions compare."""

    def __init__(self, template: PlacedDict) -> None:
        section = template.get("Conditions")
        self._section: dict[str, Any] = section if isinstance(section, dict) else {}
        parameters = template.get("Parameters")
        self._parameters: dict[str, Any] = parameters if isinstance(parameters, dict) else {}

    def valuations(self, names: list[str]) -> Iterator[dict[str, str]]:
        """Values for everything that the named conditions compare, the defaults first."""
        compared: dict[str, list[str]] = {}
        for name in names:
            self._collect({"Condition": name}, compared, frozenset())
        choices = [self._candidates(key, values) for key, values in compared.items()]
        if math.prod(map(len, choices)) <= MAX_VALUATIONS:
            rows: Iterator[tuple[str, ...]] = itertools.product(*choices)
        else:
            rows = itertools.islice(_all_pairs(choices), MAX_VALUATIONS)
        for row in rows:
            yield dict(zip(compared, row, strict=True))

    def holds(self, name: str, valuation: dict[str, str]) -> bool:
        """Whether a condition holds under a valuation."""
        return self._evaluate({"Condition": name}, valuation, frozenset())

    def _collect(self, expression: Any, found: dict[str, list[str]], open_: frozenset[str]) -> None:
        """Note what an expression compares: each leaf with the values it is compared with."""
        function, argument = _call(expression)
        if function == "Condition" and argument in self._section and argument not in open_:
            self._collect(self._section[argument], found, open_ | {argument})
        elif function == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
            self._compared(argument, found)
        elif function in ("Fn::And", "Fn::Or", "Fn::Not") and isinstance(argument, list):
            for member in argument:
                self._collect(member, found, open_)
        else:
            # Not an expression that can be worked out: it may hold or not.
            found.setdefault(_key(expression), ["false", "true"])

    def _compared(self, pair: list[Any], found: dict[str, list[str]]) -> None:
        literals = [_text(side) for side in pair if not isinstance(side, dict | list)]
        leaves = [side for side in pair if isinstance(side, dict | list)]
        for leaf in leaves:
            # Two leaves that are compared with each other may be the same or not.
            others = [v for other in leaves for v in self._default(other) + self._allowed(other)]
            own = [f"{_OTHER} of {_key(leaf)}"] if len(leaves) == 2 else []
            known = found.setdefault(_key(leaf), [])
            known.extend(v for v in literals + others[:8] + own if v not in known)

    def _candidates(self, key: str, compared: list[str]) -> list[str]:
        """The values worth trying for a leaf: its default, what it is compared with, another."""
        if compared == ["false", "true"]:
            return compared
        leaf = json.loads(key)
        allowed = self._allowed(leaf)
        default = self._default(leaf)
        values = [v for v in compared if not allowed or v in allowed]
        other = [v for v in allowed if v not in values][:1] if allowed else [_OTHER]
        # Without a default, what is compared with is the exception.
        first = default or other
        return list(dict.fromkeys(first + values + other))

    def _default(self, leaf: Any) -> list[str]:
        default = self._parameter(leaf).get("Default")
        return [] if default is None or isinstance(default, dict | list) else [_text(default)]

    def _allowed(self, leaf: Any) -> list[str]:
        """The only values that a leaf can have, if the template says so."""
        allowed = self._parameter(leaf).get("AllowedValues")
        return [_text(value) for value in allowed] if isinstance(allowed, list) else []

    def _parameter(self, leaf: Any) -> dict[str, Any]:
        name = leaf.get("Ref") if isinstance(leaf, dict) else None
        parameter = self._parameters.get(name) if isinstance(name, str) else None
        return parameter if isinstance(parameter, dict) else {}

    def _evaluate(self, expression: Any, valuation: dict[str, str], open_: frozenset[str]) -> bool:
        function, argument = _call(expression)
        if function == "Condition":
            if argument in open_ or argument not in self._section:
                return valuation.get(_key(expression)) == "true"
            return self._evaluate(self._section[argument], valuation, open_ | {argument})
        if function == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
            left, right = (
                valuation.get(_key(s), "") if isinstance(s, dict | list) else _text(s)
                for s in argument
            )
            return left == right
        if isinstance(argument, list):
            values = (self._evaluate(member, valuation, open_) for member in argument)
            if function == "Fn::And":
                return all(values)
            if function == "Fn::Or":
                return any(values)
            if function == "Fn::Not":
                return not all(values)
        return valuation.get(_key(expression)) == "true"


def _all_pairs(choices: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """Few rows in which every two leaves have every two of their values, the defaults first."""
    yield tuple(choice[0] for choice in choices)
    longest = range(max(map(len, choices)))
    bit = 1
    while bit < 2 * len(choices):
        # Any two leaves differ in some bit of their number; there they get different values.
        for first, second in itertools.product(longest, longest):
            yield tuple(
                choice[(second if number & bit else first) % len(choice)]
                for number, choice in enumerate(choices)
            )
        bit *= 2


def _call(expression: Any) -> tuple[str, Any]:
    if isinstance(expression, dict) and len(expression) == 1:
        name, argument = next(iter(expression.items()))
        if name != "Condition" or isinstance(argument, str):
            return name, argument
    return "", None


def _key(leaf: Any) -> str:
    return json.dumps(leaf, sort_keys=True, default=str)


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) or value is None else str(value)
