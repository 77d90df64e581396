"""Notices are announced and withdrawn here."""

from __future__ import annotations

from app.audit.models import Action
from app.classroom.engine.commands import Call
from app.classroom.engine.words import note_change
from app.classroom.notices import errors, kinds, queries
from app.classroom.notices.models import LONGEST, Notice
from app.extensions import db
from app.kernel import clock
from app.kernel.text import plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import OVER
from app.timeline import services as timeline

SAID_AGAIN_MS = 60_000
"""The same words of the same person within this time are the same notice: her page has lost its connection."""


def give(call: Call, text: str) -> Notice:
    """Announce words to everybody.

    Raises:
        Over, Empty, TooLong: it is not announced.
    """
    text = plain_text(text) or ""
    if not text:
        raise errors.Empty
    if len(text) > LONGEST:
        raise errors.TooLong(len(text), LONGEST)
    with unit_of_work():
        lock(call.live)
        if call.live.state in OVER:
            raise errors.Over
        before = queries.newest(call.live.id)
        if before is not None and _is_the_same(before, call, text):
            return before
        event = timeline.append(call.live.id, kinds.GIVEN, {}, by_id=call.person.user_id)
        notice = Notice(
            live_id=call.live.id,
            id=event.id,
            at_ms=event.at_ms,
            by_id=call.person.user_id,
            by_name=call.person.name[:80],
            text=text,
        )
        db.session.add(notice)
    return notice


def withdraw(call: Call, number: int) -> None:
    """Take the newest notice back.

    Raises:
        NotTheNewest: it is another one, or gone.
    """
    with unit_of_work():
        lock(call.live)
        notice = queries.newest(call.live.id)
        if notice is None or notice.id != number:
            raise errors.NotTheNewest
        notice.gone_ms, notice.text = clock.now_ms(), ""
        timeline.append(call.live.id, kinds.GONE, {"notice": number}, by_id=call.person.user_id)
        note_change(call, Action.WORDS_WITHDRAWN, notice, notice=number)


def _is_the_same(before: Notice, call: Call, text: str) -> bool:
    is_fresh = clock.now_ms() - before.at_ms < SAID_AGAIN_MS
    return is_fresh and before.text == text and before.by_id == call.person.user_id
