"""Rules of learning hours (学时规则): what counts of watching, and how much it brings."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.credits.rules import queries, routes, views
from app.kernel import navigation, slots
from app.kernel.permissions import Permission
from app.replays import completion


def register(app: Flask) -> None:
    """Open the pages, and say on those of lessons what they bring."""
    app.register_blueprint(routes.bp)
    slots.fill(app, "live.facts", views.fact_of)
    slots.fill(app, "live.steps", views.step_of)
    slots.fill(app, "live.card", views.card_of)
    completion.decided_by(app, queries.least_share)
    navigation.add(
        navigation.Entry(
            _l("Rules of learning hours"),
            "credit_rules.index",
            order=8,
            needs=(Permission.CREDIT_RULES,),
            group=navigation.TRAINING,
        )
    )
