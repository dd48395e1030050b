"""What the command says, in Japanese and English: one catalog of sentences, `messages.toml`."""

from __future__ import annotations

import errno
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("ja", "en")
CATALOG = Path(__file__).parent / "messages.toml"
VARIABLE = "ANSHIN_LANG"

FORMS = frozenset({*LANGUAGES, "en_one"})
"""What a message may hold; `en_one` is for a `count` of one."""


@dataclass(frozen=True)
class Say:
    """Messages in one language: `say("list.footer", count=3)`."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The message with its placeholders filled."""
        forms = texts()[key]
        singular = values.get("count") == 1 and f"{self.language}_one" in forms
        text = forms[f"{self.language}_one" if singular else self.language]
        return text.format(**values)

    def pick(self, text: Mapping[str, str]) -> str:
        """A text of the catalog in this language."""
        return text[self.language]

    def listed(self, items: Sequence[str]) -> str:
        """Items in a sentence, as the language separates them."""
        return ("、" if self.language == "ja" else ", ").join(items)

    def after(self, sentence: str) -> str:
        """A sentence to follow another; in Japanese there is no blank between them."""
        return sentence if self.language == "ja" else f" {sentence}"


@cache
def texts() -> dict[str, dict[str, str]]:
    """All messages: key → language → text."""
    return dict(_leaves(tomllib.loads(CATALOG.read_text(encoding="utf-8")), ""))


def _leaves(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in table.items():
        if FORMS & value.keys():
            yield prefix + name, value
        else:
            yield from _leaves(value, f"{prefix}{name}.")


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language to speak: `--lang`, then ANSHIN_LANG, then the locale; English otherwise."""
    asked = [_option(arguments), environment.get(VARIABLE, "")]
    for language in asked:
        if language in LANGUAGES:
            return language
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")
    return "ja" if locale.lower().startswith("ja") else "en"


def _option(arguments: Sequence[str]) -> str:
    """The value of `--lang` before click has parsed anything; its help needs the language."""
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang":
            return "".join(arguments[position + 1 : position + 2])
    return ""


class Trouble(Exception):
    """What the user has to know before the command can go on; it is said in their language.

    Args:
        key: of the message.
        hint: key of a second message, what to do about it, with the same values.
        values: for the placeholders of both.
    """

    def __init__(self, key: str, *, hint: str | None = None, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.hint = hint
        self.values = values

    def said(self, say: Say) -> str:
        """The message, and the hint below it."""
        keys = [self.key, *([self.hint] if self.hint else [])]
        return "\n".join(say(key, **self.values) for key in keys)


def os_trouble(error: OSError, path: object) -> Trouble:
    """What the operating system says of a path, in the user's language if we know it."""
    key = f"os_error.{errno.errorcode.get(error.errno or 0)}"
    if key in texts():
        return Trouble(key, path=path)
    return Trouble("os_error.other", path=path, reason=error.strerror or error)
