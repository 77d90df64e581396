"""People who prepare a lesson."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.documents import events, files
from app.documents.models import Document
from tests.conftest import SignIn
from tests.factories import accounts, live


@pytest.fixture
def assistant(app: Flask) -> User:
    """Wang assists in `lesson`."""
    return accounts.user("assistant", "王助教")


@pytest.fixture
def lesson(teacher: User, assistant: User) -> live.LiveSession:
    """A scheduled lesson with an assistant."""
    return live.lesson(teacher, assistants=(assistant,))


@pytest.fixture
def browser(sign_in: SignIn, assistant: User) -> FlaskClient:
    """The assistant's browser."""
    return sign_in(assistant)


@pytest.fixture(autouse=True)
def _clean(app: Flask) -> Iterator[None]:
    yield
    shutil.rmtree(files.root(), ignore_errors=True)


@pytest.fixture
def told(app: Flask) -> Iterator[list[str]]:
    """Ids of the documents in the signals so far."""
    heard: list[str] = []

    def hear(document: Document) -> None:
        heard.append(document.id)

    with events.changed.connected_to(hear):
        yield heard
