"""Our own framing: what docs/ingest.md shows is what is read; frames become segments; nonsense is refused."""

from __future__ import annotations

import contextlib
import json
import random
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from media_worker.browser.container import ContainerError, MediaFrame
from media_worker.browser.frames import MAGIC, FrameReader, Part, Record, write_description, write_record
from media_worker.browser.intake import frames_of
from media_worker.browser.wire import CloseCode, Flag, refusal_frame
from media_worker.contract import Alarm, Processing, Refusal, RefusalCode
from media_worker.ingest import TagKind
from tests.conftest import ROOT
from tests.media_worker.browser_support import H264_WEBM, OPUS, VP8_WEBM, Browsers, Tab, browsers, record
from tests.media_worker.world import last_picture_ends_s, play, until

SECONDS = 5
NONE = Part(0)
NEW = Flag.NEW_HEADER
FOURCC = {"h264": b"avc1", "vp8": b"vp08", "opus": b"Opus"}
ABOUT_TRACKS = MAGIC + b"".join(
    write_record(Record(track, Part.DESCRIPTION, 5, write_description(fourcc, *size, config)))
    for track, fourcc, size, config in ((1, b"avc1", (320, 180), b"\1" * 30), (2, b"Opus", (0, 0), b""))
)


def described(frame: MediaFrame, picture: tuple[int, int] = (320, 180)) -> bytes:
    """Return the record that describes a frame's track."""
    track = frame.track
    size = picture if track.kind == TagKind.VIDEO else (0, 0)
    payload = write_description(FOURCC[track.codec], *size, track.config)
    return write_record(Record(1 if track.kind == TagKind.VIDEO else 2, Part.DESCRIPTION, 0, payload))


def opening(frames: list[MediaFrame]) -> bytes:
    """Return the beginning of a stream of these frames."""
    firsts = {one.track.kind: one for one in reversed(frames)}
    return MAGIC + b"".join(described(one) for one in firsts.values())


def packed(frame: MediaFrame, began_ms: float, *, cut_at: int = 0) -> list[bytes]:
    """Return a frame as records, cut once if it is longer than `cut_at`."""
    track, at_us = 1 if frame.track.kind == TagKind.VIDEO else 2, round((began_ms + frame.timestamp_ms) * 1000)
    key = Part.KEY if frame.keyframe and track == 1 else NONE
    if not cut_at or len(frame.data) <= cut_at:
        return [write_record(Record(track, key, at_us, frame.data))]
    halves = ((key | Part.OPEN, frame.data[:cut_at]), (key | Part.REST, frame.data[cut_at:]))
    return [write_record(Record(track, part, at_us, data)) for part, data in halves]


async def send(tab: Tab, chunks: list[bytes], *, first: int = 1) -> int:
    """Send chunks, the first of all as the stream's opening; gives the number of the last."""
    for number, data in enumerate(chunks, first):
        await tab.send(number, data, flags=NEW if data.startswith(MAGIC) else Flag(0))
    await tab.acknowledged(first + len(chunks) - 1)
    return first + len(chunks) - 1


async def end(b: Browsers, tab: Tab) -> None:
    await tab.bye()
    await b.world.run_over()
    await b.world.end()


