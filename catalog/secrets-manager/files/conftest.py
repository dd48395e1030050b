"""For all tests: the token for the downstream is given, so that none of them asks AWS for it."""

import pytest

from orders import credential


@pytest.fixture(autouse=True)
def given_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that any fake downstream takes. Tests of the token itself replace this fixture."""
    monkeypatch.setattr(credential, "token", lambda *, fresh=False: "token-of-the-tests")
