"""The weekly mail: on Monday morning what comes, and what a person has missed. The jobs process writes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.accounts.models import User
from app.credits.counting import queries as counting
from app.extensions import db
from app.kernel import clock, web
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lists import queries as listings
from app.live.lists.queries import Tab
from app.live.models import LiveSession
from app.live.views import teachers_of
from app.mail import services as mail
from app.notices import weekly, wishes
from app.notices.models import WeeklyIssue, Wishes

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
LEAVES_AT_MS = 8 * HOUR_MS
"""After the midnight with which Monday begins."""
LATEST_MS = DAY_MS
"""An issue that was not begun so long after its moment is left out: it would tell of days that are past."""
AT_ONCE = 5
"""Letters in a second. Each takes two queries over the lists, and the other work of the jobs process waits for them."""
MOST_COMING, MOST_MISSED = 10, 5
LOOKED_THROUGH = 50
"""Replays of a week, of which those that she has watched are left out."""


@dataclass(frozen=True)
class Line:
    """A lesson in the mail."""

    subject: str
    teachers: str
    starts_at_ms: int
    link: str


def write_due() -> None:
    """Write some letters of this week's issue. The clockwork calls it.

    The transaction that queues letters sets `last_user_id`, so after a crash the work goes on and nobody gets two.
    """
    monday_ms, now = _monday_ms(), clock.now_ms()
    if not 0 <= now - monday_ms < LATEST_MS:
        return
    issue = db.session.get(WeeklyIssue, monday_ms)
    if issue is not None and issue.done_ms is not None:
        return
    after_id = issue.last_user_id if issue is not None else 0
    people = weekly.next_recipients(after_id, AT_ONCE)
    letters = [letter for user in people if (letter := _letter(user))]
    with unit_of_work():
        if issue is None:
            issue = WeeklyIssue(monday_ms=monday_ms, last_user_id=0, written=0)
            db.session.add(issue)
        else:
            lock(issue)
        if issue.last_user_id != after_id:
            return
        mail.send_all(letters)
        issue.written += len(letters)
        if len(people) < AT_ONCE:
            issue.done_ms = now
        else:
            issue.last_user_id = people[-1].id


def coming_for(user: User) -> list[LiveSession]:
    """Return the lessons of the next seven days that a person may watch, soonest first."""
    soon = LiveSession.starts_at_ms < clock.now_ms() + WEEK_MS
    return list(db.session.scalars(listings.column(user, tab=Tab.COMING).where(soon).limit(MOST_COMING)))


def missed_by(user: User) -> list[LiveSession]:
    """Return the replays of the last seven days that a person may watch and of which she has seen nothing."""
    lately = LiveSession.ended_at_ms >= clock.now_ms() - WEEK_MS
    replays = db.session.scalars(listings.column(user, tab=Tab.REPLAYS).where(lately).limit(LOOKED_THROUGH)).all()
    seen = set(counting.lessons_of(user.id))
    return [live for live in replays if live.id not in seen and live.chosen_as(user) is None][:MOST_MISSED]


def _letter(user: User) -> dict[str, Any] | None:
    """Return the row of the mail. `None` means that there is nothing to tell."""
    coming, missed = coming_for(user), missed_by(user)
    if not coming and not missed:
        return None
    wish = db.session.get(Wishes, user.id)
    source = wish if wish is not None and wish.site else weekly.of_unit(user.unit)
    language, site = (source.language, source.site) if source else ("zh_CN", "")
    with web.written_in(language):
        lines_coming, lines_missed = _lines(coming, site), _lines(missed, site)
    return mail.compose(
        user.email or "",
        "weekly",
        locale=language,
        unsubscribe=wishes.unsubscribe_url(user, wishes.WEEKLY, site=site),
        bulk=True,
        name=user.real_name,
        link=web.absolute("lists.column", beneath=site),
        wishes_link=web.absolute("notices.wishes", beneath=site),
        coming=lines_coming,
        missed=lines_missed,
    )


def _lines(lives: Iterable[LiveSession], site: str) -> list[Line]:
    return [
        Line(
            live.subject,
            teachers_of(live),
            live.starts_at_ms,
            web.absolute("live.page", live_id=live.id, beneath=site),
        )
        for live in lives
    ]


def _monday_ms() -> int:
    """Return the moment of this week's issue, by the academy's calendar."""
    today = clock.to_datetime(clock.now_ms()).astimezone(web.zone()).date()
    return web.start_of_day_ms(today - timedelta(days=today.weekday())) + LEAVES_AT_MS
