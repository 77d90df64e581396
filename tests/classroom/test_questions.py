"""Questions and answers: what each side sees, who may do what, and what a replay shows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.classroom.questions import queries, services
from app.classroom.questions.models import Question, Vote
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.live import guests
from app.live import services as lives
from app.live.models import LiveSession
from tests.conftest import SignIn
from tests.factories import accounts
from tests.factories import live as factory
from tests.reading import Page

NEXT_S = services.BETWEEN_MS / 1000
XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "[a](javascript:alert(1)) javascript:alert(1)",
    "{{ 7 * 7 }}<svg/onload=alert(1)>",
    "</li></ol><iframe src=//evil.example>",
)


class Seated:
    """Somebody in the lesson, by the ways that a page without a websocket has."""

    def __init__(self, client: FlaskClient, live_id: str) -> None:
        self.client, self.base = client, f"/live/{live_id}"

    def command(self, name: str, **fields: Any) -> dict[str, Any]:
        reply = self.client.post(
            f"{self.base}/commands", json={"type": "command", "n": 1, "name": f"questions.{name}", "fields": fields}
        )
        answer: dict[str, Any] = reply.get_json()
        return answer

    def does(self, name: str, **fields: Any) -> dict[str, Any]:
        answer = self.command(name, **fields)
        assert answer["type"] == "done", answer
        data: dict[str, Any] = answer["data"]
        return data

    def refused(self, name: str, **fields: Any) -> str:
        answer = self.command(name, **fields)
        assert answer["type"] == "refused", answer
        assert answer["message"]
        assert answer["mend"]
        return str(answer["code"])

    def asks(self, text: str, **fields: Any) -> int:
        return int(self.does("ask", **{"text": text, "nonce": text[:36], **fields})["question"])

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        frames = self.client.get(f"{self.base}/events?after={after}").get_json()
        return [one for one in frames if one["type"] == "event" and one["kind"].startswith("questions.")]

    def news(self, does: Callable[[], object]) -> list[dict[str, Any]]:
        """Return what one hears of something that happens."""
        after = self.client.get(f"{self.base}/events").get_json()[0]["last"]
        does()
        return self.events(after)

    def page(self, name: str = "watch") -> str:
        reply = self.client.get(f"{self.base}/{name}")
        assert reply.status_code == 200
        return reply.text

    def listed(self, name: str = "watch") -> list[int]:
        """Return the questions on the page, in their order."""
        attributes = [its for tag, its in Page(self.page(name)).elements if tag == "li"]
        return [int(its["data-order"]) for its in attributes if its.get("data-into") == "questions-list"]

    def replayed(self) -> dict[int, list[str]]:
        """Return the states through which a replay leads each question."""
        states: dict[int, list[str]] = {}
        for event in self.events():
            if "state" in event["data"] and event["html"]:
                states.setdefault(event["data"]["question"], []).append(event["data"]["state"])
        return states


@pytest.fixture
def now(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Coordinates]:
    """Time passes only when a test says so, and commands may come as quick as they like."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", False)
    with time_machine.travel(clock.now_ms() / 1000, tick=False) as traveller:
        yield traveller


@pytest.fixture
def live(now: time_machine.Coordinates, teacher: User, assistant: User) -> LiveSession:
    return factory.on_air(teacher, assistants=(assistant,))


@pytest.fixture
def assistant(app: Flask) -> User:
    return accounts.user("helper", "助教王")


Enter = Callable[[User | None], Seated]


@pytest.fixture
def enter(sign_in: SignIn, live: LiveSession) -> Enter:
    return lambda user: Seated(sign_in(user), live.id)


@pytest.fixture
def desk(enter: Enter, teacher: User) -> Seated:
    return enter(teacher)


@pytest.fixture
def asker(enter: Enter, learner: User) -> Seated:
    return enter(learner)


@pytest.fixture
def other(enter: Enter) -> Seated:
    return enter(accounts.user("other", "王五"))


