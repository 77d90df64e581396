"""The parts of the browser's way in, each by itself: the clock, the containers, the tags, the budget, the words."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from media_worker.browser.clock import PeerClock
from media_worker.browser.container import ContainerError, MediaFrame, Track
from media_worker.browser.intake import frames_of, reader_for
from media_worker.browser.limits import Budget
from media_worker.browser.tags import TagMaker
from media_worker.browser.webm import WebmReader
from media_worker.browser.wire import Chunk, Flag, read_chunk, short_name, write_chunk
from media_worker.flv import Role, describe
from media_worker.ingest import TagKind
from media_worker.matroska import MatroskaWriter, element
from media_worker.tracks import Tracks
from tests.media_worker.browser_support import AAC, H264_WEBM, MP4, OPUS, VP8_WEBM, block, cut, record, tracks

NOW = 1_700_000_000_000.0


def ask(clock: PeerClock, at_ms: float, *, off_ms: float, there_ms: float, back_ms: float) -> None:
    """A question at `at_ms` here; the browser's clock is `off_ms` ahead of ours."""
    heard = at_ms + there_ms + off_ms
    clock.answered(at_ms, heard, heard + 1, at_ms + there_ms + 1 + back_ms)


@pytest.mark.parametrize("off_ms", [0, 3_600_000, -86_400_000, 12.5])
def test_a_clock_is_read_through_an_even_line(off_ms: float) -> None:
    clock = PeerClock()
    ask(clock, NOW, off_ms=off_ms, there_ms=150, back_ms=150)
    assert clock.here(NOW + off_ms, NOW + 10) == pytest.approx(NOW, abs=0.01)
    assert clock.rtt_ms == pytest.approx(300)


def test_while_the_uplink_is_full_the_better_answer_of_before_counts() -> None:
    """An answer that waited 1.5 s behind media would move the clock by 0.75 s."""
    clock = PeerClock()
    for second in range(4):
        ask(clock, NOW + second * 2000, off_ms=500, there_ms=10, back_ms=10)
    for second in range(4, 300):
        ask(clock, NOW + second * 2000, off_ms=500, there_ms=10, back_ms=1500)
    at = NOW + 600_000
    assert clock.here(at + 500, at) == pytest.approx(at, abs=1)


def test_a_drifting_clock_is_followed() -> None:
    """50 ppm over an hour are 180 ms."""
    clock = PeerClock()
    for second in range(0, 3600, 2):
        ask(clock, NOW + second * 1000, off_ms=second * 0.05, there_ms=20, back_ms=20 + second % 7)
    at = NOW + 3_600_000
    assert clock.here(at + 180, at) == pytest.approx(at, abs=25)


def test_answers_that_cannot_be_are_passed_over() -> None:
    clock = PeerClock()
    clock.answered(NOW, 0, 0, NOW - 5)
    clock.answered(NOW, 10, 5, NOW + 5)
    clock.answered(NOW, float("inf"), float("inf"), NOW + 5)
    assert not clock.known
    assert clock.here(5.0, NOW) == NOW, "without any answer the moment is now"


KINDS = {"h264": (H264_WEBM, OPUS), "vp8": (VP8_WEBM, OPUS), "mp4": (MP4, AAC)}


@pytest.fixture(scope="module", params=KINDS)
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    video, audio = KINDS[request.param]
    return record(tmp_path_factory.mktemp("file") / "x", video, audio, seconds=2)


def test_all_frames_are_found_with_their_times(file: bytes) -> None:
    frames = list(frames_of(file))
    pictures = [one for one in frames if one.track.kind == TagKind.VIDEO]
    assert len(pictures) == 50
    # ffmpeg's MP4 moves pictures by the length of a piece of sound
    assert [one.timestamp_ms for one in pictures] == pytest.approx([n * 40 for n in range(50)], abs=25)
    assert [number for number, one in enumerate(pictures) if one.keyframe] == [0, 25]
    sound = [one.timestamp_ms for one in frames if one.track.kind == TagKind.AUDIO]
    assert len(sound) in range(94, 104), "20 ms each, or 21 ms"
    assert sound == sorted(sound)


