from aws_lambda_powertools.utilities.feature_flags import AppConfigStore, FeatureFlags

flags = FeatureFlags(AppConfigStore(environment="prod", application="orders", name="flags"))


def handler(event, context):
    return flags.evaluate(name="accept_orders", default=True)
