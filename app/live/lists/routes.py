"""Lists of lessons: the live column for everybody, one's own, and those of the units that one manages."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.kernel import paging, web
from app.kernel.access import Who, allows, holds
from app.kernel.forms import choices, chosen
from app.kernel.permissions import Permission
from app.live.lists import queries as listings
from app.live.lists.forms import ManagedForm
from app.live.lists.queries import MyTab, Tab
from app.live.lists.views import managed_rows, my_rows
from app.live.models import LiveMode
from app.live.views import cards_of
from app.roles import policies
from app.roles import queries as roles
from app.units import queries as units

bp = Blueprint("lists", __name__)

CARDS_ON_A_PAGE, MOST_CARDS = 24, 960
MINE_ON_A_PAGE = 20


@bp.get("/live")
@allows(Who.ANYONE)
def column() -> ResponseReturnValue:
    """直播课程列表: what one may watch now, later or again."""
    user, q = accounts.viewer(), paging.sought()
    tab = paging.choice("tab", Tab, Tab.ALL)
    mode, asked_unit = paging.choice("mode", LiveMode, None), request.args.get("unit", type=int)
    institutes = listings.institutes()
    unit = units.unit(asked_unit) if asked_unit in {unit_id for unit_id, _name in institutes} else None
    wanted = listings.column(user, tab=tab, q=q, mode=mode, unit=unit)
    page = paging.page_of(wanted, paging.wanted(), size=CARDS_ON_A_PAGE, most=MOST_CARDS)
    return render_template(
        "live/column.html",
        page=page,
        cards=cards_of(page.rows, user),
        tab=tab,
        q=q,
        mode=mode or "",
        unit_id=unit.id if unit else "",
        institutes=institutes,
        may_create=user is not None and holds(Permission.LIVE_MANAGE),
    )


@bp.get("/live/mine")
@allows(Who.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """List what I teach, and what I signed up for."""
    user, q = accounts.me(), paging.sought()
    tab = paging.choice("tab", MyTab, MyTab.ALL)
    page = paging.page_of(listings.mine(user, tab=tab, q=q), paging.wanted(), size=MINE_ON_A_PAGE)
    return render_template(
        "live/mine.html",
        page=page,
        rows=my_rows(page.rows, user),
        tab=tab,
        q=q,
        may_create=holds(Permission.LIVE_MANAGE),
    )


@bp.get("/live/kept")
@allows(Who.SIGNED_IN)
def kept() -> ResponseReturnValue:
    """List the lessons that I have kept."""
    user = accounts.me()
    page = paging.page_of(listings.kept_by(user), paging.wanted(), size=CARDS_ON_A_PAGE)
    return render_template("live/kept.html", page=page, cards=cards_of(page.rows, user))


@bp.get("/manage/live")
@allows(Who.HOLDER, Permission.LIVE_MANAGE_UNIT)
def managed() -> ResponseReturnValue:
    """直播服务: the sessions of the units that one manages, with numbers."""
    form = ManagedForm(request.args)
    form.unit.choices = choices([(0, form.all_units), *roles.units_in_reach(Permission.LIVE_MANAGE_UNIT)])
    form.validate()  # what makes no sense is shown beside its field, and not searched for
    unit_id, since, until = chosen(form.unit), chosen(form.since), chosen(form.until)
    wanted = listings.managed(
        policies.mine(),
        q=(form.q.data or "")[:100],
        state=form.wanted_state,
        unit=policies.unit_for(Permission.LIVE_MANAGE_UNIT, unit_id) if unit_id else None,
        since_ms=web.start_of_day_ms(since) if since else None,
        until_ms=web.end_of_day_ms(until) if until else None,
        newest_first=form.order.data != "oldest",
    )
    totals = listings.totals(wanted)
    page = paging.page_of(wanted, paging.wanted(), total=totals.lessons)
    return render_template(
        "live/managed.html",
        form=form,
        page=page,
        rows=managed_rows(page.rows, accounts.me()),
        totals=totals,
        may_create=holds(Permission.LIVE_MANAGE),
    )
