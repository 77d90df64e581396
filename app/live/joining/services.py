"""How people come into a lesson: by signing up, and by entering a token."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import clock, web
from app.kernel.errors import SignInFirst
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import events, learners, tokens
from app.live.errors import Full, OfAnotherUnit, TokenUnknown
from app.live.lifecycle import refuse_over
from app.live.models import Learner, LiveSession, Part, Presenter, Token


def enter(typed: str, user: User | None, *, sure: bool = False) -> tuple[LiveSession, Part]:
    """Grant the part that a token stands for to the person who enters it. From now on she holds it.

    Tokens are for people who have signed in: visitors come by the guest link, where guests may watch at all.

    Args:
        typed: the token as it was typed.
        user: who enters it; `None` for a visitor without an account.
        sure: she has seen that the session is of another unit than her own.

    Raises:
        SignInFirst: a visitor enters one; whether it exists is not looked at.
        TokenUnknown: no open session has it.
        TooManyTokens: this person, or her block of addresses, has tried too many.
        OfAnotherUnit: it makes her a presenter in another unit, and she is not `sure` yet.
    """
    if user is None:
        raise SignInFirst
    token = tokens.try_token(typed, user)
    live = db.session.get(LiveSession, token.live_id) if token else None
    if token is None or live is None or live.draft:
        raise TokenUnknown
    if token.part is Part.LEARNER:
        _admit(live, user)
    else:
        is_known = live.chosen_as(user) is not None or live.owner_id == user.id
        if not (sure or is_known or live.unit_id == user.unit_id):
            raise OfAnotherUnit(live, token.part)
        _take_part(live, user, token)
    return live, token.part


def sign_up(live: LiveSession, user: User) -> None:
    """报名: take a place, and be reminded.

    Raises:
        Full: there is none left.
        AlreadyEnded, Cancelled: it is over.
    """
    with unit_of_work():
        lock(live)
        refuse_over(live.state)
        known = learners.learner_of(live, user)
        if known is not None and known.signed_up_ms is not None:
            return
        if live.capacity is not None and signed_up(live) >= live.capacity:
            raise Full
        row = learners.row_of(live, user)
        row.signed_up_ms, row.reminded_ms = clock.now_ms(), None
        row.language, row.site = web.language(), web.root()[:200]


def sign_off(live: LiveSession, user: User) -> None:
    """取消报名: return a place."""
    with unit_of_work():
        known = learners.learner_of(live, user)
        if known is not None:
            known.signed_up_ms = None


def remind_again(live: LiveSession) -> None:
    """Handle a new begin of a lesson: a person who was reminded of the old one is reminded of the new one."""
    with unit_of_work():
        db.session.execute(update(Learner).where(Learner.live_id == live.id).values(reminded_ms=None))


def signed_up(live: LiveSession) -> int:
    """Count those who have signed up."""
    taken = select(func.count()).where(Learner.live_id == live.id, Learner.signed_up_ms.is_not(None))
    return db.session.scalar(taken) or 0


def _admit(live: LiveSession, user: User) -> None:
    with unit_of_work():
        lock(live)
        row = learners.row_of(live, user)
        row.admitted_ms = row.admitted_ms or clock.now_ms()


def _take_part(live: LiveSession, user: User, token: Token) -> None:
    """A teacher stays a teacher when she enters the assistant's token too."""
    with unit_of_work():
        lock(live)
        held = next((one for one in live.presenters if one.user_id == user.id), None)
        if held is not None and token.part in {held.part, Part.ASSISTANT}:
            return
        if held is None:
            live.presenters.append(Presenter(user=user, part=token.part, by_token=True))
        else:
            held.part = Part.TEACHER
        audit.record(
            Action.PART_TAKEN,
            by_id=user.id,
            unit_id=live.unit_id,
            what=user.label,
            subject=live.subject,
            part=str(token.part),
        )
        events.part_taken.send(live, user=user, part=token.part)
