"""The new name; a client of boto3 has always called it config."""

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

settings = Config(read_timeout=2)
secrets = SecretsProvider(boto_config=settings)
sqs = boto3.client("sqs", config=settings)


def handler(event, context):
    return secrets.get("token")
