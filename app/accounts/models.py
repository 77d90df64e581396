"""Who people are."""

from __future__ import annotations

from flask_login import UserMixin
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.kernel import clock


class User(UserMixin, Base):  # type: ignore[misc]  # flask_login ships no types
    """A person with an account."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    real_name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(128))
    is_admin: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=0, comment="counted up to sign out everywhere")
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    def get_id(self) -> str:
        """Name the person and the epoch in the cookie, so that old cookies die with the epoch."""
        return f"{self.id}.{self.session_epoch}"
