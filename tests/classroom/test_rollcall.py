"""Roll-calls: who is called, who has confirmed, until when, and what is kept of it."""

from __future__ import annotations

import csv
import io
import socket
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy.exc
from flask import Flask
from sqlalchemy import select, update
from time_machine import Traveller

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.classroom.engine import frames
from app.classroom.engine.hub import Hub
from app.classroom.engine.seats import Side
from app.classroom.engine.wire import Outlet
from app.classroom.rollcall import errors, planning, queries, services, views
from app.classroom.rollcall.counts import teller as new_teller
from app.classroom.rollcall.models import Called, Confirmation, Outcome, RollCall
from app.extensions import db
from app.kernel import clock
from app.kernel.bus import Bus
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives_services
from app.live.models import LiveSession, Part, Presenter
from app.timeline import queries as timeline
from tests.conftest import SignIn
from tests.factories import accounts
from tests.factories import live as lives
from tests.factories.rooms import call_of, enter, frames_of, leave, seat


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    """A confirmation notes where its request came from."""
    browser = {"User-Agent": "Firefox/140"}
    with app.test_request_context(headers=browser, environ_base={"REMOTE_ADDR": "192.0.2.9"}):
        yield


@pytest.fixture
def live(watch: Traveller, teacher: User) -> LiveSession:
    """A lesson on air, for an hour."""
    return lives.on_air(teacher)


def roll_of(live: LiveSession) -> RollCall:
    roll = queries.newest(live.id)
    assert roll is not None
    db.session.refresh(roll)
    return roll


def tally_of(roll: RollCall) -> tuple[int, int, int, int]:
    tally = queries.tallies([roll.id])[roll.id]
    return tally.called, tally.present, tally.missing, tally.late


def start(live: LiveSession, length_s: int = 60) -> RollCall:
    return services.start(call_of(live.owner, live), length_s)


class TestCalling:
    def test_those_who_learn_with_an_account_and_are_here_are_called(self, live: LiveSession, learner: User) -> None:
        gone, assistant = accounts.user(real_name="早退"), accounts.user(real_name="王助教")
        enter(live, learner, gone, None)
        enter(live, assistant, part="assistant")
        enter(live, live.owner, part="teacher")
        leave(live, gone)
        roll = start(live)
        (called,) = queries.called_in([roll.id])
        assert (called.name, called.unit, called.at_ms) == ("张三", "科学院", roll.began_ms)

    def test_one_who_became_an_assistant_meanwhile_is_not(self, live: LiveSession, learner: User) -> None:
        enter(live, learner, live.owner)  # as if noted before they had their parts
        assert len(queries.called_in([start(live).id])) == 1

    @pytest.mark.parametrize(("wished", "length_s"), [(30, 30), (60, 60), (120, 120), (300, 300), (1, 30), (9999, 300)])
    def test_it_takes_as_long_as_one_may_choose(self, live: LiveSession, wished: int, length_s: int) -> None:
        roll = start(live, wished)
        assert roll.deadline_ms == clock.now_ms() + length_s * 1000

    def test_one_at_a_time(self, live: LiveSession) -> None:
        start(live)
        with pytest.raises(errors.AlreadyRunning):
            start(live)

    def test_only_while_somebody_teaches(self, live: LiveSession, teacher: User) -> None:
        lives_services.pause(live, by=teacher)
        with pytest.raises(errors.NotOnAir):
            start(live)
        assert queries.newest(live.id) is None


