"""Frames that no page of ours would send: every command as everybody, and every field as it should not be."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import SignIn as SignInRow
from app.audit.models import AuditEntry
from app.classroom.engine import commands, sockets
from app.classroom.engine.commands import Entry, EpochMs, Points
from app.classroom.engine.presence import services as people
from app.classroom.engine.seats import Person, Seat, Side
from app.classroom.questions import services as question_services
from app.classroom.rollcall import queries as rollcalls
from app.classroom.stage.models import StageMember
from app.extensions import db
from app.kernel.access import Who
from app.live.models import Audience
from tests.classroom.cast import DESK, ROLES, Room
from tests.conftest import SignIn
from tests.factories import accounts, slides

Fields = dict[str, Any]


def hand_of_other(room: Room) -> Fields:
    room.do("other", "hands.raise")
    return {"key": room.key("other")}


def on_stage(room: Room) -> Fields:
    """Have another learner stand on the stage; calling her again takes nobody's place."""
    fields = hand_of_other(room)
    room.do("teacher", "hands.call", **fields)
    if db.session.get(StageMember, (room.live_id, fields["key"])) is None:
        member = StageMember(
            live_id=room.live_id, **fields, name="李四", page="of-other", host=False, muted=False, number=1
        )
        db.session.add(member)
        db.session.commit()
    return fields


def bystander(room: Room) -> Fields:
    """Somebody of whom the table needs nothing else, so that she may be muted and put out."""
    user = accounts.user(real_name="路人")
    person = Person(f"u{user.id}", user.real_name, user.id)
    people.note(entered=[Seat(room.live_id, person, Side.LEARNER, "learner", False, "zh_CN", "")])
    return {"key": person.key}


def asked(room: Room, who: str, *, dismissed: bool = False) -> Fields:
    """Have somebody ask; who may not is given the number of another one's question."""
    one = who if who in COULD_WRITE else "other"
    question = room.do(one, "questions.ask", text="为什么？", nonce=f"asked {room.newest()}")["question"]
    if dismissed:
        room.do("teacher", "questions.dismiss", question=question)
    return {"question": question}


def polled(room: Room, *steps: str) -> Fields:
    """Make a poll and lead it through some commands."""
    made = room.do("teacher", "polls.new", kind="single", question="哪一种？", options=["红", "黄"])
    for step in steps:
        room.do("teacher", f"polls.{step}", poll=made["poll"])
    return made


def nothing_runs(room: Room) -> None:
    """End the roll-call that runs, if there is one."""
    running = rollcalls.running(room.live_id)
    if running is not None:
        room.do("teacher", "rollcall.end", roll=running.id)


def called(room: Room) -> Fields:
    """Have a roll-call run."""
    nothing_runs(room)
    return room.do("teacher", "rollcall.start", length_s=60)


def quiet(room: Room, **fields: Any) -> Fields:
    """Return the fields once no roll-call runs."""
    nothing_runs(room)
    return fields


def deck(room: Room) -> Fields:
    """Have a document that anybody of the desk may show."""
    room.do("teacher", "slides.rules", look_ahead=False, assistants_turn=True)
    return {"document": slides.deck(room.live).id, "page": 1, "at": 1}


def shown(room: Room, **more: Any) -> Fields:
    """Have a page of a document stand on the stage."""
    fields = deck(room)
    room.do("teacher", "slides.show", **fields, step=0)
    return {**fields, **more}


