"""Words said in a lesson: reads those that still stand, and logs who changed some or took them away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import Select, select

from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine.commands import Call
from app.classroom.engine.models import Said, SaidByAnybody
from app.extensions import db
from app.timeline.models import Event

Words = TypeVar("Words", bound=Said)
Sent = TypeVar("Sent", bound=SaidByAnybody)


def standing(kind: type[Words], live_id: str) -> Select[Words]:
    """Select the rows of a lesson that still hold words."""
    return select(kind).where(kind.live_id == live_id, kind.gone_ms.is_(None))


def by_ids(kind: type[Words], live_id: str, ids: Collection[int]) -> dict[int, Words]:
    """Return the rows with these ids that still hold words, by id."""
    return {row.id: row for row in db.session.scalars(standing(kind, live_id).where(kind.id.in_(ids)))}


def said_by(call: Call, event: Event) -> dict[str, Any]:
    """Return columns of `SaidByAnybody`: the speaker by the call, the number and the time by the event."""
    return {
        "live_id": call.live.id,
        "id": event.id,
        "at_ms": event.at_ms,
        "by_key": call.person.key,
        "by_id": call.person.user_id,
        "by_name": call.person.name,
        "part": call.part,
    }


def sent_as(kind: type[Sent], live_id: str, key: str, nonce: str) -> Sent | None:
    """Return the row that a page of this person has sent before under this nonce. `None` means that there is none."""
    return db.session.scalar(select(kind).where(kind.live_id == live_id, kind.by_key == key, kind.nonce == nonce))


def note_change(call: Call, action: Action, words: Said, **which: int) -> None:
    """Log that words were changed or taken away. Call it within the unit of work that does so.

    Args:
        call: of the person who did it.
        action: edited, withdrawn or deleted.
        words: the row.
        which: its number, under the name of its kind: the message, the question or the notice.
    """
    audit.record(
        action,
        by_id=call.person.user_id,
        unit_id=call.live.unit_id,
        what=words.by_name,
        subject=call.live.subject,
        **which,
        at_ms=words.at_ms,
        who=call.person.name,
    )
