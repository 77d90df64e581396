"""Sound and picture that do not come at the same time: a lesson all the same, in sync, or an alarm in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_worker.contract import Alarm
from media_worker.flv import Role, describe
from media_worker.ingest import Tag, TagKind
from tests.media_worker import sync
from tests.media_worker.world import AAC, H264, play, tags_of, world

T0 = 1_700_000_000_000
SECONDS = 9


def later(tags: list[Tag], kind: TagKind, ms: int) -> list[Tag]:
    """The same tags, those of one track handed over so much later than their moment."""
    order = sorted(enumerate(tags), key=lambda one: (one[1].timestamp_ms + ms * (one[1].kind == kind), one[0]))
    return [tag._replace(arrived_ms=T0 + tag.timestamp_ms + ms * (tag.kind == kind)) for _place, tag in order]


@pytest.fixture(scope="module")
def lecture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sync.make(tmp_path_factory.mktemp("skew") / "a.flv", H264, AAC, seconds=SECONDS)


@pytest.mark.parametrize("ms", [600, 2900])
@pytest.mark.parametrize("kind", [TagKind.AUDIO, TagKind.VIDEO])
async def test_tracks_up_to_three_seconds_apart_play_in_sync(
    kind: TagKind, ms: int, lecture: bytes, tmp_path: Path
) -> None:
    async with world(tmp_path) as w:
        await w.lesson(later(tags_of(lecture), kind, ms))
        assert w.alarms() <= {Alarm.OVERLOADED}  # media come faster than in a lesson
    played = play(w.folder)
    assert (played.errors, played.seams) == ("", 0)
    assert played.seconds == pytest.approx(SECONDS, abs=0.1)
    apart = sync.apart_s(w.folder)
    assert len(apart) >= SECONDS - 1
    assert max(map(abs, apart)) < 0.06


@pytest.mark.parametrize("kind", [TagKind.AUDIO, TagKind.VIDEO])
async def test_tracks_further_apart_are_said_and_the_lesson_goes_on(
    kind: TagKind, lecture: bytes, tmp_path: Path
) -> None:
    async with world(tmp_path) as w:
        await w.lesson(later(tags_of(lecture), kind, 4000))
        assert Alarm.TRACKS_APART in w.alarms()
    played = play(w.folder)
    assert played.errors == ""
    assert played.seconds == pytest.approx(SECONDS, abs=0.4)
    # seconds pass until there is enough of both
    assert max(map(abs, sync.apart_s(w.folder)[-2:])) < 0.1


async def test_late_sound_goes_on_across_a_seam(lecture: bytes, tmp_path: Path) -> None:
    """The take before has its last sound still to come when the next one begins with a keyframe."""
    other = sync.make(tmp_path / "b.flv", [*H264, "-s", "160x90"], AAC, seconds=SECONDS)
    begun = [
        one._replace(timestamp_ms=one.timestamp_ms + 1000 * SECONDS)
        for one in tags_of(other)
        if describe(one).role in (Role.CONFIG, Role.KEYFRAME, Role.FRAME)
    ]
    async with world(tmp_path / "media") as w:
        await w.lesson(later([*tags_of(lecture), *begun], TagKind.AUDIO, 900))
    played = play(w.folder)
    assert (played.errors, played.seams) == ("", 1)
    apart = sync.apart_s(w.folder)
    assert len(apart) >= 2 * SECONDS - 2
    assert max(map(abs, apart)) < 0.06
