"""Orders mails to many people about a lesson. The jobs process writes them, some at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, web
from app.kernel.text import plain_text
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import queries as lives
from app.live.lifecycle import refuse_over
from app.live.models import LiveSession, Part
from app.live.planning.plans import Plan
from app.mail import services as mail
from app.notices import queries, wishes
from app.notices.calendars import calendar_of
from app.notices.errors import NobodyToInvite, StillADraft
from app.notices.models import Invited, Notice, NoticeKind
from app.units.models import Unit

AT_ONCE = 200
"""Maximum mails in one transaction, because others wait for it."""

SECOND_THOUGHTS = timedelta(minutes=2)
"""Delay before a change is mailed. A slip that is mended at once is told to nobody."""

LONGEST_WORDS = 500


def invite(live: LiveSession, units: Iterable[Unit], *, words: str, by: User) -> Notice:
    """Invite the people of units, or the whole audience if there are none, except those who were invited before.

    Raises:
        AlreadyEnded, Cancelled: the lesson is over.
        StillADraft: nobody could see it.
        NobodyToInvite: everybody was invited, or wants no invitations, or has no address.
    """
    with unit_of_work():
        lock(live)
        refuse_over(live.state)
        if live.draft:
            raise StillADraft
        notice = _order(live, NoticeKind.INVITATION, by=by)
        notice.unit_ids = [unit.id for unit in units]
        notice.words = (plain_text(words) or "")[:LONGEST_WORDS]
        notice.total = queries.count_recipients(notice)
        if not notice.total:
            raise NobodyToInvite
        db.session.add(notice)
    return notice


def stop(notice: Notice) -> None:
    """Stop writing mails of an invitation. Those that are written go out."""
    with unit_of_work():
        lock(notice)
        if notice.done_ms is None:
            notice.done_ms = clock.now_ms()


def tell_change(live: LiveSession, *, before: Plan, by: User) -> None:
    """Order mails about a changed plan to learners who signed up and to teachers, if it concerns them.

    Several changes within the time for second thoughts become one mail.
    """
    waiting = queries.waiting_change(live)
    if waiting is not None:
        return
    told = _told(before.subject, before.starts_at_ms, before.ends_at_ms)
    if told == _told_of(live):
        return
    notice = _order(live, NoticeKind.CHANGE, by=by)
    notice.before = told
    notice.due_ms += SECOND_THOUGHTS // timedelta(milliseconds=1)
    notice.total = queries.count_recipients(notice)
    if notice.total:
        db.session.add(notice)


def tell_cancellation(live: LiveSession, *, by: User) -> None:
    """Order mails about a cancelled lesson to learners who signed up and to teachers."""
    notice = _order(live, NoticeKind.CANCELLATION, by=by)
    notice.words = live.cancel_reason
    notice.total = queries.count_recipients(notice)
    if notice.total:
        db.session.add(notice)


def tell_part_taken(live: LiveSession, *, user: User, part: Part) -> None:
    """Mail the owner of a lesson at once that a person became teacher or assistant by a token."""
    if live.owner.email:
        mail.send(
            live.owner.email,
            "part_taken",
            name=live.owner.real_name,
            who=user.label,
            unit=user.unit.name,
            part=str(part),
            subject=live.subject,
            link=web.absolute("plans.plan", live_id=live.id),
        )


def tell_answer(live: LiveSession, *, to: User, question: str, answer: str, by: str) -> None:
    """Mail a person the answer to her question that was written after the lesson, if she wants such mails.

    Args:
        live: the lesson, which has a replay or only an introduction page.
        to: the person who asked.
        question: her words.
        answer: the answer's words.
        by: name of the person who has answered.
    """
    if not to.email or to.closed_ms is not None or not wishes.wants(to, wishes.ANSWERS):
        return
    mail.send(
        to.email,
        "question_answered",
        locale=queries.languages_of(live, [to]).get(to.id, "zh_CN"),
        unsubscribe=wishes.unsubscribe_url(to, wishes.ANSWERS),
        name=to.real_name,
        by=by,
        subject=live.subject,
        question=question,
        answer=answer,
        link=web.absolute("live.page", live_id=live.id),
        wishes_link=web.absolute("notices.wishes"),
    )


def write_due() -> None:
    """Write some mails of the notice that is due first. The clockwork calls it."""
    due = queries.due(clock.now_ms())
    if due is None:
        return
    with unit_of_work():
        lock(due)
        if due.done_ms is None:
            _write_some(due)


def _write_some(notice: Notice) -> None:
    if queries.is_pointless(notice) or (notice.kind is NoticeKind.CHANGE and notice.before == _told_of(notice.live)):
        notice.done_ms = clock.now_ms()
        return
    invites = notice.kind is NoticeKind.INVITATION
    looked_at = queries.next_recipients(notice, AT_ONCE)
    # who signed up may have left the audience since then
    people = [user for user in looked_at if invites or lives.may_come(user, notice.live)]
    languages = queries.languages_of(notice.live, people)
    with_calendar = {
        language: _calendar(notice, language) for language in {languages.get(one.id, notice.language) for one in people}
    }
    mails = []
    for user in people:
        language = languages.get(user.id, notice.language)
        unsubscribe = wishes.unsubscribe_url(user, wishes.INVITATIONS, site=notice.site) if invites else ""
        mails.append(
            mail.compose(
                user.email or "",
                f"session_{notice.kind}",
                locale=language,
                calendar=with_calendar[language],
                unsubscribe=unsubscribe,
                bulk=invites,
                name=user.real_name,
                **_about(notice),
            )
        )
    mail.send_all(mails)
    if invites and people:
        db.session.execute(insert(Invited), [{"live_id": notice.live_id, "user_id": one.id} for one in people])
    notice.written += len(people)
    if len(looked_at) < AT_ONCE:
        notice.done_ms = clock.now_ms()
    else:
        notice.last_user_id = looked_at[-1].id


def _about(notice: Notice) -> dict[str, Any]:
    live = notice.live
    return {
        "subject": live.subject,
        "starts_at_ms": live.starts_at_ms,
        "ends_at_ms": live.ends_at_ms,
        "words": notice.words,
        "before": notice.before,
        "by": notice.by.real_name,
        "link": web.absolute("live.page", live_id=live.id, beneath=notice.site),
        "wishes_link": web.absolute("notices.wishes", beneath=notice.site),
    }


def _calendar(notice: Notice, language: str) -> str:
    method = "CANCEL" if notice.kind is NoticeKind.CANCELLATION else "PUBLISH"
    with web.written_in(language):
        return calendar_of([notice.live], method=method, site=notice.site)


def _order(live: LiveSession, kind: NoticeKind, *, by: User) -> Notice:
    return Notice(
        live=live,
        live_id=live.id,
        kind=kind,
        by=by,
        by_id=by.id,
        words="",
        unit_ids=[],
        before={},
        language=web.language(),
        site=web.root()[:200],
        due_ms=clock.now_ms(),
        last_user_id=0,
    )


def _told_of(live: LiveSession) -> dict[str, Any]:
    return _told(live.subject, live.starts_at_ms, live.ends_at_ms)


def _told(subject: str, starts_at_ms: int, ends_at_ms: int) -> dict[str, Any]:
    """Return the facts of a plan that matter to people who mean to come."""
    return {"subject": subject, "starts_at_ms": starts_at_ms, "ends_at_ms": ends_at_ms}
