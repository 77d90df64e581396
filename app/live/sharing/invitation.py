"""复制邀请: what a lesson's people are told in a chat group, as plain text."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from app.kernel import web
from app.live import guests, tokens
from app.live.models import LiveSession, Part
from app.live.views import teachers_of


def text_of(live: LiveSession) -> str:
    """Write an invitation in the reader's language.

    It says subject, time with its zone, teacher, address, and how to get in with the learner token or as a guest. The
    presenters' tokens are not in it.
    """
    begins, ends = web.format_datetime(live.starts_at_ms), _end_of(live)
    lines = [
        _("You are invited to a live lesson"),
        _("“%(subject)s”", subject=live.subject),
        _("Time: %(time)s", time=web.with_zone(f"{begins}–{ends}")),
        _("Teacher: %(name)s", name=teachers_of(live)),
        _("Watch: %(address)s", address=url_for("live.page", live_id=live.id, _external=True)),
    ]
    token = tokens.values_of(live).get(Part.LEARNER)
    if token:
        where = url_for("joining.token", _external=True)
        lines.append(_("Learner token: %(token)s. Sign in at %(address)s and enter it.", token=token, address=where))
    if live.guests:
        lines.append(
            _("Without an account: %(address)s (no learning hours)", address=guests.link_of(live)),
        )
    return "\n".join(lines)


def text_in_other_language(live: LiveSession) -> str:
    """Write the invitation in the language that the reader does not read."""
    other = next(one for one in web.LANGUAGES if one != web.language())
    with web.written_in(other):
        return text_of(live)


def _end_of(live: LiveSession) -> str:
    is_same_day = web.iso_day(live.starts_at_ms) == web.iso_day(live.ends_at_ms)
    return web.format_time(live.ends_at_ms) if is_same_day else web.format_datetime(live.ends_at_ms)