FIELDS: dict[str, Callable[[Room, str], Fields]] = {
    "chat.say": lambda _room, who: {"text": "大家好", "nonce": f"of {who}"},
    "chat.edit": lambda room, who: {"message": said_by(room, who), "text": "大家早"},
    "chat.withdraw": lambda room, who: {"message": said_by(room, who)},
    "chat.delete": lambda room, _who: {"message": said_by(room, "other")},
    "chat.pin": lambda room, _who: {"message": said_by(room, "other")},
    "chat.mute": lambda room, _who: bystander(room),
    "chat.rules": lambda _room, _who: {"guests": True},
    "hands.raise": lambda _room, _who: {"reason": "请教一个问题"},
    "hands.lower": lambda _room, _who: {},
    "hands.call": lambda room, _who: hand_of_other(room),
    "hands.dismiss": lambda room, _who: hand_of_other(room),
    "hands.clear": lambda _room, _who: {},
    "reactions.give": lambda _room, _who: {"reaction": "clear"},
    "hands.move": lambda room, _who: {**hand_of_other(room), "before": ""},
    "stage.enter": lambda _room, _who: {"host": False},
    "stage.leave": lambda _room, _who: {},
    "stage.signal": lambda _room, _who: {"to": "page-of-the-host", "about": "{}"},
    "stage.voice": lambda _room, _who: {"mix": False},
    "stage.mute": lambda room, _who: on_stage(room),
    "stage.clear": lambda _room, _who: {},
    "stage.next": lambda _room, _who: {},
    "stage.rules": lambda _room, _who: {"free": False, "turn_s": 60, "next_by_itself": True, "layout": "side"},
    "notice.give": lambda room, _who: {"text": f"请看第 {room.newest()} 页"},
    "notice.withdraw": lambda room, _who: room.do("teacher", "notice.give", text=f"第 {room.newest()} 页"),
    "questions.ask": lambda _room, who: {"text": "为什么？", "nonce": f"of {who}", "anonymous": True},
    "questions.vote": lambda room, _who: {**asked(room, "other"), "on": True},
    "questions.withdraw": asked,
    "questions.publish": lambda room, _who: asked(room, "other"),
    "questions.take": lambda room, _who: asked(room, "other"),
    "questions.answer": lambda room, _who: {**asked(room, "other"), "text": "因为如此。"},
    "questions.answer_by_voice": lambda room, _who: asked(room, "other"),
    "questions.dismiss": lambda room, _who: asked(room, "other"),
    "questions.reopen": lambda room, _who: asked(room, "other", dismissed=True),
    "questions.rules": lambda _room, _who: {"moderated": False},
    "polls.new": lambda _room, _who: {
        "kind": "multiple",
        "question": "哪几种？",
        "options": ["红", "黄"],
        "right": [1],
        "countdown_s": 0,
        "start": True,
    },
    "credits.watched": lambda _room, _who: {"since": 1_000_000, "pieces": [0, 9000, 1000, 0], "whole": True},
    "polls.answer": lambda room, _who: {**polled(room, "open"), "chosen": [1], "text": ""},
    "polls.open": lambda room, _who: polled(room),
    "polls.close": lambda room, _who: polled(room, "open"),
    "polls.publish": lambda room, _who: polled(room, "open"),
    "polls.hide": lambda room, _who: polled(room, "open", "publish"),
    "polls.delete": lambda room, _who: polled(room),
    "rollcall.start": lambda room, _who: quiet(room, length_s=60),
    "rollcall.plan": lambda _room, _who: {"count": 1, "length_s": 60},
    "rollcall.drop": lambda _room, _who: {},
    "rollcall.end": lambda room, _who: called(room),
    "rollcall.cancel": lambda room, _who: called(room),
    "rollcall.confirm": lambda room, who: {**called(room), "nonce": f"of {who}"},
    "slides.show": lambda room, _who: {**deck(room), "step": 0},
    "slides.clear": lambda room, _who: {"at": shown(room)["at"]},
    "slides.draw": lambda room, who: shown(
        room,
        stroke=f"of-{who}",
        points=[100, 100, 0, 200, 200, 10],
        part=0,
        tool="pen",
        colour="red",
        width=3,
        words="",
    ),
    "slides.erase": lambda room, who: shown(room, strokes=[f"of-{who}"], everything=False),
    "slides.point": lambda room, _who: shown(room, points=[100, 100, 0], off=False),
    "scene.set": lambda _room, _who: {"layout": "thirds", "at": 1},
    "slides.rules": lambda _room, _who: {"look_ahead": False, "assistants_turn": True},
    "clock.ask": lambda _room, _who: {},
    "room.put_out": lambda room, _who: bystander(room),
    "room.let_in": lambda room, _who: {"key": bystander(room)["key"]},
}
"""What a frame of each command holds, so that it is carried out when the role that sends it may send it.

The function is given the room and the role; it makes what the fields name.
"""

MAY: dict[Who, tuple[str, ...]] = {
    Who.WATCHER: ("guest", "learner", "manager_elsewhere", *DESK),
    Who.ASSISTANT: DESK,
    Who.PRESENTER: ("teacher", "manager", "admin"),
}

NOT_FOR_THE_DESK = {"polls.answer": "polls.desk_asks", "rollcall.confirm": "rollcall.not_called"}
"""What those who teach do not do themselves, and the code with which they are told."""

