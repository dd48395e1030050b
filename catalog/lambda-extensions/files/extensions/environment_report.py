#!/usr/bin/env python3
"""A Lambda extension that reports the end of each execution environment.

It writes one line of JSON to the function's log: why the environment ended, after how many
invocations and how many seconds. It runs beside the function, in the Python that is there.
"""

import http.client
import json
import os
import time
from pathlib import Path
from typing import Any


class ExtensionsApi:
    """Lambda's Extensions API, as far as it is needed here."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._identifier = ""

    def register(self, name: str) -> dict[str, Any]:
        """Ask for all events, and learn what the function is called.

        `name` is the file name of this extension; Lambda takes no other.
        """
        body = json.dumps({"events": ["INVOKE", "SHUTDOWN"]})
        response, answer = self._call("POST", "register", {"Lambda-Extension-Name": name}, body)
        self._identifier = response.headers["Lambda-Extension-Identifier"]
        return answer

    def next_event(self) -> dict[str, Any]:
        """Wait for the next event. By this call Lambda knows that we are done with the last."""
        headers = {"Lambda-Extension-Identifier": self._identifier}
        return self._call("GET", "event/next", headers)[1]

    def _call(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> tuple[http.client.HTTPResponse, dict[str, Any]]:
        # Without a time limit: the next event may come hours later.
        connection = http.client.HTTPConnection(self._address)
        try:
            connection.request(method, f"/2020-01-01/extension/{path}", body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise RuntimeError(f"Lambda answered {response.status} to {path}: {text}")
        return response, json.loads(text)


def main() -> None:
    """Count invocations until the environment ends, then report."""
    # The wall clock: between invocations the environment is frozen.
    started = time.time()
    api = ExtensionsApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    function = api.register(Path(__file__).name)
    invocations = 0
    while (event := api.next_event())["eventType"] == "INVOKE":
        invocations += 1
    report = {
        "level": "INFO",
        "message": "environment ended",
        "reason": event["shutdownReason"],
        "invocations": invocations,
        "seconds": round(time.time() - started, 1),
        "function_name": function["functionName"],
        "function_version": function["functionVersion"],
    }
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
