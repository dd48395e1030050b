"""Only the handler is in the trace: the X-Ray SDK does not see the calls of urllib3 2.

And by default, what the handler returns is stored in the trace.
"""

import os
from typing import Any

import urllib3
from aws_lambda_powertools import Tracer

tracer = Tracer()
http = urllib3.PoolManager(timeout=5.0, retries=False)


@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    response = http.request("POST", os.environ["DOWNSTREAM_URL"], body=event["body"])
    return {"statusCode": response.status, "body": event["body"]}
