"""The generated lecture, as an encoder makes it: what the argv says, and what two seconds of it really are."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import imageio_ffmpeg
import pytest

from app.demo import lecture, picture

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
URL = "rtmp://127.0.0.1:1935/live/a-key"
SECONDS = 3


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("lecture") / "lecture.flv"
    *argv, _url = lecture.command(FFMPEG, URL, 0)
    argv.remove("-rw_timeout")
    argv.remove(str(lecture.GIVE_UP_ON_NETWORK_US))
    subprocess.run([*argv, "-t", str(SECONDS), str(file)], check=True, timeout=30)
    return file


def _decode(file: Path, *options: str) -> str:
    argv = [FFMPEG, "-hide_banner", "-nostdin", "-i", str(file), *options, "-f", "null", "-"]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=30).stderr


def test_argv_ends_with_the_address_and_has_a_keyframe_each_second() -> None:
    argv = lecture.command("ffmpeg", URL, 0)
    assert argv[0] == "ffmpeg"
    assert argv[-3:] == ["-f", "flv", URL]
    assert argv[argv.index("-g") + 1] == str(picture.FPS)
    assert argv.count("-re") == 2


def test_argv_needs_no_font() -> None:
    assert "drawtext" not in " ".join(lecture.command("ffmpeg", URL, 0))


def test_stream_is_what_a_good_encoder_sends(recorded: Path) -> None:
    told = _decode(recorded, "-vf", "showinfo")
    assert "Video: h264 (Main), yuv420p" in told
    assert "1280x720" in told
    assert "Audio: aac (LC), 48000 Hz, mono" in told
    keyframes = [float(at) for at in re.findall(r"pts_time:([\d.]+) .*iskey:1", told)]
    assert keyframes == pytest.approx([0, 1, 2], abs=0.2)


def test_bitrate_suits_a_thin_line(recorded: Path) -> None:
    kbps = recorded.stat().st_size * 8 / 1000 / SECONDS
    assert 400 < kbps < 1000


def test_picture_moves(recorded: Path) -> None:
    told = _decode(recorded, "-vf", "freezedetect=n=0.0001:d=0.5")
    assert "freeze_start" not in told


def test_voice_is_heard_and_does_not_shout(recorded: Path) -> None:
    told = _decode(recorded, "-af", "volumedetect")
    mean, loudest = (float(re.search(rf"{what}_volume: (-?[\d.]+)", told)[1]) for what in ("mean", "max"))
    assert -35 < mean < -15
    assert loudest < -1


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_of_the_clock_has_its_own_segments(digit: int) -> None:
    assert set(picture.SEGMENTS[digit]) <= set("abcdefg")
    assert sum(set(picture.SEGMENTS[digit]) == set(other) for other in picture.SEGMENTS) == 1


def test_clock_shows_the_time_of_the_zone() -> None:
    assert lecture.utc_offset_s("Asia/Shanghai") == 8 * 3600
    assert "RTCTIME/1000000+28800" in picture.graph(28800)


def test_publisher_tries_again_and_stops_when_told(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    encoder = tmp_path / "ffmpeg"
    encoder.write_text(f"#!/bin/sh\necho x >> {runs}\n[ $(wc -l < {runs}) -gt 1 ] && exec sleep 60\necho refused >&2\n")
    encoder.chmod(0o755)
    code = (
        "from app.demo import lecture\n"
        "lecture.RETRY_S = 0.05\n"
        f"lecture.publish_forever('rtmp://nowhere', {str(encoder)!r}, 'UTC')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as publisher:
        deadline = time.monotonic() + 20
        while not (runs.exists() and len(runs.read_text().split()) == 2):
            assert time.monotonic() < deadline
            assert publisher.poll() is None
            time.sleep(0.02)
        publisher.terminate()
        _out, told = publisher.communicate(timeout=10)
    assert publisher.returncode == 0
    assert "refused" in told
