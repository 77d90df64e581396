"""The whole way with the real ffmpeg: tags in, playlists out, decoded again."""

import asyncio
import os
import shutil
import signal
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from media_worker.contract import Alarm, OpenStream, RefusalCode, Rules, Stretch
from media_worker.index import Index
from media_worker.ingest import PublishRefused
from tests.media_worker.world import (
    H264,
    ON_AIR,
    FakeApp,
    World,
    gone,
    make_flv,
    play,
    tags_of,
    until,
    world,
)

T0 = 1_700_000_000_000
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-g", "25"]
AV1 = ["-c:v", "libsvtav1", "-preset", "13", "-svtav1-params", "keyint=25", "-g", "25"]
H264_LONG = [*H264[:6], "-g", "200", "-sc_threshold", "0"]
H264_444 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-g", "25"]
H264_B = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-pix_fmt", "yuv420p", "-g", "25", "-sc_threshold", "0"]
KINDS = {
    "plain": ({}, set()),
    "b_frames": ({"video": H264_B}, set()),
    "two_second_keyframes": ({"video": [*H264[:6], "-g", "50", "-sc_threshold", "0"]}, set()),
    "hevc": ({"video": X265}, {Alarm.VIDEO_REENCODED_CODEC}),
    "av1": ({"video": AV1}, {Alarm.VIDEO_REENCODED_CODEC}),
    "flv1": ({"video": ["-c:v", "flv", "-g", "25"]}, {Alarm.VIDEO_REENCODED_CODEC}),
    "h264_444": ({"video": H264_444}, {Alarm.VIDEO_REENCODED_CODEC}),
    "keyframes_8s": ({"video": H264_LONG}, {Alarm.VIDEO_REENCODED_KEYFRAMES}),
    "no_audio": ({"audio": None}, {Alarm.NO_AUDIO}),
    "audio_only": ({"video": None}, {Alarm.NO_VIDEO}),
    "aac_22k": ({"audio": ["-c:a", "aac", "-ar", "22050"]}, {Alarm.AUDIO_REENCODED}),
    "mp3": ({"audio": ["-c:a", "libmp3lame", "-ar", "44100"]}, {Alarm.AUDIO_REENCODED}),
    "opus": ({"audio": ["-c:a", "libopus"]}, {Alarm.AUDIO_REENCODED}),
    "surround": ({"audio": ["-c:a", "aac", "-ac", "6"]}, {Alarm.AUDIO_REENCODED}),
}


@pytest.fixture(scope="module")
def flv(tmp_path_factory: pytest.TempPathFactory):
    """Makes each kind of file once."""
    made: dict[str, bytes] = {}
    folder = tmp_path_factory.mktemp("flv")

    def make(kind: str = "plain", seconds: float = 5) -> bytes:
        name = f"{kind}-{seconds}"
        if name not in made:
            made[name] = make_flv(folder / f"{name}.flv", seconds=seconds, **KINDS[kind][0])
        return made[name]

    return make


def media_root(tmp_path: Path) -> Path:
    root = tmp_path / "media"
    root.mkdir(exist_ok=True)
    return root


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_stream_becomes_a_recording_that_plays(kind: str, flv, tmp_path: Path):
    seconds = 8.5 if kind == "keyframes_8s" else 4
    async with world(media_root(tmp_path)) as w:
        await w.lesson(tags_of(flv(kind, seconds), captured_ms=T0))
        assert w.alarms() == {str(one) for one in KINDS[kind][1]}
    for name in ("source.m3u8", "audio.m3u8"):
        played = play(w.folder, name)
        assert played.errors == ""
        assert abs(played.seconds - seconds) < 0.25
        assert abs(played.decoded_s - seconds) < 0.25
        assert played.seams == 0
    first = datetime.fromisoformat(play(w.folder).dates[0]).timestamp() * 1000
    assert abs(first - T0) < 150  # the priming of an encoder, or two B-frames
    assert w.app.started[0].newest.number == 1
    assert w.app.ended[-1].kept_ms == pytest.approx(seconds * 1000, abs=250)


