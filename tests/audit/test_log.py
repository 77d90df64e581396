"""The log takes entries and gives none back."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.audit import services
from app.audit.models import ACTION_NAMES, Action, AuditEntry
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from tests.factories import units


@pytest.fixture
def entry(app: Flask) -> AuditEntry:
    services.record(Action.ROLE_CREATED, by_id=None, unit_id=units.academy().id, what="直播管理", permissions=["a"])
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first() or AuditEntry()


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET object = 'x'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_it(entry: AuditEntry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert db.session.get_one(AuditEntry, entry.id).object == "直播管理"


def test_what_is_undone_is_not_noted(app: Flask) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        services.record(Action.ROLE_DELETED, by_id=None, unit_id=units.academy().id, what="x")
        raise RuntimeError
    assert db.session.scalar(select(AuditEntry).where(AuditEntry.action == Action.ROLE_DELETED)) is None


def test_every_action_has_words() -> None:
    assert set(ACTION_NAMES) == set(Action)
