"""Evaluate a check that selects nodes of a template.

A check is the dict that stands in `catalog.json`; what its words mean is said by `model.Check`.
With `follow`, `assert` and `report_at` speak of the resource that is arrived at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from scaffolder.checks.intrinsics import Unknown, references, unknowns
from scaffolder.checks.outcome import WORST_FIRST, Item, Outcome, Reason, because
from scaffolder.checks.positions import Location, value_at
from scaffolder.checks.query import Node, select
from scaffolder.checks.schema import Fault, Judge
from scaffolder.checks.template import Template, View


@dataclass(frozen=True)
class Check:
    """A check of the catalog under its full id."""

    id: str
    data: dict[str, Any]

    @cached_property
    def when(self) -> Judge | None:
        """What a node must meet to be looked at."""
        return Judge(self.data["when"]) if self.data.get("when") else None

    @cached_property
    def wanted(self) -> Judge | None:
        """What a node must meet."""
        return Judge(self.data["assert"]) if self.data.get("assert") else None

    @cached_property
    def each_fault(self) -> bool:
        """Whether the message names the key at fault, so that each one is worth a finding."""
        return "{key}" in self.data["message"]["en"]

    def words(self, name: str) -> list[str]:
        """One of the check's lists of queries or keys."""
        return list(self.data.get(name) or ())

    @property
    def expect(self) -> str:
        """`all`, `some` or `none`."""
        return str(self.data.get("expect") or "all")


@dataclass(frozen=True)
class Found:
    """What a check says of one place in one view of a template.

    Attributes:
        location: the node to point at.
        resource: logical id of the resource it is about.
        values: what fills the message.
        nothing: whether it says that nothing of the kind is in the template.
        subject: the node that is judged, if it is another than the one to point at.
        fault: what tells several findings about one node apart.
    """

    outcome: Outcome
    location: Location = ()
    resource: str = ""
    values: dict[str, str] = field(default_factory=dict)
    reason: Reason | None = None
    nothing: bool = False
    subject: Location | None = None
    fault: Location = ()

    @property
    def about(self) -> Location:
        """The node that is judged; what two views say of one node belongs together."""
        return self.location if self.subject is None else self.subject


def evaluate(check: Check, template: Template) -> list[Item]:
    """What a `select` check says of a template, one item for each place."""
    found = [(view, list(_in_view(check, view))) for view in template.views]
    return items(check.id, template, found)


def items(check_id: str, template: Template, views: list[tuple[View, list[Found]]]) -> list[Item]:
    """One item for each place, with the worst that any view of the template says of it."""
    worst: dict[tuple[str, Location, Location], tuple[View, Found]] = {}
    for view, found in views:
        for one in found:
            key = (one.resource, one.about, one.fault)
            if key not in worst or _rank(one) < _rank(worst[key][1]):
                worst[key] = (view, one)
    bad = {(one.resource, one.about) for _, one in worst.values() if _is_bad(one)}
    something = any(not one.nothing for _, one in worst.values())
    return [
        _item(check_id, template, view, one)
        for view, one in worst.values()
        if _is_bad(one)
        or ((one.resource, one.about) not in bad and not (one.nothing and something))
    ]


def _rank(found: Found) -> int:
    return WORST_FIRST.index(found.outcome)


def _is_bad(found: Found) -> bool:
    return found.outcome in (Outcome.failed, Outcome.unknown)


def _item(check_id: str, template: Template, view: View, found: Found) -> Item:
    line, column = view.place(found.location)
    values = {"resource": found.resource, "file": template.name, **found.values}
    return Item(
        check_id,
        found.outcome,
        template.name,
        line,
        column,
        found.resource,
        values,
        found.reason,
        found.nothing,
    )


def _in_view(check: Check, view: View) -> Iterator[Found]:
    nodes = [node for query in check.words("select") for node in select(query, view)]
    if check.expect == "all":
        existing = [n for n in nodes if resource_of(n.location) not in view.absent]
        judged = [one for node in existing for one in _must_hold(check, node, view)]
        yield from judged or [_nothing(check, view)]
        return
    occasions = [node for query in check.words("applies_to") for node in select(query, view)]
    if check.words("applies_to") and not occasions:
        yield _nothing(check, view)
    elif check.expect == "some":
        yield _if_certain(_some(check, nodes, view), occasions)
    else:
        existing = [n for n in nodes if resource_of(n.location) not in view.absent]
        for one in _none(check, existing, view):
            yield _if_certain(one, occasions)


def _nothing(check: Check, view: View) -> Found:
    """Nothing was selected: that is certain only if all resources are known."""
    more = view.root["Resources"].more
    if more is not None:
        return Found(Outcome.unknown, reason=more, nothing=True)
    return Found(Outcome.not_applicable, reason=because("nothing-to-check"), nothing=True)


def _if_certain(found: Found, occasions: list[Node]) -> Found:
    """A failure, which is unknown if it is in doubt whether the check applies at all."""
    doubts = [node.doubt for node in occasions if node.doubt is not None]
    if found.outcome is not Outcome.failed or not doubts or len(doubts) < len(occasions):
        return found
    return replace(found, outcome=Outcome.unknown, reason=doubts[0].reason)


def _judge(check: Check, node: Node, view: View) -> tuple[list[Found], Reason | None]:
    """What the check says of a node, and why it is in doubt whether it is to be looked at."""
    doubt = node.doubt.reason if node.doubt else None
    if check.when is not None:
        met = check.when.verdict(node.value)
        if met.outcome is Outcome.failed:
            return [], None
        doubt = doubt or met.reason
    target = _arrived(check, node, view)
    results = [target] if isinstance(target, Found) else _judge_target(check, node, target, view)
    return results, doubt


