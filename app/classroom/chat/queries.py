"""Reading what was written, always for one side of the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select

from app.classroom.chat.models import Message, Mute, Rules
from app.classroom.hub import Side
from app.extensions import db

ON_A_PAGE = 50


def newest(live_id: str, side: Side, key: str, *, before: int | None = None) -> list[Message]:
    """Give the newest messages, oldest first; of those before a message, where one is named."""
    wanted = select(Message).where(Message.live_id == live_id, Message.gone_ms.is_(None))
    if side is Side.LEARNER:
        wanted = wanted.where(or_(Message.to_desk.is_(False), Message.by_key == key))
    if before is not None:
        wanted = wanted.where(Message.id < before)
    return list(reversed(db.session.scalars(wanted.order_by(Message.id.desc()).limit(ON_A_PAGE)).all()))


def by_ids(live_id: str, ids: Collection[int]) -> dict[int, Message]:
    """Give those messages that still hold words."""
    wanted = select(Message).where(Message.live_id == live_id, Message.id.in_(ids), Message.gone_ms.is_(None))
    return {message.id: message for message in db.session.scalars(wanted)}


def pinned(live_id: str) -> Message | None:
    """Give the message that stands above the others."""
    wanted = select(Message).where(
        Message.live_id == live_id, Message.pinned_ms.is_not(None), Message.gone_ms.is_(None)
    )
    return db.session.scalars(wanted.order_by(Message.pinned_ms.desc()).limit(1)).first()


def rules_of(live_id: str) -> Rules:
    """Give the rules of a lesson; those of one that has set none."""
    return db.session.get(Rules, live_id) or Rules(
        live_id=live_id, muted_all=False, slow_s=0, guests=True, pictures=False, words=""
    )


def mutes(live_id: str) -> Sequence[Mute]:
    """Give those who may not write, by name."""
    return db.session.scalars(select(Mute).where(Mute.live_id == live_id).order_by(Mute.name)).all()


def is_muted(live_id: str, key: str) -> bool:
    """Say whether somebody may not write."""
    return db.session.get(Mute, (live_id, key)) is not None


def last_of(live_id: str, key: str) -> Message | None:
    """Give the newest message of one person, also one that is gone."""
    wanted = select(Message).where(Message.live_id == live_id, Message.by_key == key)
    return db.session.scalars(wanted.order_by(Message.id.desc()).limit(1)).first()


def sent_as(live_id: str, key: str, nonce: str) -> Message | None:
    """Find what a page has sent before under the same name."""
    wanted = select(Message).where(Message.live_id == live_id, Message.by_key == key, Message.nonce == nonce)
    return db.session.scalar(wanted)
