"""学时规则: the rules of a manager's units, the academy's categories, and what is decided about one lesson."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.credits.rules import categories, queries, services, words
from app.credits.rules.errors import CategoryExists, InThePast, TermsTooLate
from app.credits.rules.forms import CategoryForm, RuleForm, TermsForm, shown
from app.credits.rules.models import Category, RuleVersion
from app.credits.rules.rule import Rule
from app.credits.rules.views import examples, history_of
from app.extensions import db
from app.kernel import clock, web
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.kernel.forms import choices, refuse
from app.kernel.htmx import is_for_htmx
from app.kernel.permissions import Permission
from app.live import queries as lives
from app.live.models import LiveSession
from app.roles import policies
from app.roles import queries as roles
from app.units import queries as units
from app.units.models import Unit

bp = Blueprint("credit_rules", __name__)

HERE = "/manage/credits/rules"


@bp.get(HERE)
@allows(Who.HOLDER, Permission.CREDIT_RULES)
def index() -> ResponseReturnValue:
    """List the reader's units with the rule that holds in each."""
    asked = request.args.get("unit", type=int)
    if asked:
        return redirect(url_for("credit_rules.show", unit_id=asked))
    return _index_page(CategoryForm())


@bp.post(f"{HERE}/categories")
@allows(Who.HOLDER, Permission.CREDIT_RULES)
def add_category() -> ResponseReturnValue:
    """Add to the academy's own list of categories."""
    policies.unit_for(Permission.CREDIT_RULES, units.academy().id)
    form = CategoryForm()
    if not form.validate_on_submit():
        return _index_page(form), 422
    try:
        services.add_category(form.name.data or "", by=accounts.me())
    except CategoryExists as error:
        refuse(form.name, error)
        return _index_page(form), error.status
    return redirect(url_for("credit_rules.index"))


@bp.delete(f"{HERE}/categories/<int:category_id>")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def retire_category(category_id: int) -> ResponseReturnValue:
    """Take a category off the list."""
    policies.unit_for(Permission.CREDIT_RULES, units.academy().id)
    category = db.session.get(Category, category_id)
    if category is None:
        raise NotFound
    services.retire_category(category, by=accounts.me())
    return redirect(url_for("credit_rules.index"))


@bp.get(f"{HERE}/<int:unit_id>")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def show(unit_id: int) -> ResponseReturnValue:
    """Show the rule of a unit, its history, and the form of the next one."""
    unit = policies.unit_for(Permission.CREDIT_RULES, unit_id)
    now = clock.now_ms()
    rule = queries.rule_of(queries.version_at(unit, now))
    tomorrow = clock.to_datetime(web.day_of(now)[1]).astimezone(web.zone()).date()
    return _unit_page(unit, RuleForm(formdata=None, valid_from=tomorrow, **shown(rule)))


@bp.post(f"{HERE}/<int:unit_id>")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def make(unit_id: int) -> ResponseReturnValue:
    """Make a new version; the press on “Preview” of a page without scripts only shows what it would bring."""
    unit = policies.unit_for(Permission.CREDIT_RULES, unit_id)
    form = RuleForm()
    if not form.validate_on_submit():
        return _unit_page(unit, form), 422
    if "preview" in request.form:
        return _unit_page(unit, form, form.rule())
    try:
        services.make(
            unit, form.rule(), valid_from_ms=form.valid_from_ms(), note=form.note.data or "", by=accounts.me()
        )
    except InThePast as error:
        refuse(form.valid_from, error)
        return _unit_page(unit, form), error.status
    flash(_("The rule is saved. Lessons that have begun keep theirs."))
    return redirect(url_for("credit_rules.show", unit_id=unit.id))


@bp.post(f"{HERE}/<int:unit_id>/preview")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def preview(unit_id: int) -> ResponseReturnValue:
    """Show what the rule in the form would bring, while it is changed."""
    unit = policies.unit_for(Permission.CREDIT_RULES, unit_id)
    form = RuleForm()
    if not is_for_htmx():
        return redirect(url_for("credit_rules.show", unit_id=unit.id))
    rule = form.rule() if form.validate() else None
    return render_template("credits/_preview.html", **_previewed(rule))


@bp.post(f"{HERE}/<int:unit_id>/inheritance")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def inherit(unit_id: int) -> ResponseReturnValue:
    """Let the rule of the unit above hold again, from now on."""
    unit = policies.unit_for(Permission.CREDIT_RULES, unit_id)
    services.make(unit, None, valid_from_ms=clock.now_ms(), note="", by=accounts.me())
    flash(_("From now on the rule of the unit above holds."))
    return redirect(url_for("credit_rules.show", unit_id=unit.id))


