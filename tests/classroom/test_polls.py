"""Polls: who may ask and answer, what each side sees when, and numbers that are exact."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.accounts.models import SignIn as SignInRow
from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.classroom.engine import door, frames, sockets
from app.classroom.engine.seats import Person, Seat, Side
from app.classroom.engine.wire import payload_of
from app.classroom.polls import ballots, drafts, errors, queries, services, views
from app.classroom.polls.ballots import Ballot
from app.classroom.polls.counts import teller as new_teller
from app.classroom.polls.models import Kind, Poll, PollState, Vote, mask_of, numbers_of
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import AppError, NotFound, SignInFirst
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import unit_of_work
from app.kernel.web import written_in
from app.live import services as live_services
from app.live.models import Audience, Learner, LiveSession
from app.live.policies import May
from app.timeline import queries as timeline
from tests.conftest import SignIn
from tests.factories import accounts, polls, roles, units
from tests.factories import live as lives

XSS = "<img src=x onerror=alert(1)>\"'`"
SECRET = "秘密的答案"


@pytest.fixture
def lesson(teacher: User) -> LiveSession:
    """A lesson in which guests take part, too."""
    return lives.lesson(teacher, audience=Audience.EVERYONE)


def seat_of(
    live_id: str, user: User | None, side: Side = Side.LEARNER, *, guest: str = "g1", name: str = "王五"
) -> Seat:
    """Return a seat as the door would: of a person who is signed in, or of a guest."""
    if user is None:
        return Seat(live_id, Person(guest, name, None), side, "guest", False, "zh_CN", "")
    wanted = select(SignInRow.key).where(SignInRow.user_id == user.id).limit(1)
    key = db.session.scalars(wanted).one()
    return Seat(live_id, Person(f"u{user.id}", user.real_name, user.id), side, "learner", False, "zh_CN", key)


def answer(live: LiveSession, poll: Poll, *chosen: int, text: str = "", key: str = "g1") -> None:
    services.answer(seat_of(live.id, None, guest=key), poll.id, chosen=chosen, text=text)


def sent(live: LiveSession, side: Side, *, locale: str = "zh_CN") -> list[dict[str, Any]]:
    """Return all events of a lesson as one side gets them after a reconnect."""
    backlog = frames.backlog(live.id, 0, (locale, side))
    wires = [frame.wires.get((locale, side), b"") for frame in backlog]
    return [json.loads(payload_of(wire)) for wire in wires if wire]


def state(poll: Poll) -> PollState:
    db.session.refresh(poll)
    return poll.state


class TestDrafts:
    @pytest.mark.parametrize(
        ("given", "error"),
        [
            ({"kind": "essay"}, errors.NoSuchAnswer),
            ({"question": " \u200b "}, errors.NoQuestion),
            ({"question": "x" * 301}, errors.QuestionTooLong),
            ({"options": ["a"]}, errors.OptionCount),
            ({"options": ["a", " a "]}, errors.OptionCount),
            ({"options": [str(n) for n in range(11)]}, errors.OptionCount),
            ({"options": ["a", "x" * 101]}, errors.OptionTooLong),
            ({"right": [1, 2]}, errors.OneRight),
            ({"options": ["a", "", "b"], "right": [2]}, errors.RightIsEmpty),
            ({"right": [0]}, errors.RightIsEmpty),
            ({"right": [99]}, errors.RightIsEmpty),
            ({"countdown_s": 4}, errors.Countdown),
            ({"countdown_s": -30}, errors.Countdown),
            ({"countdown_s": 3601}, errors.Countdown),
        ],
    )
    def test_what_cannot_be_asked(self, given: dict[str, Any], error: type[AppError]) -> None:
        with pytest.raises(error):
            drafts.judged(**{"kind": "single", "question": "?", "options": ["a", "b"], **given})

    def test_empty_lines_are_left_out_and_the_right_ones_stay_the_right_ones(self) -> None:
        draft = drafts.judged("multiple", " 哪\n些？ ", ["", "甲", "", "乙", "丙"], [2, 5], 30)
        assert draft == drafts.Draft(Kind.MULTIPLE, "哪 些？", ("甲", "乙", "丙"), mask_of([1, 3]), 30)

    def test_a_text_has_neither_options_nor_right_answers(self) -> None:
        assert drafts.judged("text", "?", ["a", "b"], [1]) == drafts.Draft(Kind.TEXT, "?")

    @pytest.mark.parametrize("numbers", [[], [1], [2, 4], [1, 10], list(range(1, 11))])
    def test_masks_can_be_read_again(self, numbers: list[int]) -> None:
        assert numbers_of(mask_of(numbers)) == numbers


class TestStates:
    def test_a_poll_goes_its_way_and_the_timeline_says_so(self, lesson: LiveSession) -> None:
        poll = polls.prepared(lesson)
        for step, wanted in (
            (services.open_poll, PollState.OPEN),
            (services.close_poll, PollState.CLOSED),
            (services.publish, PollState.PUBLISHED),
            (services.hide, PollState.HIDDEN),
            (services.open_poll, PollState.OPEN),
            (services.publish, PollState.PUBLISHED),
        ):
            step(lesson, poll.id, by=lesson.owner)
            step(lesson, poll.id, by=lesson.owner)  # pressed twice
            assert state(poll) is wanted
        kinds = [event.kind for event in timeline.after(lesson.id, 0)]
        went = ["opened", "closed", "published", "hidden", "opened", "closed", "published"]
        assert kinds == ["polls.listed", *(f"polls.{one}" for one in went)]

    @pytest.mark.parametrize("step", [services.close_poll, services.publish, services.hide])
    def test_what_was_never_opened_cannot_be_closed(self, lesson: LiveSession, step: Any) -> None:
        poll = polls.prepared(lesson)
        with pytest.raises(errors.NotInThisState):
            step(lesson, poll.id, by=lesson.owner)
        assert state(poll) is PollState.PREPARED

    def test_nothing_is_opened_when_the_lesson_is_over_and_what_is_open_is_closed(self, teacher: User) -> None:
        live = lives.on_air(teacher)
        poll, other = polls.opened(live), polls.prepared(live)
        live_services.end(live, by=teacher)
        assert state(poll) is PollState.CLOSED
        with pytest.raises(errors.LessonOver):
            services.open_poll(live, other.id, by=teacher)
        services.publish(live, poll.id, by=teacher)

    @pytest.mark.parametrize(
        ("steps", "fine"),
        [
            ([], True),
            ([services.open_poll], False),
            ([services.open_poll, services.close_poll], True),
            ([services.open_poll, services.publish], False),
            ([services.open_poll, services.publish, services.hide], True),
        ],
    )
    def test_what_is_answered_or_published_is_not_deleted(
        self, lesson: LiveSession, steps: Sequence[Any], fine: bool
    ) -> None:
        poll = polls.prepared(lesson)
        for step in steps:
            step(lesson, poll.id, by=lesson.owner)
            if step is services.open_poll:
                answer(lesson, poll, 1)
        if fine:
            services.delete(lesson, poll.id, by=lesson.owner)
        else:
            with pytest.raises(errors.NotInThisState):
                services.delete(lesson, poll.id, by=lesson.owner)
        assert len(queries.polls_of(lesson.id)) == (0 if fine else 1)
        assert db.session.scalar(select(func.count()).select_from(Vote)) == (0 if fine else 1)

    def test_a_poll_of_another_lesson_is_not_there(self, lesson: LiveSession, teacher: User) -> None:
        poll = polls.opened(lives.lesson(teacher, "另一场"))
        for step in (services.open_poll, services.close_poll, services.publish, services.hide, services.delete):
            with pytest.raises(errors.NoPoll):
                step(lesson, poll.id, by=teacher)
        with pytest.raises(errors.NoPoll):
            answer(lesson, poll, 1)

    def test_polls_are_put_in_order_and_copied(self, lesson: LiveSession) -> None:
        first, second = polls.prepared(lesson, "一", right=(2,)), polls.prepared(lesson, "二")
        services.move(lesson, second.id, -1, by=lesson.owner)
        services.move(lesson, second.id, -1, by=lesson.owner)  # is the first already
        copy = services.duplicate(lesson, first.id, by=lesson.owner)
        assert [poll.question for poll in queries.polls_of(lesson.id)] == ["二", "一", "一"]
        assert (copy.right, copy.options, copy.state) == (first.right, first.options, PollState.PREPARED)

    def test_the_words_of_what_was_opened_stay(self, lesson: LiveSession) -> None:
        poll = polls.opened(lesson)
        services.close_poll(lesson, poll.id, by=lesson.owner)
        with pytest.raises(errors.Asked):
            services.change(lesson, poll.id, drafts.judged("text", "?"), by=lesson.owner)

    def test_the_number_of_a_deleted_poll_is_not_given_again(self, lesson: LiveSession) -> None:
        poll = polls.prepared(lesson)
        number = poll.id
        services.delete(lesson, number, by=lesson.owner)
        assert polls.prepared(lesson).id > number


class TestAnswers:
    @pytest.mark.parametrize(
        ("kind", "chosen", "text", "error"),
        [
            (Kind.SINGLE, [], "", errors.NothingChosen),
            (Kind.SINGLE, [1, 2], "", errors.NoSuchAnswer),
            (Kind.SINGLE, [4], "", errors.NoSuchAnswer),
            (Kind.SINGLE, [0], "", errors.NoSuchAnswer),
            (Kind.SINGLE, [-1], "", errors.NoSuchAnswer),
            (Kind.SINGLE, [10**9], "", errors.NoSuchAnswer),
            (Kind.SINGLE, [], "红", errors.NothingChosen),
            (Kind.MULTIPLE, [], "", errors.NothingChosen),
            (Kind.MULTIPLE, [1, 4], "", errors.NoSuchAnswer),
            (Kind.RATING, [6], "", errors.NoSuchAnswer),
            (Kind.RATING, [1, 5], "", errors.NoSuchAnswer),
            (Kind.TEXT, [1], "", errors.NothingChosen),
            (Kind.TEXT, [], " \n\u200b", errors.NothingChosen),
            (Kind.TEXT, [], "字" * 501, errors.AnswerTooLong),
        ],
    )
    def test_what_is_no_answer(
        self, lesson: LiveSession, kind: Kind, chosen: list[int], text: str, error: type[AppError]
    ) -> None:
        poll = polls.opened(lesson, kind=kind)
        with pytest.raises(error):
            answer(lesson, poll, *chosen, text=text)
        assert queries.counts_of([poll.id])[poll.id].total == 0

    def test_the_last_answer_counts_until_it_is_closed(self, lesson: LiveSession) -> None:
        poll = polls.opened(lesson, kind=Kind.MULTIPLE)
        answer(lesson, poll, 1, 2)
        answer(lesson, poll, 3, 3)
        answer(lesson, poll, 1, 3, key="g2")
        services.close_poll(lesson, poll.id, by=lesson.owner)
        with pytest.raises(errors.Closed):
            answer(lesson, poll, 2)
        count = queries.counts_of([poll.id])[poll.id]
        assert (count.total, dict(count.by_number)) == (2, {1: 1, 3: 2})

    def test_a_reopened_poll_keeps_its_answers(self, lesson: LiveSession) -> None:
        poll = polls.opened(lesson)
        answer(lesson, poll, 1)
        services.publish(lesson, poll.id, by=lesson.owner)
        services.open_poll(lesson, poll.id, by=lesson.owner)
        answer(lesson, poll, 2, key="g2")
        assert queries.counts_of([poll.id])[poll.id].total == 2

    def test_nobody_answers_what_is_only_prepared(self, lesson: LiveSession) -> None:
        with pytest.raises(errors.NoPoll):
            answer(lesson, polls.prepared(lesson), 1)

    def test_whoever_asks_does_not_answer(self, lesson: LiveSession, sign_in: SignIn, teacher: User) -> None:
        poll = polls.opened(lesson)
        sign_in(teacher)
        with pytest.raises(errors.DeskAsks):
            services.answer(seat_of(lesson.id, teacher, Side.DESK), poll.id, chosen=[1], text="")

    def test_whoever_was_let_in_by_a_token_answers_and_a_stranger_does_not(
        self, app: Flask, sign_in: SignIn, learner: User
    ) -> None:
        institute = units.institute()
        live = lives.on_air(
            roles.holding(accounts.user(unit=institute), Permission.LIVE_MANAGE), audience=Audience.INSTITUTE
        )
        poll = polls.opened(live)
        sign_in(learner)
        seat = seat_of(live.id, learner)
        with app.test_request_context(), pytest.raises(NotFound):
            services.answer(seat, poll.id, chosen=[1], text="")
        with unit_of_work():
            db.session.add(Learner(live_id=live.id, user_id=learner.id, admitted_ms=1))
        with app.test_request_context():
            services.answer(seat, poll.id, chosen=[1], text="")
        assert queries.counts_of([poll.id])[poll.id].total == 1

    def test_whose_sign_in_was_ended_does_not_answer(
        self, app: Flask, lesson: LiveSession, sign_in: SignIn, learner: User
    ) -> None:
        poll = polls.opened(lesson)
        sign_in(learner)
        seat = seat_of(lesson.id, learner)
        with unit_of_work():
            db.session.query(SignInRow).delete()
        with app.test_request_context(), pytest.raises(SignInFirst):
            services.answer(seat, poll.id, chosen=[1], text="")

    def test_an_answer_that_waited_for_its_turn_does_not_count_after_the_closing(self, lesson: LiveSession) -> None:
        poll = polls.opened(lesson)
        late = Ballot(seat_of(lesson.id, None), poll.id, (1,), "", clock.now_ms())
        services.close_poll(lesson, poll.id, by=lesson.owner)
        with pytest.raises(errors.Closed):
            ballots.box().cast(late)
        assert queries.counts_of([poll.id])[poll.id].total == 0

    def test_one_broken_answer_leaves_nobody_waiting(self, lesson: LiveSession) -> None:
        poll = polls.opened(lesson)
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            seat = Seat(lesson.id, Person("g1", "王五", 10**6), Side.LEARNER, "guest", False, "zh_CN", "")
            ballots.box().cast(Ballot(seat, poll.id, (1,), "", clock.now_ms()))
        answer(lesson, poll, 1)
        assert queries.counts_of([poll.id])[poll.id].total == 1


class TestCountdown:
    def test_it_closes_by_itself_and_takes_nothing_that_comes_later(self, lesson: LiveSession) -> None:
        with time_machine.travel("2026-11-25T06:00:00Z", tick=False) as time:
            poll = polls.opened(lesson, countdown_s=30)
            assert poll.closes_ms == clock.now_ms() + 30_000
            time.shift(29.999)
            services.close_overdue()
            answer(lesson, poll, 1)
            time.shift(0.001)
            with pytest.raises(errors.Closed):
                answer(lesson, poll, 2)  # nobody has closed it yet, but its time is over
            assert state(poll) is PollState.OPEN
            services.close_overdue()
            services.close_overdue()
        assert state(poll) is PollState.CLOSED
        assert queries.counts_of([poll.id])[poll.id].by_number == {1: 1}
        closings = [event for event in timeline.after(lesson.id, 0) if event.kind == "polls.closed"]
        assert [(event.payload, event.by_id) for event in closings] == [({"poll": poll.id}, None)]

    def test_opened_again_it_begins_anew(self, lesson: LiveSession) -> None:
        with time_machine.travel("2026-11-25T06:00:00Z", tick=False) as time:
            poll = polls.opened(lesson, countdown_s=10)
            time.shift(10)
            services.close_overdue()
            services.open_poll(lesson, poll.id, by=lesson.owner)
            time.shift(9)
            services.close_overdue()
            assert state(poll) is PollState.OPEN

    def test_without_one_it_stays_open(self, lesson: LiveSession) -> None:
        with time_machine.travel("2026-11-25T06:00:00Z", tick=False) as time:
            poll = polls.opened(lesson)
            time.shift(86_400)
            services.close_overdue()
            assert state(poll) is PollState.OPEN

    def test_learners_are_told_its_end_by_the_servers_clock(self, app: Flask, lesson: LiveSession) -> None:
        with time_machine.travel("2026-11-25T06:00:00Z", tick=False), app.test_request_context():
            polls.opened(lesson, countdown_s=30)
            html = sent(lesson, Side.LEARNER)[-1]["html"]["poll"]
            assert f'until="{clock.now_ms() + 30_000}"' in html


class TestSides:
    @pytest.fixture
    def asked(self, lesson: LiveSession) -> Poll:
        poll = polls.opened(lesson, options=("红", SECRET, "蓝"), right=(2,))
        for number, key in ((2, "g1"), (2, "g2"), (1, "g3")):
            answer(lesson, poll, number, key=key)
        return poll

    def test_a_learner_learns_nothing_before_it_is_published(
        self, app: Flask, lesson: LiveSession, asked: Poll
    ) -> None:
        with app.test_request_context():
            for step in (None, services.close_poll):
                if step:
                    step(lesson, asked.id, by=lesson.owner)
                for event in sent(lesson, Side.LEARNER):
                    html = event["html"]["poll"]
                    assert 'data-right="[]"' in html
                    assert not any(word in html for word in ("results", "progress", "%", "chip--good", "正确", "答对"))
                page = views.polls_view(lesson, Side.LEARNER, Person("g9", "钱七", None), frozenset({May.WATCH}))
                (poll,) = page.polls
                assert (poll.total, poll.right, poll.has_results) == (0, [], False)
                assert {option.count for option in poll.options} == {0}

    def test_then_she_sees_the_numbers_and_what_was_right(self, app: Flask, lesson: LiveSession, asked: Poll) -> None:
        services.publish(lesson, asked.id, by=lesson.owner)
        with app.test_request_context():
            events = sent(lesson, Side.LEARNER)
            assert [event["kind"] for event in events] == ["polls.opened", "polls.closed", "polls.published"]
            html = events[-1]["html"]["poll"]
        assert 'data-right="[2]"' in html
        assert "2 · 67%" in html
        assert "1 · 33%" in html
        assert "3 人已作答" in html

    def test_what_is_hidden_is_gone_and_what_is_deleted_too(self, app: Flask, lesson: LiveSession, asked: Poll) -> None:
        services.publish(lesson, asked.id, by=lesson.owner)
        services.hide(lesson, asked.id, by=lesson.owner)
        number = asked.id
        with app.test_request_context():
            for event in sent(lesson, Side.LEARNER):
                assert event["data"] == {"poll": number, "gone": f"poll-{number}"}
                assert event["html"] == {}
            services.delete(lesson, number, by=lesson.owner)
            assert SECRET not in json.dumps([*sent(lesson, Side.LEARNER), *sent(lesson, Side.DESK)], ensure_ascii=False)

    def test_learners_do_not_hear_what_is_prepared(self, app: Flask, lesson: LiveSession) -> None:
        polls.prepared(lesson, SECRET)
        with app.test_request_context():
            assert sent(lesson, Side.LEARNER) == []
            (listed,) = sent(lesson, Side.DESK)
        assert SECRET in listed["html"]["polls"]

    def test_the_desk_sees_numbers_and_right_answers_at_once(
        self, app: Flask, lesson: LiveSession, asked: Poll
    ) -> None:
        with app.test_request_context():
            html = next(event["html"]["poll"] for event in sent(lesson, Side.DESK) if event["kind"] == "polls.opened")
        assert "2 · 67%" in html
        assert "正确答案" in html

    def test_written_answers_have_names_for_the_desk_only(self, app: Flask, lesson: LiveSession) -> None:
        poll = polls.opened(lesson, kind=Kind.TEXT)
        answer(lesson, poll, text=SECRET)
        services.publish(lesson, poll.id, by=lesson.owner)
        with app.test_request_context():
            learner, desk = (sent(lesson, side)[-1]["html"]["poll"] for side in Side)
        assert SECRET in learner
        assert SECRET in desk
        assert "王五" not in learner
        assert "王五" in desk

    def test_a_page_that_opens_later_shows_it_all(
        self, lesson: LiveSession, asked: Poll, sign_in: SignIn, learner: User, teacher: User
    ) -> None:
        browser = sign_in(learner)
        services.answer(seat_of(lesson.id, learner), asked.id, chosen=[3], text="")
        page = browser.get(f"/live/{lesson.id}/watch").text
        assert f'id="poll-{asked.id}"' in page
        assert "&#34;chosen&#34;: [3]" in page
        assert f"poll-{asked.id}-results" not in page
        studio = sign_in(teacher).get(f"/live/{lesson.id}/studio").text
        assert f"poll-{asked.id}-results" in studio
        assert "4 人已作答" in studio
        services.close_poll(lesson, asked.id, by=teacher)
        before, _now, tab = browser.get(f"/live/{lesson.id}/watch").text.partition('id="polls-list"')
        assert f'id="poll-{asked.id}"' not in before, "what nobody can answer any more covers no page"
        assert f'id="poll-{asked.id}"' in tab

    def test_bars_are_told_to_the_desk_only_when_something_has_changed(
        self, app: Flask, lesson: LiveSession, asked: Poll
    ) -> None:
        hub, teller = Room(seat_of(lesson.id, None, Side.DESK, guest="u1")), new_teller()
        with app.test_request_context():
            teller.tell(hub)  # type: ignore[arg-type]
            teller.tell(hub)  # type: ignore[arg-type]
            assert len(hub.told) == 1
            for key in range(50):
                answer(lesson, asked, 3, key=f"h{key}")
            teller.tell(hub)  # type: ignore[arg-type]
        assert len(hub.told) == 2
        wires = hub.told[-1]
        assert {side for _locale, side in wires} == {Side.DESK}
        told = json.loads(payload_of(wires["zh_CN", Side.DESK]))
        assert told["data"] == {"poll": asked.id, "total": 53}
        assert "50 · 94%" in told["html"]["results"]

    def test_nobody_is_told_where_no_desk_sits(self, app: Flask, lesson: LiveSession, asked: Poll) -> None:
        hub = Room(seat_of(lesson.id, None))
        with app.test_request_context():
            new_teller().tell(hub)  # type: ignore[arg-type]
        assert hub.told == []

    @pytest.mark.parametrize("locale", ["zh_CN", "en"])
    @pytest.mark.parametrize("kind", list(Kind))
    def test_every_fragment_is_drawn_in_both_languages_without_anybodys_markup(
        self, app: Flask, lesson: LiveSession, kind: Kind, locale: str
    ) -> None:
        poll = polls.prepared(lesson, XSS, kind=kind, options=(XSS, f"{XSS}2"))
        with app.test_request_context(), written_in(locale):
            for step in (None, services.open_poll, services.close_poll, services.publish, services.hide):
                if step:
                    step(lesson, poll.id, by=lesson.owner)
                if step is services.open_poll:
                    answer(lesson, poll, *([] if kind is Kind.TEXT else [1]), text=XSS)
                events = [*sent(lesson, Side.LEARNER, locale=locale), *sent(lesson, Side.DESK, locale=locale)]
                html = "".join(part for event in events for part in event["html"].values())
                assert "<img" not in html
                assert 'alert(1)>"' not in html


class Room:
    """A room as the teller sees the hub: who sits in it, and what was told."""

    def __init__(self, *seats: Seat) -> None:
        self._seats = seats
        self.told: list[dict[Any, bytes]] = []

    def seats(self) -> dict[str, list[Seat]]:
        return {self._seats[0].live_id: list(self._seats)}

    def tell(self, _live_id: str, wires: dict[Any, bytes]) -> None:
        self.told.append(wires)


class TestCommands:
    """Frames as pages send them, and as they would not."""

    FIELDS: ClassVar = {"polls.new": {"kind": "text", "question": "?"}, "polls.answer": {"chosen": [1]}}

    @pytest.fixture
    def ask(self, app: Flask, sign_in: SignIn) -> Any:
        def ask(live: LiveSession, user: User | None, name: str, /, **fields: Any) -> dict[str, Any]:
            browser = sign_in(user)
            if user is None:
                browser.get(f"/live/{live.id}/watch")
            frame = {"type": "command", "n": 1, "name": name, "fields": fields}
            reply = browser.post(f"/live/{live.id}/commands", json=frame)
            assert reply.status_code == 200, reply.text
            given: dict[str, Any] = reply.get_json()
            return given

        return ask

    @pytest.mark.parametrize("name", ["new", "open", "close", "publish", "hide", "delete"])
    def test_learners_and_guests_only_answer(self, ask: Any, learner: User, teacher: User, name: str) -> None:
        live = lives.on_air(teacher, audience=Audience.EVERYONE)
        poll = polls.opened(live)
        fields = self.FIELDS.get(f"polls.{name}", {"poll": poll.id})
        assert ask(live, learner, f"polls.{name}", **fields)["code"] == "forbidden"
        assert ask(live, None, f"polls.{name}", **fields)["code"] == "sign_in_first"
        assert state(poll) is PollState.OPEN

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"poll": "x"},
            {"poll": True},
            {"poll": 1, "chosen": "eins"},
            {"poll": 1, "chosen": [[1]]},
            {"poll": 1, "chosen": [1] * 101},
            {"poll": 1, "chosen": {"1": 1}},
            {"poll": 1, "key": "u1"},
            {"poll": 1, "text": 5},
        ],
    )
    def test_frames_of_another_shape_are_refused(
        self, ask: Any, lesson: LiveSession, learner: User, fields: dict[str, Any]
    ) -> None:
        assert ask(lesson, learner, "polls.answer", **fields)["code"] == "classroom.malformed"

    def test_guests_and_the_muted_answer_and_who_was_put_out_does_not(
        self, ask: Any, learner: User, teacher: User
    ) -> None:
        live = lives.on_air(teacher, audience=Audience.EVERYONE)
        poll = polls.opened(live)
        number = poll.id
        assert ask(live, None, "polls.answer", poll=number, chosen="2")["data"]["chosen"] == [2]
        ask(live, teacher, "chat.mute", key=f"u{learner.id}")
        assert ask(live, learner, "polls.answer", poll=poll.id, chosen=["3"])["type"] == "done"
        door.put_out(live, door.person_of(learner, live), for_good=True, by=teacher)
        assert refused_with(learner, live, poll) == "classroom.put_out"
        count = queries.counts_of([number])[number]
        assert dict(count.by_number) == {2: 1, 3: 1}

    def test_a_poll_on_the_spot(self, ask: Any, lesson: LiveSession, teacher: User) -> None:
        options = ["甲", "乙", "", ""]
        fields = {"kind": "single", "question": "哪个？", "options": options, "right": "2", "countdown_s": "60"}
        number = ask(lesson, teacher, "polls.new", **fields, start="on")["data"]["poll"]
        poll = queries.poll_for(lesson.id, number)
        assert poll is not None
        assert (poll.state, poll.options, poll.right, poll.countdown_s) == (PollState.OPEN, ["甲", "乙"], 2, 60)
        for name, wanted in (("close", PollState.CLOSED), ("publish", PollState.PUBLISHED), ("hide", PollState.HIDDEN)):
            assert ask(lesson, teacher, f"polls.{name}", poll=number)["type"] == "done"
            assert state(poll) is wanted
        assert ask(lesson, teacher, "polls.delete", poll=number)["type"] == "done"
        assert ask(lesson, teacher, "polls.open", poll=number)["code"] == "polls.none"


def refused_with(user: User, live: LiveSession, poll: Poll) -> str:
    """Return the code with which an answer is refused that comes by a socket which is still open."""
    frame = {"n": 1, "name": "polls.answer", "fields": {"poll": poll.id, "chosen": [1]}}
    code: str = sockets.answer(seat_of(live.id, user), frame)["code"]
    return code


class TestManyAtOnce:
    def test_who_was_put_out_is_told_apart_in_a_crowd(self, app: Flask, lesson: LiveSession, teacher: User) -> None:
        poll = polls.opened(lesson)
        with app.test_request_context():
            door.put_out(lesson, Person("g2", "王五", None), for_good=False, by=teacher)
            there = door.plainly_there(lesson.id, [seat_of(lesson.id, None, guest=f"g{n}") for n in range(4)])
            assert {seat.person.key for seat in there} == {"g0", "g1", "g3"}
            with pytest.raises(door.PutOut):
                answer(lesson, poll, 1, key="g2")

    def test_forty_answer_at_once_and_change_their_minds(self, app: Flask, lesson: LiveSession) -> None:
        poll = polls.opened(lesson, kind=Kind.MULTIPLE)
        live_id, poll_id, people = lesson.id, poll.id, 40
        start, failures = threading.Barrier(people), []

        def vote(number: int) -> None:
            try:
                with app.app_context():
                    start.wait()
                    for chosen in ([1], [2, 3], [1 + number % 3]):
                        services.answer(seat_of(live_id, None, guest=f"g{number}"), poll_id, chosen=chosen, text="")
                    db.session.remove()
            except Exception as failure:  # noqa: BLE001 - told below, in the test's own thread
                failures.append(failure)

        run([threading.Thread(target=vote, args=(number,)) for number in range(people)])
        assert failures == []
        db.session.commit()
        count = queries.counts_of([poll_id])[poll_id]
        assert count.total == people
        assert dict(count.by_number) == {1: 14, 2: 13, 3: 13}

    def test_an_answer_is_acknowledged_exactly_if_it_counts(self, app: Flask, lesson: LiveSession) -> None:
        """While a presenter closes the poll: who was told that it counts is counted, who was refused is not."""
        poll = polls.opened(lesson)
        live_id, poll_id, people = lesson.id, poll.id, 40
        start, counted, refused, failures = threading.Barrier(people + 1), [], [], []

        def vote(number: int) -> None:
            try:
                with app.app_context():
                    start.wait()
                    try:
                        services.answer(seat_of(live_id, None, guest=f"g{number}"), poll_id, chosen=[1], text="")
                        counted.append(number)
                    except errors.Closed:
                        refused.append(number)
                    db.session.remove()
            except Exception as failure:  # noqa: BLE001 - told below, in the test's own thread
                failures.append(failure)

        threads = [threading.Thread(target=vote, args=(number,)) for number in range(people)]
        for thread in threads:
            thread.start()
        start.wait()
        services.close_poll(lesson, poll_id, by=lesson.owner)
        at_the_closing = queries.counts_of([poll_id])[poll_id].total
        for thread in threads:
            thread.join()
        db.session.commit()
        assert failures == []
        assert len(counted) + len(refused) == people
        assert queries.counts_of([poll_id])[poll_id].total == len(counted) == at_the_closing


def run(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class TestExport:
    @pytest.fixture
    def answered(self, lesson: LiveSession, sign_in: SignIn) -> Poll:
        institute = units.institute("物质研究所")
        poll = polls.opened(
            lesson, "=1+1 哪些？", kind=Kind.MULTIPLE, options=("=HYPERLINK(1)", "黄", "蓝"), right=(2, 3)
        )
        person = accounts.user("zhao", "赵六", unit=institute)
        with unit_of_work():
            person.staff_number = "007"
        sign_in(person)
        services.answer(seat_of(lesson.id, person), poll.id, chosen=[3, 2], text="")
        services.answer(seat_of(lesson.id, None, guest="g7", name="@访客"), poll.id, chosen=[1], text="")
        return poll

    ROWS: ClassVar = [
        ["真实姓名", "机构", "工号", "回答", "对错", "作答时间（北京时间）"],
        ["'@访客", "访客", "", "'=HYPERLINK(1)", "错误"],
        ["赵六", "物质研究所", "007", "黄、蓝", "正确"],
    ]

    def test_as_csv(self, lesson: LiveSession, answered: Poll, sign_in: SignIn, teacher: User) -> None:
        reply = sign_in(teacher).post(f"/live/{lesson.id}/polls/{answered.id}/export", buffered=True)
        assert reply.data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))
        assert [rows[0], *(row[:5] for row in rows[1:])] == self.ROWS
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.POLL_EXPORTED)).one()
        assert (entry.by_id, entry.object) == (teacher.id, answered.question)

    def test_as_a_workbook(self, lesson: LiveSession, answered: Poll, sign_in: SignIn, teacher: User) -> None:
        reply = sign_in(teacher).post(f"/live/{lesson.id}/polls/{answered.id}/export?xlsx=1")
        sheet = load_workbook(io.BytesIO(reply.data)).worksheets[0]
        rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
        assert [rows[0], *(row[:5] for row in rows[1:])] == self.ROWS
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}, "no formulas"

    def test_a_long_one_is_whole(self, lesson: LiveSession, sign_in: SignIn, teacher: User) -> None:
        poll = polls.opened(lesson, kind=Kind.RATING)
        with unit_of_work():
            db.session.add_all(
                Vote(poll_id=poll.id, key=f"g{n}", name=f"访客{n}", chosen=16, text="", at_ms=n) for n in range(1203)
            )
        reply = sign_in(teacher).post(f"/live/{lesson.id}/polls/{poll.id}/export", buffered=True)
        rows = list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))
        assert len({row[0] for row in rows[1:]}) == len(rows) - 1 == 1203
        assert {row[3] for row in rows[1:]} == {"5"}

    @pytest.mark.parametrize("who", ["learner", "assistant", "nobody"])
    def test_only_those_who_teach_take_names_away(
        self, lesson: LiveSession, answered: Poll, sign_in: SignIn, teacher: User, learner: User, who: str
    ) -> None:
        helper = accounts.user("helper")
        live = lives.lesson(teacher, "带助教的课", assistants=(helper,))
        poll = polls.opened(live)
        person = {"learner": learner, "assistant": helper, "nobody": None}[who]
        reply = sign_in(person).post(f"/live/{live.id}/polls/{poll.id}/export")
        assert reply.status_code in ({401} if person is None else {403})


class TestPage:
    def test_a_poll_is_prepared_changed_moved_copied_and_deleted(
        self, lesson: LiveSession, sign_in: SignIn, teacher: User
    ) -> None:
        browser, base = sign_in(teacher), f"/live/{lesson.id}/polls"
        assert "还没有准备好的投票" in browser.get(base).text
        form = {
            "question": "哪个？",
            "kind": "single",
            "options": ["甲", "乙", ""],
            "right": ["2"],
            "countdown_s": "30",
        }
        assert browser.post(base, data=form).status_code == 302
        (poll,) = queries.polls_of(lesson.id)
        page = browser.get(f"{base}/{poll.id}").text
        assert 'value="甲"' in page
        assert page.count("checked") == 2, "the kind, and what is right"
        browser.post(f"{base}/{poll.id}", data={**form, "question": "哪一个？", "right": []})
        db.session.refresh(poll)
        assert (poll.question, poll.right) == ("哪一个？", 0)
        fragment = browser.post(f"{base}/{poll.id}/copies", headers={"HX-Request": "true"}).text
        assert fragment.count("哪一个？</h2>") == 2
        assert "<html" not in fragment
        assert browser.post(f"{base}/{poll.id}/place").status_code == 302
        assert queries.polls_of(lesson.id)[1].id == poll.id
        browser.post(f"{base}/{poll.id}?_method=DELETE")
        assert len(queries.polls_of(lesson.id)) == 1

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"question": ""}, "请写下要问的问题"),
            ({"options": ["甲"]}, "选择题需要 2 至 10 个不同的选项"),
            ({"right": ["1", "2"]}, "单选题只能有一个正确选项"),
            ({"kind": "essay"}, "field__errors"),
            ({"countdown_s": "7"}, "field__errors"),
            ({"right": ["²", "x", "-1"]}, ""),
        ],
    )
    def test_what_was_typed_stays_and_the_form_says_what_is_wrong(
        self, lesson: LiveSession, sign_in: SignIn, teacher: User, typed: dict[str, Any], said: str
    ) -> None:
        form = {"question": XSS, "kind": "single", "options": ["甲", "乙"], "right": [], "countdown_s": "0", **typed}
        reply = sign_in(teacher).post(f"/live/{lesson.id}/polls", data=form)
        if not said:
            assert reply.status_code == 302
            return
        assert reply.status_code == 422
        assert said in reply.text
        assert 'value="甲"' in reply.text
        assert "<img src=x" not in reply.text
        assert queries.polls_of(lesson.id) == []

    def test_what_was_asked_is_not_edited(self, lesson: LiveSession, sign_in: SignIn, teacher: User) -> None:
        poll = polls.opened(lesson)
        assert sign_in(teacher).get(f"/live/{lesson.id}/polls/{poll.id}").status_code == 409

    def test_the_desk_gets_its_bars_without_a_websocket(
        self, lesson: LiveSession, sign_in: SignIn, teacher: User, learner: User
    ) -> None:
        poll = polls.opened(lesson)
        answer(lesson, poll, 1)
        address = f"/live/{lesson.id}/polls/{poll.id}/results"
        assert "1 · 100%" in sign_in(teacher).get(address).text
        assert sign_in(learner).get(address).status_code == 403
