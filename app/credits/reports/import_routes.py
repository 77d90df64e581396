"""Importing hours that were earned elsewhere, with the same steps as an import of people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import queries as accounts
from app.credits.ledger import imports
from app.credits.ledger.errors import ListUnreadable, SeenTooLate
from app.credits.reports.forms import ListForm
from app.credits.rules import categories
from app.kernel import paging, web, xlsx_files
from app.kernel.access import Who, allows, require, take_large_body
from app.kernel.disk import NoRoomLeft
from app.kernel.forms import refuse
from app.kernel.permissions import Permission
from app.people.imports.cells import EXAMPLE_NUMBER
from app.roles import policies

AROUND_A_FILE = 100_000
WIDTHS = (14, 16, 36, 10, 14, 14, 36)

bp = Blueprint("credit_import", __name__, url_prefix="/manage/credits/import")


@bp.url_value_preprocessor
def _let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "credit_import.bring":
        take_large_body(imports.MOST_BYTES + AROUND_A_FILE, lambda: require(Permission.CREDIT_CORRECT))


@bp.get("")
@allows(Who.HOLDER, Permission.CREDIT_CORRECT)
def start() -> ResponseReturnValue:
    """Ask for a list."""
    return render_template("credits/import.html", form=ListForm(formdata=None))


@bp.post("")
@allows(Who.HOLDER, Permission.CREDIT_CORRECT)
def bring() -> ResponseReturnValue:
    """Take a list."""
    form = ListForm()
    if not form.validate_on_submit():
        return render_template("credits/import.html", form=form), 422
    try:
        draft_id = imports.bring(form.file.data, by=accounts.me())
    except (ListUnreadable, NoRoomLeft) as error:
        refuse(form.file, error)
        return render_template("credits/import.html", form=form), error.status
    return redirect(url_for("credit_import.show", draft_id=draft_id))


@bp.get("/template.xlsx")
@allows(Who.HOLDER, Permission.CREDIT_CORRECT)
def template() -> ResponseReturnValue:
    """Return the template: the headers, and an example that is left out for want of an account."""
    category = categories.to_choose()[0][1]
    lines: list[list[xlsx_files.Cell]] = [
        [
            _("Real name"), _("Staff number"), _("What was learned"), _("Learning hours"), _("Category"), _("Day"),
            _("Reason"),
        ],
        [
            _("(example) Li Ming"), EXAMPLE_NUMBER, _("Training course of the province"), "8", category, "2026-03-01",
            _("Certificate seen"),
        ],
    ]  # fmt: skip
    content = xlsx_files.as_xlsx(_("Learning hours"), lines, widths=WIDTHS)
    return web.named(Response(content, content_type=xlsx_files.KIND), f"{_('Learning hours')}.xlsx")


@bp.get("/<draft_id>")
@allows(Who.HOLDER, Permission.CREDIT_CORRECT)
def show(draft_id: str) -> ResponseReturnValue:
    """Show what a list would do."""
    kept, lines = _judged(draft_id)
    number = paging.wanted()
    last = max(1, -(-len(lines) // paging.PAGE_SIZE))
    number = min(number, last)
    some = lines[(number - 1) * paging.PAGE_SIZE : number * paging.PAGE_SIZE]
    fine, left_out = imports.counts(lines)
    return render_template(
        "credits/import_preview.html",
        draft_id=draft_id,
        name=kept["name"],
        fine=fine,
        left_out=left_out,
        seen=imports.digest_of_lines(lines),
        page=paging.Page(some, number, len(lines)),
        category_names={key: categories.name_of(key) for key in {one.category for one in some}},
    )


@bp.post("/<draft_id>")
@allows(Who.HOLDER, Permission.CREDIT_CORRECT)
def confirm(draft_id: str) -> ResponseReturnValue:
    """Write what the preview showed."""
    kept, lines = _judged(draft_id)
    try:
        count = imports.confirm(draft_id, lines, seen=request.form.get("seen", ""), name=kept["name"], by=accounts.me())
    except SeenTooLate as error:
        flash(f"{error.message} {error.mend}", "error")
        return redirect(url_for("credit_import.show", draft_id=draft_id))
    flash(ngettext("%(num)d entry is written.", "%(num)d entries are written.", count))
    return redirect(url_for("credit_reports.index"))


@bp.delete("/<draft_id>")
@allows(Who.HOLDER, Permission.CREDIT_CORRECT)
def throw_away(draft_id: str) -> ResponseReturnValue:
    """Forget a list."""
    imports.draft(draft_id, by=accounts.me())
    imports.throw_away(draft_id)
    return redirect(url_for("credit_import.start"))


def _judged(draft_id: str) -> tuple[dict[str, Any], list[imports.Line]]:
    kept = imports.draft(draft_id, by=accounts.me())
    return kept, imports.judge(kept["rows"], policies.mine(), by=accounts.me())
