"""Recordings that must stay, because their learning hours are open."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.credits.ledger.closing import counts_until_ms
from app.credits.ledger.models import Closing, Entry
from app.credits.reports.models import Appeal
from app.credits.rules import queries as rules
from app.extensions import db
from app.kernel import clock, web
from app.live.models import LiveSession


def reason(live: LiveSession) -> str:
    """Return why the recording of a lesson must stay, "" where nothing is against removing it.

    A rule by which watching the replay counts without an end holds nothing: otherwise no recording could ever go. The
    hours that people have earned stay in the ledger.
    """
    closing = db.session.get(Closing, live.id)
    if closing is not None and closing.closed_ms is None:
        return str(_("Its learning hours have not been written down yet."))
    if closing is not None and closing.final_ms is None:
        until_ms = counts_until_ms(live, rules.rule_of(rules.version_for(live)))
        if until_ms is not None and until_ms > clock.now_ms():
            return str(_("Watching it earns learning hours until %(day)s.", day=web.format_date(until_ms)))
    appealed = select(Appeal.id).join(Entry, Entry.id == Appeal.entry_id)
    if db.session.scalar(appealed.where(Entry.live_id == live.id, Appeal.answered_ms.is_(None)).limit(1)) is not None:
        return str(_("Somebody has appealed against her learning hours, and waits for an answer."))
    return ""
