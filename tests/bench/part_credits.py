"""Learning hours, with 50,000 people and 2,000 sessions a year: pages of managers, and closing a crowded lesson."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from app.accounts import queries as accounts
from app.accounts.models import User
from app.credits.counting.models import Programme, Watched
from app.credits.ledger import chain, closing
from app.credits.ledger.models import TOGETHER, Closing, Entry, Evidence, Kind, Total
from app.credits.ledger.reckoning import digest_of_stretches, written
from app.credits.reports import targets
from app.extensions import db
from app.kernel import clock, garbage
from app.kernel.ids import new_id
from app.kernel.unit_of_work import unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import Audience, LiveSession
from app.live.subjects import key_of
from app.media.models import Stream
from app.units import queries as units
from app.units.models import Unit
from tests import postgres
from tests.bench import part_people
from tests.bench.table import Row, percentile
from tests.factories import accounts as cast

SESSIONS, VIEWERS, CROWD = 2_000, 150, 5_000
PAGE_GOAL_MS, CROWD_GOAL_MS, CLOSING_GOAL_S = 100, 1000, 10
"""Of a page, of the page of a crowded lesson, and of closing that."""
HOUR_MS = 3_600_000

PAGES = {
    "people with their hours": (
        "",
        "?page={page}",
        "?unit={unit}",
        "?q={name}",
        "?lacking=1",
        "?lacking=1&page={page}",
    ),
    "departments compared": ("?unit={unit}",),
    "lessons with hours": ("", "?page={lessons}"),
}
ADDRESSES = {
    "people with their hours": "/manage/credits/people",
    "departments compared": "/manage/credits/people/departments",
    "lessons with hours": "/manage/credits/lessons",
}


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Ask the pages of managers, and close a lesson, on both databases."""
    rows = []
    with postgres.cluster() as url:
        for kind, address in (("SQLite", f"sqlite:///{folder / 'credits.sqlite3'}"), ("PostgreSQL", url)):
            with part_people.academy(folder / kind, address) as app:
                lives = _fill(random.Random(1))
                garbage.calm()  # as in the web process
                rows += _pages(app, kind, lives, asked=20 if quick else 100)
                rows += _closing(kind, lives[0])
                rows.append(_crowded(app, kind, lives[0]))
    return rows


