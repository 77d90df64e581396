"""机构: the tree of a manager's units."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel import paging
from app.kernel.access import Who, allows
from app.kernel.errors import AppError
from app.kernel.forms import choices, refuse
from app.kernel.permissions import Permission
from app.people import queries, services, views
from app.people.forms import PlaceForm, UnitForm
from app.roles import policies
from app.roles import queries as roles
from app.roles.errors import OutOfReach
from app.units import queries as units
from app.units.errors import CodeTaken
from app.units.models import KIND_NAMES, Unit, UnitKind

bp = Blueprint("units", __name__, url_prefix="/system/units")


@bp.get("")
@allows(Who.HOLDER, Permission.UNIT_MANAGE)
def index() -> ResponseReturnValue:
    """Show the tree, or the units that a search has found."""
    q = paging.sought()
    found = queries.units_managed()
    branches = views.matches(found, q) if q else views.tree(found)
    return render_template("people/units.html", branches=branches, q=q, kinds=KIND_NAMES)


@bp.get("/<int:unit_id>")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def show(unit_id: int) -> ResponseReturnValue:
    """Show a unit to a person who manages it."""
    return _page(policies.unit_for(Permission.UNIT_MANAGE, unit_id))


@bp.post("/<int:unit_id>")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def change(unit_id: int) -> ResponseReturnValue:
    """Rename a unit, or correct its kind, code or colour."""
    unit = policies.unit_for(Permission.UNIT_MANAGE, unit_id)
    form = UnitForm(prefix="own")
    if unit.parent_id is None:
        form.kind.validate_choice = False
    if not form.validate_on_submit():
        return _page(unit, own=form), 422
    try:
        services.change_unit(unit, by=accounts.me(), colour=form.colour.data or "", **_said(form, unit))
    except AppError as error:
        _beside(form, error)
        return _page(unit, own=form), error.status
    flash(_("Saved."))
    return redirect(url_for("units.show", unit_id=unit.id))


@bp.post("/<int:unit_id>/units")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def create(unit_id: int) -> ResponseReturnValue:
    """Make a unit beneath another."""
    parent = policies.unit_for(Permission.UNIT_MANAGE, unit_id)
    form = UnitForm(prefix="new")
    if not form.validate_on_submit():
        return _page(parent, new=form), 422
    try:
        unit = services.create_unit(parent, by=accounts.me(), **_said(form))
    except AppError as error:
        _beside(form, error)
        return _page(parent, new=form), error.status
    flash(_("%(name)s is there, beneath %(parent)s.", name=unit.name, parent=parent.name))
    return redirect(url_for("units.show", unit_id=parent.id))


@bp.post("/<int:unit_id>/place")
@allows(Who.MANAGER, Permission.UNIT_MANAGE)
def move(unit_id: int) -> ResponseReturnValue:
    """Move a unit under another one."""
    unit = policies.unit_for(Permission.UNIT_MANAGE, unit_id)
    if not _may_move(unit):
        raise OutOfReach
    form = _place_form(unit)
    if not form.validate_on_submit():
        return _page(unit, place=form), 422
    try:
        services.move_unit(unit, policies.unit_for(Permission.UNIT_MANAGE, form.unit_id.data), by=accounts.me())
    except AppError as error:
        refuse(form.unit_id, error)
        return _page(unit, place=form), error.status
    flash(_("%(name)s is moved: %(place)s.", name=unit.name, place=units.full_name(unit)))
    return redirect(url_for("units.show", unit_id=unit.id))


def _said(form: UnitForm, unit: Unit | None = None) -> dict[str, Any]:
    kind = UnitKind.ACADEMY if unit is not None and unit.parent_id is None else form.kind.data
    return {"name": form.name.data or "", "kind": kind, "code": form.code.data or ""}


def _beside(form: UnitForm, error: AppError) -> None:
    refuse(form.code if isinstance(error, CodeTaken) else form.name, error)


def _may_move(unit: Unit) -> bool:
    """Return whether the reader manages the unit above, too. The academy stays where it is."""
    above = units.unit(unit.parent_id) if unit.parent_id else None
    return above is not None and policies.mine().covers(Permission.UNIT_MANAGE, above.path)


def _place_form(unit: Unit, **given: object) -> PlaceForm:
    """Return a form with the reader's possible places for a unit: not its present one, nor any beneath it."""
    form = PlaceForm(prefix="place", **given)
    impossible = {one.id for one in units.beneath(unit.path)} | {unit.parent_id}
    places = [place for place in roles.units_in_reach(Permission.UNIT_MANAGE) if place[0] not in impossible]
    form.unit_id.choices = choices([("", _("choose a unit")), *places])
    return form


def _page(
    unit: Unit, *, own: UnitForm | None = None, new: UnitForm | None = None, place: PlaceForm | None = None
) -> str:
    held = policies.mine()
    above = units.ancestors(unit)[:-1]
    (branch,) = views.tree(units.beneath(unit.path))
    history = units.history(unit.id)
    people = {one.id: one.real_name for one in accounts.people([line.by_id for line in history if line.by_id])}
    return render_template(
        "people/unit.html",
        unit=unit,
        colour=units.colour_of(unit),
        branch=branch,
        above=[(one, held.covers(Permission.UNIT_MANAGE, one.path)) for one in above],
        may_move=_may_move(unit),
        kinds=KIND_NAMES,
        own=own or UnitForm(formdata=None, obj=unit, prefix="own"),
        new=new or UnitForm(formdata=None, kind=UnitKind.DEPARTMENT if above else UnitKind.INSTITUTE, prefix="new"),
        place=place or _place_form(unit, formdata=None),
        history=[(line, people.get(line.by_id or 0, "")) for line in history],
    )
