"""反馈问题: askers open tickets and follow them, with an account or by the link in their mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel import paging, web
from app.kernel.access import Who, allows, take_large_body
from app.kernel.errors import AppError, NotFound
from app.kernel.forms import refuse, told
from app.kernel.ids import new_id
from app.kernel.pictures import PictureRefused
from app.mail import services as mail
from app.support.tickets import facts, files, limits, queries, services, views
from app.support.tickets.errors import LogRefused, TooManyFiles, TooManyTickets
from app.support.tickets.forms import QuestionForm, RatingForm, ReplyForm, StrangerForm
from app.support.tickets.models import Attachment, Ticket
from app.support.tickets.services import Question
from app.support.tickets.states import TicketState

MOST_LINKS_A_DAY = 3
"""Maximum mails with a link to one address in a day, so that nobody floods a stranger's mailbox by our form."""
DAY_MS = 86_400_000

bp = Blueprint("tickets", __name__, url_prefix="/support")


@bp.url_value_preprocessor
def _let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint in {"tickets.ask", "tickets.reply"}:
        take_large_body(files.MOST_SENT, lambda: limits.must_have_room(accounts.viewer()))


@bp.get("/new")
@allows(Who.ANYONE)
def new() -> ResponseReturnValue:
    """Show the form, about the page from which the reader comes."""
    page = request.args.get("from", "")
    form = _form(formdata=None, page=page[:300] if web.is_local(page) else "", subject="", words="")
    return _new_page(form)


@bp.post("/new")
@allows(Who.ANYONE)
def ask() -> ResponseReturnValue:
    """Open a ticket, or send a stranger the link that opens hers."""
    form, user = _form(), accounts.viewer()
    if not form.validate_on_submit():
        return _new_page(form), 422
    key = new_id() + new_id()
    try:
        limits.charge(user)
        if user is None and mail.sent_lately(form.email.data.lower(), DAY_MS) >= MOST_LINKS_A_DAY:
            raise TooManyTickets
        kept = _kept(key, form)
        page = form.page.data if web.is_local(form.page.data or "") else ""
        live = facts.lesson_of(page, user)
        question = Question(
            subject=form.subject.data,
            words=form.words.data,
            name=form.name.data if user is None else "",
            email=form.email.data if user is None else "",
            page=page.partition("?")[0],  # the rest may hold a token
            browser=request.user_agent.string,
            facts=facts.put_together(form.facts.data or "", live, user) if form.with_facts.data else "",
            live=live,
            files=kept,
            key=key,
        )
        ticket = services.ask(question, by=user)
    except AppError as error:
        return _refused(form, error, _new_page)
    if user is None:
        return render_template("support/tickets/sent.html", email=ticket.email)
    flash(_("Your question is on its way. Its number is %(number)s.", number=ticket.id))
    return redirect(url_for("tickets.show", key=ticket.key))


