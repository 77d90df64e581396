"""工单: those who help list, take and answer the tickets of their units."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.extensions import db
from app.kernel import clock, paging
from app.kernel.access import Who, allows
from app.kernel.errors import AppError
from app.kernel.forms import choices, refuse
from app.kernel.permissions import Permission
from app.roles import policies
from app.roles import queries as roles
from app.support.tickets import canned, figures, queries, services, views
from app.support.tickets.asker_routes import send
from app.support.tickets.forms import AnswerForm, CannedForm, DeskForm, MergeForm
from app.support.tickets.models import Priority, Ticket
from app.support.tickets.states import TicketState

TABS = ("open", "mine", "to_confirm", "solved", "all")
DAYS = (30, 90, 365)

bp = Blueprint("ticket_desk", __name__, url_prefix="/manage/tickets")


@bp.get("")
@allows(Who.HOLDER, Permission.TICKET_ANSWER)
def index() -> ResponseReturnValue:
    """List the tickets of the reader's units."""
    q, asked = paging.sought(), request.args.get("which", "")
    which, held = asked if asked in TABS else "open", policies.mine()
    page = paging.page_of(queries.in_reach(held, accounts.me(), q=q, which=which), paging.wanted())
    return render_template(
        "support/tickets/desk.html",
        page=page,
        rows=[views.ticket_view(one) for one in page.rows],
        q=q,
        which=which,
        for_academy=queries.answers_for_academy(held),
    )


@bp.get("/figures")
@allows(Who.HOLDER, Permission.TICKET_ANSWER)
def numbers() -> ResponseReturnValue:
    """Show how long people waited, and how content they were."""
    asked = request.args.get("days", type=int)
    days = asked if asked in DAYS else DAYS[0]
    whole, of_each = figures.since(policies.mine(), clock.now_ms() - days * 86_400_000)
    return render_template("support/tickets/figures.html", whole=whole, of_each=of_each, days=days, choices=DAYS)


@bp.get("/<int:ticket_id>")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def show(ticket_id: int) -> ResponseReturnValue:
    """Show a ticket with its history."""
    return _page(queries.for_helper(ticket_id))


@bp.post("/<int:ticket_id>/taking")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def take(ticket_id: int) -> ResponseReturnValue:
    """Take it in hand."""
    services.take(queries.for_helper(ticket_id), by=accounts.me())
    return _back(ticket_id)


@bp.post("/<int:ticket_id>/answers")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def answer(ticket_id: int) -> ResponseReturnValue:
    """Answer it, or write a note for colleagues."""
    ticket, form, does = queries.for_helper(ticket_id), AnswerForm(), request.form.get("does", "")
    if not form.validate_on_submit():
        return _page(ticket, form), 422
    try:
        if does == "note":
            services.note(ticket, form.words.data or "", by=accounts.me())
        else:
            services.answer(ticket, form.words.data or "", solves=does == "solve", by=accounts.me())
    except AppError as error:
        refuse(form.words, error)
        return _page(ticket, form), error.status
    return _back(ticket_id)


@bp.post("/<int:ticket_id>/desk")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def change(ticket_id: int) -> ResponseReturnValue:
    """Name who answers, and say how urgent it is."""
    ticket, me = queries.for_helper(ticket_id), accounts.me()
    form = DeskForm(_people(ticket))
    if not form.validate_on_submit():
        return _page(ticket, desk=form), 422
    to = accounts.people([int(form.assignee.data)])[0] if form.assignee.data else None
    if (to.id if to else None) != ticket.assignee_id:
        services.assign(ticket, to, by=me)
    services.rank(ticket, Priority(form.priority.data), by=me)
    flash(_("Saved."))
    return _back(ticket_id)


@bp.post("/<int:ticket_id>/handover")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def hand_over(ticket_id: int) -> ResponseReturnValue:
    """Hand it over to the platform team, or back."""
    ticket = queries.for_helper(ticket_id)
    services.hand_over(ticket, to_platform=not ticket.at_platform, by=accounts.me())
    return _back(ticket_id)


