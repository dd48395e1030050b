"""A body outside the model is refused before the function runs, and one that API Gateway does
not look at, because of its content type, is refused by the code.

Real: the API definition, translated from generated projects, with its validator, model and answer;
the generated handler with its middleware and Powertools; all samples. Simulated: API Gateway's
check, as JSON Schema draft 4 applied to the definition by the documented rule that a content type
without a model is not validated. The downstream is a list.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.middlewares.schema_validation import (
    SchemaValidationMiddleware,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from jsonschema import Draft4Validator

from catalog.conftest import Project
from tests.bar import lint, translate

ID = "apigw-request-validation"
ORDER = {"customer_id": "c-1", "sku": "tea-100", "quantity": 2}
BAD = [{**ORDER, "sku": "x" * 100_000}, {**ORDER, "quantity": True}, {**ORDER, "price": 0}]
"""The base takes all three for orders."""

Make = Callable[..., Project]
Code = Callable[[Project, str], ModuleType]
Sample = Callable[[str], ModuleType]
Function = Callable[[dict[str, Any]], dict[str, Any]]


class Gateway:
    """API Gateway in front of `POST /orders`, set up as a translated template says."""

    def __init__(self, template: dict[str, Any], function: Function) -> None:
        apis = [
            r["Properties"]["Body"]
            for r in template["Resources"].values()
            if r["Type"] == "AWS::ApiGateway::RestApi"
        ]
        self.definition = apis[0]
        self.method = self.definition["paths"]["/orders"]["post"]
        self.function = function
        self.runs = 0

    def call(self, body: object, content_type: str = "application/json") -> dict[str, Any]:
        """The answer to one call."""
        text = json.dumps(body)
        model = self.model(content_type)
        if model is not None and not Draft4Validator(model).is_valid(json.loads(text)):
            answers = self.definition["x-amazon-apigateway-gateway-responses"]
            answer = answers["BAD_REQUEST_BODY"]
            return {
                "statusCode": int(answer["statusCode"]),
                "body": answer["responseTemplates"]["application/json"],
            }
        self.runs += 1
        return self.function(event(text, content_type))

    def model(self, content_type: str) -> dict[str, Any] | None:
        """The schema that a body of this type is held to, if there is one and a validator."""
        validators = self.definition.get("x-amazon-apigateway-request-validators", {})
        name = self.method.get("x-amazon-apigateway-request-validator")
        if not validators.get(name, {}).get("validateRequestBody"):
            return None
        content = self.method["requestBody"]["content"].get(content_type)
        if content is None:
            return None
        reference: str = content["schema"]["$ref"]
        found: dict[str, Any] = self.definition["components"]["schemas"][reference.split("/")[-1]]
        return found


def event(body: str, content_type: str) -> dict[str, Any]:
    """A `POST /orders` as API Gateway passes it to a function."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": content_type},
        "multiValueHeaders": {"Content-Type": [content_type]},
        "queryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"requestId": "r-1", "stage": "prod"},
        "body": body,
        "isBase64Encoded": False,
    }


@pytest.fixture
def deploy(code: Code, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Gateway, list[Any]]]:
    """A project's template with a project's code behind it, and what the downstream got."""

    def make(template: Project, source: Project | None = None) -> tuple[Gateway, list[Any]]:
        api = code(source or template, "orders.api")
        orders: list[Any] = []
        monkeypatch.setattr(api.submission, "submit", orders.append)
        return Gateway(template.translated, lambda e: api.handler(e, LambdaContext())), orders

    return make


Deploy = Callable[..., tuple[Gateway, list[Any]]]


@pytest.mark.parametrize("bad", BAD, ids=["long", "boolean", "further field"])
def test_without_it_the_function_runs_and_the_downstream_gets_it(
    project: Make, deploy: Deploy, bad: dict[str, Any]
) -> None:
    gateway, orders = deploy(project())
    assert gateway.call(bad)["statusCode"] == 201
    assert (gateway.runs, len(orders)) == (1, 1)


@pytest.mark.parametrize("bad", BAD, ids=["long", "boolean", "further field"])
def test_with_it_the_answer_is_400_and_the_function_never_runs(
    project: Make, deploy: Deploy, bad: dict[str, Any]
) -> None:
    gateway, orders = deploy(project(ID))
    answer = gateway.call(bad)
    assert answer["statusCode"] == 400
    assert (gateway.runs, orders) == (0, [])
    assert json.loads(answer["body"]) == {"message": "The body is not valid"}


