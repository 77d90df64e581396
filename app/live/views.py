"""Lessons as templates see them: plain values, nothing that could read the database."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from app.accounts.models import User
from app.kernel import clock
from app.live import policies
from app.live.models import LiveSession


@dataclass(frozen=True)
class LiveView:
    """One lesson for one viewer. Times are epoch milliseconds."""

    id: str
    subject: str
    abstract: str
    state: str
    state_reason: str
    pause_message: str
    message: str
    recording: bool
    audience: str
    owner_name: str
    directs: bool
    """The viewer teaches it, or manages the sessions of its unit."""
    cover_url: str | None
    starts_at_ms: int
    ends_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    state_since_ms: int
    server_now_ms: int
    away_minutes: int
    """After so many minutes without a presenter, 临时离开 becomes 已结束."""
    url: str
    page_url: str
    """The introduction page's whole address, to be read out and copied."""
    watch_url: str
    studio_url: str
    replay_url: str
    """Empty while, or because, nothing was recorded."""


def view_of(live: LiveSession, user: User | None) -> LiveView:
    """Show a lesson to somebody."""
    status = live.status()
    return LiveView(
        id=live.id,
        subject=live.subject,
        abstract=live.abstract,
        state=status["state"],
        state_reason=status["reason"],
        pause_message=live.pause_message,
        message=status["message"],
        recording=live.recording,
        audience=str(live.audience),
        owner_name=live.owner.real_name,
        directs=user is not None and policies.directs(user, live),
        cover_url=None,
        starts_at_ms=live.starts_at_ms,
        ends_at_ms=live.ends_at_ms,
        started_at_ms=live.started_at_ms,
        ended_at_ms=live.ended_at_ms,
        state_since_ms=live.state_since_ms,
        server_now_ms=clock.now_ms(),
        away_minutes=current_app.config["AWAY_MINUTES"],
        url=url_for("live.page", live_id=live.id),
        page_url=url_for("live.page", live_id=live.id, _external=True),
        watch_url=url_for("classroom.watch", live_id=live.id),
        studio_url=url_for("classroom.studio", live_id=live.id),
        replay_url=url_for("replays.page", live_id=live.id) if live.has_recording else "",
    )


def next_step(live: LiveSession, user: User | None, *, may_watch: bool) -> str:
    """Name the one button that is right for this viewer now: watch, sign_in, studio, replay or wait."""
    if user is not None and policies.directs(user, live) and live.ended_at_ms is None:
        return "studio"
    if not may_watch:
        return "sign_in"
    if live.ended_at_ms is not None:
        return "replay" if live.has_recording else "wait"
    return "watch" if live.is_running else "wait"
