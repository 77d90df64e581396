"""The buttons of the lecture: each is a noun that is made or taken away."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.classroom.studio.views import stream_view, studio_of
from app.extensions import db
from app.kernel.access import Who
from app.kernel.htmx import respond
from app.kernel.unit_of_work import unit_of_work
from app.live import rehearsals, services
from app.live.access import for_lesson
from app.live.models import LiveSession
from app.live.planning import services as planning

bp = Blueprint("lecture", __name__, url_prefix="/live/<live_id>")


@bp.post("/lecture")
@for_lesson(Who.PRESENTER)
def start(live: LiveSession) -> ResponseReturnValue:
    """开始讲课."""
    services.start(live, by=accounts.me())
    return _controls(live)


@bp.post("/publication")
@for_lesson(Who.PLANNER)
def publish(live: LiveSession) -> ResponseReturnValue:
    """发布 a draft, and with `start` in the address 发布并开始: both, or neither."""
    with unit_of_work():
        planning.publish(live, by=accounts.me())
        if "start" in request.args:
            services.start(live, by=accounts.me())
    return _controls(live)


@bp.post("/rehearsal")
@for_lesson(Who.PRESENTER)
def rehearse(live: LiveSession) -> ResponseReturnValue:
    """排练: open the studio of the lesson's hidden twin."""
    return redirect(url_for("classroom.studio", live_id=rehearsals.begin(live, by=accounts.me()).id))


@bp.post("/pause")
@for_lesson(Who.PRESENTER)
def pause(live: LiveSession) -> ResponseReturnValue:
    """暂停讲课."""
    services.pause(live, by=accounts.me(), message=request.form.get("message", ""))
    return _controls(live)


@bp.delete("/pause")
@for_lesson(Who.PRESENTER)
def resume(live: LiveSession) -> ResponseReturnValue:
    """继续."""
    services.resume(live, by=accounts.me())
    return _controls(live)


@bp.post("/absence")
@for_lesson(Who.PRESENTER)
def leave(live: LiveSession) -> ResponseReturnValue:
    """临时离开."""
    services.leave(live, by=accounts.me())
    return _controls(live)


@bp.delete("/absence")
@for_lesson(Who.PRESENTER)
def return_(live: LiveSession) -> ResponseReturnValue:
    """Back from 临时离开."""
    services.come_back(live, by=accounts.me())
    return _controls(live)


@bp.post("/ending")
@for_lesson(Who.PRESENTER)
def end(live: LiveSession) -> ResponseReturnValue:
    """本次直播结束: whoever ends a lesson lands on its summary."""
    services.end(live, by=accounts.me())
    return _controls(live, lands=live.rehearses_id is None)


@bp.post("/extension")
@for_lesson(Who.PRESENTER)
def extend(live: LiveSession) -> ResponseReturnValue:
    """延长."""
    services.extend(live)
    return _controls(live)


@bp.post("/recording")
@for_lesson(Who.PRESENTER)
def record(live: LiveSession) -> ResponseReturnValue:
    """开始录制."""
    services.set_recording(live, True, by=accounts.me())
    return _controls(live)


@bp.delete("/recording")
@for_lesson(Who.PRESENTER)
def stop_recording(live: LiveSession) -> ResponseReturnValue:
    """停止录制."""
    services.set_recording(live, False, by=accounts.me())
    return _controls(live)


def _controls(live: LiveSession, *, lands: bool = False) -> ResponseReturnValue:
    db.session.refresh(live)
    return respond(
        "classroom/studio/_controls.html",
        page=url_for("summary.page" if lands else "classroom.studio", live_id=live.id),
        lands=lands,
        live=studio_of(live, accounts.viewer()),
        stream=stream_view(live.stream),
    )
