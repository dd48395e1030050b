"""Asks all suppliers at once, and answers with the lowest price that came in time."""

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import urllib3

DEADLINE = 1.0
"""Seconds for all calls together; well below the function's timeout."""

# Made once: later invocations use the same connections. No retries, each would wait again.
_http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=0.3, read=0.6), retries=False)


class NoOffer(Exception):
    """There is no offer: none from this supplier, or none in time from any."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The lowest price that came in time; raises NoOffer."""
    urls = event["suppliers"]
    threads = ThreadPoolExecutor(max(1, len(urls)))
    calls = [threads.submit(_ask, url) for url in urls]
    # The limits of the client are per read, so a supplier that drips could outlast them.
    done, _ = wait(calls, timeout=DEADLINE)
    threads.shutdown(wait=False, cancel_futures=True)
    offers = [call.result() for call in done if call.exception() is None]
    if not offers:
        raise NoOffer("no supplier answered in time")
    return min(offers, key=lambda offer: offer["price"])


def _ask(url: str) -> dict[str, Any]:
    response = _http.request("GET", url)
    if response.status != 200:
        raise NoOffer(f"{url} answered {response.status}")
    offer: dict[str, Any] = response.json()
    return offer
