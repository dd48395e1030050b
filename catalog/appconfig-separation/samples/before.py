"""Reads its settings once, when it starts, and believes whatever they say."""

import json

import boto3

_client = boto3.client("appconfigdata")
_session = _client.start_configuration_session(
    ApplicationIdentifier="orders",
    EnvironmentIdentifier="prod",
    ConfigurationProfileIdentifier="flags",
)
_answer = _client.get_latest_configuration(ConfigurationToken=_session["InitialConfigurationToken"])
SETTINGS = json.loads(_answer["Configuration"].read())


def accepts_orders() -> bool:
    """Whether orders are taken."""
    return SETTINGS["accept_orders"]["default"]
