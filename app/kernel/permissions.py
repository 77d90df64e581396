"""The vocabulary of permissions for roles, each with a name and a sentence about its use.

A permission is held *in a unit* and counts for everything beneath it; see `app/roles/policies.py`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Permission(enum.StrEnum):
    """A permission of a role. Values are stored, so they never change their meaning."""

    LIVE_MANAGE = "live.manage"
    LIVE_MANAGE_UNIT = "live.manage_unit"
    RECOMMEND_UNIT = "recommend.unit"
    RECOMMEND_ACADEMY = "recommend.academy"
    ROLE_MANAGE = "role.manage"
    ROLE_ASSIGN = "role.assign"
    PEOPLE_MANAGE = "people.manage"
    UNIT_MANAGE = "unit.manage"
    AUDIT_VIEW = "audit.view"
    CREDIT_VIEW_UNIT = "credit.view_unit"
    CREDIT_CORRECT = "credit.correct"
    CREDIT_RULES = "credit.rules"
    RECORDING_EXPORT = "recording.export"
    TICKET_ANSWER = "ticket.answer"
    SYSTEM_ADMIN = "system.admin"


OF_THE_ACADEMY = frozenset({Permission.SYSTEM_ADMIN, Permission.RECOMMEND_ACADEMY})
"""Permissions over the whole service. Their grants count in the academy itself and in no part of it."""


@dataclass(frozen=True)
class Meaning:
    """Words of a permission on the screen."""

    name: LazyString
    allows: LazyString


MEANINGS: dict[Permission, Meaning] = {
    Permission.LIVE_MANAGE: Meaning(
        _l("Teach live"), _l("Create lessons of one's own, teach them, and manage their replays.")
    ),
    Permission.LIVE_MANAGE_UNIT: Meaning(
        _l("Manage the unit's lessons"), _l("Open, change and end every lesson of the unit, whoever teaches.")
    ),
    Permission.RECOMMEND_UNIT: Meaning(
        _l("Recommend within the unit"), _l("Put lessons on the front page that people of the unit see.")
    ),
    Permission.RECOMMEND_ACADEMY: Meaning(_l("Recommend to the academy"), _l("Put lessons on everybody's front page.")),
    Permission.ROLE_MANAGE: Meaning(
        _l("Manage roles"), _l("Create and change roles of the unit, out of permissions one holds oneself.")
    ),
    Permission.ROLE_ASSIGN: Meaning(_l("Assign roles"), _l("Give roles to people of the unit and take them back.")),
    Permission.PEOPLE_MANAGE: Meaning(
        _l("Manage people"), _l("Add, import, change and close accounts of the unit's people.")
    ),
    Permission.UNIT_MANAGE: Meaning(
        _l("Manage units"), _l("Add, rename and move the institutes and departments beneath the unit.")
    ),
    Permission.AUDIT_VIEW: Meaning(
        _l("Read the audit log"), _l("See who granted, changed, imported and exported what in the unit.")
    ),
    Permission.CREDIT_VIEW_UNIT: Meaning(
        _l("See learning hours"), _l("See and export the learning hours of the unit's people.")
    ),
    Permission.CREDIT_CORRECT: Meaning(
        _l("Correct learning hours"),
        _l("Correct and add learning hours of the unit's people, each with a reason, and answer appeals."),
    ),
    Permission.CREDIT_RULES: Meaning(
        _l("Set the rules of learning hours"), _l("Decide how watching becomes learning hours in the unit.")
    ),
    Permission.RECORDING_EXPORT: Meaning(
        _l("Export recordings"), _l("Download recordings of the unit and export them as courseware.")
    ),
    Permission.TICKET_ANSWER: Meaning(_l("Answer tickets"), _l("Read and answer the questions of the unit's people.")),
    Permission.SYSTEM_ADMIN: Meaning(
        _l("Administer the system"), _l("Read the outbox and change what concerns the whole service.")
    ),
}
"""Words by permission, in the order of the screen."""
