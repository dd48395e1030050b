"""A permission without a source lets anybody's API invoke the function; a scoped one denies it.

Real: the permissions of translated templates, of generated projects, and of the samples, which are
linted too. Simulated: Lambda, which makes a policy statement of each permission, and IAM, whose
decision is computed from the statements as its reference describes. A principal of the own account
may also be allowed by a policy of its own; that is what the last test is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog.conftest import Project
from tests.bar import lint, translate
from tests.iam import Decision, Request, decide, resolved

ID = "lambda-resource-policy"
OWN, OTHER = "111122223333", "999999999999"
ORG, OTHER_ORG = "o-aaaaaaaaaa", "o-bbbbbbbbbb"
FUNCTION = f"arn:aws:lambda:ap-northeast-1:{OWN}:function:orders-api"
ALIAS = f"{FUNCTION}:live"
API = "apigateway.amazonaws.com"
EVENTS = f"arn:aws:execute-api:ap-northeast-1:{OWN}:abcdef1234"
ROUTE = f"{EVENTS}/prod/POST/orders"
ADMINISTRATOR = [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]

NAMES = {
    "AWS::Partition": "aws",
    "AWS::Region": "ap-northeast-1",
    "AWS::AccountId": OWN,
    "Api": "abcdef1234",
    "ApiId": "abcdef1234",
    "__ApiId__": "abcdef1234",
    "__Stage__": "*",
    "ApiFunction": FUNCTION,
    "ApiFunctionAliaslive": ALIAS,
    "Function": FUNCTION,
    "Function.Arn": FUNCTION,
    "InvokerAccountId": OTHER,
    "InvokerOrgId": ORG,
}

Make = Callable[..., Project]


def statements(template: Mapping[str, Any], **conditions: bool) -> Iterator[dict[str, Any]]:
    """What Lambda makes of the permissions of a template; a condition that is not given holds."""
    holds = {"HasInvoker": False, "HasInvokerOrg": False, **conditions}
    for resource in template["Resources"].values():
        if not holds.get(resource.get("Condition", ""), True):
            continue
        if resource["Type"] != "AWS::Lambda::Permission":
            continue
        properties = resolved(resource["Properties"], NAMES, holds)
        principal = properties["Principal"]
        is_service = principal.endswith(".amazonaws.com")
        yield {
            "Effect": "Allow",
            "Principal": {"Service" if is_service else "AWS": principal},
            "Action": properties["Action"],
            "Resource": properties["FunctionName"],
            "Condition": dict(_conditions(properties)),
        }


def _conditions(properties: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    if "SourceArn" in properties:
        yield "ArnLike", {"aws:SourceArn": properties["SourceArn"]}
    wanted = {"aws:SourceAccount": "SourceAccount", "aws:PrincipalOrgID": "PrincipalOrgID"}
    equal = {key: properties[name] for key, name in wanted.items() if name in properties}
    if equal:
        yield "StringEquals", equal


def asked(template: Mapping[str, Any], request: Request, **conditions: bool) -> Decision:
    """What the function's policy says of a request."""
    return decide([{"Statement": list(statements(template, **conditions))}], request)


def by_api(source: str = ROUTE, function: str = ALIAS) -> Request:
    """An invocation that API Gateway makes for one of its routes."""
    return Request("lambda:InvokeFunction", function, API, {"aws:SourceArn": source})


def by_account(account: str, org: str = ORG, function: str = ALIAS) -> Request:
    """An invocation by a role of an account."""
    role = f"arn:aws:iam::{account}:role/batch"
    return Request("lambda:InvokeFunction", function, role, {"aws:PrincipalOrgID": org})


def sample(name: str) -> dict[str, Any]:
    """A sample with its intrinsic functions in the long form; SAM changes nothing else in it."""
    return translate((Path(__file__).parent / "samples" / name).read_text(encoding="utf-8"))


FOREIGN = f"arn:aws:execute-api:us-east-1:{OTHER}:zzzzzzzzzz/prod/POST/orders"


def test_without_a_source_the_api_of_a_stranger_invokes_the_function() -> None:
    before = sample("before.yaml")
    assert asked(before, by_api(function=FUNCTION)) is Decision.allow
    assert asked(before, by_api(FOREIGN, FUNCTION)) is Decision.allow


def test_with_a_source_it_does_not() -> None:
    after = sample("after.yaml")
    assert asked(after, by_api(function=FUNCTION)) is Decision.allow
    assert asked(after, by_api(FOREIGN, FUNCTION)) is Decision.none


@pytest.mark.parametrize(
    "request_",
    [
        by_api(FOREIGN),
        by_api(f"arn:aws:execute-api:ap-northeast-1:{OWN}:zzzzzzzzzz/prod/POST/orders"),
        by_api(f"{EVENTS}/prod/GET/orders"),
        by_api(f"{EVENTS}/prod/POST/refunds"),
        Request("lambda:InvokeFunction", ALIAS, "s3.amazonaws.com", {"aws:SourceArn": ROUTE}),
        Request("lambda:UpdateFunctionCode", ALIAS, API, {"aws:SourceArn": ROUTE}),
        by_account(OTHER),
    ],
    ids=["stranger", "other-api", "other-method", "other-path", "service", "action", "account"],
)
def test_only_the_route_of_the_api_is_allowed(request_: Request, project: Make) -> None:
    template = project(ID).translated
    assert asked(template, by_api()) is Decision.allow
    assert asked(template, request_) is Decision.none


def test_what_is_not_published_cannot_be_invoked(project: Make) -> None:
    latest = by_api(function=FUNCTION)
    assert asked(project().translated, latest) is Decision.allow
    assert asked(project(ID).translated, latest) is Decision.none


def test_the_named_account_is_allowed_and_no_other(project: Make) -> None:
    template = project(ID).translated
    assert asked(template, by_account(OTHER), HasInvoker=True) is Decision.allow
    assert asked(template, by_account("123456789012"), HasInvoker=True) is Decision.none
    latest = by_account(OTHER, function=FUNCTION)
    assert asked(template, latest, HasInvoker=True) is Decision.none


def test_the_account_has_to_stay_in_the_organization(project: Make) -> None:
    template = project(ID).translated
    named = {"HasInvoker": True, "HasInvokerOrg": True}
    assert asked(template, by_account(OTHER), **named) is Decision.allow
    assert asked(template, by_account(OTHER, OTHER_ORG), **named) is Decision.none


def test_the_policy_is_the_same_with_gradual_deployments(project: Make) -> None:
    template = project(ID, "sam-deployment-preference").translated
    assert asked(template, by_api()) is Decision.allow
    assert asked(template, by_api(function=FUNCTION)) is Decision.none


def test_a_resource_policy_binds_the_own_account_too() -> None:
    administrator = by_account(OWN, function=FUNCTION)
    permissions = list(statements(sample("after.yaml")))
    assert decide([*ADMINISTRATOR, {"Statement": permissions}], administrator) is Decision.allow
    (policy,) = (
        resolved(r["Properties"]["PolicyDocument"], NAMES, {})
        for r in sample("resource-policy.yaml")["Resources"].values()
        if r["Type"] == "AWS::Lambda::ResourcePolicy"
    )
    assert decide([*ADMINISTRATOR, policy], administrator) is Decision.deny
    assert decide([policy], by_api(function=FUNCTION)) is Decision.allow
    assert decide([policy], by_api(FOREIGN, FUNCTION)) is Decision.deny


@pytest.mark.parametrize("name", ["before.yaml", "after.yaml", "resource-policy.yaml"])
def test_the_samples_are_valid(name: str) -> None:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
