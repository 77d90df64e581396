"""收藏 and 提醒我, with one press on a card or on the introduction page."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel.access import Who
from app.kernel.htmx import respond
from app.live.access import for_lesson
from app.live.marks import services as marks
from app.live.models import LiveSession

bp = Blueprint("marks", __name__, url_prefix="/live")


@bp.post("/<live_id>/kept")
@for_lesson(Who.SIGNED_IN)
def keep(live: LiveSession) -> ResponseReturnValue:
    """收藏."""
    marks.keep(live, accounts.me())
    return _marks(live)


@bp.delete("/<live_id>/kept")
@for_lesson(Who.SIGNED_IN)
def drop(live: LiveSession) -> ResponseReturnValue:
    """取消收藏."""
    marks.drop(live, accounts.me())
    return _marks(live)


@bp.post("/<live_id>/reminder")
@for_lesson(Who.SIGNED_IN)
def remind(live: LiveSession) -> ResponseReturnValue:
    """提醒我."""
    marks.remind(live, accounts.me())
    return _marks(live)


@bp.delete("/<live_id>/reminder")
@for_lesson(Who.SIGNED_IN)
def let_go(live: LiveSession) -> ResponseReturnValue:
    """取消提醒."""
    marks.let_go(live, accounts.me())
    return _marks(live)


def _marks(live: LiveSession) -> ResponseReturnValue:
    mine = marks.of([live], accounts.me()).get(live.id)
    page = url_for("live.page", live_id=live.id)
    return respond("live/_marks.html", page=page, marks=mine, subject=live.subject)
