"""The door of a lesson's room: which person a visitor is in it, and which people were put out of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import parse_qs, urlsplit

from blinker import Namespace
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from htmx_flask import request
from sqlalchemy import ColumnElement, or_, select

from app.accounts.models import User
from app.accounts.throttle import known_here
from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine.hub import Hub
from app.classroom.engine.models import Bar
from app.classroom.engine.presence.models import Presence
from app.classroom.engine.seats import Person, Seat, Side
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import Forbidden, NotFound
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import guests, policies, queries
from app.live.models import Audience, LiveSession, Part
from app.live.policies import May, permissions_of
from app.media.addresses import close_door

was_put_out = Namespace().signal("classroom.put_out")
"""A person was put out. The sender is the lesson's id, `key` is the person's key. It is sent within the transaction."""

AS_LEARNER = "as_learner"
"""Argument of the watch page and of its socket by which a presenter sees what learners see."""

PUT_OUT_MS = 10 * 60_000
"""Time for which 移出 keeps a person out."""

JUST_NOW_MS = 10_000
"""Age up to which a bar counts as new. Every process looks for new ones once a second, and its clock may differ."""


class PutOut(Forbidden):
    """A presenter has put this person out."""

    code = "classroom.put_out"
    message = _l("A presenter has put you out of this lesson.")
    mend = _l("If you think that this is a mistake, write to the teacher.")


class NotHere(NotFound):
    """The person has never been in this room."""

    code = "classroom.not_here"
    message = _l("Nobody like that has been in this lesson.")
    mend = _l("Choose somebody from the list of participants.")


def person_of(user: User | None, live: LiveSession) -> Person:
    """Return the person that a visitor is in a room: that of her account, or the guest of this request."""
    if user is not None and plays_learner(user, live):
        return Person(f"p{user.id}", _("%(name)s as a learner", name=user.real_name), user.id)
    if user is not None:
        return Person(f"u{user.id}", user.real_name, user.id)
    guest = guests.guest(live)
    return Person(f"g{guest.id}" if guest.id else "", guest.name, None)


def only_looks(user: User | None, live: LiveSession) -> bool:
    """Return whether a presenter looks at the learner's page of a lesson, where nothing that she does is sent."""
    return live.rehearses_id is None and is_as_learner(user, live)


def plays_learner(user: User | None, live: LiveSession) -> bool:
    """Return whether a presenter has opened the learner's page of a rehearsal.

    She is a person of her own there: her studio shows what becomes of her answers, her hand and her questions.
    """
    return live.rehearses_id is not None and is_as_learner(user, live)


def is_as_learner(user: User | None, live: LiveSession) -> bool:
    """Return whether a presenter sees the learner's page (以学员身份查看): the address of the page says so."""
    page = urlsplit(request.headers.get("HX-Current-URL", "")).query if request.htmx else ""
    is_asked = AS_LEARNER in request.args or AS_LEARNER in parse_qs(page, keep_blank_values=True)
    return is_asked and May.ASSIST in permissions_of(user, live)


def side_of(user: User | None, live: LiveSession) -> Side:
    """Return the side of the room that the page of this request shows."""
    is_desk = May.ASSIST in permissions_of(user, live) and not is_as_learner(user, live)
    return Side.DESK if is_desk else Side.LEARNER


def seated_as(user: User | None, live: LiveSession) -> str:
    """Return the part of a person in a lesson: teacher, assistant, manager, learner or guest."""
    if user is None:
        return "guest"
    part = policies.part_of(user, live)
    if part is not None:
        return str(part)
    if May.ASSIST not in permissions_of(user, live):
        return str(Part.LEARNER)
    return str(Part.TEACHER) if live.owner_id == user.id else "manager"


def refusals_of(user: User | None, lives: Collection[LiveSession]) -> dict[str, PutOut]:
    """Return, by the ids of lessons, the reason why the person of this request is not let into them.

    Lessons into which she may come are left out.

    A visitor also counts as everybody who has signed in with this browser. So a person who was put out does not come
    back as a guest with the same browser. With another one she does, as long as the guest link lets anybody in.
    """
    before = {f"u{one}" for one in known_here()} if user is None else set()
    keys = {live.id: {person_of(user, live).key} | before for live in lives}
    wanted = select(Bar.live_id, Bar.key).where(Bar.live_id.in_(keys), _still())
    return {live_id: PutOut() for live_id, key in db.session.execute(wanted) if key in keys[live_id]}


