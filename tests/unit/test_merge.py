"""Partial templates merge: mappings join, lists append, clashes are errors that name the place."""

from __future__ import annotations

import pytest
import yaml
from jinja2 import Environment, StrictUndefined

from scaffolder.jinja import ALWAYS, Condition
from scaffolder.merge import Mapping, MergeError, merge, read, write

BASE = """\
# The whole template
AWSTemplateFormatVersion: "2010-09-09"

Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      # why this stage
      StageName: prod

  # Safeguards follow.

Outputs:
  Url:
    Value: !Sub https://${Api}
"""


def answer(name: str) -> tuple[str, str]:
    return {"rate": ("a_rate", "int"), "text": ("a_text", "str"), "on": ("a_on", "bool")}[name]


def part(text: str, *ids: str) -> Mapping:
    return read(text, "+".join(ids) or "base", Condition.on(*ids), answer)


def woven(*parts: Mapping) -> str:
    base = part(BASE)
    for each in parts:
        merge(base, each)
    return write(base)


def rendered(template: str, *active: str, **answers: object) -> str:
    environment = Environment(  # noqa: S701, YAML, not HTML
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined
    )
    return environment.from_string(template).render(active_safeguards=list(active), **answers)


def test_the_base_alone_comes_out_as_written() -> None:
    assert rendered(woven()) == BASE


def test_mappings_join_under_the_condition_of_who_brings_them() -> None:
    template = woven(
        part("Resources:\n  Api:\n    Properties:\n      # limit it\n      Rate: 5\n", "a"),
        part("Resources:\n  Api:\n    Properties:\n      Auth: {Key: true}\n", "b"),
    )
    assert rendered(template) == BASE
    with_a = rendered(template, "a")
    assert "      # limit it\n      Rate: 5\n" in with_a
    assert "Auth" not in with_a
    both = rendered(template, "a", "b")
    assert both.index("Rate: 5") < both.index("Auth: {Key: true}")


def test_one_key_from_two_patterns_is_there_once_if_either_is() -> None:
    same = "Conditions:\n  HasTopic: !Not [!Equals [!Ref Topic, '']]\n"
    template = woven(part(same, "a"), part(same.replace("'", '"'), "b"))
    for active in (["a"], ["b"], ["a", "b"]):
        assert rendered(template, *active).count("HasTopic") == 1
    assert "Conditions" not in rendered(template)


def test_lists_append_and_equal_items_are_one() -> None:
    listed = "Resources:\n  Api:\n    Settings:\n      - Path: /x\n        Rate: !Answer rate\n"
    extra = listed.replace("/x", "/y")
    template = woven(part(listed, "a"), part(listed, "b"), part(extra, "b"))
    result = rendered(template, "a", "b", a_rate=7)
    assert result.count("- Path: /x\n        Rate: 7\n") == 1
    assert result.index("/x") < result.index("/y")
    assert "/y" not in rendered(template, "a", a_rate=7)


def test_a_part_for_two_patterns_needs_both() -> None:
    template = woven(part("Resources:\n  Both:\n    Type: X\n", "a", "b"))
    assert "Both" not in rendered(template, "a")
    assert "Both" in rendered(template, "a", "b")


def test_sections_stand_in_the_order_of_templates() -> None:
    template = woven(part("Parameters:\n  P:\n    Type: String\n", "a"))
    assert rendered(template, "a").index("Parameters") < rendered(template, "a").index("Resources")


def test_resources_of_patterns_stand_below_the_fixed_comment() -> None:
    result = rendered(woven(part("Resources:\n  Queue:\n    Type: X\n", "a")), "a")
    assert "  # Safeguards follow.\n\n  Queue:\n    Type: X\n\nOutputs:" in result


def test_block_scalars_and_comments_in_them_are_kept() -> None:
    query = "Query: |\n      # not a comment\n\n      fields @message\n"
    text = f"Resources:\n  Q:\n    {query}    Next: 1\n"
    result = rendered(woven(part(text, "a")), "a")
    assert yaml.load(result.replace("!Sub ", ""), yaml.SafeLoader)["Resources"]["Q"]["Query"] == (
        "# not a comment\n\nfields @message\n"
    )


@pytest.mark.parametrize(
    "value", ["it's {{ 7 }} {% x %} {# y #}", "a: b # c", "- x", "!Ref Y", "日本語"]
)
def test_answers_come_out_as_they_went_in(value: str) -> None:
    template = woven(part("Resources:\n  R:\n    Text: !Answer text\n", "a"))
    result = rendered(template, "a", a_text=value).replace("!Sub ", "")
    assert yaml.safe_load(result)["Resources"]["R"]["Text"] == value


def test_jinja_in_a_part_is_text() -> None:
    text = "Resources:\n  R:\n    Secret: '{{resolve:ssm:x}} {% y %} {# z #}'\n"
    result = rendered(woven(part(text, "a")), "a")
    assert "Secret: '{{resolve:ssm:x}} {% y %} {# z #}'" in result


def test_booleans_and_numbers_are_not_quoted() -> None:
    template = woven(part("Resources:\n  R:\n    On: !Answer on\n    N: !Answer rate\n", "a"))
    assert "On: false\n    N: 3\n" in rendered(template, "a", a_on=False, a_rate=3)


def test_a_clash_names_the_path_both_sides_and_both_values() -> None:
    with pytest.raises(MergeError) as error:
        woven(part("Resources:\n  Api:\n    Properties:\n      StageName: dev\n", "other"))
    message = str(error.value)
    for expected in ("Resources.Api.Properties.StageName", "base", "'prod'", "other", "'dev'"):
        assert expected in message


def test_a_mapping_against_a_scalar_is_a_clash_too() -> None:
    with pytest.raises(MergeError, match=r"Resources\.Api\.Type: base says .*, a says a mapping"):
        woven(part("Resources:\n  Api:\n    Type:\n      X: 1\n", "a"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "not a block mapping"),
        ("a: [\n", "while parsing"),
        ("a: 1\na: 2\n", "line 2: a is written twice"),
        ("a: !Answer nothing\n", "!Answer nothing: there is no such answer"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, message: str) -> None:
    with pytest.raises(MergeError, match=message):
        part(text, "a")


def test_conditions_simplify() -> None:
    assert Condition.on("a") | Condition.on("a", "b") == Condition.on("a")
    assert Condition.on("a") | ALWAYS == ALWAYS
    assert str(Condition.on("b") | Condition.on("a")) == (
        "'a' in active_safeguards or 'b' in active_safeguards"
    )


def test_a_comment_is_there_with_the_pattern_that_wrote_it() -> None:
    template = woven(
        part("Resources:\n  Api:\n    Properties:\n      # because of a\n      Rate: 5\n", "a"),
        part("Resources:\n  Api:\n    Properties:\n      # because of b\n      Rate: 5\n", "b"),
        part("Resources:\n  Api:\n    Properties:\n      # because of a\n      Rate: 5\n", "c"),
        part("Resources:\n  Api:\n    Properties:\n      Rate: 5\n", "d"),
    )
    reasons = {"a": ["a"], "b": ["b"], "c": ["a"], "d": [], "ab": ["a", "b"], "ac": ["a"]}
    for active, expected in reasons.items():
        lines = [line.strip() for line in rendered(template, *active).splitlines()]
        assert [line[-1] for line in lines if line.startswith("# because")] == expected
        assert lines.count("Rate: 5") == 1
