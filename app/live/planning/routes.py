"""新建直播 and what follows from it: the form of a plan, duplicating, calling off, deleting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import queries as accounts
from app.kernel import clock, paging, web
from app.kernel.access import Who, allows, require, take_large_body
from app.kernel.errors import AppError, NotFound
from app.kernel.forms import refuse
from app.kernel.permissions import Permission
from app.kernel.pictures.shelf import MOST_SENT
from app.kernel.text import tidied
from app.live import queries, subjects, tokens
from app.live.access import for_lesson, lesson_for
from app.live.audiences import audience_choices
from app.live.covers.services import SHELF as COVERS
from app.live.errors import SubjectExists, TokenMalformed, TokenTaken
from app.live.models import LiveSession
from app.live.planning import services as planning
from app.live.planning.forms import LiveForm
from app.live.planning.plans import Plan, plan_of
from app.live.policies import May, home_for_sessions
from app.live.views import row_of
from app.live.window import next_half_hour_ms

bp = Blueprint("plans", __name__, url_prefix="/live")


@bp.url_value_preprocessor
def _let_pictures_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "plans.create":
        take_large_body(MOST_SENT, lambda: require(Permission.LIVE_MANAGE))
    elif endpoint in {"plans.create_copy", "plans.plan_anew"} and values:
        take_large_body(MOST_SENT, lambda: lesson_for(Who.PLANNER, values["live_id"]))


@bp.get("/new")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new lesson, beginning at the next half hour. The teacher may also begin at once."""
    begins = clock.to_datetime(next_half_hour_ms(clock.now_ms())).astimezone(web.zone()).replace(tzinfo=None)
    form = _form(starts_at=begins, ends_at=begins + timedelta(hours=1), teachers=[accounts.me()])
    return _form_page(form)


@bp.post("/new")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def create() -> ResponseReturnValue:
    """Make the lesson, or one for each week, and show what to hand out."""
    return _create()


def _create(copied: LiveSession | None = None) -> ResponseReturnValue:
    form = _form()
    if not _is_fine(form):
        return _form_page(form), 422
    teacher = accounts.me()
    try:
        lives = planning.schedule_weekly(
            form.plan(), form.weeks.data or 1, owner=teacher, unit=home_for_sessions(teacher), copied=copied
        )
    except (SubjectExists, TokenTaken, TokenMalformed) as error:
        return _refused(form, error)
    if len(lives) > 1:
        flash(ngettext("%(num)d lesson is planned.", "%(num)d lessons are planned.", len(lives)))
        return redirect(url_for("lists.mine"))
    return redirect(url_for("live.page", live_id=lives[0].id))


@bp.get("/<live_id>/copy")
@for_lesson(Who.PLANNER)
def copy(live: LiveSession) -> ResponseReturnValue:
    """Show the form of a new lesson that is like another one, a week later."""
    plan = plan_of(live)
    shift_ms = planning.next_week_ms(plan.starts_at_ms, clock.now_ms()) - plan.starts_at_ms
    later = plan.shifted(shift_ms, subjects.next_free(plan.subject, accounts.me()))
    return _form_page(_form(**_shown(later)), copied=live.subject)


@bp.post("/<live_id>/copy")
@for_lesson(Who.PLANNER)
def create_copy(live: LiveSession) -> ResponseReturnValue:
    """Make the lesson that is like another one; the form's address stays the same when something is wrong."""
    return _create(copied=live)


@bp.get("/<live_id>/plan")
@for_lesson(Who.PLANNER)
def plan(live: LiveSession) -> ResponseReturnValue:
    """Show the form of a lesson that is planned already."""
    return _form_page(_form(live, **_shown(plan_of(live))), live)


@bp.post("/<live_id>/plan")
@for_lesson(Who.PLANNER)
def plan_anew(live: LiveSession) -> ResponseReturnValue:
    """Change what is planned."""
    form = _form(live)
    overtaken = form.keep(live) if live.is_running else []
    if not _is_fine(form):
        return _form_page(form, live), 422
    try:
        planning.plan_anew(live, form.plan(), by=accounts.me())
    except (SubjectExists, TokenTaken, TokenMalformed) as error:
        return _refused(form, error, live)
    flash(_("Saved."))
    if overtaken:
        fields = web.listed(overtaken)
        flash(_("The lesson has begun meanwhile. This stayed as it was: %(fields)s.", fields=fields), "error")
    return redirect(url_for("live.page", live_id=live.id))


