"""The token that tells the downstream who is calling, read from Secrets Manager."""

import os
from functools import cache

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

# Seconds that a token is used before it is read again. A rotated token stays valid much longer.
MAX_AGE = 300

# At most 1.5 s: with the 7 s of a delivery, and 1 s before it, below the function's timeout.
_CONFIG = Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 1})


@cache
def _secrets() -> SecretsProvider:
    """The provider; made on first use, because only then there has to be a Region."""
    return SecretsProvider(boto_config=_CONFIG)


def token(*, fresh: bool = False) -> str:
    """The token; `fresh` reads it again, whatever its age.

    Raises GetParameterError if Secrets Manager does not give it.
    """
    value = _secrets().get(os.environ["TOKEN_SECRET_ARN"], max_age=MAX_AGE, force_fetch=fresh)
    # A token that was put in by hand may end in a line break.
    return str(value).strip()


def authorization(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
