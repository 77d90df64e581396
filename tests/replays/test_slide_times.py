"""When the pages of a replay appear: written as text, spread evenly, taken back; where it is possible, and by whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.classroom.slides import kinds as stage
from app.classroom.slides.views import turns_of
from app.kernel.unit_of_work import unit_of_work
from app.live import services as live_services
from app.live.models import LiveSession
from app.media.folders import folder_of
from app.replays import queries as replays
from app.replays.slide_times import errors, services
from app.replays.slide_times.text import Line, evenly, lines_of, text_of
from app.timeline import services as timeline
from tests.conftest import SignIn
from tests.factories import documents
from tests.factories import live as lives
from tests.factories.recordings import dated, write_playlist

SECONDS = 60


@pytest.fixture
def brought(app: Flask, teacher: User) -> LiveSession:
    """A minute of recording with a document of three pages of two steps; the first page stands from the beginning."""
    live = lives.on_air(teacher, "量子器件")
    document = documents.ready(live, pages=3, steps=2)
    live_services.end(live, by=teacher)
    began_ms = (live.started_at_ms or 0) // 1000 * 1000
    with unit_of_work():
        live.started_at_ms, live.ended_at_ms = began_ms, began_ms + SECONDS * 1000
        live.stream.finished, live.stream.kept_ms = True, SECONDS * 1000
        timeline.append(live.id, stage.SHOWN, {"document": document.id, "page": 1, "step": 0}, at_ms=began_ms)
    segments = [line for number in range(SECONDS) for line in ("#EXTINF:1.00000,", f"{number}.m4s")]
    media: Path = folder_of(live.stream_id)
    write_playlist(media, dated(['#EXT-X-MAP:URI="init.mp4"', *segments], began_ms))
    (media / "full" / "index.m3u8").write_text("#EXTM3U\n")
    return live


def shown(live: LiveSession) -> list[tuple[int, int | None]]:
    """Return (s, page) of all turns."""
    return [((turn.at_ms - (live.started_at_ms or 0)) // 1000, turn.page) for turn in turns_of(live.id)]


def test_pages_appear_where_the_text_says_and_go_back(sign_in: SignIn, brought: LiveSession) -> None:
    browser, page = sign_in(brought.owner), f"/live/{brought.id}/recording/slides"
    assert page in browser.get(f"/live/{brought.id}/recording").text
    assert "0:00:00 1\n</textarea>" in browser.get(page).text
    assert browser.post(page, data={"times": "0:05\n20 3\n0:00:40,5 0\n50 2"}).status_code == 302
    assert shown(brought) == [(5, 1), (20, 3), (40, None), (50, 2)]
    assert [one.page for one in replays.chapters(brought)] == [1, 3, 2]
    track: list[dict[str, Any]] = browser.get(f"/live/{brought.id}/track").get_json()["events"]
    assert [one["data"].get("step") for one in track] == [1, 1, None, 1], "a page is shown with all of its builds"
    assert "0:00:40.500 0\n0:00:50 2" in browser.get(page).text
    browser.post(f"{page}/even")
    assert shown(brought) == [(0, 1), (20, 2), (40, 3)]
    browser.delete(f"{page}/newest")
    assert shown(brought) == [(5, 1), (20, 3), (40, None), (50, 2)]
    browser.delete(f"{page}/newest")
    browser.delete(f"{page}/newest")
    assert shown(brought) == [(0, 1)], "and at last as the lesson itself had it"
    track = browser.get(f"/live/{brought.id}/track").get_json()["events"]
    assert [one["data"]["step"] for one in track] == [0]


def test_whoever_knows_the_newest_event_hears_of_new_times(brought: LiveSession, sign_in: SignIn) -> None:
    browser = sign_in(brought.owner)
    before = browser.get(f"/live/{brought.id}/track")
    services.set_times(brought, [Line(0, 2)], by=brought.owner)
    known = {"If-None-Match": before.headers["ETag"]}
    assert browser.get(f"/live/{brought.id}/track", headers=known).status_code == 200
    newer = browser.get(f"/live/{brought.id}/track?after={before.get_json()['events'][-1]['id']}").get_json()
    assert [one["data"]["page"] for one in newer["events"]] == [2]


def test_what_cannot_be_read_comes_back_as_it_was_written(sign_in: SignIn, brought: LiveSession) -> None:
    browser, page = sign_in(brought.owner), f"/live/{brought.id}/recording/slides"
    for text, line in (("0:01 1\nsoon 2", 2), ("0:01 4", 1), ("1:00 1", 1), ("\n\n0:02 x", 3)):
        reply = browser.post(page, data={"times": text})
        assert reply.status_code == 422
        assert f"第 {line} 行" in reply.text
        assert text in reply.text
    assert browser.post(page, data={"times": "0:01 0"}).status_code == 422, "some page must appear"
    assert shown(brought) == [(0, 1)]


def test_strokes_keep_pages_at_their_moments(sign_in: SignIn, brought: LiveSession) -> None:
    with unit_of_work():
        timeline.append(brought.id, stage.ERASED, {"document": "d", "page": 1, "all": True})
    browser = sign_in(brought.owner)
    assert "/recording/slides" not in browser.get(f"/live/{brought.id}/recording").text
    assert browser.get(f"/live/{brought.id}/recording/slides").status_code == 409
    with pytest.raises(errors.CannotBeTimed):
        services.set_times(brought, [Line(0, 2)], by=brought.owner)


def test_only_presenters_set_times_and_only_after_the_end(
    sign_in: SignIn, brought: LiveSession, teacher: User, learner: User
) -> None:
    page = f"/live/{brought.id}/recording/slides"
    assert sign_in(learner).post(page, data={"times": "0:00 2"}).status_code == 403
    assert shown(brought) == [(0, 1)]
    running = lives.on_air(teacher, "正在讲")
    assert sign_in(teacher).get(f"/live/{running.id}/recording/slides").status_code == 404


def test_lines_are_read_and_written() -> None:
    text = "1:30 2\n0:00;1\n 2:00.25\t5 \n0:01:30 4"
    lines = lines_of(text, pages=5, length_ms=130_000)
    assert lines == [Line(0, 1), Line(90_000, 4), Line(120_250, 5)], "the last of two at one place counts"
    assert text_of(lines) == "0:00:00 1\n0:01:30 4\n0:02:00.250 5\n"
    assert evenly(4, 10_000) == [Line(0, 1), Line(2500, 2), Line(5000, 3), Line(7500, 4)]
    with pytest.raises(errors.TooManyTimes):
        lines_of("\n".join(f"{second} 1" for second in range(2_001)), pages=1, length_ms=10**7)
