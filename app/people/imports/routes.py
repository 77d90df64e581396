"""导入人员: bring a file, look at the preview, confirm."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from app.accounts import queries as accounts
from app.kernel import paging, web
from app.kernel.access import Who, allows, require, take_large_body
from app.kernel.errors import NotFound
from app.kernel.forms import choices, refuse
from app.kernel.htmx import is_for_htmx
from app.kernel.permissions import Permission
from app.people.imports import exports, queries, services, store
from app.people.imports.errors import EmptyFile
from app.people.imports.files import MOST_BYTES
from app.people.imports.forms import UPDATE, BringForm, ConfirmForm
from app.people.imports.store import Preview
from app.people.imports.views import COLUMN_NAMES, finding_views, import_views
from app.people.models import ImportState, PeopleImport
from app.roles import policies
from app.roles import queries as roles
from app.units import queries as units

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AROUND_A_FILE = 100_000
"""Maximum bytes of a form beside its file."""

bp = Blueprint("people_import", __name__, url_prefix="/system/people/import")


@bp.url_value_preprocessor
def _let_files_in(endpoint: str | None, _values: object) -> None:
    if endpoint == "people_import.bring":
        take_large_body(MOST_BYTES + AROUND_A_FILE, lambda: require(Permission.PEOPLE_MANAGE))


@bp.get("")
@allows(Who.HOLDER, Permission.PEOPLE_MANAGE)
def start() -> ResponseReturnValue:
    """Ask for a file, and list recent imports."""
    return _start_page(_bring_form())


@bp.post("")
@allows(Who.HOLDER, Permission.PEOPLE_MANAGE)
def bring() -> ResponseReturnValue:
    """Take a file."""
    form = _bring_form()
    if not form.validate_on_submit():
        return _start_page(form), 422
    unit = policies.unit_for(Permission.PEOPLE_MANAGE, form.unit_id.data)
    try:
        found = services.bring(form.file.data, unit, by=accounts.me())
    except EmptyFile as error:
        refuse(form.file, error)
        return _start_page(form), error.status
    return redirect(url_for("people_import.show", import_id=found.id))


@bp.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Show the error where the file was chosen."""
    if not current_user.is_authenticated:
        return redirect(url_for("people_import.start"))
    form = _bring_form(formdata=None)
    form.file.errors = [_("This file is larger than %(size)s MB. Split the list into several files.", size=10)]
    return _start_page(form), 413


@bp.get("/template.xlsx")
@allows(Who.HOLDER, Permission.PEOPLE_MANAGE)
def template_xlsx() -> ResponseReturnValue:
    """Send the template for spreadsheets."""
    return _file(exports.template_xlsx(_unit_names()), "xlsx", _("People"), XLSX)


@bp.get("/template.csv")
@allows(Who.HOLDER, Permission.PEOPLE_MANAGE)
def template_csv() -> ResponseReturnValue:
    """Send the template as CSV."""
    return _file(exports.template_csv(_unit_names()), "csv", _("People"), "text/csv; charset=utf-8")


@bp.get("/<import_id>")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def show(import_id: str) -> ResponseReturnValue:
    """Show the progress of an import, and its preview or result."""
    found = queries.import_for(import_id)
    return _import_page(found, ConfirmForm(formdata=None, version=found.version))


@bp.get("/<import_id>/faults.csv")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def faults(import_id: str) -> ResponseReturnValue:
    """Send the rows that are left out, with their faults."""
    found = queries.import_for(import_id)
    if not found.version:
        raise NotFound
    try:
        findings = store.preview_of(found.id, found.counts).findings
        content = exports.faulty_csv(store.sheet_of(found.id).rows, findings)
    except FileNotFoundError:
        raise NotFound from None
    return _file(content, "csv", _("Rows to mend"), "text/csv; charset=utf-8")


@bp.post("/<import_id>/confirmation")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def confirm(import_id: str) -> ResponseReturnValue:
    """Queue the writing of the previewed import."""
    found = queries.import_for(import_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _import_page(found, form), 422
    services.confirm(
        found,
        version=form.version.data or 0,
        update=form.known.data == UPDATE,
        invite=bool(form.invite.data),
        by=accounts.me(),
    )
    return redirect(url_for("people_import.show", import_id=found.id))


@bp.post("/<import_id>/attempts")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def start_again(import_id: str) -> ResponseReturnValue:
    """Go on with an import whose job has died."""
    found = queries.import_for(import_id)
    services.start_again(found)
    return redirect(url_for("people_import.show", import_id=found.id))


@bp.delete("/<import_id>")
@allows(Who.MANAGER, Permission.PEOPLE_MANAGE)
def throw_away(import_id: str) -> ResponseReturnValue:
    """Throw away an import that has written nothing."""
    found = queries.import_for(import_id)
    services.throw_away(found)
    flash(_("The import is thrown away. Nothing was written."))
    return redirect(url_for("people_import.start"))


def _bring_form(**given: object) -> BringForm:
    reach = roles.units_in_reach(Permission.PEOPLE_MANAGE)
    own = accounts.me().unit_id
    form = BringForm(**given, unit_id=own if own in dict(reach) else reach[0][0])
    form.unit_id.choices = choices(reach)
    return form


def _start_page(form: BringForm) -> str:
    return render_template(
        "people/imports/start.html",
        form=form,
        imports=import_views(queries.own_imports(accounts.me().id)),
        most_mb=MOST_BYTES // 1_000_000,
        most_bytes=MOST_BYTES,
        columns=COLUMN_NAMES,
    )


def _import_page(found: PeopleImport, form: ConfirmForm) -> str:
    preview, gone = _preview(found)
    wanted = paging.wanted()
    last = max(1, -(-len(preview.findings) // paging.PAGE_SIZE))
    number = min(wanted, last)
    rows = preview.findings[(number - 1) * paging.PAGE_SIZE : number * paging.PAGE_SIZE]
    (view,) = import_views([found], gone=gone)
    here = url_for("people_import.show", import_id=found.id)
    return render_template(
        "people/imports/_import.html" if is_for_htmx() else "people/imports/show.html",
        one=view,
        form=form,
        preview=preview,
        page=paging.Page(rows, number, len(preview.findings), path=here),
        findings=finding_views(rows),
        columns=COLUMN_NAMES,
        here=here,
        unit_id=found.unit_id,
    )


def _preview(found: PeopleImport) -> tuple[Preview, bool]:
    """Return the preview, and whether it is missing although it should exist."""
    nothing = Preview([], [], [], [])
    if not found.version:
        return nothing, False
    try:
        return store.preview_of(found.id, found.counts), False
    except FileNotFoundError:
        return nothing, found.state is ImportState.READY


def _unit_names() -> Sequence[tuple[str, str]]:
    found = [
        unit for top in policies.mine().tops(Permission.PEOPLE_MANAGE) for unit in units.in_order(units.beneath(top))
    ]
    names = units.full_names(found)
    return [(names[unit.id], unit.code or "") for unit in found]


def _file(content: bytes, ending: str, name: str, kind: str) -> Response:
    reply = web.named(Response(content, content_type=kind), f"{name}.{ending}")
    reply.headers["Cache-Control"] = "no-store"
    return reply
