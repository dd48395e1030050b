"""What a plan does to each safeguard: its resources, its files, its places in shared files."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import yaml

from scaffolder import adopted
from scaffolder.checks.managed import ANSWERS_FILE
from scaffolder.history import File
from scaffolder.plan import ADOPTED, Plan, Resource, Side
from scaffolder.published import Data
from scaffolder.threeway import Change

BOOKKEEPING = (ANSWERS_FILE, "SAFEGUARDS.md")
"""Files in which a project records what it has."""

WORD = re.compile(r"[A-Za-z_][\w-]*")
IMPORTED = re.compile(r"\bimport\b(.*)", re.DOTALL)

STAYS_IN_AWS = ("Retain", "RetainExceptOnCreate")
"""Deletion policies with which a resource outlives its place in the template."""

HOLDS_DATA = frozenset(
    {
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EFS::FileSystem",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
        "AWS::Serverless::SimpleTable",
    }
)
"""Types of resources with which something is lost that a new deployment does not bring back."""


class Sign(StrEnum):
    """What happens to a safeguard."""

    comes = "+"
    goes = "-"
    changes = "~"


class Fate(StrEnum):
    """What becomes of a resource with data when it leaves the template."""

    retained = "retained"
    """It stays in the account, without a stack."""

    lost = "lost"
    """The next deployment deletes it."""


@dataclass(frozen=True)
class Part:
    """What happens to one safeguard.

    Attributes:
        entry: what the catalog says of it.
        by: the safeguard with which it comes or goes, if nobody chose it.
        new, old: its AWS resources that come and go.
        files: its own files that this is about.
        touched: shared files that it changes → logical ids in them, if they are templates.
    """

    id: str
    sign: Sign
    entry: Data
    by: tuple[str, Data] | None
    new: Sequence[Resource]
    old: Sequence[Resource]
    files: Sequence[Change]
    touched: Mapping[str, Sequence[str]]

    @property
    def because(self) -> Data:
        """Why it is there, in both languages."""
        text: Data = self.by[1] if self.by else self.entry["summary"]
        return text

    @property
    def is_affected(self) -> bool:
        """Whether there is anything to say."""
        found = self.files or self.new or self.old or self.touched
        return self.sign is not Sign.changes or bool(found)


def parts(plan: Plan) -> list[Part]:
    """The safeguards that a plan is about, in the deck's order."""
    owners = {r: _owner(plan, plan.wanted, r) for r in plan.new_resources}
    owners |= {r: _owner(plan, plan.base, r) for r in plan.old_resources}
    found = [_part(plan, name, sign, owners) for name, sign in _signs(plan).items()]
    return [part for part in found if part.is_affected]


def shared_resources(plan: Plan, found: Iterable[Part]) -> list[tuple[Sign, Resource]]:
    """The AWS resources that come or go with no safeguard: those of the template itself."""
    owned = {r for part in found for r in (*part.new, *part.old)}
    both = ((Sign.comes, plan.new_resources), (Sign.goes, plan.old_resources))
    return [(sign, r) for sign, listed in both for r in listed if r not in owned]


def touching(path: str, found: Iterable[Part]) -> list[str]:
    """The safeguards that change a shared file."""
    return [part.id for part in found if path in part.touched]


def project_name(plan: Plan) -> str:
    """What the project calls itself."""
    return str(plan.wanted.answers.get("project_name", plan.project.root.name))


def settings(plan: Plan) -> dict[str, Any]:
    """The answers that are new or that change, by name."""
    before = plan.answers_before
    fresh = {n for i in plan.added for n in plan.wanted.catalog["patterns"][i]["answers"]}
    return {
        name: value
        for name, value in plan.wanted.answers.items()
        if not isinstance(value, Mapping)
        and (name in fresh or name not in before or before[name] != value)
    }


def left_out(plan: Plan, name: str) -> list[str]:
    """The settings that a safeguard has for an API's definition, where that is out of reach."""
    return adopted.left_out(plan.wanted.catalog, name, plan.project.adopted)


