"""Pages about lessons: introduction, a new one, mine."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import segno
from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.models import User
from app.kernel import web
from app.kernel.access import Who, allows, holds
from app.kernel.errors import SignInFirst
from app.kernel.permissions import Permission
from app.live import queries, services
from app.live.forms import LiveForm
from app.live.models import Audience
from app.live.policies import May, home_for_sessions, permissions_of
from app.live.views import audience_choices, next_step, view_of

bp = Blueprint("live", __name__, url_prefix="/live")


@bp.get("/mine")
@allows(Who.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """List what I teach."""
    user = _teacher()
    return render_template(
        "live/mine.html",
        lives=[view_of(live, user) for live in queries.mine(user)],
        may_create=holds(Permission.LIVE_MANAGE),
    )


@bp.get("/new")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new lesson, beginning at the next full hour."""
    begins = (datetime.now(web.zone()) + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return render_template("live/form.html", form=_form(starts_at=begins, ends_at=begins + timedelta(hours=1)))


@bp.post("/new")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def create() -> ResponseReturnValue:
    """Make the lesson and open its studio."""
    form = _form()
    if not form.validate_on_submit():
        return render_template("live/form.html", form=form), 422
    teacher = _teacher()
    live = services.schedule(
        owner=teacher,
        unit=home_for_sessions(teacher),
        subject=form.subject.data or "",
        abstract=form.abstract.data or "",
        audience=Audience(form.audience.data),
        recording=form.recording_default.data,
        starts_at_ms=form.starts_at_ms,
        ends_at_ms=form.ends_at_ms,
    )
    return redirect(url_for("classroom.studio", live_id=live.id))


@bp.get("/<live_id>")
@allows(Who.ANYONE)
def page(live_id: str) -> ResponseReturnValue:
    """Show the introduction page (直播介绍页)."""
    user = queries.viewer()
    live = queries.announced_to(user, live_id)
    may_watch = May.WATCH in permissions_of(user, live)
    return render_template("live/page.html", live=view_of(live, user), step=next_step(live, user, may_watch=may_watch))


@bp.get("/<live_id>/qr.svg")
@allows(Who.ANYONE)
def qr(live_id: str) -> ResponseReturnValue:
    """Draw the introduction page's address for a phone's camera (ISO/IEC 18004)."""
    live = queries.announced_to(queries.viewer(), live_id)
    image = io.BytesIO()
    code = segno.make(url_for("live.page", live_id=live.id, _external=True), error="m")
    code.save(image, kind="svg", scale=4, border=4, xmldecl=False, svgns=True)
    return Response(image.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})


def _form(**given: object) -> LiveForm:
    form = LiveForm(**given)
    form.audience.choices = audience_choices(home_for_sessions(_teacher()))
    return form


def _teacher() -> User:
    user = queries.viewer()
    if user is None:
        raise SignInFirst
    return user
