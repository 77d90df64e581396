"""Recordings are published here, and their opening is noted."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine.seats import Person
from app.extensions import db
from app.kernel.errors import NotFound
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.audiences import replay_words
from app.live.lifecycle import LiveState
from app.live.models import Audience, LiveSession
from app.live.policies import audience_unit
from app.replays.publishing.models import Viewer


@dataclass(frozen=True)
class Shown:
    """Parts of a replay beside picture, sound and slides."""

    notes: bool = False
    """The search finds the speaker's notes for everybody."""
    chat: bool = True
    """Chat, questions and polls."""
    names: bool = True
    """The names of learners."""


USUAL = Shown()


def publish(live: LiveSession, audience: Audience | None, *, guests: bool, by: User, shown: Shown = USUAL) -> None:
    """Open the recording of a lesson that is over to an audience.

    Args:
        live: the lesson.
        audience: who may watch; `None` means everybody who may watch the lesson itself.
        guests: visitors who were let in by the guest link may watch, too.
        by: who decides.
        shown: what the replay shows.
    """
    with unit_of_work():
        _lock_ended(live)
        live.replay_hidden, live.replay_audience, live.replay_guests = False, audience, guests
        live.replay_notes, live.replay_chat, live.replay_names = shown.notes, shown.chat, shown.names
        live.replay_audience_unit = audience_unit(live.unit, audience) if audience else None
        _note(Action.REPLAY_PUBLISHED, live, by)


def unpublish(live: LiveSession, *, by: User) -> None:
    """Leave the recording to its presenters. Who watches it at the moment may finish: addresses run out in time."""
    with unit_of_work():
        _lock_ended(live)
        live.replay_hidden = True
        _note(Action.REPLAY_UNPUBLISHED, live, by)


def note_viewer(live: LiveSession, person: Person) -> None:
    """Count a person who opens a recording, once. A visitor without any mark cannot be told from others."""
    if person.key and db.session.get(Viewer, (live.id, person.key)) is None:
        with unit_of_work():
            lock(live)  # two pages of one person that open at once
            if db.session.get(Viewer, (live.id, person.key)) is None:
                db.session.add(Viewer(live_id=live.id, key=person.key))


def _lock_ended(live: LiveSession) -> None:
    lock(live)
    if live.state is not LiveState.ENDED:
        raise NotFound


def _note(action: Action, live: LiveSession, by: User) -> None:
    audit.record(action, by_id=by.id, unit_id=live.unit_id, what=live.subject, audience=replay_words(live))
