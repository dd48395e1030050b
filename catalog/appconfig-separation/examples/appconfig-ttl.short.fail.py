from aws_lambda_powertools.utilities import parameters


def handler(event, context):
    return parameters.get_app_config(name="flags", environment="prod", max_age=5)
