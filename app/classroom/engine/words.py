"""Words that were changed or taken away: gone from every renderer, while the log keeps who did so and when."""

from __future__ import annotations

from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine.commands import Call


def note_change(call: Call, action: Action, *, by_name: str, at_ms: int, **which: int) -> None:
    """Have the log say that somebody's words were changed or taken away; within the unit of work that does so.

    Args:
        call: by whom.
        action: edited, withdrawn or deleted.
        by_name: whose they were.
        at_ms: when they were written.
        which: the number of the message, the question or the notice, under that name.
    """
    audit.record(
        action,
        by_id=call.person.user_id,
        unit_id=call.live.unit_id,
        what=by_name,
        subject=call.live.subject,
        **which,
        at_ms=at_ms,
        who=call.person.name,
    )