async def test_capture_time_is_arrival_less_the_encoders_delay(flv, tmp_path: Path):
    async with world(media_root(tmp_path), FakeApp(delay_ms=700)) as w:
        await w.lesson(tags_of(flv(), captured_ms=T0, delay_ms=700))
    dates = [datetime.fromisoformat(one).timestamp() * 1000 for one in play(w.folder).dates]
    assert all(abs(date - T0 - 1000 * index) <= 30 for index, date in enumerate(dates))


async def send_until_segment(w: World, data: bytes, number: int):
    """Publish, and wait for a segment."""
    publication = await w.publish(tags_of(data, captured_ms=T0))
    await until(lambda: (w.desk.streams["s1"].folder.newest or ON_AIR) != ON_AIR, "a segment")
    await until(lambda: w.desk.streams["s1"].folder.newest.number >= number, "the segment")
    return publication


async def test_a_killed_ffmpeg_costs_nothing(flv, tmp_path: Path):
    data = flv("plain", 6)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(data, captured_ms=T0, to_ms=3500))
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.newest is not None and stream.folder.newest.number >= 3, "three segments")
        os.kill(publication.take.pid, signal.SIGKILL)
        await w.publish(tags_of(data, captured_ms=T0, from_ms=3500), publication)
        await until(lambda: publication.take is not None and publication.take.number == 2, "a new take")
        publication.close("hung up")
        await w.run_over()
        await w.end()
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 6) < 0.1
    assert abs(played.decoded_s - 6) < 0.15
    assert played.seams == 1
    assert Alarm.ENCODER_RESTARTED in w.alarms() or w.app.beats


async def test_the_last_segment_ends_with_the_lesson_and_belongs_to_it(flv, tmp_path: Path):
    ends_ms = T0 + 3300
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(flv("plain", 6), captured_ms=T0, to_ms=2500))
        publication.end_at(ends_ms)
        await w.publish(tags_of(flv("plain", 6), captured_ms=T0, from_ms=2500), publication)
        publication.close("hung up")
        await w.run_over()
        air = (Stretch(0, ends_ms),)
        w.app.set_rules(Rules(version=w.app.rules.version, air=air, record=air))
        await w.end()
    played = play(w.folder)
    assert played.errors == ""
    assert 3.2 < played.seconds <= 3.3 + 0.1, "not the whole seconds alone, and nothing that was said later"


async def test_a_killed_ffmpeg_costs_nothing_of_a_reencoded_stream(flv, tmp_path: Path):
    data = flv("keyframes_8s", 8.5)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(data, captured_ms=T0, to_ms=4500))
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.newest is not None and stream.folder.newest.number >= 3, "three segments")
        os.kill(publication.take.pid, signal.SIGKILL)
        await w.publish(tags_of(data, captured_ms=T0, from_ms=4500), publication)
        await until(lambda: publication.take is not None and publication.take.number == 2, "a new take")
        publication.close("hung up")
        await w.run_over()
        await w.end()
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 8.5) < 0.15


async def test_a_hung_ffmpeg_is_replaced(flv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("media_worker.watchdog.GRACE_S", -2.2)
    data = flv("plain", 6)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(data, captured_ms=T0, to_ms=2500))
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.newest is not None and stream.folder.newest.number >= 2, "two segments")
        os.kill(publication.take.pid, signal.SIGSTOP)
        for tag in tags_of(data, captured_ms=T0, from_ms=2500):
            publication.offer(tag)
            await asyncio.sleep(0.005)
        await until(lambda: publication.take is not None and publication.take.number >= 2, "a new take")
        publication.close("hung up")
        await w.run_over()
        await w.end()
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 6) < 0.1


