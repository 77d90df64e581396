"""The buttons of the lecture: each is a noun that is made or taken away."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.classroom.studio.views import stream_view
from app.extensions import db
from app.kernel.access import Who, allows
from app.kernel.htmx import respond
from app.live import queries, services
from app.live.models import LiveSession
from app.live.policies import May
from app.live.views import view_of

bp = Blueprint("lecture", __name__, url_prefix="/live/<live_id>")


@bp.post("/lecture")
@allows(Who.PRESENTER)
def start(live_id: str) -> ResponseReturnValue:
    """开始讲课."""
    live = _directed(live_id)
    services.start(live, by=accounts.me())
    return _controls(live)


@bp.post("/pause")
@allows(Who.PRESENTER)
def pause(live_id: str) -> ResponseReturnValue:
    """暂停讲课."""
    live = _directed(live_id)
    services.pause(live, by=accounts.me(), message=request.form.get("message", ""))
    return _controls(live)


@bp.delete("/pause")
@allows(Who.PRESENTER)
def resume(live_id: str) -> ResponseReturnValue:
    """继续."""
    live = _directed(live_id)
    services.resume(live, by=accounts.me())
    return _controls(live)


@bp.post("/absence")
@allows(Who.PRESENTER)
def leave(live_id: str) -> ResponseReturnValue:
    """临时离开."""
    live = _directed(live_id)
    services.leave(live, by=accounts.me())
    return _controls(live)


@bp.delete("/absence")
@allows(Who.PRESENTER)
def return_(live_id: str) -> ResponseReturnValue:
    """Back from 临时离开."""
    live = _directed(live_id)
    services.come_back(live, by=accounts.me())
    return _controls(live)


@bp.post("/ending")
@allows(Who.PRESENTER)
def end(live_id: str) -> ResponseReturnValue:
    """本次直播结束."""
    live = _directed(live_id)
    services.end(live, by=accounts.me())
    return _controls(live)


@bp.post("/extension")
@allows(Who.PRESENTER)
def extend(live_id: str) -> ResponseReturnValue:
    """延长."""
    live = _directed(live_id)
    services.extend(live)
    return _controls(live)


@bp.post("/recording")
@allows(Who.PRESENTER)
def record(live_id: str) -> ResponseReturnValue:
    """开始录制."""
    live = _directed(live_id)
    services.set_recording(live, True, by=accounts.me())
    return _controls(live)


@bp.delete("/recording")
@allows(Who.PRESENTER)
def stop_recording(live_id: str) -> ResponseReturnValue:
    """停止录制."""
    live = _directed(live_id)
    services.set_recording(live, False, by=accounts.me())
    return _controls(live)


def _directed(live_id: str) -> LiveSession:
    return queries.live_for(accounts.viewer(), live_id, May.DIRECT)


def _controls(live: LiveSession) -> ResponseReturnValue:
    db.session.refresh(live)
    return respond(
        "classroom/_controls.html",
        page=url_for("classroom.studio", live_id=live.id),
        live=view_of(live, accounts.viewer()),
        stream=stream_view(live.stream),
    )
