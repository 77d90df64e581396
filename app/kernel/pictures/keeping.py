"""Takes an upload, has a program with limits read it, and stores the resulting files.

The web process holds neither the file, which lies on the disk, nor the picture, which lies in the program's memory.
"""

from __future__ import annotations

import fcntl
import json
import logging
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from limits import parse
from werkzeug.datastructures import FileStorage

from app.extensions import limiter
from app.kernel import storage
from app.kernel.children.family import Rules, bare_environment, launched, own
from app.kernel.disk import NoRoomLeft, has_room_for, without_our_data
from app.kernel.pictures.errors import PicturesBusy, PictureTooLarge, PictureUnreadable, TooManyPictures

log = logging.getLogger(__name__)

MOST_BYTES = 10_000_000
AT_ONCE = 2
"""Maximum number of programs that read pictures at the same moment, on this machine."""
PATIENCE_S = 10
"""Maximum wait of a picture for its turn."""
LOOK_AGAIN_S = 0.05
RULES = Rules(memory_bytes=600_000_000, cpu_s=10, file_bytes=20_000_000)
"""A transparent WebP of 25 million pixels takes 520 MB. The slowest kind takes 1.3 s of CPU."""
WHOLE_S = 40
"""Maximum seconds by the clock, which are many because the program yields to all others."""
RATES = (parse("40 per 10 minutes"), parse("300 per 1 day"))
VOLUME = parse("200 per 1 hour")
"""Megabytes."""
CROWD = 5
"""Factor by which an address may send more than a person, for people who share one."""


@dataclass(frozen=True)
class Size:
    """A frame in px. The picture is scaled down into it, or cut to fill it."""

    width: int
    height: int
    cut: bool = False
    centre: float = 0.5
    """Part that stays of a picture that is too high for its frame: 0 is its top, 1 its foot."""


def charge(upload: FileStorage, *, person: str, address: str = "") -> None:
    """Count a picture towards the limit of a person, and of an address if people come and go as they like.

    Raises:
        PictureTooLarge: the picture has more than MOST_BYTES.
        TooManyPictures: she has sent too many.
    """
    size_bytes = size_of(upload)
    if not limiter.enabled:
        return
    for name, times in ((f"person:{person}", 1), (f"address:{address}", CROWD)):
        if name == "address:":
            continue
        megabytes = -(-size_bytes // 1_000_000)
        hits = [(rate, 1) for rate in RATES] + [(VOLUME, megabytes)]
        for item, cost in hits:
            wide = type(item)(item.amount * times, item.multiples, item.namespace)
            if not limiter.limiter.hit(wide, "pictures", name, cost=cost):
                raise TooManyPictures


def size_of(upload: FileStorage) -> int:
    """Return the size of an upload in bytes.

    Raises:
        PictureTooLarge: it has more than MOST_BYTES.
    """
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    if size > MOST_BYTES:
        raise PictureTooLarge
    return size


def keep(upload: FileStorage, files: Mapping[Path, Size]) -> None:
    """Store a picture in some sizes, all of them or none.

    Raises:
        PictureTooLarge: the picture has more than MOST_BYTES, or unfolds to too much.
        PictureUnreadable: the file is not a picture, or is broken.
        PicturesBusy: too many others wait.
        NoRoomLeft: the disk is almost full.
    """
    if not has_room_for(size_of(upload)):
        raise NoRoomLeft
    work = Path(tempfile.mkdtemp(dir=_folder()))
    try:
        upload.save(work / "source")
        with _turn():
            _shrink(work, list(files.values()))
        for number, file in enumerate(files):
            file.parent.mkdir(parents=True, exist_ok=True)
            (work / f"{number}.webp").replace(file)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def sweep() -> None:
    """Remove the leftovers of killed processes. The clockwork calls it."""
    for work in _folder().iterdir():
        if work.is_dir() and work.stat().st_mtime < time.time() - 3600:
            shutil.rmtree(work, ignore_errors=True)


def _folder() -> Path:
    folder = storage.place("run") / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until few enough programs are at work, in all processes together. A killed one leaves no lock.

    Raises:
        PicturesBusy: the wait is too long.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        for number in range(AT_ONCE):
            with (_folder() / f"{number}.lock").open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield
                return
        if time.monotonic() > deadline:
            raise PicturesBusy
        time.sleep(LOOK_AGAIN_S)


def _shrink(work: Path, sizes: Sequence[Size]) -> None:
    frames = [(size.width, size.height, size.cut, size.centre) for size in sizes]
    task = json.dumps({"source": str(work / "source"), "target": str(work), "sizes": frames})
    view = without_our_data(current_app.config).with_shown(work)
    command = launched(own("app.kernel.pictures.shrinking", task), RULES, view)
    try:
        done = subprocess.run(
            command,
            cwd=work,
            env=bare_environment(work),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WHOLE_S,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise PictureTooLarge from None
    _judge(done)


def _judge(done: subprocess.CompletedProcess[bytes]) -> None:
    """Raise the error of a picture, if there is one, by the program's answer or its end."""
    if done.returncode == 0:
        said: dict[str, Any] = json.loads(done.stdout)
        if said.get("problem") == "too_large":
            raise PictureTooLarge
        if said.get("problem"):
            raise PictureUnreadable
        return
    complaint = done.stderr[-2000:].decode(errors="replace")
    log.warning("a picture was not read: ended with %s: %s", done.returncode, complaint)
    if "No space left" in complaint:
        raise NoRoomLeft
    raise PictureTooLarge if done.returncode < 0 or "MemoryError" in complaint else PictureUnreadable
