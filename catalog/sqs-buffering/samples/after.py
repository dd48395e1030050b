"""The API answers once the order is queued. A worker delivers it; what fails stays queued."""

import os
from typing import Any

import boto3
import urllib3
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

sqs = boto3.client("sqs")
http = urllib3.PoolManager(timeout=5.0, retries=False)
processor = BatchProcessor(event_type=EventType.SQS)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=event["body"])
    return {"statusCode": 202, "body": ""}


def deliver(record: SQSRecord) -> None:
    response = http.request("POST", os.environ["DOWNSTREAM_URL"], body=record.body)
    if response.status >= 400:
        raise RuntimeError(f"the downstream answered {response.status}")


def worker(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, deliver, processor, context)