def test_it_does_not_matter_where_a_file_is_cut(file: bytes) -> None:
    reader_of = type(reader_for(file))
    whole, dice = list(frames_of(file)), random.Random(3)
    for pieces in (1, 7, 200, len(file) // 3):
        reader, found = reader_of(), []
        for data in cut(file, pieces):
            reader.feed(data)
            frames = reader.frames()
            if dice.random() < 0.5:
                found += [one for _, one in zip(range(2), frames, strict=False)]  # whoever stops half-way loses nothing
                frames.close()
            found += list(reader.frames())
        assert found == whole


def test_after_a_hole_it_goes_on_where_the_format_allows(file: bytes) -> None:
    whole, reader = list(frames_of(file)), reader_for(file)
    reader.feed(file[: len(file) // 3])
    before = list(reader.frames())
    reader.resync()
    reader.feed(file[len(file) // 2 :])
    after = list(reader.frames())
    assert before == whole[: len(before)]
    assert after, "something is found again"
    assert after == whole[-len(after) :]


def test_a_hole_before_the_tracks_cannot_be_mended() -> None:
    with pytest.raises(ContainerError, match="bytes are missing"):
        WebmReader().resync()


def test_a_group_with_one_block_is_a_keyframe_unless_it_refers_to_another() -> None:
    inner = b"\x81\0\0\0data"
    groups = element(0xA0, element(0xA1, inner)), element(0xA0, element(0xA1, inner), element(0xFB, b"\x01"))
    frames = list(frames_of(tracks((1, "V_VP8")) + b"".join(groups)))
    assert [one.keyframe for one in frames] == [True, False]
    assert {one.data for one in frames} == {b"data"}


def test_blocks_of_tracks_that_are_not_described_are_passed_over() -> None:
    assert list(frames_of(tracks((1, "V_VP8")) + block(5, 0, b"x") + block(1, 0, b""))) == []


@pytest.mark.parametrize(("muxer", "sound"), [("Chrome", [10, 70]), ("QTmuxingAppLibWebM-0.0.1", [0, 60, 120])])
def test_sound_that_chrome_dates_too_late_is_put_right(muxer: str, sound: list[float]) -> None:
    header = tracks((1, "V_VP8"), (2, "A_OPUS"), muxer=muxer)
    blocks = [block(1, 40, b"picture"), *(block(2, at, b"sound") for at in (0, 60, 120))]
    frames = list(frames_of(header + b"".join(blocks)))
    assert [one.timestamp_ms for one in frames if one.track.codec == "opus"] == sound
    assert [one.timestamp_ms for one in frames if one.track.codec == "vp8"] == [40]


SPS, PPS = bytes.fromhex("6742c01e8c8d40"), bytes.fromhex("68ce3c80")


def picture(*units: bytes) -> MediaFrame:
    """A picture as Chrome writes it."""
    return MediaFrame(Track(TagKind.VIDEO, "h264"), 40.0, False, b"".join(b"\0\0\0\1" + one for one in units))


def test_start_codes_become_lengths_and_parameter_sets_a_description() -> None:
    maker = TagMaker()
    config, first = maker.tags(picture(b"\x09\xf0", SPS, PPS, b"\x65abc", b"\x65de"), 1.0, 2.0)
    assert describe(config).role is Role.CONFIG
    assert SPS in config.payload
    assert describe(first).role is Role.KEYFRAME
    assert first.payload[5:] == b"\0\0\0\4\x65abc\0\0\0\3\x65de"
    assert (first.timestamp_ms, first.arrived_ms, first.handed_ms) == (40, 1.0, 2.0)
    (second,) = maker.tags(picture(b"\x41xyz"), 1.0, 2.0)
    assert describe(second).role is Role.FRAME


def test_new_parameter_sets_are_a_new_description_and_the_same_are_not() -> None:
    maker = TagMaker()
    roles = [
        [describe(tag).role for tag in maker.tags(picture(sps, PPS, b"\x65a"), 0, 0)]
        for sps in (SPS, SPS, SPS + b"\x01")
    ]
    assert roles == [[Role.CONFIG, Role.KEYFRAME], [Role.KEYFRAME], [Role.CONFIG, Role.KEYFRAME]]


def test_pictures_before_the_first_description_are_left_out() -> None:
    assert list(TagMaker().tags(picture(b"\x41xyz"), 0, 0)) == []


def test_matroska_for_ffmpeg_is_read_back() -> None:
    """VP8 and Opus through our own writer and our own reader."""
    maker, seen, tags = TagMaker(), Tracks(), []
    video, audio = Track(TagKind.VIDEO, "vp8", width=320, height=180), Track(TagKind.AUDIO, "opus")
    for n in range(300):
        for track in (video, audio):
            frame = MediaFrame(track, n * 40.0, n % 25 == 0 or track is audio, bytes([n % 251]) * 9)
            tags += list(maker.tags(frame, 0, 0))
    for tag in tags:
        seen.see(tag, describe(tag))
    assert seen.video is not None
    assert (seen.video.width, seen.video.height) == (320, 180)
    writer = MatroskaWriter()
    data = writer.head(seen, b"", seen.audio_config.payload if seen.audio_config else b"")
    data += b"".join(writer.frame(tag.kind, tag.timestamp_ms, tag.payload) for tag in tags)
    frames = list(frames_of(data))
    assert [(one.timestamp_ms, one.data[0]) for one in frames if one.track.kind == TagKind.VIDEO] == [
        (n * 40, n % 251) for n in range(300)
    ]
    assert [n for n, one in enumerate(frames[::2]) if one.keyframe] == list(range(0, 300, 25))


def test_a_budget_lets_bursts_through_and_slows_what_lasts() -> None:
    budget = Budget(rate=10, burst=100, now_s=0)
    assert budget.spend(100, 0) == 0
    assert budget.spend(10, 0) == 1.0
    assert budget.spend(10, 2.0) == 0
    assert budget.spend(1000, 1000.0) == 90.0


def test_a_chunk_survives_its_bytes() -> None:
    chunk = Chunk(2**32 - 1, Flag.NEW_HEADER | Flag.LATE, 1_700_000_000_123.456, b"media")
    assert read_chunk(write_chunk(chunk)) == chunk


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", "Chrome 140"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge 140"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.2 Safari/605.1.15", "Safari 18"),
        ("", "browser"),
        ("Chrome/" + "9" * 5000, "Chrome 9999"),
    ],
)
def test_browsers_are_called_by_their_names(agent: str, name: str) -> None:
    assert short_name(agent) == name


def test_a_second_of_media_is_taken_apart_in_milliseconds(tmp_path: Path) -> None:
    """The parser must not be what limits how many presenters there may be."""
    data = record(tmp_path / "x", H264_WEBM, seconds=10)
    began = time.process_time()
    count = len(list(frames_of(data)))
    assert count > 700
    assert time.process_time() - began < 0.2
