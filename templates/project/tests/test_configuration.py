"""The flags that are about to be deployed are ones that AppConfig and the code understand."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_lambda_powertools.utilities.feature_flags.schema import SchemaValidator
from jsonschema import Draft4Validator

from orders import flags

TEMPLATE = Path(__file__).parent.parent / "config" / "template.yaml"


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as `!Ref`, as None."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def properties(logical_id: str) -> dict[str, Any]:
    """The properties of a resource in config/template.yaml."""
    template = yaml.load(TEMPLATE.read_text("utf-8"), Loader)  # noqa: S506, a safe loader underneath
    found: dict[str, Any] = template["Resources"][logical_id]["Properties"]
    return found


@pytest.fixture
def validator() -> Draft4Validator:
    """The validator that AppConfig applies."""
    schema = json.loads(properties("Flags")["Validators"][0]["Content"])
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def test_the_flags_pass_the_validator(validator: Draft4Validator) -> None:
    document = json.loads(properties("FlagsVersion")["Content"])
    validator.validate(document)
    SchemaValidator(document).validate()


def test_the_code_and_the_configuration_have_the_same_flags() -> None:
    assert json.loads(properties("FlagsVersion")["Content"]).keys() == flags.DEFAULTS.keys()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"accept_order": {"default": False}},
        {"accept_orders": False},
        {"accept_orders": {"default": "false"}},
        {"accept_orders": {"default": True, "rule": {}}},
    ],
)
def test_what_the_code_would_misread_does_not_pass(
    validator: Draft4Validator, document: dict[str, Any]
) -> None:
    assert not validator.is_valid(document)
