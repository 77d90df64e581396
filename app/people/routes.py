"""人员: the people of a manager's units."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.accounts.errors import EmailTaken, StaffNumberTaken, UsernameTaken
from app.accounts.models import User
from app.kernel import paging
from app.kernel.access import Who, allows
from app.kernel.errors import AppError
from app.kernel.forms import choices, refuse
from app.kernel.permissions import Permission
from app.mail import services as mail
from app.people import queries, services
from app.people.forms import NewPersonForm, PersonForm, PlaceForm
from app.people.views import person_rows
from app.roles import policies
from app.roles import queries as roles
from app.roles.views import grant_views
from app.units import queries as units

bp = Blueprint("people", __name__, url_prefix="/system/people")


@bp.get("")
@allows(Who.HOLDER, Permission.PEOPLE_MANAGE)
def index() -> ResponseReturnValue:
    """Search the people of the manager's units."""
    q = paging.sought()
    state = request.args.get("state", queries.OPEN)
    state = state if state in queries.STATES else queries.OPEN
    unit_id = request.args.get("unit", type=int)
    unit = policies.unit_for(Permission.PEOPLE_MANAGE, unit_id) if unit_id else None
    page = paging.page_of(queries.people(q=q, unit=unit, state=state), paging.wanted())
    return render_template(
        "people/index.html",
        page=page,
        people=person_rows(page.rows),
        units=roles.units_in_reach(Permission.PEOPLE_MANAGE),
        q=q,
        unit_id=unit_id,
        state=state,
    )


@bp.get("/new")
@allows(Who.HOLDER, Permission.PEOPLE_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new account."""
    return _new_page(_new_form(unit_id=request.args.get("unit", type=int)))


@bp.post("/new")
@allows(Who.HOLDER, Permission.PEOPLE_MANAGE)
def create() -> ResponseReturnValue:
    """Make an account, and invite its owner if asked to."""
    form = _new_form()
    if not form.validate_on_submit():
        return _new_page(form), 422
    unit = policies.unit_for(Permission.PEOPLE_MANAGE, form.unit_id.data)
    try:
        user = services.create(unit, by=accounts.me(), **_said(form))
    except AppError as error:
        _beside(form, error)
        return _new_page(form), error.status
    if form.invite.data and user.email:
        services.invite(user, by=accounts.me())
    return _done(user, _made(user, invited=bool(form.invite.data)))


@bp.get("/<int:user_id>")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def show(user_id: int) -> ResponseReturnValue:
    """Show a person to a manager of her unit's people."""
    user = queries.person_for(user_id)
    return _page(user)


@bp.post("/<int:user_id>")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def change(user_id: int) -> ResponseReturnValue:
    """Correct a person's data."""
    user = queries.person_for(user_id)
    form = PersonForm()
    if not form.validate_on_submit():
        return _page(user, form), 422
    try:
        services.change(user, by=accounts.me(), **_said(form))
    except (UsernameTaken, EmailTaken, StaffNumberTaken) as error:
        _beside(form, error)
        return _page(user, form), error.status
    return _done(user, _("Saved."))


@bp.post("/<int:user_id>/unit")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def move(user_id: int) -> ResponseReturnValue:
    """Move a person to another unit."""
    user = queries.person_for(user_id)
    form = _place_form(user)
    if not form.validate_on_submit():
        return _page(user, place=form), 422
    unit = policies.unit_for(Permission.PEOPLE_MANAGE, form.unit_id.data)
    services.move(user, unit, by=accounts.me())
    return _done(user, _("%(name)s belongs to %(unit)s now.", name=user.real_name, unit=units.full_name(unit)))


@bp.post("/<int:user_id>/closing")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def close(user_id: int) -> ResponseReturnValue:
    """Close an account."""
    user = queries.person_for(user_id)
    services.close(user, by=accounts.me())
    return _done(user, _("The account of %(name)s is closed. It can be reopened at any time.", name=user.real_name))


@bp.delete("/<int:user_id>/closing")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def reopen(user_id: int) -> ResponseReturnValue:
    """Reopen an account."""
    user = queries.person_for(user_id)
    services.reopen(user, by=accounts.me())
    return _done(user, _("The account of %(name)s is open again.", name=user.real_name))


@bp.post("/<int:user_id>/invitation")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def invite(user_id: int) -> ResponseReturnValue:
    """Mail a person a link with which she sets her password."""
    user = queries.person_for(user_id)
    services.invite(user, by=accounts.me())
    if mail.is_configured():
        return _done(user, _("An invitation is on its way to %(email)s.", email=user.email))
    return _done(
        user, _("There is no mail server: the invitation lies in the outbox, and an administrator passes it on.")
    )


@bp.post("/<int:user_id>/link")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def make_link(user_id: int) -> ResponseReturnValue:
    """Show a link that sets a person's password, once."""
    user = queries.person_for(user_id)
    link = services.make_link(user, by=accounts.me())
    return _page(user, link=link)


def _done(user: User, said: str) -> ResponseReturnValue:
    """Lead to a person's page, with a sentence about the deed."""
    flash(said)
    return redirect(url_for("people.show", user_id=user.id))


def _new_form(**given: object) -> NewPersonForm:
    form = NewPersonForm(**given)
    form.unit_id.choices = choices(roles.units_in_reach(Permission.PEOPLE_MANAGE))
    return form


def _new_page(form: NewPersonForm) -> str:
    return render_template("people/new.html", form=form, by_mail=mail.is_configured())


def _place_form(user: User, **given: object) -> PlaceForm:
    form = PlaceForm(**given)
    places = [place for place in roles.units_in_reach(Permission.PEOPLE_MANAGE) if place[0] != user.unit_id]
    form.unit_id.choices = choices([("", _("choose a unit")), *places])
    return form


def _made(user: User, *, invited: bool) -> str:
    """Return a sentence about the new account, and about the manager's next step towards a sign-in."""
    if not (invited and user.email):
        return str(_("The account of %(name)s is made. Make a link below and hand it over.", name=user.real_name))
    if mail.is_configured():
        return str(_("The account of %(name)s is made, and an invitation is on its way.", name=user.real_name))
    return str(
        _(
            "The account of %(name)s is made. The invitation lies in the outbox; you can hand over a link as well.",
            name=user.real_name,
        )
    )


def _said(form: PersonForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in ("real_name", "username", "email", "staff_number")}


def _beside(form: PersonForm, error: AppError) -> None:
    """Show an error beside the field that it concerns."""
    field = form.username
    if isinstance(error, EmailTaken):
        field = form.email
    elif isinstance(error, StaffNumberTaken):
        field = form.staff_number
    refuse(field, error)


def _page(user: User, form: PersonForm | None = None, place: PlaceForm | None = None, *, link: str = "") -> str:
    grants, held = roles.grants_of([user.id])[user.id], policies.mine()
    return render_template(
        "people/person.html",
        user=user,
        unit=units.full_name(user.unit),
        form=form or PersonForm(formdata=None, obj=user),
        place=place or _place_form(user, formdata=None),
        grants=grant_views(grants, accounts.me()),
        may_change=user.id == accounts.me().id or policies.outranks(accounts.me(), user),
        is_oneself=user.id == accounts.me().id,
        may_assign=held.covers(Permission.ROLE_ASSIGN, user.unit.path),
        may_read_log=held.covers(Permission.AUDIT_VIEW, user.unit.path),
        by_mail=mail.is_configured(),
        sign_ins=len(accounts.sign_ins_of(user)),
        link=link,
    )