@bp.delete(f"{HERE}/versions/<int:rule_id>")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def withdraw(rule_id: int) -> ResponseReturnValue:
    """Take back a version that is not valid yet."""
    version = db.session.get(RuleVersion, rule_id)
    policies.must_cover(Permission.CREDIT_RULES, version.unit.path if version else None)
    assert version is not None
    services.withdraw(version, by=accounts.me())
    flash(_("The rule is withdrawn."))
    return redirect(url_for("credit_rules.show", unit_id=version.unit_id))


@bp.get("/live/<live_id>/hours")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def terms(live_id: str) -> ResponseReturnValue:
    """Show the category of a lesson, and its hours where they are fixed."""
    live = _lesson(live_id)
    known = queries.terms_for(live.id)
    given = {"category": known.category, "fixed": known.fixed} if known else {}
    return _terms_page(live, _terms_form(known.category if known else "", formdata=None, **given))


@bp.post("/live/<live_id>/hours")
@allows(Who.MANAGER, Permission.CREDIT_RULES)
def decide(live_id: str) -> ResponseReturnValue:
    """Set the category and the hours of a lesson."""
    live = _lesson(live_id)
    known = queries.terms_for(live.id)
    form = _terms_form(known.category if known else "")
    if not form.validate_on_submit():
        return _terms_page(live, form), 422
    try:
        services.decide(
            live,
            category=form.category.data,
            fixed=form.fixed.data,
            reason=form.reason.data or "",
            by=accounts.me(),
        )
    except TermsTooLate as error:
        refuse(form.category, error)
        return _terms_page(live, form), error.status
    flash(_("Saved."))
    return redirect(url_for("live.page", live_id=live.id))


def _lesson(live_id: str) -> LiveSession:
    live = lives.by_id(live_id)
    policies.must_cover(Permission.CREDIT_RULES, live.unit.path)
    return live


def _terms_form(kept: str, **given: Any) -> TermsForm:
    form = TermsForm(**given)
    offered = categories.to_choose()
    if kept and kept not in dict(offered):
        offered.append((kept, kept))
    form.category.choices = choices([("", _("none")), *offered])
    return form


def _terms_page(live: LiveSession, form: TermsForm) -> str:
    return render_template(
        "credits/terms.html",
        subject=live.subject,
        page_url=url_for("live.page", live_id=live.id),
        form=form,
        is_over=live.is_over,
        sentence=words.sentence(queries.rule_for(live)),
    )


def _index_page(form: CategoryForm) -> str:
    reach = roles.units_in_reach(Permission.CREDIT_RULES)
    names = dict(reach)
    now = clock.now_ms()
    found = [unit for top in policies.mine().tops(Permission.CREDIT_RULES) for unit in units.beneath(top)]
    valid = queries.versions_above(found, now)
    tops = set(policies.mine().tops(Permission.CREDIT_RULES))
    listed = [unit for unit in units.in_order(found) if unit.path in tops or (unit.id in valid and valid[unit.id].body)]
    rows = []
    for unit in listed:
        version = queries.valid_version(unit.path, valid)
        rows.append((unit.id, names[unit.id], words.sentence(queries.rule_of(version)), _owner(unit, version)))
    return render_template(
        "credits/rules.html",
        rows=rows,
        units=reach,
        form=form,
        categories=queries.own_categories(),
        built_in=[str(name) for name in categories.BUILT_IN.values()],
        keeps_categories=policies.mine().covers(Permission.CREDIT_RULES, units.academy().path),
    )


def _owner(unit: Unit, version: RuleVersion | None) -> str:
    """Name the unit above from which a unit has its rule; empty for its own."""
    if version is None:
        return str(_("the rule where nobody has made one"))
    return "" if version.unit_id == unit.id else version.unit.name


def _unit_page(unit: Unit, form: RuleForm, previewed: Rule | None = None) -> str:
    version = queries.version_at(unit, clock.now_ms())
    rule = queries.rule_of(version)
    return render_template(
        "credits/rule.html",
        unit=unit,
        name=units.full_name(unit),
        sentence=words.sentence(rule),
        owner=_owner(unit, version),
        is_top=unit.parent_id is None,
        form=form,
        history=history_of(queries.history(unit)),
        **_previewed(previewed or rule),
    )


def _previewed(rule: Rule | None) -> dict[str, Any]:
    return {
        "preview": examples(rule) if rule else [],
        "preview_sentence": words.sentence(rule) if rule else "",
    }
