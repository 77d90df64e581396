"""The limit of a day, for the meter: whether more watching brings a person no more hours today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import select

from app.credits.counting.models import Watched
from app.credits.counting.programme import programme
from app.credits.counting.stretches import length_ms
from app.credits.rules.queries import rules_for
from app.extensions import db
from app.kernel import clock
from app.kernel.web import zone
from app.live.models import LiveSession


def reached(user_ids: Collection[int], most: Decimal, now_ms: int) -> set[int]:
    """Return those of some people who have reached the maximum of a day by what is counted until now.

    The ledger judges anew when lessons are closed; time goes on being counted.
    """
    total = Watched.on_air_ms + Watched.replayed_ms
    today = Watched.seen_ms >= _midnight_ms(now_ms)
    wanted = select(Watched.live_id, Watched.user_id, total).where(Watched.user_id.in_(user_ids), today)
    rows = db.session.execute(wanted).all()
    lives = db.session.scalars(select(LiveSession).where(LiveSession.id.in_({row[0] for row in rows}))).all()
    rules, programmes_s = rules_for(lives), {live.id: length_ms(programme(live)) / 1000 for live in lives}
    hours: defaultdict[int, Decimal] = defaultdict(Decimal)
    for live_id, user_id, watched_ms in rows:
        hours[user_id] += rules[live_id].hours(watched_ms / 1000, programmes_s[live_id])
    return {user_id for user_id, sum_ in hours.items() if sum_ >= most}


def _midnight_ms(now_ms: int) -> int:
    today = clock.to_datetime(now_ms).astimezone(zone()).date()
    return clock.to_ms(datetime.combine(today, time(), zone()))
