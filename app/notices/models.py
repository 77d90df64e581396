"""Notices, and people's wishes for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while, values_of
from app.kernel.ids import new_id
from app.live.models import LiveSession
from app.units.models import Unit


class NoticeKind(StrEnum):
    """Kind of a notice."""

    INVITATION = "invitation"
    CHANGE = "change"
    CANCELLATION = "cancellation"


class Notice(Base):
    """News of a lesson for many people. The jobs process writes a mail to each, some at a time.

    Mails go in the order of people's ids, and the transaction that queues them sets `last_user_id`. So after a crash
    the job goes on where it was, and nobody gets two mails.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_unwritten", "due_ms", **only_while("done_ms IS NULL")),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=new_id)
    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), index=True)
    kind: Mapped[NoticeKind] = mapped_column(Enum(NoticeKind, native_enum=False, length=16, values_callable=values_of))
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    words: Mapped[str] = mapped_column(String(500), default="", comment="what the sender adds in her own words")
    unit_ids: Mapped[list[int]] = mapped_column(JSON, default=list, comment="who is invited; empty: the audience")
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, comment="of a change: what was planned")
    language: Mapped[str] = mapped_column(String(8))
    site: Mapped[str] = mapped_column(String(200), comment="the site's address, for links in mails")
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    due_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    total: Mapped[int] = mapped_column(default=0, comment="people to write to, counted when it was ordered")
    written: Mapped[int] = mapped_column(default=0)
    last_user_id: Mapped[int] = mapped_column(default=0)
    done_ms: Mapped[int | None] = mapped_column(BigInteger)

    live: Mapped[LiveSession] = relationship()
    by: Mapped[User] = relationship(lazy="joined")


class Invited(Base):
    """A person invited to a lesson, so that nobody is invited twice."""

    __tablename__ = "invited"

    live_id: Mapped[str] = mapped_column(ForeignKey("live_session.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)


class Wishes(Base):
    """A person's wishes for mails. A person who has never set any has no row, and wants all about her lessons."""

    __tablename__ = "mail_wishes"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    invitations: Mapped[bool] = mapped_column(default=True, server_default=true())
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    answers: Mapped[bool] = mapped_column(default=True, server_default=true())
    weekly: Mapped[bool | None] = mapped_column(comment="none: as her unit has it, and not at all without that")
    language: Mapped[str] = mapped_column(
        String(8), default="zh_CN", server_default="zh_CN", comment="in which she chose, and is written to every week"
    )
    site: Mapped[str] = mapped_column(String(200), default="", server_default="", comment="as in `Learner.site`")


class WeeklyUnit(Base):
    """A unit whose people get the weekly mail unless they have chosen otherwise."""

    __tablename__ = "weekly_unit"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    language: Mapped[str] = mapped_column(String(8))
    site: Mapped[str] = mapped_column(String(200), comment="the site's address, for links in mails")
    since_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    unit: Mapped[Unit] = relationship()
    by: Mapped[User] = relationship()


class WeeklyIssue(Base):
    """The weekly mail of one week, as far as it is written. Mails go in the order of people's ids, as with `Notice`."""

    __tablename__ = "weekly_issue"

    monday_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_user_id: Mapped[int] = mapped_column(default=0)
    written: Mapped[int] = mapped_column(default=0)
    done_ms: Mapped[int | None] = mapped_column(BigInteger)


class CalendarFeed(Base):
    """The secret address under which a person's calendar program reads her sessions."""

    __tablename__ = "calendar_feed"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    user: Mapped[User] = relationship(lazy="joined")
