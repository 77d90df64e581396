"""What each person watched of each lesson, how much of her time is used up, and what there was to watch."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base

Pairs = list[list[int]]
"""[[from_ms, to_ms], …], see `stretches.Stretches`."""


class Watched(Base):
    """What one person watched of one lesson. No moment of the media clock stands in it twice."""

    __tablename__ = "credits_watched"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    came_ms: Mapped[int] = mapped_column(BigInteger, comment="of the first report; nothing was watched before")
    seen_ms: Mapped[int] = mapped_column(BigInteger, comment="of the newest report")
    on_air: Mapped[Pairs] = mapped_column(JSON, default=list, comment="stretches first watched while it was on air")
    replayed: Mapped[Pairs] = mapped_column(JSON, default=list, comment="stretches first watched in the replay")
    on_air_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="length of these")
    replayed_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    muted_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="of all of it, without sound")
    hidden_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="behind another tab or window")
    apart_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="in a small window, picture in picture")


class Watcher(Base):
    """One person's time, in all lessons and on all devices together: an hour of it is used once."""

    __tablename__ = "credits_watcher"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    spent_ms: Mapped[int] = mapped_column(BigInteger, comment="up to this moment (epoch ms) her time is used up")
    seen_ms: Mapped[int] = mapped_column(BigInteger, comment="of the newest report")
    live_id: Mapped[str | None] = mapped_column(String(16), comment="the lesson in which time was used last")


class Programme(Base):
    """What a lesson that is over had to watch, written down when its media are closed."""

    __tablename__ = "credits_programme"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), primary_key=True)
    stretches: Mapped[Pairs] = mapped_column(JSON)
