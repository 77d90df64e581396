"""Random histories of a person with several pages: what is stored is what she watched, and never more than there was.

The model plays media in steps of half a second and marks each of them; it knows nothing of stretches, spending or
reports. Between the pages and the service lies a network that loses, repeats, delays and swaps reports.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.accounts.models import User
from app.classroom.engine.seats import Person, Seat, Side
from app.credits.counting import programme as programmes
from app.credits.counting import queries, services
from app.credits.counting.collecting import Report
from app.credits.counting.judging import Fact, Piece
from app.extensions import db
from app.live.models import LiveSession
from tests.factories import accounts, media
from tests.factories import live as lives

BASE_MS = 1_700_000_000_000
STEP_MS = 500
REPORT_MS, IDLE_MS = 10_000, 30_000
PROTECTED_MS = 60_000
"""A line that is lost for so long costs nobody anything."""
LAPSE_MS = 75_000
FIRST_MS = 5_000
MOST_SPEED = 2


@dataclass
class Heard:
    """Media that a page has played and not been told to be stored."""

    from_ms: int
    to_ms: int
    speed: float
    played_ms: int
    """When, on the server's clock."""


@dataclass
class Tab:
    """An open page."""

    lesson: int
    at_ms: int
    """Place in the media."""
    signed_in: bool
    speed: float = 1.0
    plays: bool = True
    line: bool = True
    lost_ms: int = 0
    due_ms: int = 0
    waits: list[Heard] = field(default_factory=list)


@dataclass
class Lesson:
    live: LiveSession
    air_since_ms: int | None
    media: set[int] = field(default_factory=set)
    """Numbers of the steps that had media and were on air: the true programme."""
    watched: set[int] = field(default_factory=set)
    encoder: bool = True
    came: bool = False