def row(live: LiveSession, number: int) -> Question:
    db.session.commit()
    found = db.session.get(Question, (live.id, number))
    assert found is not None
    return found


def is_shown(events: list[dict[str, Any]], number: int) -> bool:
    return any(f'id="question-{number}"' in html for event in events for html in event["html"].values())


class TestAsking:
    def test_everybody_sees_it_at_once_and_after_a_reload(
        self, asker: Seated, other: Seated, desk: Seated, learner: User
    ) -> None:
        number = asker.asks("为什么是零电阻？")
        for one, page in ((asker, "watch"), (other, "watch"), (desk, "studio")):
            (asked,) = [event for event in one.events() if event["kind"] == "questions.asked"]
            assert asked["data"] == {"question": number, "state": "open", "votes": 0}
            for html in (asked["html"]["question"], one.page(page)):
                assert "为什么是零电阻？" in html
                assert learner.real_name in html

    def test_the_one_who_asked_knows_it_for_her_own_and_nobody_else_hears_that(
        self, asker: Seated, other: Seated, desk: Seated
    ) -> None:
        number = asker.asks("是我问的")
        yours = [event for event in asker.events() if event["kind"] == "questions.yours"]
        assert [event["data"]["question"] for event in yours] == [number]
        for one in (other, desk):
            assert "questions.yours" not in {event["kind"] for event in one.events()}
        assert f'data-own="[{number}]"' in asker.page()
        assert 'data-own="[]"' in other.page()

    def test_sent_twice_it_is_asked_once(self, asker: Seated) -> None:
        first = asker.asks("一次", nonce="abc")
        assert asker.asks("一次", nonce="abc") == first
        assert asker.listed() == [first]

    @pytest.mark.parametrize(
        ("text", "code"),
        [("", "questions.empty"), ("  \u200b\n ", "questions.empty"), ("问" * 501, "questions.too_long")],
    )
    def test_what_is_no_question_is_refused(self, asker: Seated, text: str, code: str) -> None:
        assert asker.refused("ask", text=text, nonce="1") == code

    def test_five_hundred_characters_are_a_question(self, asker: Seated) -> None:
        assert asker.asks("问" * 500)

    def test_a_learner_asks_one_after_the_other_and_the_desk_as_it_likes(
        self, asker: Seated, desk: Seated, now: time_machine.Coordinates
    ) -> None:
        asker.asks("一")
        answer = asker.command("ask", text="二", nonce="2")
        assert (answer["code"], "15" in answer["mend"]) == ("questions.too_soon", True)
        now.shift(NEXT_S)
        asker.asks("二")
        desk.asks("三")
        desk.asks("四")

    def test_the_muted_and_the_barred_do_not_ask(self, asker: Seated, desk: Seated, learner: User) -> None:
        number = asker.asks("禁言之前问的")
        who = {"key": f"u{learner.id}"}
        desk.client.post(f"{desk.base}/commands", json={"n": 1, "name": "chat.mute", "fields": who})
        assert asker.refused("ask", text="我能问吗", nonce="1") == "chat.muted"
        asker.does("vote", question=number)
        rules = {"muted_all": True, "pictures": True}
        desk.client.post(f"{desk.base}/commands", json={"n": 2, "name": "chat.rules", "fields": rules})
        (chat, list_) = [its for tag, its in Page(asker.page()).elements if tag in {"lesson-chat", "question-list"}]
        assert {"data-muted", "data-muted-all", "data-pictures"} <= set(chat)
        assert "data-muted" in list_
        desk.client.post(f"{desk.base}/commands", json={"n": 2, "name": "room.put_out", "fields": who})
        frame = {"n": 1, "name": "questions.ask", "fields": {"text": "我能问吗", "nonce": "1"}}
        assert asker.client.post(f"{asker.base}/commands", json=frame).status_code == 403

    def test_the_lessons_list_of_words_holds_here_too(self, asker: Seated, desk: Seated) -> None:
        rules = {"words": "坏话", "guests": True}
        desk.client.post(f"{desk.base}/commands", json={"n": 1, "name": "chat.rules", "fields": rules})
        assert asker.refused("ask", text="坏 话", nonce="1") == "chat.word_refused"

    def test_guests_ask_while_they_may_write(self, app: Flask, enter: Enter, desk: Seated, live: LiveSession) -> None:
        with app.test_request_context():
            link = guests.link_of(live).removeprefix("http://localhost")
        guest = enter(None)
        guest.client.get(link)
        number = guest.asks("访客问")
        guest.does("vote", question=number)
        rules = {"guests": False}
        desk.client.post(f"{desk.base}/commands", json={"n": 1, "name": "chat.rules", "fields": rules})
        assert guest.refused("ask", text="又问", nonce="2") == "chat.guests_read_only"

    def test_nothing_is_asked_answered_or_voted_for_when_the_lesson_is_over(
        self, asker: Seated, desk: Seated, live: LiveSession, teacher: User
    ) -> None:
        number = asker.asks("还来得及吗")
        lives.end(live, by=teacher)
        assert asker.refused("ask", text="晚了", nonce="2") == "questions.over"
        assert asker.refused("vote", question=number) == "questions.over"
        assert asker.refused("withdraw", question=number) == "questions.over"
        for name in ("take", "answer_by_voice", "dismiss", "reopen"):
            assert desk.refused(name, question=number) == "questions.over"


