"""Projects that we did not generate: who plays which role there, and what can be added."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffolder import fitting, merge, published, standing
from scaffolder.answers import check
from scaffolder.checks.log_predicates import log_group_with_retention
from scaffolder.checks.positions import PlacedDict
from scaffolder.checks.reading import Unreadable, parse
from scaffolder.checks.template import View
from scaffolder.checks.view import SAM_FUNCTION
from scaffolder.fitting import Roles
from scaffolder.jinja import ADOPTED, ALWAYS, BLOCKS
from scaffolder.messages import Say, Trouble
from scaffolder.published import Data

API, HTTP_API = "AWS::Serverless::Api", "AWS::Serverless::HttpApi"
STATE_MACHINE = "AWS::Serverless::StateMachine"
API_EVENTS = frozenset({"Api", "HttpApi"})
PART = "adopt"
"""Key in the catalog: what a safeguard adds to the template of such a project."""

Render = Callable[[Mapping[str, Any]], str]
"""Our part of a project's template for what is recorded of the project."""


@dataclass(frozen=True)
class Refusal:
    """Why a safeguard cannot be added: the key of a message, and what fills it."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


def parts(
    catalog: Data,
    active: Sequence[str],
    answers: Mapping[str, Any],
    recorded: Mapping[str, Any],
    only: Collection[str] | None = None,
    before: Iterable[str] = (),
) -> str:
    """What safeguards add to the project's own template, as a small template; "" if nothing.

    Args:
        catalog: of the version that the project is to have.
        active: safeguards, with those that they require, without the project's own.
        answers: to their questions; for others, the default stands.
        recorded: the answer `adopted`.
        only: those of the active safeguards that count; all if None.
        before: what the template had before, as recorded: JSON Pointers; it is none of ours.
    """
    texts = _texts(catalog, active)
    brought = _brought(texts.values())
    whole = merge.Mapping(PART)
    roles, conditions = players(recorded.get("resources", {})), recorded.get("conditions")
    for name, text in texts.items():
        part = fitting.fitted(text, roles, brought, conditions)
        if part and (only is None or name in only):
            merge.merge(whole, merge.read(part, name, ALWAYS, _kinds(catalog, name)))
    for place in map(standing.location, recorded.get("local", ())):
        _make_local(whole, place, _concerned(roles, place))
    for place in map(standing.location, before):
        _take_out(whole, place)
    if not whole.pairs:
        return ""
    defaults = {n: q["default"] for n, q in published.questions(catalog, texts).items()}
    return _filled(merge.write(whole), {**defaults, **answers})


def part(
    catalog: Data, chosen: Sequence[str], answers: Mapping[str, Any], *, pure: bool = False
) -> str:
    """Our part of the template of an adopted project; "" if it has none.

    Args:
        catalog: of the version that the project is to have.
        chosen: safeguards.
        answers: with what was recorded of the project.
        pure: whether what the template had before counts as well.
    """
    recorded = answers[ADOPTED]
    own = recorded.get("own", ())
    # What is chosen by name is added, even if it seemed to be there.
    active = [i for i in published.closure(catalog, chosen) if i not in own or i in chosen]
    before = () if pure else recorded.get("before", ())
    return parts(catalog, active, answers, recorded, before=before)


def prepared(recorded: Mapping[str, Any], old: Render, new: Render, mine: str) -> dict[str, Any]:
    """What is to be recorded of a project once a change is made: what was there before stays.

    Args:
        recorded: the answer `adopted`.
        old, new: our part before and after the change, for what is recorded; with all that it
            would be in any project.
        mine: the project's template.

    Raises:
        Trouble: something in the template stands against what comes.
    """
    rest = {name: value for name, value in recorded.items() if name not in ("before", "local")}
    try:
        local = _local(recorded, new(rest), mine)
        known = {**rest, "local": local} if local else rest
        before, after = old(recorded), new(known)
        there = standing.contradictions(before, mine)
        against = [c for c in standing.contradictions(after, mine) if c not in there]
        found = standing.found_before(before, after, mine)
    except Unreadable:
        # Whoever merges the two says what is wrong.
        return dict(recorded)
    if against:
        lines = [f"  {_place(recorded, each)}" for each in against]
        raise Trouble("adopt.against", hint="adopt.against_hint", places="\n".join(lines))
    both = [place for place in recorded.get("before", ()) if standing.holds(before, place)]
    kept = [place for place in both if standing.holds(after, place)]
    theirs = list(dict.fromkeys([*kept, *found]))
    return {**known, "before": theirs} if theirs else known


def exceptions(recorded: Mapping[str, Any], part: str, mine: str) -> list[str]:
    """Where the project's template has settings that stay, so that ours do not count there.

    Args:
        recorded: the answer `adopted`.
        part: our part of the template.
        mine: the project's template.
    """
    try:
        found = standing.exceptions(part, mine)
    except Unreadable:
        return []
    return [_place(recorded, each) for each in found]


def _place(recorded: Mapping[str, Any], found: standing.Contradiction) -> str:
    return f"{recorded['template']}:{found.line}  {found.resource} {found.setting}"


def _local(recorded: Mapping[str, Any], part: str, mine: str) -> list[str]:
    """The settings in `Globals` that have to stand at the resources, as JSON Pointers."""
    kept = [place for place in recorded.get("local", ()) if standing.holds(part, place)]
    able = [place for place in standing.to_move(part, mine) if _all_written(recorded, place, mine)]
    return list(dict.fromkeys([*kept, *able]))


def _all_written(recorded: Mapping[str, Any], place: str, mine: str) -> bool:
    """Whether all resources that a setting in `Globals` is for stand in the template."""
    names = _concerned(players(recorded.get("resources", {})), standing.location(place))
    written = (standing.holds(mine, standing.pointer(("Resources", name))) for name in names)
    return bool(names) and all(written)


def _concerned(roles: Roles, place: Sequence[str]) -> Sequence[str]:
    """The resources that a setting in `Globals` is for."""
    return roles.get(fitting.GLOBALS.get(place[1], ""), ())


def narrowed(catalog: Data, recorded: Mapping[str, Any]) -> Data:
    """A catalog that asks only what matters in a project.

    Args:
        catalog: of the project's version.
        recorded: the answer `adopted`; empty for a project that we generated.
    """
    if not recorded:
        return catalog
    patterns = {
        name: {**entry, "answers": {n: entry["answers"][n] for n in entry["adopt_answers"]}}
        if "adopt_answers" in entry
        else entry
        for name, entry in catalog["patterns"].items()
    }
    return {**catalog, "patterns": patterns}


def with_standing(
    catalog: Data, names: Collection[str], recorded: Mapping[str, Any], mine: str, say: Say
) -> Data:
    """A catalog in which what a project has set already is the default of its questions.

    Args:
        catalog: of the project's version.
        names: safeguards that are to come.
        recorded: the answer `adopted`.
        mine: the project's template.
        say: in the user's language.
    """
    patterns = catalog["patterns"]
    asked = {n: q for i in names for n, q in patterns[i]["answers"].items()}
    marks = {name: f"{standing.MARK}{name}" for name in asked}
    try:
        found = standing.values(parts(catalog, list(names), marks, recorded), mine)
    except Unreadable:
        return catalog
    clear = {n: check(asked[n], said[0], say) for n, said in found.items() if len(said) == 1}
    usable = {name: value for name, (value, rule) in clear.items() if rule is None}
    fresh = {
        i: {n: {**q, "default": usable.get(n, q["default"])} for n, q in own.items()}
        for i in names
        if (own := patterns[i]["answers"])
    }
    changed = {i: {**patterns[i], "answers": own} for i, own in fresh.items()}
    return {**catalog, "patterns": {**patterns, **changed}}


def addable(catalog: Data, name: str) -> bool:
    """Whether a safeguard can be added to some project that we did not generate."""
    return bool(catalog["patterns"][name].get("adoptable"))


def needed_roles(catalog: Data, ids: Iterable[str]) -> set[str]:
    """The roles that the parts of these safeguards speak of, and do not play themselves."""
    texts = _texts(catalog, ids).values()
    return {role for text in texts for role in fitting.speaks_of(text)} - _brought(texts)


def refusal(catalog: Data, name: str, recorded: Mapping[str, Any]) -> Refusal | None:
    """Why a safeguard cannot be added to a project, or None if it can.

    Args:
        catalog: of the project's version.
        name: the safeguard.
        recorded: the answer `adopted`.
    """
    own = recorded.get("own", ())
    needed = [i for i in catalog["patterns"][name]["closure"] if i not in own or i == name]
    texts = _texts(catalog, needed)
    if texts and recorded["template"].endswith(".json"):
        return Refusal("adopt.why.json")
    roles = players(recorded.get("resources", {}))
    for other in sorted(needed, key=lambda i: i != name):
        found = _refusal(catalog, other, roles, _brought(texts.values()))
        if found and other != name:
            return Refusal("adopt.why.other", {"id": other})
        if found:
            return found
    return None


def left_out(catalog: Data, name: str, recorded: Mapping[str, Any]) -> list[str]:
    """What a safeguard's part says of definitions of APIs, if SAM cannot change them."""
    text = catalog["patterns"][name].get(PART)
    roles = players(recorded.get("resources", {}))
    if not text or not roles.get(fitting.REST_API) or roles.get(fitting.INLINE_API):
        return []
    return fitting.in_definition(text)


