"""Contacts."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.units.models import Unit


class Contact(Base):
    """Ways to reach the people of a unit who help. Empty columns are not shown."""

    __tablename__ = "support_contact"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, autoincrement=False)
    qq_number: Mapped[str] = mapped_column(String(20), default="")
    qq_link: Mapped[str] = mapped_column(String(300), default="", comment="joins the group; its QR code is made of it")
    telephone: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    hours: Mapped[str] = mapped_column(String(80), default="", comment="when somebody is there, in words")

    unit: Mapped[Unit] = relationship()

    @property
    def is_empty(self) -> bool:
        """Whether it names no way at all."""
        return not (self.qq_number or self.telephone or self.email)