class TestAnonymity:
    def test_no_learner_learns_the_name_and_the_desk_does(
        self, enter: Enter, other: Seated, desk: Seated, now: time_machine.Coordinates, live: LiveSession
    ) -> None:
        shy = accounts.user("shy", "欧阳无名")
        hers = enter(shy)
        number = hers.asks("匿名的问题", anonymous=True)
        desk.does("take", question=number)
        desk.does("answer", question=number, text="书面回答")
        desk.does("reopen", question=number)
        other.does("vote", question=number)
        services.tell_votes()
        seen = [
            other.page(),
            json.dumps(other.events(), ensure_ascii=False),
            other.client.get(f"{other.base}/questions?after=0.0.0").text,
        ]
        for text in seen:
            assert f"question-{number}" in text or f'"{number}"' in text
            assert shy.real_name not in text
            assert f"u{shy.id}&" not in text
            assert f'"u{shy.id}"' not in text
            assert f'\\"u{shy.id}\\"' not in text
        mine = hers.events()
        assert shy.real_name not in json.dumps(mine, ensure_ascii=False)
        assert shy.real_name in desk.page("studio")
        assert shy.real_name in json.dumps(desk.events(), ensure_ascii=False)

    def test_set_aside_it_stays_without_a_name_for_the_one_who_asked(self, asker: Seated, desk: Seated) -> None:
        number = asker.asks("匿名", anonymous=True)
        desk.does("dismiss", question=number)
        (last,) = [event for event in asker.events() if event["kind"] == "questions.yours"][-1:]
        assert "张三" not in last["html"]["question"]

    def test_named_questions_tell_learners_no_key(self, asker: Seated, other: Seated, learner: User) -> None:
        asker.asks("有名字")
        assert f"u{learner.id}" not in json.dumps(other.events())


