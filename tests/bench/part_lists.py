"""Lists of sessions, in an academy with 20,000 of them: server time, and how many queries it takes."""

from __future__ import annotations

import random
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select, text

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.unit_of_work import unit_of_work
from app.live.lifecycle import LiveState
from app.live.models import Audience, Learner, LiveMode, LiveSession, Part, Presenter
from app.live.subjects import key_of
from app.media.models import Stream
from app.units import queries as unit_queries
from app.units.models import Unit
from tests import postgres
from tests.bench import part_people
from tests.bench.table import Row, percentile
from tests.factories import accounts, recommendations, roles

SESSIONS, TAKEN, PICTURES = 20_000, 100_000, 8
GOAL_MS = 60
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

TABS = ("", "?tab=on_air", "?tab=today", "?tab=coming", "?tab=replays", "?tab=replays&page=7", "?q=低温", "?q=李伟")
NARROWED = "?mode=small_class&unit={unit}"
MANAGED = ("", "?q=低温", "?state=ended&page=9", "?unit={unit}", "?order=oldest")


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Ask the live column as a learner, and the manager's list as who manages an institute, on both databases."""
    rows = []
    with postgres.cluster() as url:
        for kind, address in (("SQLite", f"sqlite:///{folder / 'lists.sqlite3'}"), ("PostgreSQL", url)):
            with part_people.academy(folder / f"{kind}-lists", address) as app:
                fill(random.Random(3))
                rows += _lists(app, kind, asked=40 if quick else 400)
    return rows


def fill(chance: random.Random) -> None:
    """Make sessions of four years, of which most are over; a few are on air."""
    now, units = clock.now_ms(), db.session.scalars(select(Unit)).all()
    homes = {unit.id: unit_queries.home_of(unit).id for unit in units}
    academy_id = unit_queries.academy().id
    teachers = db.session.scalars(select(User.id).order_by(User.id).limit(3000)).all()
    audience_units = {
        Audience.DEPARTMENT: lambda unit_id: unit_id,
        Audience.INSTITUTE: homes.__getitem__,
        Audience.ACADEMY: lambda _: academy_id,
        Audience.EVERYONE: lambda _: academy_id,
    }
    streams, sessions, presenters = [], [], []
    for number in range(SESSIONS):
        ahead = number < 600
        starts = now + chance.randrange(1, 60) * DAY_MS if ahead else now - chance.randrange(1, 1400) * DAY_MS
        state = LiveState.SCHEDULED if ahead else LiveState.ENDED
        if 600 <= number < 612:
            starts, state = now - HOUR_MS // 2, LiveState.ON_AIR
        ended = state is LiveState.ENDED
        audience = chance.choice((Audience.ACADEMY, Audience.ACADEMY, Audience.INSTITUTE, Audience.DEPARTMENT))
        audience = Audience.EVERYONE if chance.random() < 0.05 else audience
        unit_id, subject = chance.choice(units).id, f"{chance.choice(('低温', '超导', '数据', '天文'))}讲座第{number}讲"
        stream_id, live_id = new_id(), new_id()
        streams.append(
            {
                "id": stream_id,
                "key": new_id() + new_id(),
                "kept_ms": HOUR_MS if ended and chance.random() < 0.9 else 0,
                "finished": ended,
            }
        )
        sessions.append(
            {
                "id": live_id,
                "subject": subject,
                "subject_key": key_of(subject),
                "abstract": "**要点**：" + "低温物理的进展。" * 20,
                "audience": audience,
                "unit_id": unit_id,
                "audience_unit_id": audience_units[audience](unit_id),
                "owner_id": chance.choice(teachers),
                "stream_id": stream_id,
                "starts_at_ms": starts,
                "ends_at_ms": starts + HOUR_MS,
                "mode": chance.choice((LiveMode.LECTURE_HALL, LiveMode.SMALL_CLASS)),
                "state": state,
                "started_at_ms": None if ahead else starts,
                "ended_at_ms": starts + HOUR_MS if ended else None,
            }
        )
        presenters.append({"live_id": live_id, "user_id": chance.choice(teachers), "part": Part.TEACHER})
    people = db.session.scalars(select(User.id).order_by(User.id.desc()).limit(20_000)).all()
    taken = {(chance.choice(sessions)["id"], chance.choice(people)) for _ in range(TAKEN)}
    with unit_of_work():
        db.session.execute(insert(Stream), streams)
        db.session.execute(insert(LiveSession), sessions)
        db.session.execute(insert(Presenter), presenters)
        db.session.execute(
            insert(Learner), [{"live_id": one, "user_id": user_id, "signed_up_ms": now} for one, user_id in taken]
        )
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def _recommend(institute: Unit) -> None:
    """Put eight lessons on the home page: four by the academy, four by the institute, some of them on air."""
    open_to_all = select(LiveSession).where(LiveSession.audience == Audience.EVERYONE)
    order = (LiveSession.state != LiveState.ON_AIR, LiveSession.starts_at_ms.desc())
    wanted = open_to_all.where(LiveSession.state.in_((LiveState.ON_AIR, LiveState.SCHEDULED)))
    for number, live in enumerate(db.session.scalars(wanted.order_by(*order).limit(PICTURES))):
        recommendations.shown(live, institute if number % 2 else None)


def _lists(app: Flask, kind: str, *, asked: int) -> list[Row]:
    department = db.session.scalars(select(Unit).order_by(Unit.id.desc()).limit(1)).one()
    institute = db.session.get_one(Unit, department.parent_id)
    accounts.user("bench-learner", unit=department)
    _recommend(institute)
    roles.manager(accounts.user("bench-manager", unit=institute))
    rows = []
    for what, person, path, searches in (
        ("the live column for a learner", "bench-learner", "/live", (*TABS, NARROWED)),
        ("a manager's list", "bench-manager", "/manage/live", MANAGED),
        ("the home page for a learner, 8 large pictures", "bench-learner", "/", ("",)),
    ):
        browser = app.test_client()
        reply = browser.post("/sign-in", data={"username": person, "password": accounts.PASSWORD})
        assert reply.status_code == 302, reply.text
        times: dict[str, list[float]] = {}
        counts = set()
        for number in range(asked):
            search = searches[number % len(searches)].format(unit=institute.id)
            took_ms, count = part_people.ask(browser, path + search)
            times.setdefault(search, []).append(took_ms)
            counts.add(count)
        every = [one for found in times.values() for one in found]
        slowest = max(times, key=lambda search: percentile(times[search], 50))
        rows.append(
            Row(
                f"Server time of {what}, {SESSIONS:,} sessions, {kind}",
                f"p50 {percentile(every, 50):.0f} ms, p95 {percentile(every, 95):.0f} ms; "
                f"{part_people.span(counts)} queries",
                f"{asked} requests; slowest `{slowest or path}` p50 {percentile(times[slowest], 50):.0f} ms",
                f"p95 < {GOAL_MS} ms",
                percentile(every, 95) < GOAL_MS,
            )
        )
    return rows
