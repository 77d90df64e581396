"""授课小结: what those who taught a lesson see after it, and do about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.audit.models import Action, AuditEntry
from app.classroom.engine.presence import services as presence
from app.classroom.engine.seats import Person, Seat, Side
from app.classroom.reactions.collecting import Box
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work
from app.live import rehearsals
from app.live import services as lives
from app.mail.models import Mail
from app.notices import wishes
from tests.classroom.cast import Room
from tests.classroom.test_reactions import gathered
from tests.factories import live as live_factory
from tests.factories import polls, slides
from tests.reading import Page

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""14:00 in Beijing."""


@pytest.fixture
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def room(now: time_machine.Coordinates, room: Room) -> Room:
    """The lesson begins at 14:00."""
    return room


def summary(room: Room, who: str = "teacher", rest: str = "") -> str:
    reply = room.browser(who).get(f"/live/{room.live_id}/summary{rest}")
    assert reply.status_code == 200, reply.text
    return reply.text


def seat(room: Room, key: str, name: str, part: str = "learner", user_id: int | None = None) -> Seat:
    return Seat(room.live_id, Person(key, name, user_id), Side.LEARNER, part, False, "zh_CN", "")


def end(room: Room) -> None:
    lives.end(room.live, by=room.live.owner)


def taught(room: Room, now: time_machine.Coordinates) -> None:
    """Teach for forty minutes: two pages; 张三 goes and comes back, a guest with a wicked name comes for the middle."""
    deck = slides.deck(room.live, pages=2)
    learner = seat(room, room.key("learner"), "张三", user_id=room.people["learner"].id)
    guest, teacher = seat(room, "gx", "=1+1", "guest"), seat(room, room.key("teacher"), "李明远", "teacher")
    presence.note(entered=[learner, teacher])
    room.do("teacher", "slides.show", document=deck.id, page=1, step=0, at=clock.now_ms())
    now.shift(600)
    presence.note(left=[(room.live_id, learner.person.key)], entered=[guest], still=[teacher])
    now.shift(600)
    presence.note(entered=[learner], still=[guest, teacher])
    room.do("teacher", "slides.show", document=deck.id, page=2, step=0, at=clock.now_ms())
    now.shift(600)
    presence.note(left=[(room.live_id, "gx")], still=[learner, teacher])
    now.shift(600)
    presence.note(still=[learner, teacher])
    end(room)
    now.shift(600)
    presence.note(still=[learner, teacher])


def test_the_teacher_sees_how_long_how_many_and_who_when(room: Room, now: time_machine.Coordinates) -> None:
    taught(room, now)
    text = summary(room)
    page = Page(text)
    words = page.text
    assert "时长0:40:00" in words
    assert "学员2" in words
    assert "同时在线最多2" in words
    links = {at.get("href") for tag, at in page.elements if tag == "a"}
    moments = {int(START.timestamp() * 1000) + ms for ms in (0, 1_200_000)}
    assert {f"/live/{room.live_id}/replay#at={at}" for at in moments} <= links
    pictures = [at["href"] for tag, at in page.elements if tag == "image"]
    assert len(pictures) == 2
    assert {at["src"] for tag, at in page.elements if tag == "img" and "pages__picture" in at.get("class", "")} == set(
        pictures
    )
    assert "0:20:00，第 2 页：2 人" in text, "the curve says it to a pointer, the list beneath to everybody"
    assert "在线 0:30:00，全程 0:40:00" in text
    rows = [at for tag, at in page.elements if tag == "tr"]
    assert len(rows) == 1 + 3


