"""The page's way to a ticket, and what the studio says about a browser that sends."""

from __future__ import annotations

import pytest
from flask import Flask

from app.classroom.studio.views import health_view
from app.live import services as live_services
from app.live.models import LiveSession
from app.media import services
from media_worker.contract import (
    Alarm,
    Beat,
    Health,
    LineHealth,
    Newest,
    Processing,
    PublishRequest,
    VideoHealth,
    Way,
)
from tests.conftest import SignIn
from tests.factories import media

TAB = "tab-aaaaaaaa"


def ask(sign_in: SignIn, lesson: LiveSession, **fields: str):
    return sign_in(lesson.owner).post(f"/live/{lesson.id}/sending", data={"sender": TAB, **fields})


def test_a_presenter_gets_a_ticket_and_where_to_send(app: Flask, sign_in: SignIn, lesson: LiveSession) -> None:
    reply = ask(sign_in, lesson).get_json()
    assert reply["url"] == f"ws://localhost:{app.config['INGEST_PORT']}/send"
    granted = services.publish(PublishRequest(reply["ticket"], "w", "192.0.2.1", "Chrome 140", Way.BROWSER, TAB))
    assert granted.stream == lesson.stream.id


def test_behind_a_proxy_the_address_is_the_one_that_is_set(app: Flask, sign_in: SignIn, lesson: LiveSession) -> None:
    app.config["INGEST_URL"] = "wss://live.example.cn/send"
    assert ask(sign_in, lesson).get_json()["url"] == "wss://live.example.cn/send"


def test_who_sends_is_said_with_the_refusal(sign_in: SignIn, lesson: LiveSession) -> None:
    media.encoder(lesson.stream)
    reply = ask(sign_in, lesson)
    assert reply.status_code == 409
    said = reply.get_json()
    assert said["error"] == "media.somebody_sends"
    assert said["sending"] == {"way": "rtmp", "name": "", "encoder": "OBS", "since_ms": lesson.stream.since_ms}
    assert said["message"]
    assert ask(sign_in, lesson, take_over="1").status_code == 200


@pytest.mark.parametrize("sender", ["", "short", "x" * 41, "with a blank", "<script>"])
def test_a_tab_without_a_decent_name_gets_none(sign_in: SignIn, lesson: LiveSession, sender: str) -> None:
    assert ask(sign_in, lesson, sender=sender).status_code == 422


def test_the_page_after_one_that_has_left_gets_a_ticket(sign_in: SignIn, lesson: LiveSession) -> None:
    sends(lesson, sign_in)
    assert ask(sign_in, lesson, sender="tab-bbbbbbbb").status_code == 409
    assert ask(sign_in, lesson, sender="tab-bbbbbbbb", left=TAB).status_code == 200
    assert ask(sign_in, lesson, sender="tab-bbbbbbbb", left="<script>").status_code == 422


def test_there_is_none_for_a_lesson_that_is_over(sign_in: SignIn, lesson: LiveSession) -> None:
    live_services.start(lesson, by=lesson.owner)
    live_services.end(lesson, by=lesson.owner)
    assert ask(sign_in, lesson).status_code == 410


def sends(lesson: LiveSession, sign_in: SignIn, *alarms: Alarm) -> None:
    """A browser sends, with these alarms."""
    ticket = ask(sign_in, lesson).get_json()["ticket"]
    run = services.publish(PublishRequest(ticket, "w", "192.0.2.1", "Firefox 128", Way.BROWSER, TAB)).run
    video = VideoHealth("vp8", 1280, 720, 900, 25.0, 1000, Processing.REENCODE)
    health = Health(video=video, alarms=alarms, way=Way.BROWSER, line=LineHealth(23, 140, 2), encoder="Firefox 128")
    services.hear_beat(lesson.stream.id, Beat("w", run, True, 0, newest=Newest(1, 1, 1000), health=health))
    lesson.stream.has_picture = True


def test_nobody_is_sent_to_the_settings_of_an_encoder_that_there_is_not(
    app: Flask, sign_in: SignIn, lesson: LiveSession
) -> None:
    sends(lesson, sign_in, *(set(Alarm) - {Alarm.AUDIO_REENCODED}))
    with app.test_request_context():
        shown = health_view(lesson.stream)
    assert shown is not None
    said = " ".join(f"{one.sentence} {one.mend}" for one in shown.alarms)
    for word in ("keyframe interval", "Choose AAC", "as video encoder", "The encoder"):
        assert word not in said


def test_the_line_is_shown(sign_in: SignIn, lesson: LiveSession) -> None:
    sends(lesson, sign_in)
    page = sign_in(lesson.owner).get(f"/live/{lesson.id}/health").text
    assert "140 ms" in page
    assert "Firefox 128" in page
