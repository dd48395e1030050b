"""A part of a template, fitted to a project that names its resources differently."""

from __future__ import annotations

import pytest

from scaffolder import fitting

ALARM = """\
Parameters:
  Topic:
    Type: String
Resources:
  # What it is for.
  ApiFunction:
    Properties:
      # Why.
      AutoPublishAlias: live
      DeploymentPreference:
        Alarms:
          - !Ref ApiFunctionErrorsAlarm
  ApiFunctionErrorsAlarm:
    Type: AWS::CloudWatch::Alarm
    DependsOn: [ApiFunction]
    Properties:
      AlarmDescription: ApiFunction fails
      Dimensions:
        - Name: FunctionName
          Value: !Ref ApiFunction
        - Name: Resource
          Value: !Sub ${ApiFunction}:live
Outputs:
  ApiFunctionAliasArn:
    Value: !Ref ApiFunction.Alias
"""

GLOBALS = """\
Globals:
  Function:
    Tracing: Active
  # For the API.
  Api:
    TracingEnabled: true
    GatewayResponses:
      THROTTLED:
        StatusCode: 429
  HttpApi:
    DefaultRouteSettings:
      ThrottlingBurstLimit: 1
"""


def test_our_names_become_theirs() -> None:
    assert (
        fitting.fitted(ALARM, {"ApiFunction": ["Hello"]})
        == """\
Parameters:
  Topic:
    Type: String
Resources:
  # What it is for.
  Hello:
    Properties:
      # Why.
      AutoPublishAlias: live
      DeploymentPreference:
        Alarms:
          - !Ref HelloErrorsAlarm
  HelloErrorsAlarm:
    Type: AWS::CloudWatch::Alarm
    DependsOn: [Hello]
    Properties:
      AlarmDescription: ApiFunction fails
      Dimensions:
        - Name: FunctionName
          Value: !Ref Hello
        - Name: Resource
          Value: !Sub ${Hello}:live
Outputs:
  HelloAliasArn:
    Value: !Ref Hello.Alias
"""
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("!Ref ApiFunction", "!Ref Hello"),
        ('!Ref "ApiFunction"', '!Ref "Hello"'),
        ("!GetAtt ApiFunction.Arn", "!GetAtt Hello.Arn"),
        ("!GetAtt [ApiFunction, Arn]", "!GetAtt [Hello, Arn]"),
        ("!GetAtt [ApiFunction, ApiFunction]", "!GetAtt [Hello, ApiFunction]"),
        (
            "!Sub ['${ApiFunction}', {V: '${ApiFunction}'}]",
            "!Sub ['${Hello}', {V: '${ApiFunction}'}]",
        ),
        ("{DependsOn: [Other, ApiFunction]}", "{DependsOn: [Other, Hello]}"),
        ("{Ref: ApiFunction}", "{Ref: Hello}"),
        ("{Fn::GetAtt: [ApiFunction, Arn]}", "{Fn::GetAtt: [Hello, Arn]}"),
        ("{Fn::Sub: 'a ${ApiFunction.Arn}'}", "{Fn::Sub: 'a ${Hello.Arn}'}"),
        ('!Sub "${ApiFunction} ${AWS::Region}"', '!Sub "${Hello} ${AWS::Region}"'),
        ("!Sub ['${ApiFunction}', {V: !Ref ApiFunction}]", "!Sub ['${Hello}', {V: !Ref Hello}]"),
        ("!If [ApiFunction, !Ref ApiFunction, x]", "!If [ApiFunction, !Ref Hello, x]"),
        ("!Ref ApiFunctionDeploymentGroup", "!Ref HelloDeploymentGroup"),
        ("!Ref Apifunction", "!Ref Apifunction"),
        ("!Sub ${!ApiFunction}", "!Sub ${!ApiFunction}"),
        ("ApiFunction", "ApiFunction"),
        ("'!Ref ApiFunction'", "'!Ref ApiFunction'"),
        ("x # !Ref ApiFunction", "x # !Ref ApiFunction"),
    ],
)
def test_only_references_are_renamed(ours: str, theirs: str) -> None:
    text = f"Resources:\n  ApiFunction:\n    Properties:\n      Some: {ours}\n"
    found = fitting.fitted(text, {"ApiFunction": ["Hello"]})
    assert found == f"Resources:\n  Hello:\n    Properties:\n      Some: {theirs}\n"


def test_what_belongs_to_a_role_is_written_for_each_player() -> None:
    found = fitting.fitted(ALARM, {"ApiFunction": ["One", "Two"]})
    assert [line for line in found.splitlines() if line.startswith("  ") and line[2] != " "] == [
        "  Topic:",
        "  # What it is for.",
        "  One:",
        "  Two:",
        "  OneErrorsAlarm:",
        "  TwoErrorsAlarm:",
        "  OneAliasArn:",
        "  TwoAliasArn:",
    ]
    assert found.count("# Why.") == 1
    assert "          Value: !Sub ${Two}:live\n" in found


