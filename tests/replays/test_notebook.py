"""What one person keeps of a replay is hers alone: her place, on every device, and her notes."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from app.kernel import clock
from app.live import services as live_services
from app.replays.notebook import services
from tests.classroom.cast import Room

HTMX = {"HX-Request": "true"}


@pytest.fixture
def base(room: Room) -> str:
    live_services.end(room.live, by=room.live.owner)
    return f"/live/{room.live_id}/replay"


def left(browser: FlaskClient, base: str) -> str:
    found = re.search(r'data-left="(\d*)"', browser.get(base).text)
    assert found
    return found[1]


def notes(html: str) -> list[str]:
    return re.findall(r'notes__text">([^<]*)<', html)


def test_a_replay_goes_on_where_it_was_left_on_another_device(room: Room, base: str) -> None:
    ends = room.live.ended_at_ms or 0
    room.browser("learner").post(f"{base}/place", data={"at": room.live.started_at_ms})
    room.browser("learner").post(f"{base}/place", data={"at": ends})
    assert left(room.another_browser("learner"), base) == str(ends)
    assert left(room.browser("other"), base) == ""
    room.browser("other").post(f"{base}/place", data={"at": ends + 99_999})
    assert left(room.browser("other"), base) == str(ends), "nobody is beyond the end"
    room.another_browser("learner").delete(f"{base}/place")
    assert left(room.browser("learner"), base) == ""


def test_notes_are_private_and_can_be_changed_deleted_and_brought_back(room: Room, base: str) -> None:
    hers, at = room.browser("learner"), room.live.started_at_ms
    page = hers.post(f"{base}/notes", data={"at": at, "text": " 记住\n这一页 "}, headers=HTMX).text
    assert notes(page) == ["记住\n这一页"]
    (number,) = re.findall(r"/notes/(\d+)\?_method=DELETE", page)[:1]
    one = f"{base}/notes/{number}"
    for who in ("other", "teacher", "admin"):
        assert notes(room.browser(who).get(base).text) == [], who
        assert room.browser(who).post(one, data={"text": "x"}).status_code == 404, who
        assert room.browser(who).delete(one).status_code == 404, who
    assert 'id="notes"' not in room.browser("guest").get(base).text, "a visitor has no notebook"
    assert notes(hers.post(one, data={"text": "改过"}, headers=HTMX).text) == ["改过"]
    removed = hers.delete(one, headers=HTMX).text
    assert notes(removed) == []
    assert f"{one}/return" in removed, "the deletion can be undone"
    assert notes(hers.post(f"{one}/return", headers=HTMX).text) == ["改过"]
    assert hers.post(f"{base}/notes", data={"at": at, "text": " \n "}).status_code == 400


def test_notes_are_saved_as_text_with_their_times(room: Room, base: str) -> None:
    started = room.live.started_at_ms or 0
    room.live.ended_at_ms = started + 4_000_000
    services.write(room.live, started + 3_750_000, "后面", by=room.people["learner"])
    services.write(room.live, started + 61_000, "前面\n两行", by=room.people["learner"])
    reply = room.browser("learner").get(f"{base}/notes.txt")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.text.endswith("0:01:01\r\n前面\r\n两行\r\n\r\n1:02:30\r\n后面\r\n")
    assert "后面" not in room.browser("other").get(f"{base}/notes.txt").text


def test_a_note_deleted_long_ago_is_gone_for_good(room: Room, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    learner, at = room.people["learner"], room.live.started_at_ms or 0
    note = services.write(room.live, at, "旧的", by=learner)
    services.remove(note)
    number, later = note.id, clock.now_ms() + services.UNDOABLE_MS + 1
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    services.write(room.live, at, "新的", by=learner)
    room.browser("learner").post(f"{base}/notes/{number}/return")
    assert notes(room.browser("learner").get(base).text) == ["新的"]
