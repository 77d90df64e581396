"""Exports of lessons as courseware."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.courseware.course import Options
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of
from app.kernel.ids import new_id
from app.live.models import LiveSession


class Form(StrEnum):
    """The forms in which a course is exported."""

    SCORM12 = "scorm12"
    SCORM2004 = "scorm2004"
    WEB = "web"
    """A page that opens by double click and plays from any web server."""
    COMPOSED = "composed"
    """One MP4 with the slides beside the video."""
    SLIDES = "slides"
    """The pages as PDF, with what was drawn on them."""
    ARCHIVE = "archive"
    """Everything that was recorded, for another installation."""
    SOUND = "sound"
    """The sound alone, as M4A."""
    TRANSCRIPT = "transcript"
    """Messages, questions and polls as text."""

    @property
    def ending(self) -> str:
        """The ending of its file."""
        return {Form.COMPOSED: "mp4", Form.SLIDES: "pdf", Form.SOUND: "m4a", Form.TRANSCRIPT: "txt"}.get(self, "zip")

    @property
    def mimetype(self) -> str:
        """The type of its file."""
        kinds = {"mp4": "video/mp4", "m4a": "audio/mp4", "pdf": "application/pdf", "txt": "text/plain; charset=utf-8"}
        return kinds.get(self.ending, "application/zip")


IN_PARTS = frozenset({Form.SCORM12, Form.SCORM2004, Form.WEB, Form.COMPOSED})
"""Forms that can be cut into parts."""


class ExportState(StrEnum):
    """State of an export."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (ExportState.QUEUED, ExportState.RUNNING)


class Export(Base):
    """A package of a lesson, made by a job and kept for some days."""

    __tablename__ = "courseware_export"
    __table_args__ = (Index("ix_courseware_export_state", "state", "changed_ms"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    form: Mapped[Form] = mapped_column(Enum(Form, native_enum=False, length=16, values_callable=values_of))
    options: Mapped[dict[str, Any]] = mapped_column(JSON, comment="what is wanted, as `course.Options`")
    state: Mapped[ExportState] = mapped_column(
        Enum(ExportState, native_enum=False, length=16, values_callable=values_of), default=ExportState.QUEUED
    )
    done_bytes: Mapped[int] = mapped_column(BigInteger, default=0, comment="written so far")
    total_bytes: Mapped[int] = mapped_column(BigInteger, default=0, comment="to be written; 0 until it is known")
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, comment="of the finished file")
    problem: Mapped[str] = mapped_column(String(40), default="", comment="a word of `queries.PROBLEMS`; empty: none")
    attempts: Mapped[int] = mapped_column(
        default=0, comment="how often making it was begun; one that kills its process is given up"
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    live: Mapped[LiveSession] = relationship()
    by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def ending(self) -> str:
        """The ending of its file; parts come within a zip."""
        return "zip" if self.is_in_parts else self.form.ending

    @property
    def mimetype(self) -> str:
        """The type of its file."""
        return "application/zip" if self.is_in_parts else self.form.mimetype

    @property
    def is_in_parts(self) -> bool:
        """Whether its file holds the parts of a course."""
        return self.form in IN_PARTS and self.wanted.part_mb > 0

    @property
    def wanted(self) -> Options:
        """Return the options of the course."""
        return Options(**self.options)
