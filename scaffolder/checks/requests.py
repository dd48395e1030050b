"""Which names in code speak of a request: an event, a caller, what they sent."""

from __future__ import annotations

import re

_REQUEST = re.compile(
    r"(?:.*_)?"
    r"(?:event|context|request|req|record|message|body|payload|headers|claims|identity|principal"
    r"|session|caller|tenant|user|customer)"
    r"(?:_(?:id|ids|name|key|email|data|info|sub|arn))?"
)


def is_request_name(name: str) -> bool:
    """Whether a parameter of this name is taken for data of one request."""
    return _REQUEST.fullmatch(name.lower()) is not None
