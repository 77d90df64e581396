"""What presenters announce, and what the lesson has done, among the messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.classroom.chat import services as chat
from app.classroom.chat.views import chat_view
from app.classroom.engine.seats import Side
from app.classroom.notices import errors, lines, queries, services
from app.extensions import db
from app.kernel.web import written_in
from app.live import services as live_services
from app.live.models import LiveSession
from tests.conftest import SignIn
from tests.factories import live as lives
from tests.factories.rooms import call_of, frames_of


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def told(live: LiveSession, locale: str = "en") -> list[str]:
    """Return the lines of a lesson."""
    with written_in(locale):
        return [" ".join(line.sentences) for line in lines.between(live.id, 0, None)]


class TestLines:
    def test_each_turn_of_a_lesson_is_told(self, teacher: User) -> None:
        live = lives.on_air(teacher)
        live_services.pause(live, by=teacher, message="十分钟后继续")
        live_services.resume(live, by=teacher)
        live_services.set_recording(live, False, by=teacher)
        live_services.leave(live, by=teacher)
        live_services.come_back(live, by=teacher)
        live_services.set_recording(live, True, by=teacher)
        live_services.pause(live, by=teacher)
        live_services.end(live, by=teacher)
        assert told(live) == [
            "The lesson has begun. Recording has started.",
            "The lesson is paused: 十分钟后继续",
            "The lesson goes on.",
            "Recording has stopped.",
            "The teacher has stepped out for a moment.",
            "The teacher is back.",
            "Recording has started.",
            "The lesson is paused.",
            "The lesson is over.",
        ]

    def test_an_encoder_that_comes_and_goes_is_not(self, teacher: User) -> None:
        live = lives.on_air(teacher, recording=False)
        for _ in range(3):
            live_services.lose_encoder(live.stream_id)
            live_services.find_encoder(live.stream_id)
        assert told(live) == ["The lesson has begun."]

    def test_a_switch_before_the_beginning_is_not(self, lesson: LiveSession) -> None:
        live_services.set_recording(lesson, False, by=lesson.owner)
        assert told(lesson) == []
        live_services.start(lesson, by=lesson.owner)
        assert told(lesson) == ["The lesson has begun."]

    @pytest.mark.parametrize("side", list(Side))
    def test_pages_get_them_with_the_states(self, teacher: User, side: Side) -> None:
        live = lives.on_air(teacher)
        live_services.lose_encoder(live.stream_id)
        live_services.pause(live, by=teacher)
        sent = frames_of(live, side, "en")
        assert ["line" in frame["html"] for frame in sent] == [True, False, True]
        assert ["state" in frame["html"] for frame in sent] == [False, False, True], "only what is true now is drawn"
        assert 'data-into="chat-list"' in sent[0]["html"]["line"]
        assert f'data-order="{sent[0]["id"]}"' in sent[0]["html"]["line"]

    def test_a_page_that_missed_some_gets_only_those(self, teacher: User) -> None:
        live = lives.on_air(teacher)
        live_services.pause(live, by=teacher)
        before = frames_of(live)[-1]["id"]
        live_services.resume(live, by=teacher)
        with written_in("en"):
            assert [" ".join(one.sentences) for one in lines.between(live.id, before, None)] == ["The lesson goes on."]

    def test_the_history_has_them_at_their_place(self, teacher: User, learner: User, sign_in: SignIn) -> None:
        live = lives.on_air(teacher)
        call = call_of(learner, live)
        chat.say(call, "甲", nonce="1")
        live_services.pause(live, by=teacher)
        services.give(call_of(teacher, live), "十点继续")
        chat.say(call, "乙", nonce="2")
        view = chat_view(live, Side.LEARNER, call.person)
        assert [entry.kind for entry in view.entries] == ["line", "message", "line", "notice", "message"]
        page = sign_in(learner).get(f"/live/{live.id}/watch").text
        assert page.index('id="line-1"') < page.index("甲</div>") < page.index('id="line-3"')
        assert page.index('id="notice-') < page.index("乙</div>")

    def test_the_pages_of_earlier_messages_hold_each_once(self, teacher: User, learner: User) -> None:
        live = lives.on_air(teacher)
        call = call_of(learner, live)
        for number in range(120):
            chat.say(call, str(number), nonce=str(number))
            if number % 20 == 10:
                live_services.pause(live, by=teacher)
                services.give(call_of(teacher, live), f"第 {number} 条")
                live_services.resume(live, by=teacher)
        seen: list[int] = []
        before = None
        while True:
            view = chat_view(live, Side.LEARNER, call.person, before=before)
            seen = [entry.id for entry in view.entries] + seen
            if not view.earlier_url:
                break
            before = view.messages[0].id
        assert seen == list(range(1, 1 + 1 + 120 + 6 * 3))


class TestNotices:
    @pytest.fixture
    def live(self, watch: Traveller, teacher: User) -> LiveSession:
        """A lesson on air."""
        return lives.on_air(teacher)

    @pytest.mark.parametrize("locale", ["zh_CN", "en"])
    @pytest.mark.parametrize("side", list(Side))
    def test_everybody_is_shown_it(self, live: LiveSession, side: Side, locale: str) -> None:
        notice = services.give(call_of(live.owner, live), "请看 <b>讲义</b>")
        frame = frames_of(live, side, locale)[-1]
        assert frame["kind"] == "notice.given"
        assert frame["data"] == {"notice": notice.id, "text": "请看 <b>讲义</b>", "by": "李明远"}
        assert "&lt;b&gt;" in frame["html"]["notice"]
        assert f'id="notice-{notice.id}"' in frame["html"]["notice"]

    @pytest.mark.parametrize(
        ("text", "error"), [(" \n ", errors.Empty), ("长" * 301, errors.TooLong)], ids=["nothing", "too much"]
    )
    def test_not_every_text_is_one(self, live: LiveSession, text: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            services.give(call_of(live.owner, live), text)
        assert queries.newest(live.id) is None

    def test_three_hundred_characters_fit(self, live: LiveSession) -> None:
        assert len(services.give(call_of(live.owner, live), "长" * 300).text) == 300

    def test_said_again_at_once_it_is_the_same(self, live: LiveSession, watch: Traveller) -> None:
        call = call_of(live.owner, live)
        first = services.give(call, "十点继续").id
        watch.shift(5)
        assert services.give(call, "十点继续").id == first
        watch.shift(60)
        assert services.give(call, "十点继续").id != first

    def test_withdrawn_it_is_gone_everywhere_and_the_log_knows(
        self, live: LiveSession, learner: User, sign_in: SignIn
    ) -> None:
        call = call_of(live.owner, live)
        notice = services.give(call, "说错的话")
        services.withdraw(call, notice.id)
        for side in Side:
            sent = frames_of(live, side)
            assert "说错的话" not in str(sent)
            assert sent[-1]["data"] == {"gone": f"notice-{notice.id}"}
        assert "说错的话" not in sign_in(learner).get(f"/live/{live.id}/watch").text
        (noted,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.WORDS_WITHDRAWN))
        assert "说错的话" not in str(noted.details)

    def test_only_the_newest_is_withdrawn(self, live: LiveSession) -> None:
        call = call_of(live.owner, live)
        first, second = services.give(call, "一").id, services.give(call, "二").id
        with pytest.raises(errors.NotTheNewest):
            services.withdraw(call, first)
        services.withdraw(call, second)
        with pytest.raises(errors.NotTheNewest):
            services.withdraw(call, second)
        services.withdraw(call, first)

    def test_nothing_is_announced_after_the_end(self, live: LiveSession) -> None:
        live_services.end(live, by=live.owner)
        with pytest.raises(errors.Over):
            services.give(call_of(live.owner, live), "还有一句")


def test_each_mark_of_a_chat_stands_by_itself(teacher: User, sign_in: SignIn) -> None:
    """Two that ran into one another would be none: one could write into a session that is over."""
    live = lives.on_air(teacher)
    chat.set_rules(call_of(teacher, live), muted_all=True)
    live_services.end(live, by=teacher)
    for where in ("watch", "replay"):
        opening = sign_in(teacher).get(f"/live/{live.id}/{where}").text.partition("<lesson-chat")[2].partition(">")[0]
        assert {"data-muted-all", "data-over", "data-pictures"} <= set(opening.split()), where
