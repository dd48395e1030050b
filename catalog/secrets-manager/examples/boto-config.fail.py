"""The old name of the argument."""

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

secrets = SecretsProvider(config=Config(read_timeout=2))


def handler(event, context):
    return secrets.get("token")
