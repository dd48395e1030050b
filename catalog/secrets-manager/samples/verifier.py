"""The other side: how the downstream recognises the token, during a rotation too.

It accepts each version of the secret that has a staging label. AWSPENDING is the token that a
rotation tries, and AWSPREVIOUS the one that callers still have in their cache.
"""

import hmac
import time

import boto3

STAGES = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")
MAX_AGE = 300.0  # seconds
PAUSE = 5.0  # seconds between two readings, however many wrong tokens come in


class Verifier:
    """Knows the tokens that are valid."""

    def __init__(self, secret_arn: str) -> None:
        self._secret_arn = secret_arn
        self._client = boto3.client("secretsmanager")
        self._tokens: list[bytes] = []
        self._read_at = float("-inf")

    def accepts(self, token: str) -> bool:
        """Whether the token is valid; one that is not known makes it read the secret again."""
        age = time.monotonic() - self._read_at
        if age >= MAX_AGE or (age >= PAUSE and not self._knows(token)):
            self._read()
        return self._knows(token)

    def _knows(self, token: str) -> bool:
        # Unlike ==, compare_digest does not tell by its duration how much of a guess was right.
        return any(hmac.compare_digest(known, token.encode()) for known in self._tokens)

    def _read(self) -> None:
        tokens = []
        for stage in STAGES:
            try:
                answer = self._client.get_secret_value(
                    SecretId=self._secret_arn, VersionStage=stage
                )
            except self._client.exceptions.ResourceNotFoundException:
                continue
            tokens.append(answer["SecretString"].encode())
        self._tokens, self._read_at = tokens, time.monotonic()
