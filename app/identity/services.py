"""Whom the provider means, and what it makes known about her."""

from __future__ import annotations

import re

from flask import current_app
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts import services as account_services
from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.identity.errors import AccountIsClosed, NoAccount
from app.identity.provider import Claims
from app.kernel.text import one_line
from app.kernel.unit_of_work import unit_of_work
from app.units import queries as units
from app.units.models import Unit

NOT_IN_USERNAMES = re.compile(r"[^a-z0-9._-]+")


def person_for(claims: Claims) -> User:
    """Find or make the account of whom the provider means, and bring it up to date.

    An account that was there before is taken for the same person only when the provider vouches for what both have: an
    e-mail address that it has verified, or a staff number where the settings trust it. Roles never come from claims.

    Raises:
        AccountIsClosed: nobody signs in with the account any more.
        NoAccount: there is none, and accounts are not made by themselves.
    """
    with unit_of_work():
        user = _known(claims)
        if user is None:
            if not current_app.config["OIDC_CREATE_ACCOUNTS"]:
                raise NoAccount
            return _make(claims)
        if user.closed_ms is not None:
            raise AccountIsClosed
        if user.identity is None:
            account_services.hand_over(user, claims.identity)
        user.real_name = (one_line(claims.real_name) or user.real_name)[:64]
        unit = unit_for(claims.unit)
        if unit is not None and unit.id != user.unit_id:
            before = units.full_name(user.unit)
            user.unit = unit
            _note(Action.PERSON_MOVED, user, before=before, after=units.full_name(unit))
    return user


def unit_for(name: str) -> Unit | None:
    """Find the unit that a claim names by its code, its name or its whole path; none when it is none or several."""
    if not name:
        return None
    by_code = units.unit_by_code(name)
    path = [part.strip() for part in name.split("/") if part.strip()]
    found = db.session.scalars(select(Unit).where(Unit.name == path[-1])).all() if path else []
    fitting = {unit for unit in found if [one.name for one in units.ancestors(unit)][-len(path) :] == path}
    fitting |= {by_code} if by_code is not None else set()  # a code that is another unit's name decides nothing
    return fitting.pop() if len(fitting) == 1 else None


def _known(claims: Claims) -> User | None:
    user = db.session.scalar(select(User).where(User.identity == claims.identity))
    if user is not None:
        return user
    if claims.email and claims.email_verified:
        user = accounts.user_by_email(claims.email)
    if user is None and claims.staff_number:
        user = db.session.scalar(select(User).where(User.staff_number == claims.staff_number))
    return user if user is not None and user.identity is None else None


def _make(claims: Claims) -> User:
    unit = unit_for(claims.unit) or units.academy()
    free = not claims.email or accounts.user_by_email(claims.email) is None
    number_free = db.session.scalar(select(User.id).where(User.staff_number == claims.staff_number)) is None
    username = _free_username(claims.username)
    user = account_services.create_user(
        username=username,
        real_name=(one_line(claims.real_name) or username)[:64],
        unit=unit,
        email=claims.email if claims.email_verified and free else None,
        staff_number=claims.staff_number[:40] if claims.staff_number and number_free else None,
    )
    user.identity = claims.identity
    db.session.flush()
    _note(Action.PERSON_CREATED, user, unit=units.full_name(unit))
    return user


def _free_username(wanted: str) -> str:
    base = NOT_IN_USERNAMES.sub("-", wanted.lower()).strip("-.")[:56] or "person"
    name, number = base, 1
    while accounts.user_by_name(name) is not None:
        number += 1
        name = f"{base}{number}"
    return name


def _note(action: Action, user: User, **details: str) -> None:
    audit.record(action, by_id=None, unit_id=user.unit_id, what=f"{user.real_name} ({user.username})", **details)