def fates(plan: Plan) -> dict[Resource, Fate]:
    """What becomes of the data in AWS resources that go, as far as the user's templates say."""
    changes = {change.path: change for change in plan.changes}
    found: dict[Resource, Fate] = {}
    for file in dict.fromkeys(r.file for r in plan.old_resources):
        policies = _policies(changes.get(file))
        for resource in (r for r in plan.old_resources if r.file == file and r.name in policies):
            if policies[resource.name] in STAYS_IN_AWS:
                found[resource] = Fate.retained
            elif resource.type in HOLDS_DATA:
                found[resource] = Fate.lost
    return found


def by_hand(change: Change) -> tuple[list[str], list[str]]:
    """What to put into a YAML file and what to take out of it, with the lines that these are under.

    For a file that could not be changed.
    """
    before, after = (_text(file).splitlines() for file in (change.base, change.wanted))
    cut: set[int] = set()
    put: set[int] = set()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind != "equal":
            cut |= set(range(first, last))
            put |= set(range(start, end))
    return _with_parents(after, put), _with_parents(before, cut)


def _with_parents(lines: Sequence[str], wanted: set[int]) -> list[str]:
    """The wanted lines of an indented text, each under those that it is part of."""
    kept = set(wanted)
    for number in wanted:
        depth = _depth(lines[number])
        for above in range(number - 1, -1, -1):
            if lines[above].strip() and _depth(lines[above]) < depth:
                kept.add(above)
                depth = _depth(lines[above])
    return [lines[number] for number in sorted(kept)]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _signs(plan: Plan) -> dict[str, Sign]:
    signs = {
        **dict.fromkeys(plan.wanted.active, Sign.changes),
        **dict.fromkeys(plan.added, Sign.comes),
        **dict.fromkeys(plan.removed, Sign.goes),
    }
    order = {**plan.wanted.catalog["patterns"], **plan.base.catalog["patterns"]}
    return {i: signs[i] for i in order if i in signs}


def _part(plan: Plan, name: str, sign: Sign, owners: Mapping[Resource, str | None]) -> Part:
    side = plan.base if sign is Sign.goes else plan.wanted
    new = [r for r in plan.new_resources if owners[r] == name]
    old = [r for r in plan.old_resources if owners[r] == name]
    files = [c for c in plan.changes if plan.owner(c.path) == name]
    known = {r.name for r in (*new, *old)}
    touched = {
        path: [i for i in names if i not in known] for path, names in _touched(plan, name).items()
    }
    entry = side.catalog["patterns"][name]
    return Part(name, sign, entry, _by(name, sign, side), new, old, files, touched)


def _by(name: str, sign: Sign, side: Side) -> tuple[str, Data] | None:
    """Who needs a safeguard that nobody chose, and why."""
    if sign is Sign.changes or name in side.chosen:
        return None
    patterns = side.catalog["patterns"]
    needing = [i for i in side.active if name in patterns[i]["requires"]]
    return (needing[0], patterns[needing[0]]["requires"][name]) if needing else None


def _owner(plan: Plan, side: Side, resource: Resource) -> str | None:
    """The safeguard that brings a resource, alone or together with another."""
    if resource.owner:
        return resource.owner
    for name in side.active:
        for text in _texts(plan, side, name, resource.file):
            found = resources_in(text).get(resource.name)
            if found and found.type:
                return name
    return None


def _texts(plan: Plan, side: Side, name: str, path: str) -> list[str]:
    """The partial templates that a safeguard adds to a template."""
    if name not in side.active:
        return []
    entry = side.catalog["patterns"][name]
    if plan.project.adopted:
        text = _adopted_text(plan, side, name, path)
        return [text] if text else []
    stacks = {file: stack for stack, file in side.catalog["stacks"].items()}
    if path not in stacks:
        return []
    joint = [
        text
        for key, text in entry["with"].items()
        for other, _, stack in [key.partition(".")]
        if other in side.active and (stack or "template") == stacks[path]
    ]
    return [text for text in (entry[stacks[path]], *joint) if text]


def _adopted_text(plan: Plan, side: Side, name: str, path: str) -> str:
    """The same for a project that we did not generate, with its own logical ids."""
    recorded = side.answers.get(ADOPTED, plan.project.adopted)
    if path != recorded.get("template"):
        return ""
    own = recorded.get("own", ())
    return adopted.parts(
        side.catalog,
        [i for i in side.active if i not in own or i in side.chosen],
        side.answers,
        recorded,
        only=[name],
        before=recorded.get("before", ()),
    )


