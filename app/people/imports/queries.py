"""Reads imports, as far as the person of this request may see them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.kernel import access, clock
from app.kernel.permissions import Permission
from app.people.models import ImportState, PeopleImport
from app.roles import policies

STUCK_AFTER_MS = 30_000
SHOWN = 20


def import_for(import_id: str) -> PeopleImport:
    """Return an import that the person of this request has brought, or whose unit's people she manages.

    Raises:
        SignInFirst, Forbidden, NotFound: as in `policies.unit_for`.
    """
    found = db.session.get(PeopleImport, import_id, options=[joinedload(PeopleImport.unit)])
    brought = found is not None and current_user.is_authenticated and found.by_id == current_user.id
    if not brought or not access.holds(Permission.PEOPLE_MANAGE):
        policies.must_cover(Permission.PEOPLE_MANAGE, found.unit.path if found else None)
    assert found is not None
    return found


def own_imports(user_id: int) -> Sequence[PeopleImport]:
    """Return a person's recent imports, newest first."""
    return db.session.scalars(
        select(PeopleImport)
        .where(PeopleImport.by_id == user_id)
        .order_by(PeopleImport.created_ms.desc())
        .limit(SHOWN)
        .options(joinedload(PeopleImport.unit))
    ).all()


def is_stuck(found: PeopleImport) -> bool:
    """Return whether an import seems to wait in vain, because its job died with the process."""
    at_work = found.state in {ImportState.READING, ImportState.WRITING, ImportState.INVITING}
    return at_work and found.changed_ms < clock.now_ms() - STUCK_AFTER_MS