async def test_keyframes_that_grow_apart_switch_to_reencoding(flv, tmp_path: Path):
    first = tags_of(flv("plain", 4), captured_ms=T0)
    base = first[-1].timestamp_ms + 40
    second = [
        one._replace(timestamp_ms=one.timestamp_ms + base, arrived_ms=one.arrived_ms + base)
        for one in tags_of(flv("keyframes_8s", 8.5), captured_ms=T0)
    ]
    async with world(media_root(tmp_path)) as w:
        await w.lesson([*first, *second])
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 12.5) < 0.4
    assert max(float(one.split(":")[1].strip(",")) for one in played.text.splitlines() if "EXTINF" in one) < 2.5


async def test_a_jump_of_the_encoders_clock_is_a_seam(flv, tmp_path: Path):
    first, second = tags_of(flv(), captured_ms=T0), tags_of(flv(), captured_ms=T0 + 5000)
    second = [one._replace(timestamp_ms=one.timestamp_ms + 500_000) for one in second]
    third = tags_of(flv(), captured_ms=T0 + 10_000)
    async with world(media_root(tmp_path)) as w:
        await w.lesson([*first, *second, *third])
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 15) < 0.3
    assert played.seams == 2
    assert played.dates == sorted(set(played.dates))
    last = datetime.fromisoformat(played.dates[-1]).timestamp() * 1000
    assert abs(last - (T0 + 14_021)) < 100


async def test_sound_that_comes_later_is_taken_up_and_sound_that_goes_is_replaced(flv, tmp_path: Path):
    tags = tags_of(flv("plain", 12), captured_ms=T0)
    quiet = [
        one
        for one in tags
        if one.kind != 8 or one.kind == 18 or 3000 <= one.timestamp_ms < 7000 or len(one.payload) < 8
    ]
    async with world(media_root(tmp_path)) as w:
        await w.lesson(quiet)
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 12) < 0.3
    assert abs(play(w.folder, "audio.m3u8").seconds - 12) < 2.5
    assert played.seams >= 2


async def test_the_worker_is_killed_and_the_lesson_goes_on(flv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = media_root(tmp_path)
    async with world(root) as w:
        await w.publish(tags_of(flv(), captured_ms=T0))
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.newest is not None and stream.folder.newest.number >= 3, "three segments")
        # as after kill -9: ffmpeg comes to the end of its input and nobody collects what it still writes
        take = stream.pipeline.take
        monkeypatch.setattr(take._cutter, "next", lambda: None)
        monkeypatch.setattr("media_worker.take.shutil.rmtree", lambda *_, **__: None)
        app = w.app
    monkeypatch.undo()
    shutil.copytree(root, tmp_path / "after")
    before = (tmp_path / "after" / "s1" / "full" / "source.m3u8").read_text()
    again = FakeApp(rules=app.rules, runs=app.runs, open=(OpenStream("s1", 1, app.rules),))
    async with world(tmp_path / "after", again) as w:
        await until(lambda: "s1" in w.desk.streams, "the stream is taken up")
        await w.lesson(tags_of(flv(), captured_ms=T0 + 6000))
    played = play(w.folder)
    assert played.errors == ""
    assert played.text.startswith(before)
    assert abs(played.seconds - 10) < 0.3
    assert played.seams == 1
    assert played.dates == sorted(set(played.dates))


async def test_a_newer_publisher_takes_over(flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        first = await w.publish(tags_of(flv(), captured_ms=T0))
        second = await w.publish(tags_of(flv(), captured_ms=T0 + 5000))
        assert [one.code for one in w.kicks] == [RefusalCode.TAKEN_OVER]
        first.close("twice does no harm")
        second.close("hung up")
        await w.run_over()
        await w.end()
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 10) < 0.3
    assert w.app.started[-1].run == 2


