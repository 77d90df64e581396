"""Recordings on their way in."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of
from app.kernel.ids import new_id
from app.live.models import LONGEST_SUBJECT

LONGEST_NAME = 200


class IntakeState(StrEnum):
    """State of an intake."""

    UPLOADING = "uploading"
    ASKING = "asking"
    """A video is here; its subject and its time are still to be told."""
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """`problem` says why. The file stays for a while, so that it can be tried again."""


UNFINISHED = (IntakeState.WAITING, IntakeState.RUNNING)
OPEN = (IntakeState.UPLOADING, IntakeState.ASKING, *UNFINISHED)


class Part(StrEnum):
    """A file of an intake."""

    RECORDING = "recording"
    SLIDES = "slides"


class Intake(Base):
    """A recording that somebody brings, up to the replay that is made of it."""

    __tablename__ = "courseware_intake"
    __table_args__ = (Index("ix_courseware_intake_state", "state", "changed_ms"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    state: Mapped[IntakeState] = mapped_column(
        Enum(IntakeState, native_enum=False, length=16, values_callable=values_of), default=IntakeState.UPLOADING
    )
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), comment="of the file")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    received_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    slides_name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="", comment="of the slides; empty: none")
    slides_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    slides_received: Mapped[int] = mapped_column(BigInteger, default=0)
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT), default="", comment="of a video")
    began_ms: Mapped[int] = mapped_column(BigInteger, default=0, comment="when a video was begun")
    percent: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(40), default="", comment="a word of `problems`; empty: none")
    attempts: Mapped[int] = mapped_column(
        default=0, comment="how often it was begun; one that kills its process is given up"
    )
    live_id: Mapped[str | None] = mapped_column(ForeignKey("live_session.id", ondelete="SET NULL"))
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    @property
    def is_video(self) -> bool:
        """Whether it is a video; others come as zips that say what they are."""
        return not self.name.lower().endswith(".zip")

    @property
    def has_slides(self) -> bool:
        """Whether slides have come with it, wholly."""
        return bool(self.slides_name) and self.slides_received >= self.slides_bytes