def _touched(plan: Plan, name: str) -> dict[str, list[str]]:
    """The shared files that a safeguard changes, and which resources in them."""
    found: dict[str, list[str]] = {}
    for change in plan.changes:
        path = change.path
        if plan.owner(path) == name:
            continue
        sides = (plan.base, plan.wanted)
        before, after = (_woven(plan, side, name, path) for side in sides)
        if before != after:
            texts = [*before[0], *after[0]]
            moved = [text for text in texts if texts.count(text) == 1] or texts
            found[path] = _differing(change, [i for t in moved for i in resources_in(t)])
            continue
        marks = _marks(plan.base, name, path) ^ _marks(plan.wanted, name, path)
        if marks and marks & _fresh(change):
            found[path] = []
    return found


def _woven(plan: Plan, side: Side, name: str, path: str) -> tuple[list[str], dict[str, Any]]:
    """What goes into a template for a safeguard: texts, and the answers in them."""
    texts = _texts(plan, side, name, path)
    used = {word for text in texts for word in re.findall(r"!Answer (\w+)", text)}
    prefix = f"{name.replace('-', '_')}_"
    names = {*used, *(prefix + word for word in used)}
    return texts, {n: value for n, value in side.answers.items() if n in names}


def _differing(change: Change, names: Iterable[str]) -> list[str]:
    """Those of some resources that are different in the template's two files."""
    before, after = (resources_in(_text(file)) for file in (change.base, change.wanted))
    return [i for i in dict.fromkeys(names) if before.get(i) != after.get(i)]


def _marks(side: Side, name: str, path: str) -> set[str]:
    """Words by which one sees a safeguard in a Python file, or in a list of packages."""
    if name not in side.active:
        return set()
    entry = side.catalog["patterns"][name]
    match PurePosixPath(path).suffix:
        case ".py":
            return {w for handler in entry["handlers"].values() for w in _handler_words(handler)}
        case ".txt":
            kind = "dev" if "dev" in PurePosixPath(path).name else "runtime"
            return _words(" ".join(entry["dependencies"][kind]))
    return set()


def _handler_words(handler: Data) -> set[str]:
    imports = " ".join(IMPORTED.findall("\n".join(handler["imports"])))
    names = " ".join(middleware["name"] for middleware in handler["middlewares"])
    lines = " ".join(decorator["line"].partition("(")[0] for decorator in handler["decorators"])
    return _words(" ".join([imports, names, lines, *handler["setup"]]))


def _fresh(change: Change) -> set[str]:
    """The words that only one of the template's two files has."""
    return _words(_text(change.base)) ^ _words(_text(change.wanted))


def _words(text: str) -> set[str]:
    return set(WORD.findall(text))


def _text(file: File | None) -> str:
    return file.content.decode(errors="replace") if file else ""


def _policies(change: Change | None) -> dict[str, str]:
    """The resources in a user's template and their deletion policies; empty without one."""
    for file in (change.before, change.base) if change else ():
        try:
            return {name: found.policy for name, found in resources_in(_text(file)).items()}
        except yaml.YAMLError:
            continue
    return {}


@dataclass(frozen=True)
class Written:
    """A resource as it stands in a template."""

    text: str
    type: str
    """Empty where the text only adds to somebody's resource."""

    policy: str
    """What `DeletionPolicy` says; empty without one."""


@lru_cache(maxsize=128)
def resources_in(text: str) -> Mapping[str, Written]:
    """The resources in a YAML template, by logical id.

    Raises:
        yaml.YAMLError: it is none.
    """
    section = _child(yaml.compose(text, Loader=yaml.CSafeLoader), "Resources")
    if not isinstance(section, yaml.MappingNode):
        return {}
    lines = text.splitlines()
    found: dict[str, Written] = {}
    for key, value in section.value:
        said = [_scalar(_child(value, name)) for name in ("Type", "DeletionPolicy")]
        found[key.value] = Written(_written(lines, value), *said)
    return found


def _scalar(node: yaml.Node | None) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else ""


def _written(lines: Sequence[str], node: yaml.Node) -> str:
    """The lines of a node, without the comments that belong to what follows."""
    first = node.start_mark.line
    own = list(lines[first : max(first + 1, node.end_mark.line)])
    while own and (not own[-1].strip() or own[-1].lstrip().startswith("#")):
        own.pop()
    return "\n".join(own)


def _child(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == name), None)