def refuse(catalog: Data, ids: Iterable[str], recorded: Mapping[str, Any], say: Say) -> None:
    """Say what to do by hand, if one of these safeguards cannot be added to a project.

    Args:
        catalog: of the project's version.
        ids: safeguards.
        recorded: the answer `adopted`.
        say: in the user's language.

    Raises:
        Trouble: for the first that cannot.
    """
    for name in ids:
        why = refusal(catalog, name, recorded)
        if why is None:
            continue
        if name in recorded.get("own", ()):
            raise Trouble("adopt.have", id=name)
        page = f"{catalog['site_url']}{say.language}/patterns/{name}/"
        found = snippets(catalog, name, recorded)
        shown = "".join(f"\n{file}\n\n{_indented(text)}\n" for file, text in found.items())
        key = "adopt.refuse_snippet" if shown else "adopt.refuse"
        raise Trouble(key, id=name, reason=said(why, say), page=page, snippets=shown)


def snippets(catalog: Data, name: str, recorded: Mapping[str, Any]) -> dict[str, str]:
    """What to paste by hand: file in the project → text, with the project's own logical ids.

    Args:
        catalog: of the project's version, with all that it asks.
        name: the safeguard.
        recorded: the answer `adopted`.
    """
    entry, place = catalog["patterns"][name], recorded["template"]
    found = published.snippets(catalog, name)
    stacks = catalog["stacks"]
    rest = {file: text for file, text in found.items() if file != stacks["template"]}
    text = entry.get(PART) or entry["template"]
    if not text:
        return rest
    roles, conditions = players(recorded.get("resources", {})), recorded.get("conditions")
    # What speaks of something that is not there is shown as it is.
    fitted = fitting.fitted(text, roles, fitting.brings(text), conditions) or text
    own = published.answered(catalog, name, fitted)
    if place.endswith(".json"):
        own = json.dumps(parse(own.encode(), Path(), "").root, ensure_ascii=False, indent=2)
    return {place: own, **rest}