def _must_hold(check: Check, node: Node, view: View) -> Iterator[Found]:
    """Results for a node that must hold; whether it is to be looked at may be in doubt."""
    results, doubt = _judge(check, node, view)
    for one in results:
        if doubt is not None and one.outcome is Outcome.failed:
            yield replace(one, outcome=Outcome.unknown, reason=doubt)
        else:
            yield one


def _arrived(check: Check, node: Node, view: View) -> Node | Found:
    """The resource that a reference leads to, or why there is none to look at."""
    follow = check.data.get("follow")
    if not follow:
        return node
    names = list(dict.fromkeys(references(node.value)))
    for name in names:
        resource = view.resources.get(name)
        if resource is not None and resource.get("Type") in follow["to"]:
            return Node(("Resources", name), resource)
        if resource is not None:
            reason = because("other-type", name=name)
            return _about(Outcome.not_applicable, node.location, reason)
    if isinstance(node.value, Unknown) and not names:
        return _about(Outcome.unknown, node.location, node.value.reason)
    reason = because("not-in-template", value=names[0] if names else short(node.value))
    return _about(Outcome.unknown, node.location, reason)


def _about(outcome: Outcome, location: Location, reason: Reason | None = None) -> Found:
    return Found(outcome, location, resource_of(location), reason=reason)


def _judge_target(check: Check, node: Node, target: Node, view: View) -> list[Found]:
    source, judged = resource_of(node.location), resource_of(target.location)
    names = {"source": source, "target": judged}
    subject = target.location
    results: list[Found] = []
    if check.wanted is not None:
        verdict = check.wanted.verdict(target.value)
        if verdict.outcome is Outcome.failed:
            faults = verdict.faults if check.each_fault else verdict.faults[:1]
            for fault in faults:
                results.append(_fail(check, target, fault, names))
        elif verdict.outcome is Outcome.unknown:
            reason = verdict.reason
            place = _reported(check, target, next(iter(verdict.faults), None))
            results.append(Found(Outcome.unknown, place, judged, names, reason, False, subject))
    if not results and (queries := check.words("referenced_from")):
        results.extend(_unreferenced(queries, target, names, view))
    if not results:
        place = _reported(check, target, None)
        results.append(Found(Outcome.passed, place, judged, names, subject=subject))
    return results


def _fail(check: Check, target: Node, fault: Fault, names: dict[str, str]) -> Found:
    values = {**names, "key": fault.key, "value": "" if fault.missing else short(fault.value)}
    place = _reported(check, target, fault)
    judged, subject = resource_of(target.location), target.location
    apart = (*fault.location, fault.key) if check.each_fault else ()
    return Found(Outcome.failed, place, judged, values, subject=subject, fault=apart)


def _unreferenced(
    queries: list[str], target: Node, names: dict[str, str], view: View
) -> Iterator[Found]:
    """A failure if no node that the queries select names the resource."""
    judged = resource_of(target.location)
    doubt: Reason | None = None
    for query in queries:
        for node in select(query, view):
            if judged in references(node.value):
                return
            doubt = next((u.reason for u in unknowns(node.value)), doubt)
    outcome = Outcome.unknown if doubt else Outcome.failed
    yield Found(outcome, target.location, judged, {**names, "value": judged}, doubt)


def _reported(check: Check, target: Node, fault: Fault | None) -> Location:
    """The location to point at: what `report_at` says, else where the fault is."""
    for key in check.words("report_at"):
        for steps in ((key,), tuple(key.split(".")), ("Properties", key)):
            parent = value_at(target.value, steps[:-1])
            if isinstance(parent, dict) and steps[-1] in parent:
                return target.location + steps
    if fault is None or (check.words("report_at") and not check.each_fault):
        return target.location
    return target.location + fault.location


def _some(check: Check, nodes: list[Node], view: View) -> Found:
    open_questions: list[Reason] = []
    failures: list[Found] = []
    for node in nodes:
        results, doubt = _judge(check, node, view)
        for one in results:
            if one.outcome is Outcome.passed and doubt is None:
                return one
            if one.outcome is Outcome.failed:
                failures.append(one)
            elif reason := doubt or one.reason:
                open_questions += [reason] if one.outcome is not Outcome.not_applicable else []
    if more := view.root["Resources"].more:
        open_questions.append(more)
    where = _where_missed(check, view)
    if open_questions:
        return _about(Outcome.unknown, where, open_questions[0])
    if failures:
        return failures[0]
    return replace(_about(Outcome.failed, where), nothing=not check.words("applies_to"))


def _where_missed(check: Check, view: View) -> Location:
    """What to point at when nothing was found: the first thing that the check applies to."""
    for query in check.words("applies_to"):
        for node in select(query, view):
            return node.location
    return ("Resources",)


def _none(check: Check, nodes: list[Node], view: View) -> Iterator[Found]:
    bad = False
    for node in nodes:
        results, doubt = _judge(check, node, view)
        for one in results:
            if one.outcome in (Outcome.passed, Outcome.unknown):
                bad = True
                reason = doubt or one.reason
                key = str(node.location[-1]) if node.location else ""
                yield replace(
                    one,
                    outcome=Outcome.unknown if reason else Outcome.failed,
                    location=_reported(check, node, None),
                    values={**one.values, "key": key, "value": short(node.value)},
                    reason=reason,
                )
    if not bad:
        yield Found(Outcome.passed)


def resource_of(location: Location) -> str:
    """Logical id of the resource in which a location lies, or ""."""
    inside = len(location) > 1 and location[0] == "Resources"
    return str(location[1]) if inside else ""


def short(value: Any, limit: int = 60) -> str:
    """A value as a message shows it, on one line and not too long."""
    if isinstance(value, Unknown):
        value = value.source
    text = value if isinstance(value, str) else _json(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda v: getattr(v, "source", str(v)))
