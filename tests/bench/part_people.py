"""Pages of those who manage, in an academy of 50,000 people and 500 units: server time, and how many queries it takes.

Measured within the process, without the network: that is the time for which a request keeps the server busy.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, text

from app import create_app
from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.roles import services as role_services
from app.roles.models import Grant, Role
from app.units import services as unit_services
from app.units.models import UnitKind
from tests import postgres
from tests.bench.table import Row, percentile
from tests.conftest import ROOT
from tests.counting import count_queries
from tests.factories import accounts, roles

INSTITUTES, DEPARTMENTS = 50, 9
PEOPLE, GRANTED = 50_000, 5_000
GOAL_MS = 100

FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"

SEARCHES = ("?q={name}", "?q={prefix}", "?page={page}", "?unit={unit}")

PAGES = {
    "people search": "/system/people",
    "role assignment": "/system/assignments",
}


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Ask each page many times, on both databases, as the administrator who sees everybody."""
    rows = []
    with postgres.cluster() as url:
        for kind, address in (("SQLite", f"sqlite:///{folder / 'people.sqlite3'}"), ("PostgreSQL", url)):
            with academy(folder / kind, address) as app:
                rows += _pages(app, kind, asked=20 if quick else 200)
    return rows


@contextmanager
def academy(folder: Path, database_url: str) -> Iterator[Flask]:
    """Make an academy full of people."""
    with empty_service(folder, database_url) as app:
        _fill(random.Random(1))
        yield app


@contextmanager
def empty_service(folder: Path, database_url: str) -> Iterator[Flask]:
    """Make the app with an empty database, and enter its context."""
    folder.mkdir(parents=True)
    app = create_app({"DATA_DIR": folder, "DATABASE_URL": database_url, "SECRET_KEY": "x", "RATE_LIMITS": False})
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        yield app
        db.session.remove()
        db.engine.dispose()


def _fill(chance: random.Random) -> None:
    root = role_services.found("科学院")
    ids = [root.id]
    with unit_of_work():
        for number in range(INSTITUTES):
            institute = unit_services.create(
                root, name=f"研究所{number}", kind=UnitKind.INSTITUTE, code=f"I{number}", by_id=None
            )
            ids.append(institute.id)
            ids += [
                unit_services.create(institute, name=f"部门{one}", kind=UnitKind.DEPARTMENT, code="", by_id=None).id
                for one in range(DEPARTMENTS)
            ]
    people = [
        {
            "username": f"u{number:05}",
            "real_name": chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2)))),
            "email": f"u{number:05}@academy.example",
            "staff_number": f"{number:06}",
            "unit_id": chance.choice(ids),
            "created_ms": clock.now_ms(),
        }
        for number in range(PEOPLE)
    ]
    with unit_of_work():
        db.session.execute(insert(User), people)
    roles.admin(accounts.user("bench-admin"))
    with unit_of_work():
        role = Role(unit_id=root.id, name="讲师")
        db.session.add(role)
        db.session.flush()
        held = db.session.execute(text("SELECT id, unit_id FROM user_account WHERE password_hash IS NULL")).all()
        grants = [
            {"user_id": user_id, "role_id": role.id, "unit_id": unit_id, "at_ms": clock.now_ms()}
            for user_id, unit_id in chance.sample(held, GRANTED)
        ]
        db.session.execute(insert(Grant), grants)
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def _pages(app: Flask, kind: str, *, asked: int) -> list[Row]:
    browser = app.test_client()
    reply = browser.post("/sign-in", data={"username": "bench-admin", "password": accounts.PASSWORD})
    assert reply.status_code == 302, reply.text
    rows = []
    for what, page in PAGES.items():
        times, counts = [], set()
        chance = random.Random(2)
        for _ in range(asked):
            address = page + chance.choice(SEARCHES).format(
                unit=chance.randrange(2, INSTITUTES * (1 + DEPARTMENTS)),
                name=chance.choice(FAMILY) + chance.choice(GIVEN),
                prefix=f"u{chance.randrange(PEOPLE // 100):03}",
                page=chance.randrange(1, 900),
            )
            took_ms, count = ask(browser, address)
            times.append(took_ms)
            counts.add(count)
        p95 = percentile(times, 95)
        figure = f"p50 {percentile(times, 50):.0f} ms, p95 {p95:.0f} ms; {span(counts)} queries"
        rows.append(
            Row(
                f"Server time of {what}, {PEOPLE:,} people in {1 + INSTITUTES * (1 + DEPARTMENTS)} units, {kind}",
                figure,
                f"{asked} requests",
                f"p95 ≤ {GOAL_MS} ms",
                p95 <= GOAL_MS,
            )
        )
    return rows


def ask(browser: FlaskClient, address: str) -> tuple[float, int]:
    """Return the server time of a request in ms, and its number of queries.

    The request gets a context of its own, as in the service: within that of the bench it would find what earlier
    requests have left in `g` and in the database session, and look quicker than it is.
    """
    with count_queries() as statements:
        began = time.perf_counter()
        reply = Context().run(browser.get, address)
        took_ms = (time.perf_counter() - began) * 1000
    assert reply.status_code == 200, (address, reply.status_code)
    return took_ms, len(statements)


def span(counts: set[int]) -> str:
    return str(min(counts)) if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
