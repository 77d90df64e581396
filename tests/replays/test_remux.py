"""From segments to one MP4, with the real ffmpeg."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from app.replays import remux
from tests.factories.recordings import FFMPEG, run_of, without, write_playlist


def duration_s(file: Path) -> float:
    printed = subprocess.run([FFMPEG, "-i", str(file)], capture_output=True, text=True, check=False).stderr
    hours, minutes, seconds = re.search(r"Duration: (\d+):(\d+):([\d.]+)", printed).groups()  # type: ignore[union-attr]
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def complaints(file: Path) -> str:
    """What a decoder says about the file from beginning to end."""
    argv = [
        FFMPEG,
        "-v",
        "warning",
        "-xerror",
        "-i",
        str(file),
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1:90000",
    ]
    argv += ["-f", "null", "-"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stderr


def make(media: Path, tmp_path: Path) -> tuple[Path, list[int]]:
    target, work, percents = tmp_path / "out" / "lesson.mp4", tmp_path / "work", []
    work.mkdir()
    remux.make_mp4(FFMPEG, media, work, target, percents.append)
    return target, percents


def test_one_run(tmp_path: Path) -> None:
    write_playlist(tmp_path, run_of(tmp_path, "a", 5))
    target, _percents = make(tmp_path, tmp_path)
    assert duration_s(target) == pytest.approx(5, abs=0.2)
    assert remux.duration_of(target) == pytest.approx(5, abs=0.2)
    assert complaints(target) == ""
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "players start before the whole file is there"


def test_a_pause_and_a_new_encoder_leave_no_gap(tmp_path: Path) -> None:
    before, after = without(run_of(tmp_path, "a", 8), 2, 4)
    write_playlist(tmp_path, before, after, run_of(tmp_path, "b", 3, colour="maroon"))
    target, _percents = make(tmp_path, tmp_path)
    assert duration_s(target) == pytest.approx(2 + 3 + 3, abs=0.2)
    assert complaints(target) == ""


def test_a_stretch_of_another_shape_is_made_to_fit(tmp_path: Path) -> None:
    runs = run_of(tmp_path, "a", 5), run_of(tmp_path, "b", 2, size="640x480", rate=44100)
    write_playlist(tmp_path, *runs)
    target, _percents = make(tmp_path, tmp_path)
    assert duration_s(target) == pytest.approx(7, abs=0.2)
    assert complaints(target) == ""
    printed = subprocess.run([FFMPEG, "-i", str(target)], capture_output=True, text=True, check=False).stderr
    assert "320x180" in printed
    assert "48000 Hz" in printed


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    with pytest.raises(remux.NothingRecorded):
        make(tmp_path, tmp_path)


def test_parts_are_cut_at_discontinuities_only(tmp_path: Path) -> None:
    run = run_of(tmp_path, "a", 3)
    write_playlist(tmp_path, run, run)
    parts = remux.parts_of((tmp_path / "full" / "source.m3u8").read_text())
    assert [len(part.segments) for part in parts] == [3, 3]
    assert parts[0].duration_s == pytest.approx(3, abs=0.1)
    shape = remux.shape_of((tmp_path / "segments" / parts[0].init).read_bytes())
    assert shape == remux.Shape(320, 180, 48000, 1)
