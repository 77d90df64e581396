"""Live sessions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while, values_of
from app.kernel.ids import new_id
from app.live.lifecycle import RUNNING, SHOWN, LiveState
from app.media.models import Stream
from app.units.models import Unit

LONGEST_SUBJECT = 120


class Audience(StrEnum):
    """Who may watch."""

    DEPARTMENT = "department"
    """机构内公开: the unit in whose name it is taught, and what is beneath."""
    INSTITUTE = "institute"
    """本单位公开: the institute or branch that this unit belongs to."""
    ACADEMY = "academy"
    """全院公开: everybody with an account."""
    EVERYONE = "everyone"
    """完全公开: visitors without an account too."""


class LiveSession(Base):
    """A lesson: scheduled, taught live, then a replay."""

    __tablename__ = "live_session"
    __table_args__ = (
        Index("ix_live_session_state_start", "state", "starts_at_ms"),
        Index("uq_live_session_subject", "subject_key", unique=True, **only_while("deleted_ms IS NULL")),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    subject_key: Mapped[str] = mapped_column(String(500), comment="the subject as `subjects.key_of` compares it")
    abstract: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[Audience] = mapped_column(Enum(Audience, native_enum=False, length=16, values_callable=values_of))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True, comment="in whose name it is taught")
    audience_unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id"), index=True, comment="whose people may watch, with all beneath; the academy for everyone"
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    stream_id: Mapped[str] = mapped_column(ForeignKey("media_stream.id"), unique=True)
    starts_at_ms: Mapped[int] = mapped_column(BigInteger)
    ends_at_ms: Mapped[int] = mapped_column(BigInteger)
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger, comment="deleted before it began")
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    state: Mapped[LiveState] = mapped_column(
        Enum(LiveState, native_enum=False, length=16, values_callable=values_of), default=LiveState.SCHEDULED
    )
    state_since_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    pause_message: Mapped[str] = mapped_column(String(200), default="")
    recording: Mapped[bool] = mapped_column(default=True, comment="开始录制: what is on air is kept")
    started_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_at_ms: Mapped[int | None] = mapped_column(BigInteger)
    presenter_seen_ms: Mapped[int] = mapped_column(BigInteger, default=0)

    owner: Mapped[User] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship(lazy="joined", foreign_keys=[unit_id])
    audience_unit: Mapped[Unit] = relationship(lazy="joined", foreign_keys=[audience_unit_id])
    stream: Mapped[Stream] = relationship()

    @property
    def is_running(self) -> bool:
        """Say whether the lesson has begun and not ended."""
        return self.state in RUNNING

    @property
    def is_shown(self) -> bool:
        """Say whether learners see what the encoder sends."""
        return self.state in SHOWN

    @property
    def reason(self) -> str:
        """Say in a word why learners see 缓冲中; empty in the other states."""
        if self.state is LiveState.AWAY:
            return "presenter_away"
        if self.state is LiveState.INTERRUPTED:
            return "encoder_lost" if self.stream.newest_end_ms > (self.started_at_ms or 0) else "waiting_for_encoder"
        return ""

    @property
    def has_recording(self) -> bool:
        """Say whether there is, or is going to be, something to watch again."""
        if self.stream.finished:
            return self.stream.kept_ms > 0
        return bool(self.stream.record)

    def enter(self, state: LiveState, at_ms: int) -> None:
        """Come into a state."""
        self.state, self.state_since_ms = state, at_ms
        if state in RUNNING and self.started_at_ms is None:
            self.started_at_ms = at_ms
        if state is LiveState.ENDED:
            self.ended_at_ms = at_ms

    def status(self) -> dict[str, Any]:
        """Give what everybody in the room must know, as the payload of a `live.state` event."""
        return {
            "state": str(self.state),
            "reason": self.reason,
            "message": self.pause_message if self.state is LiveState.PAUSED else "",
            "recording": self.recording,
            "started_at": self.started_at_ms,
        }
