"""A plan as plain data, for `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scaffolder import plan_parts, threeway
from scaffolder.messages import Say
from scaffolder.plan import Plan, Resource
from scaffolder.plan_parts import Fate, Part, Sign
from scaffolder.threeway import Change, Kind

GROUPS = {Sign.comes: "added", Sign.goes: "removed", Sign.changes: "changed"}


def as_data(plan: Plan, say: Say) -> dict[str, Any]:
    """The plan with lists, mappings and plain values only.

    All keys are always there; what does not apply is null or empty. Texts are in the user's
    language.

        action              add, remove or update
        project             its name
        from_version        of the template
        to_version
        safeguards          mapping of added, removed and changed to lists of
          id
          title
          because           why it is there, in a sentence
          required_by       the safeguard that it comes or goes with, or null
          cost              what having it does to the bill: none, less, small or more
          resources         AWS resources that come or go, a list of
            change          added or removed
            file            the template
            name            logical id
            type
            data            what becomes of what it holds: retained, lost or null
          files             paths of its own files
        shared_resources    those that belong to no safeguard, in the same form
        answers             settings that are new or that change: name → value
        offers              settings with a default that is no longer recommended, a list of
          name
          yours
          recommended
        files               by path, a list of
          path
          kind              added, changed, deleted, conflict, kept, absent or refused
          safeguard         that it belongs to, or null
          touched_by        the safeguards that change it, if it belongs to none of them
          edited            whether the user had changed it
          conflicts         a list of
            line            of the marker in the file as it will be; 0 without markers
            yours           lines
            wanted          lines
          clashes           why it is refused, as far as that is about a place, a list of
            line
            path            keys from the root of the file
            reason
          by_hand           for what is refused: lines to add and to remove; else null
            add
            remove
          diff              unified; null where nothing is written, and for what is not text
        notes               sentences
        changes_nothing     whether no file would be written
    """
    parts = plan_parts.parts(plan)
    fates = plan_parts.fates(plan)
    shared = plan_parts.shared_resources(plan, parts)
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS.values()}
    for part in parts:
        groups[GROUPS[part.sign]].append(_part(part, fates, say))
    return {
        "action": plan.request.action.value,
        "project": plan_parts.project_name(plan),
        "from_version": plan.base.version,
        "to_version": plan.wanted.version,
        "safeguards": groups,
        "shared_resources": [_resource(sign, r, fates) for sign, r in shared],
        "answers": plan_parts.settings(plan),
        "offers": [
            {"name": o.name, "yours": o.recorded, "recommended": o.recommended} for o in plan.offers
        ],
        "files": [_file(plan, change, parts, say) for change in plan.changes],
        "notes": list(plan.notes),
        "changes_nothing": plan.changes_nothing,
    }


def _part(part: Part, fates: Mapping[Resource, Fate], say: Say) -> dict[str, Any]:
    coming = [_resource(Sign.comes, r, fates) for r in part.new]
    going = [_resource(Sign.goes, r, fates) for r in part.old]
    return {
        "id": part.id,
        "title": say.pick(part.entry["title"]),
        "because": say.pick(part.because),
        "required_by": part.by[0] if part.by else None,
        "cost": part.entry["costs"]["direction"],
        "resources": coming + going,
        "files": [change.path for change in part.files],
    }


def _resource(sign: Sign, resource: Resource, fates: Mapping[Resource, Fate]) -> dict[str, Any]:
    fate = fates.get(resource)
    return {
        "change": GROUPS[sign],
        "file": resource.file,
        "name": resource.name,
        "type": resource.type,
        "data": fate.value if fate else None,
    }


def _file(plan: Plan, change: Change, parts: Sequence[Part], say: Say) -> dict[str, Any]:
    lines = threeway.diff(change)
    return {
        "path": change.path,
        "kind": change.kind.value,
        "safeguard": plan.owner(change.path),
        "touched_by": plan_parts.touching(change.path, parts),
        "edited": change.edited,
        "conflicts": [
            {"line": c.line, "yours": list(c.yours), "wanted": list(c.wanted)}
            for c in change.conflicts
        ],
        "clashes": [
            {"line": c.line, "path": list(c.path), "reason": say(f"plan.clash.{c.reason.value}")}
            for c in change.clashes
        ],
        "by_hand": _by_hand(change),
        "diff": "\n".join(lines) + "\n" if lines else None,
    }


def _by_hand(change: Change) -> dict[str, list[str]] | None:
    if change.kind is not Kind.refused:
        return None
    put, cut = plan_parts.by_hand(change)
    return {"add": put, "remove": cut}
