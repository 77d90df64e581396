"""Showing pages: who may, when each thing happened, and what learners are told of what they have not seen."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.classroom.engine import commands
from app.classroom.slides import kinds, services
from app.classroom.slides.layouts import LAYOUTS
from app.documents import events as document_events
from app.documents.models import Document, Page
from app.extensions import db
from app.kernel import clock
from app.kernel.clockwork import clockwork
from app.kernel.unit_of_work import unit_of_work
from app.live import services as lives
from tests.classroom.cast import Answer, Room
from tests.counting import count_queries
from tests.factories import live, slides

STROKE = {"stroke": "s1", "tool": "pen", "colour": "red", "width": 3}
LINE = [100, 100, 0, 200, 300, 20, 300, 500, 41]


def show(room: Room, document: Document, page: int = 1, step: int = 0, *, who: str = "teacher", at: int = 0) -> int:
    at = at or clock.now_ms()
    event: int = room.do(who, "slides.show", document=document.id, page=page, step=step, at=at)["event"]
    return event


def draw(room: Room, document: Document, page: int = 1, *, who: str = "teacher", **more: Any) -> int:
    fields = {**STROKE, "points": LINE, "at": clock.now_ms(), "document": document.id, "page": page, **more}
    event: int = room.do(who, "slides.draw", **fields)["event"]
    return event


def stage(room: Room, who: str = "learner") -> list[Answer]:
    """Return what has led the stage, as somebody's page is brought it by the socket."""
    return [one for one in room.frames(who) if one["kind"] in kinds.STAGE]


def rules(room: Room) -> list[Answer]:
    """Return the rules that a learner's page was told, one after the other."""
    return [one["data"] for one in room.frames("learner") if one["kind"] == kinds.RULES]


def track(room: Room, who: str = "learner", **args: Any) -> Answer:
    reply = room.browser(who).get(f"/live/{room.live_id}/track", query_string=args)
    assert reply.status_code == 200, reply.text
    said: Answer = reply.get_json()
    return said


def shelf(room: Room, who: str = "learner") -> list[Answer]:
    reply = room.browser(who).get(f"/live/{room.live_id}/slides")
    assert reply.status_code == 200, reply.text
    said: list[Answer] = reply.get_json()
    return said


def told(room: Room, who: str = "learner") -> str:
    """Return everything about slides that somebody's page is told, by whichever way."""
    return json.dumps([room.frames(who), track(room, who), shelf(room, who), room.page(who)], ensure_ascii=False)


def keys_of(document: Document, page: int) -> list[str]:
    db.session.expire_all()
    found = db.session.get(Page, (document.id, page))
    assert found is not None
    return found.steps


def large_of(document: str, key: str) -> str:
    return f"/slides/{document}/{key}-large.webp"


# showing


def test_everybody_sees_the_page_that_is_shown_with_all_that_a_page_needs(room: Room) -> None:
    deck = slides.deck(room.live, steps=(1, 3))
    show(room, deck, 2, 1)
    for who in ("learner", "guest", "teacher"):
        (event,) = stage(room, who)
        key = keys_of(deck, 2)[1]
        expected = {"document": deck.id, "page": 2, "step": 1, "steps": 3, "of": 3, "kind": "deck", "name": "超导.pptx"}
        assert expected.items() <= event["data"].items()
        assert event["data"]["large"] == f"/slides/{deck.id}/{key}-large.webp"
        assert event["data"]["medium"] == f"/slides/{deck.id}/{key}-medium.webp"
        assert (event["data"]["width"], event["data"]["height"]) == (1920, 1080)
        assert event["data"]["text"].startswith("第 2 页")
        assert "备注" not in str(event)
        assert track(room, who)["events"] == [event]


def test_a_blank_page_has_no_pictures(room: Room) -> None:
    board = slides.whiteboard(room.live, pages=2)
    show(room, board, 2)
    (event,) = stage(room)
    assert (event["data"]["kind"], event["data"]["large"], event["data"]["steps"]) == ("whiteboard", "", 1)
    assert event["data"]["of"] == 2


def test_a_page_shown_again_while_it_stands_there_is_no_event_and_a_cleared_one_is(room: Room) -> None:
    deck = slides.deck(room.live)
    assert show(room, deck) == show(room, deck)
    room.do("teacher", "slides.clear", at=clock.now_ms())
    room.do("teacher", "slides.clear", at=clock.now_ms())
    show(room, deck)
    assert [one["kind"] for one in stage(room)] == ["slides.shown", "slides.cleared", "slides.shown"]


