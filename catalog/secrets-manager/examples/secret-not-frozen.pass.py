"""The secret is read when it is needed; Powertools caches it for a while."""

from functools import cache

import boto3
from aws_lambda_powertools.utilities import parameters


@cache
def client():
    return boto3.client("sqs")


def handler(event, context):
    return {"authorization": parameters.get_secret("token", max_age=300)}
