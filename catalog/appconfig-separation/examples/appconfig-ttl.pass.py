"""Reads its flags again once a minute, and knows what to do without them."""

from aws_lambda_powertools.utilities.feature_flags import AppConfigStore, FeatureFlags

_flags = FeatureFlags(
    AppConfigStore(application="orders", environment="prod", name="flags", max_age=60)
)


def accepts_orders() -> bool:
    """Whether orders are taken; they are, if AppConfig cannot be reached."""
    return bool(_flags.evaluate(name="accept_orders", default=True))