class TestConfirming:
    def test_one_tap_confirms_and_a_second_changes_nothing(
        self, live: LiveSession, learner: User, watch: Traveller
    ) -> None:
        enter(live, learner)
        roll = start(live)
        watch.shift(3.25)
        services.confirm(call_of(learner, live), roll.id)
        confirmed_ms = clock.now_ms()
        watch.shift(5)
        services.confirm(call_of(learner, live), roll.id)
        (one,) = queries.confirmed_in([roll.id])
        assert (one.at_ms, one.name, one.address, one.browser) == (confirmed_ms, "张三", "192.0.2.9", "Firefox/140")
        assert tally_of(roll) == (1, 1, 0, 0)

    def test_until_the_deadline_and_not_a_moment_longer(
        self, live: LiveSession, learner: User, watch: Traveller
    ) -> None:
        other = accounts.user(real_name="晚一步")
        enter(live, learner, other)
        roll = start(live, 30)
        watch.shift(30)
        services.confirm(call_of(learner, live), roll.id)
        watch.shift(0.001)
        with pytest.raises(errors.TooLate):
            services.confirm(call_of(other, live), roll.id)
        services.confirm(call_of(learner, live), roll.id)
        assert tally_of(roll) == (2, 1, 1, 0)

    def test_who_comes_in_later_may_confirm_and_is_marked(self, live: LiveSession, learner: User) -> None:
        roll = start(live)
        enter(live, learner)
        services.confirm(call_of(learner, live), roll.id)
        assert tally_of(roll) == (0, 0, 0, 1)
        (one,) = views.record_view(live).rows
        assert one.marks[0] is not None
        assert one.marks[0].state == views.LATE

    def test_a_guest_may_and_counts_for_nothing(self, live: LiveSession) -> None:
        enter(live, None)
        roll = start(live)
        services.confirm(call_of(None, live), roll.id)
        assert tally_of(roll) == (0, 0, 0, 0)
        assert queries.tallies([roll.id])[roll.id].guests == 1
        assert views.record_view(live).rows == []

    def test_who_teaches_is_not_called(self, live: LiveSession) -> None:
        roll = start(live)
        with pytest.raises(errors.NotCalled):
            services.confirm(call_of(live.owner, live), roll.id)

    def test_a_roll_call_of_another_lesson_is_none(self, live: LiveSession, learner: User, teacher: User) -> None:
        other = lives.on_air(teacher, "另一课")
        with pytest.raises(errors.TooLate):
            services.confirm(call_of(learner, other), start(live).id)


class TestClosing:
    def test_by_its_time(self, live: LiveSession, learner: User, watch: Traveller) -> None:
        enter(live, learner)
        roll = start(live)
        watch.shift(60)
        services.keep_time()
        assert roll_of(live).is_running
        watch.shift(0.5)
        services.keep_time()
        assert (roll_of(live).outcome, tally_of(roll)) == (Outcome.TIME, (1, 0, 1, 0))

    def test_early_and_once(self, live: LiveSession, learner: User) -> None:
        roll = start(live)
        call = call_of(live.owner, live)
        services.end(call, roll.id)
        services.end(call, roll.id)
        assert roll_of(live).outcome is Outcome.EARLY
        assert sum(event.kind == "rollcall.closed" for event in timeline.after(live.id, 0)) == 1
        with pytest.raises(errors.TooLate):
            services.confirm(call_of(learner, live), roll.id)
        with pytest.raises(errors.NotRunning):
            services.cancel(call, roll.id)

    def test_a_cancelled_one_counts_for_nothing(self, live: LiveSession, learner: User) -> None:
        enter(live, learner)
        roll = start(live)
        services.cancel(call_of(live.owner, live), roll.id)
        record = views.record_view(live)
        assert (record.rows, record.rolls[0].counts) == ([], False)
        assert views.desk_view(live.id).missing == []

    @pytest.mark.parametrize("what", ["pause", "leave", "end"])
    def test_with_the_lesson(self, live: LiveSession, teacher: User, what: str) -> None:
        start(live)
        getattr(lives_services, what)(live, by=teacher)
        assert roll_of(live).outcome is Outcome.CUT

    def test_not_when_the_encoder_is_lost_for_a_moment(self, live: LiveSession) -> None:
        start(live)
        lives_services.lose_encoder(live.stream_id)
        services.keep_time()
        assert roll_of(live).is_running

    def test_by_the_clockwork_when_nobody_said_that_the_lesson_stopped(self, live: LiveSession) -> None:
        start(live)
        with unit_of_work():
            db.session.execute(update(LiveSession).values(state="paused"))
        services.keep_time()
        assert roll_of(live).outcome is Outcome.CUT

    def test_nothing_is_changed_afterwards(self, live: LiveSession, learner: User) -> None:
        enter(live, learner)
        roll = start(live)
        services.confirm(call_of(learner, live), roll.id)
        services.end(call_of(live.owner, live), roll.id)
        for change in (
            update(RollCall).values(outcome=Outcome.TIME),
            update(Called).values(name="李四"),
            update(Confirmation).values(at_ms=1),
        ):
            with pytest.raises(sqlalchemy.exc.DBAPIError, match="evidence"):
                db.session.execute(change)
            db.session.rollback()


