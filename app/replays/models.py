"""Downloads of recordings."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of


class DownloadState(StrEnum):
    """State of a download."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Download(Base):
    """The MP4 of a lesson, made by a job."""

    __tablename__ = "replay_download"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[DownloadState] = mapped_column(
        Enum(DownloadState, native_enum=False, length=16, values_callable=values_of),
        default=DownloadState.QUEUED,
    )
    percent: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    problem: Mapped[str] = mapped_column(String(200), default="")
    attempts: Mapped[int] = mapped_column(
        default=0,
        server_default="0",
        comment="how often making it was begun since it was asked for; one that kills its process is given up",
    )
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms, onupdate=clock.now_ms)
