"""The list of recordings, and the page of one."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.audit import services as audit
from app.audit.models import Action
from app.extensions import db
from app.kernel import paging, web, xlsx_files
from app.kernel.access import Who, allows
from app.kernel.access import holds as holds_permission
from app.kernel.errors import NotFound
from app.kernel.forms import choices, chosen
from app.kernel.permissions import Permission
from app.live.access import for_lesson
from app.live.lifecycle import LiveState
from app.live.models import LiveSession
from app.live.policies import May, permissions_of
from app.live.views import row_of
from app.replays.keeping import holds
from app.replays.keeping import queries as keeping
from app.replays.publishing import queries, services, views
from app.replays.publishing.forms import PublishForm, RecordingsForm
from app.replays.publishing.queries import Order, Shown
from app.replays.slide_times.queries import can_be_timed
from app.roles import policies
from app.roles import queries as roles

MOST_EXPORTED = 10_000

bp = Blueprint("recordings", __name__)


@bp.get("/manage/recordings")
@allows(Who.SIGNED_IN)
def listed() -> ResponseReturnValue:
    """录制课件管理: the recordings that one teaches, has planned, or manages."""
    form = _sought()
    page = paging.page_of(_wanted(form), paging.wanted())
    return render_template(
        "replays/publishing/list.html",
        form=form,
        page=page,
        rows=views.rows_of(page.rows),
        words=views.state_words,
        may_keep=holds_permission(Permission.LIVE_MANAGE_UNIT),
    )


@bp.post("/manage/recordings.xlsx")
@allows(Who.SIGNED_IN)
def export() -> ResponseReturnValue:
    """Return the list as a workbook. The log notes who took it."""
    me, name = accounts.me(), str(_("Recordings"))
    found = db.session.scalars(_wanted(_sought()).limit(MOST_EXPORTED)).all()
    audit.record(Action.RECORDINGS_EXPORTED, by_id=me.id, unit_id=me.unit_id, what=name, count=len(found))
    book = xlsx_files.as_xlsx(name, views.lines_of(views.rows_of(found)), widths=views.WIDTHS)
    return web.named(Response(book, content_type=xlsx_files.KIND), f"{name}.xlsx")


def _sought() -> RecordingsForm:
    form = RecordingsForm(request.args)
    form.unit.choices = choices([(0, form.all_units), *roles.units_in_reach(Permission.LIVE_MANAGE_UNIT)])
    form.validate()  # an unknown choice is shown beside its field, and not searched for
    return form


def _wanted(form: RecordingsForm) -> queries.Recordings:
    unit_id = chosen(form.unit)
    return queries.recordings_for(
        accounts.me(),
        q=(form.q.data or "")[:100],
        shown=Shown(chosen(form.shown, "")),
        unit=policies.unit_for(Permission.LIVE_MANAGE_UNIT, unit_id) if unit_id else None,
        order=Order(chosen(form.order, Order.NEWEST)),
    )


@bp.get("/live/<live_id>/recording")
@for_lesson(Who.PRESENTER)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show a recording to those who present it."""
    _refuse_before_the_end(live)
    return _page(live, PublishForm(live))


@bp.post("/live/<live_id>/recording/audience")
@for_lesson(Who.PLANNER)
def publish(live: LiveSession) -> ResponseReturnValue:
    """Decide who may watch."""
    _refuse_before_the_end(live)
    form = PublishForm(live)
    if not form.validate_on_submit():
        return _page(live, form), 422
    if form.is_for_nobody:
        services.unpublish(live, by=accounts.me())
    else:
        shown = services.Shown(notes=form.notes.data, chat=form.chat.data, names=form.names.data)
        services.publish(live, form.chosen_audience, guests=form.guests.data, by=accounts.me(), shown=shown)
    flash(_("Saved."))
    return redirect(url_for("recordings.page", live_id=live.id))


def _refuse_before_the_end(live: LiveSession) -> None:
    is_there = live.has_recording or live.recording_binned_ms is not None
    if live.state is not LiveState.ENDED or not is_there or live.rehearses_id is not None:
        raise NotFound


def _page(live: LiveSession, form: PublishForm) -> str:
    user = accounts.me()
    (row,) = views.rows_of([live])
    return render_template(
        "replays/publishing/page.html",
        live=row_of(live, user),
        row=row,
        state=views.state_words(row),
        due_ms=keeping.due_ms(live, keeping.rules()),
        bin_days=keeping.BIN_DAYS,
        held=holds.reason(live),
        timed=can_be_timed(live),
        plans=May.PLAN in permissions_of(user, live),
        form=form if May.PLAN in permissions_of(user, live) else None,
    )
