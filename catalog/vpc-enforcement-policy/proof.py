"""A member account can create and change functions only in the allowed VPC.

Without the policy, a function is created outside any VPC and talks to whom it likes. With the
generated service control policy it is refused; so is one in another VPC, and taking a function out
of its VPC. The right VPC is allowed, and an exempt role may do all of it. The functions of a
generated project pass if it has a network, and do not without one. The deck's single statement
decides alike, by a rule about absent keys; with `ForAnyValue` in place of `ForAllValues`
(`before.yaml`) a function without a VPC is let through.

Real: the generated `baseline/template.yaml`, the samples, cfn-lint, and the functions of generated
projects as the SAM translator gives them. Simulated: AWS. Intrinsics are resolved below, and the
policy is evaluated by IAM's documented rules for the operators used here: which hold when a key is
absent, and how `ForAllValues` and `ForAnyValue` go through values. That Lambda leaves the key out
of a request without subnets is what its documentation implies by its own policy for this.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.conftest import Project, _Intrinsics
from tests.bar import lint

ID = "vpc-enforcement-policy"
MANAGEMENT, MEMBER = "111111111111", "123456789012"
VPC, OTHER_VPC = "vpc-0a1b2c3d4e5f60718", "vpc-0fedcba9876543210"
ANSWERS = {
    "vpc_enforcement_policy_management_account": MANAGEMENT,
    "vpc_enforcement_policy_target_id": "ou-abcd-12345678",
    "vpc_enforcement_policy_vpc_ids": VPC,
}
DEVELOPER = f"arn:aws:iam::{MEMBER}:role/developer"
CREATE, UPDATE = "lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"

Make = Callable[..., Project]
Request = dict[str, list[str]]
"""Condition keys and their values; an absent key is not in it."""


def request(*vpcs: str, principal: str = DEVELOPER) -> Request:
    """What IAM knows of a request; without a VPC, `lambda:VpcIds` is absent."""
    context = {"aws:PrincipalArn": [principal]}
    return {**context, "lambda:VpcIds": list(vpcs)} if vpcs else context


def denied(policy: dict[str, Any], action: str, context: Request) -> bool:
    """Whether a statement of a policy denies an action; the rest is left to other policies."""
    return any(
        s["Effect"] == "Deny"
        and any(fnmatch.fnmatchcase(action, pattern) for pattern in listed(s["Action"]))
        and all(
            holds(operator, context.get(key), listed(wanted))
            for operator, keys in s.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
        for s in policy["Statement"]
    )


def holds(operator: str, values: list[str] | None, wanted: list[str]) -> bool:
    """One operator on one key. A negated one holds for an absent key, others do not."""
    if operator == "Null":
        return (values is None) is (wanted == ["true"])
    quantifier, _, plain = operator.rpartition(":")
    if quantifier == "ForAllValues":
        return all(_matches(plain, value, wanted) for value in values or [])
    if quantifier == "ForAnyValue":
        return any(_matches(plain, value, wanted) for value in values or [])
    if values is None:
        return "Not" in plain or plain.endswith("IfExists")
    assert len(values) == 1, "an operator without a quantifier is for a single value"
    return _matches(plain, values[0], wanted)


def _matches(operator: str, value: str, wanted: list[str]) -> bool:
    match operator.removesuffix("IfExists"):
        case "StringEquals":
            return value in wanted
        case "StringNotEquals":
            return value not in wanted
        case "ArnNotLike":
            return not any(fnmatch.fnmatchcase(value, pattern) for pattern in wanted)
    raise NotImplementedError(operator)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Stack:
    """A template as it is deployed in one account."""

    def __init__(self, template: dict[str, Any], account: str = MANAGEMENT, **given: str) -> None:
        self.template = template
        parameters = template.get("Parameters", {})
        self.refs: dict[str, Any] = {"AWS::AccountId": account}
        for name, parameter in parameters.items():
            value = given.get(name, parameter.get("Default"))
            is_list = parameter["Type"] == "CommaDelimitedList"
            self.refs[name] = value.split(",") if is_list else value

    def resolve(self, node: Any) -> Any:
        match node:
            case {"!Ref": "AWS::NoValue"}:
                return None
            case {"!Ref": str(name)}:
                return self.refs[name]
            case {"!Equals": [one, other]}:
                return self.resolve(one) == self.resolve(other)
            case {"!Not": [one]}:
                return not self.resolve(one)
            case {"!Join": [separator, values]}:
                return separator.join(self.resolve(values))
            case {"!If": [name, yes, no]}:
                return self.resolve(yes if self.holds(name) else no)
            case dict():
                resolved = {key: self.resolve(value) for key, value in node.items()}
                return {key: value for key, value in resolved.items() if value is not None}
            case list():
                return [self.resolve(value) for value in node]
        return node

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.resolve(self.template["Conditions"][condition]))

    def policies(self) -> list[dict[str, Any]]:
        """The properties of the policies that are made in this account."""
        return [
            self.resolve(r["Properties"])
            for r in self.template["Resources"].values()
            if r["Type"] == "AWS::Organizations::Policy" and self.holds(r.get("Condition"))
        ]


def policy_of(stack: Stack) -> dict[str, Any]:
    (made,) = stack.policies()
    assert made["Type"] == "SERVICE_CONTROL_POLICY"
    return dict(made["Content"])


@pytest.fixture
def policy(project: Make) -> dict[str, Any]:
    return policy_of(Stack(project(ID, **ANSWERS).baseline))


def sampled(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    return policy_of(Stack(yaml.load(text, _Intrinsics)))  # noqa: S506, a safe loader underneath


def deck(vpc: str) -> dict[str, Any]:
    """The policy of slide 46."""
    condition = {"ForAllValues:StringNotEquals": {"lambda:VpcIds": [vpc]}}
    statement = {"Action": [CREATE, UPDATE], "Effect": "Deny", "Resource": "*"}
    return {"Statement": [{**statement, "Condition": condition}]}


CASES = [((), True), ((OTHER_VPC,), True), ((VPC,), False)]
CASE_NAMES = ["no VPC", "another VPC", "the right VPC"]


@pytest.mark.parametrize("vpcs", [vpcs for vpcs, _ in CASES], ids=CASE_NAMES)
def test_without_it_every_function_is_allowed(vpcs: tuple[str, ...]) -> None:
    assert not denied({"Statement": []}, CREATE, request(*vpcs))


@pytest.mark.parametrize("action", [CREATE, UPDATE])
@pytest.mark.parametrize(("vpcs", "refused"), CASES, ids=CASE_NAMES)
def test_with_it_only_the_right_vpc_is_allowed(
    vpcs: tuple[str, ...], refused: bool, action: str, policy: dict[str, Any]
) -> None:
    assert denied(policy, action, request(*vpcs)) is refused


@pytest.mark.parametrize(("vpcs", "refused"), CASES, ids=CASE_NAMES)
def test_the_deck_decides_alike(vpcs: tuple[str, ...], refused: bool) -> None:
    assert denied(deck(VPC), CREATE, request(*vpcs)) is refused


@pytest.mark.parametrize(
    ("name", "action", "refused"),
    [
        ("before.yaml", CREATE, False),
        ("before.yaml", UPDATE, False),
        ("after.yaml", CREATE, True),
        ("after.yaml", UPDATE, True),
    ],
)
def test_for_any_value_lets_a_function_without_vpc_through(
    name: str, action: str, refused: bool
) -> None:
    sample = sampled(name)
    assert denied(sample, CREATE, request(OTHER_VPC))
    assert denied(sample, action, request()) is refused


def test_each_statement_has_a_job_of_its_own(policy: dict[str, Any]) -> None:
    by_sid = {s["Sid"]: {"Statement": [s]} for s in policy["Statement"]}
    assert denied(by_sid["DenyFunctionsWithoutVpc"], CREATE, request())
    assert not denied(by_sid["DenyFunctionsWithoutVpc"], CREATE, request(OTHER_VPC))
    assert denied(by_sid["DenyFunctionsInOtherVpcs"], CREATE, request(OTHER_VPC))


def test_other_actions_are_left_alone(policy: dict[str, Any]) -> None:
    for action in ("lambda:InvokeFunction", "lambda:UpdateFunctionCode", "s3:PutObject"):
        assert not denied(policy, action, request())


def test_several_vpcs_can_be_allowed(project: Make) -> None:
    several = {**ANSWERS, "vpc_enforcement_policy_vpc_ids": f"{VPC},{OTHER_VPC}"}
    policy = policy_of(Stack(project(ID, **several).baseline))
    assert [denied(policy, CREATE, request(v)) for v in (VPC, OTHER_VPC)] == [False, False]
    assert denied(policy, CREATE, request("vpc-0000000000000000f"))


def test_exempt_roles_are_left_alone_and_nobody_else(project: Make) -> None:
    exempt = "arn:aws:iam::*:role/network-admin"
    stack = Stack(project(ID, **ANSWERS).baseline, VpcPolicyExemptRoleArns=exempt)
    admin = f"arn:aws:iam::{MEMBER}:role/network-admin"
    for vpcs in ((), (OTHER_VPC,)):
        assert not denied(policy_of(stack), UPDATE, request(*vpcs, principal=admin))
        assert denied(policy_of(stack), UPDATE, request(*vpcs))


def test_the_policy_is_made_in_the_management_account_only(project: Make) -> None:
    template = project(ID, **ANSWERS).baseline
    assert len(Stack(template, MANAGEMENT).policies()) == 1
    assert Stack(template, MEMBER).policies() == []
    assert template["Outputs"]["FunctionVpcPolicyId"]["Condition"] == "InManagementAccount"


def test_it_is_attached_to_what_was_answered(project: Make) -> None:
    (made,) = Stack(project(ID, **ANSWERS).baseline).policies()
    assert made["TargetIds"] == ["ou-abcd-12345678"]


@pytest.mark.parametrize(
    ("safeguards", "refused"),
    [((), True), (("vpc-endpoints",), False), (("vpc-lambda-nat",), False)],
)
def test_the_functions_of_a_project_pass_if_it_has_a_network(
    safeguards: tuple[str, ...], refused: bool, project: Make, policy: dict[str, Any]
) -> None:
    made = project(ID, "sqs-buffering", "sam-deployment-preference", *safeguards, **ANSWERS)
    functions = made.resources("AWS::Lambda::Function")
    assert len(functions) >= 3
    for function in functions.values():
        subnets = function["Properties"].get("VpcConfig", {}).get("SubnetIds", [])
        assert denied(policy, CREATE, request(VPC) if subnets else request()) is refused
