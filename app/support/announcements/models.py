"""Announcements, and who has put them away."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Enum, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import values_of
from app.units.models import Unit


class Kind(StrEnum):
    """Kind of an announcement. Values are stored."""

    MAINTENANCE = "maintenance"
    """Concerns the running service, so that people in a lesson see it too."""
    NEWS = "news"


KIND_NAMES = {
    Kind.MAINTENANCE: _l("Maintenance: concerns the running service, also shown in lessons"),
    Kind.NEWS: _l("News: not shown in lessons"),
}


class Announcement(Base):
    """Words for people of a unit and beneath, from one moment to another. Those of the academy reach visitors."""

    __tablename__ = "support_announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[Kind] = mapped_column(
        Enum(Kind, native_enum=False, create_constraint=False, length=16, values_callable=values_of)
    )
    title: Mapped[str] = mapped_column(String(100))
    words: Mapped[str] = mapped_column(Text, default="")
    from_ms: Mapped[int] = mapped_column(BigInteger)
    until_ms: Mapped[int] = mapped_column(BigInteger, index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    unit: Mapped[Unit] = relationship()


class Dismissal(Base):
    """A person has read an announcement and put it away."""

    __tablename__ = "support_dismissal"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("support_announcement.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, autoincrement=False)
