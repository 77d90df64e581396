"""People, and the browsers in which they are signed in."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.kernel import clock
from app.units.models import Unit


class User(Base):
    """A person with an account. Accounts are closed, never deleted: people's deeds keep their name."""

    __tablename__ = "user_account"
    __table_args__ = (
        Index("ix_user_account_name_id_closed", "real_name", "id", "closed_ms"),  # late pages of lists skip its rows
        Index("ix_user_account_unit_closed", "unit_id", "closed_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True, comment="in lower case")
    real_name: Mapped[str] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254), unique=True, comment="in lower case")
    email_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id"), comment="who typed the address, until its owner confirms it herself"
    )
    staff_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    password_hash: Mapped[str | None] = mapped_column(String(128), comment="none: no password is set yet")
    identity: Mapped[str | None] = mapped_column(
        String(255), unique=True, comment="who the academy's identity provider says it is"
    )
    seen_ms: Mapped[int | None] = mapped_column(BigInteger, comment="last here, signed in; none: never yet")
    closed_ms: Mapped[int | None] = mapped_column(BigInteger, comment="since then nobody signs in with it")
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)

    unit: Mapped[Unit] = relationship()

    sign_in_key = ""
    """Key of this request's sign-in. The code that loads or begins the sign-in sets it."""

    is_authenticated = True
    """For Flask-Login, whose visitors without an account have False."""

    @property
    def label(self) -> str:
        """Name of the person that no namesake shares."""
        return f"{self.real_name} ({self.username})"

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in."""
        return self.closed_ms is None

    def get_id(self) -> str:
        """Return the sign-in for the cookie, not the person, so that each can be ended by itself."""
        if not self.sign_in_key:
            raise RuntimeError("a sign-in begins with services.sign_in")
        return self.sign_in_key


class SignIn(Base):
    """A browser in which a person is signed in."""

    __tablename__ = "sign_in"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    began_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    seen_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    address: Mapped[str] = mapped_column(String(80), default="")
    browser: Mapped[str] = mapped_column(String(200), default="", comment="its User-Agent")

    user: Mapped[User] = relationship(lazy="joined")


class FailedSignIn(Base):
    """A wrong password, or a tried token of a lesson. Kept for a day: `throttle` counts them."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (
        Index("ix_failed_sign_in_name_at", "name_digest", "at_ms"),
        Index("ix_failed_sign_in_address_at", "address", "at_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    name_digest: Mapped[str] = mapped_column(String(64), comment="of the user name as typed; it may not exist")
    address: Mapped[str] = mapped_column(String(80))
    device: Mapped[str] = mapped_column(String(43), default="", comment="device that this person has used before")
