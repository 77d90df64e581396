"""直播推荐: the desks from which lessons are recommended, one for each unit and one for the academy."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.kernel import paging
from app.kernel.access import Who, allows, holds, require, take_large_body
from app.kernel.errors import NotFound
from app.kernel.htmx import respond
from app.kernel.permissions import Permission
from app.kernel.pictures.shelf import MOST_SENT
from app.live import queries as lives
from app.live.access import lesson_for
from app.live.audiences import audience_words
from app.live.models import LiveSession
from app.live.views import row_of
from app.recommendations import pictures, policies, queries, services
from app.recommendations.forms import RecommendationForm, form_of
from app.recommendations.views import Desk, candidates, desk_rows, is_for_all, request_views
from app.roles import policies as roles
from app.roles import queries as role_queries
from app.units import queries as units

bp = Blueprint("recommendations", __name__, url_prefix="/manage/recommendations")

CARDS_ON_A_PAGE = 24

View = Callable[..., ResponseReturnValue]


@bp.url_value_preprocessor
def _let_pictures_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "recommendations.unit_show" and values:
        take_large_body(MOST_SENT, lambda: policies.desk_for(values["unit_id"]))
    elif endpoint == "recommendations.academy_show":
        take_large_body(MOST_SENT, lambda: require(Permission.RECOMMEND_ACADEMY))


def at_desks(rule: str, method: str) -> Callable[[View], View]:
    """Register a view for the desks of units and for the academy's. It gets the Desk in place of the unit's id."""

    def register(view: View) -> View:
        @wraps(view)
        def of_unit(unit_id: int, **values: Any) -> ResponseReturnValue:
            return view(Desk(policies.desk_for(unit_id)), **values)

        @wraps(view)
        def of_academy(**values: Any) -> ResponseReturnValue:
            return view(Desk(units.academy()), **values)

        name = view.__name__
        for path, endpoint, guarded in (
            ("/units/<int:unit_id>", f"unit_{name}", allows(Who.MANAGER, Permission.RECOMMEND_UNIT)(of_unit)),
            ("/academy", f"academy_{name}", allows(Who.HOLDER, Permission.RECOMMEND_ACADEMY)(of_academy)),
        ):
            bp.add_url_rule(f"{path}{rule}", endpoint, guarded, methods=[method])
        return view

    return register


@bp.get("")
@allows(Who.SIGNED_IN)
def desks() -> ResponseReturnValue:
    """Lead to the desk at which the person recommends first."""
    unit = policies.first_desk(roles.mine())
    if unit is None:
        raise NotFound
    return redirect(Desk(unit).url("desk"))


@at_desks("", "GET")
def desk(here: Desk) -> ResponseReturnValue:
    """List what stands on the home page, and what could."""
    user, q = accounts.me(), paging.sought()
    page = paging.page_of(queries.candidates(here.unit, user, q), paging.wanted(), size=CARDS_ON_A_PAGE)
    return render_template(
        "recommendations/desk.html",
        **_now(here),
        q=q,
        page=page,
        cards=candidates(here, page.rows, user),
        requests=request_views(queries.open_requests() if here.is_academy else queries.requests_of(here.unit), user),
        desks=_all_desks(),
    )


@at_desks("/lessons/<live_id>", "GET")
def card(here: Desk, live_id: str) -> ResponseReturnValue:
    """Show 推荐管理 of one lesson."""
    live = lesson_for(Who.WATCHER, live_id)
    return _form_page(here, live, form_of(queries.of_lesson(here.unit, live)))


@at_desks("/lessons/<live_id>", "POST")
def show(here: Desk, live_id: str) -> ResponseReturnValue:
    """Put the lesson on the home page, or change how it stands there."""
    live, form = lesson_for(Who.WATCHER, live_id), RecommendationForm()
    if not all([form.validate_on_submit(), _keep_picture(form)]):
        return _form_page(here, live, form), 422
    services.recommend(live, here.unit, form.wish(), by=accounts.me())
    flash(_("“%(subject)s” stands on the home page.", subject=live.subject))
    return redirect(here.url("desk"))


@at_desks("/lessons/<live_id>", "DELETE")
def take_away(here: Desk, live_id: str) -> ResponseReturnValue:
    """Take the lesson from the home page."""
    live = lives.by_id(live_id)
    services.take_away(live, here.unit, by=accounts.me())
    flash(_("“%(subject)s” is taken from the home page.", subject=live.subject))
    return redirect(here.url("desk"))


@at_desks("/order", "POST")
def order(here: Desk) -> ResponseReturnValue:
    """Put the pictures in the order in which they were dragged, or move one of them by a place."""
    moved = request.form.get("move", type=int)
    if moved is not None:
        services.move(here.unit, moved, -1 if request.form.get("to") == "front" else 1)
    else:
        services.put_in_order(here.unit, [int(one) for one in request.form.get("ids", "").split() if one.isdecimal()])
    return respond("recommendations/_now.html", page=here.url("desk"), **_now(here))


@bp.post("/units/<int:unit_id>/lessons/<live_id>/academy")
@allows(Who.MANAGER, Permission.RECOMMEND_UNIT)
def ask_academy(unit_id: int, live_id: str) -> ResponseReturnValue:
    """申请全院推荐: ask the platform team."""
    here, live = Desk(policies.desk_for(unit_id)), lesson_for(Who.WATCHER, live_id)
    services.ask_academy(live, here.unit, by=accounts.me())
    flash(_("The platform team is asked. Its answer comes by mail, and stands here."))
    return redirect(here.url("desk"))


@bp.post("/academy/requests/<int:request_id>")
@allows(Who.HOLDER, Permission.RECOMMEND_ACADEMY)
def answer(request_id: int) -> ResponseReturnValue:
    """Answer a request."""
    asked = queries.request_for(request_id)
    granted = "grant" in request.form
    services.answer(asked, granted=granted, reply=request.form.get("reply", ""), by=accounts.me())
    subject = asked.live.subject
    flash(
        _("“%(subject)s” stands on everybody's home page.", subject=subject)
        if granted
        else _("The request for “%(subject)s” is declined.", subject=subject)
    )
    return redirect(url_for("recommendations.academy_desk"))


def _now(here: Desk) -> dict[str, Any]:
    return {"desk": here, "rows": desk_rows(here.unit, accounts.me()), "most": queries.MOST_SHOWN}


def _all_desks() -> list[tuple[str, str]]:
    """Return address and name of each desk of the person, the academy's first."""
    root = units.academy()
    found = [(Desk(root).url("desk"), root.name)] if holds(Permission.RECOMMEND_ACADEMY) else []
    reach = role_queries.units_in_reach(Permission.RECOMMEND_UNIT)
    return found + [
        (url_for("recommendations.unit_desk", unit_id=unit_id), name) for unit_id, name in reach if unit_id != root.id
    ]


def _form_page(here: Desk, live: LiveSession, form: RecommendationForm) -> str:
    row = queries.of_lesson(here.unit, live)
    waiting = queries.open_request_of(live)
    everywhere = queries.of_lesson(units.academy(), live) is not None
    return render_template(
        "recommendations/card.html",
        desk=here,
        live=row_of(live, accounts.viewer()),
        audience=audience_words(live),
        form=form,
        is_recommended=row is not None,
        is_asked=waiting is not None,
        may_ask=not here.is_academy and waiting is None and not everywhere and is_for_all(live),
    )


def _keep_picture(form: RecommendationForm) -> bool:
    """Keep the sent picture. Return whether nothing is wrong with it."""
    return pictures.SHELF.keep_sent(
        form.picture,
        form.picture_name,
        dropped="no_picture" in request.form,
        person=f"u{accounts.me().id}",
        centre=float(form.centre.data) if form.centre.data in {"0", "0.5", "1"} else 0.5,
    )
