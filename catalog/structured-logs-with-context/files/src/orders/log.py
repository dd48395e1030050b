"""The service's logger: one JSON object a line, with the context of the request."""

import os

from aws_lambda_powertools import Logger

logger = Logger(
    # Lambda takes a line's level only if its timestamp is in this format.
    use_rfc3339=True,
    # During a gradual deployment two versions write to the same log.
    function_version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION"),
)
