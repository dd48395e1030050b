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
