"""Markdown as Python-Markdown and the site's style want it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

RESOURCE = re.compile(r"  \w")
LIST_ITEM = re.compile(r"(?:\d+\.|[-*+]) ")
IN_LIST = "    "
"""Python-Markdown wants what belongs to a list item indented by four."""


def prose(text: str) -> str:
    """An entry's prose as Python-Markdown wants it.

    In the catalog one line is one paragraph. Lists and fenced code pass through, with what belongs
    to a list item indented by four.
    """
    out: list[str] = []
    in_list = False
    fence: tuple[str, int, str] | None = None  # its marks, its own indentation, what it gets
    for line in text.strip("\n").split("\n"):
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if fence:
            marks, removed, given = fence
            out.append(given + line[min(indent, removed) :] if bare else "")
            fence = None if bare.rstrip() == marks else fence
            continue
        if not bare:
            continue
        is_item = LIST_ITEM.match(bare) is not None
        in_list = is_item or (in_list and indent > 0)
        given = IN_LIST if in_list and indent else ""
        if out and not (is_item and _ends_in_item(out)):
            out.append("")
        if bare.startswith("```"):
            fence = (bare[: len(bare) - len(bare.lstrip("`"))], indent, given)
        out.append(given + bare)
    return "\n".join(out)


def first(text: str) -> str:
    """The first paragraph of an entry's prose."""
    return text.strip("\n").split("\n")[0]


def _ends_in_item(lines: Sequence[str]) -> bool:
    return LIST_ITEM.match(lines[-1].lstrip(" ")) is not None


def spaced(text: str) -> str:
    """A partial template with a blank line between sections and between resources."""
    out: list[str] = []
    in_resources = False
    for line in text.split("\n"):
        is_section = line[:1].isalpha()
        if is_section or (in_resources and RESOURCE.match(line)):
            at = len(out)
            while at and out[at - 1].lstrip().startswith("#"):
                at -= 1  # a comment belongs to what follows it
            if at and out[at - 1] not in ("", "Resources:"):
                out.insert(at, "")
        if is_section:
            in_resources = line == "Resources:"
        out.append(line)
    return "\n".join(out)


def fenced(text: str, syntax: str, title: str = "") -> str:
    """A fenced code block; the fence is longer than any in the text."""
    marks = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    attribute = f' title="{title}"' if title else ""
    return f"{marks}{syntax}{attribute}\n{text.rstrip()}\n{marks}"


def front_matter(title: str, description: str, **more: object) -> str:
    plain = description.replace("`", "").replace("\n", " ")
    values = {"title": title, "description": plain, **more}
    # JSON is YAML too.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---"])


def heading(level: int, text: str, anchor: str) -> str:
    return f"{'#' * level} {text} {{ #{anchor.replace('_', '-')} }}"


def lead(text: str) -> str:
    return boxed("anshin-lead", prose(text))


def boxed(css_class: str, body: str, language: str = "") -> str:
    lang = f' lang="{language}"' if language else ""
    return f'<div class="{css_class}"{lang} markdown>\n\n{body}\n\n</div>'


def table(css_class: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    # On a phone the head is not shown, so each cell carries its column's name.
    cells = (
        [f'{_cell(text)} {{ data-label="{name}" }}' for name, text in zip(head, row, strict=True)]
        for row in rows
    )
    lines = [head, ["---"] * len(head), *cells]
    return boxed(css_class, "\n".join(f"| {' | '.join(line)} |" for line in lines))


def _cell(text: str) -> str:
    """Text that stays in its cell: no line breaks, and no bar outside code."""
    parts = re.split(r"(`+[^`]*`+)", text.strip().replace("\n", "<br>"))
    return "".join(p if p.startswith("`") else p.replace("|", "&#124;") for p in parts)


def code(text: object) -> str:
    """Inline code, also for text with backticks in it."""
    plain = str(text)
    marks = "`" * (1 + max(map(len, re.findall(r"`+", plain)), default=0))
    space = " " if len(marks) > 1 else ""
    return f"{marks}{space}{plain}{space}{marks}"


def scalar(value: object) -> str:
    """A value as YAML, where JSON is valid too."""
    return json.dumps(value, ensure_ascii=False)


def plain(value: object) -> str:
    return value if isinstance(value, str) else scalar(value)


def indented(text: str) -> str:
    return "\n".join(IN_LIST + line if line else "" for line in text.split("\n"))


def joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
