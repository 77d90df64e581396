"""Folders whose worker is gone: taken up, closed and swept by another one, and never by two at once."""

import asyncio
from pathlib import Path

import pytest

from media_worker.contract import OpenStream, Rules
from media_worker.folder import StreamFolder
from tests.media_worker.test_pipeline import T0, flv, media_root  # noqa: F401 - flv is a fixture
from tests.media_worker.world import ALL_TIME, FakeApp, play, tags_of, until, world

ENDED = Rules(version=9, air=ALL_TIME, record=ALL_TIME, ended=True)
UNRECORDED = Rules(version=1, air=ALL_TIME)


def files(folder: Path) -> int:
    """Count the pieces of media in a stream's folder."""
    return len(list((folder / "segments").glob("*.m4s")))


async def test_another_worker_closes_what_a_gone_one_has_left(flv, tmp_path: Path):  # noqa: F811
    root = media_root(tmp_path)
    async with world(root) as old:
        publication = await old.publish(tags_of(flv(), captured_ms=T0))
        publication.close("hung up")
        await old.run_over()
    app = FakeApp(rules=ENDED, runs=1, orphans=(OpenStream("s1", 1, ENDED), OpenStream("elsewhere", 1, ENDED)))
    async with world(root, app) as new:
        await until(lambda: any(one.finished for one in app.ended), "the recording is closed")
        await until(lambda: not new.desk.streams, "it is forgotten")
    assert not (root / "elsewhere").exists(), "a stream whose folder is on another disk is left alone"
    played = play(root / "s1")
    assert (played.errors, played.text.endswith("#EXT-X-ENDLIST\n")) == ("", True)
    assert abs(played.seconds - 5) < 0.3


async def test_a_folder_is_written_in_by_one_worker_only(flv, tmp_path: Path):  # noqa: F811
    root = media_root(tmp_path)
    app = FakeApp(rules=ENDED, runs=1, orphans=(OpenStream("s1", 1, ENDED),))
    async with world(root) as old:
        await old.publish(tags_of(flv(), captured_ms=T0))
        async with world(root, app) as new:
            await asyncio.sleep(0)
            await until(lambda: new.desk._adopting is not None and new.desk._adopting.done(), "it was tried")
            assert (new.desk.streams, app.ended) == ({}, [])
            assert "#EXT-X-ENDLIST" not in (root / "s1" / "full" / "source.m3u8").read_text()
            await old.desk.stop()
            await until(lambda: any(one.finished for one in app.ended), "the other one has let go of it")
    assert abs(play(root / "s1").seconds - 5) < 0.3


async def test_what_is_not_kept_is_deleted_although_the_worker_stops_before(
    flv,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    root = media_root(tmp_path)
    async with world(root, FakeApp(rules=UNRECORDED)) as w:
        await w.lesson(tags_of(flv(), captured_ms=T0))
    assert files(root / "s1") > 0, "learners still fetch the last seconds"
    monkeypatch.setattr("media_worker.desk.SWEEP_AFTER_S", 0.01)
    async with world(root, FakeApp()):
        await until(lambda: files(root / "s1") == 0, "the next worker has swept")


def test_a_process_that_dies_lets_go_of_its_folders(tmp_path: Path):
    first, second = (StreamFolder(tmp_path / "s1", disk=None) for _ in range(2))
    first.claim()
    with pytest.raises(BlockingIOError):
        second.claim()
    first.release()
    second.claim()
    second.release()
