"""Settings, disk, watchdog, health, playlists and boxes: small parts alone."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.awake import OwnTime
from media_worker.boxes import BoxError, read_init, read_segment
from media_worker.commands import Plan, hls_command
from media_worker.config import SETTINGS, Config, ConfigError
from media_worker.contract import Processing
from media_worker.disk import Disk
from media_worker.flv import Role, TagInfo
from media_worker.health import Monitor
from media_worker.index import from_line
from media_worker.ingest import Tag, TagKind
from media_worker.playlist import date_time, parse
from media_worker.process import Process
from media_worker.tracks import Tracks, VideoTrack
from media_worker.watchdog import Verdict, judge

GOOD = {"WORKER_SECRET": "s"}


def test_settings_have_defaults_and_help():
    config = Config.from_env(GOOD)
    assert (config.rtmp_port, config.ingest_port, config.app_url) == (1935, 8001, "http://127.0.0.1:8000")
    assert config.media_root.parts[-2:] == ("var", "media")
    assert config.disk_reserve_bytes == 500 << 20
    assert all(one.help.endswith(".") for one in SETTINGS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RTMP_PORT", "many"),
        ("RTMP_PORT", "70000"),
        ("APP_URL", "ftp://x"),
        ("LOG_LEVEL", "LOUD"),
        ("FFMPEG", "/nowhere"),
        ("DISK_RESERVE_MB", "-1"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_setting(name: str, value: str):
    with pytest.raises(ConfigError, match=name):
        Config.from_env({**GOOD, name: value})


def test_the_secret_comes_from_the_environment_or_a_file(tmp_path: Path):
    path = tmp_path / "secrets" / "worker_secret"
    with pytest.raises(ConfigError, match="WORKER_SECRET"):
        Config.from_env({"DATA_DIR": str(tmp_path)})
    path.parent.mkdir()
    path.write_text("from the default file\n")
    assert Config.from_env({"DATA_DIR": str(tmp_path)}).worker_secret == "from the default file"
    other = tmp_path / "other"
    other.write_text("from a named file")
    assert Config.from_env({"WORKER_SECRET_FILE": str(other)}).worker_secret == "from a named file"
    with pytest.raises(ConfigError, match="both"):
        Config.from_env({"WORKER_SECRET": "a", "WORKER_SECRET_FILE": str(other)})


def test_the_disk_is_low_until_there_is_clearly_room_again(tmp_path: Path):
    free = [1000]
    disk = Disk(tmp_path, 100, lambda _: free[0])
    answers = []
    for amount in (1000, 99, 101, 105, 111):
        free[0] = amount
        disk._looked_at = float("-inf")
        answers.append(disk.low)
    assert answers == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("last_tag_s", "last_segment_s", "verdict"),
    [
        (100, 99, Verdict.FINE),
        (100, None, Verdict.FINE),
        (96, 96, Verdict.STALLED),
        (84, 84, Verdict.DISCONNECT),
        (100, 91, Verdict.RESTART_FFMPEG),
        (100, 93, Verdict.FINE),
    ],
)
def test_life_is_judged_by_output(last_tag_s: float, last_segment_s: float | None, verdict: Verdict):
    assert judge(now_s=100, last_tag_s=last_tag_s, last_segment_s=last_segment_s) is verdict


def test_health_counts_frames_bits_and_keyframes():
    monitor, tracks = Monitor("192.0.2.1", "OBS"), Tracks(video=VideoTrack("h264", 1280, 720, playable=True))
    for index in range(300):
        role = Role.KEYFRAME if index % 60 == 0 else Role.FRAME
        monitor.see(Tag(TagKind.VIDEO, index * 40, bytes(1000), index * 40.0), TagInfo("h264", role))
    health = monitor.health(tracks, Processing.COPY, Processing.COPY, (), 12_100.0)
    assert health.video is not None
    assert health.video.fps == pytest.approx(25, abs=1.5)
    assert health.video.kbps == pytest.approx(200, abs=12)
    assert health.video.keyframe_ms == 2400
    assert health.last_frame_age_ms == 140
    assert health.audio is None
    assert health.encoder == "OBS"


def test_dates_have_milliseconds():
    assert date_time(1_700_000_000_007.4) == "2023-11-14T22:13:20.007Z"
    assert date_time(1_700_000_000_999.6) == "2023-11-14T22:13:21.000Z"


@given(st.text(max_size=300))
def test_any_playlist_can_be_read_back(text: str):
    assert parse(text).whole <= len(text)


@given(st.binary(max_size=200))
def test_a_spoilt_line_is_refused_and_nothing_worse(line: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        from_line(line)


@given(st.binary(max_size=300))
def test_boxes_that_are_none_are_refused_and_nothing_worse(data: bytes):
    with pytest.raises(BoxError):
        read_init(data)
    with pytest.raises(BoxError):
        read_segment(data, None)


def test_the_workers_own_time_stands_still_while_it_does_not_run():
    clock = [100.0]
    own = OwnTime(lambda: clock[0])
    looks = []
    for moment in (100.25, 100.5, 130.5, 130.75):
        clock[0] = moment
        looks.append(own.now())
    assert looks == [100.25, 100.5, 100.5, 100.75]


@pytest.mark.parametrize(("ends_with", "writes_all"), [("", True), ("exec sleep 60", False)], ids=["slow", "hung"])
async def test_a_slow_ffmpeg_may_finish_and_a_hung_one_may_not(ends_with: str, writes_all: bool, tmp_path: Path):
    """A machine that is far behind: a line of the log for each segment, one after another, then nothing any more."""
    program = tmp_path / "ffmpeg"
    program.write_text(
        f"#!/bin/sh\ncat >/dev/null\nfor n in 1 2 3 4 5 6 7; do sleep 0.2; echo $n >&2; done\n{ends_with}\n"
    )
    program.chmod(0o700)
    process = Process(hls_command(str(program), Plan(Processing.COPY, Processing.COPY, voice=False), tmp_path))
    done = asyncio.get_running_loop().create_task(process.run())
    process.feed(b"media")
    await process.stop(done, patience_s=1.0)
    assert [line for line in process.stderr if line.isdigit()] == list("1234567")
    assert process.clean == writes_all
