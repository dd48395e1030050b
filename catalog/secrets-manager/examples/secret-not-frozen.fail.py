"""The secret is read when the module is imported."""

from aws_lambda_powertools.utilities import parameters

TOKEN = parameters.get_secret("token")


def handler(event, context):
    return {"authorization": TOKEN}
