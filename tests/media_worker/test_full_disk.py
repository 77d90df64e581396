"""A disk without a free byte: it is said, and lessons go on as soon as there is room. Needs root, as CI has."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_worker import disk as disks
from media_worker.disk import Disk
from tests.media_worker.test_pipeline import T0, flv  # noqa: F401 - flv is a fixture
from tests.media_worker.world import play, tags_of, until, world

SIZE = 24 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write until not one byte is left."""
    filler = folder / "somebody-else"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    assert shutil.disk_usage(folder).free == 0
    return filler


async def test_a_full_disk_is_said_and_the_picture_comes_back_with_the_space(flv, small_disk: Path):  # noqa: F811
    async with world(small_disk) as w:
        first = await w.publish(tags_of(flv(), captured_ms=T0))
        await until(lambda: bool(w.app.started), "the first picture")
        filler = fill(small_disk)
        await w.publish(tags_of(flv(), captured_ms=T0 + 5000), first)
        await until(lambda: w.app.beats[-1].stuck, "it is said that nothing can be written")
        filler.unlink()
        await w.publish(tags_of(flv(), captured_ms=T0 + 10000), first)
        await until(lambda: not w.app.beats[-1].stuck, "the picture is back")
        first.close("hung up")
        await w.run_over()
        await w.end()
    assert play(w.folder).errors == ""


async def test_an_encoder_that_comes_to_a_full_disk_is_told(flv, small_disk: Path):  # noqa: F811
    """ffmpeg has no room for a single segment then, so none could fail to be published."""
    async with world(small_disk) as w:
        publication = await w.admit()
        filler = fill(small_disk)
        await w.publish(tags_of(flv(), captured_ms=T0), publication)
        await until(lambda: bool(w.app.beats) and w.app.beats[-1].stuck, "it is said that nothing can be written")
        filler.unlink()
        publication.close("hung up")
        await w.run_over()


def test_what_was_held_back_is_given_up_when_the_disk_is_full_and_made_again(small_disk: Path):
    disk = Disk(small_disk, 1 << 20, held_back_bytes=12 << 20)

    def look() -> int:
        disk._looked_at = float("-inf")
        return disk.free

    look()
    assert (small_disk / disks.HELD_BACK).stat().st_size == 12 << 20
    filler = fill(small_disk)
    look()
    assert shutil.disk_usage(small_disk).free >= 12 << 20
    filler.unlink()
    look()
    assert (small_disk / disks.HELD_BACK).exists()
