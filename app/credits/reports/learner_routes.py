"""我的学习 and 我的档案: what one is learning, and the learning hours that one has."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.credits.ledger import chain, queries
from app.credits.ledger.models import Entry
from app.credits.reports import appeals, certificates, exports, targets, views
from app.credits.reports.errors import NothingToCertify
from app.credits.reports.forms import AppealForm, CertificateForm
from app.credits.reports.models import Certificate
from app.credits.rules.rule import Rule
from app.credits.rules.words import number
from app.extensions import db, limiter
from app.kernel import clock, web
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.live.lifecycle import LiveState
from app.live.lists import queries as listings
from app.live.lists.queries import MyTab, Tab
from app.live.views import cards_of

MOST_COMING, MOST_KEPT = 20, 8

bp = Blueprint("credit_archive", __name__)


@bp.get("/learning")
@allows(Who.SIGNED_IN)
def learning() -> ResponseReturnValue:
    """我的学习: what is on air, what comes, what can still be finished, and what was kept."""
    user = accounts.me()
    signed_up = listings.mine(user, tab=MyTab.SIGNED_UP).limit(MOST_COMING)
    coming = [live for live in db.session.scalars(signed_up) if live.state is LiveState.SCHEDULED]
    return render_template(
        "credits/learning.html",
        on_air=cards_of(listings.shelf(user, Tab.ON_AIR), user),
        coming=cards_of(coming, user),
        unfinished=views.unfinished(user),
        kept=cards_of(db.session.scalars(listings.kept_by(user).limit(MOST_KEPT)).all(), user),
    )


@bp.get("/archive")
@allows(Who.SIGNED_IN)
def index() -> ResponseReturnValue:
    """我的档案: the hours of a year by category, each entry, appeals and certificates, and what is kept."""
    user = accounts.me()
    this_year = chain.year_of(clock.now_ms())
    years = sorted({this_year, *queries.years_of(user.id)}, reverse=True)
    asked = request.args.get("year", type=int)
    year = asked if asked in years else this_year
    totals = queries.totals_of([user.id], year).get(user.id, {})
    return render_template(
        "credits/archive.html",
        year=year,
        years=years,
        total=number(sum(totals.values(), Decimal(0))),
        sums=views.sums(totals),
        goals=views.goals(totals, targets.of_unit(user.unit, year)),
        entries=views.entry_views(queries.entries_of(user.id, year)),
        appeals=views.appeal_views(appeals.of(user)),
        certificates=[(one.code, certificates.shown(one.code), one.year, one.made_ms) for one in certificates.of(user)],
        form=CertificateForm(formdata=None),
        kept_days=views.kept_days(),
        replay_days=Rule().replay_days,
        receivers=views.receivers(),
    )


@bp.get("/archive/entries.<ending>")
@allows(Who.SIGNED_IN)
def entries(ending: str) -> ResponseReturnValue:
    """Return all entries of the reader, as a file."""
    _refuse_other(ending)
    lines = exports.entry_lines(queries.entries_of(accounts.me().id))
    return exports.as_file(_("My learning hours"), ending, lines, exports.WIDTHS)


@bp.get("/archive/stretches.<ending>")
@allows(Who.SIGNED_IN)
def stretches(ending: str) -> ResponseReturnValue:
    """Return the stretches from which the reader's entries were computed, as far as they are kept."""
    _refuse_other(ending)
    lines = exports.stretch_lines(queries.entries_of(accounts.me().id))
    return exports.as_file(_("What I watched"), ending, lines, (8, 40, 24, 24, 12))


@bp.get("/archive/appeal")
@allows(Who.SIGNED_IN)
def appeal() -> ResponseReturnValue:
    """Show the form of an appeal, about an entry or about something that is missing."""
    entry = _entry(request.args.get("entry", ""))
    return _appeal_page(AppealForm(formdata=None, entry=entry.id if entry else ""), entry)


@bp.post("/archive/appeal")
@allows(Who.SIGNED_IN)
@limiter.limit("10 per hour", key_func=accounts.asker)
def make_appeal() -> ResponseReturnValue:
    """Appeal."""
    form = AppealForm()
    entry = _entry(form.entry.data or "")
    if not form.validate_on_submit():
        return _appeal_page(form, entry), 422
    appeals.make(accounts.me(), entry, form.words.data or "")
    flash(_("Your appeal is on its way. The answer comes by mail, and stands here."))
    return redirect(url_for("credit_archive.index", _anchor="appeals"))


@bp.post("/archive/certificates")
@allows(Who.SIGNED_IN)
@limiter.limit("20 per hour", key_func=accounts.asker)
def certify() -> ResponseReturnValue:
    """Make out a certificate for a year."""
    year = request.form.get("year", type=int) or 0
    try:
        made = certificates.make(accounts.me(), year, is_open=bool(CertificateForm().is_open.data))
    except NothingToCertify as error:
        flash(f"{error.message} {error.mend}", "error")
        return redirect(url_for("credit_archive.index"))
    return redirect(url_for("credit_archive.index", year=made.year, _anchor="certificates"))


@bp.get("/archive/certificates/<code>.pdf")
@allows(Who.SIGNED_IN)
@limiter.limit("60 per hour", key_func=accounts.asker)
def certificate(code: str) -> ResponseReturnValue:
    """Print one's own certificate."""
    found = certificates.by_code(code)
    if found.user_id != accounts.me().id:
        raise NotFound
    return pdf_of(found)


def pdf_of(found: Certificate) -> Response:
    """Answer with a certificate as PDF."""
    reply = Response(certificates.as_pdf(found), content_type="application/pdf")
    return web.named(reply, f"{_('Certificate of learning hours')}-{found.year}.pdf")


def _refuse_other(ending: str) -> None:
    if ending not in {"xlsx", "csv"}:
        raise NotFound


def _entry(asked: str) -> Entry | None:
    """Load an entry of one's own. Raises NotFound."""
    if not asked:
        return None
    entry = db.session.get(Entry, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    if entry is None or entry.user_id != accounts.me().id:
        raise NotFound
    return entry


def _appeal_page(form: AppealForm, entry: Entry | None) -> str:
    (view,) = views.entry_views([entry]) if entry else (None,)
    return render_template(
        "credits/appeal.html", form=form, entry=view, strip=views.evidence_of(entry) if entry else ""
    )
