"""What values may stand where, with descriptions in the user's language.

Each function takes click's context, the parameter and what was typed of the value. Which of the
values fit to that is left to the shells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import click
from click.shell_completion import CompletionItem

from scaffolder import published
from scaffolder.messages import Say, Trouble, texts
from scaffolder.published import Data
from scaffolder.usage import Command

Items: TypeAlias = "list[CompletionItem[str]]"
OPEN = "open"
"""Type of an item that more is to follow."""

ROLES = "adopt.role."


def folders(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A folder."""
    return [CompletionItem(word, "dir")]


def files(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A file, or a folder."""
    return [CompletionItem(word, "file")]


def entries(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """An entry of the catalog."""
    catalog = published.load()
    return _titled(catalog, catalog["patterns"], ctx)


def listed(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """Safeguards between commas."""
    catalog = published.load()
    return _in_list(_titled(catalog, published.safeguards(catalog), ctx), word)


def absent(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A safeguard that the project lacks."""
    catalog = published.load()
    recorded = _recorded(ctx)
    there = {*published.closure(catalog, _ids(catalog, recorded)), *_own(recorded), *_words(ctx)}
    return _titled(catalog, (i for i in published.safeguards(catalog) if i not in there), ctx)


def present(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A safeguard that the project has chosen."""
    catalog = published.load()
    chosen = _ids(catalog, _recorded(ctx))
    return _titled(catalog, (i for i in chosen if i not in _words(ctx)), ctx)


def planned(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A safeguard for `plan`: as for the command that it plans; `update` takes none."""
    words = [str(ctx.params.get("action") or ""), *_words(ctx)]
    takes = {"add": absent, "remove": present}
    found = next((takes[word] for word in words if word in takes), None)
    return found(ctx, parameter, word) if found else []


def checked(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A safeguard with checks, or one of the checks of the safeguard that was typed."""
    catalog = published.load()
    name, slash, _ = word.partition("/")
    if slash and name in catalog["patterns"]:
        checks = catalog["patterns"][name]["checks"]
        return [
            _item(f"{name}/{c}", _pick(ctx, check["title"]), len(name) + 1)
            for c, check in checks.items()
        ]
    return _titled(catalog, (i for i, e in catalog["patterns"].items() if e["checks"]), ctx)


def presets(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A preset."""
    found = published.load()["presets"]
    return [CompletionItem(name, help=_pick(ctx, p["summary"])) for name, p in found.items()]


def actions(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """What can be planned."""
    assert isinstance(parameter.type, click.Choice)
    say = _say(ctx)
    return [CompletionItem(c, help=say(f"help.{c}_short")) for c in parameter.type.choices]


def shells(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """A shell."""
    assert isinstance(parameter.type, click.Choice)
    return [CompletionItem(str(choice)) for choice in parameter.type.choices]


def data(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """`NAME=VALUE` of an answer; a value only where the question has choices."""
    catalog = published.load()
    asked = published.questions(catalog, _active(catalog, ctx))
    name, equals, _ = word.partition("=")
    if equals:
        question = asked.get(name, {"type": ""})
        choices = ["true", "false"] if question["type"] == "bool" else question.get("choices", [])
        titles = question.get("titles", {})
        begin = name + equals
        return [_item(begin + c, _title(titles.get(c, c), c), len(begin)) for c in choices]
    taken = {text.partition("=")[0] for text in ctx.params.get("data") or ()}
    return [
        CompletionItem(f"{n}=", OPEN, _pick(ctx, question["label"]))
        for n, question in asked.items()
        if n not in taken
    ]


def facts(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """`NAME=VALUE` of a fact about the workload."""
    found = published.load()["facts"]
    name, equals, value = word.partition("=")
    if not equals:
        return [
            CompletionItem(f"{n}=", OPEN, _pick(ctx, fact["question"])) for n, fact in found.items()
        ]
    if name not in found:
        return []
    values = found[name]["values"]
    items = [CompletionItem(v, help=_pick(ctx, entry["title"])) for v, entry in values.items()]
    items = _in_list(items, value) if found[name]["multiple"] else items
    begin = name + equals
    return [_item(begin + i.value, i.help or "", len(begin) + (i.kept or 0)) for i in items]


def roles(ctx: click.Context, parameter: click.Parameter, word: str) -> Items:
    """`OURS=YOURS` of a resource: the first half."""
    if "=" in word:
        return []
    say = _say(ctx)
    names = [key.removeprefix(ROLES) for key in texts() if key.startswith(ROLES)]
    return [CompletionItem(f"{name}=", OPEN, say(f"{ROLES}{name}")) for name in names]


def _in_list(items: Items, word: str) -> Items:
    """Items behind the commas of a list, without those that the list has already."""
    begin, comma, _ = word.rpartition(",")
    taken = set(begin.split(","))
    return [
        _item(begin + comma + i.value, i.help or "", len(begin + comma))
        for i in items
        if i.value not in taken
    ]


def _title(title: str, value: str) -> str:
    return title if title != value else ""


def _item(value: str, help_: str, kept: int) -> CompletionItem[str]:
    """An item of which the first characters need not be shown."""
    return CompletionItem(value, help=help_ or None, kept=kept)


def _titled(catalog: Data, ids: Iterable[str], ctx: click.Context) -> Items:
    patterns = catalog["patterns"]
    return [CompletionItem(i, help=_pick(ctx, patterns[i]["title"])) for i in ids]


def _active(catalog: Data, ctx: click.Context) -> list[str]:
    """The safeguards whose questions may be answered; all, as long as none is known."""
    options = ctx.params
    named = [i for text in options.get("safeguards") or () for i in text.split(",")]
    named += catalog["presets"].get(options.get("preset"), {"safeguards": []})["safeguards"]
    if "project" in options:
        named += [*_words(ctx), *_ids(catalog, _recorded(ctx))]
    able = published.safeguards(catalog)
    return published.closure(catalog, [i for i in named if i in able] or able)


def _words(ctx: click.Context) -> list[str]:
    """What was typed before, outside of options."""
    # An option without its value keeps click from telling arguments apart.
    return [*(ctx.params.get("ids") or ()), *ctx.args]


def _recorded(ctx: click.Context) -> Mapping[str, Any]:
    """What the project's answers file says; nothing if there is none that can be read."""
    from scaffolder import answers, managed
    from scaffolder.checks.managed import ANSWERS_FILE

    try:
        root = managed.locate(Path(ctx.params.get("project") or "."))
        return answers.read_file(root / ANSWERS_FILE)
    except (Trouble, OSError):
        return {}


def _ids(catalog: Data, recorded: Mapping[str, Any]) -> list[str]:
    """The safeguards that a project has recorded, under today's names."""
    named = recorded.get(published.SAFEGUARDS)
    return published.carried_ids(catalog, named if isinstance(named, list) else [])[0]


def _own(recorded: Mapping[str, Any]) -> list[str]:
    """What an adopted project had before."""
    adopted = recorded.get(published.ADOPTED)
    own = adopted.get("own") if isinstance(adopted, dict) else None
    return own if isinstance(own, list) else []


def _say(ctx: click.Context) -> Say:
    assert isinstance(ctx.command, Command)
    return ctx.command.say


def _pick(ctx: click.Context, text: Mapping[str, str]) -> str:
    return _say(ctx).pick(text)