class TestAnswers:
    def test_from_open_to_answered_by_voice_with_the_moment_at_which_it_began(
        self, asker: Seated, other: Seated, desk: Seated, live: LiveSession, now: time_machine.Coordinates
    ) -> None:
        number = asker.asks("怎么测量？")
        started = live.started_at_ms or 0
        now.shift(1872)
        desk.does("take", question=number)
        assert "question--being_answered" in other.page()
        taken_ms = clock.now_ms()
        now.shift(60)
        desk.does("answer_by_voice", question=number)
        assert row(live, number).voiced_ms == taken_ms == started + 1872_000
        for html in (other.page(), desk.page("studio"), other.events()[-1]["html"]["question"]):
            assert f'data-at="{taken_ms}"' in html
            assert "0:31:12" in html
        desk.does("answer_by_voice", question=number)
        assert row(live, number).voiced_ms == taken_ms

    def test_answered_at_once_it_began_now(self, asker: Seated, desk: Seated, live: LiveSession) -> None:
        number = asker.asks("快问")
        desk.does("answer_by_voice", question=number)
        assert row(live, number).voiced_ms == clock.now_ms()

    def test_before_the_lesson_there_is_no_moment(self, enter: Enter, sign_in: SignIn, teacher: User, now: Any) -> None:
        early = factory.lesson(teacher)
        hers, desk = (Seated(sign_in(user), early.id) for user in (accounts.user(), teacher))
        number = hers.asks("开始前的问题")
        desk.does("answer_by_voice", question=number)
        assert "question__moment" not in hers.page()

    def test_answered_in_writing_and_changed_and_spoken_of_too(
        self, asker: Seated, other: Seated, enter: Enter, assistant: User
    ) -> None:
        helper = enter(assistant)
        number = asker.asks("在哪里下载？")
        helper.does("answer", question=number, text="见讲义\n第 3 页")
        page = other.page()
        assert "见讲义<br" in page
        assert assistant.real_name in page
        helper.does("answer", question=number, text="见讲义第 4 页")
        page = other.page()
        assert ("第 4 页" in page, "第 3 页" in page) == (True, False)
        helper.does("answer_by_voice", question=number)
        page = other.page()
        assert "第 4 页" in page
        assert "question__moment" in page

    def test_an_answer_has_words_and_not_too_many(self, asker: Seated, desk: Seated) -> None:
        number = asker.asks("问")
        assert desk.refused("answer", question=number, text=" ") == "questions.empty"
        assert desk.refused("answer", question=number, text="答" * 2001) == "questions.too_long"

    def test_set_aside_only_the_one_who_asked_still_sees_it_and_why(
        self, asker: Seated, other: Seated, desk: Seated
    ) -> None:
        number = asker.asks("无关的问题")
        after = other.client.get(f"{other.base}/events").get_json()[0]["last"]
        desk.does("dismiss", question=number)
        news = {one: one.events(after) for one in (asker, other, desk)}
        assert news[other][-1]["data"]["gone"] == f"question-{number}"
        assert not is_shown(news[other], number)
        assert "question--dismissed" in news[asker][-1]["html"]["question"]
        assert "question--dismissed" in news[desk][-1]["html"]["question"]
        assert (asker.listed(), other.listed(), desk.listed("studio")) == ([number], [], [number])
        assert not is_shown(other.events(), number)
        desk.does("reopen", question=number)
        assert other.listed() == [number]
        assert is_shown(other.events(), number)

    def test_open_again_it_has_no_answer(self, asker: Seated, other: Seated, desk: Seated) -> None:
        number = asker.asks("再问")
        desk.does("answer", question=number, text="说错了的话")
        desk.does("reopen", question=number)
        assert "说错了的话" not in other.page()
        assert "说错了的话" not in json.dumps(other.events(), ensure_ascii=False)
        assert other.replayed()[number][-1] == "open"

    def test_two_at_the_desk_do_the_same_and_it_is_done_once(
        self, asker: Seated, desk: Seated, enter: Enter, assistant: User
    ) -> None:
        number, helper = asker.asks("抢答"), enter(assistant)
        desk.does("take", question=number)
        assert helper.news(lambda: helper.does("take", question=number)) == []
        desk.does("dismiss", question=number)
        assert helper.refused("take", question=number) == "questions.settled"
        assert helper.refused("answer", question=number, text="答") == "questions.settled"
        assert helper.refused("answer_by_voice", question=number) == "questions.settled"

    def test_one_takes_ones_own_back_while_it_is_open(
        self, asker: Seated, other: Seated, desk: Seated, live: LiveSession, now: time_machine.Coordinates
    ) -> None:
        number = asker.asks("不想问了")
        assert other.refused("withdraw", question=number) == "forbidden"
        asker.does("withdraw", question=number)
        for one, page in ((asker, "watch"), (other, "watch"), (desk, "studio")):
            assert "不想问了" not in json.dumps(one.events(), ensure_ascii=False) + one.page(page)
            assert f"question-{number}" in {event["data"].get("gone") for event in one.events()}
        assert row(live, number).text == ""
        actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert Action.WORDS_WITHDRAWN in actions
        now.shift(NEXT_S)
        taken = asker.asks("这个不能撤了")
        desk.does("take", question=taken)
        assert asker.refused("withdraw", question=taken) == "questions.too_late"
        for name in ("take", "dismiss", "publish", "reopen", "answer_by_voice"):
            assert desk.refused(name, question=number) == "questions.none"


