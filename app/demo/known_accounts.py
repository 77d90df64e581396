"""Finds, reports and closes the accounts of the example academy, whose passwords everybody knows."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import inspect, select

from app.accounts import services as accounts
from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.demo import academy
from app.extensions import db
from app.kernel import web
from app.kernel.cli import Finding
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives


def alive() -> Sequence[User]:
    """Return the open example accounts with the known password."""
    names = [one.username for one in academy.CAST]
    found = db.session.scalars(select(User).where(User.username.in_(names), User.closed_ms.is_(None)).order_by(User.id))
    return [user for user in found if academy.has_known_password(user)]


def close() -> list[str]:
    """Close these accounts, and end the example lecture. Return their user names."""
    found = alive()
    with unit_of_work():
        for user in found:
            if user.username == "teacher":
                _end_lecture()
            accounts.close_account(user)
            audit.record(Action.PERSON_CLOSED, by_id=None, unit_id=user.unit_id, what=user.label)
    return [user.username for user in found]


def _end_lecture() -> None:
    try:
        lecture = academy.lecture()
    except LookupError:
        return
    lives.end(lecture, by=None)


def warning() -> str:
    """Return the warning for administrators' pages while such accounts are open. Empty means that there are none."""
    names = [user.username for user in alive()]
    if not names:
        return ""
    return str(
        _(
            "Anybody can sign in as %(names)s: these are accounts of the example academy, and everybody knows their "
            "password. Start the service with DEMO=0 to close them.",
            names=web.listed(names),
        )
    )


def findings() -> list[Finding]:
    """Return the finding for `flask doctor`."""
    names = [user.username for user in alive()] if inspect(db.engine).has_table(User.__tablename__) else []
    return [
        Finding(
            f"accounts whose passwords everybody knows: {', '.join(names) or 'none'}",
            not names,
            "this is the example academy; for real work start the service with DEMO=0, which closes them",
        )
    ]