def test_nothing_stands_there_to_be_cleared_before_the_first_page(room: Room) -> None:
    assert room.do("teacher", "slides.clear", at=clock.now_ms()) == {"event": 0}
    assert stage(room) == []


@pytest.mark.parametrize(("page", "step"), [(0, 0), (4, 0), (-1, 0), (1, 1), (2, 3), (1, -1)])
def test_pages_and_steps_that_there_are_not_are_not_shown(room: Room, page: int, step: int) -> None:
    deck = slides.deck(room.live, steps=(1, 3))
    at = clock.now_ms()
    assert room.refusal("teacher", "slides.show", document=deck.id, page=page, step=step, at=at) == "slides.no_page"
    assert stage(room) == []


def test_documents_of_other_lessons_and_those_whose_tab_is_gone_are_not_shown(room: Room) -> None:
    own, foreign = slides.deck(room.live), slides.deck(room.own_lesson())
    show(room, own)
    remove(own)
    for document in (own, foreign):
        fields = {"document": document.id, "page": 2, "step": 0, "at": clock.now_ms()}
        assert room.refusal("teacher", "slides.show", **fields) == "slides.no_page"
    (event,) = stage(room)
    assert event["data"]["page"] == 1, "what was shown of it stays"


def test_a_stroke_may_end_just_after_its_tab_was_closed(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    remove(deck)
    draw(room, deck)
    assert stage(room)[-1]["kind"] == "slides.drawn"


def remove(document: Document) -> None:
    with unit_of_work():
        document.removed_ms = clock.now_ms()


def test_when_a_page_was_shown_first_is_noted(room: Room) -> None:
    deck = slides.deck(room.live)
    first = show(room, deck)
    show(room, deck, 2)
    show(room, deck)
    moments = {one["id"]: one["at"] for one in stage(room)}
    page = db.session.get(Page, (deck.id, 1))
    assert page is not None
    assert page.shown_ms == moments[first]


# moments


def test_the_moment_is_that_of_the_presenters_screen(room: Room) -> None:
    deck = slides.deck(room.live)
    with time_machine.travel(clock.to_datetime(clock.now_ms()), tick=False):
        now = clock.now_ms()
        for page, at, expected in ((1, now - 20_000, now - 3000), (2, now - 800, now - 800), (3, now + 60_000, now)):
            event = show(room, deck, page, at=at)
            assert {one["id"]: one["at"] for one in stage(room)}[event] == expected


def test_no_event_of_the_stage_is_earlier_than_the_one_before(room: Room) -> None:
    deck = slides.deck(room.live)
    now = clock.now_ms()
    show(room, deck, 1, at=now - 500)
    draw(room, deck, at=now - 900)
    room.do("teacher", "slides.point", document=deck.id, page=1, points=[5, 5, 0], at=now - 100)
    room.do("assistant", "chat.say", text="别的事", nonce="n")
    room.do("teacher", "scene.set", layout="side", at=now - 2000)
    show(room, deck, 2, at=0)
    moments = [one["at"] for one in stage(room)]
    assert moments == sorted(moments)
    assert moments[:3] == [now - 500, now - 500, now - 100]


def test_two_who_turn_pages_at_once_leave_one_row_of_moments(room: Room) -> None:
    deck = slides.deck(room.live, pages=9)
    allow(room, assistants_turn=True)
    who = ("teacher", "assistant", "admin", "manager")
    for one in who:
        room.browser(one)
    document_id = deck.id

    def turn(one: str) -> None:
        for page in range(1, 10):
            at = clock.now_ms() - 150 * who.index(one)
            room.do(one, "slides.show", document=document_id, page=page, step=0, at=at)

    with ThreadPoolExecutor(len(who)) as threads:
        list(threads.map(turn, who))
    seen = stage(room)
    moments = [one["at"] for one in seen]
    assert moments == sorted(moments)
    assert seen == stage(room, "other")
    pages = [one["data"]["page"] for one in seen if one["kind"] == "slides.shown"]
    assert set(pages) == set(range(1, 10))
    assert all(one != other for one, other in itertools.pairwise(pages)), "none follows upon itself"


def test_the_servers_clock_is_given_to_the_desk(room: Room) -> None:
    before = clock.now_ms()
    assert before <= room.do("assistant", "clock.ask")["now"] <= clock.now_ms()
    assert room.refusal("learner", "clock.ask") == "forbidden"


# who may


def allow(room: Room, *, look_ahead: bool = False, assistants_turn: bool = False) -> None:
    room.do("teacher", "slides.rules", look_ahead=look_ahead, assistants_turn=assistants_turn)


def test_assistants_look_on_until_the_teacher_lets_them(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    here = {"document": deck.id, "page": 1, "at": clock.now_ms()}
    deeds: dict[str, Answer] = {
        "slides.show": {**here, "page": 2, "step": 0},
        "slides.draw": {**here, **STROKE, "points": LINE},
        "slides.erase": {**here, "everything": True},
        "slides.point": {**here, "points": [1, 1, 0]},
        "slides.clear": {"at": 1},
    }
    for name, fields in deeds.items():
        assert room.refusal("assistant", name, **fields) == "slides.assistants_look"
        assert room.refusal("learner", name, **fields) == "forbidden"
    assert len(stage(room)) == 1
    allow(room, assistants_turn=True)
    for name, fields in deeds.items():
        room.do("assistant", name, **fields)
    for name, fields in {
        "slides.rules": {"look_ahead": True, "assistants_turn": True},
        "scene.set": {"layout": "pip"},
    }.items():
        assert room.refusal("assistant", name, **fields, **({"at": 1} if "layout" in fields else {})) == "forbidden"
    allow(room)
    assert room.refusal("assistant", "slides.show", **{**here, "step": 0}) == "slides.assistants_look"


def test_the_rules_are_told_to_everybody_and_once(room: Room) -> None:
    allow(room)
    allow(room, look_ahead=True)
    allow(room, look_ahead=True)
    assert rules(room) == [{"look_ahead": True, "assistants_turn": False}]


def test_nothing_is_shown_any_more_when_the_lesson_is_over(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    lives.end(room.live, by=room.people["teacher"])
    here = {"document": deck.id, "page": 1, "at": clock.now_ms()}
    for name, fields in {
        "slides.show": {**here, "page": 2, "step": 0},
        "slides.draw": {**here, **STROKE, "points": LINE},
        "slides.erase": {**here, "everything": True},
        "slides.point": {**here, "points": [1, 1, 0]},
        "slides.clear": {"at": 1},
        "scene.set": {"layout": "side", "at": 1},
        "slides.rules": {"look_ahead": True, "assistants_turn": True},
    }.items():
        assert room.refusal("teacher", name, **fields) == "live.already_ended", name
    assert track(room)["events"][-1]["data"]["page"] == 1, "the replay has it"


def test_before_the_lesson_those_who_wait_see_the_page(room: Room) -> None:
    scheduled = live.lesson(room.people["teacher"])
    room.live_id = scheduled.id
    deck = slides.deck(scheduled)
    show(room, deck, 2)
    draw(room, deck, 2)
    assert [one["kind"] for one in track(room)["events"]] == ["slides.shown", "slides.drawn"]


# what learners have not seen


def test_pages_of_a_hidden_document_reach_nobody_before_they_are_shown(room: Room) -> None:
    deck = slides.deck(room.live, pages=4, steps=(2, 2))
    allow(room, look_ahead=True)
    show(room, deck, 2, 0)
    show(room, deck, 1, 0)
    for who in ("learner", "guest"):
        words = told(room, who)
        for page in (3, 4):
            assert f"第 {page} 页的标题" not in words
            assert keys_of(deck, page)[0] not in words
        assert keys_of(deck, 1)[0] in words
        assert keys_of(deck, 1)[1] not in words, "nor is a build that is yet to come"
        assert keys_of(deck, 2)[1] not in words
        assert "备注" not in words
    assert keys_of(deck, 4)[0] in told(room, "teacher")
    (_, newest) = track(room)["events"][-2:]
    assert newest["data"]["next"] == [large_of(deck.id, keys_of(deck, 2)[0])], "that page was shown before"


def test_a_hidden_document_gives_its_builds_one_after_the_other(room: Room) -> None:
    deck = slides.deck(room.live, steps=(3,))
    allow(room, look_ahead=True)
    first, second, third = keys_of(deck, 1)
    show(room, deck, 1, 0)
    show(room, deck, 1, 1)
    show(room, deck, 1, 0)
    (leaf,) = shelf(room)[0]["pages"]
    assert leaf["large"] == large_of(deck.id, second), "as far as it was built up"
    words = told(room)
    assert first in words
    assert third not in words


def test_a_document_that_is_not_hidden_tells_what_will_be_wanted_soon(room: Room) -> None:
    deck = slides.deck(room.live, pages=3, steps=(2,), hidden=False)
    show(room, deck, 1, 0)
    soon = [large_of(deck.id, key) for key in (keys_of(deck, 1)[1], keys_of(deck, 2)[0])]
    assert stage(room)[0]["data"]["next"] == soon
    with unit_of_work():
        deck.hidden = True
    show(room, deck, 2)
    assert keys_of(deck, 3)[0] not in told(room)
    assert keys_of(deck, 1)[1] not in told(room)


def test_the_desk_is_told_what_will_be_wanted_soon_in_any_case(room: Room) -> None:
    deck = slides.deck(room.live, steps=(2,))
    show(room, deck, 1, 0)
    (event,) = stage(room, "teacher")
    assert len(event["data"]["next"]) == 2


def test_nobody_draws_on_a_page_that_was_not_shown(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    here = {"document": deck.id, "page": 2, "at": 1}
    assert room.refusal("teacher", "slides.draw", **here, **STROKE, points=LINE) == "slides.not_shown"
    assert room.refusal("teacher", "slides.erase", **here, everything=True) == "slides.not_shown"
    assert room.refusal("teacher", "slides.point", **here, points=[1, 1, 0]) == "slides.not_shown"


# leafing


def test_learners_leaf_only_where_they_may(room: Room) -> None:
    open_deck, hidden_deck = slides.deck(room.live, hidden=False), slides.deck(room.live)
    show(room, hidden_deck, 2)
    assert shelf(room) == []
    allow(room, look_ahead=True)
    pages = {one["document"]: [page["page"] for page in one["pages"]] for one in shelf(room)}
    assert pages == {open_deck.id: [1, 2, 3], hidden_deck.id: [2]}
    assert all("notes" not in page for one in shelf(room) for page in one["pages"])
    remove(open_deck)
    assert [one["document"] for one in shelf(room)] == [hidden_deck.id]


def test_the_desk_leafs_through_everything_with_notes_and_every_build(room: Room) -> None:
    deck, board = slides.deck(room.live, steps=(3,)), slides.whiteboard(room.live)
    one, other = shelf(room, "assistant")
    assert (one["document"], one["of"], one["hidden"], one["state"]) == (deck.id, 3, True, "ready")
    page = one["pages"][0]
    assert (page["notes"], len(page["pictures"]), page["shown"]) == ("第 1 页的备注", 3, False)
    assert page["thumb"].endswith(f"{keys_of(deck, 1)[2]}-thumb.webp")
    assert (other["document"], other["kind"], other["pages"][0]["pictures"]) == (board.id, "whiteboard", [])
    show(room, deck)
    assert shelf(room, "teacher")[0]["pages"][0]["shown"]


def test_what_has_not_changed_is_not_sent_again(room: Room) -> None:
    deck = slides.deck(room.live, hidden=False)
    allow(room, look_ahead=True)
    show(room, deck)
    for path in ("track", "slides"):
        ask = room.browser("learner").get
        first = ask(f"/live/{room.live_id}/{path}")
        tag = {"If-None-Match": first.headers["ETag"]}
        again = ask(f"/live/{room.live_id}/{path}", headers=tag)
        assert (again.status_code, again.data) == (304, b"")
        assert "private" in first.headers["Cache-Control"]
        show(room, deck, 2 if path == "track" else 1)
        with unit_of_work():
            deck.name = f"{path}.pptx"
        changed = ask(f"/live/{room.live_id}/{path}", headers=tag)
        assert changed.status_code == 200
        assert len(changed.data) > 100


def test_a_track_tells_each_side_its_own(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    tags = {who: room.browser(who).get(f"/live/{room.live_id}/track").headers["ETag"] for who in ("learner", "teacher")}
    assert tags["learner"] != tags["teacher"]


def test_a_long_track_comes_in_parts(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.classroom.slides.routes.IN_A_TRACK", 4)
    deck = slides.deck(room.live)
    for page in (1, 2, 3, 1, 2, 3):
        show(room, deck, page)
        room.say("other", "别的事")
    first = track(room)
    assert (len(first["events"]), first["more"]) == (4, True)
    second = track(room, after=first["last"])
    assert (len(second["events"]), second["more"]) == (2, False)
    assert first["events"] + second["events"] == stage(room)
    assert track(room, after=second["last"]) == {"last": second["last"], "more": False, "events": []}


def test_a_long_lesson_is_told_with_as_few_questions_to_the_database_as_a_short_one(app: Flask, room: Room) -> None:
    decks = [slides.deck(room.live, pages=6, hidden=False) for _ in range(3)]
    show(room, decks[0])
    with count_queries() as few:
        track(room)
    for page in range(1, 7):
        for deck in decks:
            show(room, deck, page)
            draw(room, deck, page, stroke=f"s{page}")
    with count_queries() as many:
        assert len(track(room)["events"]) == 37 - 1
    assert len(many) <= len(few)
    with count_queries() as leafed:
        shelf(room, "teacher")
    slides.deck(room.live)
    with count_queries() as more:
        shelf(room, "teacher")
    assert len(more) <= len(leafed)


# drawing


def test_a_stroke_comes_in_parts_while_it_is_drawn(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    draw(room, deck)
    room.do("teacher", "slides.draw", document=deck.id, page=1, stroke="s1", part=1, points=[400, 600, 0], at=1)
    first, second = (one["data"] for one in stage(room)[1:])
    assert first == {"document": deck.id, "page": 1, "part": 0, "points": LINE, "words": "", **STROKE}
    assert second == {"document": deck.id, "page": 1, "stroke": "s1", "part": 1, "points": [400, 600, 0]}


def test_a_part_that_is_sent_again_is_drawn_once(room: Room) -> None:
    """Its answer was lost with the connection, and the page does not know that it arrived."""
    deck = slides.deck(room.live)
    show(room, deck)
    assert draw(room, deck) == draw(room, deck)
    assert draw(room, deck, stroke="s2") == room.newest()
    assert len(stage(room)) == 3


ODD: list[tuple[Answer, str]] = [
    ({"points": [0, 0]}, "slides.odd_stroke"),
    ({"points": []}, "slides.odd_stroke"),
    ({"points": [10_001, 0, 0]}, "slides.odd_stroke"),
    ({"points": [0, -1, 0]}, "slides.odd_stroke"),
    ({"points": [0, 0, -1]}, "slides.odd_stroke"),
    ({"points": [0, 0, 60_001]}, "slides.odd_stroke"),
    ({"points": [0, 0, 5, 1, 1, 4]}, "slides.odd_stroke"),
    ({"points": [0] * 903}, "classroom.malformed"),
    ({"tool": "hammer"}, "slides.odd_stroke"),
    ({"tool": ""}, "slides.odd_stroke"),
    ({"colour": "#ff0000"}, "slides.odd_stroke"),
    ({"width": 0}, "slides.odd_stroke"),
    ({"width": 21}, "slides.odd_stroke"),
    ({"stroke": ""}, "slides.odd_stroke"),
    ({"stroke": "a b"}, "slides.odd_stroke"),
    ({"stroke": "x" * 37}, "slides.odd_stroke"),
    ({"part": -1}, "slides.odd_stroke"),
    ({"part": 2001}, "slides.odd_stroke"),
    ({"part": 1, "points": []}, "slides.odd_stroke"),
    ({"tool": "line"}, "slides.odd_stroke"),
    ({"tool": "arrow", "points": [1, 1, 0]}, "slides.odd_stroke"),
    ({"tool": "text", "points": [1, 1, 0, 2, 2, 0], "words": "对"}, "slides.odd_stroke"),
    ({"tool": "text", "points": [1, 1, 0], "words": "  "}, "slides.no_words"),
    ({"tool": "text", "points": [1, 1, 0], "words": "长" * 201}, "slides.too_long"),
]


@pytest.mark.parametrize(("more", "code"), ODD)
def test_what_no_tool_draws_is_refused(room: Room, more: Answer, code: str) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    fields = {"document": deck.id, "page": 1, "at": 1, **STROKE, "points": LINE, **more}
    assert room.refusal("teacher", "slides.draw", **fields) == code
    assert len(stage(room)) == 1


@pytest.mark.parametrize("tool", ["line", "arrow", "rectangle", "ellipse"])
def test_shapes_have_two_points(room: Room, tool: str) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    draw(room, deck, tool=tool, points=[0, 0, 0, 10_000, 10_000, 60_000], part=0, words="not of a shape")
    assert stage(room)[-1]["data"]["words"] == ""


def test_a_text_is_one_line_at_one_point(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    draw(room, deck, tool="text", points=[5, 5, 0], words=f"  临界\n温度 {'长' * 193}")
    assert stage(room)[-1]["data"]["words"] == f"临界 温度 {'长' * 193}"


def test_strokes_are_erased_by_name_or_all_of_them(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    here = {"document": deck.id, "page": 1, "at": 1}
    room.do("teacher", "slides.erase", **here, strokes=["s1", "s2"])
    room.do("teacher", "slides.erase", **here, everything=True)
    assert [one["data"] for one in stage(room)[1:]] == [
        {"document": deck.id, "page": 1, "strokes": ["s1", "s2"]},
        {"document": deck.id, "page": 1, "all": True},
    ]
    for odd in ({"strokes": []}, {"strokes": ["a b"]}, {}):
        assert room.refusal("teacher", "slides.erase", **here, **odd) == "slides.odd_stroke"


def test_the_pointer_is_on_the_page_or_put_away(room: Room) -> None:
    deck = slides.deck(room.live)
    show(room, deck)
    here = {"document": deck.id, "page": 1, "at": 1}
    room.do("teacher", "slides.point", **here, points=LINE)
    room.do("teacher", "slides.point", **here, points=[], off=True)
    assert [(one["data"]["points"], one["data"]["off"]) for one in stage(room)[1:]] == [(LINE, False), ([], True)]
    for points in ([], [1, 1], [1, 10_001, 0]):
        assert room.refusal("teacher", "slides.point", **here, points=points) == "slides.odd_stroke"


def test_layouts_that_there_are_not_are_not_proposed(room: Room) -> None:
    for layout in sorted(LAYOUTS):
        room.do("teacher", "scene.set", layout=layout, at=clock.now_ms())
    assert room.refusal("teacher", "scene.set", layout="upside_down", at=1) == "slides.no_layout"
    assert [one["data"]["layout"] for one in stage(room)] == sorted(LAYOUTS)


def test_drawing_is_counted_by_itself(app: Flask, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who draws with a steady hand is not held up, and can still turn pages and write; who floods is."""
    deck = slides.deck(room.live)
    show(room, deck)
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setattr(commands, "_buckets", commands._Buckets())
    here = {"document": deck.id, "page": 1, "at": 1}
    monkeypatch.setattr(commands.time, "monotonic", lambda: 1000.0)
    for _ in range(30):
        room.do("teacher", "slides.point", **here, points=[1, 1, 0])
    assert room.refusal("teacher", "slides.point", **here, points=[1, 1, 0]) == "classroom.too_fast"
    room.do("teacher", "slides.show", document=deck.id, page=2, step=0, at=1)
    room.do("teacher", "chat.say", text="下一页", nonce="n")
    monkeypatch.setattr(commands.time, "monotonic", lambda: 1001.0)
    for _ in range(10):
        room.do("teacher", "slides.point", **here, points=[1, 1, 0])
    assert room.refusal("teacher", "slides.point", **here, points=[1, 1, 0]) == "classroom.too_fast"


# the desk hears of documents


def listed(room: Room, who: str = "teacher") -> int:
    return len([one for one in room.frames(who) if one["kind"] == "slides.listed"])


def test_the_desk_hears_that_documents_changed_at_once_and_then_once_a_second(room: Room) -> None:
    deck = slides.deck(room.live)
    with time_machine.travel(clock.to_datetime(clock.now_ms()), tick=False) as now:
        for _ in range(5):
            document_events.changed.send(deck)
        assert listed(room) == 1
        services.list_due()
        assert listed(room) == 2, "what had to wait"
        services.list_due()
        now.shift(1.1)
        services.follow_documents(deck)
        assert listed(room) == 3
    assert listed(room, "learner") == 0
    assert services.list_due in clockwork._ticks


def test_nobody_hears_of_documents_when_the_lesson_is_over(room: Room) -> None:
    deck = slides.deck(room.live)
    lives.end(room.live, by=room.people["teacher"])
    services.follow_documents(deck)
    assert listed(room) == 0


def test_what_is_told_of_a_page_follows_what_changes_with_its_document(room: Room) -> None:
    """Frames are kept until something changes; what was kept must not outlive that."""
    deck = slides.deck(room.live, hidden=False)
    show(room, deck)
    assert stage(room)[0]["data"]["next"] != []
    with unit_of_work():
        deck.hidden = True
    services.follow_documents(deck)
    assert stage(room)[0]["data"]["next"] == []
