"""The service's tracer: it records handlers, calls of AWS services, and calls through urllib3.

Outside Lambda, as in tests, Powertools switches it off: nothing is recorded or sent.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import wrapt
from aws_lambda_powertools import Tracer
from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.ext.util import inject_trace_header
from urllib3 import BaseHTTPResponse, PoolManager

tracer = Tracer(patch_modules=["botocore"])


# The X-Ray SDK hooks into a method of `http.client` that urllib3 has not called since version 2.
@wrapt.patch_function_wrapper("urllib3", "PoolManager.urlopen")
def record_call(
    urlopen: Callable[..., BaseHTTPResponse],
    pool: PoolManager,
    arguments: tuple[str, str],
    options: dict[str, Any],
) -> BaseHTTPResponse:
    """Make a call a subsegment, and pass the trace on to the server in a header."""
    if not global_sdk_config.sdk_enabled():
        return urlopen(*arguments, **options)
    method, url = arguments
    to = urlsplit(url)
    with xray_recorder.in_subsegment(to.hostname, namespace="remote") as call:
        if call is None:  # There is no trace that it could be part of.
            return urlopen(method, url, **options)
        call.put_http_meta("method", method)
        # Without the user and the query, which may hold a secret.
        call.put_http_meta("url", f"{to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}")
        headers = dict(options.pop("headers", None) or pool.headers)
        inject_trace_header(headers, call)
        response = urlopen(method, url, headers=headers, **options)
        call.put_http_meta("status", response.status)
        return response