class TestModeration:
    @pytest.fixture
    def waiting(self, desk: Seated, asker: Seated) -> int:
        desk.does("rules", moderated=True)
        return asker.asks("等一等")

    def test_it_waits_where_only_the_desk_and_the_one_who_asked_see_it(
        self, waiting: int, asker: Seated, other: Seated, desk: Seated
    ) -> None:
        assert (asker.listed(), other.listed(), desk.listed("studio")) == ([waiting], [], [waiting])
        assert (is_shown(asker.events(), waiting), is_shown(other.events(), waiting)) == (True, False)
        assert "等一等" not in json.dumps(other.events(), ensure_ascii=False)
        assert is_shown(desk.events(), waiting)
        assert "questions.publish" in desk.page("studio")
        assert other.refused("vote", question=waiting) == "questions.none"
        assert asker.refused("vote", question=waiting) == "questions.none"

    def test_published_everybody_sees_it(self, waiting: int, asker: Seated, other: Seated, desk: Seated) -> None:
        news = other.news(lambda: desk.does("publish", question=waiting))
        assert is_shown(news, waiting)
        assert other.listed() == asker.listed() == [waiting]
        assert other.news(lambda: desk.does("publish", question=waiting)) == []

    def test_not_published_the_one_who_asked_is_told(
        self, waiting: int, asker: Seated, other: Seated, desk: Seated
    ) -> None:
        assert other.news(lambda: desk.does("dismiss", question=waiting)) == []
        assert "question--dismissed" in asker.events()[-1]["html"]["question"]
        assert desk.refused("publish", question=waiting) == "questions.settled"
        desk.does("reopen", question=waiting)
        assert other.listed() == []
        assert "question--waiting" in asker.page()

    @pytest.mark.parametrize(("name", "fields"), [("take", {}), ("answer", {"text": "答"}), ("answer_by_voice", {})])
    def test_what_is_answered_is_for_everybody(
        self, waiting: int, other: Seated, desk: Seated, name: str, fields: dict[str, str]
    ) -> None:
        desk.does(name, question=waiting, **fields)
        assert other.listed() == [waiting]

    def test_withdrawn_while_it_waits_nobody_ever_hears_of_it(
        self, waiting: int, asker: Seated, other: Seated, desk: Seated
    ) -> None:
        asker.does("withdraw", question=waiting)
        assert waiting not in {event["data"].get("question") for event in other.events()}
        assert asker.events()[-1]["data"]["gone"] == f"question-{waiting}"
        assert desk.listed("studio") == []

    def test_what_the_desk_asks_does_not_wait(self, waiting: int, other: Seated, desk: Seated) -> None:
        number = desk.asks("老师的问题")
        assert other.listed() == [number]

    def test_each_side_hears_of_the_rule_and_those_that_wait_go_on_waiting(
        self, waiting: int, other: Seated, desk: Seated
    ) -> None:
        assert 'aria-checked="true"' in desk.events()[0]["html"]["rules"]
        assert "hidden" not in other.events()[0]["html"]["rules"]
        desk.does("rules")
        assert "hidden" in other.events()[-1]["html"]["rules"]
        assert 'aria-checked="false"' in desk.page("studio")
        assert other.listed() == []
        assert other.news(lambda: desk.does("rules", moderated=False)) == []


