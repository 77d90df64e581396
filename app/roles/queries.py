"""Reads roles and grants, each list as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts import queries as account_queries
from app.accounts.models import User
from app.audit.models import AuditEntry
from app.extensions import db
from app.kernel import clock
from app.kernel.permissions import Permission
from app.roles import policies
from app.roles.models import BuiltIn, Grant, Role, counts_at
from app.units import queries as units
from app.units.models import Unit, within


def built_in(which: BuiltIn) -> Role:
    """Return a role that exists from the start.

    Raises:
        LookupError: the academy does not exist. `flask found` makes it.
    """
    role = db.session.scalar(select(Role).where(Role.built_in == which))
    if role is None:
        raise LookupError("the academy is not founded yet: run `flask found`")
    return role


def role_for(role_id: int, permission: Permission = Permission.ROLE_MANAGE) -> Role:
    """Return a role whose owning unit the person of this request may manage.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    role = db.session.get(Role, role_id, options=[joinedload(Role.unit)])
    policies.must_cover(permission, role.unit.path if role and role.deleted_ms is None else None)
    assert role is not None
    return role


def grant_for(grant_id: int) -> Grant:
    """Return a grant in a unit in which the person of this request assigns roles.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    grant = db.session.get(Grant, grant_id, options=[joinedload(Grant.unit)])
    policies.must_cover(Permission.ROLE_ASSIGN, grant.unit.path if grant else None)
    assert grant is not None
    return grant


def roles_owned(permission: Permission) -> Sequence[Role]:
    """Return the roles owned by units in which the person of this request holds the permission."""
    return db.session.scalars(
        select(Role)
        .join(Role.unit)
        .where(policies.mine().where(permission), Role.deleted_ms.is_(None))
        .order_by(Unit.path, Role.built_in.is_(None), Role.name)
        .options(joinedload(Role.unit))
    ).all()


def roles_to_give() -> list[Role]:
    """Return the roles that the person of this request may give to anybody anywhere.

    A role counts beneath its owner. So its owner is a unit that she manages or one above it, and she holds all of its
    permissions in some unit of both.
    """
    held = policies.mine()
    tops = held.tops(Permission.ROLE_ASSIGN)
    above = {int(part) for path in tops for part in path.strip("/").split("/")}
    owned: ColumnElement[bool] = or_(held.where(Permission.ROLE_ASSIGN), Unit.id.in_(above))
    roles = db.session.scalars(
        select(Role)
        .join(Role.unit)
        .where(owned, Role.deleted_ms.is_(None))
        .order_by(Unit.path, Role.name)
        .options(joinedload(Role.unit))
    ).all()
    return [role for role in roles if held.together({Permission.ROLE_ASSIGN, *role.permissions}, role.unit.path)]


def roles_seen() -> Sequence[Role]:
    """Return the roles with holders among the people to whom the person of this request may give roles.

    Her units own them; or others do, as with the roles from the start, and they are held there or by her people.
    """
    held = policies.mine()
    reach = select(Unit.id).where(held.where(Permission.ROLE_ASSIGN))
    hers = select(User.id).where(User.unit_id.in_(reach), User.closed_ms.is_(None))
    seen = select(Grant.role_id).where(
        counts_at(clock.now_ms()), or_(Grant.unit_id.in_(reach), Grant.user_id.in_(hers))
    )
    return db.session.scalars(
        select(Role)
        .join(Role.unit)
        .where(or_(held.where(Permission.ROLE_ASSIGN), Role.id.in_(seen)), Role.deleted_ms.is_(None))
        .order_by(Unit.path, Role.built_in.is_(None), Role.name)
    ).all()


def holders(role_ids: Collection[int]) -> dict[int, int]:
    """Return the number of present holders of each role."""
    rows = db.session.execute(
        select(Grant.role_id, func.count(Grant.user_id.distinct()))
        .where(Grant.role_id.in_(role_ids), counts_at(clock.now_ms()))
        .group_by(Grant.role_id)
    )
    return dict(rows.all())


def holders_at(role: Role, unit: Unit) -> set[int]:
    """Return the ids of the present holders of a role in exactly this unit."""
    held = select(Grant.user_id).where(Grant.role_id == role.id, Grant.unit_id == unit.id, counts_at(clock.now_ms()))
    return set(db.session.scalars(held))


def grant_held(role: Role, user: User, unit: Unit) -> Grant | None:
    """Return the grant by which a person now holds a role in exactly this unit."""
    same = select(Grant).where(Grant.user_id == user.id, Grant.role_id == role.id, Grant.unit_id == unit.id)
    return db.session.scalar(same.where(counts_at(clock.now_ms())))


def grants_of(user_ids: Collection[int]) -> dict[int, list[Grant]]:
    """Return the present grants of several people, by their ids."""
    found: dict[int, list[Grant]] = {one: [] for one in user_ids}
    grants = db.session.scalars(
        select(Grant)
        .where(Grant.user_id.in_(user_ids), counts_at(clock.now_ms()))
        .options(joinedload(Grant.role), joinedload(Grant.unit), joinedload(Grant.by))
        .order_by(Grant.id)
    )
    for grant in grants:
        found[grant.user_id].append(grant)
    return found


def administrators() -> int:
    """Return the number of people who can administer the whole service now."""
    return (
        db.session.scalar(
            select(func.count(Grant.user_id.distinct()))
            .join(Grant.role)
            .join(Unit, Unit.id == Grant.unit_id)
            .join(User, User.id == Grant.user_id)
            .where(
                Role.built_in == BuiltIn.ADMINISTRATOR,
                counts_at(clock.now_ms()),
                Grant.until_ms.is_(None),
                Unit.parent_id.is_(None),
                User.closed_ms.is_(None),
            )
        )
        or 0
    )


def units_in_reach(permission: Permission) -> list[tuple[int, str]]:
    """Return the units in which the person of this request holds the permission, by whole names, in tree order."""
    columns = select(Unit.id, Unit.parent_id, Unit.path, Unit.name)
    found = db.session.execute(columns.where(policies.mine().where(permission))).all()
    names = units.full_names(found)
    return [(one.id, names[one.id]) for one in units.in_order(found)]


def people_in_reach(*, q: str, unit: Unit | None, role_id: int | None) -> Select[User]:
    """Return the query for people to whom the person of this request may give roles, or who hold some in her units.

    Args:
        q: part of a real name, or the beginning of a user name or staff number. Empty means everybody.
        unit: only people of this unit and beneath.
        role_id: only people who hold this role now.
    """
    held, now_ms = policies.mine(), clock.now_ms()
    wanted = (
        select(User)
        .where(User.closed_ms.is_(None))
        .order_by(User.real_name, User.id)
        .options(selectinload(User.unit))  # a join would be computed for every row that a late page skips
    )
    if not held.covers_all([Permission.ROLE_ASSIGN], units.academy().path):
        reach = select(Unit.id).where(held.where(Permission.ROLE_ASSIGN))
        holding = select(Grant.user_id).where(Grant.unit_id.in_(reach), counts_at(now_ms))
        wanted = wanted.where(or_(User.unit_id.in_(reach), User.id.in_(holding)))
    if q:
        wanted = wanted.where(account_queries.matches(q))
    if unit is not None:
        wanted = wanted.where(User.unit_id.in_(select(Unit.id).where(within(unit.path))))
    if role_id is not None:
        holders_of = select(Grant.user_id).where(Grant.role_id == role_id, counts_at(now_ms))
        wanted = wanted.where(User.id.in_(holders_of))
    return wanted


def reachable(ids: Collection[int]) -> list[User]:
    """Return those of the people to whom the person of this request may give roles, by name."""
    held, people = policies.mine(), account_queries.people(ids) if ids else []
    found = [person for person in people if held.covers(Permission.ROLE_ASSIGN, person.unit.path)]
    return sorted(found, key=lambda person: (person.real_name, person.id))


def log_entries(
    *, q: str, action: str, unit: Unit | None, since_ms: int | None, until_ms: int | None
) -> Select[AuditEntry]:
    """Return the query for the log, as far as the person of this request may read it, newest first.

    Args:
        q: part of the real or user name of the doer, or of the object.
        action: only this action. Empty means all.
        unit: only entries about this unit and the units beneath.
        since_ms: earliest moment, epoch ms.
        until_ms: end, exclusive, epoch ms.
    """
    wanted = (
        select(AuditEntry)
        .join(Unit, Unit.id == AuditEntry.unit_id)
        .outerjoin(User, User.id == AuditEntry.by_id)
        .where(policies.mine().where(Permission.AUDIT_VIEW))
        .order_by(AuditEntry.id.desc())
    )
    if q:
        wanted = wanted.where(or_(account_queries.matches(q), AuditEntry.object.contains(q, autoescape=True)))
    if action:
        wanted = wanted.where(AuditEntry.action == action)
    if unit is not None:
        wanted = wanted.where(within(unit.path))
    if since_ms is not None:
        wanted = wanted.where(AuditEntry.at_ms >= since_ms)
    if until_ms is not None:
        wanted = wanted.where(AuditEntry.at_ms < until_ms)
    return wanted


def nearest_holders(permission: Permission, unit: Unit, *, besides: int | None = None) -> list[User]:
    """Return those who hold a permission in a unit, those whom a unit near it gave it first; never `besides`."""
    above = [int(part) for part in unit.path.strip("/").split("/")]
    granted = select(Grant.user_id).where(Grant.unit_id.in_(above), counts_at(clock.now_ms()))
    wanted = select(User).where(User.id.in_(granted), User.id != (besides or 0), User.closed_ms.is_(None))
    people = db.session.scalars(wanted.options(joinedload(User.unit))).all()
    held = policies.holdings_of_several([one.id for one in people])

    def nearness(one: User) -> int:
        tops = held.get(one.id, policies.NOTHING).tops(permission)
        return max((len(top) for top in tops if unit.path.startswith(top)), default=0)

    return sorted((one for one in people if nearness(one)), key=lambda one: (-nearness(one), one.id))


def grants_beneath(path: str) -> Sequence[Grant]:
    """Return the grants that count now in a unit or beneath it."""
    return db.session.scalars(
        select(Grant)
        .join(Unit, Unit.id == Grant.unit_id)
        .where(within(path), counts_at(clock.now_ms()))
        .options(joinedload(Grant.role).joinedload(Role.unit), joinedload(Grant.unit), joinedload(Grant.user))
    ).all()
