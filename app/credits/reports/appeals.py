"""学时申诉: appeals lead to those who may correct, with the facts attached, and are answered once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.credits.ledger import services as ledger
from app.credits.ledger.errors import NoReason, NotYourOwn
from app.credits.ledger.models import Entry
from app.credits.reports.errors import AlreadyAnswered
from app.credits.reports.models import LONGEST_WORDS, Appeal
from app.extensions import db
from app.kernel import clock, web
from app.kernel.errors import NotFound
from app.kernel.permissions import Permission
from app.kernel.text import plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.mail import services as mail
from app.roles import queries as roles
from app.roles.policies import Holdings
from app.units.models import Unit

MOST_TOLD = 5
"""Managers who get a mail about an appeal: those of the nearest unit first."""


def make(user: User, entry: Entry | None, words: str) -> Appeal:
    """Appeal about an entry of one's own, or about something that is missing, and tell those who may correct.

    Raises:
        NotFound: it is somebody else's entry.
        NoReason: nothing is said.
    """
    said = _words(words)
    if entry is not None and entry.user_id != user.id:
        raise NotFound
    with unit_of_work():
        appeal = Appeal(
            user_id=user.id, entry_id=entry.id if entry else None, words=said, language=web.language(), answer=""
        )
        db.session.add(appeal)
        db.session.flush()
        link = web.absolute("credit_reports.appeal", appeal_id=appeal.id)
        for manager in correctors(user)[:MOST_TOLD]:
            if manager.email:
                mail.send(
                    manager.email,
                    "credits_appeal",
                    name=manager.real_name,
                    who=user.label,
                    title=entry.title if entry else "",
                    words=said,
                    link=link,
                )
    return appeal


def answer(appeal: Appeal, *, right: Decimal | None, words: str, by: User) -> None:
    """Answer an appeal: by a correction to the hours that are right, or by a reasoned no.

    Raises:
        AlreadyAnswered: somebody has.
        NotYourOwn: it is one's own.
        NoReason: nothing is said.
        NothingChanges: the hours are right already.
    """
    said = _words(words)
    if appeal.user_id == by.id:
        raise NotYourOwn
    with unit_of_work():
        lock(appeal)
        if appeal.answered_ms is not None:
            raise AlreadyAnswered
        if right is not None:
            appeal.correction_id = _correction(appeal, right, said, by).id
        appeal.answer, appeal.answered_ms, appeal.answered_by_id = said, clock.now_ms(), by.id
        audit.record(
            Action.CREDIT_APPEAL_ANSWERED,
            by_id=by.id,
            unit_id=appeal.user.unit_id,
            what=appeal.user.label,
            reason=said[:200],
        )
        if appeal.user.email and appeal.user.closed_ms is None:
            mail.send(
                appeal.user.email,
                "credits_appeal_answered",
                locale=appeal.language,
                name=appeal.user.real_name,
                title=appeal.entry.title if appeal.entry else "",
                corrected=right is not None,
                words=said,
                link=web.absolute("credit_archive.index"),
            )


def _correction(appeal: Appeal, right: Decimal, said: str, by: User) -> Entry:
    reason = " ".join(said.split())
    if appeal.entry is not None:
        return ledger.correct(appeal.entry, to=right, reason=reason, by=by)
    return ledger.add(
        appeal.user,
        title=" ".join(appeal.words.split())[:80],
        hours=right,
        category="",
        earned_ms=appeal.made_ms,
        reason=reason,
        by=by,
    )


def of(user: User) -> Sequence[Appeal]:
    """Return a person's own appeals, the newest first."""
    wanted = select(Appeal).where(Appeal.user_id == user.id).order_by(Appeal.id.desc())
    return db.session.scalars(wanted.options(joinedload(Appeal.entry), joinedload(Appeal.correction))).all()


def in_reach(held: Holdings, *, answered: bool) -> Select[Appeal]:
    """Return the appeals of people whose hours somebody may correct: open ones by age, or the newest answers."""
    wanted = (
        select(Appeal)
        .join(Appeal.user)
        .join(Unit, Unit.id == User.unit_id)
        .where(held.where(Permission.CREDIT_CORRECT))
        .options(joinedload(Appeal.user).joinedload(User.unit), joinedload(Appeal.entry))
    )
    if answered:
        return wanted.where(Appeal.answered_ms.is_not(None)).order_by(Appeal.answered_ms.desc(), Appeal.id)
    return wanted.where(Appeal.answered_ms.is_(None)).order_by(Appeal.made_ms, Appeal.id)


def correctors(user: User) -> list[User]:
    """Return those who may correct the hours of a person, of her own unit first; never herself."""
    return roles.nearest_holders(Permission.CREDIT_CORRECT, user.unit, besides=user.id)


def _words(words: str) -> str:
    said = (plain_text(words) or "")[:LONGEST_WORDS]
    if not said:
        raise NoReason
    return said
