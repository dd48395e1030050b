"""Reading: values as YAML and CloudFormation mean them, and where each of them stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.checks import reading
from scaffolder.checks.positions import place_of
from scaffolder.checks.reading import Document, Unreadable, parse, read


def document(text: str | bytes) -> Document:
    data = text.encode() if isinstance(text, str) else text
    return parse(data, Path("t.yaml"), "t.yaml")


def unreadable(text: str | bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        document(text)
    return caught.value


def test_every_key_and_item_knows_its_place() -> None:
    root = document("A:\n  B:\n    - x\n    - C: 1\n  D: {E: 2, F: [3, 4]}\n").root
    places = {
        ("A",): (1, 1),
        ("A", "B"): (2, 3),
        ("A", "B", 0): (3, 7),
        ("A", "B", 1): (4, 7),
        ("A", "B", 1, "C"): (4, 7),
        ("A", "D"): (5, 3),
        ("A", "D", "E"): (5, 7),
        ("A", "D", "F"): (5, 13),
        ("A", "D", "F", 1): (5, 20),
    }
    assert {location: place_of(root, location) for location in places} == places


def test_a_place_is_found_in_json_too() -> None:
    root = document('{\n\t"Resources": {\n\t\t"Api": {"Type": "T"}\n\t}\n}').root
    assert place_of(root, ("Resources", "Api")) == (3, 3)
    assert place_of(root, ("Resources", "Api", "Type")) == (3, 11)


def test_the_nearest_known_place_stands_for_what_is_not_there() -> None:
    root = document("A:\n  B: 1\n").root
    assert place_of(root, ("A", "missing", 3, "x")) == (1, 1)
    assert place_of(root, ("A", "B", "x")) == (2, 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Name", {"Ref": "Name"}),
        ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!GetAtt Stack.Outputs.Url", {"Fn::GetAtt": ["Stack", "Outputs.Url"]}),
        ("!GetAtt [Queue, Arn]", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Sub ${A}-b", {"Fn::Sub": "${A}-b"}),
        ("!Condition C", {"Condition": "C"}),
        ("!If [C, !Ref A, 2]", {"Fn::If": ["C", {"Ref": "A"}, 2]}),
        ("!Join [',', [a, b]]", {"Fn::Join": [",", ["a", "b"]]}),
        ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
    ],
)
def test_short_intrinsics_come_out_in_their_long_form(text: str, value: Any) -> None:
    assert document(f"A: {text}\n").root["A"] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("", None),
        ("012", 10),
        ("1_000", 1000),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("2010-09-09", "2010-09-09"),
        ("'10'", "10"),
        ("9" * 5000, "9" * 5000),
        ("!!int abc", "abc"),
        ("!!python/object/apply:os.system [ls]", ["ls"]),
    ],
)
def test_plain_values_are_those_of_yaml(text: str, value: Any) -> None:
    found = document(f"A: {text}\n").root["A"]
    assert found == value and isinstance(found, type(value))


def test_keys_are_strings() -> None:
    root = document("200: a\ntrue: b\n~: c\n").root
    assert list(root) == ["200", "true", "~"]


def test_aliases_and_merges_are_expanded() -> None:
    root = document("A: &a {x: 1, y: 2}\nB: *a\nC:\n  <<: *a\n  y: 3\n").root
    assert root["B"] == {"x": 1, "y": 2}
    assert root["C"] == {"x": 1, "y": 3}
    assert place_of(root, ("C", "x")) == (1, 8)
    assert place_of(root, ("C", "y")) == (5, 3)


def test_escapes_of_json_beyond_the_first_plane_are_read() -> None:
    assert document(r'{"a": "\ud83d\ude00\u3042"}').root["a"] == "\U0001f600\u3042"


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 10):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("", "empty", (1, 1)),
        ("# only a comment\n", "empty", (1, 1)),
        ("- a\n- b\n", "not-a-mapping", (1, 1)),
        ("just text\n", "not-a-mapping", (1, 1)),
        ("A: 1\nB: 2\nA: 3\n", "key-twice", (3, 1)),
        ("A:\n  - x: 1\n    x: 2\n", "key-twice", (3, 5)),
        ("A: [1\n", "not-yaml", (2, 1)),
        ("A: b\n  C: d\n", "not-yaml", (2, 4)),
        ("A: *nobody\n", "not-yaml", (1, 4)),
        ("A: 1\n---\nB: 2\n", "not-yaml", (2, 1)),
        ("A:\n\tB: 1\n", "not-yaml", (2, 1)),
        ("? [a, b]\n: 1\n", "key-not-plain", (1, 3)),
        ("A: &a [*a]\n", "alias-loop", (1, 4)),
        ("A: &a\n  B: *a\n", "alias-loop", None),
        ("A:\n  <<: 5\n", "merge-not-mapping", (2, 3)),
        ("A: b\0c\n", "nul", (1, 5)),
        ("A: 1\nB: \x07\n", "control-character", (2, 4)),
        ("A: 1\nB: 日本".encode("shift_jis"), "not-utf-8", (2, 4)),
        ("日本: ".encode() + b"\xff", "not-utf-8", (1, 5)),
        ("A: 1".encode("utf-16"), "utf-16", (1, 1)),
        ("[" * 5000 + "]" * 5000, "not-yaml", None),
        ("A: " + "[" * 200 + "]" * 200, "too-deep", None),
        (bomb(), "too-many", None),
        (b"#" * (reading.MAX_BYTES + 1), "too-large", (1, 1)),
    ],
)
def test_what_cannot_be_read_says_why_and_where(
    text: str | bytes, word: str, place: tuple[int, int] | None
) -> None:
    error = unreadable(text)
    assert error.reason.word == word
    if place is not None:
        assert error.place == place


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(Unreadable) as caught:
            read(path)
        assert caught.value.reason.word == "no-file"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert document(b"\xef\xbb\xbfA: 1\n").root == {"A": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=6), JSON, min_size=1, max_size=4))
def test_json_is_read_as_json_reads_it(value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=1)
    assert document(text).root == json.loads(text)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        document(data)
    except Unreadable as error:
        assert error.place.line >= 1 and error.place.column >= 1


YAML_BITS = st.sampled_from(
    [
        *("a", "b:", ": ", "- ", "[", "]", "{", "}", "&x ", "*x", "!Ref ", "!GetAtt ", "|\n", "\n"),
        *("  ", "<<: ", "'", '"', "#", ",", "? ", "--- ", "!!int ", "1", "~", "\t", "%", "@"),
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(YAML_BITS, max_size=40).map("".join))
def test_any_yaml_is_read_or_refused(text: str) -> None:
    try:
        document(text)
    except Unreadable as error:
        assert error.place.line >= 1 and error.place.column >= 1
