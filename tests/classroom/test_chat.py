"""Chat: who reads what, what can be taken back, and the rules for writing."""

from __future__ import annotations

import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from limits import parse
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.audit.models import Action, AuditEntry
from app.classroom.chat import pictures
from app.classroom.chat.models import Message
from app.extensions import db, limiter
from app.kernel.pictures import MOST_BYTES, keeping
from app.live import services as lives
from app.timeline.models import Event
from tests.classroom.cast import DESK, Answer, Room, names_of_events
from tests.factories import accounts
from tests.reading import Page, Unread

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SECRET = "只给老师看的话"


def readers(room: Room, words: str, *who: str) -> set[str]:
    """Name those of some people who can read some words anywhere."""
    return {one for one in who if any(words in text for text in room.seen(one).values())}


def shown_in(room: Room, words: str, who: str) -> set[str]:
    """Name the renderers in which somebody can read some words."""
    return {name for name, text in room.seen(who).items() if words in text}


EVERYWHERE = {"page", "earlier", "frames"}


class TestWhispers:
    """悄悄话."""

    def test_what_is_written_to_the_desk_is_read_by_the_desk_and_by_who_wrote_it(self, room: Room) -> None:
        room.say("learner", SECRET, to_desk=True)
        for who in ("learner", "teacher", "assistant", "admin"):
            assert shown_in(room, SECRET, who) == EVERYWHERE, who
        assert readers(room, SECRET, "other", "guest", "manager_elsewhere") == set()

    def test_a_guest_can_whisper_too(self, room: Room) -> None:
        room.say("guest", SECRET, to_desk=True)
        assert readers(room, SECRET, "guest", "guest2", "learner", "teacher") == {"guest", "teacher"}

    def test_others_do_not_even_hear_that_something_was_written(self, room: Room) -> None:
        before = room.newest()
        number = room.say("learner", SECRET, to_desk=True)
        room.do("learner", "chat.edit", message=number, text=SECRET + "!")
        room.do("learner", "chat.withdraw", message=number)
        assert room.frames("other", before) == []
        assert names_of_events(room.frames("learner", before)) == ["chat.gone"]

    def test_the_answer_of_the_desk_reaches_who_asked_and_stays_there(self, room: Room) -> None:
        asked = room.say("learner", SECRET, to_desk=True)
        room.say("teacher", "答复只给她", reply=asked)
        assert shown_in(room, "答复只给她", "learner") == EVERYWHERE
        assert shown_in(room, "答复只给她", "assistant") == EVERYWHERE
        assert readers(room, "答复只给她", "other", "guest") == set()

    def test_she_hears_when_the_answer_is_changed_or_deleted(self, room: Room) -> None:
        answer = room.say("teacher", "答复只给她", reply=room.say("learner", SECRET, to_desk=True))
        before = room.newest()
        room.do("teacher", "chat.edit", message=answer, text="另一个答复")
        assert shown_in(room, "另一个答复", "learner") == EVERYWHERE
        room.do("assistant", "chat.delete", message=answer)
        assert room.frames("learner", before)[-1]["data"] == {"gone": f"chat-{answer}"}
        assert room.frames("other", before) == []

    def test_a_whisper_about_what_another_has_written_does_not_reach_her(self, room: Room) -> None:
        before = room.newest()
        room.say("learner", SECRET, reply=room.say("other", "大家好"), to_desk=True)
        assert names_of_events(room.frames("other", before)) == ["chat.said"]
        assert readers(room, SECRET, "other", "guest", "learner", "teacher") == {"learner", "teacher"}

    def test_an_answer_outlives_the_question(self, room: Room) -> None:
        asked = room.say("learner", SECRET, to_desk=True)
        room.say("teacher", "答复只给她", reply=asked)
        room.do("learner", "chat.withdraw", message=asked)
        assert shown_in(room, "答复只给她", "learner") == EVERYWHERE
        assert readers(room, "答复只给她", "other") == set()

    def test_whoever_guesses_its_number_can_neither_quote_nor_change_nor_delete_it(self, room: Room) -> None:
        number = room.say("learner", SECRET, to_desk=True)
        room.say("other", "引用一下", reply=number)
        assert readers(room, SECRET, "other") == set()
        assert shown_in(room, "引用一下", "guest") == EVERYWHERE, "it is an answer to nothing that she knows of"
        assert room.refusal("other", "chat.edit", message=number, text="x") == "chat.no_message"
        assert room.refusal("other", "chat.withdraw", message=number) == "chat.no_message"
        assert room.refusal("other", "chat.delete", message=number) == "forbidden"

    def test_it_cannot_be_pinned_for_everybody_to_read(self, room: Room) -> None:
        number = room.say("learner", SECRET, to_desk=True)
        assert room.refusal("teacher", "chat.pin", message=number) == "chat.whispered"
        assert readers(room, SECRET, "other", "guest") == set()

    def test_earlier_pages_hold_none_either(self, room: Room) -> None:
        room.say("learner", SECRET, to_desk=True)
        for number in range(50):
            room.say("other", f"第 {number} 条")
        for before in range(1, room.newest() + 2, 7):
            assert SECRET not in room.browser("other").get(f"/live/{room.live_id}/chat?before={before}").text