def test_an_item_of_a_list_is_written_for_each_player() -> None:
    text = "Resources:\n  Query:\n    Groups:\n      - !Ref FunctionLogGroup\n      - other\n"
    found = fitting.fitted(text, {"FunctionLogGroup": ["A", "B"]})
    assert found.endswith("    Groups:\n      - !Ref A\n      - !Ref B\n      - other\n")


PERMISSION = """\
Conditions:
  HasInvoker: !Equals [a, b]
Resources:
  ApiFunctionPermission:
    Type: AWS::Lambda::Permission
    Condition: HasInvoker
    Properties:
      FunctionName: !Ref ApiFunction
"""


def test_what_refers_to_a_resource_with_a_condition_has_that_condition() -> None:
    roles = {"ApiFunction": ["One", "Two"]}
    found = fitting.fitted(ALARM, roles, conditions={"Two": "IsProd"})
    assert found.count("IsProd") == 2
    assert "  TwoErrorsAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Condition: IsProd\n" in found
    assert found.endswith("  TwoAliasArn:\n    Condition: IsProd\n    Value: !Ref Two.Alias\n")


def test_two_conditions_become_one_that_both_have_to_hold_for() -> None:
    roles = {"ApiFunction": ["One", "Two"]}
    found = fitting.fitted(PERMISSION, roles, conditions={"Two": "IsProd"})
    both = "  HasInvokerAndIsProd: !And [!Condition HasInvoker, !Condition IsProd]\n"
    assert found.startswith(f"Conditions:\n{both}  HasInvoker: ")
    assert (
        "  OnePermission:\n    Type: AWS::Lambda::Permission\n    Condition: HasInvoker\n" in found
    )
    assert found.count("    Condition: HasInvokerAndIsProd\n") == 1
    assert fitting.fitted(PERMISSION, {}, conditions={"Two": "IsProd"}) == ""


def test_two_conditions_of_theirs_are_joined_too() -> None:
    text = "Resources:\n  Thing:\n    Type: X\n    A: !Ref ApiFunction\n    B: !Ref StateMachine\n"
    roles = {"ApiFunction": ["One"], "StateMachine": ["Flow"]}
    found = fitting.fitted(text, roles, conditions={"One": "A", "Flow": "B"})
    assert "    Condition: AAndB\n" in found
    assert found.endswith("Conditions:\n  AAndB: !And [!Condition A, !Condition B]\n")


def test_an_item_of_a_list_is_there_only_if_its_resource_is() -> None:
    text = "Resources:\n  Query:\n    Type: X\n    Groups:\n      - !Ref FunctionLogGroup\n"
    roles = {"FunctionLogGroup": ["A", "B"]}
    found = fitting.fitted(text, roles, conditions={"B": "IsProd"})
    items = "      - !Ref A\n      - !If [IsProd, !Ref B, !Ref AWS::NoValue]\n"
    assert found.endswith(f"    Groups:\n{items}")
    assert "Condition:" not in found


def test_what_has_no_player_is_left_out() -> None:
    assert fitting.fitted(ALARM, {}) == ""
    assert fitting.fitted(ALARM, {"ApiFunction": []}) == ""


API = ["Function", "Api", "TracingEnabled"]


@pytest.mark.parametrize(
    ("roles", "left"),
    [
        ({}, ["Function"]),
        ({"HttpApi": ["H"]}, ["Function", "HttpApi"]),
        ({"Api": ["A"]}, API),
        ({"Api": ["A"], "InlineApi": ["A"]}, [*API, "GatewayResponses"]),
    ],
)
def test_globals_are_kept_for_what_is_there(roles: dict[str, list[str]], left: list[str]) -> None:
    found = fitting.fitted(GLOBALS, roles)
    keys = [line.strip().partition(":")[0] for line in found.splitlines()]
    names = {"Function", "Api", "HttpApi", "TracingEnabled", "GatewayResponses"}
    assert [key for key in keys if key in names] == left
    assert ("# For the API." in found) == ("Api" in roles)


def test_a_role_that_a_part_plays_itself_keeps_our_name() -> None:
    text = "Resources:\n  FunctionLogGroup:\n    Type: AWS::Logs::LogGroup\n"
    assert fitting.brings(text) == {"FunctionLogGroup"}
    assert fitting.speaks_of(text) == set()
    roles = {"FunctionLogGroup": ["Theirs"]}
    assert fitting.fitted(text, roles, {"FunctionLogGroup"}) == text


def test_the_roles_that_a_part_speaks_of() -> None:
    assert fitting.speaks_of(ALARM) == {"ApiFunction"}
    assert fitting.speaks_of(GLOBALS) == {"Api", "InlineApi", "HttpApi"}
    assert fitting.brings(ALARM) == set()


def test_the_longest_role_counts() -> None:
    assert fitting.role_of("ApiFunctionErrorsAlarm") == "ApiFunction"
    assert fitting.role_of("ApiKey") == "Api"
    assert fitting.role_of("Apix") is None
