"""SAM's `Globals`, merged into the resources as SAM merges them.

Mappings join, lists are put one after the other (the global one first), anything else in the
resource wins, and an intrinsic counts as a plain value. Each key keeps the place where it was
written: the resource's own if it wins, the one in `Globals` if it is inherited.
"""

from __future__ import annotations

from typing import Any

from scaffolder.checks.positions import PlacedDict, PlacedList

PREFIX = "AWS::Serverless::"

# The places where SAM does not simply join: path below the section → what it does instead.
_REPLACED = frozenset(
    {"Function.Architectures", "CapacityProvider.InstanceRequirements.Architectures"}
)
_PRUNED = frozenset({"CapacityProvider.ManagedResourceTags"})


def section(template: PlacedDict, resource_type: str) -> PlacedDict | None:
    """What `Globals` says for resources of a type, or None."""
    everything = template.get("Globals")
    if not isinstance(everything, PlacedDict) or not resource_type.startswith(PREFIX):
        return None
    found = everything.get(resource_type.removeprefix(PREFIX))
    return found if isinstance(found, PlacedDict) else None


def merged_properties(template: PlacedDict, resource: PlacedDict) -> PlacedDict:
    """A resource's properties with those that it inherits."""
    own = resource.get("Properties")
    own = own if isinstance(own, PlacedDict) else PlacedDict()
    kind = resource.get("Type")
    if not isinstance(kind, str) or (inherited := section(template, kind)) is None:
        return own
    ignored = resource.get("IgnoreGlobals")
    if ignored == "*":
        return own
    if isinstance(ignored, list):
        inherited = _without(inherited, ignored)
    return _join(inherited, own, kind.removeprefix(PREFIX))


def is_intrinsic(value: Any) -> bool:
    """Whether a value is an intrinsic function, which becomes a plain value later."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    key = next(iter(value))
    return key in ("Ref", "Condition") or key.startswith("Fn::")


def _without(inherited: PlacedDict, ignored: list[Any]) -> PlacedDict:
    kept = PlacedDict()
    for key, value in inherited.items():
        if key not in ignored:
            kept.put_from(inherited, key, value)
    return kept


def _merge(inherited: Any, own: Any, path: str) -> Any:
    if path in _REPLACED:
        return own
    if isinstance(inherited, PlacedDict) and isinstance(own, PlacedDict):
        if is_intrinsic(inherited) or is_intrinsic(own):
            return own
        if path in _PRUNED and own:
            return _pruned(inherited, own, path)
        return _join(inherited, own, path)
    if isinstance(inherited, PlacedList) and isinstance(own, PlacedList):
        return PlacedList([*inherited.pairs(), *own.pairs()])
    return own


def _join(inherited: PlacedDict, own: PlacedDict, path: str) -> PlacedDict:
    result = PlacedDict()
    for key, value in inherited.items():
        if key in own:
            result.put_from(own, key, _merge(value, own[key], f"{path}.{key}"))
        else:
            result.put_from(inherited, key, value)
    for key, value in own.items():
        if key not in inherited:
            result.put_from(own, key, value)
    return result


def _pruned(inherited: PlacedDict, own: PlacedDict, path: str) -> PlacedDict:
    result = PlacedDict()
    for key, value in own.items():
        merged = _merge(inherited[key], value, f"{path}.{key}") if key in inherited else value
        result.put_from(own, key, merged)
    return result
