"""From entries of the ledger to what other services are told. Joins the transaction of the entries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import select

from app.accounts import queries as accounts
from app.credits.ledger.models import Kind, share_of
from app.credits.outbox import services, viewings
from app.credits.outbox.models import Delivery
from app.credits.outbox.playing import Deed, Verb
from app.credits.outbox.receivers import Key, hook, lrs
from app.extensions import db
from app.kernel import clock
from app.live.models import LiveSession

Row = Mapping[str, Any]


def hear(rows: Sequence[Row], stretches: Mapping[int, str]) -> None:
    """Hear that entries were appended. `stretches` are those that they were computed from, as JSON, by number."""
    if hook() is not None:
        services.queue(_messages(rows))
    if lrs() is not None:
        earned = [row for row in rows if row["kind"] == Kind.EARNED and row["hours_hundredths"] > 0]
        services.queue(_completions(earned, stretches))


def _messages(rows: Sequence[Row]) -> list[dict[str, Any]]:
    usernames = {one.id: one.username for one in accounts.people({row["user_id"] for row in rows})}
    return [
        services.row(
            Key.HOOK,
            str(uuid4()),
            f"#{row['id']} · {row['name']} · {row['title']}",
            message(row, usernames[row["user_id"]]),
        )
        for row in rows
    ]


def message(row: Row, username: str) -> dict[str, Any]:
    """Return what a webhook is told of an entry; docs/credits.md shows an example."""
    site = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    live_id = row["live_id"]
    return {
        "type": "credits.entry",
        "timestamp": _iso(row["at_ms"]),
        "data": {
            "number": row["id"],
            "kind": str(row["kind"]),
            "person": {
                "username": username,
                "name": row["name"],
                "staff_number": row["staff_number"],
                "unit": row["unit_name"],
            },
            "lesson": {"id": live_id, "url": f"{site}/live/{live_id}" if site else ""} if live_id else None,
            "title": row["title"],
            "category": row["category"],
            "earned_at": _iso(row["earned_ms"]),
            "hours": str(Decimal(row["hours_hundredths"]) / 100),
            "watched_s": row["watched_ms"] // 1000,
            "programme_s": row["programme_ms"] // 1000,
            "share_percent": str(share_of(row["watched_ms"], row["programme_ms"])),
            "refers_to": row["refers_to"],
            "reason": row["reason"],
            "previous": row["previous"],
            "hash": row["hash"],
        },
    }


def _completions(rows: Sequence[Row], stretches: Mapping[int, str]) -> list[dict[str, Any]]:
    """Report that a person who gets hours for a lesson has completed it, once for each person and lesson."""
    lives = db.session.scalars(select(LiveSession).where(LiveSession.id.in_({row["live_id"] for row in rows}))).all()
    lessons = {live.id: viewings.lesson_of(live) for live in lives}
    about = viewings.abouts([(row["live_id"], row["user_id"]) for row in rows], lessons)
    named = {str(about[row["live_id"], row["user_id"]].completion): row for row in rows}
    known = set(db.session.scalars(select(Delivery.uuid).where(Delivery.uuid.in_(list(named)))))
    found = []
    for uuid, row in named.items():
        if uuid not in known:
            segments = json.loads(stretches.get(row["id"], "[]"))
            end_ms = segments[-1][1] if segments else row["earned_ms"]
            deed = Deed(Verb.COMPLETED, row["at_ms"], end_ms, segments=segments)
            found.append(viewings.row_of(about[row["live_id"], row["user_id"]], deed, uuid, uuid))
    return found


def _iso(ms: int) -> str:
    return clock.to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