@pytest.fixture(scope="module", params=["h264", "vp8"])
def frames(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[MediaFrame]:
    kind = {"h264": H264_WEBM, "vp8": VP8_WEBM}[request.param]
    return list(frames_of(record(tmp_path_factory.mktemp("frames") / "x", kind, OPUS, seconds=SECONDS)))


@pytest.fixture(scope="module")
def h264(tmp_path_factory: pytest.TempPathFactory) -> list[MediaFrame]:
    return list(frames_of(record(tmp_path_factory.mktemp("h264") / "x", H264_WEBM, OPUS, seconds=SECONDS)))


def examples() -> dict[str, bytes]:
    """Return the examples of records in docs/ingest.md, by their names."""
    page = (ROOT / "docs" / "ingest.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `([0-9a-f ]+)` \| (.+?) \|$", page, re.MULTILINE)
    return {name: bytes.fromhex(data) for data, name in found}


def test_the_examples_of_the_documentation_are_read_as_it_says() -> None:
    shown = examples()
    assert list(shown) == [
        "the opening", "picture: described", "sound: described", "a keyframe, first part", "a packet of sound",
        "the rest of the keyframe", "a picture",
    ]  # fmt: skip
    reader = FrameReader()
    reader.feed(b"".join(list(shown.values())[:3]))
    assert list(reader.frames()) == []
    for data in list(shown.values())[3:]:
        reader.feed(data)
    sound, key, picture = reader.frames()
    assert (sound.track.codec, sound.captured_ms, sound.data) == ("opus", 1_772_431_200_010.0, bytes.fromhex("f8fffe"))
    assert (key.track.codec, key.track.width, key.track.height) == ("h264", 1280, 720)
    assert (key.keyframe, key.captured_ms, key.data) == (True, 1_772_431_200_000.0, bytes.fromhex("000000026588"))
    assert (picture.keyframe, picture.captured_ms) == (False, 1_772_431_200_040.0)
    written = Record(1, Part.KEY | Part.OPEN, 1_772_431_200_000_000, key.data[:4])
    assert write_record(written) == shown["a keyframe, first part"]


async def test_frames_become_segments_with_their_own_dates(frames, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(clock_off_ms=-3_600_000), time.time() * 1000 - SECONDS * 1000
        await tab.welcome()
        chunks = [opening(frames)]
        for one in frames:
            chunks += packed(one, began - 3_600_000, cut_at=2000)
        await send(tab, chunks)
        await end(b, tab)
        played = play(b.world.folder)
        assert (played.errors, played.seams) == ("", 0)
        assert played.decoded_s == pytest.approx(SECONDS, abs=0.2)
        (start, *_rest) = [one.newest.start_ms for one in b.world.app.started]
        assert began - 5 <= start <= began + SECONDS * 1000
        copied = frames[0].track.codec == "h264" or frames[1].track.codec == "h264"
        assert (Alarm.VIDEO_REENCODED_CODEC in b.world.alarms()) is not copied


async def test_dates_are_the_moments_of_capture_to_the_millisecond(h264, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(clock_off_ms=7_200_000), time.time() * 1000 - SECONDS * 1000
        await tab.welcome()
        await send(tab, [opening(h264), *(one for frame in h264 for one in packed(frame, began + 7_200_000))])
        await end(b, tab)
        first_date_ms = datetime.fromisoformat(play(b.world.folder).dates[0]).timestamp() * 1000
        assert first_date_ms == pytest.approx(began, abs=15)


async def test_another_size_begins_behind_a_seam_and_nothing_of_the_sound_is_lost(frames, tmp_path: Path) -> None:
    is_h264 = any(one.track.codec == "h264" for one in frames)
    small = [*(H264_WEBM if is_h264 else VP8_WEBM), "-vf", "scale=160:90"]
    others = list(frames_of(record(tmp_path / "small.webm", small, OPUS, seconds=SECONDS)))
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(), time.time() * 1000 - 2 * SECONDS * 1000
        await tab.welcome()
        chunks = [opening(frames), *(one for frame in frames for one in packed(frame, began))]
        picture = next(one for one in others if one.track.kind == TagKind.VIDEO)
        chunks.append(MAGIC + described(picture, (160, 90)))
        chunks += [one for frame in others for one in packed(frame, began + SECONDS * 1000 + 40)]
        await send(tab, chunks)
        await end(b, tab)
        played = play(b.world.folder)
        assert (played.errors, played.seams) == ("", 1)
        assert played.seconds == pytest.approx(2 * SECONDS, abs=0.2)
        assert b.world.alarms() == (set() if is_h264 else {Alarm.VIDEO_REENCODED_CODEC}), "both are treated alike"


@pytest.mark.parametrize("every_ms", [1000, 500])
async def test_one_picture_a_second_is_a_picture_that_stays(every_ms: int, h264, tmp_path: Path) -> None:
    """A slide that stands still, and the bottom of the ladder."""
    keys = [one for one in h264 if one.track.kind == TagKind.VIDEO and one.keyframe]
    sound = [one for one in h264 if one.track.kind == TagKind.AUDIO]
    seconds = 12
    again = [
        one._replace(timestamp_ms=one.timestamp_ms + SECONDS * 1000 * turn)
        for turn in range(seconds // SECONDS + 1)
        for one in sound
    ]
    pictures = [keys[0]._replace(timestamp_ms=float(at)) for at in range(0, seconds * 1000, every_ms)]
    media = sorted((one for one in (*again, *pictures) if one.timestamp_ms < seconds * 1000), key=lambda one: one[1])
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(), time.time() * 1000 - seconds * 1000
        await tab.welcome()
        await send(tab, [opening(h264), *(one for frame in media for one in packed(frame, began))])
        pipeline = b.world.desk.streams["s1"].pipeline
        assert pipeline is not None
        video = pipeline.health(disk_low=False).video
        assert video is not None
        assert video.processing is Processing.COPY
        await end(b, tab)
        played = play(b.world.folder)
        assert (played.errors, played.seams) == ("", 0)
        assert played.seconds == pytest.approx(seconds, abs=1.1)
        assert last_picture_ends_s(b.world.folder) == pytest.approx(seconds, abs=1.1)


async def test_sound_that_overtakes_a_picture_makes_no_seam(h264, tmp_path: Path) -> None:
    """The page lets sound go first by up to 300 ms."""
    media = sorted(h264, key=lambda one: one.timestamp_ms - (300 if one.track.kind == TagKind.AUDIO else 0))
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(), time.time() * 1000 - SECONDS * 1000
        await tab.welcome()
        await send(tab, [opening(h264), *(one for frame in media for one in packed(frame, began))])
        await end(b, tab)
        played = play(b.world.folder)
        assert (played.errors, played.seams) == ("", 0)
        assert played.decoded_s == pytest.approx(SECONDS, abs=0.2)


async def test_after_a_hole_pictures_go_on_with_a_keyframe(h264, tmp_path: Path) -> None:
    chunks = [opening(h264), *(one for frame in h264 for one in packed(frame, time.time() * 1000 - SECONDS * 1000))]
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        await send(tab, chunks[:100])
        await send(tab, chunks[110:], first=111)
        await end(b, tab)
        played = play(b.world.folder)
        assert (played.errors, played.seams) == ("", 1)
        assert played.decoded_s > SECONDS - 1.3


def sound_at(at_us: int, data: bytes = b"\xf8\xff\xfe") -> bytes:
    return write_record(Record(2, NONE, at_us, data))


BOMBS = {
    "a head that is cut off": MAGIC + b"\1\0\0",
    "a record beyond its chunk": ABOUT_TRACKS + write_record(Record(2, NONE, 9, b"abc"))[:-1],
    "a record of four gigabytes": ABOUT_TRACKS + b"\2\0\0\0\xff\xff\xff\xff" + bytes(8),
    "a record of nothing": ABOUT_TRACKS + write_record(Record(2, NONE, 9, b"")),
    "a third track": ABOUT_TRACKS + write_record(Record(3, NONE, 9, b"x")),
    "flags that nobody knows": ABOUT_TRACKS + b"\2\x80" + write_record(Record(2, NONE, 9, b"x"))[2:],
    "a moment after the end of time": ABOUT_TRACKS + write_record(Record(2, NONE, (1 << 64) - 1, b"x")),
    "time that goes back": ABOUT_TRACKS + sound_at(2_000_000) + sound_at(1_000_000),
    "a frame before its description": MAGIC + sound_at(9),
    "a codec nobody knows": MAGIC + write_record(Record(1, Part.DESCRIPTION, 0, write_description(b"alie", 8, 8))),
    "sound as a picture": MAGIC + write_record(Record(1, Part.DESCRIPTION, 0, write_description(b"Opus"))),
    "H.264 without its avcC": MAGIC + write_record(Record(1, Part.DESCRIPTION, 0, write_description(b"avc1", 8, 8))),
    "a description of nothing": MAGIC + write_record(Record(1, Part.DESCRIPTION, 0, b"avc1")),
    "ten thousand tiny ones": ABOUT_TRACKS + b"".join(sound_at(n, b"x") for n in range(10_000)),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_what_no_page_sends_is_refused_and_the_door_stays_open(bomb: str, h264, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        await tab.send(1, BOMBS[bomb], flags=NEW)
        assert await tab.closed() == CloseCode.UNREADABLE
        refused = tab.said("refused")
        assert refused is not None
        assert refused["code"].startswith("frames.")
        before = len(b.world.app.started)
        honest = await b.tab()
        await honest.welcome(sender="tab-honest-one")
        began = time.time() * 1000 - SECONDS * 1000
        await send(honest, [opening(h264), *(one for frame in h264 for one in packed(frame, began))])
        await honest.bye()
        await until(lambda: len(b.world.app.started) > before, "the honest one has a picture")


def test_a_picture_that_is_never_whole_holds_no_more_than_the_longest() -> None:
    reader = FrameReader()
    reader.feed(ABOUT_TRACKS)
    reader.feed(write_record(Record(1, Part.KEY | Part.OPEN, 9, bytes(200_000))))
    rest = write_record(Record(1, Part.OPEN | Part.REST, 9, bytes(200_000)))
    for _ in range(30):
        reader.feed(rest)
    with pytest.raises(ContainerError, match=r"frames\.too_long"):
        list(reader.frames())


async def test_frames_that_are_almost_right_are_survived(h264, tmp_path: Path) -> None:
    """Bytes changed here and there, chunks left out and doubled, codecs that change under way."""
    dice = random.Random(23)
    async with browsers(tmp_path / "media") as b:
        for _round in range(40):
            began = time.time() * 1000 - SECONDS * 1000
            chunks = [opening(h264), *(one for frame in h264 for one in packed(frame, began, cut_at=900))]
            for _ in range(dice.randrange(1, 12)):
                which = dice.randrange(len(chunks))
                broken = bytearray(chunks[which])
                broken[dice.randrange(min(len(broken), 40))] = dice.randrange(256)
                chunks[which] = bytes(broken)
            vp8 = write_record(Record(1, Part.DESCRIPTION, 0, write_description(b"vp08", 320, 180)))
            chunks.insert(dice.randrange(1, len(chunks)), MAGIC + vp8)
            tab = await b.tab()
            await tab.welcome()
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):  # it may have been closed before
                for number, data in enumerate(chunks, 1):
                    if number == 1 or dice.random() > 0.02:
                        await tab.send(number, data, flags=NEW if data.startswith(MAGIC) else Flag(0))
                await tab.bye()
        honest = await b.tab()
        await honest.welcome(sender="tab-honest-one")
        before, began = len(b.world.app.started), time.time() * 1000 - SECONDS * 1000
        await send(honest, [opening(h264), *(one for frame in h264 for one in packed(frame, began))])
        await honest.bye()
        await until(lambda: len(b.world.app.started) > before, "the honest one has a picture")


@pytest.mark.parametrize("without", [(1000, 2400), (1000, 4000), (1000, 9000)])
async def test_a_spell_without_pictures_changes_nothing_of_the_sound(without: tuple[int, int], tmp_path: Path) -> None:
    """A thin line gives up pictures; the next one is a keyframe, of a smaller picture or the same."""
    seconds, (gone, back) = 12, without
    frames = list(frames_of(record(tmp_path / "x.webm", H264_WEBM, OPUS, seconds=seconds)))
    media = [one for one in frames if one.track.kind == TagKind.AUDIO or not gone <= one.timestamp_ms < back]
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(), time.time() * 1000 - seconds * 1000
        await tab.welcome()
        await send(tab, [opening(frames), *(one for frame in media for one in packed(frame, began))])
        await end(b, tab)
        played = play(b.world.folder)
        assert played.errors == ""
        assert played.seconds == pytest.approx(seconds, abs=0.3)
        dates = [datetime.fromisoformat(one).timestamp() * 1000 - began for one in played.dates]
        lengths = [float(one) for one in re.findall(r"#EXTINF:([\d.]+)", played.text)]
        assert dates == pytest.approx([1000 * sum(lengths[:n]) for n in range(len(lengths))], abs=200)


def conversation() -> list[tuple[str, dict[str, Any] | bytes]]:
    """Return the frames of a sender's conversation in docs/ingest.md: whose each is, and what it says."""
    page = (ROOT / "docs" / "ingest.md").read_text(encoding="utf-8").partition("\n## Voices")[0]
    lines = [line.partition(" ") for line in page.splitlines() if line.startswith(("→ ", "← "))]
    return [(who, json.loads(said) if said.startswith("{") else bytes.fromhex(said)) for who, _blank, said in lines]


def shape(frame: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in frame.items()}


async def test_the_conversation_of_the_documentation_is_understood_and_answered_so(tmp_path: Path) -> None:
    shown = conversation()
    texts = [(who, said) for who, said in shown if isinstance(said, dict)]
    assert {(who, said["type"]) for who, said in texts} == {
        ("→", "hello"), ("→", "clock"), ("→", "bye"), ("←", "clock"), ("←", "welcome"), ("←", "ack"), ("←", "refused"),
    }  # fmt: skip
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        for who, said in shown:
            if isinstance(said, bytes):
                await tab.socket.send_bytes(said)
            elif who == "→" and said["type"] != "clock":  # the tab answers the clock by itself
                await tab.socket.send_json(said)
            elif who == "←" and said["type"] != "refused":
                kind = said["type"]
                await until(lambda kind=kind: tab.said(kind) is not None, f"the worker says {kind}")
                assert shape(tab.said(kind) or {}) == shape(said)
        assert await tab.closed() == CloseCode.DONE
        (ack,) = [said for _who, said in texts if said["type"] == "ack"]
        assert (tab.said("ack") or {})["sequence"] == ack["sequence"]
    (refused,) = [said for _who, said in texts if said["type"] == "refused"]
    assert refused == refusal_frame(Refusal(RefusalCode(refused["code"]), refused["message"]))
