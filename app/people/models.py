"""Imports of people. The rows themselves lie in a file beside the database until they are confirmed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of
from app.kernel.ids import new_id
from app.units.models import Unit


class ImportState(StrEnum):
    """State of an import."""

    READING = "reading"
    READY = "ready"
    """The file is read and judged, and waits for a confirmation."""
    WRITING = "writing"
    INVITING = "inviting"
    """All people are written. Invitations are on their way."""
    DONE = "done"
    FAILED = "failed"


class PeopleImport(Base):
    """An uploaded list of people."""

    __tablename__ = "people_import"

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="people land here or beneath")
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[ImportState] = mapped_column(
        Enum(ImportState, native_enum=False, length=16, values_callable=values_of), default=ImportState.READING
    )
    percent: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, comment="see import_store.Counts")
    choices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, comment="see import_store.Choices")
    version: Mapped[int] = mapped_column(default=0, comment="of the preview: grows when it is made anew")
    problem: Mapped[str] = mapped_column(String(80), default="", comment="code of what went wrong")
    attempts: Mapped[int] = mapped_column(
        default=0,
        server_default="0",
        comment="how often it was begun again after its process died; one that kills it is given up",
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    changed_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    unit: Mapped[Unit] = relationship()
