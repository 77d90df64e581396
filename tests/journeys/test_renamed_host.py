"""The machine dies in a lesson and comes back under another name; the encoder does not come back at all."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import running
from tests.journeys.waiting import wait_for

pytestmark = [pytest.mark.journey]

PRESS = """
from app.accounts.queries import user_by_name
from app.extensions import db
from app.live import services
from app.live.models import LiveSession
services.{verb}(db.session.get_one(LiveSession, {live!r}), by=user_by_name("teacher"))
"""


@pytest.fixture
def stack(tmp_path):
    """A service of its own."""
    yield from running(tmp_path / "data", WORKER_ID="the-old-name")


def test_the_recording_is_closed_under_the_new_name(stack, encoder) -> None:
    lesson = stack.lesson("主机改名的课")
    publisher = encoder(lesson)
    recording = lesson.media / "full" / "source.m3u8"
    wait_for(lambda: stack.row("SELECT has_picture FROM media_stream WHERE id = ?", lesson.stream)[0], "a picture", 30)
    stack.run(PRESS.format(verb="start", live=lesson.id))
    wait_for(lambda: recording.exists() and recording.read_text().count("#EXTINF") >= 3, "three seconds", 30)

    stack.kill_everything()
    publisher.stop()
    stack.settings["WORKER_ID"] = "the-new-name"
    stack.start()
    stack.run(PRESS.format(verb="end", live=lesson.id))
    stack.change("UPDATE pulse SET at_ms = at_ms - 60000 WHERE name = 'media_worker:the-old-name'")

    wait_for(lambda: stack.row("SELECT finished FROM media_stream WHERE id = ?", lesson.stream)[0], "it is closed", 30)
    assert recording.read_text().endswith("#EXT-X-ENDLIST\n")
