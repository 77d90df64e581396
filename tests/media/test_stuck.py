"""A disk that takes no more: the lesson is 缓冲中 for learners, and /healthz says so."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.accounts.models import User
from app.kernel import operations, pulse
from app.live.lifecycle import LiveState
from app.media import services
from media_worker.contract import Beat, Newest
from tests.factories import live as makers


def test_a_lesson_that_nobody_can_see_is_buffering_until_its_picture_goes_on(app: object, teacher: User) -> None:
    live = makers.on_air(teacher)
    end_ms = live.stream.newest_end_ms

    def beat(newest_end_ms: int, *, stuck: bool) -> LiveState:
        newest = Newest(7, newest_end_ms - 1000, 1000)
        services.hear_beat(live.stream_id, Beat("worker-1", live.stream.run, True, 0, newest=newest, stuck=stuck))
        return live.state

    assert beat(end_ms + 1000, stuck=False) is LiveState.ON_AIR
    assert beat(end_ms + 1000, stuck=True) is LiveState.INTERRUPTED
    assert beat(end_ms + 1000, stuck=False) is LiveState.INTERRUPTED, "nothing new yet"
    assert beat(end_ms + 2000, stuck=False) is LiveState.ON_AIR


def test_healthz_says_that_the_disk_is_full(client: FlaskClient, monkeypatch: object) -> None:
    for name in pulse.PROCESSES:
        pulse.beat(name)
    assert client.get("/healthz").status_code == 200
    monkeypatch.setattr(operations, "LEAST_FREE_BYTES", 1 << 60)  # type: ignore[attr-defined]
    reply = client.get("/healthz")
    assert (reply.status_code, reply.json["disk"], reply.json["jobs"]) == (503, False, True)