def test_reactions_stand_at_the_page_that_they_were_given_to(
    app: Flask, room: Room, now: time_machine.Coordinates
) -> None:
    assert "这次直播中没有人点反应" in summary_of_nothing(room)
    deck = slides.deck(room.live, pages=2)
    reacts(app, room, learner="up")
    room.do("teacher", "slides.show", document=deck.id, page=1, step=0, at=clock.now_ms())
    now.shift(60)
    reacts(app, room, learner="fast", other="fast", guest="clap")
    now.shift(60)
    room.do("teacher", "slides.show", document=deck.id, page=2, step=0, at=clock.now_ms())
    now.shift(60)
    reacts(app, room, learner="clear")
    now.shift(60)
    end(room)
    words = Page(summary(room)).text
    assert "学员反应 👍 1👏 1听懂了 1太快了 2" in words
    assert "第 1 页 👍 1👏 1太快了 2" in words
    assert "第 2 页 听懂了 1" in words
    assert 'class="replay__reactions"' in room.browser("teacher").get(f"/live/{room.live_id}/replay").text
    assert "replay__reactions" not in room.browser("learner").get(f"/live/{room.live_id}/replay").text


def summary_of_nothing(room: Room) -> str:
    """Return the summary of another lesson of the teacher, in which nothing happened."""
    other = live_factory.ended(room.people["teacher"])
    return room.browser("teacher").get(f"/live/{other.id}/summary").text


def reacts(app: Flask, room: Room, **given: str) -> None:
    """Let people react, and the keeper of this process write it down."""
    app.extensions["reactions"] = Box()  # it has emptied nothing within the last seconds
    for who, reaction in given.items():
        room.do(who, "reactions.give", reaction=reaction)
    gathered(app, room)


def test_the_list_is_taken_home_and_no_cell_is_a_formula(room: Room, now: time_machine.Coordinates) -> None:
    taught(room, now)
    browser, address = room.browser("teacher"), f"/live/{room.live_id}/summary/visits"
    reply = browser.post(f"{address}.csv")
    lines = list(csv.reader(io.StringIO(reply.text.removeprefix("\ufeff"))))
    found = {line[0]: line for line in lines[1:]}
    assert set(found) == {"李明远", "张三", "'=1+1"}
    assert found["张三"][6:] == ["0:30:00", "14:00–14:10; 14:20–14:40"]
    assert found["张三"][2:4] == [room.people["learner"].unit.name, "学员"]
    assert found["'=1+1"][2:4] == ["", "访客"]
    book = load_workbook(io.BytesIO(browser.post(f"{address}.xlsx").data))
    assert [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)] == lines
    assert browser.post(f"{address}.exe").status_code == 404
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == Action.VISITS_EXPORTED)).all()
    assert len(noted) == 2


def test_a_question_left_open_is_answered_and_the_one_who_asked_gets_a_mail_once(room: Room) -> None:
    learner = room.people["learner"]
    with unit_of_work():
        learner.email = "zhang@iom.example"
        room.people["other"].email = "li@iom.example"
    askers = ("learner", "other", "guest")
    numbers = [room.do(who, "questions.ask", text=f"{who}问什么", nonce="1")["question"] for who in askers]
    wishes.set_wish(room.people["other"], wishes.ANSWERS, False)
    end(room)
    text = summary(room)
    assert all(f"{who}问什么" in text for who in askers)
    for number, answer in [*((number, "因为所以") for number in numbers), (numbers[0], "换一种说法")]:
        address = f"/live/{room.live_id}/summary/questions/{number}"
        assert room.browser("teacher").post(address, data={"text": answer}).status_code == 302
    (mail,) = db.session.scalars(select(Mail)).all()
    assert mail.recipient == "zhang@iom.example"
    assert "因为所以" in mail.text
    assert "learner问什么" in mail.text
    assert mail.unsubscribe
    assert "没有待回答的提问" in summary(room)
    # the mail's link ends such mails
    token = mail.unsubscribe.rpartition("/")[2]
    assert room.browser("nobody").post(f"/mail/{token}").status_code == 200
    assert not wishes.wants(learner, wishes.ANSWERS)
    assert wishes.wants(learner, wishes.INVITATIONS)


