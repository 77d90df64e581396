"""Reports: 我的学习 and 我的档案 of learners, certificates and their verification, the tables of managers."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.credits.reports import holding, import_routes, learner_routes, manager_routes, verify_routes
from app.kernel import navigation, slots
from app.kernel.navigation import Entry
from app.kernel.permissions import Permission
from app.replays.keeping import holds


def register(app: Flask) -> None:
    """Open the pages."""
    for blueprint in (learner_routes.bp, verify_routes.bp, manager_routes.bp, import_routes.bp):
        app.register_blueprint(blueprint)
    holds.add(app, holding.reason)
    slots.fill(app, "live.steps", manager_routes.lesson_step)
    navigation.add(Entry(_l("My learning"), "credit_archive.learning", order=17, signed_in_only=True))
    navigation.add(Entry(_l("My archive"), "credit_archive.index", order=18, signed_in_only=True))
    for label, endpoint, order, permission in (
        (_l("Learning hours"), "credit_reports.index", 6, Permission.CREDIT_VIEW_UNIT),
        (_l("Hours by lesson"), "credit_reports.lessons", 7, Permission.CREDIT_VIEW_UNIT),
        (_l("Appeals"), "credit_reports.appeals_list", 7, Permission.CREDIT_CORRECT),
    ):
        navigation.add(Entry(label, endpoint, order, needs=(permission,), group=navigation.TRAINING))
