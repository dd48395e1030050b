"""Read a YAML or JSON template into plain values that know their places.

Short-form intrinsics come out in their long form: `!Ref X` as `{"Ref": "X"}`, `!GetAtt A.B` as
`{"Fn::GetAtt": ["A", "B"]}`. All keys are strings, as in JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scaffolder.checks.outcome import Reason, because
from scaffolder.checks.positions import NOWHERE, Place, PlacedDict, PlacedList

MAX_BYTES = 4 * 1024 * 1024
"""CloudFormation takes templates of up to 1 MB; sources may be larger by their comments."""
MAX_DEPTH = 90
"""Levels of nesting; real templates stay below 40."""
MAX_NODES = 100_000
"""Values after expanding aliases; a template of CloudFormation's 1 MB has fewer."""

_MERGE = "tag:yaml.org,2002:merge"
_PREFIX = "tag:yaml.org,2002:"
_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_NOT_YAML = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_TRUE = frozenset({"yes", "true", "on"})


class Unreadable(Exception):
    """A file is no template that can be read.

    Attributes:
        reason: what is wrong.
        place: where.
    """

    def __init__(self, reason: Reason, place: Place = NOWHERE) -> None:
        super().__init__(reason.word)
        self.reason = reason
        self.place = place


@dataclass(frozen=True)
class Document:
    """A template as it was written.

    Attributes:
        name: path as shown to the user.
        path: where it was read from.
        lines: its text, line by line.
        root: its values.
        size: how many values that are, aliases expanded.
    """

    name: str
    path: Path
    lines: list[str]
    root: PlacedDict
    size: int


def read(path: Path, name: str = "") -> Document:
    """Read the template at `path`.

    Raises:
        Unreadable: it cannot be read, or is not a mapping.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(because("no-file", problem=error.strerror or str(error))) from error
    return parse(data, path, name or str(path))


def parse(data: bytes, path: Path, name: str) -> Document:
    """Read a template from its bytes; raises Unreadable."""
    text = _decode(data)
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error) from error
    except yaml.YAMLError as error:
        raise Unreadable(because("not-yaml", problem=str(error).splitlines()[0])) from error
    if node is None:
        raise Unreadable(because("empty"))
    root, size, _ = _Builder().build(node)
    if not isinstance(root, PlacedDict):
        raise Unreadable(because("not-a-mapping"), _place(node.start_mark))
    return Document(name, path, [line.rstrip("\r") for line in text.split("\n")], root, size)


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Unreadable(because("too-large", limit=MAX_BYTES // (1024 * 1024)))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(because("utf-16"))
    if (at := data.find(b"\0")) >= 0:
        raise Unreadable(because("nul"), _place_in(data, at))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"0x{data[error.start]:02x}"
        raise Unreadable(because("not-utf-8", byte=byte), _place_in(data, error.start)) from error
    if match := _NOT_YAML.search(text):
        at = match.start()
        where = Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        raise Unreadable(because("control-character", code=f"U+{ord(match[0]):04X}"), where)
    # JSON writes characters beyond U+FFFF as two escapes, which YAML does not know.
    return _SURROGATES.sub(_astral, text) if "\\u" in text else text


def _astral(match: re.Match[str]) -> str:
    high, low = (int(part, 16) for part in match.groups())
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _place_in(data: bytes, at: int) -> Place:
    before = data[:at]
    start = before.rfind(b"\n") + 1
    return Place(before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1)


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _syntax_error(error: yaml.MarkedYAMLError) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    problem = ", ".join(part for part in (error.context, error.problem) if part)
    return Unreadable(because("not-yaml", problem=problem), _place(mark) if mark else NOWHERE)


class _Builder:
    """Turns composed nodes into placed values."""

    def __init__(self) -> None:
        self._scalars = yaml.constructor.SafeConstructor()
        # Aliases share their node, so they share their value and its size too.
        self._done: dict[int, tuple[Any, int, int]] = {}
        self._open: set[int] = set()

    def build(self, node: yaml.Node, depth: int = 1) -> tuple[Any, int, int]:
        """The node's value, the number of values in it, and its height."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1, 1
        key = id(node)
        if key in self._open:
            raise Unreadable(because("alias-loop"), _place(node.start_mark))
        done = self._done.get(key)
        if done is None:
            self._open.add(key)
            done = self._container(node, depth)
            self._open.discard(key)
            self._done[key] = done
        _, size, height = done
        if depth + height > MAX_DEPTH:
            raise Unreadable(because("too-deep", limit=MAX_DEPTH), _place(node.start_mark))
        if size > MAX_NODES:
            raise Unreadable(because("too-many", limit=MAX_NODES), _place(node.start_mark))
        return done

    def _container(self, node: yaml.Node, depth: int) -> tuple[Any, int, int]:
        if depth > MAX_DEPTH:
            raise Unreadable(because("too-deep", limit=MAX_DEPTH), _place(node.start_mark))
        size, height = 1, 1
        value: Any
        if isinstance(node, yaml.SequenceNode):
            pairs = []
            for item in node.value:
                member, item_size, item_height = self.build(item, depth + 1)
                pairs.append((member, _place(item.start_mark)))
                size, height = size + item_size, max(height, item_height + 1)
            value = PlacedList(pairs)
        else:
            value, size, height = self._mapping(node, depth)
        tag = node.tag
        if tag.startswith("!") and tag != "!":
            value = _intrinsic(tag[1:], value, _place(node.start_mark))
            size, height = size + 1, height + 1
        return value, size, height

    def _mapping(self, node: yaml.Node, depth: int) -> tuple[PlacedDict, int, int]:
        value = PlacedDict()
        merged: list[Any] = []
        size, height = 1, 1
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise Unreadable(because("key-not-plain"), _place(key_node.start_mark))
            member, member_size, member_height = self.build(value_node, depth + 1)
            size, height = size + member_size, max(height, member_height + 1)
            if key_node.tag == _MERGE:
                merged.extend(member if isinstance(member, list) else [member])
                continue
            key = key_node.value
            if key in value:
                raise Unreadable(because("key-twice", key=key), _place(key_node.start_mark))
            value.put(key, member, _place(key_node.start_mark), _place(value_node.start_mark))
        for other in merged:
            if not isinstance(other, PlacedDict):
                raise Unreadable(because("merge-not-mapping"), _place(node.start_mark))
            for key in other:
                if key not in value:
                    value.put_from(other, key, other[key])
        return value, size, height

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        tag, text = node.tag, node.value
        if tag.startswith("!") and tag != "!":
            return _intrinsic(tag[1:], text, _place(node.start_mark))
        kind = tag.removeprefix(_PREFIX)
        if kind == "str":
            return text
        try:
            if kind == "int":
                return self._scalars.construct_yaml_int(node)
            if kind == "float":
                return self._scalars.construct_yaml_float(node)
        except (ValueError, OverflowError, IndexError):
            return text
        if kind == "bool":
            return text.lower() in _TRUE
        return None if kind == "null" else text


def _intrinsic(name: str, value: Any, place: Place) -> PlacedDict:
    """The long form of `!Name value`."""
    if name in ("Ref", "Condition"):
        key = name
    else:
        key = f"Fn::{name}"
        if name == "GetAtt" and isinstance(value, str):
            value = PlacedList((part, place) for part in value.split(".", 1))
    result = PlacedDict()
    result.put(key, value, place, place)
    return result
