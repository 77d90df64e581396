"""NAL units that come as messages of their own are one picture again: H.264 in AVCC, HEVC in enhanced RTMP."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_worker.flv import Role, describe
from media_worker.ingest import Tag, TagKind
from media_worker.pictures import PictureJoiner
from tests.media_worker.world import H264, make_flv, play, tags_of, world

T0 = 1_700_000_000_000
SECONDS = 4
SLICES = [*H264, "-slices", "4"]
HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-g", "25"]
HEVC_SLICES = [*HEVC, "-x265-params", "log-level=error:slices=2:wpp=1:aud=1"]
KINDS = {"h264": SLICES, "hevc": HEVC_SLICES}
DELIMITER = {"h264": b"\0\0\0\2\x09\xf0", "hevc": b"\0\0\0\3\x46\x01\x50"}


def units(body: bytes) -> list[bytes]:
    """The NAL units of a picture, each with its length."""
    found, at = [], 0
    while at < len(body):
        size = 4 + int.from_bytes(body[at : at + 4], "big")
        found.append(body[at : at + size])
        at += size
    return found


def split(tags: list[Tag], *, delimiter: bool) -> list[Tag]:
    """The same with a message for each NAL unit; with a delimiter before each picture."""
    result = []
    for tag in tags:
        info = describe(tag)
        if tag.kind != TagKind.VIDEO or info.role not in (Role.KEYFRAME, Role.FRAME):
            result.append(tag)
            continue
        head, parts = tag.payload[: info.body], units(tag.payload[info.body :])
        parts = [DELIMITER[info.codec], *parts] if delimiter else parts
        result += [tag._replace(payload=head + part) for part in parts]
    return result


def bodies(tags: list[Tag]) -> list[tuple[int, bytes, Role]]:
    return [
        (one.timestamp_ms, one.payload[describe(one).body :], describe(one).role)
        for one in tags
        if one.kind == TagKind.VIDEO and describe(one).role in (Role.KEYFRAME, Role.FRAME)
    ]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("films")
    return {kind: make_flv(folder / f"{kind}.flv", seconds=SECONDS, video=video) for kind, video in KINDS.items()}


def joined(tags: list[Tag]) -> list[Tag]:
    joiner = PictureJoiner()
    return [whole for tag in tags for whole in joiner.join(tag, describe(tag))] + list(joiner.rest())


@pytest.mark.parametrize("kind", KINDS)
def test_slices_are_joined_to_what_they_were_cut_from(kind: str, films: dict[str, bytes]) -> None:
    tags = tags_of(films[kind], captured_ms=T0)
    parts = split(tags, delimiter=False)
    assert len(parts) > len(tags)
    assert bodies(joined(parts)) == bodies(tags)


@pytest.mark.parametrize("kind", KINDS)
def test_whole_pictures_pass_as_they_are(kind: str, films: dict[str, bytes]) -> None:
    tags = tags_of(films[kind], captured_ms=T0)
    assert [one for one in joined(tags) if one.kind == TagKind.VIDEO] == [one for one in tags if one.kind == 9]


def test_two_pictures_of_one_stamp_stay_two(films: dict[str, bytes]) -> None:
    tags = [one._replace(timestamp_ms=40) for one in tags_of(films["h264"], captured_ms=T0)]
    assert len(bodies(joined(tags))) == len(bodies(tags))


@pytest.mark.parametrize("delimiter", [False, True], ids=["a slice each", "delimiter and slices"])
@pytest.mark.parametrize("kind", KINDS)
async def test_pictures_in_parts_become_a_recording_that_plays(
    kind: str, delimiter: bool, films: dict[str, bytes], tmp_path: Path
) -> None:
    tags = split(tags_of(films[kind], captured_ms=T0), delimiter=delimiter)
    async with world(tmp_path) as w:
        await w.lesson(tags)
    played = play(w.folder)
    assert (played.errors, played.seams) == ("", 0)
    assert played.seconds == pytest.approx(SECONDS, abs=0.1)
    assert played.decoded_s == pytest.approx(SECONDS, abs=0.15)
    assert len(bodies(tags)) > SECONDS * 25
