"""学时管理: people of a manager's units with their hours, who watched a lesson, appeals, corrections, targets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.accounts import queries as accounts
from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.credits.counting import queries as counting
from app.credits.ledger import chain, proofs
from app.credits.ledger import queries as ledger
from app.credits.ledger import services as entries
from app.credits.ledger.errors import ProofRefused
from app.credits.ledger.models import Entry, share_of
from app.credits.reports import appeals, exports, queries, reminding, targets, views
from app.credits.reports.exports import Line
from app.credits.reports.forms import CORRECT, AnswerForm, BringForm, CorrectionForm
from app.credits.reports.models import Appeal
from app.credits.reports.targets import ALL
from app.credits.rules import categories
from app.credits.rules.words import number
from app.extensions import db
from app.kernel import charts, clock, paging, web
from app.kernel.access import Who, allows, holds, take_large_body
from app.kernel.errors import AppError, NotFound
from app.kernel.forms import choices, refuse
from app.kernel.permissions import Permission
from app.live import queries as lives
from app.live.models import LiveSession
from app.replays import queries as replays
from app.roles import policies
from app.roles import queries as roles
from app.units import queries as units
from app.units.models import Unit

VIEWERS_ON_A_PAGE = 100
AT_ONCE = 1000
YEARS_BACK = 5
AROUND_A_FILE = 100_000

bp = Blueprint("credit_reports", __name__)

HERE = "/manage/credits"


MOST_LACKING = 1000
"""People who lack hours that are counted and leafed through; a longer list is read by unit. Reminders reach all."""


@bp.url_value_preprocessor
def _let_proofs_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "credit_reports.bring" and values:
        take_large_body(
            proofs.MOST_BYTES + AROUND_A_FILE,
            lambda: queries.person_for(values["user_id"], Permission.CREDIT_CORRECT),
        )


@bp.get(f"{HERE}/people")
@allows(Who.HOLDER, Permission.CREDIT_VIEW_UNIT)
def index() -> ResponseReturnValue:
    """List the people of a unit with their hours of a year, and what is missing to their targets."""
    unit, year = _asked()
    q, lacking = paging.sought(), "lacking" in request.args
    found = queries.people(unit, year, q=q, lacking=lacking)
    page = paging.page_of(found, paging.wanted(), most=MOST_LACKING if lacking else None)
    return render_template(
        "credits/people.html",
        unit=unit,
        units=roles.units_in_reach(Permission.CREDIT_VIEW_UNIT),
        year=year,
        years=_years(),
        q=q,
        lacking=lacking,
        page=page,
        rows=_people_rows(page.rows, year),
        goals=_goal_words(targets.of_unit(unit, year)),
        may_correct=holds(Permission.CREDIT_CORRECT),
        may_set=policies.mine().covers(Permission.CREDIT_RULES, unit.path),
    )


@bp.post(f"{HERE}/people/export.<ending>")
@allows(Who.HOLDER, Permission.CREDIT_VIEW_UNIT)
def export(ending: str) -> ResponseReturnValue:
    """Return that list as a file. The log notes who took it."""
    _refuse_other(ending)
    unit, year = _asked()
    _note_export(unit, f"{unit.name} {year}")
    return exports.as_file(f"{_('Learning hours')} {unit.name} {year}", ending, _people_lines(unit, year))


@bp.get(f"{HERE}/people/departments")
@allows(Who.HOLDER, Permission.CREDIT_VIEW_UNIT)
def departments() -> ResponseReturnValue:
    """Compare the units directly beneath one."""
    unit, year = _asked()
    found = queries.departments(unit, year)
    most = max((one.mean for one in found), default=Decimal(0)) or Decimal(1)
    return render_template(
        "credits/departments.html",
        unit=unit,
        units=roles.units_in_reach(Permission.CREDIT_VIEW_UNIT),
        year=year,
        years=_years(),
        rows=[(one, int(one.mean * 100 / most)) for one in found],
        has_target=ALL in targets.of_unit(unit, year),
    )


@bp.post(f"{HERE}/<int:unit_id>/reminders")
@allows(Who.MANAGER, Permission.CREDIT_VIEW_UNIT)
def remind(unit_id: int) -> ResponseReturnValue:
    """Mail everybody of a unit who has not reached a target how much is missing."""
    unit = policies.unit_for(Permission.CREDIT_VIEW_UNIT, unit_id)
    year = _year()
    count = reminding.remind(unit, year, by=accounts.me())
    flash(ngettext("%(num)d person is reminded by mail.", "%(num)d people are reminded by mail.", count))
    return redirect(url_for("credit_reports.index", unit=unit.id, year=year, lacking=1))


@bp.get(f"{HERE}/<int:unit_id>/targets")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def goals(unit_id: int) -> ResponseReturnValue:
    """Show the targets of a unit for a year."""
    unit, year = policies.unit_for(Permission.CREDIT_RULES, unit_id), _year()
    return _targets_page(unit, year, {one: number(hours) for one, hours in targets.of_unit(unit, year).items()})


@bp.post(f"{HERE}/<int:unit_id>/targets")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def set_goals(unit_id: int) -> ResponseReturnValue:
    """Set them."""
    unit, year = policies.unit_for(Permission.CREDIT_RULES, unit_id), _year()
    typed = {
        category: request.form.get(f"hours-{place}", "").strip() for place, (category, _name) in enumerate(_kinds())
    }
    wanted = {category: _hours(text) for category, text in typed.items()}
    if None in wanted.values():
        return _targets_page(unit, year, typed, {one for one, hours in wanted.items() if hours is None}), 422
    fine = {one: hours for one, hours in wanted.items() if hours is not None}
    targets.set_for(unit, year, fine, by=accounts.me())
    flash(_("Saved."))
    return redirect(url_for("credit_reports.index", unit=unit.id, year=year))


@bp.get(f"{HERE}/lessons")
@allows(Who.HOLDER, Permission.CREDIT_VIEW_UNIT)
def lessons() -> ResponseReturnValue:
    """List the closed lessons that people within reach have watched."""
    q = paging.sought()
    page = paging.page_of(queries.closed_lessons(policies.mine(), q=q), paging.wanted(), most=1000)
    return render_template("credits/lessons.html", page=page, q=q)


@bp.get("/live/<live_id>/viewers")
@allows(Who.MANAGER, Permission.CREDIT_VIEW_UNIT)
def lesson(live_id: str) -> ResponseReturnValue:
    """Show who watched a lesson when, how many at each moment, and who was absent."""
    live, found = _lesson(live_id)
    number_asked = paging.wanted()
    last = max(1, -(-len(found) // VIEWERS_ON_A_PAGE))
    page_number = min(number_asked, last)
    some = found[(page_number - 1) * VIEWERS_ON_A_PAGE : page_number * VIEWERS_ON_A_PAGE]
    programme = counting.programme(live)
    everybody = queries.stretches_of([one.newest_id for one in found if one.newest_id])
    crowd = charts.Crowd(list(everybody.values()))
    picture, most = charts.curve(programme, crowd)
    moments = replays.crowd_at_moments(live, crowd)
    return render_template(
        "credits/viewers.html",
        subject=live.subject,
        live_id=live.id,
        page_url=url_for("live.page", live_id=live.id),
        programme_ms=sum(end - start for start, end in programme),
        is_closed=(closing := ledger.closing_of(live.id)) is not None and closing.closed_ms is not None,
        page=paging.Page(some, page_number, len(found), VIEWERS_ON_A_PAGE),
        rows=[
            (
                one,
                share_of(one.watched_ms, one.programme_ms),
                views.watched_strip(programme, everybody.get(one.newest_id, [])),
            )
            for one in some
        ],
        curve=picture,
        most=most,
        links=charts.links(programme, [one.mark for one in moments if one.url]),
        pictures=charts.pictures(programme, [one.mark for one in moments]),
        moments=moments,
        departments=_by_department(found),
        absent=queries.absent(live, policies.mine()) if page_number == 1 else [],
        total=number(sum((one.hours for one in found), Decimal(0))),
    )


@bp.post("/live/<live_id>/viewers.<ending>")
@allows(Who.MANAGER, Permission.CREDIT_VIEW_UNIT)
def export_lesson(live_id: str, ending: str) -> ResponseReturnValue:
    """Return who watched a lesson, as a file. The log notes who took it."""
    live, found = _lesson(live_id)
    _refuse_other(ending)
    _note_export(live.unit, live.subject)
    return exports.as_file(f"{_('Learning hours')} {live.subject}", ending, _viewer_lines(found))


@bp.get(f"{HERE}/people/<int:user_id>")
@allows(Who.MANAGER, Permission.CREDIT_VIEW_UNIT)
def person(user_id: int) -> ResponseReturnValue:
    """Show the entries of a person."""
    user = queries.person_for(user_id, Permission.CREDIT_VIEW_UNIT)
    return _person_page(user, _bring_form(formdata=None))


@bp.post(f"{HERE}/people/<int:user_id>")
@allows(Who.MANAGER, Permission.CREDIT_CORRECT)
def bring(user_id: int) -> ResponseReturnValue:
    """补录: write down hours that a person earned elsewhere, or for which there is no entry."""
    user = queries.person_for(user_id, Permission.CREDIT_CORRECT)
    form = _bring_form()
    if not form.validate_on_submit():
        return _person_page(user, form), 422
    said: dict[str, Any] = {
        "title": form.title.data,
        "hours": form.hours.data,
        "category": form.category.data,
        "earned_ms": web.start_of_day_ms(form.day.data),  # type: ignore[arg-type]  # required
        "reason": form.reason.data,
        "by": accounts.me(),
    }
    try:
        if form.proof.data:
            entries.bring(user, proof=form.proof.data.stream, **said)
        else:
            entries.add(user, **said)
    except AppError as error:
        refuse(form.proof if isinstance(error, ProofRefused) else form.hours, error)
        return _person_page(user, form), error.status
    flash(_("The entry is written."))
    return redirect(url_for("credit_reports.person", user_id=user.id))


@bp.get(f"{HERE}/entries/<int:entry_id>")
@allows(Who.MANAGER, Permission.CREDIT_CORRECT)
def entry(entry_id: int) -> ResponseReturnValue:
    """Show an entry with all that it was computed from, and the form of a correction."""
    found = queries.entry_for(entry_id, Permission.CREDIT_CORRECT)
    return _entry_page(found, CorrectionForm(formdata=None, right=ledger.hours_about(found)))


@bp.post(f"{HERE}/entries/<int:entry_id>")
@allows(Who.MANAGER, Permission.CREDIT_CORRECT)
def correct(entry_id: int) -> ResponseReturnValue:
    """Correct the hours by a new entry."""
    found = queries.entry_for(entry_id, Permission.CREDIT_CORRECT)
    form = CorrectionForm()
    if not form.validate_on_submit():
        return _entry_page(found, form), 422
    try:
        entries.correct(found, to=form.right.data or Decimal(0), reason=form.reason.data or "", by=accounts.me())
    except AppError as error:
        refuse(form.right, error)
        return _entry_page(found, form), error.status
    flash(_("The hours are corrected."))
    return redirect(url_for("credit_reports.person", user_id=found.user_id))


@bp.get(f"{HERE}/entries/<int:entry_id>/proof")
@allows(Who.MANAGER, Permission.CREDIT_VIEW_UNIT)
def proof(entry_id: int) -> ResponseReturnValue:
    """Return the scanned proof of an entry as a file. Our pages show nothing of it."""
    found = queries.entry_for(entry_id, Permission.CREDIT_VIEW_UNIT)
    file = proofs.file_of(found.proof)
    if file is None:
        raise NotFound
    reply = Response(file.read_bytes(), content_type=proofs.TYPES[file.suffix[1:]])
    return web.named(reply, f"{found.id}{file.suffix}")


@bp.get(f"{HERE}/appeals")
@allows(Who.HOLDER, Permission.CREDIT_CORRECT)
def appeals_list() -> ResponseReturnValue:
    """List the appeals that wait for an answer, or those that have one."""
    answered = "answered" in request.args
    page = paging.page_of(appeals.in_reach(policies.mine(), answered=answered), paging.wanted())
    return render_template("credits/appeals.html", page=page, rows=views.appeal_views(page.rows), answered=answered)


@bp.get(f"{HERE}/appeals/<int:appeal_id>")
@allows(Who.MANAGER, Permission.CREDIT_CORRECT)
def appeal(appeal_id: int) -> ResponseReturnValue:
    """Show an appeal with the facts, and the form of the answer."""
    return _appeal_page(_appeal(appeal_id), AnswerForm(formdata=None))


@bp.post(f"{HERE}/appeals/<int:appeal_id>")
@allows(Who.MANAGER, Permission.CREDIT_CORRECT)
def answer(appeal_id: int) -> ResponseReturnValue:
    """Answer it."""
    found, form = _appeal(appeal_id), AnswerForm()
    corrects = form.verdict.data == CORRECT
    fine = form.validate_on_submit()
    if fine and corrects and form.right.data is None:
        form.right.errors = [_("Enter the hours.")]
        fine = False
    if not fine:
        return _appeal_page(found, form), 422
    try:
        right = form.right.data if corrects else None
        appeals.answer(found, right=right, words=form.words.data or "", by=accounts.me())
    except AppError as error:
        refuse(form.verdict, error)
        return _appeal_page(found, form), error.status
    flash(_("The appeal is answered."))
    return redirect(url_for("credit_reports.appeals_list"))


def _asked() -> tuple[Unit, int]:
    """Return unit and year of the address. Without them: the highest unit that the reader may see, and this year."""
    asked = request.args.get("unit", type=int)
    if asked:
        return policies.unit_for(Permission.CREDIT_VIEW_UNIT, asked), _year()
    found = policies.first_unit(policies.mine(), Permission.CREDIT_VIEW_UNIT)
    assert found is not None
    return found, _year()


def _years() -> list[int]:
    this_year = chain.year_of(clock.now_ms())
    return [this_year + 1 - back for back in range(YEARS_BACK + 1)]


def _year() -> int:
    asked = request.values.get("year", type=int)
    return asked if asked in _years() else chain.year_of(clock.now_ms())


def _kinds() -> list[tuple[str, str]]:
    """Return the categories that can have a target, the sum of all first."""
    return [(ALL, str(_("All categories"))), *categories.to_choose()]


def _hours(text: str) -> Decimal | None:
    """Return typed hours. `None` means that they are no number of hours."""
    try:
        hours = Decimal(text or 0).quantize(Decimal("0.01"))
        return hours if 0 <= hours <= 10_000 else None
    except InvalidOperation:
        return None


def _goal_words(wanted: targets.Targets) -> str:
    return web.listed(
        f"{categories.name_of(category) or _('All categories')} {number(hours)}"
        for category, hours in sorted(wanted.items())
    )


def _targets_page(unit: Unit, year: int, typed: dict[str, str], wrong: Collection[str] = ()) -> str:
    """Render the form. `wrong` has the categories whose hours are no number."""
    fault = _("Enter hours as numbers from 0 to 10000.")
    return render_template(
        "credits/targets.html",
        unit=unit,
        name=units.full_name(unit),
        year=year,
        years=_years(),
        fields=[
            (f"hours-{place}", name, typed.get(one, ""), fault if one in wrong else "")
            for place, (one, name) in enumerate(_kinds())
        ],
    )


def _people_rows(users: Sequence[User], year: int) -> list[dict[str, Any]]:
    totals = ledger.totals_of([one.id for one in users], year)
    belongs = {one.unit_id: one.unit for one in users}
    known = targets.known_above([one.path for one in belongs.values()], year)
    names = units.full_names(list(belongs.values()))
    rows = []
    for user in users:
        has = totals.get(user.id, {})
        lacks = targets.missing(has, targets.of_path(user.unit.path, known))
        rows.append(
            {
                "user": user,
                "has": has,
                "unit": names[user.unit_id],
                "total": sum(has.values(), Decimal(0)),
                "sums": views.sums(has),
                "lacks": [
                    (categories.name_of(one) or _("All categories"), number(hours))
                    for one, hours in sorted(lacks.items())
                ],
            }
        )
    return rows


def _people_lines(unit: Unit, year: int) -> Iterator[Line]:
    kinds = [category for category, _name in _kinds() if category]
    yield [
        _("Real name"), _("User name"), _("Staff number"), _("Unit"), _("Year"), _("Learning hours"),
        *(categories.name_of(one) for one in kinds), _("Hours missing"),
    ]  # fmt: skip
    ids = list(db.session.scalars(queries.people(unit, year).with_only_columns(User.id)))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        users = {
            one.id: one
            for one in db.session.scalars(select(User).where(User.id.in_(some)).options(selectinload(User.unit)))
        }
        for row in _people_rows([users[one] for one in some], year):
            user, has = row["user"], row["has"]
            yield [
                user.real_name, user.username, user.staff_number or "", row["unit"], year, row["total"],
                *(has.get(one) for one in kinds), "; ".join(f"{name} {hours}" for name, hours in row["lacks"]),
            ]  # fmt: skip


def _lesson(live_id: str) -> tuple[LiveSession, list[queries.Viewer]]:
    """Load a lesson of one's units, or one that people of one's units watched, with these people.

    Raises:
        NotFound: it is neither.
    """
    live, held = lives.by_id(live_id), policies.mine()
    found = queries.viewers(live, held)
    if not found:
        policies.must_cover(Permission.CREDIT_VIEW_UNIT, live.unit.path)
    return live, found


def _viewer_lines(found: Sequence[queries.Viewer]) -> Iterator[Line]:
    yield [
        _("Real name"), _("Staff number"), _("Unit"), _("Watched"), _("Seconds"), _("Share, %"),
        _("Roll-calls confirmed"), _("Learning hours"),
    ]  # fmt: skip
    for one in found:
        yield [
            one.name, one.staff_number, one.unit, web.as_clock(one.watched_ms), one.watched_ms // 1000,
            share_of(one.watched_ms, one.programme_ms), one.rollcalls, one.hours,
        ]  # fmt: skip


def _by_department(found: Sequence[queries.Viewer]) -> list[tuple[str, int, Decimal]]:
    """Return for each unit how many of its people watched, and the sum of their hours."""
    sums: dict[str, tuple[int, Decimal]] = {}
    for one in found:
        count, hours = sums.get(one.unit, (0, Decimal(0)))
        sums[one.unit] = count + 1, hours + one.hours
    return sorted(((name, *both) for name, both in sums.items()), key=lambda one: (-one[1], one[0]))


def _bring_form(**given: Any) -> BringForm:
    form = BringForm(**given)
    form.category.choices = choices([("", _("none")), *categories.to_choose()])
    return form


def _person_page(user: User, form: BringForm) -> str:
    found = ledger.entries_of(user.id)
    year = chain.year_of(clock.now_ms())
    totals = ledger.totals_of([user.id], year).get(user.id, {})
    return render_template(
        "credits/person.html",
        user=user,
        unit=units.full_name(user.unit),
        year=year,
        total=number(sum(totals.values(), Decimal(0))),
        goals=views.goals(totals, targets.of_unit(user.unit, year)),
        entries=views.entry_views(found, appeals=False),
        proofs={one.id for one in found if one.proof},
        form=form,
        may_correct=policies.mine().covers(Permission.CREDIT_CORRECT, user.unit.path) and user.id != accounts.me().id,
    )


def _entry_page(found: Entry, form: CorrectionForm) -> str:
    (view,) = views.entry_views([found], appeals=False)
    return render_template("credits/entry.html", entry=view, name=found.name, form=form, **_facts(found))


def _facts(found: Entry | None) -> dict[str, Any]:
    """Return what an entry was computed from, as its page and the page of an appeal show it."""
    if found is None:
        return {"facts": [], "strip": ""}
    facts = [
        (_("Watched"), f"{web.as_clock(found.watched_ms)} / {web.as_clock(found.programme_ms)} ({found.share}%)"),
        (_("Learning hours"), number(ledger.hours_about(found))),
    ]
    if found.rollcalls_reached:
        facts.append((_("Roll-calls confirmed"), f"{found.rollcalls_confirmed} / {found.rollcalls_reached}"))
    share = counting.share(found.live_id, found.user_id) if found.live_id else None
    if share is not None:
        facts += [
            (_("Without sound"), web.as_clock(share.muted_ms)),
            (_("Behind another window"), web.as_clock(share.hidden_ms)),
        ]
    return {"facts": facts if found.programme_ms else facts[1:2], "strip": views.evidence_of(found)}


def _appeal(appeal_id: int) -> Appeal:
    found = db.session.get(Appeal, appeal_id)
    policies.must_cover(Permission.CREDIT_CORRECT, found.user.unit.path if found else None)
    assert found is not None
    return found


def _appeal_page(found: Appeal, form: AnswerForm) -> str:
    (view,) = views.appeal_views([found])
    return render_template("credits/answer.html", appeal=view, form=form, user_id=found.user_id, **_facts(found.entry))


def _refuse_other(ending: str) -> None:
    if ending not in {"xlsx", "csv"}:
        raise NotFound


def _note_export(unit: Unit, what: str) -> None:
    audit.record(Action.CREDITS_EXPORTED, by_id=accounts.me().id, unit_id=unit.id, what=what)


def lesson_step(live_id: str) -> str:
    """Render the button to who watched a lesson, for those who may see it."""
    live = db.session.get_one(LiveSession, live_id)
    if not live.is_over or accounts.viewer() is None or not holds(Permission.CREDIT_VIEW_UNIT):
        return ""
    if not policies.mine().covers(Permission.CREDIT_VIEW_UNIT, live.unit.path):
        return ""
    return render_template("credits/_viewers_step.html", live_id=live_id)
