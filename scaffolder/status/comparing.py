"""Compare a template with how it was rendered: by structure, so that only what it says counts.

Order, comments, quotes, layout and the form of intrinsic functions are nothing. Places are given
by where they are in the rendered template: `("Resources", "Api", "Properties", "Auth")`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scaffolder.checks.positions import Location, PlacedDict, PlacedList
from scaffolder.checks.values import same

ANSWER = "Fn::Answer"
"""What a snippet's `!Answer` is read as."""

CHOICE = "Fn::If"

ALIKE = 0.5
"""Share of its values that an item of a list, or a resource of another name, has to have."""

RESOURCES, PARAMETERS = "Resources", "Parameters"


class Kind(StrEnum):
    """What became of a place."""

    changed = "changed"
    gone = "gone"
    renamed = "renamed"
    added = "added"


@dataclass(frozen=True)
class Difference:
    """One place where a template says something else than was rendered.

    Attributes:
        path: in the rendered template; of what was added, in the user's.
        line: in the user's file; of what is gone, where it would be.
        expected, found: the values; of a renamed resource, its names.
    """

    kind: Kind
    path: Location
    line: int
    expected: Any = None
    found: Any = None


def compare(rendered: PlacedDict, mine: PlacedDict) -> list[Difference]:
    """All differences of the user's template from the rendered one."""
    return list(_Comparison(_renamed(rendered, mine)).mapping(rendered, mine, (), 1))


def leaves(snippet: Any, rendered: Any, path: Location = ()) -> dict[Location, str | None]:
    """The values that a snippet brings into a rendered template, and the answers they come from.

    A parameter's default is the user's to set, unless it comes from an answer.
    """
    return {
        place: answer
        for place, answer in _leaves(snippet, rendered, path)
        if answer or not (place[0] == PARAMETERS and place[-1] == "Default")
    }


def concerns(difference: Difference, leaf: Location) -> bool:
    """Whether a difference is in, at or above a value."""
    shorter = min(len(difference.path), len(leaf))
    return difference.kind is not Kind.added and difference.path[:shorter] == leaf[:shorter]


def takes_away(difference: Difference, leaf: Location) -> bool:
    """Whether a difference leaves nothing of a value."""
    if difference.kind not in (Kind.gone, Kind.changed) or not concerns(difference, leaf):
        return False
    above = len(difference.path) < len(leaf)
    at = len(difference.path) == len(leaf)
    return above or (at and difference.kind is Kind.gone)


def contains(template: Any, snippet: Any) -> bool:
    """Whether all of a snippet is in a template, whatever the answers were."""
    if isinstance(snippet, dict) and ANSWER not in snippet and not is_intrinsic(snippet):
        return isinstance(template, dict) and all(
            key in template and contains(template[key], value) for key, value in snippet.items()
        )
    if isinstance(snippet, list) and isinstance(template, list):
        return all(any(_fits(item, other) for other in template) for item in snippet)
    return _fits(snippet, template)


