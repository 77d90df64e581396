"""Planning lessons, changing and deleting plans, calling lessons off. `app.live.services` leads a lesson that runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.extensions import db
from app.kernel import clock, web
from app.kernel.ids import new_id
from app.kernel.text import one_line
from app.kernel.unit_of_work import lock, unit_of_work
from app.live import events, kinds, policies, subjects, tokens
from app.live.errors import NotCancellable, NotDeletable, NotWhileRunning, SubjectExists
from app.live.joining import services as joining
from app.live.lifecycle import LiveState, refuse_over
from app.live.models import LiveSession, Presenter, RecordingPolicy
from app.live.planning.plans import Plan, plan_of
from app.media import services as media
from app.timeline import services as timeline
from app.units.models import Unit

MOST_WEEKS = 30
WEEK_MS = 7 * 24 * 3_600_000
MAX_CANCEL_REASON = 300
WHILE_RUNNING = ("abstract", "ends_at_ms", "cover", "teachers", "assistants", "tokens", "guests")
"""Fields that can still be changed when a lesson has begun."""


def schedule(
    plan: Plan,
    *,
    owner: User,
    unit: Unit | None = None,
    series_id: str | None = None,
    copied: LiveSession | None = None,
) -> LiveSession:
    """Make a lesson with its stream, its timeline and its tokens, in the name of `unit`, or of the owner's own.

    One that is a copy knows the first of those that were copied from one another.

    Raises:
        SubjectExists: another session has the subject.
        TokenMalformed, TokenTaken: a token cannot be had.
    """
    with unit_of_work():
        live = LiveSession(owner=owner, unit=unit or owner.unit, stream=media.open_stream(), series_id=series_id)
        live.original_id = (copied.original_id or copied.id) if copied else None
        _write(live, plan)
        db.session.add(live)
        _flush_unique(live, plan)
        timeline.open_row(live.id)
    return live


def schedule_weekly(
    plan: Plan, weeks: int, *, owner: User, unit: Unit | None = None, copied: LiveSession | None = None
) -> list[LiveSession]:
    """Make a lesson for each of some weeks, all of them or none. The later ones are numbered.

    Raises:
        SubjectExists, TokenMalformed, TokenTaken: as `schedule` says.
    """
    if weeks <= 1:
        return [schedule(plan, owner=owner, unit=unit, copied=copied)]
    series_id = new_id()
    lives = []
    with unit_of_work():
        for week in range(weeks):
            subject = plan.subject if week == 0 else subjects.next_free(plan.subject, owner)
            shift_ms = weeks_later_ms(plan.starts_at_ms, week) - plan.starts_at_ms
            its_plan = plan.shifted(shift_ms, subject) if week else plan
            lives.append(schedule(its_plan, owner=owner, unit=unit, series_id=series_id, copied=copied))
    return lives


def plan_anew(live: LiveSession, plan: Plan, *, by: User) -> None:
    """Change a lesson that has not begun; of one that runs, only `WHILE_RUNNING`.

    Raises:
        AlreadyEnded, Cancelled: it is over.
        NotWhileRunning: it has begun, and something else is different.
        SubjectExists: another session has the subject.
        TokenMalformed, TokenTaken: a token cannot be had.
    """
    with unit_of_work() as after_commit:
        lock(live)
        refuse_over(live.state)
        before = plan_of(live)
        if live.is_running and any(
            getattr(before, name) != getattr(plan, name)
            for name in Plan.__dataclass_fields__
            if name not in WHILE_RUNNING
        ):
            raise NotWhileRunning
        _write(live, plan)
        _flush_unique(live, plan)
        after_commit(lambda: events.changed.send(live.id))
        live.revision += 1
        if before.starts_at_ms != plan.starts_at_ms:
            joining.remind_again(live)
        if not (plan.draft or before.draft):
            events.planned_anew.send(live, before=before, by=by)


def publish(live: LiveSession, *, by: User) -> None:
    """发布: show a draft to its audience as it is planned; a published lesson stays published.

    Raises:
        AlreadyEnded, Cancelled: it is over.
        SubjectExists: another session has taken the subject meanwhile.
    """
    if live.draft:
        plan_anew(live, replace(plan_of(live), draft=False), by=by)


def cancel(live: LiveSession, *, reason: str, by: User) -> None:
    """Call a lesson off before it begins; its page says so and why, its tokens are free.

    Raises:
        NotCancellable: it has begun.
        AlreadyEnded, Cancelled: it is over.
    """
    with unit_of_work() as after_commit:
        lock(live)
        refuse_over(live.state)
        if live.is_running:
            raise NotCancellable
        live.enter(LiveState.CANCELLED, clock.now_ms())
        live.cancel_reason = (one_line(reason) or "")[:MAX_CANCEL_REASON]
        tokens.release(live)
        media.end(live.stream, at_ms=clock.now_ms())
        timeline.append(live.id, kinds.STATE, live.status(), by_id=by.id)
        live.revision += 1
        events.cancelled.send(live, by=by)
        after_commit(lambda: events.changed.send(live.id))


def cancel_from(live: LiveSession, *, reason: str, by: User) -> int:
    """Call off a lesson of a series and all that come after it and have not begun; gives how many.

    Raises:
        NotCancellable, AlreadyEnded, Cancelled: the first one cannot be.
    """
    with unit_of_work():
        cancel(live, reason=reason, by=by)
        cancelled = 1
        for one in _later_of_series(live):
            lock(one)
            if one.state is LiveState.SCHEDULED:  # it may have begun since it was found
                cancel(one, reason=reason, by=by)
                cancelled += 1
    return cancelled


def delete(live: LiveSession, *, by: User) -> None:
    """Delete a lesson that has not begun; its subject and its tokens are free again.

    Raises:
        NotDeletable: it has begun.
    """
    with unit_of_work():
        lock(live)
        if live.state not in {LiveState.SCHEDULED, LiveState.CANCELLED}:
            raise NotDeletable
        if live.state is LiveState.SCHEDULED and not live.draft:
            events.cancelled.send(live, by=by)
        live.deleted_ms = clock.now_ms()
        tokens.release(live)
        media.end(live.stream, at_ms=clock.now_ms())


def next_week_ms(moment_ms: int, now_ms: int) -> int:
    """Return the first moment that lies ahead, at least a week later, at the same time of day."""
    weeks = max(1, -(-(now_ms - moment_ms) // WEEK_MS))
    later_ms = weeks_later_ms(moment_ms, weeks)
    return later_ms if later_ms > now_ms else weeks_later_ms(moment_ms, weeks + 1)


def weeks_later_ms(moment_ms: int, weeks: int) -> int:
    """Return the same time of day some weeks later. Changes of daylight saving time do not move it."""
    local = clock.to_datetime(moment_ms).astimezone(web.zone())
    return clock.to_ms((local.replace(tzinfo=None) + timedelta(weeks=weeks)).replace(tzinfo=web.zone()))


def _write(live: LiveSession, plan: Plan) -> None:
    with db.session.no_autoflush:
        if subjects.is_taken(plan.subject, but=live.id, owner=live.owner):
            raise SubjectExists(subjects.next_free(plan.subject, live.owner))
        live.subject, live.subject_key = plan.subject, subjects.key_of(plan.subject)
        live.starts_at_ms, live.ends_at_ms = plan.starts_at_ms, plan.ends_at_ms
        live.mode, live.abstract, live.cover, live.draft = plan.mode, plan.abstract, plan.cover, plan.draft
        live.audience, live.audience_unit = plan.audience, policies.audience_unit(live.unit, plan.audience)
        live.guests, live.capacity = plan.guests, plan.capacity
        if plan.recording_policy is not live.recording_policy:
            live.recording_policy = plan.recording_policy
            live.recording = plan.recording_policy is RecordingPolicy.FROM_START
        _choose_presenters(live, plan)
        tokens.give(live, plan.tokens)


def _choose_presenters(live: LiveSession, plan: Plan) -> None:
    """Make the list of presenters that of the plan. A person who stays keeps her row, which tells how she came."""
    wanted = {user.id: (user, part) for user, part in plan.presenters().items()}
    for one in list(live.presenters):
        _user, part = wanted.pop(one.user_id, (None, None))
        if part is None:
            live.presenters.remove(one)
        elif one.part is not part:
            one.part, one.by_token = part, False
    live.presenters.extend(Presenter(user=user, part=part) for user, part in wanted.values())


def _flush_unique(live: LiveSession, plan: Plan) -> None:
    """Write it; of two who take a subject or a token at the same moment, the later one is told as if it had been there.

    Raises:
        SubjectExists, TokenTaken: the other was quicker.
    """
    live_id, owner = live.id, live.owner
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        if subjects.is_taken(plan.subject, but=live_id, owner=owner):
            raise SubjectExists(subjects.next_free(plan.subject, owner)) from None
        typed = {part: tokens.tidy(value) for part, value in plan.tokens.items()}
        for part in typed:
            tokens.judge(part, typed, but=live_id)
        raise


def _later_of_series(live: LiveSession) -> list[LiveSession]:
    return list(
        db.session.query(LiveSession)
        .where(
            LiveSession.series_id == live.series_id,
            LiveSession.series_id.is_not(None),
            LiveSession.starts_at_ms > live.starts_at_ms,
            LiveSession.state == LiveState.SCHEDULED,
            LiveSession.deleted_ms.is_(None),
        )
        .order_by(LiveSession.starts_at_ms)
    )
