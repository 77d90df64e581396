"""Rules for the slides of a lesson."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel.columns import only_while


class SlideRules(Base):
    """Permissions of learners and assistants for the slides of a lesson."""

    __tablename__ = "slide_rules"
    __table_args__ = (Index("ix_slide_rules_list_due", "live_id", **only_while("list_due")),)

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    look_ahead: Mapped[bool] = mapped_column(default=False, comment="learners may leaf through the pages by themselves")
    assistants_turn: Mapped[bool] = mapped_column(default=False, comment="assistants may show, draw and point")
    list_due: Mapped[bool] = mapped_column(default=False, comment="the desk has yet to hear that documents changed")
