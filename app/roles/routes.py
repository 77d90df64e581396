"""角色管理 and 角色分配: the two steps in which a manager passes on her permissions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import queries as accounts
from app.kernel import paging
from app.kernel.access import Who, allows
from app.kernel.errors import AppError, NotFound
from app.kernel.forms import choices, refuse
from app.kernel.htmx import is_for_htmx
from app.kernel.permissions import MEANINGS, Permission
from app.roles import grants, policies, queries, services
from app.roles.errors import (
    DateOver,
    LastAdministrator,
    LockedPermission,
    NotYours,
    OutlastsYours,
    OutOfReach,
    RoleElsewhere,
    RoleNameTaken,
    SomeRefused,
)
from app.roles.forms import GrantForm, RoleForm
from app.roles.grants import Tally
from app.roles.models import Role
from app.roles.views import grant_views, person_views, role_views

BESIDE: dict[type[AppError], str] = {
    SomeRefused: "user_ids",
    OutOfReach: "unit_id",
    RoleElsewhere: "unit_id",
    OutlastsYours: "until",
    DateOver: "until",
    LastAdministrator: "until",
}
"""Fields beside which errors of giving are shown. All other errors concern the role."""

bp = Blueprint("roles", __name__, url_prefix="/system")


@bp.get("/roles")
@allows(Who.HOLDER, Permission.ROLE_MANAGE)
def index() -> ResponseReturnValue:
    """List the roles of the manager's units."""
    return render_template("roles/index.html", roles=role_views(queries.roles_owned(Permission.ROLE_MANAGE)))


@bp.get("/roles/new")
@allows(Who.HOLDER, Permission.ROLE_MANAGE)
def new() -> ResponseReturnValue:
    """Show the form of a new role."""
    return _role_page(_role_form())


@bp.post("/roles/new")
@allows(Who.HOLDER, Permission.ROLE_MANAGE)
def create() -> ResponseReturnValue:
    """Create a role."""
    form = _role_form()
    if not form.validate_on_submit():
        return _role_page(form), 422
    unit = policies.unit_for(Permission.ROLE_MANAGE, form.unit_id.data)
    try:
        role = services.create_role(
            unit,
            name=form.name.data or "",
            permissions=form.permissions.data or [],
            note=form.note.data or "",
            by=accounts.me(),
        )
    except (RoleNameTaken, NotYours) as error:
        return _refused(form, error)
    flash(_("The role “%(name)s” is there. Now assign it to people.", name=role.name))
    return redirect(url_for("roles.assignments", role=role.id))


@bp.get("/roles/<int:role_id>")
@allows(Who.MANAGER, Permission.ROLE_MANAGE)
def edit(role_id: int) -> ResponseReturnValue:
    """Show a role to a person who may change it."""
    role = queries.role_for(role_id)
    form = _role_form(
        name=role.name, unit_id=role.unit_id, note=role.note, permissions=[str(one) for one in role.permissions]
    )
    return _role_page(form, role)


@bp.post("/roles/<int:role_id>")
@allows(Who.MANAGER, Permission.ROLE_MANAGE)
def change(role_id: int) -> ResponseReturnValue:
    """Change a role, for all its holders."""
    role = queries.role_for(role_id)
    form = _role_form()
    form.unit_id.data = role.unit_id  # a role stays where it is
    if not form.validate_on_submit():
        return _role_page(form, role), 422
    try:
        services.change_role(
            role,
            name=form.name.data or "",
            permissions=form.permissions.data or [],
            note=form.note.data or "",
            by=accounts.me(),
        )
    except (RoleNameTaken, NotYours, OutlastsYours, LockedPermission) as error:
        return _refused(form, error, role)
    flash(_("The role “%(name)s” is changed, for everybody who holds it.", name=role.name))
    return redirect(url_for("roles.index"))


@bp.delete("/roles/<int:role_id>")
@allows(Who.MANAGER, Permission.ROLE_MANAGE)
def delete(role_id: int) -> ResponseReturnValue:
    """Delete a role that nobody holds."""
    role = queries.role_for(role_id)
    services.delete_role(role, by=accounts.me())
    flash(_("The role “%(name)s” is deleted.", name=role.name))
    return redirect(url_for("roles.index"))


@bp.get("/assignments")
@allows(Who.HOLDER, Permission.ROLE_ASSIGN)
def assignments() -> ResponseReturnValue:
    """Search people, show their roles, and offer to give them more."""
    return _assignment_page(_grant_form(formdata=None, role_id=request.args.get("role", type=int)))


