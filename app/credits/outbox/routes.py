"""学时外送: what goes to other services, what they answered, and sending again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, select

from app.credits.outbox import delivery, services
from app.credits.outbox.models import Delivery, Silence, State
from app.credits.outbox.receivers import Key, receivers
from app.extensions import db
from app.kernel import clock, paging
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.kernel.permissions import Permission

bp = Blueprint("credit_deliveries", __name__, url_prefix="/system/credits/deliveries")


@dataclass(frozen=True)
class ReceiverView:
    """A receiver and how it does."""

    name: str
    url: str
    waiting: int
    problem: str
    """Why nothing is sent to it now; empty when it takes what comes."""
    until_ms: int


@bp.get("")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def index() -> ResponseReturnValue:
    """List deliveries, newest first."""
    q, state, to = paging.sought(), paging.choice("state", State, None), paging.choice("to", Key, None)
    failed = db.session.scalar(select(func.count()).where(Delivery.state == State.FAILED)) or 0
    return render_template(
        "credits/deliveries.html",
        page=paging.page_of(_wanted(q, state, to), paging.wanted(), most=10_000),
        q=q,
        state=state,
        to=to,
        names=_names(),
        failed=failed,
        receivers=_receivers(),
    )


@bp.get("/<int:delivery_id>")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def show(delivery_id: int) -> ResponseReturnValue:
    """Show one, with all that is sent."""
    found = _delivery(delivery_id)
    text = json.dumps(json.loads(found.body), ensure_ascii=False, indent=2)
    return render_template("credits/delivery.html", one=found, name=_names()[found.receiver], text=text)


@bp.post("/<int:delivery_id>/again")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def again(delivery_id: int) -> ResponseReturnValue:
    """Send one once more."""
    return _said(services.send_again(_delivery(delivery_id).id))


@bp.post("/again")
@allows(Who.HOLDER, Permission.SYSTEM_ADMIN)
def again_all() -> ResponseReturnValue:
    """Send all that have failed once more."""
    return _said(services.send_again())


def _delivery(delivery_id: int) -> Delivery:
    found = db.session.get(Delivery, delivery_id)
    if found is None:
        raise NotFound
    return found


def _said(count: int) -> ResponseReturnValue:
    flash(ngettext("%(num)d delivery is sent once more.", "%(num)d deliveries are sent once more.", count))
    return redirect(url_for("credit_deliveries.index"))


def _names() -> dict[str, str]:
    return {Key.LRS: _("Learning record store"), Key.HOOK: _("Webhook")}


def _receivers() -> list[ReceiverView]:
    waiting, names, now = delivery.waiting(), _names(), clock.now_ms()
    silent = {one.receiver: one for one in db.session.scalars(select(Silence).where(Silence.until_ms > now))}
    return [
        ReceiverView(
            name=names[one.key],
            url=one.url,
            waiting=waiting.get(one.key, 0),
            problem=silent[one.key].problem if one.key in silent else "",
            until_ms=silent[one.key].until_ms if one.key in silent else 0,
        )
        for one in receivers()
    ]


def _wanted(q: str, state: State | None, to: Key | None) -> Select[Delivery]:
    wanted = select(Delivery).order_by(Delivery.id.desc())
    if q:
        wanted = wanted.where(Delivery.what.contains(q, autoescape=True))
    if to:
        wanted = wanted.where(Delivery.receiver == to)
    return wanted.where(Delivery.state == state) if state else wanted
