"""Functions in a VPC: what is in a nested stack of the project is seen, and no guess is made."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from scaffolder.checks.evaluate import Found
from scaffolder.checks.nested import MAX_DEPTH, Placed, placed
from scaffolder.checks.network import endpoint_services
from scaffolder.checks.outcome import Reason
from scaffolder.checks.predicates import template_predicate
from scaffolder.checks.reading import read
from scaffolder.checks.template import Template, View

APP = """
Resources:
  Network:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: HERE
  Api:
    Type: AWS::Serverless::Function
    Properties:
      VpcConfig:
        SubnetIds: [!GetAtt Network.Outputs.A, !GetAtt Network.Outputs.B]
        SecurityGroupIds: [!GetAtt Network.Outputs.Group]
      Policies:
        - SQSSendMessagePolicy: {QueueName: orders}
"""
NETWORK = """
Resources:
  SubnetA:
    Type: AWS::EC2::Subnet
    Properties: {AvailabilityZone: !Select [0, !GetAZs ""]}
  SubnetB:
    Type: AWS::EC2::Subnet
    Properties: {AvailabilityZone: !Select [1, !GetAZs ""]}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupEgress: [{IpProtocol: tcp, CidrIp: 10.0.0.10/32}]
  Sqs:
    Type: AWS::EC2::VPCEndpoint
    Properties: {ServiceName: !Sub "com.amazonaws.${AWS::Region}.sqs"}
Outputs:
  A: {Value: !Ref SubnetA}
  B: {Value: !Ref SubnetB}
  Group: {Value: !GetAtt Group.GroupId}
"""
PREDICATES = [
    "endpoint_for_used_service",
    "function_sg_egress",
    "function_sg_no_ingress",
    "functions_span_zones",
]


def app(folder: Path, network: str = NETWORK, url: str = "network/template.yaml") -> View:
    """An application's template with a network beside it."""
    (folder / "network").mkdir(exist_ok=True)
    (folder / "network" / "template.yaml").write_text(textwrap.dedent(network), encoding="utf-8")
    (folder / "template.yaml").write_text(APP.replace("HERE", url), encoding="utf-8")
    return Template(read(folder / "template.yaml")).views[0]


def found(name: str, view: View, **options: Any) -> list[Found]:
    return list(template_predicate(name)(view, **options))


def outcomes(name: str, view: View) -> set[str]:
    return {one.outcome.value for one in found(name, view)}


@pytest.mark.parametrize("name", PREDICATES)
def test_a_nested_stack_of_the_project_is_looked_into(name: str, tmp_path: Path) -> None:
    assert outcomes(name, app(tmp_path)) == {"pass"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("endpoint_for_used_service", "}.sqs", "}.sns"),
        ("function_sg_egress", "10.0.0.10/32", "0.0.0.0/0"),
        ("functions_span_zones", "!Select [1", "!Select [0"),
        ("function_sg_no_ingress", "SecurityGroupEgress", "SecurityGroupIngress"),
    ],
)
def test_what_is_wrong_there_is_found(name: str, old: str, new: str, tmp_path: Path) -> None:
    assert old in NETWORK
    (one,) = found(name, app(tmp_path, NETWORK.replace(old, new)))
    assert one.outcome.value == "fail"
    assert one.resource == "Api"
    assert one.location[:2] == ("Resources", "Api")


@pytest.mark.parametrize(
    "url", ["https://s3.amazonaws.com/bucket/key", "nothing.yaml", "network", "!Ref Url"]
)
def test_a_stack_that_is_not_there_is_unknown(url: str, tmp_path: Path) -> None:
    view = app(tmp_path, url=url)
    assert outcomes("function_sg_egress", view) == {"unknown"}
    assert outcomes("endpoint_for_used_service", view) == {"unknown"}


@pytest.mark.parametrize("broken", ["Resources: [", "[]", "Outputs: {}"])
def test_a_template_that_cannot_be_read_is_unknown(broken: str, tmp_path: Path) -> None:
    assert outcomes("function_sg_egress", app(tmp_path, broken)) == {"unknown"}


def test_an_output_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    view = app(tmp_path, NETWORK.replace("  Group: {Value", "  Other: {Value"))
    assert outcomes("function_sg_egress", view) == {"unknown"}


def test_two_subnets_from_elsewhere_are_two(tmp_path: Path) -> None:
    view = app(tmp_path, url="https://s3.amazonaws.com/bucket/key")
    assert outcomes("functions_span_zones", view) == {"pass"}


def test_a_stack_that_contains_itself_comes_to_an_end(tmp_path: Path) -> None:
    view = app(tmp_path, url="template.yaml")
    value = view.resources["Api"]["Properties"]["VpcConfig"]["SecurityGroupIds"][0]
    assert isinstance(placed(view, value, "AWS::EC2::SecurityGroup"), Reason)
    assert endpoint_services(view) == set()
    assert MAX_DEPTH < 10


def test_stacks_in_stacks_are_followed(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(textwrap.dedent(NETWORK), encoding="utf-8")
    outer = """
    Resources:
      Inner:
        Type: AWS::CloudFormation::Stack
        Properties: {TemplateURL: ../inner.yaml}
    Outputs:
      A: {Value: !GetAtt Inner.Outputs.A}
      B: {Value: !GetAtt Inner.Outputs.B}
      Group: {Value: !GetAtt Inner.Outputs.Group}
    """
    view = app(tmp_path, outer)
    value = view.resources["Api"]["Properties"]["VpcConfig"]["SecurityGroupIds"][0]
    group = placed(view, value, "AWS::EC2::SecurityGroup")
    assert isinstance(group, Placed) and group.name == "Group"
    assert outcomes("function_sg_egress", view) == {"pass"}


def test_a_block_that_a_resource_tells_is_no_error(tmp_path: Path) -> None:
    told = NETWORK.replace("CidrIp: 10.0.0.10/32", "CidrIp: !GetAtt Vpc.CidrBlock")
    assert outcomes("function_sg_egress", app(tmp_path, told)) == {"pass"}


def test_exempt_services_need_no_endpoint(tmp_path: Path) -> None:
    view = app(tmp_path, NETWORK.replace("}.sqs", "}.sns"))
    (one,) = found("endpoint_for_used_service", view, exempt=["sqs"])
    assert one.outcome.value == "pass"
