"""The site, built once for all tests."""

from __future__ import annotations

import pytest

from tests.site.built import Site, build


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    target = tmp_path_factory.mktemp("site")
    result = build(target)
    assert result.returncode == 0, result.stderr
    return Site.read(target)