class TestReading:
    """The list, and what was before it."""

    def test_a_page_opens_with_the_newest_and_leads_to_all_before(self, room: Room) -> None:
        for number in range(120):
            room.say("learner", f"第{number}条。")
        page, found = room.page("other"), list[str]()
        while page:
            shown = [number for number in range(120) if f"第{number}条。" in page]
            found = [*map(str, shown), *found]
            earlier = [one["hx-get"] for _tag, one in Page(page).elements if "/chat?before=" in one.get("hx-get", "")]
            page = room.browser("other").get(earlier[0]).text if earlier else ""
        assert found == [str(number) for number in range(120)], "each of them once and in order"

    def test_a_reply_shows_what_it_answers_and_lines_stay_lines(self, room: Room) -> None:
        number = room.say("learner", "原来的话")
        room.say("other", "第一行\n第二行 https://example.com/?a=1&b=2", reply=number)
        page = Page(room.page("guest"))
        assert ("张三: 原来的话") in page.text
        assert "br" in {tag for tag, _ in page.elements}
        (link,) = [one for tag, one in page.elements if tag == "a" and one["href"].startswith("https://example.com")]
        assert link["href"] == "https://example.com/?a=1&b=2"
        assert set(link["rel"].split()) == {"nofollow", "noreferrer", "noopener"}


