"""Names of learners in a replay whose publishers leave them out."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app
from flask_babel import gettext as _

from app.extensions import db
from app.live.lifecycle import LiveState
from app.live.models import LiveSession

NAMED = {"teacher", "assistant", "manager"}
"""Parts whose names are told always."""
NUMBERS = 9_000


def leaves_names_out(live_id: str) -> bool:
    """Return whether a lesson is over and its replay leaves the names of learners out."""
    live = db.session.get(LiveSession, live_id)
    return live is not None and live.state is LiveState.ENDED and not live.replay_names


def name_in_replay(live_id: str, key: str, name: str, part: str) -> str:
    """Return a person's name as other learners see it: a number in place of it where the replay leaves names out.

    The number is the same in all that she wrote in this lesson, and tells nothing about her.
    """
    if not name or part in NAMED or not leaves_names_out(live_id):
        return name
    secret: str = current_app.config["SECRET_KEY"]
    digest = hmac.digest(secret.encode(), f"{live_id} {key}".encode(), hashlib.sha256)
    return str(_("Learner %(number)s", number=1_000 + int.from_bytes(digest[:4]) % NUMBERS))
