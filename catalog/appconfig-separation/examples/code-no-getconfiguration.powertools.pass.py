from aws_lambda_powertools.utilities.feature_flags import AppConfigStore, FeatureFlags

flags = FeatureFlags(AppConfigStore("prod", "orders", "flags", max_age=60))


def handler(event, context):
    return flags.get_configuration()