@bp.delete("/<live_id>/plan")
@for_lesson(Who.PLANNER)
def delete(live: LiveSession) -> ResponseReturnValue:
    """Delete a lesson that has not begun."""
    planning.delete(live, by=accounts.me())
    flash(_("“%(subject)s” is deleted.", subject=live.subject))
    return redirect(url_for("lists.mine"))


@bp.post("/<live_id>/cancellation")
@for_lesson(Who.PLANNER)
def cancel(live: LiveSession) -> ResponseReturnValue:
    """Call a lesson off, or it and all that follow in its series."""
    reason, by = request.form.get("reason", ""), accounts.me()
    if "series" in request.form:
        count = planning.cancel_from(live, reason=reason, by=by)
        flash(ngettext("%(num)d lesson is cancelled.", "%(num)d lessons are cancelled.", count))
    else:
        planning.cancel(live, reason=reason, by=by)
        flash(_("“%(subject)s” is cancelled.", subject=live.subject))
    return redirect(url_for("live.page", live_id=live.id))


@bp.get("/colleagues")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def colleagues() -> ResponseReturnValue:
    """Find people to teach or assist; the picker asks while one types."""
    q = paging.sought()
    field = request.args.get("field", "")
    if field not in {"teachers", "assistants"}:
        raise NotFound
    return render_template("live/_found.html", field=field, q=q, people=queries.colleagues(q) if q else [])


@bp.post("/tokens/judgement")
@allows(Who.HOLDER, Permission.LIVE_MANAGE)
def judge_tokens() -> ResponseReturnValue:
    """Judge the tokens of a form while they are typed."""
    live_id = request.args.get("live")
    live = queries.live_for(accounts.viewer(), live_id, May.PLAN) if live_id else None
    form = LiveForm()
    form.planned = live
    form.judge_tokens()
    return "".join(
        render_template("live/_token_verdict.html", part=part, f=field, oob=True)
        for part, field in form.token_fields().items()
    )


def _form(live: LiveSession | None = None, **given: Any) -> LiveForm:
    form = LiveForm(**given)
    form.planned = live
    form.audience.choices = (
        audience_choices(live.unit, kept=live.audience) if live else audience_choices(home_for_sessions(accounts.me()))
    )
    if offered := tidied(request.form.get("offered", "")):  # the press on "use this subject"
        form.subject.data = offered
    for part, field in form.token_fields().items():
        if request.form.get("fresh") == part:  # the press on "use this token"
            field.data = tokens.fresh([field.data or "" for field in form.token_fields().values()])
    return form


def _is_fine(form: LiveForm) -> bool:
    """Judge everything, so that all that is wrong is said at once; a press that only fills in a token is not a save."""
    fine = [form.validate_on_submit(), form.judge_tokens(), _keep_cover(form)]
    return all(fine) and "fresh" not in request.form


def _keep_cover(form: LiveForm) -> bool:
    """Keep the sent picture. Return whether nothing is wrong with it."""
    return COVERS.keep_sent(
        form.cover, form.cover_name, dropped="no_cover" in request.form, person=f"u{accounts.me().id}"
    )


def _shown(plan: Plan) -> dict[str, Any]:
    """Return what the form's fields show of a plan."""
    zone = web.zone()
    return {
        "subject": plan.subject,
        "mode": str(plan.mode),
        "starts_at": clock.to_datetime(plan.starts_at_ms).astimezone(zone),
        "ends_at": clock.to_datetime(plan.ends_at_ms).astimezone(zone),
        "teachers": list(plan.teachers),
        "assistants": list(plan.assistants),
        "audience": str(plan.audience),
        "guests": plan.guests,
        "capacity": plan.capacity,
        "abstract": plan.abstract,
        "cover_name": plan.cover,
        "recording_policy": str(plan.recording_policy),
        **{f"{part}_token": value for part, value in plan.tokens.items()},
    }


def _form_page(form: LiveForm, live: LiveSession | None = None, *, offered: str = "", copied: str = "") -> str:
    return render_template(
        "live/form.html",
        form=form,
        live=row_of(live, accounts.viewer()) if live else None,
        running=live is not None and live.is_running,
        in_series=live is not None and live.series_id is not None,
        offered=offered,
        copied=copied,
    )


def _refused(form: LiveForm, error: AppError, live: LiveSession | None = None) -> ResponseReturnValue:
    if isinstance(error, SubjectExists):
        refuse(form.subject, error)
        return _form_page(form, live, offered=error.offered), error.status
    assert isinstance(error, TokenTaken | TokenMalformed)
    refuse(form.token_fields()[error.part], error)
    return _form_page(form, live), error.status
