"""Only bodies that the schema describes reach a route, and the template says the same."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders import api, submission, validation
from orders.log import logger
from orders.order import Order
from tests.conftest import ORDER, api_event

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
SENT = "sent-by-the-caller"


class Loader(yaml.SafeLoader):
    """Reads a CloudFormation template; intrinsics such as !Ref become None."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


@pytest.mark.parametrize(
    "body",
    [
        {**ORDER, "price": 0},
        {**ORDER, "sku": "x" * 65},
        {**ORDER, "customer_id": ""},
        {**ORDER, "quantity": True},
        {**ORDER, "quantity": "2"},
        {**ORDER, "quantity": 1001},
        {"sku": "tea-100", "quantity": 2},
        [],
        "null",
        "",
        "not json",
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_body_outside_the_schema_is_refused(
    body: object, submitted: list[Order], context: LambdaContext
) -> None:
    assert api.handler(api_event(body), context)["statusCode"] == HTTPStatus.BAD_REQUEST
    assert submitted == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/jsonx", "application/xml", ""])
def test_another_content_type_is_refused(
    content_type: str, submitted: list[Order], context: LambdaContext
) -> None:
    event = api_event(ORDER, content_type)
    assert api.handler(event, context)["statusCode"] == HTTPStatus.BAD_REQUEST
    assert submitted == []


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_taken_however_it_is_spelt(
    content_type: str, submitted: list[Order], context: LambdaContext
) -> None:
    event = api_event(ORDER, content_type)
    assert api.handler(event, context)["statusCode"] == submission.STATUS
    assert len(submitted) == 1


def test_a_request_without_headers_is_refused(
    submitted: list[Order], context: LambdaContext
) -> None:
    event = {**api_event(ORDER), "headers": None, "multiValueHeaders": None}
    assert api.handler(event, context)["statusCode"] == HTTPStatus.BAD_REQUEST
    assert submitted == []


@pytest.mark.parametrize(
    "body", [{**ORDER, SENT: 1}, {**ORDER, "sku": SENT * 4}, '{"sku": ' + SENT]
)
def test_what_was_sent_comes_back_neither_in_the_answer_nor_in_the_log(
    body: object, monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    logged: list[object] = []
    monkeypatch.setattr(logger, "info", lambda *a, **k: logged.extend([a, k]))
    response = api.handler(api_event(body), context)
    assert response["statusCode"] == HTTPStatus.BAD_REQUEST
    assert SENT not in json.dumps(response)
    assert SENT not in str(logged)


def test_the_answer_says_which_field_and_which_rule(context: LambdaContext) -> None:
    response = api.handler(api_event({**ORDER, "quantity": 1001}), context)
    assert json.loads(response["body"])["message"] == "The body is not valid (quantity: maximum)."


def test_a_route_without_a_schema_takes_no_body(context: LambdaContext) -> None:
    elsewhere = {**api_event(ORDER), "path": "/elsewhere", "resource": "/elsewhere"}
    assert api.handler(elsewhere, context)["statusCode"] == HTTPStatus.BAD_REQUEST
    without = {**elsewhere, "httpMethod": "GET", "body": None}
    assert api.handler(without, context)["statusCode"] == HTTPStatus.NOT_FOUND


def test_the_template_and_the_code_have_one_schema() -> None:
    in_code = {name: value for name, value in validation.ORDER.items() if name != "$schema"}
    assert properties("Api")["Models"]["Order"] == in_code


def test_every_route_with_a_body_has_its_model_in_the_template() -> None:
    events = [event["Properties"] for event in properties("ApiFunction")["Events"].values()]
    validated = [e for e in events if e.get("RequestModel", {}).get("ValidateBody")]
    assert {(e["Method"], e["Path"]) for e in validated} == set(validation.BODIES)


def properties(resource: str) -> dict[str, Any]:
    """The properties of one resource in the template."""
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader)  # noqa: S506, a SafeLoader
    found: dict[str, Any] = template["Resources"][resource]["Properties"]
    return found
