"""Sends an order, and comes back later when the API answers 429.

API Gateway refuses with 429 before any code runs, so sending again cannot make a second order.
Other failures may have come after the order was taken; they are not repeated here.
"""

import random
import time

import urllib3

ATTEMPTS = 8
LONGEST_JITTER = 16.0  # seconds

_http = urllib3.PoolManager(retries=False, timeout=30.0)


class NotTaken(Exception):
    """The API did not take the order, and trying again now would not help."""


def send(url: str, api_key: str, order: dict[str, object]) -> None:
    """Send one order; raises NotTaken."""
    for attempt in range(1, ATTEMPTS + 1):
        response = _http.request("POST", url, json=order, headers={"x-api-key": api_key})
        if response.status < 300:
            return
        retry_after = response.headers.get("Retry-After")
        # This API names a time when it throttles, and none when the key's quota is used up.
        if response.status != 429 or retry_after is None or attempt == ATTEMPTS:
            raise NotTaken(f"the API answered {response.status} to attempt {attempt}")
        time.sleep(pause(attempt, float(retry_after)))


def pause(attempt: int, at_least: float) -> float:
    """Seconds to wait: what the API asks for, and a random part that doubles its range.

    Without the random part, all callers that were refused together would come back together.
    """
    return at_least + random.uniform(0, min(LONGEST_JITTER, 2.0**attempt))  # noqa: S311, no secret
