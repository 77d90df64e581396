"""The pages of announcements, and their place at the top of all pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel import clock, paging, web
from app.kernel.access import Who, allows
from app.kernel.forms import choices
from app.kernel.htmx import is_for_htmx
from app.kernel.moments import as_typed, in_ms
from app.kernel.permissions import Permission
from app.roles import policies
from app.roles import queries as roles
from app.support.announcements import queries, services
from app.support.announcements.forms import AnnouncementForm
from app.support.announcements.models import Kind

DAY_MS = 86_400_000
IN_LESSON = ("classroom.studio", "classroom.watch", "replays.page")
"""Pages of a lesson and of its replay, on which only what concerns the running service is shown."""
PUT_AWAY, MOST_KEPT = "put_away", 30
"""Key of a visitor's cookie that names the announcements she has read, and the maximum number of names."""

bp = Blueprint("announcements", __name__)


@bp.get("/manage/announcements")
@allows(Who.HOLDER, Permission.UNIT_MANAGE)
def index() -> ResponseReturnValue:
    """List the announcements of the reader's units."""
    page = paging.page_of(queries.in_reach(policies.mine()), paging.wanted())
    return render_template("support/announcements/index.html", page=page, now_ms=clock.now_ms())


@bp.get("/manage/announcements/new")
@allows(Who.HOLDER, Permission.UNIT_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new one."""
    now_ms = clock.now_ms()
    form = _form(formdata=None, from_at=as_typed(now_ms), until_at=as_typed(now_ms + DAY_MS))
    return render_template("support/announcements/edit.html", form=form, made=None)


@bp.post("/manage/announcements/new")
@allows(Who.HOLDER, Permission.UNIT_MANAGE)
def publish() -> ResponseReturnValue:
    """Publish it."""
    form = _form()
    if not form.validate_on_submit():
        return render_template("support/announcements/edit.html", form=form, made=None), 422
    unit = policies.unit_for(Permission.UNIT_MANAGE, form.unit.data)
    services.publish(unit, by=accounts.me(), **_said(form))
    flash(_("The announcement is published."))
    return redirect(url_for("announcements.index"))


@bp.get("/manage/announcements/<int:announcement_id>")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def edit(announcement_id: int) -> ResponseReturnValue:
    """Show one, to be changed."""
    made = queries.for_manager(announcement_id)
    form = _form(
        formdata=None,
        obj=made,
        unit=made.unit_id,
        from_at=as_typed(made.from_ms),
        until_at=as_typed(made.until_ms),
    )
    form.unit.data = made.unit_id
    return render_template("support/announcements/edit.html", form=form, made=made)


@bp.post("/manage/announcements/<int:announcement_id>")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def change(announcement_id: int) -> ResponseReturnValue:
    """Change it."""
    made, form = queries.for_manager(announcement_id), _form()
    if not form.validate_on_submit():
        return render_template("support/announcements/edit.html", form=form, made=made), 422
    unit = policies.unit_for(Permission.UNIT_MANAGE, form.unit.data)
    services.change(made, unit, by=accounts.me(), **_said(form))
    flash(_("Saved."))
    return redirect(url_for("announcements.index"))


@bp.delete("/manage/announcements/<int:announcement_id>")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def withdraw(announcement_id: int) -> ResponseReturnValue:
    """Remove it."""
    services.withdraw(queries.for_manager(announcement_id), by=accounts.me())
    flash(_("The announcement is withdrawn."))
    return redirect(url_for("announcements.index"))


@bp.post("/announcements/<int:announcement_id>/dismissal")
@allows(Who.ANYONE)
def put_away(announcement_id: int) -> ResponseReturnValue:
    """Put an announcement away for this reader."""
    user = accounts.viewer()
    if user is not None:
        services.put_away(announcement_id, user)
    else:
        session[PUT_AWAY] = [*session.get(PUT_AWAY, []), announcement_id][-MOST_KEPT:]
    if is_for_htmx():
        return ""
    back = request.form.get("next", "/")
    return redirect(back if web.is_local(back) else "/")


def top() -> str:
    """Render the announcements for the top of a page."""
    found = queries.shown_to(
        accounts.viewer(), put_away=session.get(PUT_AWAY, []), in_lesson=request.endpoint in IN_LESSON
    )
    return render_template("support/announcements/_top.html", announcements=found) if found else ""


def _form(**given: Any) -> AnnouncementForm:
    form = AnnouncementForm(**given)
    form.unit.choices = choices(roles.units_in_reach(Permission.UNIT_MANAGE))
    return form


def _said(form: AnnouncementForm) -> dict[str, Any]:
    assert form.from_at.data is not None
    assert form.until_at.data is not None
    return {
        "kind": Kind(form.kind.data),
        "title": form.title.data or "",
        "words": form.words.data or "",
        "from_ms": in_ms(form.from_at.data),
        "until_ms": in_ms(form.until_at.data),
    }
