"""排练 in the classroom: on the learner's page of a rehearsal, a presenter is a learner of her own."""

from __future__ import annotations

from typing import Any

import pytest

from app.classroom.engine.presence import queries as presence
from app.classroom.engine.presence import services as presence_services
from app.classroom.polls import queries as polls
from app.kernel import clock
from app.live import rehearsals, services
from app.live.models import LiveSession
from tests.classroom.cast import Answer, Room
from tests.factories import live
from tests.factories import polls as make_polls

HOUR_MS = 3_600_000


@pytest.fixture
def twin(room: Room) -> LiveSession:
    """The rehearsal of a lesson of tomorrow, on air."""
    later = clock.now_ms() + 24 * HOUR_MS
    teacher, assistant = room.people["teacher"], room.people["assistant"]
    planned = live.lesson(teacher, starts_at_ms=later, ends_at_ms=later + HOUR_MS, assistants=(assistant,))
    twin = rehearsals.begin(planned, by=teacher)
    services.start(twin, by=teacher)
    return twin


def asks(room: Room, who: str, twin: LiveSession, name: str, /, **fields: Any) -> Answer:
    """Send a command from the learner's page of the rehearsal."""
    frame = {"type": "command", "n": 1, "name": name, "fields": fields}
    answer: Answer = room.browser(who).post(f"/live/{twin.id}/commands?as_learner=1", json=frame).get_json()
    return answer


def at_the_desk(room: Room, who: str, twin: LiveSession) -> list[Answer]:
    """Return what the studio of the rehearsal is sent."""
    return list(room.browser(who).get(f"/live/{twin.id}/events?after=0").get_json())


def test_a_presenter_answers_asks_and_raises_a_hand_as_a_learner_and_sees_it_in_her_studio(
    room: Room, twin: LiveSession
) -> None:
    poll = make_polls.opened(twin)
    page = room.browser("teacher").get(f"/live/{twin.id}/watch?as_learner=1").text
    assert "您以学员身份参加" in page
    assert 'data-command="polls.answer"' in page
    assert asks(room, "teacher", twin, "polls.answer", poll=poll.id, chosen=[1])["type"] == "done"
    assert asks(room, "assistant", twin, "polls.answer", poll=poll.id, chosen=[2])["type"] == "done"
    assert polls.counts_of([poll.id])[poll.id].total == 2
    for name, fields in (
        ("hands.raise", {}),
        ("questions.ask", {"text": "零电阻怎么测？", "nonce": "n1"}),
        ("chat.say", {"text": "听得到", "nonce": "n2"}),
        ("reactions.give", {"reaction": "up"}),
    ):
        assert asks(room, "teacher", twin, name, **fields)["type"] == "done", name
    heard = {frame["kind"]: frame["data"] for frame in at_the_desk(room, "teacher", twin)[1:]}
    assert heard["chat.said"]["name"] == "李明远（学员身份）"
    assert heard["chat.said"]["by"] != room.key("teacher")
    assert {"hands.raised", "questions.asked", "polls.opened"} <= set(heard)


def test_she_may_no_more_there_than_learners(room: Room, twin: LiveSession) -> None:
    for name, fields in (("notice.give", {"text": "x"}), ("polls.new", {"kind": "single", "question": "x"})):
        assert asks(room, "teacher", twin, name, **fields)["type"] == "refused", name
    message = asks(room, "teacher", twin, "chat.say", text="听得到", nonce="n")["data"]["message"]
    assert asks(room, "teacher", twin, "chat.pin", message=message)["code"] == "forbidden"
    assert room.browser("learner").get(f"/live/{twin.id}/watch?as_learner=1").status_code == 404


def test_who_plays_a_learner_is_one_more_in_the_room(room: Room, twin: LiveSession) -> None:
    room.browser("teacher").get(f"/live/{twin.id}/events?after=0")
    room.browser("teacher").get(f"/live/{twin.id}/events?as_learner=1&after=0")
    presence_services.note()
    assert sorted((one.name, one.part) for one in presence.people_present(twin.id)) == [
        ("李明远", "teacher"),
        ("李明远（学员身份）", "learner"),
    ]