class TestPlanning:
    def plan(self, live: LiveSession, count: int = 2, length_s: int = 60) -> list[int]:
        services.plan(call_of(live.owner, live), count, length_s)
        return [roll.due_ms or 0 for roll in queries.planned(live.id)]

    def test_they_come_at_their_moments(self, live: LiveSession, learner: User, watch: Traveller) -> None:
        enter(live, learner)
        moments = self.plan(live)
        for number, moment in enumerate(moments, 1):
            watch.move_to(clock.to_datetime(moment - 1))
            services.keep_time()
            assert len(queries.held(live.id)) == number - 1
            watch.move_to(clock.to_datetime(moment + 500))
            enter(live, learner)
            services.keep_time()
            assert tally_of(roll_of(live)) == (1, 0, 1, 0)
            watch.shift(61)
            services.keep_time()
            assert roll_of(live).outcome is Outcome.TIME

    @pytest.mark.parametrize("what", ["pause", "leave", "lose"])
    def test_one_that_is_due_waits_for_the_lesson(
        self, live: LiveSession, teacher: User, watch: Traveller, what: str
    ) -> None:
        (moment,) = self.plan(live, 1)
        watch.move_to(clock.to_datetime(moment - 1000))
        if what == "lose":
            lives_services.lose_encoder(live.stream_id)
        else:
            getattr(lives_services, what)(live, by=teacher)
        watch.shift(120)
        services.keep_time()
        assert queries.newest(live.id) is None
        {"pause": lives_services.resume, "leave": lives_services.come_back}.get(what, lambda *_, **__: None)(
            live, by=teacher
        )
        lives_services.find_encoder(live.stream_id)
        services.keep_time()
        assert roll_of(live).is_running

    def test_two_that_waited_do_not_come_at_once(self, live: LiveSession, teacher: User, watch: Traveller) -> None:
        moments = self.plan(live)
        lives_services.pause(live, by=teacher)
        watch.move_to(clock.to_datetime(moments[-1] + 1000))
        lives_services.resume(live, by=teacher)
        services.keep_time()
        first = roll_of(live)
        for _ in range(119):
            watch.shift(1)
            services.keep_time()
        assert len(queries.held(live.id)) == 1
        for _ in range(3):
            watch.shift(1)
            services.keep_time()
        assert len(queries.held(live.id)) == 2
        assert (roll_of(live).began_ms or 0) - (first.began_ms or 0) >= planning.APART_MS

    def test_a_new_plan_takes_the_place_of_the_old_one(self, live: LiveSession) -> None:
        self.plan(live, 5)
        assert len(self.plan(live, 3)) == 3
        services.drop_plan(call_of(live.owner, live))
        assert queries.planned(live.id) == []
        assert queries.not_held(live.id) == 8

    def test_there_must_be_room(self, live: LiveSession, watch: Traveller) -> None:
        watch.shift(55 * 60)
        with pytest.raises(errors.NoRoom) as refused:
            self.plan(live, 3)
        assert "2" in str(refused.value.message)
        assert queries.planned(live.id) == []

    def test_what_the_lesson_did_not_come_to_was_not_held(self, live: LiveSession, teacher: User) -> None:
        self.plan(live, 3)
        lives_services.end(live, by=teacher)
        assert (queries.planned(live.id), queries.not_held(live.id)) == ([], 3)
        with pytest.raises(errors.NotOnAir):
            self.plan(live)

    def test_no_page_is_told_when(self, live: LiveSession, learner: User, sign_in: SignIn, watch: Traveller) -> None:
        moments = self.plan(live, 4)
        sent = [str(frames_of(live, side, locale)) for side in Side for locale in ("zh_CN", "en")]
        pages = [sign_in(learner).get(f"/live/{live.id}/{what}").text for what in ("watch", "events")]
        desk = [sign_in(live.owner).get(f"/live/{live.id}/{what}").text for what in ("studio", "rollcalls", "watch")]
        for text in (*sent, *pages, *desk):
            for moment in moments:
                assert str(moment) not in text
                assert str(moment // 1000) not in text
        kinds = {frame["kind"] for frame in frames_of(live)}
        assert "rollcall.planned" not in kinds, "not even that there are any"
        assert "4 次" in desk[0] or "4 random" in desk[0]


class TestWhatPagesSee:
    def test_a_learner_sees_the_button_and_the_time_left(
        self, live: LiveSession, learner: User, sign_in: SignIn, watch: Traveller
    ) -> None:
        browser = sign_in(learner)
        assert 'data-command="rollcall.confirm"' not in browser.get(f"/live/{live.id}/watch").text
        enter(live, learner)
        roll = start(live)
        watch.shift(15)
        page = browser.get(f"/live/{live.id}/watch").text
        assert 'data-command="rollcall.confirm"' in page
        assert f'data-until="{clock.now_ms() + 45_000}"' in page
        assert "data-confirmed" not in page
        services.confirm(call_of(learner, live), roll.id)
        assert "data-confirmed" in browser.get(f"/live/{live.id}/watch").text

    @pytest.mark.parametrize("locale", ["zh_CN", "en"])
    def test_events_bring_each_side_its_own(self, live: LiveSession, learner: User, locale: str) -> None:
        enter(live, learner)
        roll = start(live)
        (began,) = (frame for frame in frames_of(live, locale=locale) if frame["kind"] == "rollcall.began")
        assert began["data"] == {"roll": roll.id, "until": roll.deadline_ms, "length_s": 60}
        assert "rollcall.confirm" in began["html"]["rollcall"]
        (desk,) = (frame for frame in frames_of(live, Side.DESK, locale) if frame["kind"] == "rollcall.began")
        assert "rollcall.end" in desk["html"]["rollcall"]
        assert "rollcall.confirm" not in desk["html"]["rollcall"]
        services.end(call_of(live.owner, live), roll.id)
        (closed,) = (frame for frame in frames_of(live, locale=locale) if frame["kind"] == "rollcall.closed")
        assert closed["data"]["outcome"] == "early"
        assert "rollcall.confirm" not in closed["html"]["rollcall"]
        assert "张三" not in closed["html"]["rollcall"], "who is missing is for the desk"
        (closed,) = (frame for frame in frames_of(live, Side.DESK, locale) if frame["kind"] == "rollcall.closed")
        assert "张三" in closed["html"]["rollcall"]

    def test_a_page_that_missed_it_is_shown_how_things_are_now(self, live: LiveSession) -> None:
        roll = start(live)
        services.end(call_of(live.owner, live), roll.id)
        for frame in frames_of(live):
            assert "rollcall.confirm" not in frame["html"].get("rollcall", "")

    @pytest.mark.parametrize("outcome", ["running", "early", "cancelled", "cut", "late"])
    def test_the_desk_has_a_panel_in_every_state(
        self, live: LiveSession, learner: User, sign_in: SignIn, outcome: str
    ) -> None:
        enter(live, learner)
        roll = start(live)
        match outcome:
            case "early":
                services.end(call_of(live.owner, live), roll.id)
            case "cancelled":
                services.cancel(call_of(live.owner, live), roll.id)
            case "cut":
                lives_services.pause(live, by=live.owner)
            case "late":
                services.confirm(call_of(accounts.user(), live), roll.id)
                services.end(call_of(live.owner, live), roll.id)
        page = sign_in(live.owner).get(f"/live/{live.id}/studio")
        assert page.status_code == 200
        assert 'id="rollcall-desk"' in page.text


def test_the_desk_and_nobody_else_is_told_how_many_have_confirmed(live: LiveSession, learner: User) -> None:
    enter(live, learner)
    roll, teller = start(live), new_teller()
    hub = Hub(Bus(), "timeline", read=lambda _known: {}, head=lambda _live_id: 0)
    (desk, at_desk), (page, at_page) = socket.socketpair(), socket.socketpair()
    with (
        hub.join(seat(live.owner, live, part="teacher"), Outlet(desk)) as one,
        hub.join(seat(learner, live), Outlet(page)) as two,
    ):
        one.go_live()
        two.go_live()
        teller.tell(hub)
        services.confirm(call_of(learner, live), roll.id)
        teller.tell(hub)
        teller.tell(hub)
    desk.close()
    page.close()
    told = at_desk.makefile("rb").read()
    assert told == b"".join(
        frames.told("rollcall.count", {"roll": roll.id, "called": 1, "present": present, "late": 0})
        for present in (0, 1)
    )
    assert at_page.makefile("rb").read() == b""
    at_desk.close()
    at_page.close()


def ask(sign_in: SignIn, user: User | None, live: LiveSession, name: str, **fields: object) -> tuple[str, str]:
    """Send a command frame as a page without a websocket does, and give how it was answered."""
    frame = {"type": "command", "n": 1, "name": name, "fields": fields}
    answer = sign_in(user).post(f"/live/{live.id}/commands", json=frame).get_json(silent=True) or {}
    return answer.get("type", ""), answer.get("code", "")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("rollcall.start", {"length_s": 30}),
        ("rollcall.plan", {"count": 1}),
        ("rollcall.drop", {}),
        ("rollcall.end", {"roll": 1}),
        ("rollcall.cancel", {"roll": 1}),
        ("notice.give", {"text": "x"}),
        ("notice.withdraw", {"notice": 1}),
    ],
)
def test_only_presenters_call(
    sign_in: SignIn, live: LiveSession, learner: User, name: str, fields: dict[str, object]
) -> None:
    assert ask(sign_in, learner, live, name, **fields) == ("refused", "forbidden")
    assistant = accounts.user()
    with unit_of_work():
        live.presenters.append(Presenter(user=assistant, part=Part.ASSISTANT))
    assert ask(sign_in, assistant, live, name, **fields) == ("refused", "forbidden")
    assert ask(sign_in, None, live, name, **fields)[0] != "done"
    assert queries.newest(live.id) is None


