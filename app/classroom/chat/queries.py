"""Reading what was written, always for one side of the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from app.classroom.chat.models import Message, Mute, Rules
from app.classroom.engine.seats import Side
from app.classroom.engine.words import standing
from app.extensions import db

ON_A_PAGE = 50

LEARNERS = ("learner", "guest")
"""Parts of those who do not belong to the desk."""


def newest(live_id: str, side: Side, key: str, *, before: int | None = None) -> list[Message]:
    """Return the newest messages, oldest first; of those before a message, where one is named."""
    wanted = standing(Message, live_id)
    if side is Side.LEARNER:
        wanted = wanted.where(_is_for(key))
    if before is not None:
        wanted = wanted.where(Message.id < before)
    return list(reversed(db.session.scalars(wanted.order_by(Message.id.desc()).limit(ON_A_PAGE)).all()))


def public_of(live_id: str) -> Sequence[Message]:
    """Return every message that all learners may read, in order."""
    wanted = standing(Message, live_id).where(Message.to_desk.is_(False))
    return db.session.scalars(wanted.order_by(Message.id)).all()


def holding(live_id: str, words: Collection[str], side: Side, key: str, *, most: int) -> Sequence[Message]:
    """Return the first messages that hold all words and that somebody may read, in order."""
    wanted = standing(Message, live_id)
    wanted = wanted.where(*(Message.text.icontains(word, autoescape=True) for word in words))
    if side is Side.LEARNER:
        wanted = wanted.where(_is_for(key))
    return db.session.scalars(wanted.order_by(Message.id).limit(most)).all()


def whispered_to(message: Message) -> str:
    """Return the key of the learner whom a 悄悄话 of the desk answers; empty: it is for the desk alone."""
    if not message.to_desk or message.reply_id is None or message.part in LEARNERS:
        return ""
    answered = db.session.get(Message, (message.live_id, message.reply_id))
    return answered.by_key if answered else ""


def may_read(message: Message, side: Side, key: str) -> bool:
    """Return whether somebody may read a message: one to the desk is for the desk, who wrote it and whom it answers."""
    return side is Side.DESK or not message.to_desk or key in {message.by_key, whispered_to(message)}


def pinned(live_id: str) -> Message | None:
    """Return the message that stands above the others."""
    wanted = standing(Message, live_id).where(Message.pinned_ms.is_not(None))
    return db.session.scalars(wanted.order_by(Message.pinned_ms.desc()).limit(1)).first()


def rules_of(live_id: str) -> Rules:
    """Return the rules of a lesson; those of one that has set none."""
    return db.session.get(Rules, live_id) or Rules(
        live_id=live_id, muted_all=False, slow_s=0, guests=True, pictures=False, words=""
    )


def mutes(live_id: str) -> Sequence[Mute]:
    """Return those who may not write, by name."""
    return db.session.scalars(select(Mute).where(Mute.live_id == live_id).order_by(Mute.name)).all()


def is_muted(live_id: str, key: str) -> bool:
    """Return whether somebody may not write."""
    return db.session.get(Mute, (live_id, key)) is not None


def last_of(live_id: str, key: str) -> Message | None:
    """Return the newest message of one person, also one that is gone."""
    wanted = select(Message).where(Message.live_id == live_id, Message.by_key == key)
    return db.session.scalars(wanted.order_by(Message.id.desc()).limit(1)).first()


def _is_for(key: str) -> ColumnElement[bool]:
    """Return the condition for messages that a learner may read, as `may_read`."""
    answered = aliased(Message)
    answers_her = (
        select(answered.id)
        .where(answered.live_id == Message.live_id, answered.id == Message.reply_id, answered.by_key == key)
        .exists()
    )
    return or_(Message.to_desk.is_(False), Message.by_key == key, and_(Message.part.not_in(LEARNERS), answers_her))
