"""Sends an order and takes the first answer for the last: every 429 is a lost order."""

import urllib3

_http = urllib3.PoolManager(retries=False, timeout=30.0)


def send(url: str, api_key: str, order: dict[str, object]) -> bool:
    """Whether the API took the order."""
    response = _http.request("POST", url, json=order, headers={"x-api-key": api_key})
    return response.status < 300