class World(RuleBasedStateMachine):
    """One person, two lessons, and a service that is restarted now and then."""

    people: Iterator[int] = count(1)
    teacher: User

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now_ms = BASE_MS
        self.user = accounts.user(f"watcher{next(self.people)}", "张三")
        self.person = Person(f"u{self.user.id}", "张三", self.user.id)
        self.lessons = [self._lesson(), self._lesson()]
        self.tabs: list[Tab] = []
        self.in_flight: list[tuple[Tab, list[Heard]]] = []
        self.heard_ms: int | None = None
        self.lost_steps = 0.0
        """Steps that may be missing: two pages played new media at once, or a report came later than is protected."""
        self._pass(20)
        self.open_tab(0, True)

    def _lesson(self) -> Lesson:
        live = lives.on_air(self.teacher)
        live.stream.air = [[BASE_MS, None]]
        db.session.commit()
        return Lesson(live, BASE_MS)

    # what happens

    @rule(lesson=st.sampled_from([0, 0, 0, 1]), signed_in=st.booleans())
    def open_tab(self, lesson: int, signed_in: bool) -> None:
        if len(self.tabs) < 3:
            tab = Tab(lesson, self._newest(lesson), signed_in)
            self.tabs.append(tab)
            self._report(tab)

    @rule(tab=st.integers(0, 2))
    def sign_in(self, tab: int) -> None:
        for one in self.tabs[tab : tab + 1]:
            if not one.signed_in:
                one.signed_in = True
                self._report(one)

    @rule(seconds=st.integers(1, 45))
    def play_on(self, seconds: int) -> None:
        self._pass(seconds)

    @rule(tab=st.integers(0, 2), back_s=st.integers(-30, 90))
    def jump(self, tab: int, back_s: int) -> None:
        for one in self.tabs[tab : tab + 1]:
            one.at_ms = max(BASE_MS, min(self._newest(one.lesson), one.at_ms - back_s * 1000))
            self._soon(one)

    @rule(tab=st.integers(0, 2), speed=st.sampled_from([0.5, 1.0, 1.5, 2.0]))
    def change_speed(self, tab: int, speed: float) -> None:
        for one in self.tabs[tab : tab + 1]:
            one.speed = speed
            self._soon(one)

    @rule(tab=st.integers(0, 2))
    def pause_or_play(self, tab: int) -> None:
        for one in self.tabs[tab : tab + 1]:
            one.plays = not one.plays
            self._soon(one)

    @rule(tab=st.integers(0, 2))
    def lose_or_find_the_line(self, tab: int) -> None:
        for one in self.tabs[tab : tab + 1]:
            one.line, one.lost_ms = not one.line, self.now_ms
            self._soon(one)

    @rule(tab=st.integers(0, 2), seconds=st.integers(30, 55))
    def lose_the_line_for_a_while(self, tab: int, seconds: int) -> None:
        """All that she plays meanwhile is protected."""
        for one in self.tabs[tab : tab + 1]:
            one.line, one.lost_ms, one.plays = False, self.now_ms, True
            self._pass(seconds)
            one.line = True
            self._report(one)

    @precondition(lambda self: len(self.tabs) > 1)
    @rule()
    def close_tab(self) -> None:
        tab = self.tabs.pop()
        if tab.line:
            self._report(tab)
        self._lose(tab.waits)

    @rule(lesson=st.integers(0, 1))
    def pause_or_resume_the_lesson(self, lesson: int) -> None:
        one = self.lessons[lesson]
        stream = one.live.stream
        if one.air_since_ms is None:
            stream.air = [*stream.air, [self.now_ms, None]]
            one.air_since_ms = self.now_ms
        else:
            stream.air = [*stream.air[:-1], [stream.air[-1][0], self.now_ms]]
            one.air_since_ms = None
        db.session.commit()

    @rule(lesson=st.integers(0, 1))
    def lose_or_find_the_encoder(self, lesson: int) -> None:
        self.lessons[lesson].encoder = not self.lessons[lesson].encoder

    @rule()
    def restart_web(self) -> None:
        """What was on its way is lost, and nothing is remembered."""
        self.in_flight.clear()
        programmes.register(self.app)

    # the network

    def _soon(self, tab: Tab) -> None:
        tab.due_ms = min(tab.due_ms, self.now_ms)

    def _report(self, tab: Tab) -> None:
        tab.due_ms = self.now_ms + (REPORT_MS if tab.plays else IDLE_MS)
        if not tab.signed_in or not tab.line:
            return
        said = list(tab.waits)
        match self.chance.choice(["fine", "fine", "fine", "fine", "lost", "unanswered", "late", "twice"]):
            case "lost":
                tab.due_ms = self.now_ms + 3000
            case "unanswered":
                self._deliver(tab, said)
                tab.due_ms = self.now_ms + 3000
            case "late":
                self.in_flight.append((tab, said))
            case how:
                self._deliver(tab, said)
                if how == "twice":
                    self._deliver(tab, said)
                self._settle(tab, said)

    def _settle(self, tab: Tab, said: list[Heard]) -> None:
        tab.waits = [one for one in tab.waits if one not in said]

    def _deliver(self, tab: Tab, said: list[Heard]) -> None:
        lesson = self.lessons[tab.lesson]
        is_gone = self.heard_ms is None or not lesson.came or self.now_ms - self.heard_ms > LAPSE_MS
        protected_ms = FIRST_MS if is_gone else PROTECTED_MS
        self._lose([one for one in said if self.now_ms - one.played_ms > protected_ms])
        self.heard_ms, lesson.came = self.now_ms, True
        pieces = [Piece(one.from_ms, one.to_ms, one.speed, Fact(0)) for one in self._joined(said)]
        seat = Seat(lesson.live.id, self.person, Side.LEARNER, "learner", False, "zh_CN", "")
        services.write([Report(seat, self.user.id, pieces, self.now_ms)])

    @staticmethod
    def _joined(said: list[Heard]) -> list[Heard]:
        joined: list[Heard] = []
        for one in said:
            if joined and joined[-1].to_ms == one.from_ms and joined[-1].speed == one.speed:
                joined[-1] = Heard(joined[-1].from_ms, one.to_ms, one.speed, one.played_ms)
            else:
                joined.append(one)
        return joined

    def _lose(self, said: list[Heard]) -> None:
        """Count what came later than is protected, with all that it may cost.

        When it comes again, it can use up the time of newer media. Those may have played faster.
        """
        steps = ((one.to_ms - one.from_ms) / STEP_MS * max(1, MOST_SPEED / one.speed) for one in said)
        self.lost_steps += sum(steps)

    # time

    def _pass(self, seconds: int) -> None:
        for _ in range(seconds):
            for lesson in self.lessons:
                if lesson.encoder:
                    media.pieces(lesson.live.stream, self.now_ms / 1000, self.now_ms / 1000 + 1)
                    if lesson.air_since_ms is not None:
                        lesson.media |= {self._step(self.now_ms), self._step(self.now_ms + STEP_MS)}
            self.now_ms += 1000
            for flight in list(self.in_flight):
                if self.chance.random() < 0.15:
                    self.in_flight.remove(flight)
                    self._deliver(*flight)
                    self._settle(*flight)
            new = [self._play(tab) for tab in self.tabs]
            self.lost_steps += (sum(new) - max(new, default=0)) * MOST_SPEED
            for tab in self.tabs:
                if self.now_ms >= tab.due_ms:
                    self._report(tab)

    def _play(self, tab: Tab) -> float:
        """Play a second, over gaps without any; says how many new steps the person has watched."""
        is_dry = not tab.line and self.now_ms - tab.lost_ms > PROTECTED_MS
        if not tab.plays or is_dry:
            return 0
        lesson, new = self.lessons[tab.lesson], 0.0
        left_ms = round(1000 * tab.speed)
        while left_ms > 0:
            step = self._next(lesson, self._step(tab.at_ms))
            if step is None:
                break
            tab.at_ms = max(tab.at_ms, BASE_MS + step * STEP_MS)
            played_ms = min(left_ms, BASE_MS + (step + 1) * STEP_MS - tab.at_ms)
            if tab.signed_in:
                tab.waits.append(Heard(tab.at_ms, tab.at_ms + played_ms, tab.speed, self.now_ms))
                if step not in lesson.watched and played_ms == STEP_MS:
                    lesson.watched.add(step)
                    new += 1
            tab.at_ms, left_ms = tab.at_ms + played_ms, left_ms - played_ms
        return new

    def _next(self, lesson: Lesson, step: int) -> int | None:
        """Find the first step with media from one on."""
        return next((one for one in range(step, self._step(self.now_ms) + 1) if one in lesson.media), None)

    @staticmethod
    def _step(at_ms: int) -> int:
        return (at_ms - BASE_MS) // STEP_MS

    def _newest(self, lesson: int) -> int:
        steps = self.lessons[lesson].media
        return BASE_MS + (max(steps) + 1) * STEP_MS if steps else BASE_MS

    # what must be true

    @invariant()
    def time_goes_on(self) -> None:
        """Every deed takes a while; it is an invariant so that no rule forgets it."""
        if hasattr(self, "chance"):
            self._pass(self.chance.randint(1, 20))

    @invariant()
    def nothing_is_stored_that_was_not_watched(self) -> None:
        for lesson in getattr(self, "lessons", ()):
            stored = self._stored(lesson)
            assert stored <= len(lesson.watched) * STEP_MS / 1000 + 1
            assert stored <= len(lesson.media) * STEP_MS / 1000
            assert stored == pytest.approx(self._length(queries.watched(lesson.live.id).get(self.user.id, [])))

    def _stored(self, lesson: Lesson) -> float:
        db.session.commit()
        return queries.watched_s(lesson.live.id, self.user.id)

    @staticmethod
    def _length(stretches: list[tuple[int, int]]) -> float:
        assert all(one[1] < two[0] for one, two in pairwise(stretches))
        return sum(end - start for start, end in stretches) / 1000

    def teardown(self) -> None:
        if not hasattr(self, "tabs"):
            return
        for tab in self.tabs:
            tab.plays, tab.line = False, True
            self._deliver(tab, tab.waits)
        watched = sum(len(lesson.watched) for lesson in self.lessons) * STEP_MS / 1000
        stored = sum(self._stored(lesson) for lesson in self.lessons)
        assert watched - self.lost_steps * STEP_MS / 1000 - 1 <= stored <= watched + 1


@pytest.mark.timeout(900)  # half a minute of computing, on PostgreSQL beside other tests some minutes
def test_what_is_stored_is_what_was_watched(app: Flask, teacher: User) -> None:
    World.app, World.teacher = app, teacher  # type: ignore[attr-defined]
    run_state_machine_as_test(
        World,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
