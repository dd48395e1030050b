"""A link to the site's configurator that holds all choices, and what such a link says.

The choices are in the fragment, which no browser sends to a server:

    <site><language>/configurator/#v=1&fact.trigger=http&project_name=orders&safeguards=a,b

`v` is the form's version. Then come, sorted by name, the facts, the safeguards between commas, and
the answers that are not the default. Names and values are percent-encoded UTF-8, as
`encodeURIComponent` does it; a blank is `%20`. Reading one is no more than looking at text: whoever
made it may mean harm, so only known names with valid values get through.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from scaffolder import answers, published, recommend
from scaffolder.answers import SAFEGUARDS, Given, Problem, WrongAnswers
from scaffolder.messages import Say, Trouble
from scaffolder.published import Data
from scaffolder.recommend import Facts

VERSION = "1"
LONGEST = 8192
"""Bytes of a link; browsers and mail programs take that much."""

MOST_PROBLEMS = 20
"""That are reported of one link; nobody mends a link by hand, and a hostile one has thousands."""

FACT = "fact."
ALWAYS = frozenset({"language", "project_name"})
"""Answers whose default is the reader's own, so that leaving them out would change them."""

BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
VERSION_PART = re.compile(r"(?:^|&)v=([^&]*)")
SITE = re.compile(r"https?://", re.IGNORECASE)
UNPRINTED = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control characters, halves of pairs, separators of lines."""


@dataclass(frozen=True)
class Shared:
    """What a link says.

    Attributes:
        facts: about the workload, in the catalog's form.
        answers: checked, `safeguards` among them if the link has them.
        notes: which safeguards have been renamed.
    """

    facts: dict[str, str | list[str]]
    answers: dict[str, Any]
    notes: list[str]


def link(catalog: Data, language: str, chosen: Mapping[str, Any], facts: Facts) -> str:
    """The address of the site's configurator with these choices.

    Args:
        catalog: the exported catalog.
        language: of the page.
        chosen: valid answers; without `safeguards` among them, those of safeguards are left out,
            and so is everything that is no answer.
        facts: as `recommend.checked` returns them.

    Raises:
        Trouble: the answers are so long that the link could not be read.
    """
    pairs = {FACT + name: spelled(value) for name, value in facts.items()}
    asked = published.questions(catalog, published.closure(catalog, chosen.get(SAFEGUARDS, [])))
    for name, value in chosen.items():
        if name == SAFEGUARDS or (name in asked and _worth_saying(name, value, asked[name])):
            pairs[name] = spelled(value)
    parts = [f"{name}={quote(pairs[name], safe=',')}" for name in sorted(pairs)]
    fragment = "&".join([f"v={VERSION}", *parts])
    address = f"{catalog['site_url']}{language}/configurator/#{fragment}"
    if len(address) > LONGEST:
        raise Trouble("share.long", longest=LONGEST)
    return address


def read(catalog: Data, url: str, say: Say) -> Shared:
    """What a link, or its fragment alone, says.

    Raises:
        Trouble: it has not the form of such a link.
        WrongAnswers: it has names or values that the catalog does not have; the first of them.
    """
    pairs = _pairs(_fragment(url, say), say)
    problems: list[Problem] = []
    facts: dict[str, str | list[str]] = {}
    given = {name.removeprefix(FACT): v for name, v in pairs.items() if name.startswith(FACT)}
    try:
        facts = recommend.checked(catalog, given, say)
    except WrongAnswers as wrong:
        problems += [Problem(FACT + p.about, p.rule, p.value) for p in wrong.problems]
    named = _named_now(catalog, {n: v for n, v in pairs.items() if not n.startswith(FACT)}, say)
    strays = _strays(catalog, named, say)
    problems += strays.values()
    ours = Given(answers={name: value for name, value in named.items() if name not in strays})
    try:
        choice = answers.resolve(catalog, ours, say)
    except WrongAnswers as wrong:
        problems += wrong.problems
    if problems:
        raise WrongAnswers(problems[:MOST_PROBLEMS])
    safeguards = {} if choice.safeguards is None else {SAFEGUARDS: choice.safeguards}
    return Shared(facts, {**safeguards, **choice.answers}, choice.notes)


def spelled(value: object) -> str:
    """A value as text that is read back as the same value."""
    if isinstance(value, list | tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _worth_saying(name: str, value: object, question: Data) -> bool:
    return name in ALWAYS or value != question["default"]


def _fragment(url: str, say: Say) -> str:
    """The part of a link that says something, in this version's form."""
    if len(url.encode("utf-8", "surrogatepass")) > LONGEST:
        raise Trouble("share.long", longest=LONGEST)
    text = url.strip(" \t\r\n")
    if _hidden(text):
        raise Trouble("share.control", place=answers.shown(text, say))
    head, mark, fragment = text.partition("#")
    if not mark and "://" not in head:
        head, fragment = "", head
    if head and not SITE.match(head):
        raise Trouble("share.site", text=answers.shown(head, say))
    if not fragment:
        raise Trouble("share.empty", text=answers.shown(text, say))
    version = VERSION_PART.search(fragment)
    if version is None:
        raise Trouble("share.no_version", version=VERSION, text=answers.shown(fragment, say))
    if version[1] != VERSION:
        found = answers.shown(version[1], say)
        raise Trouble("share.version", hint="share.version_hint", found=found, version=VERSION)
    return fragment


def _pairs(fragment: str, say: Say) -> dict[str, str]:
    """Name → value, decoded, without the version."""
    found: dict[str, str] = {}
    for part in fragment.split("&"):
        name, mark, value = part.partition("=")
        if not name or not mark:
            raise Trouble("share.pair", text=answers.shown(part, say))
        name = _decoded(name, part, say)
        if name in found:
            raise Trouble("share.twice", name=answers.shown(name, say))
        found[name] = _decoded(value, part, say)
    del found["v"]
    return found


def _decoded(text: str, part: str, say: Say) -> str:
    place = answers.shown(part, say)
    if BROKEN.search(text):
        raise Trouble("share.encoding", place=place)
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise Trouble("share.encoding", place=place) from error
    if _hidden(plain):
        raise Trouble("share.control", place=place)
    return plain


def _hidden(text: str) -> bool:
    return any(unicodedata.category(character) in UNPRINTED for character in text)


def _named_now(catalog: Data, pairs: Mapping[str, str], say: Say) -> dict[str, str]:
    """The answers under the names that their questions have now."""
    owned = (entry["answers"] for entry in catalog["patterns"].values())
    asked = {n: q for own in (catalog["answers"], *owned) for n, q in own.items()}
    renamed = {old: name for name, question in asked.items() for old in question["aliases"]}
    found: dict[str, str] = {}
    for name, value in pairs.items():
        now = renamed.get(name, name)
        if now in found:
            raise Trouble("share.twice", name=answers.shown(now, say))
        found[now] = value
    return found


def _strays(catalog: Data, named: Mapping[str, str], say: Say) -> dict[str, Problem]:
    """Answers of safeguards that the link does not choose."""
    renamed = published.aliases(catalog)
    words = [renamed.get(word, word) for word in answers.split(named.get(SAFEGUARDS, ""))]
    active = published.closure(catalog, [word for word in words if word in catalog["patterns"]])
    owners = {name: published.owner(catalog, name) for name in named}
    return {
        name: Problem(name, say("share.not_chosen", id=owner))
        for name, owner in owners.items()
        if owner and owner not in active
    }
