"""The page of the audit log, and its export."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select

from app.accounts import queries as accounts
from app.audit import services as audit
from app.audit.models import ACTION_NAMES, Action, AuditEntry
from app.extensions import db
from app.kernel import csv_files, paging, web
from app.kernel.access import Who, allows
from app.kernel.forms import choices, chosen
from app.kernel.permissions import Permission
from app.roles import policies, queries
from app.roles.forms import LogForm
from app.roles.views import LogLine, log_lines

MOST_EXPORTED = 20_000
AT_ONCE = 500

bp = Blueprint("audit_log", __name__, url_prefix="/system/audit")


@bp.get("")
@allows(Who.HOLDER, Permission.AUDIT_VIEW)
def index() -> ResponseReturnValue:
    """Search the log of the reader's units."""
    form = _form()
    page = paging.page_of(_wanted(form), paging.wanted())
    return render_template("roles/log.html", form=form, page=page, lines=log_lines(page.rows))


@bp.post("/export")
@allows(Who.HOLDER, Permission.AUDIT_VIEW)
def export() -> ResponseReturnValue:
    """Send the search result as CSV. The export itself is logged."""
    wanted = _wanted(_form())
    user = accounts.me()
    audit.record(Action.AUDIT_EXPORTED, by_id=user.id, unit_id=user.unit_id, what=request.query_string.decode()[:200])
    reply = Response(csv_files.as_csv(_lines(wanted)), mimetype="text/csv; charset=utf-8")
    reply.headers["Content-Disposition"] = "attachment; filename=audit.csv"
    return reply


def _form() -> LogForm:
    form = LogForm(request.args)
    form.action.choices = choices(
        [("", _("everything")), *((str(one), str(name)) for one, name in ACTION_NAMES.items())]
    )
    form.unit_id.choices = choices([(0, _("all units")), *queries.units_in_reach(Permission.AUDIT_VIEW)])
    return form


def _wanted(form: LogForm) -> Select[AuditEntry]:
    """Return the search. A value that makes no sense gets an error beside its field, and is left out."""
    form.validate()
    unit_id = chosen(form.unit_id)
    since, until = chosen(form.since), chosen(form.until)
    return queries.log_entries(
        q=(form.q.data or "")[:100],
        action=chosen(form.action, ""),
        unit=policies.unit_for(Permission.AUDIT_VIEW, unit_id) if unit_id else None,
        since_ms=web.start_of_day_ms(since) if since else None,
        until_ms=web.end_of_day_ms(until) if until else None,
    )


def _lines(wanted: Select[AuditEntry]) -> Iterator[list[str]]:
    yield [web.with_zone(_("Time")), _("Who"), _("What"), _("Object"), _("Unit"), _("Details"), _("Address")]
    for start in range(0, MOST_EXPORTED, AT_ONCE):
        entries = db.session.scalars(wanted.limit(AT_ONCE).offset(start)).all()
        yield from (_cells(line) for line in log_lines(entries))
        if len(entries) < AT_ONCE:
            return


def _cells(line: LogLine) -> list[str]:
    details = "; ".join(f"{label}: {value}" for label, value in line.details)
    return [web.format_exact(line.at_ms), line.by, line.action, line.what, line.unit, details, line.address]
