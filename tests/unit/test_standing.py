"""What is in the user's template before something is added to it."""

from __future__ import annotations

import pytest

from scaffolder import standing
from scaffolder.standing import Contradiction

THEIRS = """\
Globals:
  Function:
    Tracing: Active
    Layers: [!Ref Layer]
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      LoggingConfig:
        LogFormat: Text
  RestApi:
    Type: AWS::Serverless::Api
    Properties:
      MethodSettings:
        - {ResourcePath: /*, HttpMethod: "*", LoggingLevel: INFO}
  Other:
    Type: AWS::Serverless::StateMachine
    Properties:
      LoggingConfig: {LogFormat: Text}
"""


def settings(path: str, burst: int = 1) -> str:
    return f"""\
Globals:
  Api:
    MethodSettings:
      - ResourcePath: {path}
        HttpMethod: "*"
        ThrottlingBurstLimit: {burst}
"""


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ("Globals: {Function: {Tracing: Active}}", ["/Globals/Function/Tracing"]),
        ("Globals: {Function: {Tracing: PassThrough}}", []),
        ("Globals: {Function: {Layers: [!Ref Layer]}}", ["/Globals/Function/Layers"]),
        ("Globals: {Function: {Layers: [!Ref Other]}}", []),
        ("Resources: {Hello: {Type: 'AWS::Serverless::Function'}}", ["/Resources/Hello/Type"]),
        ("Resources: {New: {Type: 'AWS::Serverless::Function'}}", []),
        ("Globals: {Function: {Tracing: 'a/b~c'}}", []),
        ("", []),
    ],
)
def test_what_was_there_before(new: str, found: list[str]) -> None:
    assert standing.found_before("", new, THEIRS) == found


def test_what_we_had_put_there_is_not_theirs() -> None:
    part = "Globals: {Function: {Tracing: Active}}"
    assert standing.found_before(part, part, THEIRS) == []


def test_true_is_not_one() -> None:
    assert standing.found_before("", "A: {B: 1}", "A: {B: true}") == []


def test_pointers_lead_back() -> None:
    place = ("A", "application/json", "x~y")
    assert standing.pointer(place) == "/A/application~1json/x~0y"
    assert standing.location(standing.pointer(place)) == place


def test_whether_a_part_has_a_place() -> None:
    assert standing.holds("A: {b/c: 1}", "/A/b~1c")
    assert not standing.holds("A: {b: 1}", "/A/c")


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (
            "Globals: {Function: {LoggingConfig: {LogFormat: JSON}}}",
            [Contradiction(10, "Hello", "LoggingConfig.LogFormat")],
        ),
        ("Globals: {Function: {LoggingConfig: {LogFormat: Text}}}", []),
        ("Globals: {Function: {LoggingConfig: {LogGroup: x}}}", []),
        ("Globals: {Function: {Tracing: Disabled}}", []),
        (settings("/*"), [Contradiction(14, "RestApi", "MethodSettings")]),
        (settings("/orders"), []),
        ("Resources: {Hello: {Properties: {LoggingConfig: {LogFormat: JSON}}}}", []),
        ("", []),
    ],
)
def test_contradictions(new: str, found: list[Contradiction]) -> None:
    assert standing.contradictions(new, THEIRS) == found


def test_a_list_in_globals_must_not_say_one_thing_twice() -> None:
    theirs = settings("/*", 5)
    assert standing.contradictions(settings("/*"), theirs) == [
        Contradiction(3, "Globals", "Api.MethodSettings")
    ]
    assert standing.contradictions(settings("/*", 5), theirs) == []


@pytest.mark.parametrize(
    ("own", "moves"),
    [
        ("{ResourcePath: /*, HttpMethod: '*', LoggingLevel: INFO}", True),
        ("{ResourcePath: /*, HttpMethod: '*', ThrottlingBurstLimit: 1, LoggingLevel: INFO}", True),
        ("{ResourcePath: /*, HttpMethod: '*', ThrottlingBurstLimit: 5}", False),
        ("{ResourcePath: /*, HttpMethod: '*', ThrottlingBurstLimit: 1}", False),
        ("{ResourcePath: /orders, HttpMethod: '*', LoggingLevel: INFO}", False),
        ("{ResourcePath: /*, LoggingLevel: INFO}", False),
        ("!Ref Settings", False),
    ],
)
def test_what_can_be_part_of_a_member_of_theirs_moves_to_the_resource(
    own: str, moves: bool
) -> None:
    theirs = THEIRS.replace('{ResourcePath: /*, HttpMethod: "*", LoggingLevel: INFO}', own)
    assert theirs != THEIRS
    found = standing.to_move(settings("/*"), theirs)
    assert found == (["/Globals/Api/MethodSettings"] if moves else [])


SEVERAL = """\
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: PassThrough
      LoggingConfig: {LogFormat: Text}
  Two:
    Type: AWS::Serverless::Function
"""


def test_one_of_several_may_have_its_own_setting() -> None:
    new = "Globals: {Function: {Tracing: Active}}"
    assert standing.contradictions(new, SEVERAL) == []
    assert standing.exceptions(new, SEVERAL) == [Contradiction(5, "One", "Tracing")]
    both = SEVERAL.replace("  Two:", "  Two:\n    Properties: {Tracing: !Ref Mode}")
    assert len(standing.contradictions(new, both)) == 2
    assert standing.exceptions(new, both) == []


def test_half_a_setting_of_each_would_make_no_sense() -> None:
    new = "Globals: {Function: {LoggingConfig: {LogFormat: JSON, SystemLogLevel: INFO}}}"
    assert standing.contradictions(new, SEVERAL) == [
        Contradiction(6, "One", "LoggingConfig.LogFormat")
    ]
    assert standing.exceptions(new, SEVERAL) == []


def test_in_globals_ours_joins_a_member_of_theirs() -> None:
    theirs = settings("/*").replace("ThrottlingBurstLimit: 1", "LoggingLevel: INFO")
    assert standing.contradictions(settings("/*"), theirs) == []
    assert standing.to_move(settings("/*"), theirs) == []


def test_what_stands_where_answers_go() -> None:
    part = """\
Globals:
  Function:
    Tracing: answer-mode
    MemorySize: answer-memory
Resources:
  Hello:
    Properties:
      LoggingConfig:
        LogFormat: answer-format
  Other:
    Properties:
      LoggingConfig:
        LogFormat: answer-format
        Level: answer-level
  RestApi:
    Properties:
      MethodSettings: answer-none
      Fixed: live
"""
    theirs = THEIRS.replace("{LogFormat: Text}", "{LogFormat: JSON, Level: 5}")
    found = standing.values(part, theirs)
    assert found.pop("none")
    assert found == {"mode": ["Active"], "format": ["Text", "JSON"], "level": [5]}
