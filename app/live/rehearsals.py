"""排练: a hidden twin of a lesson, in which everything works as on air, and which is thrown away at its end.

The twin is a lesson of its own, so that nothing in the classroom needs to know of rehearsals: its events, its chat, its
answers and its recording carry its own id and go with it. It is a draft, which nobody finds, and `policies` lets only
presenters in. While it is there, the two lessons have exchanged their publish keys, so that an encoder which is set up
for the lesson sends into the rehearsal. The documents are the lesson's own.
"""

from __future__ import annotations

import shutil
from functools import partial

from sqlalchemy import select

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, storage
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import events, queries, services
from app.live.lifecycle import NotNow, refuse_over
from app.live.models import LiveSession, Presenter
from app.live.window import GRACE_MS
from app.media import services as media
from app.timeline import services as timeline

LONGEST_MS = 2 * 3_600_000
"""Planned length of a rehearsal. It can be extended as every lesson can."""

KEPT_MS = 60_000
"""Time after its end in which its pages still say that it is over."""


def begin(live: LiveSession, *, by: User) -> LiveSession:
    """Make the rehearsal of a lesson that has not begun, or return the one that there is.

    Raises:
        AlreadyEnded, Cancelled: nothing is left to rehearse.
        NotNow: the lesson runs.
    """
    with unit_of_work():
        lock(live)
        refuse_over(live.state)
        if live.is_running or live.rehearses_id is not None:
            raise NotNow
        there = queries.rehearsal_of(live)
        if there is not None:
            return there
        now = clock.now_ms()
        twin = LiveSession(
            subject=live.subject,
            subject_key=live.subject_key,
            abstract=live.abstract,
            audience=live.audience,
            unit=live.unit,
            audience_unit=live.audience_unit,
            owner=live.owner,
            stream=media.open_stream(),
            starts_at_ms=now,
            ends_at_ms=now + LONGEST_MS,
            draft=True,
            mode=live.mode,
            guests=False,
            recording=live.recording,
            recording_policy=live.recording_policy,
            presenters=[Presenter(user=one.user, part=one.part) for one in live.presenters],
            rehearses_id=live.id,
        )
        db.session.add(twin)
        db.session.flush()
        timeline.open_row(twin.id)
        media.exchange_keys(live.stream, twin.stream)
        events.rehearsed.send(live, rehearsal=twin, by=by)
    return twin


def sweep() -> None:
    """Delete rehearsals that are over. Called by the clockwork.

    One that was never begun ends with its time. One that has ended goes once media_worker has closed its recording.
    """
    now = clock.now_ms()
    for twin in db.session.scalars(select(LiveSession).where(LiveSession.rehearses_id.is_not(None))).all():
        if twin.is_over and twin.stream.finished and (twin.ended_at_ms or 0) + KEPT_MS < now:
            _throw_away(twin)
        elif not (twin.is_over or twin.is_running) and twin.ends_at_ms + GRACE_MS < now:
            services.drop_rehearsal(twin)


def _throw_away(twin: LiveSession) -> None:
    """Delete a rehearsal with everything that was said, shown and recorded in it."""
    with unit_of_work() as after_commit:
        stream = twin.stream
        folders = (storage.place("media") / stream.id, storage.place("chat") / twin.id)
        db.session.delete(twin)
        db.session.flush()
        db.session.delete(stream)
        for folder in folders:
            after_commit(partial(shutil.rmtree, folder, ignore_errors=True))
