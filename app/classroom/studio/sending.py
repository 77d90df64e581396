"""The presenter's browser asks to be let in as the lesson's camera."""

from __future__ import annotations

import re

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel import clock
from app.kernel.access import Who
from app.live.access import for_lesson
from app.live.models import LiveSession
from app.media import doors, tickets
from app.media.errors import NoSender, SomebodySends
from media_worker.contract import LINE_PATH, line_signature

bp = Blueprint("sending", __name__, url_prefix="/live/<live_id>")

MEASURED_FOR_S = 60

_SENDER = re.compile(r"[A-Za-z0-9_-]{8,40}")


@bp.post("/sending")
@for_lesson(Who.PRESENTER)
def ticket(live: LiveSession) -> ResponseReturnValue:
    """Return a ticket for media_worker; 409 with who sends, unless that page has `left`, or `take_over` is said."""
    me, sender, left = accounts.me(), request.form.get("sender", ""), request.form.get("left", "")
    if not _SENDER.fullmatch(sender) or (left and not _SENDER.fullmatch(left)):
        raise NoSender
    take_over = request.form.get("take_over") == "1"
    try:
        issued = tickets.issue(
            live.stream, user_id=me.id, name=me.real_name, sender=sender, left=left, take_over=take_over
        )
    except SomebodySends as error:
        return jsonify(
            error=error.code, message=str(error.message), mend=str(error.mend), sending=error.sending
        ), error.status
    return jsonify(url=doors.for_senders(), ticket=issued.id)


@bp.post("/line")
@for_lesson(Who.PRESENTER)
def line(_live: LiveSession) -> ResponseReturnValue:
    """Return the address at which the presenter's browser may measure its line for a minute."""
    until_s = clock.now_ms() // 1000 + MEASURED_FOR_S
    signature = line_signature(current_app.config["WORKER_SECRET"], until_s)
    return jsonify(address=doors.beside(LINE_PATH, until=until_s, signature=signature))