class TestTakingBack:
    """One's own, for two minutes."""

    def test_one_changes_and_withdraws_ones_own_and_nobody_elses(self, room: Room) -> None:
        number = room.say("learner", "我说的")
        for who in ("other", "guest", "teacher", "admin"):
            assert room.refusal(who, "chat.edit", message=number, text="不是我说的") == "forbidden"
            assert room.refusal(who, "chat.withdraw", message=number) == "forbidden"
        room.do("learner", "chat.edit", message=number, text="我改过的")
        assert shown_in(room, "我改过的", "other") == EVERYWHERE
        assert readers(room, "我说的", "other", "teacher", "learner") == set()

    @pytest.mark.parametrize(("seconds", "may"), [(119, True), (120, True), (121, False), (86_400, False)])
    def test_for_two_minutes(self, room: Room, seconds: int, may: bool) -> None:
        with time_machine.travel(START, tick=False) as clock:
            first, second = room.say("learner", "第一句"), room.say("learner", "第二句")
            clock.shift(seconds)
            said = [
                room.ask("learner", "chat.edit", message=first, text="改"),
                room.ask("learner", "chat.withdraw", message=second),
            ]
        assert {one["type"] for one in said} == ({"done"} if may else {"refused"})
        assert {one.get("code") for one in said} == ({None} if may else {"chat.too_late"})

    def test_what_is_gone_cannot_be_brought_back(self, room: Room) -> None:
        number = room.say("learner", "走了")
        room.do("learner", "chat.withdraw", message=number)
        for who, name, fields in (
            ("learner", "chat.edit", {"text": "回来"}),
            ("learner", "chat.withdraw", {}),
            ("teacher", "chat.delete", {}),
            ("teacher", "chat.pin", {}),
        ):
            assert room.refusal(who, name, message=number, **fields) == "chat.no_message", name

    @pytest.mark.parametrize("how", ["withdrawn", "deleted"])
    def test_its_words_are_gone_from_every_renderer_and_from_every_table(self, room: Room, how: str) -> None:
        words, again = "收回的原话", "收回的改话"
        number = room.say("learner", words)
        room.say("other", "引用了", reply=number)
        room.do("teacher", "chat.pin", message=number)
        room.do("learner", "chat.edit", message=number, text=again)
        assert readers(room, again, "other", "guest", "teacher") == {"other", "guest", "teacher"}
        if how == "withdrawn":
            room.do("learner", "chat.withdraw", message=number)
        else:
            room.do("assistant", "chat.delete", message=number)
        lives.end(room.live, by=room.people["teacher"])
        for who in ("learner", "other", "guest", *DESK):
            replay = room.browser(who).get(f"/live/{room.live_id}/replay").text
            for old in (words, again):
                assert shown_in(room, old, who) == set(), who
                assert old not in replay
        kept = [str(event.payload) for event in db.session.scalars(select(Event))]
        kept += [message.text for message in db.session.scalars(select(Message))]
        kept += [str(vars(entry)) for entry in db.session.scalars(select(AuditEntry))]
        assert not [one for one in kept if words in one or again in one]

    def test_the_log_keeps_who_and_when(self, room: Room) -> None:
        first, second = room.say("learner", "一"), room.say("learner", "二")
        room.do("learner", "chat.edit", message=first, text="一。")
        room.do("learner", "chat.withdraw", message=first)
        room.do("assistant", "chat.delete", message=second)
        actions = {Action.WORDS_EDITED, Action.WORDS_WITHDRAWN, Action.WORDS_DELETED}
        logged = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
        ).all()
        learner, assistant = room.people["learner"].id, room.people["assistant"].id
        assert [(entry.action, entry.by_id) for entry in logged] == [
            (Action.WORDS_EDITED, learner),
            (Action.WORDS_WITHDRAWN, learner),
            (Action.WORDS_DELETED, assistant),
        ]
        written = {message.id: message.at_ms for message in db.session.scalars(select(Message))}
        assert [(entry.details["message"], entry.details["at_ms"]) for entry in logged] == [
            (number, written[number]) for number in (first, first, second)
        ]


class TestPins:
    """One message stands above the others."""

    @staticmethod
    def pinned(html: str) -> str:
        return Page(html).text_in("chat-pinned")

    def test_the_newest_pin_stands_on_every_page_until_it_is_taken_off(self, room: Room) -> None:
        first, second = room.say("other", "先置顶"), room.say("teacher", "后置顶")
        room.do("teacher", "chat.pin", message=first)
        room.do("assistant", "chat.pin", message=second)
        for who in ("learner", "guest", "teacher"):
            assert "后置顶" in self.pinned(room.page(who))
            assert "先置顶" not in self.pinned(room.page(who))
        assert "后置顶" in self.pinned(self.last_pin(room))
        room.do("teacher", "chat.pin", message=second, on=False)
        assert not self.pinned(room.page("learner"))
        assert not self.pinned(self.last_pin(room)), "what stood there before does not come back"

    def last_pin(self, room: Room) -> str:
        return str([one for one in room.frames("learner") if one["kind"] == "chat.pinned"][-1]["html"]["pinned"])

    def test_it_is_changed_and_withdrawn_with_its_message(self, room: Room) -> None:
        number = room.say("other", "旧的内容")
        room.do("teacher", "chat.pin", message=number)
        before = room.newest()
        room.do("other", "chat.edit", message=number, text="新的内容")
        (pin,) = [one for one in room.frames("learner", before) if one["kind"] == "chat.pinned"]
        assert "新的内容" in pin["html"]["pinned"]
        before = room.newest()
        room.do("other", "chat.withdraw", message=number)
        (pin,) = [one for one in room.frames("learner", before) if one["kind"] == "chat.pinned"]
        assert not self.pinned(pin["html"]["pinned"])
        assert not self.pinned(room.page("learner"))

    def test_an_old_pin_that_is_taken_off_does_not_take_off_the_new_one(self, room: Room) -> None:
        """The page of an assistant may be a moment behind."""
        first, second = room.say("other", "先置顶"), room.say("teacher", "后置顶")
        room.do("teacher", "chat.pin", message=first)
        room.do("teacher", "chat.pin", message=second)
        room.do("assistant", "chat.pin", message=first, on=False)
        assert "后置顶" in self.pinned(room.page("learner"))


