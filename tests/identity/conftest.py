"""The provider, and academies beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.identity.academy import Academy, Opener, free_port, provider


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """Address of a provider that runs during the tests of this room."""
    with free_port() as port:
        pass
    with provider(port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def open_academy(app: Flask, issuer: str) -> Iterator[Opener]:
    """Makes academies beside the provider, or beside another one: open_academy(OIDC_NAME="…")."""
    opened: list[Academy] = []

    def opener(**settings: object) -> Academy:
        opened.append(Academy(app, str(settings.pop("issuer", issuer)), settings))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def _academy(_app: Flask, issuer: str) -> Iterator[Academy]:
    one = Academy(_app, issuer, {})
    yield one
    one.close()


@pytest.fixture
def academy(app: Flask, _academy: Academy) -> Academy:
    """The app beside the provider, as it is without further settings. Only what it knows of the provider stays."""
    return _academy
