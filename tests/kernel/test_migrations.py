"""Migrations keep what is there: a database of the first version comes along with its people and lessons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import check, upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app
from app.accounts.models import User
from app.extensions import db
from app.kernel.permissions import Permission
from app.live.models import Audience, LiveSession
from app.roles import policies
from app.roles.services import found
from tests.conftest import ROOT

MIGRATIONS = str(ROOT / "migrations")

FIRST_VERSION = (ROOT / "tests" / "kernel" / "first_version.sql").read_text(encoding="utf-8")


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app with an empty database of its own."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS migrating"))
            connection.execute(text("CREATE DATABASE migrating"))
        engine.dispose()
        url = url.set(database="migrating")
    else:
        url = url.set(database=str(tmp_path / "old.sqlite3"))
    app = create_app(
        {"DATA_DIR": tmp_path, "DATABASE_URL": url.render_as_string(hide_password=False), "SECRET_KEY": "x"}
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_the_first_versions_people_and_lessons_come_along(old: Flask) -> None:
    upgrade(directory=MIGRATIONS, revision="0001")
    for statement in FIRST_VERSION.split(";\n"):
        if statement.strip():
            db.session.connection().exec_driver_sql(statement)
    db.session.commit()
    upgrade(directory=MIGRATIONS)
    found("科学院")
    admin, teacher, learner = (db.session.get_one(User, number) for number in (1, 2, 3))
    academy = admin.unit
    assert admin.username == "root"
    assert policies.holdings_now(admin).covers(Permission.SYSTEM_ADMIN, academy.path)
    assert policies.holdings_now(teacher).at(academy.path) == {Permission.LIVE_MANAGE}
    assert policies.holdings_now(learner).paths == {}
    first, second = (db.session.get_one(LiveSession, name) for name in ("l1", "l2"))
    assert (first.subject, first.audience, first.audience_unit) == ("超导", Audience.ACADEMY, academy)
    assert second.subject == " 超导 (2)", "two lessons do not have the same subject any more"
    assert db.session.execute(text("SELECT count(*) FROM timeline_event WHERE by_id = 2")).scalar() == 1


def test_the_newest_version_fits_the_models(old: Flask) -> None:
    upgrade(directory=MIGRATIONS)
    check(directory=MIGRATIONS)  # ends the process where they differ