class TestVotes:
    def test_once_a_person_and_back_again(self, asker: Seated, other: Seated, live: LiveSession) -> None:
        number = asker.asks("几票")
        for on, votes in ((True, 1), (True, 1), (False, 0), (False, 0), (True, 1)):
            assert other.does("vote", question=number, on=on) == {"question": number, "on": on, "votes": votes}
        assert asker.does("vote", question=number)["votes"] == 2
        assert row(live, number).votes == 2
        assert f'data-voted="[{number}]"' in other.page()

    def test_pages_hear_of_many_at_once(
        self, asker: Seated, other: Seated, desk: Seated, now: time_machine.Coordinates
    ) -> None:
        first = asker.asks("一")
        now.shift(NEXT_S)
        second = asker.asks("二")
        for number in (first, second):
            other.does("vote", question=number)
            desk.does("vote", question=number)
        assert asker.events()[-1]["kind"] == "questions.yours"
        services.tell_votes()
        for one in (asker, desk):
            (told,) = [event["data"] for event in one.events() if event["kind"] == "questions.voted"]
            assert told == {"votes": {str(first): 2, str(second): 2}}
        assert asker.news(services.tell_votes) == []
        assert queries.lessons_with_new_votes() == []

    def test_the_most_wanted_stands_first_then_the_older_and_what_is_done_below(
        self, asker: Seated, other: Seated, desk: Seated, now: time_machine.Coordinates
    ) -> None:
        numbers = []
        for text in "一二三四五六":
            numbers.append(asker.asks(text))
            now.shift(NEXT_S)
        a, b, c, d, e, f = numbers
        for number in (c, f):
            other.does("vote", question=number)
        desk.does("answer", question=f, text="答")
        desk.does("take", question=d)
        desk.does("dismiss", question=b)
        assert other.listed() == [d, c, a, e, f]
        assert asker.listed() == desk.listed("studio") == [d, c, a, e, f, b]

    def test_everybody_votes_at_the_same_moment_and_each_counts_once(
        self, app: Flask, asker: Seated, enter: Enter, live: LiveSession
    ) -> None:
        number = asker.asks("同时")
        users = [accounts.user() for _ in range(6)]
        seats = [enter(user) for user in users for _ in range(2)]
        barrier = threading.Barrier(len(seats))

        def vote(seat: Seated) -> list[str]:
            barrier.wait()
            return [seat.command("vote", question=number, on=on)["type"] for on in (True, False, True)]

        with ThreadPoolExecutor(len(seats)) as pool:
            answers = list(pool.map(vote, seats))
        assert answers == [["done"] * 3] * len(seats)
        db.session.commit()
        voters = db.session.scalars(select(Vote.key).where(Vote.question_id == number)).all()
        assert sorted(voters) == sorted(f"u{user.id}" for user in users)
        assert row(live, number).votes == len(users)

    def test_votes_and_answers_at_the_same_moment_block_nobody(
        self, app: Flask, asker: Seated, desk: Seated, enter: Enter, live: LiveSession
    ) -> None:
        number = asker.asks("忙")
        seats = [enter(accounts.user()) for _ in range(4)]
        barrier = threading.Barrier(len(seats) + 2)

        def work(what: Callable[[], object]) -> None:
            barrier.wait()
            what()

        def counting() -> None:
            with app.app_context():
                for _ in range(5):
                    services.tell_votes()

        def answering() -> None:
            for _ in range(3):
                desk.does("take", question=number)
                desk.does("reopen", question=number)

        voting = [lambda seat=seat: seat.does("vote", question=number) for seat in seats]
        with ThreadPoolExecutor(len(seats) + 2) as pool:
            list(pool.map(work, [counting, answering, *voting]))
        db.session.commit()  # on SQLite the test's own session still sees what was before
        services.tell_votes()
        assert row(live, number).votes == row(live, number).votes_told == len(seats)
        told = [event["data"]["votes"] for event in asker.events() if event["kind"] == "questions.voted"]
        assert told[-1] == {str(number): len(seats)}


