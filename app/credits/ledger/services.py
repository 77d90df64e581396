"""Entries of managers: corrections, additions, and hours that were earned elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import IO

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.credits.ledger import chain, proofs, queries
from app.credits.ledger.closing import named
from app.credits.ledger.errors import NoReason, NothingChanges, NotYourOwn
from app.credits.ledger.models import Entry, Kind
from app.extensions import db
from app.kernel.text import one_line
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession

LONGEST_REASON = 300


def correct(entry: Entry, *, to: Decimal, reason: str, by: User) -> Entry:
    """Bring the hours of a person for a lesson, or for what she learned elsewhere, to what is right.

    The entry stays as it is; a new one says the difference.

    Raises:
        NotYourOwn: they are one's own.
        NoReason: nobody says why.
        NothingChanges: they are that already.
    """
    user = db.session.get_one(User, entry.user_id)
    said = _reason(reason)
    _refuse_own(user, by)
    with unit_of_work():
        chain.hold()
        now = queries.hours_about(entry)
        if now == to:
            raise NothingChanges
        draft = _by_hand(user, by, said) | {
            "kind": Kind.CORRECTION,
            "live_id": entry.live_id,
            "original_id": entry.original_id,
            "title": entry.title,
            "category": entry.category,
            "earned_ms": entry.earned_ms,
            "hours_hundredths": int((to - now) * 100),
            "refers_to": entry.id,
        }
        (number,) = chain.append([draft])
        _note(Action.CREDIT_CORRECTED, user, by, entry.title, said, to - now)
    return db.session.get_one(Entry, number)


def add(
    user: User,
    *,
    title: str,
    hours: Decimal,
    category: str,
    earned_ms: int,
    reason: str,
    by: User,
    live: LiveSession | None = None,
) -> Entry:
    """Grant a person hours for which there is no entry, such as a lesson in a room where the network was down.

    Raises:
        NotYourOwn, NoReason: as in `correct`.
        NothingChanges: these are no hours.
    """
    return _add(Kind.ADDITION, Action.CREDIT_ADDED, user, title, hours, category, earned_ms, reason, by, live)


def bring(
    user: User,
    *,
    title: str,
    hours: Decimal,
    category: str,
    earned_ms: int,
    reason: str,
    proof: IO[bytes] | None,
    by: User,
) -> Entry:
    """补录: write down hours that a person has earned elsewhere, with a scanned proof.

    Raises:
        NotYourOwn, NoReason, NothingChanges: as in `add`.
        ProofRefused, NoRoomLeft: the file cannot be kept.
    """
    _refuse_own(user, by)
    _reason(reason)
    kept = proofs.keep(proof) if proof is not None else ("", "")
    return _add(Kind.BROUGHT, Action.CREDIT_BROUGHT, user, title, hours, category, earned_ms, reason, by, None, kept)


def _add(
    kind: Kind,
    action: Action,
    user: User,
    title: str,
    hours: Decimal,
    category: str,
    earned_ms: int,
    reason: str,
    by: User,
    live: LiveSession | None,
    proof: tuple[str, str] = ("", ""),
) -> Entry:
    said = _reason(reason)
    _refuse_own(user, by)
    if not hours:
        raise NothingChanges
    draft = _by_hand(user, by, said) | {
        "kind": kind,
        "live_id": live.id if live else None,
        "original_id": (live.original_id or live.id) if live else None,
        "title": title[:200],
        "category": category,
        "earned_ms": earned_ms,
        "hours_hundredths": int(hours * 100),
        "proof": proof[0],
        "proof_digest": proof[1],
    }
    with unit_of_work():
        (number,) = chain.append([draft])
        _note(action, user, by, title, said, hours)
    return db.session.get_one(Entry, number)


def _by_hand(user: User, by: User, reason: str) -> chain.Draft:
    return {**named([user])[user.id], "user_id": user.id, "reason": reason, "by_id": by.id}


def _note(action: Action, user: User, by: User, title: str, reason: str, hours: Decimal) -> None:
    audit.record(
        action,
        by_id=by.id,
        unit_id=user.unit_id,
        what=f"{user.label}: {title}",
        hours=str(hours),
        reason=reason,
    )


def _reason(reason: str) -> str:
    said = (one_line(reason) or "")[:LONGEST_REASON]
    if not said:
        raise NoReason
    return said


def _refuse_own(user: User, by: User) -> None:
    if user.id == by.id:
        raise NotYourOwn
