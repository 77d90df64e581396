"""The meter, as templates see it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, url_for

from app.accounts import queries as accounts
from app.accounts.models import User
from app.classroom.engine import door
from app.credits.counting import queries
from app.credits.counting.services import TEACHING
from app.credits.rules.queries import rule_for
from app.live import guests
from app.live import queries as lives
from app.live.models import LiveSession


@dataclass(frozen=True)
class MeterView:
    """What is stored of somebody and a lesson, and who she is for counting."""

    seat: str
    """Why nothing of hers counts: guest, visitor, teaches; empty when she counts."""
    stored_ms: int
    keeps: str
    """Name under which her browser keeps what was not reported yet; empty when she does not count."""
    sign_in_url: str
    """Comes back to the page of the lesson."""
    beside_url: str
    """The same in a window of its own, beside the page."""

    @property
    def sum(self) -> str:
        """What is stored, such as 00:23:10."""
        seconds = self.stored_ms // 1000
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def meter_of(live: LiveSession, user: User | None) -> MeterView:
    """Show the meter to the person of this request."""
    signed_in = url_for("counting.signed_in", live_id=live.id)
    page = url_for("replays.page" if live.is_over else "classroom.watch", live_id=live.id)
    seat = _seat(live, user)
    return MeterView(
        seat=seat,
        stored_ms=round(queries.watched_s(live.id, user.id) * 1000) if user else 0,
        keeps=f"{live.id}.{user.id}" if user and not seat else "",
        sign_in_url=url_for("accounts.sign_in", next=page),
        beside_url=url_for("accounts.sign_in", next=signed_in),
    )


def beneath_player(live_id: str) -> str:
    """Render what hangs beneath the player of the watch page and of the replay."""
    live, user = lives.by_id(live_id), accounts.viewer()
    return render_template("credits/_meter.html", meter=meter_of(live, user))


def _seat(live: LiveSession, user: User | None) -> str:
    if user is None:
        return "guest" if guests.is_admitted(live) else "visitor"
    teaches = door.seated_as(user, live) in TEACHING and not rule_for(live).teachers_too
    return "teaches" if teaches else ""
