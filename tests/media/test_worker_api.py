"""The door of media_worker, spoken to as media_worker does."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db
from app.live import services as live_services
from app.live.models import LiveSession
from app.media import services
from media_worker.contract import (
    Beat,
    BeatAnswer,
    Ended,
    Hello,
    Message,
    Newest,
    PublishGranted,
    PublishRequest,
    Pulse,
    Refusal,
    RefusalCode,
    Rules,
    Started,
    Welcome,
)
from tests.conftest import WORKER_SECRET
from tests.factories import media


class Worker:
    """Speaks the contract over HTTP."""

    def __init__(self, client: FlaskClient, secret: str = WORKER_SECRET) -> None:
        self._client, self._secret = client, secret

    def say(self, path: str, message: Message) -> TestResponse:
        headers = {"Authorization": f"Bearer {self._secret}"}
        return self._client.post(f"/internal/media/{path}", json=message.to_json(), headers=headers)


@pytest.fixture
def worker(app: Flask) -> Worker:
    return Worker(app.test_client())


def test_a_whole_lesson_over_the_wire(worker: Worker, lesson: LiveSession) -> None:
    stream_id = lesson.stream_id
    assert Welcome.from_json(worker.say("hello", Hello("w")).json) == Welcome()
    granted = PublishGranted.from_json(
        worker.say("publish", PublishRequest(lesson.stream.key, "w", "192.0.2.1", "OBS")).json
    )
    assert (granted.stream, granted.run, granted.rules.air) == (stream_id, 1, ())
    assert worker.say(f"streams/{stream_id}/started", Started(1, Newest(1, 1_000, 1_000))).status_code == 204
    live_services.start(lesson, by=lesson.owner)
    answer = BeatAnswer.from_json(
        worker.say(f"streams/{stream_id}/beat", Beat("w", 1, True, granted.rules.version)).json
    )
    assert answer.rules is not None
    assert len(answer.rules.air) == 1
    up_to_date = Beat("w", 1, True, answer.rules.version, kept_ms=9_000, kept_bytes=700)
    assert BeatAnswer.from_json(worker.say(f"streams/{stream_id}/beat", up_to_date).json) == BeatAnswer()
    live_services.end(lesson, by=lesson.owner)
    done = Ended(1, "over", finished=True, kept_ms=12_000, kept_bytes=900)
    assert worker.say(f"streams/{stream_id}/ended", done).status_code == 204
    assert (lesson.stream.finished, lesson.stream.kept_ms) == (True, 12_000)


def test_a_refusal_is_in_the_words_of_the_contract(worker: Worker, lesson: LiveSession) -> None:
    reply = worker.say("publish", PublishRequest("wrong", "w", "192.0.2.1"))
    assert reply.status_code == 403
    assert Refusal.from_json(reply.json).code is RefusalCode.WRONG_KEY
    reply = worker.say("streams/unknown/beat", Beat("w", 1, True, 1))
    assert reply.status_code == 409


def test_without_the_secret_nothing_is_said(app: Flask, lesson: LiveSession) -> None:
    stranger = Worker(app.test_client(), "guess")
    assert stranger.say("publish", PublishRequest(lesson.stream.key, "w", "192.0.2.1")).status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"key": 5, "worker": "w", "client": "c"}', b"\xff\xfe"])
def test_nonsense_is_answered_with_what_is_wrong(app: Flask, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {WORKER_SECRET}", "Content-Type": "application/json"}
    reply = app.test_client().post("/internal/media/publish", data=body, headers=headers)
    assert reply.status_code == 400
    assert "PublishRequest" in reply.json["message"]


def test_a_held_beat_is_answered_as_soon_as_rules_change(app: Flask, worker: Worker, lesson: LiveSession) -> None:
    run, stream_id = media.encoder(lesson.stream), lesson.stream_id
    version = lesson.stream.rules_version
    db.session.commit()
    answers: list[Rules | None] = []

    def hold() -> None:
        reply = worker.say(f"streams/{stream_id}/beat", Beat("w", run, True, version, hold_ms=2_000))
        answers.append(BeatAnswer.from_json(reply.json).rules)

    beat = threading.Thread(target=hold)
    beat.start()
    while beat.is_alive() and not answers:
        services.set_air(lesson.stream, True, at_ms=5_000)
        beat.join(0.05)
    assert answers[0] is not None
    assert answers[0].air[0].from_ms == 5_000


def test_a_pulse_makes_the_worker_alive(worker: Worker, client: FlaskClient) -> None:
    assert client.get("/healthz").json["media_worker"] is False
    worker.say("pulse", Pulse("w", 10**9, 0))
    assert client.get("/healthz").json["media_worker"] is True
    assert client.get("/healthz").status_code == 503, "jobs has not been heard"
