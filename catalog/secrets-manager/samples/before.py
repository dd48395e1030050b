"""Sends an order with a token that is in the code: everybody who can read the repository has it."""

import urllib3

TOKEN = "tk-5f2c8a17d94e4b06"

_http = urllib3.PoolManager(retries=False, timeout=5.0)


def send(url: str, order: dict[str, object]) -> int:
    """The status that the downstream answers."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return _http.request("POST", url, json=order, headers=headers).status
