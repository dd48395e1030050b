"""The call is a subsegment with a name, a status and a duration. The answer stays out of it."""

import os
from typing import Any
from urllib.parse import urlsplit

import urllib3
from aws_lambda_powertools import Tracer
from aws_xray_sdk.core import xray_recorder

tracer = Tracer(patch_modules=["botocore"])
http = urllib3.PoolManager(timeout=5.0, retries=False)


@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    url = os.environ["DOWNSTREAM_URL"]
    with xray_recorder.in_subsegment(urlsplit(url).hostname, namespace="remote") as call:
        response = http.request("POST", url, body=event["body"])
        call.put_http_meta("status", response.status)
    return {"statusCode": response.status, "body": event["body"]}
