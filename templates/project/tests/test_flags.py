"""Flags are read from AppConfig, kept for a while, and survive an AppConfig that fails."""

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import base
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.response import StreamingBody
from botocore.stub import Stubber

from orders import api, flags, switch
from orders.order import Order
from tests.conftest import ORDER, api_event

SESSION = {
    "ApplicationIdentifier": "orders",
    "EnvironmentIdentifier": "prod",
    "ConfigurationProfileIdentifier": "flags",
}


class AppConfig:
    """AppConfig's data API, as far as the code may call it and in this order, and the time."""

    def __init__(self, stub: Stubber) -> None:
        self.stub = stub
        self.seconds = 0.0

    def begins(self) -> None:
        """Expect a new session."""
        answer = {"InitialConfigurationToken": "first"}
        self.stub.add_response("start_configuration_session", answer, SESSION)

    def gives(self, document: object, token: str) -> None:
        """Expect that the flags are asked for; None means that they have not changed."""
        text = b"" if document is None else json.dumps(document).encode()
        answer = {
            "NextPollConfigurationToken": "next",
            "Configuration": StreamingBody(io.BytesIO(text), len(text)),
        }
        asked = {"ConfigurationToken": token}
        self.stub.add_response("get_latest_configuration", answer, asked)

    def fails(self, operation: str, error: str) -> None:
        """Expect a call that fails."""
        self.stub.add_client_error(operation, error)


@pytest.fixture
def app_config(monkeypatch: pytest.MonkeyPatch) -> Iterator[AppConfig]:
    client = boto3.Session("test", "test", region_name="ap-northeast-1").client("appconfigdata")
    monkeypatch.setattr(boto3, "client", lambda name, **options: client)
    monkeypatch.setenv("CONFIG_APPLICATION", "orders")
    monkeypatch.setenv("CONFIG_ENVIRONMENT", "prod")
    flags._flags.cache_clear()
    with Stubber(client) as stub:
        state = AppConfig(stub)

        class Now(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime(2026, 11, 23) + timedelta(seconds=state.seconds)

        monkeypatch.setattr(base, "datetime", Now)
        monkeypatch.setattr("orders.flags.monotonic", lambda: 1000 + state.seconds)
        yield state
        stub.assert_no_pending_responses()
    flags._flags.cache_clear()


def accept(value: object) -> dict[str, Any]:
    """The flags with this value of `accept_orders`."""
    return {"accept_orders": {"default": value}}


def test_a_change_is_seen_after_the_cached_flags_expired_and_not_before(
    app_config: AppConfig,
) -> None:
    app_config.begins()
    app_config.gives(accept(True), "first")
    assert flags.enabled("accept_orders")
    app_config.seconds = flags.RETRY - 1
    assert flags.enabled("accept_orders")
    app_config.seconds = flags.RETRY + 1
    app_config.gives(accept(False), "next")
    assert not flags.enabled("accept_orders")


def test_no_change_is_no_failure(app_config: AppConfig) -> None:
    app_config.begins()
    app_config.gives(accept(False), "first")
    assert not flags.enabled("accept_orders")
    app_config.seconds = flags.RETRY + 1
    app_config.gives(None, "next")
    assert not flags.enabled("accept_orders")


@pytest.mark.parametrize("error", ["AccessDeniedException", "InternalServerException"])
def test_without_any_flags_orders_are_taken_and_appconfig_is_not_pressed(
    app_config: AppConfig, error: str
) -> None:
    app_config.fails("start_configuration_session", error)
    assert flags.enabled("accept_orders")
    assert flags.enabled("accept_orders")
    app_config.seconds = flags.RETRY + 1
    app_config.begins()
    app_config.gives(accept(False), "first")
    assert not flags.enabled("accept_orders")


def test_when_appconfig_fails_the_flags_from_before_hold(app_config: AppConfig) -> None:
    app_config.begins()
    app_config.gives(accept(False), "first")
    assert not flags.enabled("accept_orders")
    app_config.seconds = flags.RETRY + 1
    app_config.fails("get_latest_configuration", "BadRequestException")
    assert not flags.enabled("accept_orders")
    app_config.seconds = 2 * flags.RETRY + 2
    app_config.begins()
    app_config.gives(accept(True), "first")
    assert flags.enabled("accept_orders")


def test_flags_that_are_none_do_not_replace_good_ones(app_config: AppConfig) -> None:
    app_config.begins()
    app_config.gives(accept(False), "first")
    assert not flags.enabled("accept_orders")
    app_config.seconds = flags.RETRY + 1
    app_config.gives({"accept_orders": "yes"}, "next")
    assert not flags.enabled("accept_orders")


def test_where_there_is_no_appconfig_the_defaults_hold() -> None:
    assert flags.enabled("accept_orders")


def test_while_orders_are_off_a_proper_order_is_turned_away(
    submitted: list[Order], monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    monkeypatch.setattr(flags, "enabled", lambda flag: flag != "accept_orders")
    response = api.handler(api_event(ORDER), context)
    assert response["statusCode"] == HTTPStatus.SERVICE_UNAVAILABLE
    assert response["multiValueHeaders"]["Retry-After"] == [str(switch.RETRY_AFTER)]
    assert submitted == []


def test_while_orders_are_off_what_is_no_order_is_refused_as_always(
    monkeypatch: pytest.MonkeyPatch, context: LambdaContext
) -> None:
    monkeypatch.setattr(flags, "enabled", lambda flag: False)
    assert api.handler(api_event({}), context)["statusCode"] == HTTPStatus.BAD_REQUEST
