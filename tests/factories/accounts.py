"""People for tests."""

from __future__ import annotations

import itertools
from functools import cache

from app.accounts import services
from app.accounts.models import User
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work

PASSWORD = "correct horse battery"

_numbers = itertools.count(1)


@cache
def _password_hash() -> str:
    return services.hasher.hash(PASSWORD)  # slow on purpose: once is enough


def user(username: str = "", real_name: str = "某人", *, is_admin: bool = False) -> User:
    """Make a person whose password is PASSWORD."""
    person = User(
        username=username or f"user{next(_numbers)}",
        real_name=real_name,
        is_admin=is_admin,
        password_hash=_password_hash(),
    )
    with unit_of_work():
        db.session.add(person)
    return person
