#!/usr/bin/env python3
"""An extension is a process of its own, and Lambda tells it when the environment ends."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension"


def register() -> str:
    """Ask for the events; the identifier that goes with every later call."""
    body = json.dumps({"events": ["INVOKE", "SHUTDOWN"]}).encode()
    headers = {"Lambda-Extension-Name": Path(__file__).name}
    with urlopen(Request(f"{API}/register", body, headers)) as response:
        return str(response.headers["Lambda-Extension-Identifier"])


def next_event(identifier: str) -> dict[str, Any]:
    """Wait for an event, without a time limit."""
    request = Request(f"{API}/event/next", headers={"Lambda-Extension-Identifier": identifier})
    with urlopen(request) as response:
        return dict(json.load(response))


if __name__ == "__main__":
    identifier = register()
    orders = 0
    while (event := next_event(identifier))["eventType"] == "INVOKE":
        orders += 1
    print(f"{orders} orders in this environment, end: {event['shutdownReason']}", flush=True)