def refuse_barred(live_id: str, key: str) -> None:
    """Refuse a person who was put out.

    Raises:
        PutOut: she was.
    """
    if key and key in {bar.key for bar in barred(live_id)}:
        raise PutOut


def barred(live_id: str) -> Sequence[Bar]:
    """Return the bars of people who are not let into a room at the moment, the newest first."""
    return db.session.scalars(select(Bar).where(Bar.live_id == live_id, _still()).order_by(Bar.at_ms.desc())).all()


def _still() -> ColumnElement[bool]:
    """Return the condition for bars that keep somebody out at the moment."""
    return or_(Bar.until_ms.is_(None), Bar.until_ms > clock.now_ms())


def plainly_there(live_id: str, seats: Sequence[Seat]) -> frozenset[Seat]:
    """Return the seats of those learners who belong to the lesson's audience and were not put out.

    It asks the database a few times for all of them together. Other people may have a place for other reasons.
    """
    live = db.session.get(LiveSession, live_id)
    if live is None or live.draft or live.deleted_ms is not None:
        return frozenset()
    signed_in = queries.plainly_watching(live_id, [seat.sign_in_key for seat in seats if seat.sign_in_key])
    for_all = live.audience is Audience.EVERYONE
    nobody = {"", *(bar.key for bar in barred(live_id))}
    return frozenset(
        seat
        for seat in seats
        if seat.side is Side.LEARNER
        and seat.person.key not in nobody
        and (seat.sign_in_key in signed_in if seat.sign_in_key else for_all)
    )


def somebody(live_id: str, key: str) -> Person:
    """Return the person with this key, who is or was in the room. About other people it tells nothing.

    Raises:
        NotHere: nobody with this key has been in the room.
    """
    seen = db.session.get(Presence, (live_id, key[:40]))
    if seen is None:
        raise NotHere
    return Person(seen.key, seen.name, seen.user_id)


def put_out(live: LiveSession, person: Person, *, for_good: bool, by: User, new_link: bool = False) -> None:
    """Put somebody out of a room: her pages and her media end, and she is not let in.

    Args:
        live: the lesson.
        person: whom to put out.
        for_good: she stays out until she is let in again. Otherwise she stays out for ten minutes.
        by: who puts her out.
        new_link: renew the guest link. The link that she knows then lets in nobody new; guests who are in stay.

    Raises:
        Forbidden: she teaches or assists.
    """
    user = db.session.get(User, person.user_id) if person.user_id else None
    if user is not None and May.ASSIST in permissions_of(user, live):
        raise Forbidden
    now = clock.now_ms()
    with unit_of_work() as after_commit:
        lock(live)
        if new_link:
            guests.renew(live)
        audit.record(Action.PERSON_PUT_OUT, by_id=by.id, unit_id=live.unit_id, what=person.name, subject=live.subject)
        bar = db.session.get(Bar, (live.id, person.key)) or Bar(live_id=live.id, key=person.key)
        bar.name, bar.by_id, bar.at_ms = person.name, by.id, now
        bar.until_ms = None if for_good else now + PUT_OUT_MS
        db.session.add(bar)
        was_put_out.send(live.id, key=person.key)
        stream_id = live.stream_id
        after_commit(lambda: close_door(stream_id, person.key))


def close_pages(hub: Hub) -> None:
    """End the connections here of people who were just put out in any process. The keeper calls it every second."""
    wanted = select(Bar.live_id, Bar.key).where(Bar.live_id.in_(hub.seats()), Bar.at_ms > clock.now_ms() - JUST_NOW_MS)
    for live_id, key in db.session.execute(wanted):
        hub.put_out(live_id, key)


def let_in(live: LiveSession, key: str, *, by: User) -> None:
    """Let somebody in again."""
    with unit_of_work():
        lock(live)
        bar = db.session.get(Bar, (live.id, key))
        if bar is not None:
            audit.record(Action.PERSON_LET_IN, by_id=by.id, unit_id=live.unit_id, what=bar.name, subject=live.subject)
            db.session.delete(bar)
