"""Cuts of ffmpeg's segments: sound and picture of one moment are in one segment, however ffmpeg wrote them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from media_worker.commands import Plan, hls_command
from media_worker.contract import Processing
from media_worker.disk import Disk
from media_worker.flv import FlvWriter, describe
from media_worker.folder import StreamFolder
from media_worker.ingest import Tag, TagKind
from media_worker.take import Cutter
from media_worker.tracks import Tracks
from tests.media_worker.world import FFMPEG, ON_AIR, make_flv, play, tags_of

SECONDS = 10


def late_pictures(tags: Iterable[Tag], late_ms: int, *, from_ms: int) -> list[Tag]:
    """The same media, each picture from a time on so much later in the file."""

    def comes(tag: Tag) -> int:
        return tag.timestamp_ms + (late_ms if tag.kind == TagKind.VIDEO and tag.timestamp_ms >= from_ms else 0)

    return sorted(tags, key=comes)


def cut_by_ffmpeg(tags: Iterable[Tag], plan: Plan, folder: Path) -> None:
    """Let ffmpeg write its segments, all of them, without a take that puts the frames in order."""
    tracks, writer = Tracks(), FlvWriter()
    tags = list(tags)
    for tag in tags:
        tracks.see(tag, describe(tag))
    assert tracks.video_config
    assert tracks.audio_config
    media = writer.head(tracks, tracks.video_config.payload, tracks.audio_config.payload)
    configs = (tracks.video_config, tracks.audio_config)
    media += b"".join(
        writer.frame(tag.kind, tag.timestamp_ms, tag.payload)
        for tag in tags
        if tag not in configs and tag.kind != TagKind.SCRIPT
    )
    folder.mkdir(parents=True)
    subprocess.run(hls_command(FFMPEG, plan, folder).argv(), input=media, capture_output=True, check=True)


@pytest.mark.parametrize("voice", [True, False], ids=["voice", "its own voice"])
def test_sound_that_ran_ahead_of_a_slow_picture_comes_in_its_own_segments(voice: bool, tmp_path: Path) -> None:
    """An encoder of pictures that is 3 s behind: ffmpeg waits 2 s, then writes the sound into earlier segments."""
    tags = late_pictures(tags_of(make_flv(tmp_path / "a.flv", seconds=SECONDS)), 3000, from_ms=2000)
    cut_by_ffmpeg(tags, Plan(Processing.COPY, Processing.COPY, voice=voice), tmp_path / "work")
    folder = StreamFolder(tmp_path / "s1", Disk(tmp_path, 0))
    folder.apply(ON_AIR)
    cutter = Cutter(tmp_path / "work", 1, folder.next_take(), lambda media_ms: 1_700_000_000_000 + media_ms)
    while (cut := cutter.next()) is not None:
        published = folder.publish(cut)
        assert published is not None
        assert published.voice.start_ms == pytest.approx(published.source.start_ms, abs=50)
        assert published.voice.duration_ms == pytest.approx(published.source.duration_ms, abs=50)
    folder.end()
    for name in ("source.m3u8", "audio.m3u8"):
        played = play(folder.root, name)
        assert (played.errors, played.seconds) == ("", pytest.approx(SECONDS, abs=0.1))
        assert played.decoded_s == pytest.approx(SECONDS, abs=0.1)
        assert "GAP" not in played.text
