"""An address outside the allowed ranges is denied, and nobody is without the policy.

Real: the policies of translated templates, of generated projects and of both samples. Simulated:
IAM, whose decision is computed from the policy as its reference describes, and what API Gateway
puts into a request: the caller's address, and for a private API the endpoint that it came through.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.conftest import Project
from tests.bar import translate
from tests.iam import Decision, Request, decide, resolved

ID = "apigw-resource-policy"
OFFICE, OFFICE_V6 = "203.0.113.9", "2001:db8::9"
ELSEWHERE = ["203.0.114.9", "198.51.100.7", "10.0.0.7", "2001:db9::9"]
ENDPOINT = "vpce-0a1b2c3d4e5f60718"

Make = Callable[..., Project]


def called(
    template: dict[str, Any], source: str = "", endpoint: str = "", private: bool = False
) -> bool:
    """Whether a call of `POST /orders` without credentials gets through."""
    (api,) = (
        r["Properties"]
        for r in template["Resources"].values()
        if r["Type"] == "AWS::ApiGateway::RestApi"
    )
    policy = api["Body"].get("x-amazon-apigateway-policy")
    if policy is None:
        # Without a policy, a method without an authorizer is open to everybody.
        return True
    names = {"AWS::NoValue": "", "Stage": "prod"}
    document = resolved(policy, names, {"IsPrivate": private})
    keys = {"aws:SourceIp": source, "aws:SourceVpce": endpoint}
    context = {key: value for key, value in keys.items() if value}
    request = Request("execute-api:Invoke", "execute-api:/prod/POST/orders", "", context)
    return decide([document], request) is Decision.allow


@pytest.mark.parametrize("source", [OFFICE, *ELSEWHERE])
def test_without_it_everybody_can_call(source: str, project: Make) -> None:
    assert called(project().translated, source)


def test_with_it_only_the_allowed_addresses_can(project: Make) -> None:
    template = project(ID, apigw_resource_policy_allowed_cidrs="203.0.113.0/24,2001:db8::/32")
    allowed = {s for s in [OFFICE, OFFICE_V6, *ELSEWHERE] if called(template.translated, s)}
    assert allowed == {OFFICE, OFFICE_V6}


def test_nothing_is_open_until_somebody_says_to_whom(project: Make) -> None:
    # The range of the default is set aside for documentation: nobody has these addresses.
    assert not any(called(project(ID).translated, s) for s in ELSEWHERE)


def test_with_endpoints_the_api_is_private_and_only_they_get_through(project: Make) -> None:
    made = project(ID, apigw_resource_policy_allowed_vpc_endpoints=f"{ENDPOINT},vpce-0f")
    (api,) = made.resources("AWS::ApiGateway::RestApi").values()
    for is_private, kind in [(True, "PRIVATE"), (False, "REGIONAL")]:
        types = api["Properties"]["EndpointConfiguration"]["Types"]
        assert resolved(types, {}, {"IsPrivate": is_private}) == [kind]
    for endpoint in (ENDPOINT, "vpce-0f"):
        assert called(made.translated, endpoint=endpoint, private=True)
    assert not called(made.translated, endpoint="vpce-99", private=True)
    # With the address of the caller inside its VPC, too.
    assert not called(made.translated, "10.0.0.7", "vpce-99", private=True)


def test_the_policy_has_the_endpoints_only_if_the_api_is_private(project: Make) -> None:
    (api,) = project(ID).resources("AWS::ApiGateway::RestApi").values()
    policy = api["Properties"]["Body"]["x-amazon-apigateway-policy"]
    assert "aws:SourceVpce" not in str(resolved(policy, {}, {"IsPrivate": False}))
    assert "aws:SourceVpce" in str(resolved(policy, {}, {"IsPrivate": True}))


def test_a_changed_list_is_a_new_deployment(project: Make) -> None:
    """API Gateway takes a policy over only when the API is deployed again."""
    lists = ("203.0.113.0/24", "198.51.100.0/24")
    made = [project(ID, apigw_resource_policy_allowed_cidrs=cidrs) for cidrs in lists]
    deployments = {name for m in made for name in m.resources("AWS::ApiGateway::Deployment")}
    assert len(deployments) == 2


def test_it_goes_with_an_api_key(project: Make) -> None:
    made = project(ID, "apigw-throttling")
    (api,) = made.resources("AWS::ApiGateway::RestApi").values()
    assert "api_key" in str(api["Properties"]["Body"]["paths"]["/orders"]["post"]["security"])
    assert not called(made.translated, ELSEWHERE[0])


@pytest.mark.parametrize(("name", "open_to"), [("before.yaml", 6), ("after.yaml", 1)])
def test_the_samples(name: str, open_to: int) -> None:
    path = Path(__file__).parent / "samples" / name
    template = translate(path.read_text(encoding="utf-8"))
    sources = [OFFICE, OFFICE_V6, *ELSEWHERE]
    assert sum(called(template, source) for source in sources) == open_to