@bp.get("/tickets")
@allows(Who.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """List one's own tickets."""
    page = paging.page_of(queries.of(accounts.me()), paging.wanted())
    return render_template("support/tickets/mine.html", page=page, rows=[views.ticket_view(one) for one in page.rows])


@bp.get("/t/<key>")
@allows(Who.ANYONE)
def show(key: str) -> ResponseReturnValue:
    """Show a ticket to its asker, or ask a stranger to confirm that it is hers."""
    ticket = queries.for_asker(key, accounts.viewer())
    if ticket.confirmed_ms is None:
        return render_template("support/tickets/confirm.html", ticket=views.ticket_view(ticket))
    return _page(ticket, ReplyForm(formdata=None))


@bp.post("/t/<key>/confirmation")
@allows(Who.ANYONE)
def confirm(key: str) -> ResponseReturnValue:
    """Hand a stranger's question on."""
    ticket = queries.for_asker(key, accounts.viewer())
    services.confirm_address(ticket)
    flash(_("Your question is on its way. Its number is %(number)s.", number=ticket.id))
    return redirect(url_for("tickets.show", key=key))


@bp.post("/t/<key>/replies")
@allows(Who.ANYONE)
def reply(key: str) -> ResponseReturnValue:
    """Write to those who help."""
    user = accounts.viewer()
    ticket, form = _confirmed(key), ReplyForm()
    if not form.validate_on_submit():
        return _page(ticket, form), 422
    try:
        limits.charge(user)
        services.reply(ticket, form.words.data or "", by=user, files=_kept(ticket.key, form))
    except AppError as error:
        return _refused(form, error, lambda one: _page(ticket, one))
    return redirect(url_for("tickets.show", key=key))


@bp.post("/t/<key>/solution")
@allows(Who.ANYONE)
def solved(key: str) -> ResponseReturnValue:
    """Mark the question as solved."""
    services.confirm_solution(_confirmed(key), by=accounts.viewer())
    flash(_("Good to hear. How was the help?"))
    return redirect(url_for("tickets.show", key=key))


@bp.post("/t/<key>/rating")
@allows(Who.ANYONE)
def rate(key: str) -> ResponseReturnValue:
    """Rate the help."""
    ticket, form = _confirmed(key), RatingForm()
    if ticket.state is TicketState.SOLVED and ticket.rating is None and form.validate_on_submit():
        services.rate(ticket, form.rating.data, by=accounts.viewer())
        flash(_("Thank you."))
    return redirect(url_for("tickets.show", key=key))


@bp.get("/t/<key>/files/<int:file_id>")
@allows(Who.ANYONE)
def file(key: str, file_id: int) -> ResponseReturnValue:
    """Send a picture or a log to the asker."""
    return send(_confirmed(key), file_id)


def send(ticket: Ticket, file_id: int) -> ResponseReturnValue:
    """Send a file of a ticket: a picture to be looked at, a log to be saved."""
    found = queries.attachment(ticket, file_id)
    path = files.file_of(ticket, found)
    if path is None:
        raise NotFound
    if found.is_picture:
        return send_file(path, mimetype="image/webp", max_age=3600)
    return web.named(send_file(path, mimetype="text/plain"), found.title)


def foot() -> str:
    """Render the way to the form, for the foot of a page."""
    return render_template("support/tickets/_link.html", address=report_address())


def report_address() -> str:
    """Return the address of the form about this page."""
    here = request.full_path if request.query_string else request.path
    return f"{url_for('tickets.new')}?{urlencode({'from': here if request.method == 'GET' else '/'})}"


def _confirmed(key: str) -> Ticket:
    ticket = queries.for_asker(key, accounts.viewer())
    if ticket.confirmed_ms is None:
        raise NotFound
    return ticket


def _form(**given: Any) -> Any:
    return (QuestionForm if accounts.viewer() else StrangerForm)(**given)


def _kept(key: str, form: Any) -> list[Attachment]:
    logs = files.sent([form.log.data])
    return files.keep(key, files.sent(form.pictures.data or []), logs[0] if logs else None, by=accounts.viewer())


def _refused(form: Any, error: AppError, page: Any) -> ResponseReturnValue:
    """Show the form again with an error beside its field. All that was typed stays."""
    if isinstance(error, PictureRefused | TooManyFiles):
        refuse(form.pictures, error)
    elif isinstance(error, LogRefused):
        refuse(form.log, error)
    else:
        form.words.errors = [told(error)]
    return page(form), error.status


def _new_page(form: Any) -> str:
    page = form.page.data or ""
    return render_template(
        "support/tickets/new.html",
        form=form,
        live=facts.lesson_of(page, accounts.viewer()),
        page=page.partition("?")[0],
        most_bytes=files.MOST_SENT,
    )


def _page(ticket: Ticket, form: ReplyForm) -> str:
    return render_template(
        "support/tickets/ticket.html",
        ticket=views.ticket_view(ticket),
        entries=views.entry_views(
            ticket,
            queries.history(ticket, for_asker=True),
            lambda file_id: url_for("tickets.file", key=ticket.key, file_id=file_id),
        ),
        form=form,
        rating=RatingForm(formdata=None) if ticket.state is TicketState.SOLVED and ticket.rating is None else None,
    )