class TestRules:
    """How people may write."""

    def test_one_who_is_muted_reads_and_does_not_write(self, room: Room) -> None:
        number = room.say("learner", "还可以写")
        room.do("teacher", "chat.mute", key=room.comes("learner"))
        for to_desk in (False, True):
            assert room.refusal("learner", "chat.say", text="x", nonce="n", to_desk=to_desk) == "chat.muted"
        assert room.refusal("learner", "chat.edit", message=number, text="换成别的") == "chat.muted"
        room.do("learner", "chat.withdraw", message=number)
        room.say("other", "别人照写")
        assert shown_in(room, "别人照写", "learner") == EVERYWHERE
        assert "data-muted" in chat_of(room.page("learner"))
        assert "data-muted" not in chat_of(room.page("other"))
        room.do("assistant", "chat.mute", key=room.key("learner"), on=False)
        room.say("learner", "又可以了")

    def test_only_she_and_the_desk_hear_of_it(self, room: Room) -> None:
        key, before = room.comes("learner"), room.newest()
        room.do("teacher", "chat.mute", key=key)
        assert [one["data"]["muted"] for one in room.frames("learner", before)] == [True]
        assert len(room.frames("assistant", before)) == 1
        assert room.frames("other", before) == []

    def test_a_guest_can_be_muted(self, room: Room) -> None:
        room.do("teacher", "chat.mute", key=room.comes("guest"))
        assert room.refusal("guest", "chat.say", text="x", nonce="n") == "chat.muted"
        room.say("guest2", "另一位访客")

    def test_of_those_who_were_never_here_not_even_the_name_is_told(self, room: Room) -> None:
        stranger = accounts.user(real_name="从未来过的人")
        for command in ("chat.mute", "room.put_out"):
            for key in (f"u{stranger.id}", room.key("other"), "gnobody", "", "u" * 500):
                assert room.refusal("assistant", command, key=key) == "classroom.not_here"
        assert not any("从未来过的人" in shown for shown in room.seen("assistant").values())

    def test_the_desk_is_never_silenced(self, room: Room) -> None:
        room.do("admin", "chat.mute", key=room.comes("assistant"))
        room.do("admin", "chat.rules", muted_all=True, slow_s=60, guests=False, words="敏感")
        for _ in range(2):
            room.say("assistant", "敏感")

    def test_with_everybody_muted_one_writes_to_the_desk(self, room: Room) -> None:
        room.do("teacher", "chat.rules", muted_all=True, guests=True)
        for who in ("learner", "guest", "manager_elsewhere"):
            assert room.refusal(who, "chat.say", text="x", nonce="n") == "chat.all_muted"
            room.say(who, "悄悄说", to_desk=True)
        assert "data-muted-all" in chat_of(room.page("learner"))
        room.do("teacher", "chat.rules", guests=True)
        room.say("learner", "又可以了")

    def test_slow_mode_lets_each_write_once_in_a_while(self, room: Room) -> None:
        with time_machine.travel(START, tick=False) as clock:
            room.do("teacher", "chat.rules", slow_s=30, guests=True)
            number = room.say("learner", "第一句")
            clock.shift(20)
            said = room.ask("learner", "chat.say", text="第二句", nonce="2")
            assert said["code"] == "chat.too_soon"
            assert "10" in said["mend"]
            room.do("learner", "chat.edit", message=number, text="改第一句")
            room.say("other", "各人各算")
            clock.shift(10)
            second = room.say("learner", "第二句")
            room.do("learner", "chat.withdraw", message=second)
            assert room.refusal("learner", "chat.say", text="第三句", nonce="3") == "chat.too_soon"

    @pytest.mark.parametrize(("wanted", "set_"), [(-5, 0), (1, 0), (7, 5), (30, 30), (99_999, 60)])
    def test_slow_mode_has_steps(self, room: Room, wanted: int, set_: int) -> None:
        room.do("teacher", "chat.rules", slow_s=wanted)
        assert room.frames("learner")[-1]["data"]["slow_s"] == set_

    @pytest.mark.parametrize(
        "text",
        ["敏感词", "这 是 敏 感 词 啊", "敏\n感\t词", "敏\u200b感词", "敏\u200d感\u200c词", "敏\ufe0f感词",
         "敏\u3164感词", "敏\u00ad感\u2060词", "ＢＡＤ", "b a d", "Bad!", "𝐛𝐚𝐝", "ⓑⓐⓓ", "b\u0300ad"],
    )  # fmt: skip
    def test_words_of_the_list_are_not_written_however_they_are_dressed(self, room: Room, text: str) -> None:
        room.do("teacher", "chat.rules", words="敏感词\n\n  bad  \n", guests=True)
        number = room.say("learner", "没事")
        said = room.ask("learner", "chat.say", text=text, nonce="n")
        assert said.get("code") == "chat.word_refused", said
        assert "敏感词" in said["message"] or "bad" in said["message"]
        assert room.refusal("learner", "chat.edit", message=number, text=text) == "chat.word_refused"
        assert room.refusal("learner", "chat.say", text=text, nonce="n", to_desk=True) == "chat.word_refused"

    def test_an_empty_list_forbids_nothing(self, room: Room) -> None:
        room.do("teacher", "chat.rules", words="\n \n\u200b\n", guests=True)
        room.say("learner", "什么都可以写")

    def test_guests_write_or_read_along(self, room: Room) -> None:
        room.say("guest", "访客说话")
        room.do("teacher", "chat.rules", guests=False)
        assert room.refusal("guest", "chat.say", text="x", nonce="n") == "chat.guests_read_only"
        assert "data-read-only" in chat_of(room.page("guest"))
        assert "data-read-only" not in chat_of(room.page("learner"))
        assert shown_in(room, "访客说话", "guest") == EVERYWHERE

    def test_when_it_is_over_nothing_is_written_any_more(self, room: Room) -> None:
        number = room.say("learner", "课上")
        lives.end(room.live, by=room.people["teacher"])
        for who in ("learner", "teacher"):
            assert room.refusal(who, "chat.say", text="课后", nonce="n") == "chat.closed"
        assert room.refusal("learner", "chat.edit", message=number, text="课后") == "chat.closed"
        room.do("learner", "chat.withdraw", message=number)