class TestForgery:
    """Frames that no page of theirs would send."""

    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("publish", {}),
            ("take", {}),
            ("answer", {"text": "假的回答"}),
            ("answer_by_voice", {}),
            ("dismiss", {}),
            ("reopen", {}),
        ],
    )
    def test_a_learner_does_nothing_that_is_the_desks(
        self, asker: Seated, other: Seated, live: LiveSession, name: str, fields: dict[str, str]
    ) -> None:
        number = asker.asks("原样")
        for one in (asker, other):
            assert one.news(lambda one=one: one.refused(name, question=number, **fields)) == []
        assert (row(live, number).state, row(live, number).answer) == ("open", "")

    def test_a_learner_sets_no_rules(self, asker: Seated, live: LiveSession) -> None:
        assert asker.refused("rules", moderated=True) == "forbidden"
        assert not queries.is_moderated(live.id)

    def test_an_assistant_does_all_of_it(self, asker: Seated, enter: Enter, assistant: User) -> None:
        helper = enter(assistant)
        helper.does("rules", moderated=True)
        number = asker.asks("助教处理")
        for name in ("publish", "take", "answer_by_voice", "reopen", "dismiss"):
            helper.does(name, question=number)

    @pytest.mark.parametrize("number", [0, -1, 999_999, 2**31 - 1])
    def test_a_number_that_no_question_has(self, asker: Seated, desk: Seated, number: int) -> None:
        assert asker.refused("vote", question=number) == "questions.none"
        assert desk.refused("take", question=number) == "questions.none"

    def test_another_lessons_question(
        self, asker: Seated, desk: Seated, sign_in: SignIn, teacher: User, learner: User
    ) -> None:
        elsewhere = Seated(sign_in(learner), factory.on_air(teacher).id)
        number = asker.asks("这里")
        assert elsewhere.refused("vote", question=number) == "questions.none"

    def test_one_who_only_looks_on_takes_no_part(self, sign_in: SignIn, teacher: User, now: Any) -> None:
        elsewhere = factory.on_air(teacher, audience="everyone")
        nobody = Seated(sign_in(None), elsewhere.id)
        assert nobody.command("ask", text="问", nonce="1")["code"] == "classroom.no_name"

    @pytest.mark.parametrize("after", ["", "x", "9.0.0", "0.0", "-1.0.0", "1.2.3.4", "0.99999999999.1"])
    def test_a_place_that_is_none(self, asker: Seated, after: str) -> None:
        assert asker.client.get(f"{asker.base}/questions?after={after}").status_code == 404


@pytest.mark.parametrize("text", XSS)
def test_what_is_typed_is_text_on_every_page(enter: Enter, desk: Seated, other: Seated, text: str) -> None:
    asker = enter(accounts.user("evil", text[:80]))
    number = asker.asks(text)
    desk.does("answer", question=number, text=text)
    fragments = [html for one in (other, desk) for event in one.events() for html in event["html"].values()]
    pages = [other.page(), desk.page("studio")]
    for html in fragments + pages:
        for tag, attributes in Page(html).elements:
            assert tag != "iframe"
            assert tag != "img" or (attributes.get("src") or "/").startswith("/")  # pictures of ours
            assert not [name for name in attributes if name.startswith("on")]
            assert not attributes.get("href", "").startswith("javascript:")
            assert tag != "script" or attributes.get("src") or attributes.get("type") == "application/json"
    assert any(text[:10] in unescape(html) for html in fragments)


def test_a_long_list_comes_in_pieces_each_question_once(
    asker: Seated, other: Seated, desk: Seated, live: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "ON_A_PAGE", 4)
    numbers = [desk.asks(f"第 {number} 个") for number in range(10)]
    own = asker.asks("我的排在后面")
    for number, votes in ((numbers[8], 3), (numbers[5], 2), (numbers[2], 2)):
        with unit_of_work():
            row(live, number).votes = votes
    wanted = [numbers[at] for at in (8, 2, 5, 0, 1, 3, 4, 6, 7, 9)]

    def pieces(one: Seated) -> list[list[int]]:
        html, found = one.page(), []
        while True:
            elements = Page(html).elements
            found.append([int(its["data-order"]) for tag, its in elements if its.get("data-into") == "questions-list"])
            more = [its["hx-get"] for tag, its in elements if "/questions?after=" in its.get("hx-get", "")]
            if not more:
                return found
            html = one.client.get(more[0]).text

    assert pieces(other) == [wanted[:4], wanted[4:8], [*wanted[8:], own]]
    assert pieces(asker) == [[*wanted[:4], own], wanted[4:8], wanted[8:]]