def said(why: Refusal, say: Say) -> str:
    """A refusal as a sentence without an end."""
    values = dict(why.values)
    if "roles" in values:
        names = [say(f"adopt.role.{role}") for role in values.pop("roles")]
        values["names"] = f" {say('adopt.or')} ".join(names)
    return say(why.key, **values)


def players(recorded: Mapping[str, Any]) -> Roles:
    """Roles as an answers file records them: one logical id may stand without a list."""
    return {
        role: [found] if isinstance(found, str) else list(found or ())
        for role, found in recorded.items()
    }


def roles(view: View) -> dict[str, list[str]]:
    """What could play each role in a template, the likeliest first."""
    apis = list(view.of_type(API))
    inline = all(_is_inline(properties) for _, properties in apis)
    return {
        fitting.API_FUNCTION: sorted(
            (name for name, _ in view.of_type(SAM_FUNCTION)),
            key=lambda name: _rank(view.resources[name]),
        ),
        fitting.PLAIN_FUNCTION: [
            name for name, p in view.of_type(SAM_FUNCTION) if "Role" not in p and not _is_image(p)
        ],
        fitting.LOG_GROUP: _log_groups(view),
        fitting.STATE_MACHINE: [name for name, _ in view.of_type(STATE_MACHINE)],
        fitting.REST_API: [name for name, _ in apis],
        fitting.INLINE_API: [name for name, _ in apis] if inline else [],
        fitting.HTTP_API: [name for name, _ in view.of_type(HTTP_API)],
    }


def suggested(view: View) -> dict[str, list[str]]:
    """Who plays which role, unless somebody says otherwise.

    The functions are those that an event or a request calls; if there are none, all.
    """
    found = roles(view)
    functions = found[fitting.API_FUNCTION]
    called = [name for name in functions if _rank(view.resources[name]) < 2]
    found[fitting.API_FUNCTION] = called or functions
    return {role: names for role, names in found.items() if names}


