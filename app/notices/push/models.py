"""Browsers that take reminders."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import SignIn
from app.extensions import Base
from app.kernel import clock


class PushDevice(Base):
    """A browser that takes messages for the person who is signed in there. It ends with her sign-in."""

    __tablename__ = "push_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    sign_in_key: Mapped[str] = mapped_column(ForeignKey("sign_in.key", ondelete="CASCADE"), unique=True)
    endpoint: Mapped[str] = mapped_column(String(1000), unique=True, comment="its address at the push service")
    p256dh: Mapped[str] = mapped_column(String(88), comment="its public key, base64url")
    auth: Mapped[str] = mapped_column(String(24), comment="secret that it shares with us, base64url")
    language: Mapped[str] = mapped_column(String(8))
    site: Mapped[str] = mapped_column(String(200), comment="the site's address, for the links in messages")
    problem: Mapped[str] = mapped_column(
        String(8), default="", comment="of the newest message: silent, or a status; empty: none"
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    sign_in: Mapped[SignIn] = relationship(lazy="joined", passive_deletes=True)
