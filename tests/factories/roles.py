"""Roles for tests."""

from __future__ import annotations

import itertools

from app.accounts.models import User
from app.extensions import db
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.roles import services
from app.roles.models import BuiltIn, Grant, Role, RolePermission
from app.units.models import Unit
from tests.factories import units

_numbers = itertools.count(1)


def admin(user: User) -> User:
    """Make a person administrator of the academy."""
    services.appoint(user, BuiltIn.ADMINISTRATOR, units.academy())
    return user


def local_admin(user: User) -> User:
    """Make a person administrator of her own unit, and of nothing else."""
    services.appoint(user, BuiltIn.ADMINISTRATOR, user.unit)
    return user


def manager(user: User, unit: Unit | None = None) -> User:
    """Make a person training manager of a unit, by default her own."""
    services.appoint(user, BuiltIn.TRAINING_MANAGER, unit or user.unit)
    return user


def holding(user: User, *permissions: Permission, unit: Unit | None = None) -> User:
    """Grant a person some permissions in a unit, by default her own. Return her."""
    where = unit or user.unit
    with unit_of_work():
        role = Role(unit_id=where.id, name=f"角色{next(_numbers)}")
        role.rows = [RolePermission(permission=one) for one in permissions]
        db.session.add(role)
        db.session.flush()
        db.session.add(Grant(user_id=user.id, role_id=role.id, unit_id=where.id))
    return user
