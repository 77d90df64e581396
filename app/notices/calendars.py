"""Lessons for calendar programs (RFC 5545, RFC 5546)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask_babel import gettext as _
from icalendar import Calendar, Event

from app.kernel import clock, markdown, web
from app.live.lifecycle import LiveState
from app.live.models import LiveSession, Part

READ_EVERY = timedelta(minutes=30)
"""Interval at which a subscribed calendar should look for news. Programs take it for a wish."""


def calendar_of(lives: Iterable[LiveSession], *, method: str, site: str = "", name: str = "") -> str:
    """Return lessons as an iCalendar object.

    Args:
        lives: the lessons.
        method: PUBLISH, or CANCEL, which removes them from calendars (RFC 5546, 3.2.5).
        site: the `web.root` of the request for which it is written. Empty means the `web.root` here.
        name: name of a calendar to subscribe to.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Jiangtang//Live training//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)  # RFC 7986, 5.1
        calendar.add("x-wr-calname", name)  # most programs read this one
        calendar.add("refresh-interval", READ_EVERY, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", "PT30M")
    for live in lives:
        calendar.add_component(_event(live, site, cancelled=method == "CANCEL"))
    return str(calendar.to_ical().decode())


def _event(live: LiveSession, site: str, *, cancelled: bool) -> Event:
    page = web.absolute("live.page", live_id=live.id, beneath=site)
    teachers = web.listed(user.real_name for user in live.people_of(Part.TEACHER) or [live.owner])
    begins, ends = web.format_datetime(live.starts_at_ms), web.format_datetime(live.ends_at_ms)
    time = _("Time: %(begins)s to %(ends)s", begins=begins, ends=web.with_zone(ends))
    about = [time, _("Teacher: %(names)s", names=teachers), markdown.as_words(live.abstract), page]
    event = Event()
    event.add("uid", f"{live.id}@jiangtang")
    event.add("sequence", live.revision)
    event.add("dtstamp", _moment(clock.now_ms()))
    event.add("dtstart", _moment(live.starts_at_ms))
    event.add("dtend", _moment(live.ends_at_ms))
    event.add("summary", live.subject)
    event.add("description", "\n\n".join(part for part in about if part))
    event.add("location", page)
    event.add("url", page)
    event.add("status", "CANCELLED" if cancelled or live.state is LiveState.CANCELLED else "CONFIRMED")
    return event


def _moment(ms: int) -> datetime:
    """Return whole seconds of UTC, which every calendar shows in its owner's zone."""
    return clock.to_datetime(ms).replace(microsecond=0)
