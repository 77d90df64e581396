"""Deleting and restoring a recording, and the page of disk and retention."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel.access import Who, allows
from app.kernel.permissions import Permission
from app.live.access import for_lesson
from app.live.models import LiveSession
from app.replays.keeping import queries, services
from app.roles import policies

CHOICES = (90, 180, 365, 730, 1095, 1825)
"""Days that a rule may name: three months to five years."""

bp = Blueprint("keeping", __name__)


@bp.post("/live/<live_id>/recording/bin")
@for_lesson(Who.PLANNER)
def delete(live: LiveSession) -> ResponseReturnValue:
    """Put a recording into the recycle bin."""
    services.delete(live, by=accounts.me())
    return _page(live, str(_("The recording lies in the recycle bin.")))


@bp.post("/live/<live_id>/recording/return")
@for_lesson(Who.PLANNER)
def restore(live: LiveSession) -> ResponseReturnValue:
    """Bring a recording back."""
    services.restore(live, by=accounts.me())
    return _page(live, str(_("The recording is back.")))


@bp.post("/live/<live_id>/recording/keep")
@for_lesson(Who.PLANNER)
def keep(live: LiveSession) -> ResponseReturnValue:
    """Exempt a recording from the rule of its unit."""
    services.keep_always(live, True)
    return _page(live, str(_("Saved.")))


@bp.delete("/live/<live_id>/recording/keep")
@for_lesson(Who.PLANNER)
def let_go(live: LiveSession) -> ResponseReturnValue:
    """Have the rule of its unit decide."""
    services.keep_always(live, False)
    return _page(live, str(_("Saved.")))


def _page(live: LiveSession, told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for("recordings.page", live_id=live.id))


@bp.get("/manage/recordings/disk")
@allows(Who.HOLDER, Permission.LIVE_MANAGE_UNIT)
def disk() -> ResponseReturnValue:
    """Show what recordings take, how long the disk lasts, and the rules."""
    return render_template(
        "replays/keeping/disk.html",
        forecast=queries.forecast(),
        uses=queries.use_by_unit(policies.mine()),
        choices=CHOICES,
        notice_days=queries.NOTICE_DAYS,
        bin_days=queries.BIN_DAYS,
        growth_days=queries.GROWTH_DAYS,
    )


@bp.post("/manage/recordings/disk/<int:unit_id>")
@allows(Who.MANAGER, Permission.LIVE_MANAGE_UNIT)
def set_rule(unit_id: int) -> ResponseReturnValue:
    """Set the rule of a unit: a number of days, "ever", or anything else for the rule of the unit above."""
    unit = policies.unit_for(Permission.LIVE_MANAGE_UNIT, unit_id)
    wanted = request.form.get("days", "")
    if wanted == "ever":
        services.set_rule(unit, None, by=accounts.me())
    elif wanted in {str(days) for days in CHOICES}:
        services.set_rule(unit, int(wanted), by=accounts.me())
    else:
        services.drop_rule(unit, by=accounts.me())
    flash(_("Saved."))
    return redirect(url_for("keeping.disk"))