class TestLength:
    """What fits into a message."""

    @pytest.mark.parametrize("letter", ["a", "字", "🎉"])
    def test_two_thousand_characters_and_not_one_more(self, room: Room, letter: str) -> None:
        number = room.say("learner", letter * 2000)
        said = room.ask("learner", "chat.say", text=letter * 2001, nonce="n")
        assert said["code"] == "chat.too_long"
        assert "2001" in said["message"]
        assert room.refusal("learner", "chat.edit", message=number, text=letter * 2001) == "chat.too_long"

    @pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b", "\u3000\t", "\0"])
    def test_nothing_is_no_message(self, room: Room, text: str) -> None:
        assert room.refusal("learner", "chat.say", text=text, nonce="n") == "chat.empty"


class TestOnce:
    """However often it is sent."""

    def test_the_same_name_writes_one_message_also_later(self, room: Room) -> None:
        fields = {"text": "只写一次", "nonce": "a1"}
        first = room.do("learner", "chat.say", **fields)
        assert room.do("learner", "chat.say", **fields) == first
        room.do("learner", "chat.withdraw", message=first["message"])
        assert room.do("learner", "chat.say", **fields) == first, "a page that asks again late brings nothing back"
        assert readers(room, "只写一次", "learner", "other") == set()
        assert room.do("other", "chat.say", **fields) != first, "names are each person's own"

    def test_many_threads_at_once_write_one_message(self, room: Room) -> None:
        browsers = [room.browser("learner")] + [room.another_browser("learner") for _ in range(7)]
        ready = threading.Barrier(len(browsers))
        before = room.newest()

        def send(browser: object) -> Answer:
            ready.wait(10)
            frame = {"type": "command", "n": 1, "name": "chat.say", "fields": {"text": "同时", "nonce": "同一个"}}
            return browser.post(f"/live/{room.live_id}/commands", json=frame).get_json()  # type: ignore[attr-defined, no-any-return]

        with ThreadPoolExecutor(len(browsers)) as threads:
            said = list(threads.map(send, browsers))
        assert {one["type"] for one in said} == {"done"}
        assert len({one["data"]["message"] for one in said}) == 1
        assert [one["data"]["text"] for one in room.frames("other", before)] == ["同时"]

    def test_ids_rise_without_a_gap_when_many_write(self, room: Room) -> None:
        who = ("learner", "other", "teacher", "assistant", "guest")
        for one in who:
            room.browser(one)
        before = room.newest()
        with ThreadPoolExecutor(len(who)) as threads:
            numbers = list(threads.map(lambda one: [room.say(one, f"{one}说") for _ in range(5)], who))
        assert sorted(chain.from_iterable(numbers)) == list(range(before + 1, before + 26))
        assert [frame["id"] for frame in room.frames("other", before)] == list(range(before + 1, before + 26))


