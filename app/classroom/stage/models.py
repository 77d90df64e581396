"""People on the stage, its rules for turns, and the signals between its pages."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class StageMember(Base):
    """A person who is on the stage with one of her pages. Everybody but the host has the floor (`Hand.called_ms`)."""

    __tablename__ = "classroom_stage_member"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, see seats.Person")
    name: Mapped[str] = mapped_column(String(80))
    page: Mapped[str] = mapped_column(String(40), comment="name of the page, see seats.Seat")
    host: Mapped[bool] = mapped_column(comment="her page composes and sends the picture of the lesson")
    muted: Mapped[bool] = mapped_column(comment="by the desk")
    number: Mapped[int] = mapped_column(comment="id of the event by which the page came: later pages call earlier ones")


class StageSignal(Base):
    """A signal to a page that is open in another process. It is removed when it is delivered, or after 30 s."""

    __tablename__ = "classroom_stage_signal"
    __table_args__ = (Index("ix_classroom_stage_signal_page", "page"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40), comment="of the person whose page it is for")
    page: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, comment="the data of the told frame, as JSON")
    at_ms: Mapped[int] = mapped_column(BigInteger)


class StageRules(Base):
    """Rules for turns in one lesson. Without a row `services.USUAL` holds."""

    __tablename__ = "classroom_stage_rules"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    free: Mapped[bool] = mapped_column(comment="everybody may take the floor while a seat is free")
    turn_s: Mapped[int] = mapped_column(comment="length of a turn; 0: as long as one likes")
    next_by_itself: Mapped[bool] = mapped_column(comment="the end of a turn calls who has waited longest")
    layout: Mapped[str] = mapped_column(String(8), comment="how the studio draws the speakers: side, large or strip")