def is_intrinsic(value: Any) -> bool:
    """Whether a value is an intrinsic function in its long form."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return name.startswith("Fn::") or name in ("Ref", "Condition")


class _Comparison:
    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._renamed = renamed

    def mapping(
        self, rendered: PlacedDict, mine: PlacedDict, path: Location, line: int
    ) -> Iterator[Difference]:
        names = self._renamed if path == (RESOURCES,) else {}
        for key, value in rendered.items():
            place = (*path, key)
            name = names.get(key, key)
            if name not in mine:
                yield Difference(Kind.gone, place, line, expected=value)
                continue
            here = mine.key_places[name].line
            if name != key:
                yield Difference(Kind.renamed, place, here, key, name)
            yield from self._value(value, mine[name], place, here)
        for key in mine:
            if key not in rendered and key not in names.values():
                place = (*path, key)
                yield Difference(Kind.added, place, mine.key_places[key].line, found=mine[key])

    def _value(self, rendered: Any, mine: Any, path: Location, line: int) -> Iterator[Difference]:
        if same(rendered, mine):
            return
        if isinstance(rendered, PlacedDict) and isinstance(mine, PlacedDict):
            if _may_enter(rendered, mine):
                yield from self.mapping(rendered, mine, path, line)
                return
        elif isinstance(rendered, PlacedList) and isinstance(mine, PlacedList):
            if not _in_function(path):
                yield from self._list(rendered, mine, path, line)
                return
            if len(rendered) == len(mine):
                for at, (value, (found, place)) in enumerate(
                    zip(rendered, mine.pairs(), strict=True)
                ):
                    yield from self._value(value, found, (*path, at), place.line)
                return
        yield Difference(Kind.changed, path, line, rendered, mine)

    def _list(
        self, rendered: PlacedList, mine: PlacedList, path: Location, line: int
    ) -> Iterator[Difference]:
        pairs = _paired(rendered, mine)
        for at, value in enumerate(rendered):
            if at in pairs:
                here = mine.places[pairs[at]].line
                yield from self._value(value, mine[pairs[at]], (*path, at), here)
            else:
                yield Difference(Kind.gone, (*path, at), line, expected=value)
        for at, (value, place) in enumerate(mine.pairs()):
            if at not in pairs.values():
                yield Difference(Kind.added, (*path, at), place.line, found=value)


def _may_enter(rendered: PlacedDict, mine: PlacedDict) -> bool:
    """Whether two mappings are to be compared key by key.

    Intrinsic functions are values as a whole; only a choice between values can hold a lot.
    """
    functions = is_intrinsic(rendered), is_intrinsic(mine)
    return not any(functions) or (all(functions) and CHOICE in rendered and CHOICE in mine)


def _in_function(path: Location) -> bool:
    """Whether a place is in an intrinsic function, where the order of a list counts."""
    return any(isinstance(step, str) and step.startswith("Fn::") for step in path)


def _paired(rendered: Sequence[Any], mine: Sequence[Any]) -> dict[int, int]:
    """Which item is which: the equal ones, then the most alike, then a last one on each side."""
    found: dict[int, int] = {}
    likeness = sorted(
        ((_alike(a, b), -i, -j) for i, a in enumerate(rendered) for j, b in enumerate(mine)),
        reverse=True,
    )
    for share, i, j in likeness:
        if share >= ALIKE and -i not in found and -j not in found.values():
            found[-i] = -j
    left = [i for i in range(len(rendered)) if i not in found]
    over = [j for j in range(len(mine)) if j not in found.values()]
    if len(left) == len(over) == 1:
        found[left[0]] = over[0]
    return found


def _alike(rendered: Any, mine: Any) -> float:
    """Share of the values that are the same, 2 for equal ones."""
    if same(rendered, mine):
        return 2.0
    if not isinstance(rendered, dict) or not isinstance(mine, dict) or is_intrinsic(rendered):
        return 0.0
    values = dict(_scalars(rendered, ()))
    others = dict(_scalars(mine, ()))
    kept = sum(place in others and same(v, others[place]) for place, v in values.items())
    return kept / len(values)


def _scalars(value: Any, path: Location) -> Iterator[tuple[Location, Any]]:
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from _scalars(member, (*path, key))
    elif isinstance(value, list) and value:
        for at, member in enumerate(value):
            yield from _scalars(member, (*path, at))
    else:
        yield path, value


def _renamed(rendered: PlacedDict, mine: PlacedDict) -> dict[str, str]:
    """Resources that are there under another name: of the same type, and much the same."""
    old, new = rendered.get(RESOURCES), mine.get(RESOURCES)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return {}
    found: dict[str, str] = {}
    fresh = {n: r for n, r in new.items() if n not in old and isinstance(r, dict)}
    for name, resource in old.items():
        if name in new:
            continue
        likeness = {
            n: _alike(resource, r)
            for n, r in fresh.items()
            if r.get("Type") == resource.get("Type") and n not in found.values()
        }
        best = max(likeness, key=lambda n: likeness[n], default=None)
        if best is not None and likeness[best] >= ALIKE:
            found[name] = best
    return found


def _leaves(snippet: Any, rendered: Any, path: Location) -> Iterator[tuple[Location, str | None]]:
    if isinstance(snippet, dict) and ANSWER in snippet:
        yield path, str(snippet[ANSWER])
    elif isinstance(snippet, dict) and isinstance(rendered, dict) and not is_intrinsic(snippet):
        for key, value in snippet.items():
            if key in rendered:
                yield from _leaves(value, rendered[key], (*path, key))
    elif isinstance(snippet, list) and isinstance(rendered, list):
        for item in snippet:
            at = next((n for n, other in enumerate(rendered) if _fits(item, other)), None)
            if at is not None:
                yield from _leaves(item, rendered[at], (*path, at))
    else:
        yield path, None


def _fits(snippet: Any, rendered: Any) -> bool:
    """Whether a part of a snippet was rendered as this, whatever the answers were."""
    if isinstance(snippet, dict):
        if ANSWER in snippet:
            return True
        return (
            isinstance(rendered, dict)
            and snippet.keys() == rendered.keys()
            and all(_fits(snippet[key], rendered[key]) for key in snippet)
        )
    if isinstance(snippet, list):
        return (
            isinstance(rendered, list)
            and len(snippet) == len(rendered)
            and all(map(_fits, snippet, rendered))
        )
    return same(snippet, rendered)
