"""Who may publish, and what the app believes about encoders."""

from __future__ import annotations

import pytest
import time_machine

from app.kernel import clock
from app.live import services as live_services
from app.live.models import LiveSession
from app.media import events, services
from app.media.errors import MediaRefusal
from app.media.models import Stream
from media_worker.contract import Beat, Health, Newest, PublishRequest, RefusalCode, Rules, Stretch
from tests.factories import media


def ask(stream: Stream, client: str = "192.0.2.7") -> int:
    return services.publish(PublishRequest(stream.key, "worker-1", client, "OBS")).run


def beat(run: int, *, publishing: bool = True, health: Health | None = None) -> Beat:
    return Beat("worker-1", run, publishing, 0, newest=Newest(5, 1_000, 1_000), health=health)


def refused(stream: Stream, client: str = "192.0.2.7") -> RefusalCode:
    with pytest.raises(MediaRefusal) as caught:
        ask(stream, client)
    return caught.value.refusal.code


def test_a_wrong_key_is_refused(lesson: LiveSession) -> None:
    with pytest.raises(MediaRefusal) as caught:
        services.publish(PublishRequest("nonsense", "worker-1", "192.0.2.7"))
    assert caught.value.refusal.code is RefusalCode.WRONG_KEY


def test_a_key_of_an_ended_lesson_is_refused(lesson: LiveSession, teacher: object) -> None:
    live_services.start(lesson, by=lesson.owner)
    live_services.end(lesson, by=lesson.owner)
    assert refused(lesson.stream) is RefusalCode.SESSION_OVER


def test_every_accepted_publisher_is_a_new_run(lesson: LiveSession) -> None:
    assert [ask(lesson.stream), ask(lesson.stream), ask(lesson.stream)] == [1, 2, 3]


def test_a_newer_publisher_replaces_the_older_and_the_older_may_not_come_back(lesson: LiveSession) -> None:
    media.encoder(lesson.stream, client="192.0.2.1")
    run = media.encoder(lesson.stream, client="192.0.2.2")
    assert refused(lesson.stream, "192.0.2.1") is RefusalCode.TAKEN_OVER
    assert lesson.stream.run == run
    assert ask(lesson.stream, "192.0.2.3") == run + 1, "another machine may take over"


def test_the_refused_one_stays_refused_while_it_tries(lesson: LiveSession) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        media.encoder(lesson.stream, client="192.0.2.1")
        run = media.encoder(lesson.stream, client="192.0.2.2")
        for _try in range(5):
            traveller.shift(50)
            services.hear_beat(lesson.stream_id, beat(run))
            assert refused(lesson.stream, "192.0.2.1") is RefusalCode.TAKEN_OVER
        traveller.shift(61)
        services.hear_beat(lesson.stream_id, beat(run))
        assert ask(lesson.stream, "192.0.2.1") == run + 1


def test_a_request_that_is_executed_late_takes_the_place_of_nobody(lesson: LiveSession) -> None:
    """The worker gave it up, and has let its encoder in by a newer one since."""
    now = clock.now_ms()
    key = lesson.stream.key
    late, newer = (PublishRequest(key, "worker-1", "192.0.2.7", asked_ms=now - age) for age in (9_000, 50))
    run = services.publish(newer).run
    with pytest.raises(MediaRefusal) as caught:
        services.publish(late)
    assert caught.value.refusal.code is RefusalCode.TAKEN_OVER
    assert (lesson.stream.run, lesson.stream.publishing) == (run, True)
    services.hear_beat(lesson.stream_id, beat(run))


def test_a_question_that_is_passed_on_again_gets_the_same_answer(lesson: LiveSession) -> None:
    """The app had let the encoder in, but its answer came too late."""
    request = PublishRequest(lesson.stream.key, "worker-1", "192.0.2.7", asked_ms=clock.now_ms())
    assert [services.publish(request).run, services.publish(request).run] == [1, 1]
    assert ask(lesson.stream) == 2
    assert ask(lesson.stream) == 3, "nobody took its place, so it may come back"


