"""Notices of presenters."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.classroom.engine.models import Said
from app.extensions import Base

LONGEST = 300


class Notice(Said, Base):
    """An announcement. Withdrawn, it holds no words any more."""

    __tablename__ = "classroom_notice"

    text: Mapped[str] = mapped_column(String(LONGEST))
