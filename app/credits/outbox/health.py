"""Findings of the doctor about receivers."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app
from sqlalchemy import select

from app.credits.outbox.models import Delivery, Silence, State
from app.credits.outbox.receivers import Receiver, hook, receivers
from app.extensions import db
from app.kernel import clock
from app.kernel.cli import Finding


def findings() -> Iterator[Finding]:
    """Return for each receiver whether it accepts deliveries."""
    if current_app.config["CREDITS_WEBHOOK_URL"] and hook() is None:
        yield Finding(
            "webhook of learning hours", False, "set CREDITS_WEBHOOK_SECRET, or run: flask --app wsgi secrets"
        )
    for receiver in receivers():
        yield _finding(receiver)


def _finding(receiver: Receiver) -> Finding:
    what = f"learning hours go to {receiver.url}"
    if receiver.is_readable_on_its_way:
        return Finding(what, False, "use https: anybody on the way can read names and hours")
    silent = db.session.get(Silence, receiver.key, populate_existing=True)
    if silent is not None and silent.until_ms > clock.now_ms():
        return Finding(what, False, f"it takes nothing ({silent.problem}); see that it runs, and the settings fit")
    failed = select(Delivery.id).where(Delivery.receiver == receiver.key, Delivery.state == State.FAILED).limit(1)
    if db.session.scalar(failed) is not None:
        return Finding(what, False, "some deliveries have failed; send them again on the page 系统管理 > 学时外送")
    return Finding(what, True)
