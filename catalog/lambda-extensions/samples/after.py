#!/usr/bin/env python3
"""An extension is a process of its own, and Lambda tells it when the environment ends."""

import http.client
import json
import os
from pathlib import Path
from typing import Any

API = os.environ["AWS_LAMBDA_RUNTIME_API"]


def call(method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[str, Any]:
    """The extension's identifier, and the answer. There is no time limit: events take theirs."""
    connection = http.client.HTTPConnection(API)
    connection.request(method, f"/2020-01-01/extension/{path}", body, headers)
    response = connection.getresponse()
    return response.headers["Lambda-Extension-Identifier"], json.load(response)


if __name__ == "__main__":
    events = json.dumps({"events": ["INVOKE", "SHUTDOWN"]})
    name = Path(__file__).name  # Lambda refuses any other.
    identifier, _ = call("POST", "register", {"Lambda-Extension-Name": name}, events)
    orders = 0
    while True:
        _, event = call("GET", "event/next", {"Lambda-Extension-Identifier": identifier})
        if event["eventType"] == "SHUTDOWN":
            break
        orders += 1
    print(f"{orders} orders in this environment, end: {event['shutdownReason']}", flush=True)