def chat_of(html: str) -> dict[str, str]:
    """Return the attributes of a page's chat."""
    (found,) = [attributes for tag, attributes in Page(html).elements if tag == "lesson-chat"]
    return found


def png(size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 90).save(file, "PNG")
    return file.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NO_PICTURES = {
    "an SVG": SVG,
    "an SVG that says it is a PNG": b"\x89PNG\r\n\x1a\n" + SVG,
    "a page": b"<html><script>alert(1)</script>",
    "half a PNG": png()[:200],
    "nothing": b"",
    "a GIF": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01",
}


class TestPictures:
    """Where the rules allow them."""

    @pytest.fixture(autouse=True)
    def _allowed(self, room: Room) -> None:
        room.do("teacher", "chat.rules", pictures=True, guests=True)

    @staticmethod
    def send(room: Room, who: str, data: bytes, name: str = "图.png") -> tuple[int, Answer]:
        boundary, body = encode_multipart({"picture": FileStorage(io.BytesIO(data), name)})
        reply = room.browser(who).post(
            f"/live/{room.live_id}/chat/pictures",
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={"Accept": "application/json"},
        )
        return reply.status_code, reply.get_json()

    def kept(self, room: Room, who: str = "learner", data: bytes = b"") -> str:
        status, said = self.send(room, who, data or png())
        assert status == 200, said
        return str(said["picture"])

    def get(self, room: Room, who: str, name: str) -> int:
        with room.browser(who).get(f"/live/{room.live_id}/chat/pictures/{name}") as reply:
            return reply.status_code

    def test_a_picture_comes_with_its_message_as_webp(self, room: Room) -> None:
        name = self.kept(room)
        room.say("learner", "", picture=name)
        assert f"/chat/pictures/{name}" in room.page("other")
        with room.browser("other").get(f"/live/{room.live_id}/chat/pictures/{name}") as reply:
            assert (reply.status_code, reply.mimetype) == (200, "image/webp")
            assert reply.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.one_database
    def test_a_large_one_is_made_as_large_as_a_screen(self, room: Room, app: Flask) -> None:
        data = png((2400, 1500))
        assert 1_000_000 < len(data) < MOST_BYTES, "as large as phones make them"
        file = pictures.file_of(room.live_id, self.kept(room, data=data))
        assert file
        with Image.open(file) as picture:
            assert picture.size == (1600, 1000)

    @pytest.mark.one_database
    @pytest.mark.parametrize("what", NO_PICTURES)
    def test_what_is_no_picture_is_not_kept(self, room: Room, what: str) -> None:
        status, said = self.send(room, "learner", NO_PICTURES[what])
        assert (status, said["error"]) == (400, "picture.unreadable")
        assert said["mend"]

    @pytest.mark.one_database
    @pytest.mark.parametrize("size", [MOST_BYTES + 1, MOST_BYTES + 2_000_000])
    def test_one_that_is_too_large_is_not_kept(self, room: Room, size: int) -> None:
        status, said = self.send(room, "learner", png().ljust(size, b"\0"))
        assert status in {400, 413}
        assert said["error"] in {"picture.too_large", "too_large"}
        assert said["mend"]

    @pytest.mark.one_database
    def test_one_that_unfolds_to_a_whole_memory_is_not_kept(self, room: Room) -> None:
        file = io.BytesIO()
        Image.new("1", (7000, 7000)).save(file, "PNG")
        status, said = self.send(room, "learner", file.getvalue())
        assert (status, said["error"]) == (400, "picture.too_large")

    def test_where_they_are_not_allowed_only_the_desk_sends_them(self, room: Room) -> None:
        before = self.kept(room)
        room.do("teacher", "chat.rules", guests=True)
        for who in ("learner", "guest"):
            status, said = self.send(room, who, png())
            assert (status, said["error"]) == (409, "chat.no_pictures")
        assert room.refusal("learner", "chat.say", text="", nonce="n", picture=before) == "chat.no_pictures"
        room.say("teacher", "", picture=self.kept(room, "teacher"))

    def test_one_who_may_not_write_sends_none(self, room: Room) -> None:
        room.do("teacher", "chat.mute", key=room.comes("learner"))
        assert self.send(room, "learner", png())[1]["error"] == "chat.muted"
        room.do("teacher", "chat.rules", pictures=True, guests=False)
        assert self.send(room, "guest", png())[1]["error"] == "chat.guests_read_only"
        lives.end(room.live, by=room.people["teacher"])
        assert self.send(room, "other", png())[1]["error"] == "chat.closed"

    def test_a_muted_learners_body_is_not_read(self, room: Room) -> None:
        room.do("teacher", "chat.mute", key=room.comes("learner"))
        body = Unread()
        reply = room.browser("learner").post(
            f"/live/{room.live_id}/chat/pictures",
            input_stream=body,
            content_type="multipart/form-data; boundary=x",
            headers={"Accept": "application/json"},
        )
        assert (reply.status_code, reply.get_json()["error"], body.asked) == (403, "chat.muted", False)

    def test_one_person_sends_so_many_and_guests_of_one_address_together_so_many(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limiter, "enabled", True)
        monkeypatch.setattr(keeping, "RATES", (parse("2 per 10 minutes"),))
        monkeypatch.setattr(keeping, "CROWD", 1.5)
        limiter.reset()
        said = [self.send(room, who, png())[0] for who in ("learner", "learner", "learner", "other")]
        assert said == [200, 200, 429, 200]
        said = [self.send(room, who, png())[0] for who in ("guest", "guest", "guest2", "guest2")]
        assert said == [200, 200, 200, 429], "each may send two; their address three"
        status, answer = self.send(room, "learner", png())
        assert (status, answer["error"]) == (429, "picture.too_many")
        limiter.reset()

    def test_one_person_sends_so_many_megabytes(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limiter, "enabled", True)
        monkeypatch.setattr(keeping, "VOLUME", parse("5 per 1 hour"))
        limiter.reset()
        data = png().ljust(2_500_000, b"\0")
        assert [self.send(room, "learner", data)[0] for _ in range(2)] == [200, 429]
        limiter.reset()

    def test_one_whose_message_was_not_sent_is_removed(self, room: Room) -> None:
        sent, unsent, fresh = self.kept(room), self.kept(room), self.kept(room)
        room.say("learner", "图", picture=sent)
        for name in (sent, unsent):
            file = pictures.file_of(room.live_id, name)
            assert file
            os.utime(file, (time.time() - 3700,) * 2)
        pictures.remove_unsent()
        assert [self.get(room, "other", name) for name in (sent, unsent, fresh)] == [200, 404, 200]

    @pytest.mark.parametrize(
        "name", ["../../secret", "a" * 41, "nosuchpicture", "图片图片图片图片", "..%2f..%2fx", "a1b2c3d4.webp"]
    )
    def test_a_picture_that_there_is_not_is_not_sent(self, room: Room, name: str) -> None:
        assert room.refusal("learner", "chat.say", text="x", nonce="n", picture=name) == "chat.no_pictures"
        assert self.get(room, "learner", name) == 404

    def test_it_goes_with_its_message(self, room: Room) -> None:
        first, second = self.kept(room), self.kept(room)
        numbers = [room.say("learner", "图", picture=name) for name in (first, second)]
        assert (self.get(room, "other", first), self.get(room, "other", second)) == (200, 200)
        room.do("learner", "chat.withdraw", message=numbers[0])
        room.do("assistant", "chat.delete", message=numbers[1])
        assert (self.get(room, "other", first), self.get(room, "other", second)) == (404, 404)
        assert not list(Path(pictures._folder(room.live_id)).glob("*"))

    def test_those_who_may_not_watch_do_not_see_it(self, room: Room) -> None:
        name = self.kept(room)
        room.say("learner", "图", picture=name)
        assert self.get(room, "guest", name) == 200
        assert self.get(room, "barred", name) == 403
        assert self.get(room, "nobody", name) in {302, 401}
