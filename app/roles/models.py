"""Roles, their permissions and their holders."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Enum, ForeignKey, Index, String, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.extensions import Base
from app.kernel import clock
from app.kernel.columns import only_while, values_of
from app.kernel.permissions import Permission
from app.units.models import Unit


class BuiltIn(StrEnum):
    """Roles that exist from the start and cannot be deleted."""

    ADMINISTRATOR = "administrator"
    """Allows everything, permissions of later versions included."""
    TRAINING_MANAGER = "training_manager"
    """培训主管: always holds the live permission."""


class Role(Base):
    """A named set of permissions, owned by a unit and given to people there or beneath."""

    __tablename__ = "role"
    __table_args__ = (Index("uq_role_unit_name", "unit_id", "name", unique=True, **only_while("deleted_ms IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(200), default="")
    built_in: Mapped[BuiltIn | None] = mapped_column(
        Enum(BuiltIn, native_enum=False, length=20, values_callable=values_of), unique=True
    )
    created_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    deleted_ms: Mapped[int | None] = mapped_column(BigInteger, comment="kept for the grants that once were")

    unit: Mapped[Unit] = relationship()
    rows: Mapped[list[RolePermission]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def permissions(self) -> frozenset[Permission]:
        """Permissions of the role."""
        if self.built_in is BuiltIn.ADMINISTRATOR:
            return frozenset(Permission)
        return frozenset(row.permission for row in self.rows)

    @property
    def locked(self) -> frozenset[Permission]:
        """Permissions that cannot be removed from the role."""
        if self.built_in is BuiltIn.ADMINISTRATOR:
            return frozenset(Permission)
        return frozenset({Permission.LIVE_MANAGE}) if self.built_in is BuiltIn.TRAINING_MANAGER else frozenset()


class RolePermission(Base):
    """One permission of a role."""

    __tablename__ = "role_permission"

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"), primary_key=True)
    permission: Mapped[Permission] = mapped_column(
        Enum(Permission, native_enum=False, create_constraint=False, length=40, values_callable=values_of),
        primary_key=True,
    )


class Grant(Base):
    """A role held by a person: where, by whom, until when. Kept after its end, for the history."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("ix_role_grant_user_ended", "user_id", "ended_ms"),
        Index("ix_role_grant_unit_ended", "unit_id", "ended_ms"),
        Index("ix_role_grant_role_ended", "role_id", "ended_ms"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="the role counts here and beneath")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), comment="none: by the service itself")
    at_ms: Mapped[int] = mapped_column(BigInteger, default=clock.now_ms)
    until_ms: Mapped[int | None] = mapped_column(BigInteger, comment="ends by itself then")
    ended_ms: Mapped[int | None] = mapped_column(BigInteger, comment="taken back")
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    role: Mapped[Role] = relationship()
    unit: Mapped[Unit] = relationship()


def counts_at(now_ms: int | BindParameter[int]) -> ColumnElement[bool]:
    """Return the condition for grants that count at a moment (epoch ms)."""
    return and_(Grant.ended_ms.is_(None), or_(Grant.until_ms.is_(None), Grant.until_ms > now_ms))
