"""Polls are prepared, opened, answered and closed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select

from app.accounts.models import User
from app.audit import services as audit
from app.audit.models import Action
from app.classroom.engine.commands import call_of
from app.classroom.engine.seats import Seat
from app.classroom.polls import ballots, errors, kinds, queries
from app.classroom.polls.ballots import Ballot
from app.classroom.polls.drafts import Draft
from app.classroom.polls.models import Poll, PollState, Vote
from app.extensions import db
from app.kernel import clock, pulse
from app.kernel.access import Who
from app.kernel.unit_of_work import lock, unit_of_work
from app.live.lifecycle import OVER
from app.live.models import LiveSession
from app.timeline import services as timeline

MOST_POLLS = 200

COMES_FROM = {
    PollState.OPEN: {PollState.PREPARED, PollState.CLOSED, PollState.PUBLISHED, PollState.HIDDEN},
    PollState.CLOSED: {PollState.OPEN},
    PollState.PUBLISHED: {PollState.OPEN, PollState.CLOSED, PollState.HIDDEN},
    PollState.HIDDEN: {PollState.CLOSED, PollState.PUBLISHED},
}
DELETABLE = frozenset({PollState.PREPARED, PollState.CLOSED, PollState.HIDDEN})

KIND_OF = {
    PollState.OPEN: kinds.OPENED,
    PollState.CLOSED: kinds.CLOSED,
    PollState.PUBLISHED: kinds.PUBLISHED,
    PollState.HIDDEN: kinds.HIDDEN,
}


def answer(seat: Seat, poll_id: int, *, chosen: Sequence[int], text: str) -> Vote:
    """Count somebody's answer; until the poll is closed, another one takes its place. Gives it as it is kept.

    Raises:
        AppError: she may not take part in this lesson, as `commands.call_of` says.
        DeskAsks: she teaches or assists.
        NoPoll, Closed: there is nothing to answer.
        NothingChosen, NoSuchAnswer, AnswerTooLong: this cannot be an answer.
    """
    ballot = Ballot(seat, poll_id, tuple(chosen), text, clock.now_ms())
    try:
        return ballots.box().cast(ballot)
    except ballots.Unknown:
        if call_of(seat, Who.WATCHER).is_desk:
            raise errors.DeskAsks from None
    return ballots.box().cast(replace(ballot, is_judged=True))


def make(live: LiveSession, draft: Draft, *, by: User) -> Poll:
    """Prepare a poll, behind the others of the lesson.

    Raises:
        TooManyPolls: it is not kept.
    """
    with unit_of_work():
        lock(live)
        row = db.session.execute(
            select(func.count(), func.coalesce(func.max(Poll.position), 0)).where(Poll.live_id == live.id)
        ).one()
        if row[0] >= MOST_POLLS:
            raise errors.TooManyPolls
        poll = Poll(live_id=live.id, position=row[1] + 1)
        _fill(poll, draft)
        db.session.add(poll)
        _listed(live, by)
    return poll


def change(live: LiveSession, poll_id: int, draft: Draft, *, by: User) -> None:
    """Change the words of a poll that was never opened.

    Raises:
        NoPoll, Asked: it stays as it is.
    """
    with unit_of_work():
        poll = _locked(live.id, poll_id)
        if poll.state is not PollState.PREPARED:
            raise errors.Asked
        _fill(poll, draft)
        _listed(live, by)


def duplicate(live: LiveSession, poll_id: int, *, by: User) -> Poll:
    """Prepare the same poll once more.

    Raises:
        NoPoll, TooManyPolls: there is no copy.
    """
    poll = queries.poll_for(live.id, poll_id)
    if poll is None:
        raise errors.NoPoll
    return make(live, Draft(poll.kind, poll.question, tuple(poll.options), poll.right, poll.countdown_s), by=by)


def copy_prepared(live: LiveSession, *, rehearsal: LiveSession, by: User) -> None:
    """Have what is prepared for a lesson in its rehearsal as well."""
    for poll in queries.polls_of(live.id):
        if poll.state is PollState.PREPARED:
            draft = Draft(poll.kind, poll.question, tuple(poll.options), poll.right, poll.countdown_s)
            make(rehearsal, draft, by=by)


def move(live: LiveSession, poll_id: int, step: int, *, by: User) -> None:
    """Put a poll some places further down (or, with a negative step, up) in the list.

    Raises:
        NoPoll: it is not there.
    """
    with unit_of_work():
        lock(live)
        polls = list(queries.polls_of(live.id))
        at = next((place for place, poll in enumerate(polls) if poll.id == poll_id), None)
        if at is None:
            raise errors.NoPoll
        polls.insert(max(0, min(len(polls) - 1, at + step)), polls.pop(at))
        for position, poll in enumerate(polls, 1):
            poll.position = position
        _listed(live, by)


def delete(live: LiveSession, poll_id: int, *, by: User) -> None:
    """Delete a poll that learners neither answer nor see the results of, with its answers.

    Raises:
        NoPoll: it is not there.
        NotInThisState: it is open or published.
    """
    with unit_of_work():
        poll = _locked(live.id, poll_id)
        if poll.state not in DELETABLE:
            raise errors.NotInThisState
        answers = queries.counts_of([poll.id])[poll.id].total
        if poll.state is not PollState.PREPARED:
            audit.record(
                Action.POLL_DELETED,
                by_id=by.id,
                unit_id=live.unit_id,
                what=poll.question,
                subject=live.subject,
                answers=answers,
            )
            timeline.append(live.id, kinds.HIDDEN, {"poll": poll.id}, by_id=by.id)
        db.session.delete(poll)
        _listed(live, by)


def open_poll(live: LiveSession, poll_id: int, *, by: User) -> None:
    """Let learners answer, for the first time or again; a countdown begins anew.

    Raises:
        NoPoll: it is not there.
        LessonOver: so are the learners.
    """
    with unit_of_work():
        lock(live)
        if live.state in OVER:
            raise errors.LessonOver
        _enter(_locked(live.id, poll_id), PollState.OPEN, by_id=by.id)


def close_poll(live: LiveSession, poll_id: int, *, by: User) -> None:
    """Take no more answers.

    Raises:
        NoPoll, NotInThisState: it is not there, or was never open.
    """
    with unit_of_work():
        _enter(_locked(live.id, poll_id), PollState.CLOSED, by_id=by.id)


def publish(live: LiveSession, poll_id: int, *, by: User) -> None:
    """Show everybody the results, and which answers were right; a poll that is open is closed by that.

    Raises:
        NoPoll, NotInThisState: it is not there, or was never open.
    """
    with unit_of_work():
        poll = _locked(live.id, poll_id)
        if poll.state is PollState.OPEN:
            _enter(poll, PollState.CLOSED, by_id=by.id)
        _enter(poll, PollState.PUBLISHED, by_id=by.id)


def hide(live: LiveSession, poll_id: int, *, by: User) -> None:
    """Take a closed or published poll off the learners' pages.

    Raises:
        NoPoll, NotInThisState: it is not there, or still open.
    """
    with unit_of_work():
        _enter(_locked(live.id, poll_id), PollState.HIDDEN, by_id=by.id)


def close_overdue() -> None:
    """Close the polls whose countdown is over. Called by the clockwork.

    Nobody could answer during an outage of the service: a countdown that it touched begins anew.
    """
    back_ms = pulse.back_ms()
    if back_ms is None:
        return
    for poll_id in queries.counting_down():
        with unit_of_work():
            poll = db.session.get(Poll, poll_id, with_for_update=True, populate_existing=True)
            if poll is None or poll.state is not PollState.OPEN or poll.closes_ms is None:
                continue
            fair_ms = back_ms + poll.countdown_s * 1000
            if poll.closes_ms < fair_ms:
                poll.closes_ms = fair_ms
                timeline.append(poll.live_id, KIND_OF[PollState.OPEN], {"poll": poll.id}, by_id=None)
            elif poll.closes_ms <= clock.now_ms():
                _enter(poll, PollState.CLOSED, by_id=None)


def close_all(live_id: str) -> None:
    """Close every poll of a lesson that is over."""
    for poll in list(queries.open_in([live_id])):
        with unit_of_work():
            late = _locked(live_id, poll.id)
            if late.state is PollState.OPEN:
                _enter(late, PollState.CLOSED, by_id=None)


def _locked(live_id: str, poll_id: int) -> Poll:
    """Load a poll anew and keep others from changing it, and from answering, until the unit of work ends."""
    wanted = select(Poll).where(Poll.live_id == live_id, Poll.id == poll_id).with_for_update()
    poll = db.session.scalar(wanted.execution_options(populate_existing=True))
    if poll is None:
        raise errors.NoPoll
    return poll


def _enter(poll: Poll, state: PollState, *, by_id: int | None) -> None:
    if poll.state is state:
        return
    if poll.state not in COMES_FROM[state]:
        raise errors.NotInThisState
    now = clock.now_ms()
    if state is PollState.OPEN:
        poll.opened_ms = now
    poll.closes_ms = now + poll.countdown_s * 1000 if state is PollState.OPEN and poll.countdown_s else None
    poll.state = state
    timeline.append(poll.live_id, KIND_OF[state], {"poll": poll.id}, by_id=by_id)


def _fill(poll: Poll, draft: Draft) -> None:
    poll.kind, poll.question, poll.options = draft.kind, draft.question, list(draft.options)
    poll.right, poll.countdown_s = draft.right, draft.countdown_s


def _listed(live: LiveSession, by: User) -> None:
    db.session.flush()
    timeline.append(live.id, kinds.LISTED, {"to": "desk"}, by_id=by.id)