def test_a_clock_that_was_set_back_locks_nobody_out(lesson: LiveSession) -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller:
        services.publish(PublishRequest(lesson.stream.key, "worker-1", "192.0.2.7", asked_ms=clock.now_ms()))
        traveller.shift(-3600)
        again = PublishRequest(lesson.stream.key, "worker-1", "192.0.2.7", asked_ms=clock.now_ms())
        assert services.publish(again).run == 2


def test_a_hello_that_is_executed_late_takes_no_encoder_for_gone(lesson: LiveSession) -> None:
    now = clock.now_ms()
    services.publish(PublishRequest(lesson.stream.key, "worker-1", "192.0.2.7", asked_ms=now - 50))
    services.welcome("worker-1", now - 9_000)
    assert lesson.stream.publishing
    services.welcome("worker-1", now)
    assert not lesson.stream.publishing


def test_a_frozen_publisher_does_not_defend_its_place(lesson: LiveSession) -> None:
    media.encoder(lesson.stream, client="192.0.2.1")
    run = media.encoder(lesson.stream, client="192.0.2.2")
    services.hear_beat(lesson.stream_id, beat(run, health=Health(last_frame_age_ms=9_000)))
    assert ask(lesson.stream, "192.0.2.1") == run + 1


def test_a_beat_of_an_old_run_is_told_to_stop(lesson: LiveSession) -> None:
    old = media.encoder(lesson.stream)
    media.encoder(lesson.stream)
    with pytest.raises(MediaRefusal) as caught:
        services.hear_beat(lesson.stream_id, beat(old))
    assert (caught.value.status, caught.value.refusal.code) == (409, RefusalCode.TAKEN_OVER)


def test_a_new_key_stops_who_uses_the_old_one(lesson: LiveSession) -> None:
    run, old_key = media.encoder(lesson.stream), lesson.stream.key
    services.change_key(lesson.stream)
    assert lesson.stream.key != old_key
    with pytest.raises(MediaRefusal):
        services.hear_beat(lesson.stream_id, beat(run))
    with pytest.raises(MediaRefusal):
        services.publish(PublishRequest(old_key, "worker-1", "192.0.2.7"))


def test_a_silent_worker_is_taken_for_dead_and_believed_when_it_comes_back(lesson: LiveSession) -> None:
    heard: list[str] = []
    with (
        time_machine.travel("2026-11-24T10:00:00Z", tick=False) as traveller,
        events.encoder_lost.connected_to(lambda stream_id: heard.append("lost")),
        events.encoder_ready.connected_to(lambda stream_id: heard.append("ready")),
    ):
        run = media.encoder(lesson.stream)
        traveller.shift(4)
        services.lose_silent_streams()
        assert lesson.stream.publishing
        traveller.shift(2)
        services.lose_silent_streams()
        assert not lesson.stream.publishing
        services.hear_beat(lesson.stream_id, beat(run))
        assert lesson.stream.publishing
    assert heard == ["ready", "lost", "ready"]


def test_a_restarted_worker_learns_what_is_unfinished(lesson: LiveSession, teacher: object) -> None:
    media.encoder(lesson.stream)
    live_services.start(lesson, by=lesson.owner)
    welcome = services.welcome("worker-1")
    assert [one.stream for one in welcome.streams] == [lesson.stream_id]
    assert welcome.streams[0].rules == lesson.stream.rules()
    assert not lesson.stream.publishing, "its encoder is gone with it"
    assert services.welcome("worker-2").streams == ()


def test_stretches_open_and_close() -> None:
    stream = Stream(air=[], record=[], rules_version=1, ended=False)
    stream.set_air(True, 10)
    stream.set_air(True, 20)
    stream.set_air(False, 30)
    stream.set_air(False, 40)
    stream.set_air(True, 50)
    assert stream.rules() == Rules(4, (Stretch(10, 30), Stretch(50)), ())
