"""The API calls the downstream while the caller waits. What it refuses is gone."""

import os
from typing import Any

import urllib3

http = urllib3.PoolManager(timeout=5.0, retries=False)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    response = http.request("POST", os.environ["DOWNSTREAM_URL"], body=event["body"])
    if response.status >= 400:
        return {"statusCode": 502, "body": "The order was not taken."}
    return {"statusCode": 201, "body": ""}
