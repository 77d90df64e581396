"""What tags say about themselves, and what follows from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.buffer import Buffer
from media_worker.contract import Processing
from media_worker.flv import NOTHING, Role, describe, read_file, write_tag
from media_worker.ingest import Tag, TagKind
from media_worker.planning import Frame, audio_kbps, decide
from media_worker.standins import Silence, Still
from media_worker.tracks import Tracks, audio_from_config, video_from_config
from tests.media_worker.world import H264, make_flv, tags_of


def tracks_of(tags: list[Tag]) -> Tracks:
    tracks = Tracks()
    for tag in tags:
        tracks.see(tag, describe(tag))
    return tracks


@pytest.mark.parametrize(
    ("video", "codec", "playable"),
    [
        (H264, "h264", True),
        ([*H264[:4], "-pix_fmt", "yuv444p"], "h264", False),
        ([*H264[:4], "-pix_fmt", "yuv420p10le"], "h264", False),
        (["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"], "hevc", False),
        (["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"], "vp9", False),
        (["-c:v", "flv"], "flv1", False),
    ],
)
def test_the_picture_is_known_from_its_header(video: list[str], codec: str, playable: bool, tmp_path: Path):
    tags = tags_of(make_flv(tmp_path / "a.flv", seconds=0.4, video=video))
    track = tracks_of(tags).video
    assert track is not None
    assert (track.codec, track.playable, track.width, track.height) == (codec, playable, 320, 180)
    assert describe(next(one for one in tags if describe(one).role is Role.KEYFRAME)).codec == codec


@pytest.mark.parametrize(
    ("audio", "codec", "rate", "channels", "playable"),
    [
        (["-c:a", "aac", "-ac", "2"], "aac", 48000, 2, True),
        (["-c:a", "aac", "-ar", "44100", "-ac", "1"], "aac", 44100, 1, True),
        (["-c:a", "aac", "-ar", "22050"], "aac", 22050, 1, False),
        (["-c:a", "libopus"], "opus", 48000, 1, False),
        (["-c:a", "libmp3lame", "-ar", "44100", "-ac", "2"], "mp3", 44100, 2, False),
    ],
)
def test_the_sound_is_known_from_its_header(
    audio: list[str], codec: str, rate: int, channels: int, playable: bool, tmp_path: Path
):
    track = tracks_of(tags_of(make_flv(tmp_path / "a.flv", seconds=0.4, audio=audio))).audio
    assert track is not None
    assert (track.codec, track.sample_rate, track.channels, track.playable) == (codec, rate, channels, playable)


def test_the_encoder_says_its_name_in_the_metadata(tmp_path: Path):
    assert tracks_of(tags_of(make_flv(tmp_path / "a.flv", seconds=0.2))).encoder.startswith("Lavf")


def test_the_same_header_again_changes_nothing_and_another_does(tmp_path: Path):
    tags = tags_of(make_flv(tmp_path / "a.flv", seconds=0.2))
    tracks = tracks_of(tags)
    config = tracks.video_config
    assert config is not None
    assert not tracks.see(config, describe(config))
    other = config._replace(payload=config.payload[:-1] + b"\xff")
    assert tracks.see(other, describe(other))


def test_extensions_of_enhanced_rtmp_are_read():
    hevc_keyframe = bytes([0x90 | 1]) + b"hvc1" + (80).to_bytes(3, "big") + b"data"
    assert describe(Tag(TagKind.VIDEO, 0, hevc_keyframe, 0.0)) == ("hevc", Role.KEYFRAME, 80, 8)
    with_nanoseconds = bytes([0x90 | 7, 2, 0, 0, 1, 0x03]) + b"av01" + b"data"
    assert describe(Tag(TagKind.VIDEO, 0, with_nanoseconds, 0.0)) == ("av1", Role.KEYFRAME, 0, 10)
    multitrack = bytes([0x90 | 6, 0x01]) + b"avc1" + b"\0" + bytes(20)
    assert describe(Tag(TagKind.VIDEO, 0, multitrack, 0.0)).codec == "h264"
    opus_config = bytes([0x90]) + b"OpusOpusHead"
    assert describe(Tag(TagKind.AUDIO, 0, opus_config, 0.0)).role is Role.CONFIG


@given(st.sampled_from(TagKind), st.binary(max_size=60))
def test_nothing_that_a_stranger_sends_breaks_the_reading(kind: TagKind, payload: bytes):
    tag = Tag(kind, 0, payload, 0.0)
    info = describe(tag)
    assert 0 <= info.body <= len(payload) + 300
    Tracks().see(tag, info)


@given(st.binary(max_size=80))
def test_no_header_breaks_the_reading(config: bytes):
    video_from_config("h264", config, (0, 0))
    audio_from_config("aac", config)
    audio_from_config("opus", config)


@given(st.integers(0, 2**32 - 1), st.binary(max_size=100))
def test_tags_are_written_as_they_are_read(stamp: int, payload: bytes):
    written = bytes(13) + write_tag(TagKind.VIDEO, stamp, payload)
    assert list(read_file(written)) == [Tag(TagKind.VIDEO, stamp, payload, 0.0)]
    assert describe(Tag(TagKind.SCRIPT, 0, payload, 0.0)) is NOTHING


def test_stand_ins_keep_up_with_the_other_track():
    silence, still = Silence(), Still()
    stamps = [stamp for until in range(0, 10_001, 33) for stamp, _ in silence.until(until)]
    assert stamps == sorted(set(stamps))
    assert len(stamps) == pytest.approx(10_000 * 48 / 1024, abs=2)
    assert [stamp for stamp, _ in still.until(1000)] == [0, 200, 400, 600, 800, 1000]


def frames_of(tags: list[Tag]) -> list[Frame]:
    found = [Frame(one, describe(one)) for one in tags]
    return [one for one in found if one.info.role in (Role.FRAME, Role.KEYFRAME)]


def test_a_plan_waits_for_the_second_keyframe(tmp_path: Path):
    tags = tags_of(make_flv(tmp_path / "a.flv", seconds=3))
    tracks = tracks_of(tags)
    frames = [one for one in frames_of(tags) if one.tag.timestamp_ms >= 21]
    early = [one for one in frames if one.tag.timestamp_ms < 1000]
    assert decide(early, tracks, audio_kbps=96) is None
    plan = decide([one for one in frames if one.tag.timestamp_ms < 1100], tracks, audio_kbps=96)
    assert plan is not None
    assert (plan.video, plan.audio, plan.voice) == (Processing.COPY, Processing.COPY, True)
    assert 85 < audio_kbps(frames) < 110
    slim = decide(frames, tracks, audio_kbps=40)
    assert slim is not None
    assert not slim.voice


def test_a_missing_track_is_waited_for_no_longer_than_needed(tmp_path: Path):
    tags = tags_of(make_flv(tmp_path / "a.flv", seconds=3, audio=None))
    tracks, frames = tracks_of(tags), frames_of(tags)
    assert decide([one for one in frames if one.tag.timestamp_ms < 1400], tracks, audio_kbps=0) is None
    plan = decide([one for one in frames if one.tag.timestamp_ms < 1700], tracks, audio_kbps=0)
    assert plan is not None
    assert plan.audio is Processing.SYNTHETIC


def test_the_buffer_keeps_what_is_not_safe_from_its_keyframe_on(tmp_path: Path):
    tags = tags_of(make_flv(tmp_path / "a.flv", seconds=4))
    buffer = Buffer()
    for one in frames_of(tags):
        buffer.add(one)
    assert buffer.begin_at_keyframe()
    buffer.safe_until(2500)
    first = buffer.frames[0]
    assert first.is_keyframe
    assert 2000 <= first.tag.timestamp_ms <= 2100
    buffer.safe_until(3021)
    assert buffer.frames[0].tag.timestamp_ms == 3021
    assert not buffer.full
