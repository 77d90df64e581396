"""Recommendations, and requests of institutes for the whole academy."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while
from app.live.models import LiveSession
from app.units.models import Unit

LONGEST_WORDS = 60
LONGEST_REPLY = 300


class Recommendation(Base):
    """A lesson on the home page of a unit's people. The academy's stand on everybody's home page."""

    __tablename__ = "recommendation"
    __table_args__ = (UniqueConstraint("unit_id", "live_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    picture: Mapped[str] = mapped_column(
        String(40), default="", server_default="", comment="name as `pictures` keeps it; empty: composed of the cover"
    )
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS), default="", server_default="")
    from_ms: Mapped[int] = mapped_column(BigInteger)
    until_ms: Mapped[int | None] = mapped_column(BigInteger, comment="none: until it is taken away")
    position: Mapped[int] = mapped_column(default=0, comment="order within the unit; the least comes first")
    shown: Mapped[int] = mapped_column(default=0, server_default="0", comment="pages on which the picture was seen")
    opened: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1, server_default="1", comment="rises with each change")
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    live: Mapped[LiveSession] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship(lazy="joined")
    by: Mapped[User] = relationship()


class AcademyRequest(Base):
    """申请全院推荐: an institute's manager asks the platform team to recommend a lesson to the whole academy."""

    __tablename__ = "recommendation_request"
    __table_args__ = (
        Index("uq_recommendation_request_open", "live_id", unique=True, **only_while("answered_ms IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True, comment="in whose name it was asked")
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    language: Mapped[str] = mapped_column(String(8))
    site: Mapped[str] = mapped_column(String(200), comment="the site's address, for the link in the answer")
    asked_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    answered_ms: Mapped[int | None] = mapped_column(BigInteger)
    granted: Mapped[bool | None]
    reply: Mapped[str] = mapped_column(String(LONGEST_REPLY), default="", server_default="")

    live: Mapped[LiveSession] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship(lazy="joined")
    by: Mapped[User] = relationship(lazy="joined")


class Moment(Base):
    """The newest picture taken from a lesson on air. Its file has the lesson's id as its name."""

    __tablename__ = "live_moment"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger)
