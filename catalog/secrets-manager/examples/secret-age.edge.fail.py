"""One second more than a day."""

from aws_lambda_powertools.utilities.parameters import get_secret


def handler(event, context):
    return get_secret("token", transform="json", max_age=86401)
