"""Sends an order with a token from Secrets Manager, which may be replaced at any time."""

import os

import urllib3
from aws_lambda_powertools.utilities import parameters

MAX_AGE = 300  # seconds

_http = urllib3.PoolManager(retries=False, timeout=5.0)


def send(url: str, order: dict[str, object]) -> int:
    """The status that the downstream answers."""
    status = _attempt(url, order, token())
    if status == 401:
        # The token in the cache is no longer good: read it again, once.
        status = _attempt(url, order, token(fresh=True))
    return status


def token(fresh: bool = False) -> str:
    """The token; asks Secrets Manager every 5 minutes, or at once."""
    secret = os.environ["TOKEN_SECRET_ARN"]
    return parameters.get_secret(secret, max_age=MAX_AGE, force_fetch=fresh)


def _attempt(url: str, order: dict[str, object], token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return _http.request("POST", url, json=order, headers=headers).status
