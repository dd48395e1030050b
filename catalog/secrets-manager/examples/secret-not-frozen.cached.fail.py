"""The cache keeps the first value for ever."""

from functools import lru_cache

from aws_lambda_powertools.utilities import parameters


@lru_cache(maxsize=1)
def token():
    return parameters.get_secret("token", max_age=300)


def handler(event, context):
    return {"authorization": token()}