def test_a_learner_confirms_by_her_page(sign_in: SignIn, live: LiveSession, learner: User) -> None:
    enter(live, learner)
    assert ask(sign_in, live.owner, live, "rollcall.start", length_s="60") == ("done", "")
    roll = roll_of(live)
    assert ask(sign_in, learner, live, "rollcall.confirm", roll=roll.id, nonce="x") == ("done", "")
    assert tally_of(roll) == (1, 1, 0, 0)
    assert ask(sign_in, live.owner, live, "rollcall.confirm", roll=roll.id) == ("refused", "rollcall.not_called")


class TestTheRecord:
    @pytest.fixture
    def held(self, live: LiveSession, learner: User, watch: Traveller) -> LiveSession:
        """张三 has confirmed the first and missed the second, another came in during the first; one is cancelled."""
        late = accounts.user(real_name="=1+1")
        with unit_of_work():
            learner.staff_number = "007"
        call = call_of(live.owner, live)
        enter(live, learner)
        roll = start(live)
        services.confirm(call_of(learner, live), roll.id)
        enter(live, late)
        services.confirm(call_of(late, live), roll.id)
        services.end(call, roll.id)
        watch.shift(10)
        services.end(call, start(live, 30).id)
        watch.shift(10)
        services.cancel(call, start(live).id)
        return live

    def test_it_shows_everybody_in_all_of_them(self, held: LiveSession, sign_in: SignIn) -> None:
        record = views.record_view(held)
        states = {row.name: [mark.state if mark else "" for mark in row.marks] for row in record.rows}
        assert states == {"张三": ["present", "missing", ""], "=1+1": ["late", "missing", ""]}
        browser = sign_in(held.owner)
        page = browser.get(f"/live/{held.id}/rollcalls").text
        assert "张三" in page
        assert "007" in page
        assert "张三" in browser.get(f"/live/{held.id}/rollcalls?missing=1").text

    def test_it_can_be_taken_home_and_that_is_noted(self, held: LiveSession, sign_in: SignIn) -> None:
        browser = sign_in(held.owner)
        reply = browser.post(f"/live/{held.id}/rollcalls/export")
        assert reply.data.startswith(b"\xef\xbb\xbf")
        lines = list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))
        assert [len(line) for line in lines] == [12] * 6
        assert [line[5] for line in lines[1:]] == ["'=1+1", "张三", "'=1+1", "张三", ""]
        assert [line[6] for line in lines[1:]] == ["", "007", "", "007", ""]
        assert lines[2][9] == "2026-11-24 18:00:00.000"
        assert lines[2][10:] == ["192.0.2.9", "Firefox/140"]
        (noted,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.ROLLCALLS_EXPORTED))
        assert (noted.object, noted.by_id) == (held.subject, held.owner_id)

    def test_it_is_empty_before_the_first(self, live: LiveSession, sign_in: SignIn) -> None:
        assert sign_in(live.owner).get(f"/live/{live.id}/rollcalls").status_code == 200

    def test_learners_do_not_see_it(self, held: LiveSession, learner: User, sign_in: SignIn) -> None:
        browser = sign_in(learner)
        assert browser.get(f"/live/{held.id}/rollcalls").status_code == 403
        assert browser.post(f"/live/{held.id}/rollcalls/export").status_code == 403


def test_many_confirm_at_once_and_each_counts_once(app: Flask, teacher: User) -> None:
    live = lives.on_air(teacher)
    people = [accounts.user() for _ in range(24)]
    enter(live, *people)
    roll_id = start(live).id
    events = timeline.last_id(live.id)
    live_id, ids = live.id, [one.id for one in people]
    db.session.commit()
    wrong: list[Exception] = []

    def confirm(some: list[int]) -> None:
        with app.test_request_context():
            try:
                for user_id in some:
                    user, lesson = db.session.get_one(User, user_id), db.session.get_one(LiveSession, live_id)
                    for _ in range(2):
                        services.confirm(call_of(user, lesson), roll_id)
            except Exception as error:  # noqa: BLE001 - told by the assertion below
                wrong.append(error)
            finally:
                db.session.remove()

    # everybody is at it twice, in two threads
    threads = [threading.Thread(target=confirm, args=[ids[part % 4 :: 4]]) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    db.session.expire_all()
    assert tally_of(db.session.get_one(RollCall, roll_id)) == (24, 24, 0, 0)
    assert timeline.last_id(live_id) == events, "no event for each"
