"""People who have opened a recording."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock


class Viewer(Base):
    """A person, or the browser of a guest, that has opened the recording of a lesson. Presenters are not counted."""

    __tablename__ = "replay_viewer"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, comment="of the person, as in the classroom")
    since_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
