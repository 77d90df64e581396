"""The app under test, its database and the cast.

The database is SQLite, or PostgreSQL with TEST_DATABASE=postgresql. The migrations make it, as in real life, and it is
emptied after each test.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextvars import Context
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings
from sqlalchemy import Table, insert, select, text
from werkzeug.test import TestResponse

from app import create_app
from app.accounts import hashing
from app.accounts.models import User
from app.extensions import Base, db, limiter
from app.kernel import clock, storage
from app.kernel.bus import bus
from app.kernel.permissions import Permission
from app.roles.services import found
from app.units.models import Unit
from tests import audit_triggers, postgres
from tests.factories import accounts, live, roles, units
from tests.postman import Postman, Use, listening

ROOT = Path(__file__).parents[1]

WORKER_SECRET = "the-worker's-secret"

# Each run tries the same examples, so that a change fails by a fault of its own only. `make search` tries others.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With PostgreSQL, leave out each test that asks for no database, or judges nothing of it: it has run already."""
    if os.environ.get("TEST_DATABASE") == "postgresql":
        asking = [
            item
            for item in items
            if "database_url" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("one_database")
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(asking)])
        items[:] = asking


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty database of the kind under test."""
    kind = os.environ.get("TEST_DATABASE", "sqlite")
    if kind == "postgresql":
        with postgres.cluster() as url:
            yield url
    else:
        yield f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.sqlite3'}"


@pytest.fixture(scope="session")
def _app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("data")
    app = create_app(
        {
            "TESTING": True,
            "DATA_DIR": folder,
            "MEDIA_ROOT": folder / "media",
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a-secret-key",
            "WORKER_SECRET": WORKER_SECRET,
            "MEDIA_SECRET": "a-media-secret",
            "WTF_CSRF_ENABLED": False,
        }
    )
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    app.test_client_class = Browser
    # the cast signs in all the time: to start four threads takes 9 ms, what they do 0.04
    hashing.hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    yield app
    bus.carry_by(None)
    with app.app_context():
        db.engine.dispose()
    assert not storage.unknown(folder), "a new place in DATA_DIR: list it in app/kernel/storage.py"


@pytest.fixture(scope="session")
def _founded(_app: Flask) -> list[tuple[Table, list[dict[str, Any]]]]:
    """The rows of an academy that is new, in the order in which they can be inserted."""
    with _app.app_context():
        found("科学院")
        rows = [(one, list(db.session.execute(select(one)).mappings())) for one in Base.metadata.sorted_tables]
        _empty()
    return [(table, list(map(dict, some))) for table, some in rows if some]


@pytest.fixture
def app(_app: Flask, _founded: list[tuple[Table, list[dict[str, Any]]]]) -> Iterator[Flask]:
    """The app, within its context. The academy is new and has no people, and is emptied afterwards."""
    limiter.enabled = False  # tests ask more often than people; a test's second app switches it on
    now = clock.now_ms()
    with _app.app_context():
        for table, rows in _founded:
            written = {name: now for name, value in rows[0].items() if name.endswith("_ms") and value is not None}
            db.session.execute(insert(table), [row | written for row in rows])
        db.session.commit()
        yield _app
        _app.extensions["queue"].flush()
        _empty()


def _empty() -> None:
    """Remove every row, also of the log, whose protection is lifted for that, in one step of the driver.

    SQLite looks for children of each row unless foreign keys are off, and reads its schema anew after each trigger.
    So it empties only tables that hold rows, without foreign keys: nothing is left for them to point at.
    """
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        with audit_triggers.lifted():
            db.session.execute(text("; ".join(_deletions())))
        db.session.commit()
    else:
        sqlite = db.session.connection().connection.driver_connection
        assert isinstance(sqlite, sqlite3.Connection)
        filled = {name for (name,) in sqlite.execute(_asking_for_rows())}
        lift, protect = audit_triggers.of(sqlite, filled)
        empty = [f"DELETE FROM {name}" for name in sorted(filled)]
        script = ["PRAGMA foreign_keys = OFF", "BEGIN", *lift, *empty, *protect, "COMMIT", "PRAGMA foreign_keys = ON"]
        sqlite.executescript(";\n".join(script))
    db.session.remove()


@cache
def _deletions() -> list[str]:
    return [f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)]


@cache
def _asking_for_rows() -> str:
    names = Base.metadata.tables
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names)


@pytest.fixture
def use(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Sets the app's mail server."""

    def use(port: int, **settings: object) -> None:
        for name, value in {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, **settings}.items():
            monkeypatch.setitem(app.config, name, value)

    return use


@pytest.fixture
def postman(use: Use) -> Iterator[Postman]:
    """The app's mail server."""
    with listening() as (handler, port):
        use(port)
        yield handler


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


class Browser(FlaskClient):
    """A client whose requests run in a context of their own, as in a server.

    Otherwise they would share the test's `g`, and with it the person who signed in last.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, and let the test's own session see its changes."""
        own_session = db.session() if has_app_context() else None  # none in a thread of the test
        if own_session:
            own_session.commit()
        reply: TestResponse = Context().run(super().open, *args, **kwargs)
        if own_session:
            own_session.expire_all()
        return reply


class SignIn:
    """Returns browsers in which one of the cast is signed in."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, user: User | None) -> FlaskClient:
        """Sign a person in, through the form. `None` means a visitor.

        Wrong passwords are not counted meanwhile, which takes half of the time.
        """
        client = self._app.test_client()
        if user is not None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(self._app.config, "RATE_LIMITS", False)
                reply = client.post("/sign-in", data={"username": user.username, "password": accounts.PASSWORD})
            assert reply.status_code == 302, reply.text
        return client


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Signs people in."""
    return SignIn(app)


@pytest.fixture
def teacher(app: Flask) -> User:
    """Li Mingyuan teaches `lesson`."""
    return roles.holding(accounts.user("teacher", "李明远"), Permission.LIVE_MANAGE)


@pytest.fixture
def learner(app: Flask) -> User:
    """Zhang San watches."""
    return accounts.user("learner", "张三")


@pytest.fixture
def admin(app: Flask) -> User:
    """The administrator may do everything."""
    return roles.admin(accounts.user("admin", "管理员"))


@pytest.fixture
def institute(app: Flask) -> Unit:
    """A unit beneath the academy; `teacher` and `learner` are not of it."""
    return units.institute("物质研究所")


@pytest.fixture
def manager(institute: Unit) -> User:
    """Zhou manages the people of `institute`."""
    return roles.manager(accounts.user("manager", "周培训", unit=institute))


@pytest.fixture
def now(app: Flask) -> Iterator[time_machine.Traveller]:
    """The day before the lesson `planned`, and a hand on the clock."""
    with time_machine.travel(live.BEGINS - timedelta(days=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def planned(now: time_machine.Traveller, teacher: User) -> live.LiveSession:
    """A lesson for the whole academy that begins tomorrow."""
    begins = int(live.BEGINS.timestamp() * 1000)
    return live.lesson(teacher, "超导入门", starts_at_ms=begins, ends_at_ms=begins + live.HOUR_MS)


@pytest.fixture
def lesson(teacher: User) -> live.LiveSession:
    """A scheduled lesson for the whole academy, taught by `teacher`."""
    return live.lesson(teacher)
