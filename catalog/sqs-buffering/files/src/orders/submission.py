"""Submits an order by putting it on the queue; a worker delivers it later."""

import json
import os
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from orders.downstream import DownstreamError
from orders.order import Order

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

STATUS = HTTPStatus.ACCEPTED

# Two attempts of at most 4 s: below the function's timeout, so that the caller gets an answer.
_CONFIG = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}
)


@cache
def _sqs() -> "SQSClient":
    """The client; made on first use, because only then there has to be a Region."""
    return boto3.client("sqs", config=_CONFIG)


def submit(order: Order) -> None:
    """Queue the order; raises DownstreamError if the queue did not take it."""
    try:
        _sqs().send_message(
            QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(order.as_dict())
        )
    except (BotoCoreError, ClientError) as error:
        raise DownstreamError("the queue did not take the order") from error