def test_an_answer_without_words_and_one_to_nothing_are_refused(room: Room) -> None:
    number = room.do("learner", "questions.ask", text="问什么", nonce="1")["question"]
    address = f"/live/{room.live_id}/summary/questions/"
    assert room.browser("teacher").post(f"{address}{number}", data={"text": "早了"}).status_code == 404
    end(room)
    assert room.browser("teacher").post(f"{address}{number}", data={"text": " "}).status_code == 400
    assert room.browser("teacher").post(f"{address}{number + 99}", data={"text": "x"}).status_code == 404
    assert "问什么" in summary(room)
    reply = room.browser("teacher").post(f"{address}{number}", data={"text": "答"}, headers={"HX-Request": "true"})
    assert "李明远的回答：" in reply.text
    assert "<textarea" not in reply.text
    assert "提问的人会收到邮件" in reply.text
    assert "提问的人会收到邮件" not in room.browser("teacher").get(f"/live/{room.live_id}").text, "it is said once"


def test_polls_are_shown_with_their_results(room: Room) -> None:
    poll = polls.opened(room.live, "哪一种颜色？")
    polls.prepared(room.live, "没有问出口的")
    room.do("learner", "polls.answer", poll=poll.id, chosen=[2])
    end(room)
    words = Page(summary(room)).text
    assert "哪一种颜色？" in words
    assert "1 · 100%" in words
    assert "没有问出口的" not in words


def test_a_lesson_without_anything_says_so_in_words(room: Room) -> None:
    room.live.recording = False
    db.session.commit()
    lives.set_recording(room.live, False, by=room.live.owner)
    with unit_of_work():
        room.live.stream.record = []
        room.live.stream.finished = True
    end(room)
    words = Page(summary(room)).text
    for sentence in ("没有录制", "没有学员观看", "没有人进入课堂", "没有待回答的提问", "没有发起过投票"):
        assert sentence in words, sentence
    assert "/replay" not in summary(room)
    assert "下周再讲一次" in words


def test_only_those_who_teach_or_manage_see_it_and_they_find_the_way(room: Room) -> None:
    address = f"/live/{room.live_id}/summary"
    assert room.browser("teacher").get(address).headers["Location"].endswith(f"/live/{room.live_id}"), "it still runs"
    ending = room.browser("teacher").post(f"/live/{room.live_id}/ending")
    assert ending.headers["Location"].endswith(address), "who ends it lands there"
    seen = {who for who in ("nobody", "guest", "learner", "barred", "assistant", "teacher", "manager", "admin")
            if room.browser(who).get(address).status_code == 200}  # fmt: skip
    assert seen == {"teacher", "manager", "admin"}
    linked = {who for who in ("learner", "assistant", "teacher", "manager")
              if f'"{address}"' in room.browser(who).get(f"/live/{room.live_id}").text}  # fmt: skip
    assert linked == {"teacher", "manager"}
    assert f'"{address}"' in room.browser("teacher").get("/live/mine").text


def test_a_rehearsal_has_none(room: Room) -> None:
    end(room)
    planned = live_factory.lesson(room.people["teacher"])
    twin = rehearsals.begin(planned, by=room.people["teacher"])
    lives.start(twin, by=twin.owner)
    ending = room.browser("teacher").post(f"/live/{twin.id}/ending")
    assert ending.headers["Location"].endswith(f"/live/{twin.id}/studio")
    assert room.browser("teacher").get(f"/live/{twin.id}/summary").headers["Location"].endswith("/studio")


def test_five_thousand_are_summed_up_at_once(room: Room, now: time_machine.Coordinates) -> None:
    hall = [seat(room, f"u{number}", f"学员{number:04}") for number in range(5000)]
    presence.note(entered=hall)
    now.shift(600)
    presence.note(left={(room.live_id, one.person.key) for one in hall})
    now.shift(600)
    presence.note(entered=hall)
    now.shift(10)
    end(room)
    assert "同时在线最多5000" in Page(summary(room)).text
    assert "学员4999" in summary(room, rest="?page=250")
