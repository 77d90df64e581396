"""A picture that stands still is shown on: encoders of screens send nothing while nothing moves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from media_worker.contract import Alarm
from media_worker.flv import Role, describe
from media_worker.ingest import Tag, TagKind
from tests.media_worker.world import AAC, FFMPEG, H264, play, tags_of, takes, world

T0 = 1_700_000_000_000
SECONDS = 16
KEYFRAMES_10S = [*H264[:6], "-g", "250", "-sc_threshold", "0"]
KINDS = {
    "keyframes_1s": H264,
    "keyframes_10s": KEYFRAMES_10S,
    "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=0", "-g", "25"],
}


def film(path: Path, video: list[str], grey: str, *, rate: float = 25, seconds: int = SECONDS) -> bytes:
    """A picture of one shade of grey, which changes with the time T, and a tone."""
    picture = f"color=black:s=320x180:r={rate}:d={seconds},geq=lum='{grey}':cb=128:cr=128"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=f=440:r=48000:d={seconds}"]
    subprocess.run([FFMPEG, "-v", "error", *inputs, *video, *AAC, "-f", "flv", "-y", str(path)], check=True)
    return path.read_bytes()


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory):
    """A picture that grows brighter each second: makes each kind once."""
    folder, made = tmp_path_factory.mktemp("screens"), {}

    def make(kind: str) -> list[Tag]:
        if kind not in made:
            made[kind] = film(folder / f"{kind}.flv", KINDS[kind], "60+10*floor(T)")
        return tags_of(made[kind], captured_ms=T0)

    return make


def without_pictures(tags: list[Tag], *spells: tuple[int, int]) -> list[Tag]:
    """The same without the pictures of these stretches (ms)."""

    def stays(tag: Tag) -> bool:
        is_picture = tag.kind == TagKind.VIDEO and describe(tag).role in (Role.FRAME, Role.KEYFRAME)
        return not (is_picture and any(begin <= tag.timestamp_ms < end for begin, end in spells))

    return [one for one in tags if stays(one)]


def shades(folder: Path) -> list[float]:
    """Mean brightness of each second of the recording: 60 in the first, 10 more in each that follows, a still is 20."""
    told = []
    for data in takes(folder, (folder / "full" / "source.m3u8").read_text()):
        filters = "fps=10,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-"
        argv = [FFMPEG, "-v", "error", "-i", "pipe:0", "-map", "0:v", "-vf", filters, "-f", "null", "-"]
        said = subprocess.run(argv, input=data, capture_output=True, check=True).stdout.decode()
        told += [float(one) for one in re.findall(r"YAVG=([\d.]+)", said)]
    return [told[at] for at in range(3, len(told), 10)]


def longest_s(text: str) -> float:
    return max(float(one) for one in re.findall(r"#EXTINF:([\d.]+)", text))


@pytest.mark.parametrize("kind", KINDS)
async def test_the_last_picture_is_held_while_sound_goes_on(kind: str, screens, tmp_path: Path) -> None:
    tags = without_pictures(screens(kind), (4000, 10_500))
    async with world(tmp_path) as w:
        await w.lesson_in_step(tags)
        assert Alarm.NO_VIDEO not in w.alarms()
    played = play(w.folder)
    assert played.errors == ""
    assert played.seconds == pytest.approx(SECONDS, abs=0.3)
    assert longest_s(played.text) < 2.5, "TARGETDURATION is 2"
    seen = shades(w.folder)
    assert min(seen) > 55, "never dark"
    assert seen[4:10] == pytest.approx([90] * 6, abs=4), "the picture of the fourth second stands"
    voice = play(w.folder, "audio.m3u8")
    assert (voice.errors, voice.seconds) == ("", pytest.approx(SECONDS, abs=0.3))
    assert voice.decoded_s == pytest.approx(SECONDS, abs=0.3)


async def test_a_picture_that_stands_at_the_end_is_held_to_the_end(screens, tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.lesson(without_pictures(screens("keyframes_1s"), (6000, 1 << 30)))
    played = play(w.folder)
    assert (played.errors, played.seconds) == ("", pytest.approx(SECONDS, abs=0.3))
    assert longest_s(played.text) < 2.5
    assert shades(w.folder)[6:] == pytest.approx([110] * len(shades(w.folder)[6:]), abs=4)


async def test_a_screen_that_changes_every_two_and_a_half_seconds_loses_nothing(screens, tmp_path: Path) -> None:
    """0.4 frames a second, only the first of which is a keyframe."""
    sparse = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "100", "-pix_fmt", "yuv420p"]
    tags = tags_of(film(tmp_path / "a.flv", sparse, "60+4*T", rate=0.4, seconds=20), captured_ms=T0)
    async with world(tmp_path / "media") as w:
        await w.lesson(tags)
    played = play(w.folder)
    assert (played.errors, played.seconds) == ("", pytest.approx(20, abs=0.3))
    assert longest_s(played.text) < 2.5
    assert shades(w.folder)[:17] == pytest.approx([60 + 10 * (second // 2.5) for second in range(17)], abs=6)


async def test_a_picture_that_the_encoder_has_ended_becomes_a_still(screens, tmp_path: Path) -> None:
    tags = without_pictures(screens("keyframes_1s"), (6000, 1 << 30))
    ends = Tag(TagKind.VIDEO, 6000, b"\x17\x02\0\0\0", T0 + 6000.0)
    at = next(index for index, one in enumerate(tags) if one.timestamp_ms > 6000)
    async with world(tmp_path) as w:
        publication = await w.publish_in_step([*tags[:at], ends, *tags[at:]])
        assert Alarm.NO_VIDEO in publication.health(disk_low=False).alarms
        publication.close("hung up")
        await w.run_over()
        await w.end()
    played = play(w.folder)
    assert (played.errors, played.seconds) == ("", pytest.approx(SECONDS, abs=0.5))
    assert shades(w.folder)[-1] < 40


async def test_pictures_that_move_again_are_copied_again(screens, tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        publication = await w.publish_in_step(without_pictures(screens("keyframes_1s"), (3000, 6000)))
        video = publication.health(disk_low=False).video
        assert video is not None
        assert video.processing == "copy"
        publication.close("hung up")
        await w.run_over()
        await w.end()
    played = play(w.folder)
    assert played.errors == ""
    assert 1 <= played.seams <= 2, "to the standing picture, unless it came before the first segment, and back"
    assert played.seconds == pytest.approx(SECONDS, abs=0.3)
