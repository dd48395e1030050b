"""The predicates about layers."""

from __future__ import annotations

import textwrap

import pytest

from tests.checks.support import predicate

INSIGHTS = "arn:aws:lambda:ap-northeast-1:580247275435:layer:LambdaInsightsExtension"
POLICY = "CloudWatchLambdaInsightsExecutionRolePolicy"


def outcomes(name: str, properties: str, more: str = "", **options: str) -> list[str]:
    """What a predicate says of the layers of a function with these properties."""
    text = (
        "Parameters:\n  Unset: {Type: String}\nResources:\n"
        "  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        + textwrap.indent(textwrap.dedent(properties).strip("\n"), " " * 6)
        + "\n"
        + textwrap.indent(textwrap.dedent(more).strip("\n"), "  ")
        + "\n"
    )
    return [found.outcome.value for found in predicate(name, text, **options)]


@pytest.mark.parametrize(
    ("properties", "more", "expected"),
    [
        (f"Layers: ['{INSIGHTS}:1']\nPolicies: [{POLICY}]", "", ["pass"]),
        (f"Layers: ['{INSIGHTS}:1']\nPolicies: {POLICY}", "", ["pass"]),
        (
            f"Layers: ['{INSIGHTS}:1']\nPolicies: [!Sub 'arn:x:iam::aws:policy/{POLICY}']",
            "",
            ["pass"],
        ),
        (f"Layers: ['{INSIGHTS}:1']\nPolicies: [SQSPollerPolicy: {{QueueName: q}}]", "", ["fail"]),
        (f"Layers: ['{INSIGHTS}:1']", "", ["fail"]),
        (f"Layers: ['{INSIGHTS}:1']\nPolicies: [!Ref Unset]", "", ["unknown"]),
        (
            f"Layers: ['{INSIGHTS}:1']\nRole: !GetAtt Role.Arn\nPolicies: [{POLICY}]",
            "",
            ["unknown"],
        ),
        (
            f"Layers: ['{INSIGHTS}:1']\nRole: !GetAtt Role.Arn",
            f"Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: [a/{POLICY}]}}}}",
            ["pass"],
        ),
        (
            f"Layers: ['{INSIGHTS}:1']\nRole: !GetAtt Role.Arn\nPolicies: [{POLICY}]",
            "Role: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [a/Other]}}",
            ["fail"],
        ),
        ("Layers: ['arn:aws:lambda:a-b-1:123456789012:layer:Own:1']", "", []),
        ("Layers: !Ref Unset", "", []),
        ("Description: none", "", []),
    ],
)
def test_a_layer_with_the_policy_that_it_needs(
    properties: str, more: str, expected: list[str]
) -> None:
    found = outcomes(
        "layer_has_policy", properties, more, layer=":layer:LambdaInsightsExtension", policy=POLICY
    )
    assert found == expected


@pytest.mark.parametrize(
    ("architecture", "layer", "expected"),
    [
        ("arm64", f"{INSIGHTS}-Arm64:1", ["pass"]),
        ("arm64", f"{INSIGHTS}:1", ["fail"]),
        ("x86_64", f"{INSIGHTS}:1", ["pass"]),
        ("x86_64", f"{INSIGHTS}-Arm64:1", ["fail"]),
        ("arm64", "arn:aws:lambda:a-b-1:1:layer:aws-otel-collector-amd64-ver-0-80-0:1", ["fail"]),
        ("arm64", "arn:aws:lambda:a-b-1:1:layer:PowertoolsPythonV3-python314-arm64:1", ["pass"]),
        ("arm64", "arn:aws:lambda:a-b-1:1:layer:Charm64Bit:1", []),
        ("arm64", "arn:aws:lambda:a-b-1:1:layer:Own:1", []),
    ],
)
def test_a_layers_name_says_what_it_is_built_for(
    architecture: str, layer: str, expected: list[str]
) -> None:
    properties = f"Architectures: [{architecture}]\nLayers: ['{layer}']"
    assert outcomes("layers_fit_architecture", properties) == expected


def test_the_name_is_enough_where_the_region_is_not_known() -> None:
    layer = INSIGHTS.replace("ap-northeast-1", "${AWS::Region}")
    properties = f"Architectures: [arm64]\nLayers: [!Sub '{layer}:1']"
    assert outcomes("layers_fit_architecture", properties) == ["fail"]


@pytest.mark.parametrize(
    ("function", "layer", "expected"),
    [
        ("Architectures: [arm64]", "[arm64]", ["pass"]),
        ("Architectures: [arm64]", "[x86_64]", ["fail"]),
        ("Architectures: [arm64]", "[x86_64, arm64]", ["pass"]),
        ("Description: x86_64 by default", "[x86_64]", ["pass"]),
        ("Architectures: [!Ref Unset]", "[x86_64]", ["unknown"]),
        ("Architectures: !Ref Unset", "[x86_64]", ["unknown"]),
        ("Architectures: [arm64]", "[!Ref Unset]", ["unknown"]),
        ("Architectures: [arm64]", "!Ref Unset", ["unknown"]),
    ],
)
def test_a_layer_of_the_template_says_it_itself(
    function: str, layer: str, expected: list[str]
) -> None:
    more = (
        "Own:\n  Type: AWS::Serverless::LayerVersion\n"
        f"  Properties:\n    ContentUri: own/\n    CompatibleArchitectures: {layer}"
    )
    properties = f"{function}\nLayers: [!Ref Own]"
    assert outcomes("layers_fit_architecture", properties, more) == expected


def test_a_layer_of_the_template_may_leave_it_open() -> None:
    more = "Own: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: own/}}"
    assert outcomes("layers_fit_architecture", "Layers: [!Ref Own]", more) == []


def test_layers_of_two_regions_cannot_both_be_right() -> None:
    other = INSIGHTS.replace("ap-northeast-1", "us-east-1")
    own = "arn:aws:lambda:ap-northeast-1:123456789012:layer:Own:3"
    properties = f"Layers: ['{INSIGHTS}:1', '{own}', '{other}:1', !Ref Unset]"
    assert outcomes("layers_in_one_region", properties) == ["pass", "pass", "fail"]
