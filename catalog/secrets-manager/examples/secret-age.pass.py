"""At most a day, and something else that may be old."""

from aws_lambda_powertools.utilities import parameters


def handler(event, context):
    parameters.get_parameter("limits", max_age=604800)
    parameters.get_secret("login", max_age=86400)
    return parameters.get_secret("token", max_age=300)