def test_with_it_an_order_is_still_taken(project: Make, deploy: Deploy) -> None:
    gateway, orders = deploy(project(ID))
    assert gateway.call(ORDER)["statusCode"] == 201
    assert len(orders) == 1


@pytest.mark.parametrize("bad", BAD, ids=["long", "boolean", "further field"])
def test_the_model_alone_is_passed_by_with_another_content_type(
    project: Make, deploy: Deploy, bad: dict[str, Any]
) -> None:
    gateway, orders = deploy(project(ID), project())
    assert gateway.call(bad)["statusCode"] == 400
    assert gateway.call(bad, "text/plain")["statusCode"] == 201
    assert (gateway.runs, len(orders)) == (1, 1)


@pytest.mark.parametrize("body", [*BAD, ORDER], ids=["long", "boolean", "further field", "valid"])
def test_with_it_the_code_refuses_another_content_type(
    project: Make, deploy: Deploy, body: dict[str, Any]
) -> None:
    gateway, orders = deploy(project(ID))
    assert gateway.call(body, "text/plain")["statusCode"] == 400
    assert (gateway.runs, orders) == (1, [])


@pytest.mark.parametrize("bad", BAD, ids=["long", "boolean", "further field"])
def test_the_code_refuses_it_even_if_no_gateway_has_looked(
    project: Make, deploy: Deploy, bad: dict[str, Any]
) -> None:
    gateway, orders = deploy(project(), project(ID))
    assert gateway.call(bad)["statusCode"] == 400
    assert (gateway.runs, orders) == (1, [])


def test_the_definition_has_a_closed_model_for_json_and_nothing_else(project: Make) -> None:
    gateway = Gateway(project(ID).translated, dict)
    assert list(gateway.method["requestBody"]["content"]) == ["application/json"]
    assert gateway.method["requestBody"]["required"] is True
    # SAM writes the model's name in lower case.
    assert list(gateway.definition["components"]["schemas"]) == ["order"]
    model = gateway.model("application/json")
    assert model is not None
    Draft4Validator.check_schema(model)
    assert model["additionalProperties"] is False


def test_powertools_own_middleware_would_send_the_body_back() -> None:
    schema = {"type": "object", "properties": {"sku": {"maxLength": 8}}}
    app = APIGatewayRestResolver()
    app.use(middlewares=[SchemaValidationMiddleware(inbound_schema=schema)])
    app.post("/orders")(lambda: {})
    body = json.dumps({"sku": "my-secret-value"})
    answer = app.resolve(event(body, "application/json"), LambdaContext())
    assert answer["statusCode"] == 400
    assert "my-secret-value" in answer["body"]


def test_the_generated_middleware_does_not(project: Make, code: Code) -> None:
    api = code(project(ID), "orders.api")
    body = json.dumps({**ORDER, "sku": "my-secret-value" * 5})
    answer = api.handler(event(body, "application/json"), LambdaContext())
    assert answer["statusCode"] == 400
    assert "my-secret-value" not in json.dumps(answer)


def test_the_samples_take_and_refuse_text(sample: Sample) -> None:
    text = event(json.dumps({"sku": "x" * 100_000, "quantity": -1}), "text/plain")
    assert sample("before.py").handler(text, LambdaContext())["statusCode"] == 201
    assert sample("after.py").handler(text, LambdaContext())["statusCode"] == 400
    order = event(json.dumps({"sku": "tea-100", "quantity": 2}), "application/json")
    assert sample("after.py").handler(order, LambdaContext())["statusCode"] == 201
    long = event(json.dumps({"sku": "x" * 65, "quantity": 2}), "application/json")
    assert sample("after.py").handler(long, LambdaContext())["statusCode"] == 400


@pytest.mark.parametrize(("name", "validates"), [("before.yaml", False), ("after.yaml", True)])
def test_the_sample_templates_are_valid_and_only_one_validates(name: str, validates: bool) -> None:
    text = (Path(__file__).parent / "samples" / name).read_text(encoding="utf-8")
    assert lint(text) == []
    gateway = Gateway(translate(text), dict)
    assert (gateway.model("application/json") is not None) == validates
