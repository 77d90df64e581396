"""What a replay is told of the lesson beside the picture: everything once, in batches, to whom it was said."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from app.classroom.engine import frames
from app.kernel import clock
from app.live import services as live_services
from tests.classroom.cast import Room
from tests.factories import slides


def fed(room: Room, who: str, **query: int) -> dict[str, Any]:
    reply = room.browser(who).get(f"/live/{room.live_id}/replay/feed", query_string=query)
    assert reply.status_code == 200, reply.text
    said: dict[str, Any] = reply.get_json()
    return said


def test_the_feed_brings_everything_once_in_batches_and_leaves_the_stage_to_its_track(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "IN_A_BATCH", 3)
    deck = slides.deck(room.live, pages=2)
    for number in range(5):
        room.say("learner", f"第{number}句")
        room.do("teacher", "slides.show", document=deck.id, page=1 + number % 2, step=0, at=clock.now_ms())
    assert room.browser("learner").get(f"/live/{room.live_id}/replay/feed").status_code == 404, "the lesson still runs"
    live_services.end(room.live, by=room.live.owner)
    batches = [fed(room, "learner")]
    while batches[-1]["more"]:
        batches.append(fed(room, "learner", after=batches[-1]["last"]))
    events = [event for batch in batches for event in batch["events"]]
    assert len(batches) > 1
    assert [event["data"]["text"] for event in events if event["kind"] == "chat.said"] == [
        f"第{number}句" for number in range(5)
    ]
    assert not [event for event in events if event["kind"] == "slides.shown"]
    ids = [event["id"] for event in events]
    assert ids == sorted(set(ids))
    track = room.browser("learner").get(f"/live/{room.live_id}/track").get_json()["events"]
    assert not {event["id"] for event in track} & set(ids), "nothing comes twice"


def test_the_feed_tells_nobody_what_was_not_said_to_her(room: Room) -> None:
    room.say("learner", "悄悄话", to_desk=True)
    live_services.end(room.live, by=room.live.owner)
    heard = {who for who in ("learner", "other", "teacher", "guest") if "悄悄话" in str(fed(room, who)["events"])}
    assert heard == {"learner", "teacher"}


def test_the_feed_is_compressed_and_not_sent_again(room: Room) -> None:
    for number in range(20):
        room.say("learner", f"第{number}句")
    live_services.end(room.live, by=room.live.owner)
    for path in ("replay/feed", "events"):
        browser, address = room.browser("learner"), f"/live/{room.live_id}/{path}"
        plain = browser.get(address)
        assert "Content-Encoding" not in plain.headers
        packed = browser.get(address, headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.data) < len(plain.data) / 8
        same = json.loads(gzip.decompress(packed.data)), plain.get_json()
        assert same[0][1:] == same[1][1:] if path == "events" else same[0] == same[1]
    feed = f"/live/{room.live_id}/replay/feed"
    tag = room.browser("learner").get(feed).headers["ETag"]
    assert room.browser("learner").get(feed, headers={"If-None-Match": tag}).status_code == 304
    assert room.browser("teacher").get(feed, headers={"If-None-Match": tag}).status_code == 200, "hers is another one"
