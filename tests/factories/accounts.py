"""People for tests."""

from __future__ import annotations

import itertools
from functools import cache

from app.accounts import hashing
from app.accounts.models import User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.units.models import Unit
from tests.factories import units

PASSWORD = "correct horse battery"

_numbers = itertools.count(1)


@cache
def _password_hash() -> str:
    return hashing.hash_of(PASSWORD)  # hashing is slow on purpose: once is enough


def user(username: str = "", real_name: str = "某人", *, unit: Unit | None = None, email: str | None = None) -> User:
    """Return a new person of the academy, or of one of its units, with the password PASSWORD."""
    person = User(
        username=username or f"user{next(_numbers)}",
        real_name=real_name,
        unit=unit or units.academy(),
        email=email,
        password_hash=_password_hash(),
    )
    with unit_of_work():
        db.session.add(person)
    return person
