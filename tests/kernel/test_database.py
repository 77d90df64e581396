"""How the app speaks with its database."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.units.models import Unit


def test_the_server_plans_each_question_for_what_is_asked(app: Flask) -> None:
    for number in range(20):  # the driver prepares it at the sixth time; five times later the server may reuse its plan
        db.session.scalars(select(Unit.id).where(Unit.path >= f"/{number}/")).all()

    if db.engine.dialect.name == "postgresql":
        counts = select(text("sum(generic_plans), sum(custom_plans)")).select_from(text("pg_prepared_statements"))
        reused = counts.where(text("cardinality(parameter_types) > 0"))
        generic, custom = db.session.execute(reused).one()
        assert (generic, custom > 10) == (0, True)
