"""The page on which polls are prepared, their export, and the desk's bars for pages without a websocket."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine.seats import Side
from app.classroom.polls import errors, exports, queries, services, views
from app.classroom.polls.forms import KIND_NAMES, PollForm, countdown_words
from app.classroom.polls.models import Poll, PollState
from app.kernel import web
from app.kernel.access import Who
from app.kernel.errors import AppError
from app.kernel.htmx import is_for_htmx
from app.live.access import for_lesson
from app.live.models import LiveSession

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

bp = Blueprint("polls", __name__, url_prefix="/live/<live_id>/polls")


@bp.get("")
@for_lesson(Who.PRESENTER)
def index(live: LiveSession) -> ResponseReturnValue:
    """Show the polls of a lesson to those who teach it."""
    return _list(live)


@bp.get("/new")
@for_lesson(Who.PRESENTER)
def new(live: LiveSession) -> ResponseReturnValue:
    """Show an empty form."""
    return _form(live, PollForm(), None)


@bp.post("")
@for_lesson(Who.PRESENTER)
def create(live: LiveSession) -> ResponseReturnValue:
    """Prepare a poll."""
    form = PollForm()
    if not form.validate_on_submit():
        return _form(live, form, None), 422
    try:
        services.make(live, form.draft(), by=accounts.me())
    except AppError as error:
        form.beside(error)
        return _form(live, form, None), 422
    flash(_("Prepared. You can start it from the studio."))
    return redirect(url_for("polls.index", live_id=live.id))


@bp.get("/<int:poll_id>")
@for_lesson(Who.PRESENTER)
def edit(live: LiveSession, poll_id: int) -> ResponseReturnValue:
    """Show the form of a poll that was never opened."""
    poll = _poll(live, poll_id)
    if poll.state is not PollState.PREPARED:
        raise errors.Asked
    return _form(live, PollForm(poll), poll)


@bp.post("/<int:poll_id>")
@for_lesson(Who.PRESENTER)
def change(live: LiveSession, poll_id: int) -> ResponseReturnValue:
    """Change a poll that was never opened."""
    poll = _poll(live, poll_id)
    form = PollForm(poll)
    if not form.validate_on_submit():
        return _form(live, form, poll), 422
    try:
        services.change(live, poll.id, form.draft(), by=accounts.me())
    except AppError as error:
        form.beside(error)
        return _form(live, form, poll), error.status if error.status == 409 else 422
    flash(_("Saved."))
    return redirect(url_for("polls.index", live_id=live.id))


@bp.delete("/<int:poll_id>")
@for_lesson(Who.PRESENTER)
def delete(live: LiveSession, poll_id: int) -> ResponseReturnValue:
    """Delete a poll with its answers."""
    services.delete(live, poll_id, by=accounts.me())
    return _changed(live)


@bp.post("/<int:poll_id>/copies")
@for_lesson(Who.PRESENTER)
def duplicate(live: LiveSession, poll_id: int) -> ResponseReturnValue:
    """Prepare the same poll once more."""
    services.duplicate(live, poll_id, by=accounts.me())
    return _changed(live)


@bp.post("/<int:poll_id>/place")
@for_lesson(Who.PRESENTER)
def move(live: LiveSession, poll_id: int) -> ResponseReturnValue:
    """Put a poll one place up (`?up`), or down."""
    services.move(live, poll_id, -1 if "up" in request.args else 1, by=accounts.me())
    return _changed(live)


@bp.post("/<int:poll_id>/export")
@for_lesson(Who.PRESENTER)
def export(live: LiveSession, poll_id: int) -> ResponseReturnValue:
    """Return the answers with names, as CSV or (`?xlsx`) as a workbook; that somebody took them away is noted."""
    user = accounts.me()
    poll = _poll(live, poll_id)
    audit.record(Action.POLL_EXPORTED, by_id=user.id, unit_id=live.unit_id, what=poll.question, subject=live.subject)
    name = poll.question[:40]
    if "xlsx" in request.args:
        return web.named(Response(exports.as_xlsx(poll), mimetype=XLSX), f"{name}.xlsx")
    lines = stream_with_context(exports.as_csv(poll))
    return web.named(Response(lines, mimetype="text/csv"), f"{name}.csv")


@bp.get("/<int:poll_id>/results")
@for_lesson(Who.ASSISTANT)
def results(live: LiveSession, poll_id: int) -> ResponseReturnValue:
    """Return the bars as they are now, for the desk."""
    (view,) = views.poll_views([_poll(live, poll_id)], Side.DESK)
    return render_template("classroom/polls/_results.html", poll=view)


def _poll(live: LiveSession, poll_id: int) -> Poll:
    poll = queries.poll_for(live.id, poll_id)
    if poll is None:
        raise errors.NoPoll
    return poll


def _list(live: LiveSession) -> str:
    polls = views.poll_views(queries.polls_of(live.id), Side.DESK, over=live.is_over)
    words = {"kinds": KIND_NAMES, "countdown_words": countdown_words}
    template = "classroom/polls/_prepared.html" if is_for_htmx() else "classroom/polls/index.html"
    return render_template(template, live=live, polls=polls, **words)


def _changed(live: LiveSession) -> ResponseReturnValue:
    if is_for_htmx():
        return _list(live)
    return redirect(url_for("polls.index", live_id=live.id))


def _form(live: LiveSession, form: PollForm, poll: Poll | None) -> str:
    return render_template("classroom/polls/form.html", live=live, form=form, poll=poll)
