"""Rules of learning hours for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import select

from app.accounts.models import User
from app.credits.counting.models import Programme, Watched
from app.credits.ledger import services as ledger
from app.credits.ledger.models import Entry
from app.credits.outbox import services as outbox
from app.credits.outbox.models import Delivery, State
from app.credits.outbox.receivers import Key
from app.credits.reports import appeals
from app.credits.reports.models import Appeal
from app.credits.rules import services
from app.credits.rules.models import Category, RuleVersion
from app.credits.rules.rule import Rule
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession
from app.units.models import Unit
from tests.factories import live


def rule(unit: Unit, by: User, *, from_ms: int | None = None, **said: Any) -> RuleVersion:
    """Make a rule of a unit that is valid from a moment (epoch ms) on, from now on when none is named."""
    return services.make(unit, Rule(**said), valid_from_ms=from_ms or clock.now_ms(), note="", by=by)


def category(name: str, by: User) -> Category:
    """Add a category to the academy's own list."""
    return services.add_category(name, by=by)


def watched(
    lesson: LiveSession, who: User, *stretches: tuple[float, float], replayed: tuple[tuple[float, float], ...] = ()
) -> None:
    """Let somebody have watched a lesson, in seconds since its beginning, on air and in its replay."""
    began = lesson.started_at_ms or 0

    def pairs(some: tuple[tuple[float, float], ...]) -> list[list[int]]:
        return [[began + int(start * 1000), began + int(end * 1000)] for start, end in some]

    on_air, again = pairs(stretches), pairs(replayed)
    with unit_of_work():
        row = db.session.get(Watched, (lesson.id, who.id))
        if row is None:
            row = Watched(live_id=lesson.id, user_id=who.id, came_ms=began, on_air=[], replayed=[], on_air_ms=0)
            db.session.add(row)
        row.seen_ms = clock.now_ms()
        row.on_air, row.replayed = [*row.on_air, *on_air], [*row.replayed, *again]
        row.on_air_ms = sum(end - start for start, end in row.on_air)
        row.replayed_ms = sum(end - start for start, end in row.replayed)


def taught(owner: User, subject: str = "", *, minutes: float = 90, **planned: Any) -> LiveSession:
    """Make a lesson that was on air for so long, until now, and is over, its media closed."""
    lesson = live.on_air(owner, subject, **planned)
    end = clock.now_ms()
    began = end - int(minutes * 60_000)
    with unit_of_work():
        lesson.started_at_ms = began
        lesson.stream.air = [[began, None]]
    live.services.end(lesson, by=owner)
    with unit_of_work():
        lesson.stream.air = [[began, end]]
    over(lesson)
    return lesson


def over(lesson: LiveSession, *, ago_s: float = 120) -> None:
    """Let the media of a lesson be closed, and its end lie some time back, so that it is due to be closed."""
    with unit_of_work():
        ended = lesson.ended_at_ms or 0
        if db.session.get(Programme, lesson.id) is None:
            air = lesson.stream.air
            stretches = [[start, ended if end is None else end] for start, end in air]
            db.session.add(Programme(live_id=lesson.id, stretches=stretches))
        lesson.stream.finished = True
        lesson.ended_at_ms = clock.now_ms() - int(ago_s * 1000)


def entry(user: User, by: User) -> Entry:
    """Add an hour to a person by hand."""
    return ledger.add(user, title="报告", hours=Decimal(1), category="", earned_ms=clock.now_ms(), reason="补加", by=by)


def delivery() -> Delivery:
    """Let something have failed to reach a webhook."""
    uuid = str(uuid4())
    outbox.queue([outbox.row(Key.HOOK, uuid, "#1 · 张三 · 报告", {"type": "credits.entry"}) | {"state": State.FAILED}])
    return db.session.scalars(select(Delivery).where(Delivery.uuid == uuid)).one()


def appeal(user: User) -> Appeal:
    """Let a person say that something is missing."""
    with current_app.test_request_context():
        return appeals.make(user, None, "少了一场")
