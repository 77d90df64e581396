"""Finds the provider's person among our accounts, and keeps the account up to date."""

from __future__ import annotations

import re

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import queries as accounts
from app.accounts import services as account_services
from app.accounts.errors import EmailTaken, StaffNumberTaken, UsernameTaken
from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.identity.claims import Claims
from app.identity.errors import AccountIsClosed, NoAccount
from app.kernel.unit_of_work import lock, unit_of_work
from app.units import queries as units
from app.units.models import Unit

NOT_IN_USERNAMES = re.compile(r"[^a-z0-9._-]+")


def person_for(claims: Claims) -> User:
    """Return the account of the provider's person, made if necessary, and brought up to date.

    An older account counts as hers only if the provider vouches for a common mark: a verified e-mail address, or a
    staff number if the settings trust it. Roles never come from claims.

    Raises:
        AccountIsClosed: the account is closed.
        NoAccount: there is none, and accounts are not made automatically.
    """
    try:
        return _person_for(claims)
    except (IntegrityError, UsernameTaken, EmailTaken, StaffNumberTaken):
        return _person_for(claims)  # another window was quicker, and now there is an account


def unit_for(name: str) -> Unit | None:
    """Return the unit that a claim names by code, name or end of path. `None` means that none fits, or several do.

    Of several the highest counts: an institute does not lose its people to a department of the same name.
    """
    if not name:
        return None
    by_code = units.unit_by_code(name)
    path = [part.strip() for part in name.split("/") if part.strip()]
    found = db.session.scalars(select(Unit).where(Unit.name == path[-1])).all() if path else []
    names, top, end = units.full_names(found), units.academy().name, f" / {' / '.join(path)}"
    fitting = {unit for unit in found if f" / {top} / {names[unit.id]}".endswith(end)}
    highest = min((unit.depth for unit in fitting), default=0)
    fitting = {unit for unit in fitting if unit.depth == highest}
    if by_code is not None:
        fitting.add(by_code)  # a code that is also another unit's name decides nothing
    return fitting.pop() if len(fitting) == 1 else None


def _person_for(claims: Claims) -> User:
    with unit_of_work():
        user = _known(claims)
        if user is None:
            if not current_app.config["OIDC_CREATE_ACCOUNTS"]:
                raise NoAccount
            return _make(claims)
        lock(user)
        if user.closed_ms is not None:
            raise AccountIsClosed
        _refresh(user, claims)
    return user


def _known(claims: Claims) -> User | None:
    user = db.session.scalar(select(User).where(User.identity == claims.identity))
    if user is not None:
        return user
    if claims.email and claims.email_verified:
        user = accounts.user_by_email(claims.email)
    if user is None and claims.staff_number:
        user = _user_by_staff_number(claims.staff_number)
    return user if user is not None and user.identity is None else None


def _refresh(user: User, claims: Claims) -> None:
    """Store the data that the provider knows better, and log the change."""
    before = user.identity or "–", user.real_name
    if user.identity is None:
        account_services.hand_over(user, claims.identity)
    user.real_name = claims.real_name[:64] or user.real_name
    after = claims.identity, user.real_name
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    if changed:
        olds, news = zip(*changed, strict=True)
        _note(Action.PERSON_CHANGED, user, before=", ".join(olds), after=", ".join(news))
    unit = unit_for(claims.unit)
    if unit is not None and unit.id != user.unit_id:
        left, user.unit = user.unit, unit
        places = {"before": units.full_name(left), "after": units.full_name(unit)}
        audit.record_move(Action.PERSON_MOVED, by_id=None, left=left, reached=unit, what=user.label, **places)


def _make(claims: Claims) -> User:
    unit = unit_for(claims.unit) or units.academy()
    username = _free_username(claims.username)
    user = account_services.create_user(
        username=username,
        real_name=claims.real_name[:64] or username,
        unit=unit,
        email=claims.email if claims.email_verified and accounts.user_by_email(claims.email) is None else None,
        staff_number=claims.staff_number if _user_by_staff_number(claims.staff_number) is None else None,
    )
    user.identity = claims.identity
    db.session.flush()
    _note(Action.PERSON_CREATED, user, unit=units.full_name(unit))
    return user


def _user_by_staff_number(staff_number: str) -> User | None:
    return db.session.scalar(select(User).where(User.staff_number == staff_number))


def _free_username(wanted: str) -> str:
    base = NOT_IN_USERNAMES.sub("-", wanted.lower()).strip("-.")[:56]
    if len(base) < 2:
        base = "person"
    name, number = base, 1
    while accounts.user_by_name(name) is not None:
        number += 1
        name = f"{base}{number}"
    return name


def _note(action: Action, user: User, **details: str) -> None:
    audit.record(action, by_id=None, unit_id=user.unit_id, what=user.label, **details)
