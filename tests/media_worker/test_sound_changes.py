"""Sound that begins or changes is heard at once, at its pitch and in sync, wherever the picture's keyframes are."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_worker.flv import Role, describe, with_body
from media_worker.ingest import Tag, TagKind
from tests.media_worker import sync
from tests.media_worker.world import AAC, H264, play, tags_of, world

SECONDS = 9
ONE_KEYFRAME = [*H264[:6], "-g", "1000", "-sc_threshold", "0"]
AAC_MONO = ["-c:a", "aac", "-b:a", "64k", "-ac", "1"]
MP3 = ["-c:a", "libmp3lame", "-ar", "44100"]
T0 = 1_700_000_000_000
PICTURES = {"copied": H264, "one keyframe": ONE_KEYFRAME}


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory):
    folder, made = tmp_path_factory.mktemp("sound"), {}

    def make(picture: str, audio: list[str], rate: int = 48000) -> list[Tag]:
        name = f"{picture} {audio} {rate}"
        if name not in made:
            path = folder / f"{len(made)}.flv"
            made[name] = sync.make(path, PICTURES[picture], audio, seconds=SECONDS, rate=rate)
        return tags_of(made[name], captured_ms=T0)

    return make


def pictures(tags: list[Tag]) -> list[Tag]:
    return [one for one in tags if one.kind == TagKind.VIDEO]


def sound(tags: list[Tag], *, from_ms: int = 0, to_ms: int = 1 << 30) -> list[Tag]:
    """The sound of a stretch; its description comes with it."""
    own = [one for one in tags if one.kind == TagKind.AUDIO]
    config = [one._replace(timestamp_ms=from_ms) for one in own if describe(one).role is Role.CONFIG]
    return config + [one for one in own if describe(one).role is Role.FRAME and from_ms <= one.timestamp_ms < to_ms]


def together(*parts: list[Tag]) -> list[Tag]:
    return sorted((one for part in parts for one in part), key=lambda one: one.timestamp_ms)


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("second", [AAC_MONO, MP3], ids=["another AAC", "another codec"])
async def test_sound_that_changes_is_heard_at_once(picture: str, second: list[str], lecture, tmp_path: Path) -> None:
    first, other = lecture(picture, AAC), lecture(picture, second, 44100)
    async with world(tmp_path) as w:
        await w.lesson_in_step(together(pictures(first), sound(first, to_ms=4500), sound(other, from_ms=4500)))
    played = play(w.folder)
    assert played.errors == ""
    assert played.seconds == pytest.approx(SECONDS, abs=0.15)
    apart = sync.apart_s(w.folder)
    # a beep with which a take begins is not told, for nothing is dark before it
    assert len(apart) >= SECONDS - 2, "each beep is there, before and after"
    assert max(map(abs, apart)) < 0.08


@pytest.mark.parametrize("picture", PICTURES)
async def test_sound_that_begins_in_a_lesson_is_heard_at_once(picture: str, lecture, tmp_path: Path) -> None:
    tags = lecture(picture, AAC)
    async with world(tmp_path) as w:
        await w.lesson_in_step(together(pictures(tags), sound(tags, from_ms=4500)))
    played = play(w.folder)
    assert played.errors == ""
    assert played.seconds == pytest.approx(SECONDS, abs=0.15)
    apart = sync.apart_s(w.folder)
    assert len(apart) >= 3, "the beeps of the seconds 6 to 8, and perhaps of the fifth"
    assert max(map(abs, apart)) < 0.08


@pytest.mark.parametrize("kind", ["copied", "encoded anew"])
async def test_pictures_that_are_shown_before_they_are_decoded_are_in_sync(
    kind: str, lecture, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Some encoders write composition times below zero: -80 ms in place of decoding earlier."""
    video = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-pix_fmt", "yuv420p", "-sc_threshold", "0"]
    video += ["-g", "25" if kind == "copied" else "150"]
    path = tmp_path / "a.flv"
    tags = []
    for tag in tags_of(sync.make(path, video, AAC, seconds=6), captured_ms=T0):
        info = describe(tag)
        if tag.kind == TagKind.VIDEO and info.role in (Role.KEYFRAME, Role.FRAME):
            body, keyframe = tag.payload[info.body :], info.role is Role.KEYFRAME
            payload = with_body(tag, info, body, keyframe=keyframe, shift_ms=info.composition_ms - 80)
            tags.append(tag._replace(timestamp_ms=tag.timestamp_ms + 80, payload=payload))
        else:
            tags.append(tag)
    async with world(tmp_path / "media") as w:
        await w.lesson(together(tags))
    played = play(w.folder)
    assert (played.errors, played.seams) == ("", 0)
    apart = sync.apart_s(w.folder)
    assert len(apart) >= 5
    assert max(map(abs, apart)) < 0.05