class TestReplay:
    def test_each_question_comes_back_as_it_was_at_its_time(
        self,
        asker: Seated,
        other: Seated,
        desk: Seated,
        live: LiveSession,
        teacher: User,
        now: time_machine.Coordinates,
    ) -> None:
        first = asker.asks("先问的")
        now.shift(NEXT_S)
        asked_ms = clock.now_ms()
        second = asker.asks("后问的", anonymous=True)
        other.does("vote", question=second)
        services.tell_votes()
        now.shift(5)
        desk.does("take", question=second)
        taken_ms = clock.now_ms()
        now.shift(30)
        desk.does("answer_by_voice", question=second)
        desk.does("answer", question=second, text="以及书面回答")
        lives.end(live, by=teacher)
        (its,) = [its for tag, its in Page(other.page("replay")).elements if tag == "question-list"]
        assert {"data-replay", "data-over"} <= set(its)
        assert other.listed("replay") == []
        events = other.events()
        assert [event["at"] for event in events if event["id"] == second] == [asked_ms]
        assert other.replayed() == {first: ["open"], second: ["open", "being_answered", "answered", "answered"]}
        for event in events:
            if event["data"].get("question") == second and event["data"]["state"] != "answered":
                assert "以及书面回答" not in event["html"]["question"], "not before it was written"
        assert f'data-at="{taken_ms}"' in events[-1]["html"]["question"]
        assert next(event["data"]["votes"] for event in events if event["id"] == second) == 0
        assert {"votes": {str(second): 1}} in [event["data"] for event in events]

    def test_what_was_set_aside_does_not_come_back(
        self, asker: Seated, other: Seated, desk: Seated, live: LiveSession, teacher: User
    ) -> None:
        number = asker.asks("搁置的")
        desk.does("dismiss", question=number)
        lives.end(live, by=teacher)
        assert "搁置的" not in json.dumps(other.events(), ensure_ascii=False)
        assert number in asker.replayed()
        assert number in desk.replayed()

    def test_moderated_it_comes_when_it_was_published(
        self,
        asker: Seated,
        other: Seated,
        desk: Seated,
        live: LiveSession,
        teacher: User,
        now: time_machine.Coordinates,
    ) -> None:
        desk.does("rules", moderated=True)
        number = asker.asks("审核的")
        now.shift(40)
        desk.does("publish", question=number)
        published_ms = clock.now_ms()
        lives.end(live, by=teacher)
        assert [event["at"] for event in other.events() if event["data"].get("question") == number] == [published_ms]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_state_has_its_words_in_both_languages(
    asker: Seated, other: Seated, desk: Seated, now: time_machine.Coordinates, language: str
) -> None:
    for texts in ("开", "答", "写", "说", "搁"):
        number = asker.asks(texts)
        now.shift(NEXT_S)
        match texts:
            case "答":
                desk.does("take", question=number)
            case "写":
                desk.does("answer", question=number, text="好")
            case "说":
                desk.does("answer_by_voice", question=number)
            case "搁":
                desk.does("dismiss", question=number)
    desk.does("rules", moderated=True)
    asker.asks("等")
    for one, name in ((asker, "watch"), (other, "watch"), (desk, "studio")):
        reply = one.client.get(f"{one.base}/{name}", headers={"Accept-Language": language})
        assert reply.status_code == 200
        states = ("open", "being_answered", "answered") + (() if one is other else ("dismissed", "waiting"))
        for state in states:
            assert f"question--{state}" in reply.text
