"""Captions of recordings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.replays.captions.formats import Cue


class Captions(Base):
    """The captions of one recording in one language."""

    __tablename__ = "replay_captions"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True, comment="BCP 47, one of `queries.LANGUAGES`")
    rows: Mapped[list[Any]] = mapped_column(JSON, comment="[from, to (ms of the recording), text] of each cue")
    version: Mapped[int] = mapped_column(default=1, comment="rises with each change")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    changed_ms: Mapped[int] = mapped_column(BigInteger)
    gone_ms: Mapped[int | None] = mapped_column(BigInteger, comment="deleted since then; can be brought back")

    @property
    def cues(self) -> list[Cue]:
        """Return the cues in order."""
        return [Cue(*row) for row in self.rows]
