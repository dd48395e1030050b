"""What the tests of the check engine share."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from scaffolder.checks.code import Module
from scaffolder.checks.evaluate import Check, Found, evaluate
from scaffolder.checks.outcome import Item
from scaffolder.checks.predicates import template_predicate
from scaffolder.checks.reading import parse
from scaffolder.checks.template import Template


def template(text: str) -> Template:
    """A template from its text."""
    data = textwrap.dedent(text).encode()
    return Template(parse(data, Path("template.yaml"), "template.yaml"))


def check(**words: Any) -> Check:
    """A check called `pattern/check`, with words as in `pattern.yaml`."""
    data = {
        "severity": "error",
        "title": {"ja": "題", "en": "Title"},
        "message": {"ja": "{resource} です", "en": "{resource} is wrong"},
        "fix": {"ja": "直します", "en": "Mend it"},
        **{("assert" if name == "assert_" else name): value for name, value in words.items()},
    }
    return Check("pattern/check", data)


def outcomes(items: list[Item]) -> dict[str, str]:
    """Outcome by resource."""
    return {item.resource: item.outcome.value for item in items}


def evaluated(text: str, **words: Any) -> dict[str, str]:
    """Outcome by resource of a check on a template."""
    return outcomes(evaluate(check(**words), template(text)))


def predicate(name: str, text: str, **options: Any) -> list[Found]:
    """What a predicate finds in the first view of a template."""
    return list(template_predicate(name)(template(text).views[0], **options))


def module(text: str, name: str = "app") -> Module:
    """A Python module from its text."""
    return Module(f"{name}.py", name, textwrap.dedent(text))


def catalog(**patterns: Any) -> dict[str, Any]:
    """A small catalog: pattern id (with `_` for `-`) → its checks and other fields."""
    made = {}
    for name, data in patterns.items():
        made[name.replace("_", "-")] = {
            "title": {"ja": f"題 {name}", "en": f"Title {name}"},
            "chapter": "cost",
            "scope": ["project"],
            **data,
        }
    chapters = {"cost": {"title": {"ja": "コスト", "en": "Cost"}, "intro": {"ja": "", "en": ""}}}
    return {"site_url": "https://anshin.invalid/", "chapters": chapters, "patterns": made}