def conditions(view: View, roles: Roles) -> dict[str, str]:
    """The conditions of what plays a role: logical id → name of the condition."""
    names = dict.fromkeys(name for found in roles.values() for name in found)
    said = {name: view.resources[name].get("Condition") for name in names if name in view.resources}
    return {name: said_ for name, said_ in said.items() if isinstance(said_, str)}


def _refusal(catalog: Data, name: str, roles: Roles, brought: set[str]) -> Refusal | None:
    entry = catalog["patterns"][name]
    if not addable(catalog, name):
        return Refusal("adopt.why.by_hand")
    text = entry[PART]
    wanted = set(entry.get("adopt_roles", ()))
    if text and not fitting.fitted(text, roles, brought):
        wanted |= fitting.speaks_of(text)
    missing = {role for role in wanted - brought if not roles.get(role)}
    if fitting.REST_API in missing:
        missing.discard(fitting.INLINE_API)
    return Refusal("adopt.why.role", {"roles": sorted(missing)}) if missing else None


def _texts(catalog: Data, ids: Iterable[str]) -> dict[str, str]:
    """The parts of those that have one; a catalog of an earlier version has none."""
    return {i: text for i in ids if (text := catalog["patterns"][i].get(PART))}


def _brought(texts: Iterable[str]) -> set[str]:
    return {role for text in texts for role in fitting.brings(text)}


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())


def _kinds(catalog: Data, name: str) -> merge.AnswerKind:
    own = catalog["patterns"][name]["answers"]
    prefix = name.replace("-", "_") + "_"
    kinds = {full: (full, q["type"]) for full, q in {**catalog["answers"], **own}.items()}
    return {**kinds, **{n.removeprefix(prefix): kinds[n] for n in own}}.__getitem__


def _make_local(part: merge.Mapping, place: Sequence[str], names: Sequence[str]) -> None:
    """Let a setting in `Globals` stand at resources."""
    pair = _take_out(part, place)
    if pair is None:
        return
    for name in names:
        inner = merge.Mapping(PART, {place[-1]: deepcopy(pair)})
        for key in reversed(("Resources", name, "Properties", *place[2:-1])):
            inner = merge.Mapping(PART, {key: merge.Pair(key, f"{key}:", [], inner, ALWAYS)})
        merge.merge(part, inner)


def _take_out(part: merge.Mapping, place: Sequence[str]) -> merge.Pair | None:
    """Take a member out of a part, and what holds nothing else."""
    pair = part.pairs.get(place[0])
    if pair is None:
        return None
    if len(place) == 1:
        return None if isinstance(pair.value, merge.Mapping) else part.pairs.pop(place[0])
    if not isinstance(pair.value, merge.Mapping):
        return None
    found = _take_out(pair.value, place[1:])
    if not pair.value.pairs:
        del part.pairs[place[0]]
    return found


def _filled(template: str, answers: Mapping[str, Any]) -> str:
    import jinja2

    environment = jinja2.Environment(  # noqa: S701, YAML, not HTML
        undefined=jinja2.StrictUndefined, **BLOCKS
    )
    return environment.from_string(template).render(**answers)


def _rank(function: PlacedDict) -> int:
    """0 for what an API calls, 1 for what anything else calls, 2 for the rest."""
    properties = function.get("Properties")
    if not isinstance(properties, dict):
        return 2
    events = properties.get("Events")
    kinds = [e.get("Type") for e in events.values() if isinstance(e, dict)] if events else []
    if API_EVENTS & {kind for kind in kinds if isinstance(kind, str)}:
        return 0
    return 1 if kinds or properties.get("FunctionUrlConfig") else 2


def _is_image(properties: PlacedDict) -> bool:
    return properties.get("PackageType") == "Image"


def _is_inline(api: PlacedDict) -> bool:
    """Whether SAM can write into an API's definition: it makes it itself, or it stands there."""
    body = api.get("DefinitionBody")
    return "DefinitionUri" not in api and (body is None or _is_definition(body))


def _is_definition(body: Any) -> bool:
    return isinstance(body, dict) and "paths" in body and bool({"swagger", "openapi"} & body.keys())


def _log_groups(view: View) -> list[str]:
    """The log groups of this template that functions write to."""
    found = (item.values["value"] for item in log_group_with_retention(view))
    return [name for name in dict.fromkeys(found) if name]