def _fill(chance: random.Random) -> list[str]:
    """Make a year of closed lessons, the first one with a crowd and not closed yet."""
    now = clock.now_ms()
    admin = accounts.user_by_name("bench-admin")
    assert admin is not None
    people = db.session.execute(select(User.id, User.real_name, User.unit_id)).all()
    academy_id = units.academy().id
    unit_ids = list(db.session.scalars(select(Unit.id)))
    lives, streams, entries, evidence = [], [], [], []
    totals: dict[tuple[int, str], int] = defaultdict(int)
    for number in range(SESSIONS):
        stream, live = new_id(), new_id()
        began = now - HOUR_MS * (2 + number * 4 % 8000)
        streams.append({"id": stream, "key": new_id(20), "ended": True, "finished": True, "kept_ms": HOUR_MS})
        lives.append(
            {
                "id": live, "subject": f"低温讲座{number}", "subject_key": key_of(f"低温讲座{number}"),
                "stream_id": stream,
                "audience": Audience.ACADEMY, "unit_id": chance.choice(unit_ids), "audience_unit_id": academy_id,
                "owner_id": admin.id, "starts_at_ms": began, "ends_at_ms": began + HOUR_MS, "state": LiveState.ENDED,
                "started_at_ms": began, "ended_at_ms": began + HOUR_MS,
            }
        )  # fmt: skip
        for user_id, name, unit_id in chance.sample(people, VIEWERS) if number else []:
            hours, category = chance.randrange(10, 134), chance.choice(("general", "professional"))
            entries.append(
                {
                    **chain.EMPTY, "id": len(entries) + 1, "at_ms": now, "kind": Kind.EARNED, "user_id": user_id,
                    "name": name, "staff_number": "", "unit_id": unit_id, "unit_name": "",
                    "live_id": live, "original_id": live,
                    "title": f"低温讲座{number}", "category": category, "earned_ms": now, "hours_hundredths": hours,
                    "watched_ms": HOUR_MS // 2, "programme_ms": HOUR_MS, "previous": "", "hash": "",
                }
            )  # fmt: skip
            evidence.append({"entry_id": len(entries), "stretches": written([[began, began + HOUR_MS // 2]])})
            totals[user_id, category] += hours
            totals[user_id, TOGETHER] += hours
    year = chain.year_of(now)
    sums = [
        {"user_id": user_id, "year": year, "category": category, "hours_hundredths": hours}
        for (user_id, category), hours in totals.items()
    ]
    with unit_of_work():
        for table, rows in (
            (Stream, streams),
            (LiveSession, lives),
            (Entry, entries),
            (Evidence, evidence),
            (Total, sums),
        ):
            db.session.execute(insert(table), rows)
    targets.set_for(units.academy(), year, {"": Decimal(5), "professional": Decimal(3)}, by=admin)
    with unit_of_work():
        closed = [{"live_id": one["id"], "closed_ms": now, "through_ms": now, "opened_ms": now} for one in lives[1:]]
        db.session.execute(insert(Closing), closed)
    _crowd(str(lives[0]["id"]), [one.id for one in chance.sample(people, CROWD)])
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    return [str(one["id"]) for one in lives]


def _crowd(live_id: str, ids: list[int]) -> None:
    """Let many people have watched a lesson, each with twenty pauses."""
    live = db.session.get_one(LiveSession, live_id)
    began = live.started_at_ms or 0
    pieces = [[began + at * 180_000, began + at * 180_000 + 150_000] for at in range(20)]
    common = {"came_ms": began, "seen_ms": began + HOUR_MS, "on_air": pieces, "replayed": [], "on_air_ms": 3_000_000}
    facts = dict.fromkeys(("replayed_ms", "muted_ms", "hidden_ms", "apart_ms"), 0)
    with unit_of_work():
        db.session.add(Programme(live_id=live_id, stretches=[[began, began + HOUR_MS]]))
        db.session.execute(
            insert(Watched), [{"live_id": live_id, "user_id": user_id, **common, **facts} for user_id in ids]
        )


def _pages(app: Flask, kind: str, lives: list[str], *, asked: int) -> list[Row]:
    browser = _signed_in(app)
    chance = random.Random(2)
    rows = []
    for what, endings in PAGES.items():
        times, counts = [], set()
        for number in range(asked):
            ending = endings[number % len(endings)].format(
                unit=chance.randrange(1, part_people.INSTITUTES * (1 + part_people.DEPARTMENTS)),
                name=chance.choice(part_people.FAMILY) + chance.choice(part_people.GIVEN),
                page=chance.randrange(1, 900),
                lessons=chance.randrange(1, 20),
            )
            took_ms, count = part_people.ask(browser, ADDRESSES[what] + ending)
            times.append(took_ms)
            counts.add(count)
        rows.append(_row(what, kind, times, counts, PAGE_GOAL_MS))
    asked_of = [part_people.ask(browser, f"/live/{chance.choice(lives[1:])}/viewers") for _ in range(asked)]
    times = [took_ms for took_ms, _count in asked_of]
    rows.append(_row("who watched a lesson", kind, times, {count for _took_ms, count in asked_of}, PAGE_GOAL_MS))
    return rows


def _closing(kind: str, live_id: str) -> list[Row]:
    closing.open_for(live_id)
    began = time.perf_counter()
    count = closing.close(live_id)
    took_s = time.perf_counter() - began
    assert count >= CROWD - 1
    newest = db.session.scalars(select(Entry).where(Entry.live_id == live_id).limit(1)).one()
    assert newest.stretches_digest == digest_of_stretches(db.session.get_one(Evidence, newest.id).stretches)
    return [
        Row(
            f"Closing a lesson of {CROWD:,} people, {kind}",
            f"{took_s:.1f} s",
            "1 run",
            f"≤ {CLOSING_GOAL_S} s",
            took_s <= CLOSING_GOAL_S,
        ),
    ]


def _crowded(app: Flask, kind: str, live_id: str) -> Row:
    browser = _signed_in(app)
    asked = [part_people.ask(browser, f"/live/{live_id}/viewers") for _ in range(10)]
    what = f"who watched a lesson of {CROWD:,}"
    return _row(what, kind, [one[0] for one in asked], {one[1] for one in asked}, CROWD_GOAL_MS)


def _signed_in(app: Flask) -> FlaskClient:
    browser = app.test_client()
    reply = browser.post("/sign-in", data={"username": "bench-admin", "password": cast.PASSWORD})
    assert reply.status_code == 302, reply.text
    return browser


def _row(what: str, kind: str, times: list[float], counts: set[int], goal_ms: int) -> Row:
    p95 = percentile(times, 95)
    return Row(
        f"Server time of {what}, {part_people.PEOPLE:,} people, {SESSIONS:,} sessions, {kind}",
        f"p50 {percentile(times, 50):.0f} ms, p95 {p95:.0f} ms; {part_people.span(counts)} queries",
        f"{len(times)} requests",
        f"p95 ≤ {goal_ms} ms",
        p95 <= goal_ms,
    )
