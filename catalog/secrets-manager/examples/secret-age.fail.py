"""A week in the cache."""

from aws_lambda_powertools.utilities import parameters


def handler(event, context):
    return parameters.get_secret("token", max_age=604800)