async def test_who_took_over_is_not_sent_away_for_what_the_one_before_reported_late(flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        reported = w.app.held["started"] = asyncio.Event()
        await w.publish(tags_of(flv(), captured_ms=T0))
        await until(lambda: bool(w.app.started), "the first one reports its picture")
        second = await w.publish(tags_of(flv(), captured_ms=T0 + 5000))
        await until(lambda: w.app.started[-1].run == 2, "the second one reports its own")
        reported.set()
        beats = len(w.app.beats)
        w.app.set_rules(ON_AIR)
        await until(lambda: len(w.app.beats) > beats + 1, "what was answered before is heard")
        assert [one.code for one in w.kicks] == [RefusalCode.TAKEN_OVER], "the first, and only the first"
        second.close("hung up")
        await w.run_over()
        await w.end()
    assert abs(play(w.folder).seconds - 10) < 0.3


async def test_a_grant_that_is_late_does_not_oust_a_newer_one(tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        answered = w.app.held["slow"] = asyncio.Event()
        slow = asyncio.create_task(w.admit("slow"))
        await until(lambda: w.app.runs == 1, "the app lets the first one in")
        newer = await w.admit()
        answered.set()
        with pytest.raises(PublishRefused) as refused:
            await slow
        assert refused.value.refusal.code is RefusalCode.TAKEN_OVER
        assert w.desk.streams["s1"].pipeline is newer
        assert w.kicks == []


async def test_ending_the_lesson_sends_the_encoder_away(flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(flv(), captured_ms=T0))
        begun = time.monotonic()
        await w.end()
        assert time.monotonic() - begun < 1.5
        assert [one.code for one in w.kicks] == [RefusalCode.SESSION_OVER]
        publication.close("gone")
        await until(lambda: not w.desk.streams, "the stream is forgotten")
    for scope in ("full", "live"):
        assert play(w.folder, scope=scope).text.endswith("#EXT-X-ENDLIST\n")
    assert play(w.folder).errors == ""


async def test_rules_decide_what_learners_see(flv, tmp_path: Path):
    rules = Rules(1, air=(Stretch(T0 + 1000, T0 + 3500),), record=(Stretch(T0 + 2000),))
    async with world(media_root(tmp_path), FakeApp(rules=rules)) as w:
        await w.lesson(tags_of(flv(), captured_ms=T0))
    assert abs(play(w.folder, scope="live").seconds - 2) < 0.1
    assert abs(play(w.folder).seconds - 1) < 0.1
    assert play(w.folder, scope="preview").seconds > 4.5


async def test_a_press_of_the_button_reaches_the_live_playlist_at_once(flv, tmp_path: Path):
    async with world(media_root(tmp_path), FakeApp(rules=Rules(1))) as w:
        publication = await w.publish(tags_of(flv(), captured_ms=T0))
        live = w.folder / "live" / "source.m3u8"
        await until(lambda: len(w.app.beats) > 1, "a beat is held")
        assert not live.exists()
        begun = time.monotonic()
        w.app.set_rules(ON_AIR)
        await until(live.exists, "the live playlist")
        assert time.monotonic() - begun < 0.3
        publication.close("hung up")
        await w.run_over()


async def test_a_full_disk_stops_the_recording_and_not_the_live(flv, tmp_path: Path):
    async with world(media_root(tmp_path), free=lambda _: 0) as w:
        publication = await w.publish(tags_of(flv(), captured_ms=T0))
        await until(lambda: str(Alarm.DISK_LOW) in w.alarms(), "the alarm")
        publication.close("hung up")
        await w.run_over()
        await w.end()
    assert play(w.folder).seconds == 0
    assert play(w.folder, scope="live").seconds > 4.5


async def test_a_stale_run_is_stopped_and_the_stream_forgotten_only_when_the_app_does(flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        await w.publish(tags_of(flv(), captured_ms=T0))
        w.app.beat_refusal = gone()
        await until(lambda: RefusalCode.STALE_RUN in [one.code for one in w.kicks], "the publisher is sent away")
        w.app.beat_refusal = None
        await until(lambda: not w.app.beats[-1].publishing, "a beat without a publisher")
        assert "s1" in w.desk.streams
        w.app.beat_refusal = gone()
        await until(lambda: not w.desk.streams, "the stream is forgotten")


async def test_a_silent_encoder_is_reported_and_then_sent_away(flv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("media_worker.watchdog.STALLED_S", 0.5)
    monkeypatch.setattr("media_worker.watchdog.SILENT_S", 2.0)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(flv(), captured_ms=T0))
        assert Alarm.STALLED not in publication.health(disk_low=False).alarms
        await until(lambda: Alarm.STALLED in publication.health(disk_low=False).alarms, "the alarm")
        assert not w.kicks
        await until(lambda: w.kicks, "the publisher is sent away")


async def test_an_ffmpeg_that_does_not_keep_up_is_reported(flv, tmp_path: Path):
    data = flv("plain", 12)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(data, captured_ms=T0, to_ms=2500))
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.newest is not None, "a segment")
        pid = publication.take.pid
        os.kill(pid, signal.SIGSTOP)
        for tag in tags_of(data, captured_ms=T0, from_ms=2500):
            publication.offer(tag)
        assert Alarm.OVERLOADED in publication.health(disk_low=False).alarms
        os.kill(pid, signal.SIGCONT)
        await until(lambda: Alarm.OVERLOADED not in publication.health(disk_low=False).alarms, "it keeps up again")
        publication.close("hung up")
        await w.run_over()
        await w.end()
    assert abs(play(w.folder).seconds - 12) < 0.1


async def test_a_restarted_app_is_waited_for(flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        url, w.desk._app._base = w.desk._app._base, "http://127.0.0.1:9/internal/media"
        admitting = asyncio.ensure_future(w.admit())
        await asyncio.sleep(0.05)
        assert not admitting.done()
        w.desk._app._base = url
        publication = await admitting
        await w.publish(tags_of(flv(), captured_ms=T0), publication)
        w.desk._app._base = "http://127.0.0.1:9/internal/media"
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.hold_deletions, "the app is missed")
        assert stream.folder.newest is not None
        w.desk._app._base = url
        publication.close("hung up")
        await w.run_over()
        await w.end()
    assert abs(play(w.folder).seconds - 5) < 0.1


async def test_an_admission_keeps_its_moment_in_every_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """By it the app knows an attempt that it executes late: the one before took too long to be answered."""
    monkeypatch.setattr("media_worker.client.PATIENCE_S", 0.2)
    async with world(media_root(tmp_path), FakeApp(late_answers=1)) as w:
        await w.admit()
        await w.admit()
    first, again, second = (one.asked_ms for one in w.app.asked)
    assert 0 < first == again < second


async def test_a_wrong_key_is_refused_and_an_app_that_is_gone_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("media_worker.desk.ASK_FOR_S", 0.1)
    async with world(media_root(tmp_path)) as w:
        w.app.refusal = replace(gone(), code=RefusalCode.WRONG_KEY)
        with pytest.raises(PublishRefused) as refused:
            await w.admit()
        assert refused.value.refusal.code is RefusalCode.WRONG_KEY
        w.desk._app._base = "http://127.0.0.1:9"
        with pytest.raises(PublishRefused) as refused:
            await w.admit()
        assert refused.value.refusal.code is RefusalCode.UNAVAILABLE


async def test_endless_frames_without_time_do_not_fill_the_memory(flv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("media_worker.buffer.MOST_BYTES", 2_000_000)
    async with world(media_root(tmp_path)) as w:
        publication = await w.admit()
        frame = next(one for one in tags_of(flv(), captured_ms=T0) if one.kind == 9 and len(one.payload) > 1000)
        for _ in range(5000):
            publication.offer(frame)
            assert publication.buffered_bytes < 3_000_000
        publication.close("hung up")
        await w.run_over()


async def test_a_segment_is_published_when_ffmpeg_says_so_and_nobody_looks_for_it(
    flv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("media_worker.take.LOOK_EVERY_S", 3600)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(flv(), captured_ms=T0))
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.newest is not None and stream.folder.newest.number >= 4, "four segments")
        assert publication.take.last_words == ""
        publication.close("hung up")
        await w.run_over()
        await w.end()


async def test_the_socket_may_rest_between_two_cuts_of_a_copied_stream(flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(flv(), captured_ms=T0, to_ms=900))
        assert publication.rest_s() == 0  # nothing is decided yet
        await w.publish(tags_of(flv(), captured_ms=T0, from_ms=900, to_ms=1300), publication)
        assert publication.rest_s() == 0  # a segment is waited for
        await until(lambda: w.desk.streams["s1"].folder.newest is not None, "a segment")
        assert 0 < publication.rest_s() <= 0.1
        await w.publish(tags_of(flv(), captured_ms=T0, from_ms=1300, to_ms=1950), publication)
        assert publication.rest_s() == 0  # the next keyframe may come at any moment
        publication.close("hung up")
        await w.run_over()
        await w.end()


async def test_the_socket_never_rests_while_the_picture_is_encoded(flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(flv("hevc"), captured_ms=T0, to_ms=3300))
        await until(lambda: w.desk.streams["s1"].folder.newest is not None, "a segment")
        assert publication.rest_s() == 0
        publication.close("hung up")
        await w.run_over()
        await w.end()


async def test_an_encoder_that_is_too_fast_is_slowed_down(flv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("media_worker.process.HIGH_WATER_BYTES", 50_000)
    monkeypatch.setattr("media_worker.process.LOW_WATER_BYTES", 10_000)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(flv("plain", 12), captured_ms=T0, to_ms=3000))
        pid = publication.take.pid
        os.kill(pid, signal.SIGSTOP)
        for tag in tags_of(flv("plain", 12), captured_ms=T0, from_ms=3000):
            publication.offer(tag)
            await asyncio.sleep(0)
        draining = asyncio.ensure_future(publication.drain())
        await asyncio.sleep(0.1)
        assert not draining.done()
        os.kill(pid, signal.SIGCONT)
        await asyncio.wait_for(draining, 5)
        publication.close("hung up")
        await w.run_over()
        await w.end()
    assert abs(play(w.folder).seconds - 12) < 0.1


async def test_an_encoder_with_a_single_keyframe_is_served_with_bounded_memory(
    flv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data = flv("keyframes_8s", 7.5)
    async with world(media_root(tmp_path)) as w:
        publication = await w.publish(tags_of(data, captured_ms=T0, to_ms=3000))
        stream = w.desk.streams["s1"]
        await until(lambda: stream.folder.newest is not None, "a segment")
        monkeypatch.setattr("media_worker.buffer.MOST_FRAMES", 200)
        for tag in tags_of(data, captured_ms=T0, from_ms=3000):
            publication.offer(tag)
            await asyncio.sleep(0.002)
            assert publication.buffered_bytes < 2_000_000
        publication.close("hung up")
        await w.run_over()
        await w.end()
    played = play(w.folder)
    assert played.errors == ""
    assert abs(played.seconds - 7.5) < 0.2
    assert played.seams <= 1, "from then on each picture stands alone"


@pytest.mark.parametrize("kind", ["plain", "b_frames", "keyframes_8s", "hevc", "aac_22k", "no_audio", "audio_only"])
async def test_picture_and_voice_are_cut_at_the_same_time(kind: str, flv, tmp_path: Path):
    async with world(media_root(tmp_path)) as w:
        await w.lesson(tags_of(flv(kind, 8.5 if kind == "keyframes_8s" else 4), captured_ms=T0))
    for one in Index(w.folder).read():
        assert abs(one.voice.start_ms - one.source.start_ms) < 120