@bp.post("/assignments")
@allows(Who.HOLDER, Permission.ROLE_ASSIGN)
def give() -> ResponseReturnValue:
    """Grant a role to the ticked people."""
    form = _grant_form()
    if not form.validate_on_submit():
        return _assignment_page(form), 422
    role = next(one for one in queries.roles_to_give() if one.id == form.role_id.data)
    unit = policies.unit_for(Permission.ROLE_ASSIGN, form.unit_id.data)
    people = accounts.people(form.user_ids.data or [])
    if not people:
        raise NotFound
    try:
        tally = grants.give_to_many(role, people, unit, until_ms=form.until_ms, by=accounts.me())
    except AppError as error:
        refuse(form[BESIDE.get(type(error), "role_id")], error)
        return _assignment_page(form), error.status
    flash(_counted(role, tally))
    return redirect(_here())


@bp.delete("/assignments/<int:grant_id>")
@allows(Who.MANAGER, Permission.ROLE_ASSIGN)
def end(grant_id: int) -> ResponseReturnValue:
    """Take a role back. The page offers to undo it, if the person may give the role."""
    grant = queries.grant_for(grant_id)
    grants.end(grant, by=accounts.me())
    undoable = grants.may_give(grant.role, grant.user, grant.unit, until_ms=grant.until_ms, by=accounts.me())
    (ended,) = grant_views([grant], accounts.me())
    if is_for_htmx():
        (person,) = person_views([grant.user], accounts.me())
        return render_template("roles/_grants.html", person=person, ended=ended, undoable=undoable)
    flash(_("%(name)s no longer holds the role “%(role)s”.", name=grant.user.real_name, role=grant.role.name))
    return redirect(_here())


def _here() -> str:
    """Return the address of the list, with the search that it shows."""
    searched: dict[str, Any] = {
        name: request.args[name] for name in ("q", "unit", "held", "page") if request.args.get(name)
    }
    return url_for("roles.assignments", **searched)


def _role_form(**given: object) -> RoleForm:
    form = RoleForm(**given)
    form.unit_id.choices = choices(queries.units_in_reach(Permission.ROLE_MANAGE))
    return form


def _role_page(form: RoleForm, role: Role | None = None) -> str:
    held = policies.mine()
    path = role.unit.path if role else ""
    passable = held.at(path) if role else frozenset(one for one in Permission if held.anywhere(one))
    return render_template(
        "roles/edit.html",
        form=form,
        role=role,
        meanings=MEANINGS,
        chosen={str(one) for one in form.permissions.data or []},
        passable=passable,
        locked=role.locked if role else frozenset(),
        holders=queries.holders([role.id]).get(role.id, 0) if role else 0,
    )


def _refused(form: RoleForm, error: AppError, role: Role | None = None) -> ResponseReturnValue:
    field = form.name if isinstance(error, RoleNameTaken) else form.permissions
    refuse(field, error)
    return _role_page(form, role), error.status


def _grant_form(**given: object) -> GrantForm:
    form = GrantForm(**given)
    givable = [(role.id, f"{role.name} · {role.unit.name}") for role in queries.roles_to_give()]
    form.role_id.choices = choices([("", _("choose a role")), *givable])
    units = queries.units_in_reach(Permission.ROLE_ASSIGN)
    # of several none is preselected: the first would be the widest
    form.unit_id.choices = choices([("", _("choose a unit")), *units] if len(units) > 1 else units)
    return form


def _assignment_page(form: GrantForm) -> str:
    q = paging.sought()
    unit_id, held = request.args.get("unit", type=int), request.args.get("held", type=int)
    unit = policies.unit_for(Permission.ROLE_ASSIGN, unit_id) if unit_id else None
    page = paging.page_of(queries.people_in_reach(q=q, unit=unit, role_id=held), paging.wanted())
    ticked = set(form.user_ids.data or [])
    return render_template(
        "roles/assignments.html",
        form=form,
        page=page,
        people=person_views(page.rows, accounts.me()),
        ticked=ticked,
        kept=queries.reachable(ticked - {person.id for person in page.rows}),
        q=q,
        unit_id=unit_id,
        held=held,
        units=[(one[0], one[1]) for one in form.unit_id.iter_choices() if one[0]],
        roles_held=[(role.id, role.name) for role in queries.roles_seen()],
    )


def _counted(role: Role, tally: Tally) -> str:
    """Return the numbers of people with and without a change in a sentence."""
    said = []
    if given := len(tally.given):
        said.append(
            ngettext(
                "%(num)d person holds the role “%(role)s” now.",
                "%(num)d people hold the role “%(role)s” now.",
                given,
                role=role.name,
            )
        )
    if changed := len(tally.changed):
        said.append(
            ngettext(
                "%(num)d person held the role “%(role)s” already: only its end is changed.",
                "%(num)d people held the role “%(role)s” already: only its end is changed.",
                changed,
                role=role.name,
            )
        )
    if unchanged := len(tally.unchanged):
        said.append(
            ngettext(
                "Nothing is changed for %(num)d person, who holds the role “%(role)s” like that already.",
                "Nothing is changed for %(num)d people, who hold the role “%(role)s” like that already.",
                unchanged,
                role=role.name,
            )
        )
    return " ".join(said)
