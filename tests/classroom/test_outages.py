"""An outage of the service is nobody's absence: deadlines do not count the time in which nobody could come back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from app.accounts.models import User
from app.classroom.hands import queries as hand_queries
from app.classroom.hands import services as hands
from app.classroom.polls import queries as poll_queries
from app.classroom.polls import services as poll_services
from app.classroom.polls.models import Poll, PollState
from app.classroom.rollcall import queries as roll_queries
from app.classroom.rollcall import services as rollcall
from app.classroom.rollcall.models import Outcome
from app.classroom.stage import queries as stage
from app.classroom.stage.models import StageMember
from app.extensions import db
from app.kernel import clock, pulse
from app.kernel.clockwork import clockwork
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives
from app.live.lifecycle import LiveState
from app.live.models import EndedBy, LiveSession
from app.media import services as media
from app.media.models import Stream
from app.timeline import queries as timeline
from media_worker.contract import Beat, Newest
from tests.factories import live as makers
from tests.factories import polls
from tests.factories.rooms import call_of, enter, leave

STEP_S = 4
"""Less than the silence after which an encoder counts as lost."""


class Machine:
    """The service, step by step: its clockwork ticks, and web hears the worker's pulse."""

    def __init__(self, traveller: Traveller) -> None:
        self._traveller = traveller

    def run(self, seconds: int) -> None:
        """Let the service run for so long."""
        for step in self._steps(seconds):
            self._traveller.shift(step)
            pulse.beat("media_worker:here")
            for stream in db.session.scalars(select(Stream).where(Stream.run > 0, ~Stream.finished)).all():
                newest = Newest(clock.now_ms(), clock.now_ms(), 1000)
                media.hear_beat(stream.id, Beat("worker-1", stream.run, True, 0, newest=newest))
            clockwork.tick()

    def only_jobs(self, seconds: int) -> None:
        """Let web be down while the jobs process runs on."""
        for step in self._steps(seconds):
            self._traveller.shift(step)
            clockwork.tick()

    @staticmethod
    def _steps(seconds: int) -> Iterator[int]:
        whole, rest = divmod(seconds, STEP_S)
        yield from [STEP_S] * whole
        yield from [rest] if rest else []

    def off(self, seconds: int) -> None:
        """Let nothing run."""
        self._traveller.shift(seconds)


@pytest.fixture
def machine(app: Flask) -> Iterator[Machine]:
    """A service that is up."""
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller, app.test_request_context():
        machine = Machine(traveller)
        machine.run(2)
        yield machine


@pytest.fixture
def live(machine: Machine, teacher: User) -> LiveSession:
    """A lesson on air, for an hour."""
    return makers.on_air(teacher)


def state_of(live: LiveSession) -> LiveState:
    db.session.expire_all()
    return live.state


@pytest.mark.parametrize("outage", [Machine.off, Machine.only_jobs], ids=["machine", "web"])
def test_a_presenter_who_is_away_has_her_five_minutes_again_after_an_outage(
    machine: Machine, live: LiveSession, teacher: User, outage: object
) -> None:
    lives.leave(live, by=teacher)
    machine.run(30)
    outage(machine, 420)  # type: ignore[operator]
    machine.run(299)
    assert state_of(live) is LiveState.AWAY
    machine.run(8)
    assert state_of(live) is LiveState.ENDED


def test_a_restart_of_seconds_prolongs_nothing(machine: Machine, live: LiveSession, teacher: User) -> None:
    lives.leave(live, by=teacher)
    machine.run(290)
    machine.off(5)
    machine.run(7)
    assert state_of(live) is LiveState.ENDED


def test_an_end_that_passed_during_an_outage_leaves_ten_minutes_to_extend(machine: Machine, live: LiveSession) -> None:
    machine.off(3600 + 1800 + 60)
    machine.run(599)
    assert live.is_running
    machine.run(8)
    assert (state_of(live), live.ended_by) == (LiveState.ENDED, EndedBy.OVERTIME)


def test_a_hand_waits_for_a_learner_whom_the_outage_took_away(
    machine: Machine, live: LiveSession, learner: User
) -> None:
    enter(live, learner)
    hands.raise_hand(call_of(learner, live), "")
    machine.off(600)
    machine.run(55)
    assert len(hand_queries.queue(live.id)) == 1
    enter(live, learner)
    machine.run(55)
    assert len(hand_queries.queue(live.id)) == 1, "she came back"
    leave(live, learner)
    machine.run(62)
    assert not hand_queries.queue(live.id)


def test_a_countdown_begins_anew_and_pages_are_told(machine: Machine, live: LiveSession) -> None:
    poll = polls.opened(live, countdown_s=30)
    machine.run(10)
    before = timeline.last_id(live.id)
    machine.off(600)
    machine.run(29)
    assert db.session.get_one(Poll, poll.id, populate_existing=True).state is PollState.OPEN
    assert [event.kind for event in timeline.after(live.id, before)] == ["polls.opened"]
    machine.run(8)
    assert db.session.get_one(Poll, poll.id, populate_existing=True).state is PollState.CLOSED
    assert not poll_queries.counting_down()
    poll_services.open_poll(live, poll.id, by=live.owner)
    machine.run(31)
    assert db.session.get_one(Poll, poll.id, populate_existing=True).state is PollState.CLOSED, "once, not for ever"


def test_a_roll_call_asks_anew_for_its_whole_time(machine: Machine, live: LiveSession, learner: User) -> None:
    enter(live, learner)
    roll = rollcall.start(call_of(live.owner, live), 60)
    machine.run(10)
    machine.off(600)
    machine.run(30)
    rollcall.confirm(call_of(learner, live), roll.id)
    machine.run(40)
    ended = roll_queries.newest(live.id)
    assert ended is not None
    assert (ended.outcome, roll_queries.tallies([roll.id])[roll.id].present) == (Outcome.TIME, 1)


def test_a_planned_roll_call_waits_until_pages_are_back(machine: Machine, live: LiveSession, learner: User) -> None:
    enter(live, learner)
    rollcall.plan(call_of(live.owner, live), 1, 60)
    (planned,) = roll_queries.planned(live.id)
    machine.off((planned.due_ms - live.starts_at_ms) // 1000 + 10)
    machine.run(20)
    assert roll_queries.newest(live.id) is None
    enter(live, learner)
    machine.run(50)
    begun = roll_queries.newest(live.id)
    assert begun is not None
    assert roll_queries.tallies([begun.id])[begun.id].called == 1


def test_while_web_is_away_no_studio_is_taken_for_gone(machine: Machine, live: LiveSession, teacher: User) -> None:
    enter(live, teacher, part="teacher")
    host = StageMember(live_id=live.id, key=f"u{teacher.id}", name="", page="studio", host=True, muted=False, number=1)
    with unit_of_work():
        db.session.add(host)
    machine.only_jobs(60)
    machine.run(28)
    assert stage.hosts(), "who talks in it goes on talking, and its page has half a minute to come back"
    machine.run(8)
    assert not stage.hosts()
