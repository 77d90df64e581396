"""每周邮件: managers switch it on and off for their units."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel.access import Who, allows
from app.kernel.permissions import Permission
from app.notices import weekly
from app.roles import policies
from app.roles import queries as roles

bp = Blueprint("weekly", __name__, url_prefix="/manage/weekly")


@bp.get("")
@allows(Who.HOLDER, Permission.LIVE_MANAGE_UNIT)
def index() -> ResponseReturnValue:
    """Show the units that have it."""
    return render_template(
        "notices/weekly.html",
        rows=weekly.in_reach(policies.mine()),
        units=roles.units_in_reach(Permission.LIVE_MANAGE_UNIT),
    )


@bp.post("")
@allows(Who.HOLDER, Permission.LIVE_MANAGE_UNIT)
def switch_on() -> ResponseReturnValue:
    """Switch it on for a unit."""
    unit = policies.unit_for(Permission.LIVE_MANAGE_UNIT, request.form.get("unit", 0, int))
    weekly.switch_on(unit, by=accounts.me())
    flash(_("The next weekly mail goes to the people of %(unit)s, too.", unit=unit.name))
    return redirect(url_for("weekly.index"))


@bp.delete("/<int:unit_id>")
@allows(Who.MANAGER, Permission.LIVE_MANAGE_UNIT)
def switch_off(unit_id: int) -> ResponseReturnValue:
    """Switch it off for a unit."""
    weekly.switch_off(policies.unit_for(Permission.LIVE_MANAGE_UNIT, unit_id), by=accounts.me())
    flash(_("Only those who asked for it themselves still get the weekly mail."))
    return redirect(url_for("weekly.index"))
