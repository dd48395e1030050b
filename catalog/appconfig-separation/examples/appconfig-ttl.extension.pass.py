from aws_lambda_powertools.utilities.feature_flags import AppConfigStore, FeatureFlags

flags = FeatureFlags(AppConfigStore("prod", "orders", "flags", use_extension=True))


def handler(event, context):
    return flags.evaluate(name="accept_orders", default=True)