@bp.post("/<int:ticket_id>/merge")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def merge(ticket_id: int) -> ResponseReturnValue:
    """Merge it into another ticket."""
    ticket, form = queries.for_helper(ticket_id), MergeForm()
    if not form.validate_on_submit():
        return _page(ticket, merging=form), 422
    try:
        services.merge(ticket, db.session.get(Ticket, form.number.data), by=accounts.me())
    except AppError as error:
        refuse(form.number, error)
        return _page(ticket, merging=form), error.status
    flash(_("Answers to #%(number)s go to this asker, too.", number=form.number.data))
    return redirect(url_for("ticket_desk.show", ticket_id=form.number.data))


@bp.get("/<int:ticket_id>/files/<int:file_id>")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def file(ticket_id: int, file_id: int) -> ResponseReturnValue:
    """Send a picture or a log."""
    return send(queries.for_helper(ticket_id), file_id)


@bp.get("/canned")
@allows(Who.HOLDER, Permission.TICKET_ANSWER)
def canned_list() -> ResponseReturnValue:
    """List the answers that are given often."""
    return _canned_page(_canned_form(formdata=None))


@bp.post("/canned")
@allows(Who.HOLDER, Permission.TICKET_ANSWER)
def add_canned() -> ResponseReturnValue:
    """Add one."""
    form = _canned_form()
    if not form.validate_on_submit():
        return _canned_page(form), 422
    unit = policies.unit_for(Permission.TICKET_ANSWER, form.unit.data)
    canned.add(unit, title=form.title.data or "", words=form.words.data or "")
    flash(_("Saved."))
    return redirect(url_for("ticket_desk.canned_list"))


@bp.delete("/canned/<int:canned_id>")
@allows(Who.MANAGER, Permission.TICKET_ANSWER)
def remove_canned(canned_id: int) -> ResponseReturnValue:
    """Remove one."""
    canned.remove(queries.canned_answer(canned_id))
    return redirect(url_for("ticket_desk.canned_list"))


def _back(ticket_id: int) -> ResponseReturnValue:
    return redirect(url_for("ticket_desk.show", ticket_id=ticket_id))


def _people(ticket: Ticket) -> list[tuple[int, str]]:
    """Return those who may answer a ticket, as choices."""
    found = {one.id: one.real_name for one in roles.nearest_holders(Permission.TICKET_ANSWER, ticket.unit)}
    if ticket.assignee is not None:
        found.setdefault(ticket.assignee.id, ticket.assignee.real_name)
    return list(found.items())


def _page(
    ticket: Ticket,
    form: AnswerForm | None = None,
    *,
    desk: DeskForm | None = None,
    merging: MergeForm | None = None,
) -> str:
    shown = chosen_canned(ticket)
    return render_template(
        "support/tickets/answer.html",
        ticket=views.ticket_view(ticket),
        asked=ticket,
        entries=views.entry_views(
            ticket,
            queries.history(ticket, for_asker=False),
            lambda file_id: url_for("ticket_desk.file", ticket_id=ticket.id, file_id=file_id),
        ),
        canned=queries.canned_for(ticket.unit),
        form=form or AnswerForm(formdata=None, words=shown),
        desk=desk
        or DeskForm(_people(ticket), formdata=None, assignee=str(ticket.assignee_id or ""), priority=ticket.priority),
        merging=merging or MergeForm(formdata=None),
        merged=queries.merged_into(ticket),
        is_over=ticket.state is TicketState.SOLVED,
        may_hand_back=queries.answers_for_academy(policies.mine()),
    )


def chosen_canned(ticket: Ticket) -> str:
    """Return the words of the canned answer that the address names, for the field of the answer."""
    asked = request.args.get("canned", type=int)
    return next((one.words for one in queries.canned_for(ticket.unit) if one.id == asked), "")


def _canned_form(**given: object) -> CannedForm:
    form = CannedForm(**given)
    form.unit.choices = choices(roles.units_in_reach(Permission.TICKET_ANSWER))
    return form


def _canned_page(form: CannedForm) -> str:
    return render_template("support/tickets/canned.html", form=form, canned=queries.canned_in_reach(policies.mine()))
