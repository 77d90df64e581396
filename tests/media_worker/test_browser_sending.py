"""The whole way of a browser's media: a real websocket, the real ffmpeg, playlists that are decoded again."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from media_worker.browser.limits import Limits
from media_worker.browser.wire import CloseCode, Flag
from media_worker.contract import Alarm, Processing, Refusal, RefusalCode, Stretch, Way
from tests.media_worker.browser_support import (
    AAC,
    H264_WEBM,
    MP4,
    OPUS,
    VP8_WEBM,
    Browsers,
    Tab,
    browsers,
    cut,
    lines_said,
    record,
)
from tests.media_worker.world import FakeApp, last_picture_ends_s, play, until

T0 = 1_700_000_000_000
SECONDS, PIECES = 5, 20
EACH_MS = SECONDS * 1000 / PIECES
KINDS = {
    "h264": (H264_WEBM, OPUS, set(), Processing.COPY),
    "vp8": (VP8_WEBM, OPUS, {Alarm.VIDEO_REENCODED_CODEC}, Processing.REENCODE),
    "mp4": (MP4, AAC, set(), Processing.COPY),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """Pieces of what recorders give, made once."""
    folder = tmp_path_factory.mktemp("recorded")
    return {
        kind: cut(record(folder / kind, video, audio, seconds=SECONDS), PIECES)
        for kind, (video, audio, *_rest) in KINDS.items()
    }


def recently() -> float:
    """A moment (ms) at which a recorder may have begun that has been at it for five seconds."""
    return time.time() * 1000 - SECONDS * 1000


async def over(b: Browsers) -> None:
    await b.world.run_over()
    await b.world.end()


def first_date_ms(folder: Path) -> float:
    return datetime.fromisoformat(play(folder).dates[0]).timestamp() * 1000


@pytest.mark.parametrize("kind", KINDS)
async def test_every_browsers_recording_becomes_segments_that_play(kind: str, files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        assert (await tab.welcome())["resume"] is None
        await tab.record(files[kind], began_ms=recently(), each_ms=EACH_MS)
        await tab.acknowledged(PIECES)
        await until(lambda: bool(b.world.app.started), "the first segment is said")
        await tab.bye()
        await over(b)
        played = play(b.world.folder)
        assert played.errors == ""
        assert played.seconds == pytest.approx(SECONDS, abs=0.15)
        assert played.decoded_s == pytest.approx(played.seconds, abs=0.2)
        assert played.seams == 0
        assert b.world.alarms() == KINDS[kind][2]
        health = b.world.app.started[0].health
        assert (health.way, health.encoder, health.client) == (Way.BROWSER, "Chrome 140", "127.0.0.1")
        assert health.video is not None
        assert (health.video.width, health.video.height) == (320, 180)
        assert health.video.processing is KINDS[kind][3]
        assert health.line is not None
        assert health.line.lost == 0


@pytest.mark.parametrize("clock_off_ms", [0.0, -7_200_000.0, 86_400_000.0])
async def test_dates_are_the_moments_of_capture_whatever_the_browsers_clock_says(
    clock_off_ms: float, files, tmp_path: Path
) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab(clock_off_ms=clock_off_ms)
        await tab.welcome()
        began = recently()
        await tab.record(files["h264"], began_ms=began + clock_off_ms, each_ms=EACH_MS)
        await tab.acknowledged(PIECES)
        await tab.bye()
        await over(b)
        # pieces of equal size are not of equal length here: a piece's end lies up to a few frames off
        assert first_date_ms(b.world.folder) == pytest.approx(began, abs=150)


async def test_audio_alone_gets_a_still(tmp_path: Path) -> None:
    data = record(tmp_path / "a.webm", VP8_WEBM, picture=False)
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome(mime="audio/webm;codecs=opus")
        await tab.record(cut(data, PIECES), began_ms=recently(), each_ms=EACH_MS)
        await tab.acknowledged(PIECES)
        await tab.bye()
        await over(b)
        assert b.world.alarms() <= {Alarm.NO_VIDEO}
        assert play(b.world.folder).decoded_s == pytest.approx(SECONDS, abs=0.4)


async def test_the_last_picture_stays_while_the_sound_goes_on_without_any(tmp_path: Path) -> None:
    """Over a thin line the end of a take has no pictures any more; a player stops where they stop."""
    data = record(tmp_path / "a.webm", H264_WEBM, seconds=SECONDS, pictures_end_s=SECONDS - 1.6)
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        await tab.record(cut(data, PIECES), began_ms=recently(), each_ms=EACH_MS)
        await tab.acknowledged(PIECES)
        await tab.bye()
        await over(b)
        played = play(b.world.folder)
        assert (played.errors, played.seams) == ("", 0)
        assert played.seconds == pytest.approx(SECONDS, abs=0.15)
        assert last_picture_ends_s(b.world.folder) == pytest.approx(SECONDS, abs=0.15)


async def test_a_spell_without_pictures_is_no_reason_to_encode_anew(tmp_path: Path) -> None:
    """What a thin line left out is no missing keyframe, and the next recorder may be another one altogether."""
    sparse = record(tmp_path / "a.webm", H264_WEBM, seconds=SECONDS, pictures_end_s=SECONDS - 2)
    whole = record(tmp_path / "b.webm", H264_WEBM, seconds=SECONDS)
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(), recently() - SECONDS * 1000
        await tab.welcome()
        await tab.record(cut(sparse, PIECES), began_ms=began, each_ms=EACH_MS)
        for number, data in enumerate(cut(whole, PIECES), 1):
            flags = Flag.NEW_HEADER if number == 1 else Flag(0)
            ends = began + SECONDS * 1000 + number * EACH_MS
            await tab.send(PIECES + number, data, flags=flags, ends_at_ms=ends)
        await tab.acknowledged(2 * PIECES)
        pipeline = b.world.desk.streams["s1"].pipeline
        assert pipeline is not None
        video = pipeline.health(disk_low=False).video
        assert video is not None
        assert video.processing is Processing.COPY
        await tab.bye()
        await over(b)
        assert play(b.world.folder).errors == ""


@pytest.mark.parametrize("kind", KINDS)
async def test_a_broken_line_leaves_no_trace_when_the_tab_comes_back_in_time(kind: str, files, tmp_path: Path) -> None:
    """It goes on with the next chunk: the same take, no seam, not a frame lost."""
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        began, half = recently(), PIECES // 2
        await tab.record(files[kind][:half], began_ms=began, each_ms=EACH_MS)
        await tab.acknowledged(half)
        tab.cut_line()
        await until(lambda: bool(b.world.app.beats) and not b.world.app.beats[-1].publishing, "the app hears of it")
        again = await b.tab()
        assert (await again.welcome(ticket="another"))["resume"] == half
        await again.record(files[kind][half:], began_ms=began, each_ms=EACH_MS, first=half + 1)
        await again.acknowledged(PIECES)
        await until(lambda: any(one.run == 2 for one in b.world.app.started), "the new run has a picture")
        await again.bye()
        await over(b)
        played = play(b.world.folder)
        assert (played.seams, played.errors) == (0, "")
        assert played.decoded_s == pytest.approx(SECONDS, abs=0.2)


async def test_a_tab_that_comes_back_while_its_old_line_seems_to_live_goes_on(files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        began, half = recently(), PIECES // 2
        await tab.record(files["h264"][:half], began_ms=began, each_ms=EACH_MS)
        await tab.acknowledged(half)
        again = await b.tab()
        assert (await again.welcome())["resume"] == half
        await again.record(files["h264"][half:], began_ms=began, each_ms=EACH_MS, first=half + 1)
        await again.acknowledged(PIECES)
        await again.bye()
        await over(b)
        assert play(b.world.folder).seams == 0


async def test_after_too_long_the_header_comes_again_and_a_seam(files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media", limits=Limits(hold_s=0.2)) as b:
        tab = await b.tab()
        await tab.welcome()
        began, half = recently(), PIECES // 2
        await tab.record(files["h264"][:half], began_ms=began, each_ms=EACH_MS)
        await tab.acknowledged(half)
        tab.cut_line()
        await b.world.run_over()
        again = await b.tab()
        assert (await again.welcome())["resume"] is None
        only = Flag.NEW_HEADER | Flag.HEADER_ONLY
        await again.send(1, files["h264"][0], flags=only, ends_at_ms=began + EACH_MS)
        await again.record(files["h264"][half:], began_ms=began, each_ms=EACH_MS, first=half + 1)
        await again.acknowledged(PIECES)
        await again.bye()
        await over(b)
        played = play(b.world.folder)
        assert (played.seams, played.errors) == (1, "")
        assert SECONDS - 1.3 <= played.decoded_s <= SECONDS + 0.1, "up to a group of pictures is missing"


async def test_lost_chunks_make_a_seam_and_repeated_ones_nothing(files, tmp_path: Path) -> None:
    pieces = files["h264"]
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        began = recently()
        await tab.record(pieces[:8], began_ms=began, each_ms=EACH_MS)
        await tab.record(pieces[4:8], began_ms=began, each_ms=EACH_MS, first=5)
        await tab.record(pieces[10:], began_ms=began, each_ms=EACH_MS, first=11)
        await tab.acknowledged(PIECES)
        await until(lambda: any(one.lost == 2 for one in lines_said(b)), "two are lost")
        await tab.bye()
        await over(b)
        played = play(b.world.folder)
        assert (played.seams, played.errors) == (1, "")
        dates = [datetime.fromisoformat(one).timestamp() for one in played.dates]
        assert dates == sorted(dates)


async def test_a_new_recorder_on_the_same_line_is_a_seam_and_no_more(files, tmp_path: Path) -> None:
    """A change of camera: times begin at 0 again, dates go on."""
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        began = recently() - SECONDS * 1000
        await tab.record(files["h264"], began_ms=began, each_ms=EACH_MS)
        for number, data in enumerate(files["vp8"], 1):
            flags = Flag.NEW_HEADER if number == 1 else Flag(0)
            ends = began + SECONDS * 1000 + number * EACH_MS
            await tab.send(PIECES + number, data, flags=flags, ends_at_ms=ends)
        await tab.acknowledged(2 * PIECES)
        await tab.bye()
        await over(b)
        played = play(b.world.folder)
        assert (played.seams, played.errors) == (1, "")
        assert played.decoded_s == pytest.approx(2 * SECONDS, abs=0.4)


async def test_kept_chunks_are_recorded_at_the_moments_of_their_capture(files, tmp_path: Path) -> None:
    """They come in a burst, ten seconds late."""
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        began = recently() - 10_000
        await tab.record(files["h264"], began_ms=began, each_ms=EACH_MS)
        await tab.acknowledged(PIECES)
        await until(
            lambda: any(h and h.line and h.line.behind_ms > 9_000 for h in (o.health for o in b.world.app.beats)),
            "behind",
        )
        await tab.bye()
        await over(b)
        assert first_date_ms(b.world.folder) == pytest.approx(began, abs=150)


async def test_whoever_is_replaced_is_told_and_closed(files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        await tab.record(files["h264"][:10], began_ms=recently(), each_ms=EACH_MS)
        await tab.acknowledged(10)
        other = await b.tab()
        assert (await other.welcome(sender="tab-bbbbbbbb"))["resume"] is None
        assert await tab.closed() == CloseCode.REPLACED
        assert tab.said("refused")["code"] == RefusalCode.TAKEN_OVER
        await other.record(files["h264"], began_ms=recently(), each_ms=EACH_MS)
        await other.acknowledged(PIECES)
        await other.bye()
        await over(b)


async def test_an_encoder_replaces_a_browser_whose_line_is_down_too(files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        await tab.record(files["h264"][:10], began_ms=recently(), each_ms=EACH_MS)
        await tab.acknowledged(10)
        tab.cut_line()
        encoder = await b.world.admit()
        encoder.close("enough")
        await over(b)


@pytest.mark.parametrize(
    ("code", "closes"),
    [
        (RefusalCode.TICKET_USED, CloseCode.REFUSED),
        (RefusalCode.TICKET_UNKNOWN, CloseCode.REFUSED),
        (RefusalCode.SESSION_OVER, CloseCode.OVER),
        (RefusalCode.TAKEN_OVER, CloseCode.REPLACED),
    ],
)
async def test_a_refused_ticket_is_refused_in_words(code: RefusalCode, closes: CloseCode, tmp_path: Path) -> None:
    app = FakeApp(refusal=Refusal(code, "Because."))
    async with browsers(tmp_path / "media", app) as b:
        tab: Tab = await b.tab()
        await tab.hello()
        assert await tab.closed() == closes
        assert tab.said("refused") == {"type": "refused", "code": str(code), "message": "Because."}


async def test_the_end_of_the_lesson_ends_the_sending(files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        await tab.record(files["h264"], began_ms=recently(), each_ms=EACH_MS)
        await tab.acknowledged(PIECES)
        await b.world.end()
        assert await tab.closed() == CloseCode.OVER
        assert play(b.world.folder).text.rstrip().endswith("#EXT-X-ENDLIST")


async def test_what_was_said_before_the_end_is_kept_though_it_comes_after_it(files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab, began = await b.tab(), recently()
        await tab.welcome()
        half = PIECES // 2
        await tab.record(files["h264"][:half], began_ms=began, each_ms=EACH_MS)
        await tab.acknowledged(half)
        air = (Stretch(0, round(began) + SECONDS * 1000 + 200),)
        b.world.app.set_rules(replace(b.world.app.rules, air=air, record=air, ended=True))
        await until(lambda: b.world.desk.streams["s1"].folder.rules.ended, "the worker has heard of the end")
        await tab.record(files["h264"][half:], began_ms=began, each_ms=EACH_MS, first=half + 1)
        await tab.bye()
        await until(lambda: any(one.finished for one in b.world.app.ended), "the lesson is finished")
        assert play(b.world.folder).decoded_s == pytest.approx(SECONDS, abs=0.2)


async def test_a_worker_that_stops_keeps_what_it_has_and_says_come_again(files, tmp_path: Path) -> None:
    async with browsers(tmp_path / "media") as b:
        tab = await b.tab()
        await tab.welcome()
        await tab.record(files["h264"], began_ms=recently(), each_ms=EACH_MS)
        await tab.acknowledged(PIECES)
        await b.door.stop()
        assert await tab.closed() == CloseCode.RESTART
        await b.world.run_over()
        assert play(b.world.folder).decoded_s == pytest.approx(SECONDS, abs=0.2)