NEEDS_A_SOCKET = dict.fromkeys(("stage.enter", "stage.signal", "stage.voice"), "stage.no_socket")
"""What a page asks for by its websocket alone, and the code for others: tests/classroom/test_stage.py has sockets."""

CODES = {"nobody": {"sign_in_first"}, "guest": {"sign_in_first"}, "barred": {"classroom.put_out"}}
"""With what a role is refused; others with `forbidden`."""

COULD_WRITE = {"guest", "learner", "manager_elsewhere", *DESK}


def said_by(room: Room, who: str) -> int:
    """Have somebody write; who may not is given the number of another one's message."""
    return room.say(who if who in COULD_WRITE else "other", "随便说说")


def fields_for(entry: Entry, room: Room, who: str) -> Fields:
    assert entry.name in FIELDS, (
        f"The command {entry.name} is new: add to FIELDS in {__name__} what a frame of it holds, "
        f"with values for {', '.join(entry.fields) or 'no fields'} that have it carried out."
    )
    return FIELDS[entry.name](room, who)


@pytest.fixture(autouse=True)
def _nothing_breaks(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A frame is refused; it never makes the server stumble. Questions may follow one another at once."""
    monkeypatch.setattr(question_services, "BETWEEN_MS", 0)
    yield
    stumbles = [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
    assert stumbles == []


def test_the_table_knows_every_command_and_no_other(room: Room) -> None:
    for entry in commands.entries().values():
        fields_for(entry, room, "teacher")
        assert entry.who in MAY, f"add to MAY in {__name__} which roles are {entry.who}"
    assert set(FIELDS) <= set(commands.entries())


def test_a_command_that_the_table_does_not_know_is_named_with_what_to_add(room: Room) -> None:
    def wave(_call: object, wide: bool) -> None:
        """Wave."""

    wide = inspect.Parameter("wide", inspect.Parameter.KEYWORD_ONLY)
    entry = Entry("hands.wave", Who.WATCHER, wave, {"wide": wide}, for_crowds=False)
    with pytest.raises(AssertionError, match=r"hands\.wave is new: add to FIELDS .* wide"):
        fields_for(entry, room, "teacher")


def test_nobody_gets_further_than_declared(room: Room) -> None:
    wrong = []
    for entry in commands.entries().values():
        may = MAY[entry.who]
        refused = [who for who in ROLES if who not in may]
        fields = fields_for(entry, room, refused[0])  # a refusal changes nothing, so one frame serves them all
        before, logged = room.newest(), db.session.query(AuditEntry).count()
        for who in refused:
            said = room.ask(who, entry.name, **fields)
            fine = said["type"] == "refused" and said["code"] in CODES.get(who, {"forbidden"}) and said["mend"]
            if not fine or (before, logged) != (room.newest(), db.session.query(AuditEntry).count()):
                wrong.append(f"{entry.name} ({entry.who}) as {who}: {said}")
        for who in may:
            said = room.ask(who, entry.name, **fields_for(entry, room, who))
            code = NEEDS_A_SOCKET.get(entry.name) or (NOT_FOR_THE_DESK.get(entry.name) if who in DESK else None)
            if (said["type"], said.get("code")) != (("refused", code) if code else ("done", None)):
                wrong.append(f"{entry.name} ({entry.who}) as {who}: {said}")
    assert wrong == []


def test_the_same_frame_from_several_pages_at_once_trips_over_nothing(room: Room) -> None:
    """Two of the desk press the same button in the same moment, each of them twice."""
    who, wrong = ("teacher", "assistant", "teacher", "assistant"), []
    for one in who:
        room.browser(one)
    with ThreadPoolExecutor(len(who)) as threads:
        for entry in commands.entries().values():
            if entry.who is Who.PRESENTER:
                continue
            name, fields = entry.name, fields_for(entry, room, "teacher")
            said = threads.map(lambda one, name=name, fields=fields: room.ask(one, name, **fields), who)
            wrong += [f"{name}: {one}" for one in said if one.get("code") in {"error", "crash"}]
    assert wrong == []


def test_who_came_without_a_name_only_watches(room: Room) -> None:
    room.set_audience(Audience.EVERYONE)
    for entry in commands.entries().values():
        said = room.ask("nobody", entry.name, **fields_for(entry, room, "nobody"))
        expected = "classroom.no_name" if entry.who is Who.WATCHER else "sign_in_first"
        assert (said["type"], said["code"]) == ("refused", expected), entry.name


def test_a_seat_that_was_taken_before_is_asked_anew_at_every_command(app: Flask, room: Room) -> None:
    """The socket of one who was put out, or signed out, may be open for a moment longer."""
    browser, learner = room.browser("learner"), room.person("learner")
    sign_in_key = db.session.scalars(select(SignInRow.key).where(SignInRow.user_id == learner.user_id)).one()
    seat = Seat(room.live_id, learner, Side.LEARNER, "learner", False, "zh_CN", sign_in_key)

    def answered() -> str:
        frame = {"n": 1, "name": "hands.raise", "fields": {}}
        with app.app_context(), app.test_request_context():
            said = sockets.answer(seat, frame)
        return str(said.get("code", said["type"]))

    assert answered() == "done"
    room.comes("learner")
    room.do("teacher", "room.put_out", key=learner.key)
    assert answered() == "classroom.put_out"
    room.do("teacher", "room.let_in", key=learner.key)
    assert answered() == "done"
    browser.post("/sign-out")
    assert answered() == "sign_in_first"


WRONG: dict[type | Any, tuple[object, ...]] = {
    str: (None, 5, 1.5, True, ["x"], {"a": "x"}),
    int: (None, 1.5, True, "", "x", "1.5", "９" * 16, "1" * 16, [1], {"a": 1}, 2**31, -(2**31), "9" * 15, 10**40),
    bool: (None, 0, 1, 1.5, "yes", [True], {"a": True}),
    list[str]: (None, 5, True, [5], ["x"] * 101, [["x"]], {"a": "x"}),
    list[int]: (None, 1.5, True, "x", ["x"], [1] * 101, [[1]], {"a": 1}),
    EpochMs: (None, 1.5, True, "1", "x", -1, 2**53, [1], {"a": 1}),
    Points: (None, 5, 1.5, True, "1", ["x"], [1.5], [True], [1] * 901, [[1, 1, 1]], [2**31], {"a": 1}),
}


@pytest.mark.one_database
def test_fields_of_another_type_are_not_understood(room: Room) -> None:
    wrong = []
    for entry in commands.entries().values():
        fields = fields_for(entry, room, "teacher")
        for name, field in entry.fields.items():
            assert field.annotation in WRONG, f"{entry.name}: add wrong values for {field.annotation} to WRONG"
            for value in WRONG[field.annotation]:
                said = room.ask("teacher", entry.name, **{**fields, name: value})
                if said["type"] != "refused" or said["code"] != "classroom.malformed" or not said["mend"]:
                    wrong.append(f"{entry.name} with {name}={value!r}: {said}")
    assert wrong == []


@pytest.mark.one_database
def test_fields_that_are_missing_or_unknown_are_not_understood(room: Room) -> None:
    for entry in commands.entries().values():
        fields = fields_for(entry, room, "teacher")
        needed = [name for name, field in entry.fields.items() if field.default is inspect.Parameter.empty]
        forged = [{key: value for key, value in fields.items() if key != name} for name in needed]
        forged += [{**fields, "by_key": "u1"}, {**fields, "call": 1}, {**fields, "self": 1}, {**fields, "": ""}]
        for some in forged:
            assert room.refusal("teacher", entry.name, **some) == "classroom.malformed", (entry.name, some)


@pytest.mark.one_database
def test_fields_that_are_no_object_are_not_understood(room: Room) -> None:
    for name in commands.entries():
        for fields in (None, [], ["text"], "text", 5, True):
            said = room.send("teacher", {"name": name, "fields": fields}).get_json()
            assert said["code"] == "classroom.malformed", (name, fields)


ODD_TEXTS = (
    "长" * 20_000, "\0", "\ud800", "a\0b\0", "\u202e\u2066", "\u200b\ufeff", "'\"`;--", "%s%n{0}{{7*7}}",
    "../../etc/passwd", " \t\r\n\u3000", "", "９" * 11, "-" * 15,
)  # fmt: skip


def unkind(room: Room, entry: Entry, name: str, values: Iterable[object]) -> list[str]:
    """Send a command with each value in one of its fields. Return each answer that is a crash, or says no way on."""
    wrong, fields = [], fields_for(entry, room, "teacher")
    for value in values:
        said = room.ask("teacher", entry.name, **{**fields, name: value})
        if said["type"] == "done":
            fields = fields_for(entry, room, "teacher")  # what they named may be no more
        elif said["code"] in {"error", "crash"} or not said["mend"]:
            wrong.append(f"{entry.name} with {name}={value!r:.40}: {said}")
    return wrong


def test_odd_texts_in_any_field_are_answered_kindly(room: Room) -> None:
    """They are stored in a clean form, or refused in a sentence; nothing of it is a crash."""
    wrong = []
    for entry in commands.entries().values():
        for name, field in entry.fields.items():
            if field.annotation in (str, list[str]):
                wrong += unkind(room, entry, name, ODD_TEXTS)
    assert wrong == []
    for who in ("teacher", "learner"):
        assert room.frames(who), "all of it can be brought to pages"
        assert "\0" not in "".join(room.seen(who).values())


NUMBERS_OF_NOTHING: dict[type | Any, tuple[object, ...]] = {
    int: (0, -1, 1 - 2**31, 2**31 - 1, "-7", str(2**31 - 1)),
    list[int]: (0, -1, 1 - 2**31, 2**31 - 1, "-7", str(2**31 - 1)),
    Points: ([-1, 0, 0], [1, 2], [2**31 - 1] * 3, []),
}


def test_numbers_of_nothing_are_answered_kindly(room: Room) -> None:
    wrong = []
    for entry in commands.entries().values():
        for name, field in entry.fields.items():
            if field.annotation in NUMBERS_OF_NOTHING:
                wrong += unkind(room, entry, name, NUMBERS_OF_NOTHING[field.annotation])
    assert wrong == []


def test_what_belongs_to_another_lesson_is_not_there(app: Flask, sign_in: SignIn, room: Room) -> None:
    """The same teacher may do everything in both: ids of the one lesson do nothing to it through the other."""
    elsewhere = Room(app, sign_in)
    while elsewhere.newest() < room.newest() + 60:
        elsewhere.say("teacher", "占位")
    for entry in commands.entries().values():
        fields = fields_for(entry, elsewhere, "learner")
        before = elsewhere.newest()
        said = room.ask("admin", entry.name, **fields)
        assert said["type"] == "done" or said["code"] not in {"error", "crash"}, entry.name
        if "message" in entry.fields:
            assert said.get("code") == "chat.no_message", entry.name
        assert elsewhere.newest() == before, f"{entry.name} has reached into another lesson"


NO_COMMANDS = (
    "chat.nothing", "", "chat", "chat.say ", "CHAT.SAY", "__class__", "\0", None, 5, True, ["chat.say"], {"a": 1},
)  # fmt: skip


@pytest.mark.one_database
def test_a_command_that_there_is_not_asks_for_a_new_page(room: Room) -> None:
    for name in NO_COMMANDS:
        said = room.send("teacher", {"type": "command", "n": 3, "name": name, "fields": {}}).get_json()
        assert (said["type"], said["n"], said["code"]) == ("refused", 3, "classroom.unknown"), name
        assert said["message"]
        assert said["mend"]


def test_a_number_that_is_none_is_not_given_back(room: Room) -> None:
    for number in (None, "1", 1.5, [1], {"a": 1}):
        said = room.send("teacher", {"n": number, "name": "hands.lower", "fields": {}}).get_json()
        assert said == {"type": "done", "data": {}}


NO_FRAMES = (
    b"", b"{", b"[]", b"null", b"5", b'"text"', b"\xff\xfe{", b"\x80", b"[" * 100_000, b'{"a":' * 100_000,
    b"1" * 10_000, b"NaN", b'{"n":1e999}', b'{"name":"chat.say","name":"hands.call"}', b"[]" * 10, b"\0" * 100,
)  # fmt: skip


@pytest.mark.one_database
def test_a_body_that_is_no_frame_is_answered_kindly(room: Room) -> None:
    for body in NO_FRAMES:
        for mimetype in ("application/json", "text/plain"):
            reply = room.browser("learner").post(
                f"/live/{room.live_id}/commands",
                data=body,
                content_type=mimetype,
                headers={"Accept": "application/json"},
            )
            assert reply.status_code == 200, (body[:20], reply.text)
            assert reply.get_json()["type"] == "refused", body[:20]
            assert reply.get_json()["mend"]


@pytest.mark.one_database
def test_a_body_beyond_every_frame_is_not_read(room: Room) -> None:
    reply = room.browser("learner").post(
        f"/live/{room.live_id}/commands", data=b" " * 1_100_000, headers={"Accept": "application/json"}
    )
    assert (reply.status_code, reply.get_json()["error"]) == (413, "too_large")
