"""Reading what a lesson has shown, and how."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.classroom.slides.kinds import CLEARED, SCENE, SHOWN, STAGE
from app.classroom.slides.layouts import FIRST
from app.classroom.slides.models import SlideRules
from app.documents.queries import PageKey
from app.extensions import db
from app.timeline import queries as timeline
from app.timeline.models import Event

MOST_TURNS = 5_000
"""Showings of pages that are read of one lesson."""


def rules_of(live_id: str) -> SlideRules:
    """Return a lesson's rules; where nobody has set any, nothing is allowed."""
    return db.session.get(SlideRules, live_id) or SlideRules(
        live_id=live_id, look_ahead=False, assistants_turn=False, list_due=False
    )


def lessons_to_list() -> Sequence[str]:
    """Name the lessons whose desks have yet to hear that documents changed."""
    return db.session.scalars(select(SlideRules.live_id).where(SlideRules.list_due)).all()


def newest_of_stage(live_id: str) -> Event | None:
    """Return the newest event that led the stage; the moments of these events rise."""
    found = timeline.newest(live_id, kinds=STAGE, limit=1)
    return found[0] if found else None


def page_shown(live_id: str) -> Event | None:
    """Return the newest event that showed a page, or took it away."""
    found = timeline.newest(live_id, kinds=(SHOWN, CLEARED), limit=1)
    return found[0] if found else None


def layout_now(live_id: str) -> str:
    """Return how the presenter arranges slides and picture; empty while no page is shown."""
    page = page_shown(live_id)
    if page is None or page.kind == CLEARED:
        return ""
    found = timeline.newest(live_id, kinds=(SCENE,), limit=1)
    return str(found[0].payload["layout"]) if found else FIRST


def pages_in_turn(live_id: str) -> list[tuple[int, PageKey | None]]:
    """Return when which page was shown (epoch ms), in order; `None` where the last one was taken away."""
    wanted = select(Event.at_ms, Event.kind, Event.payload).where(Event.live_id == live_id)
    rows = db.session.execute(wanted.where(Event.kind.in_((SHOWN, CLEARED))).order_by(Event.id).limit(MOST_TURNS))
    return [(row.at_ms, (row.payload["document"], row.payload["page"]) if row.kind == SHOWN else None) for row in rows]


def furthest_steps(live_id: str) -> dict[PageKey, int]:
    """Return the last step of each page that was ever shown."""
    found: dict[PageKey, int] = {}
    wanted = select(Event.payload).where(Event.live_id == live_id, Event.kind == SHOWN)
    for shown in db.session.scalars(wanted):
        key = (shown["document"], shown["page"])
        found[key] = max(found.get(key, 0), shown["step"])
    return found
