"""Free space for media, and whether it is enough to record."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
HELD_BACK = ".held-back"
HELD_BACK_BYTES = 64 << 20
"""Live windows of four lessons at 1.5 Mbit/s, with the segments that are about to be deleted: 14 MB each. They need no
more while nothing is kept."""
GIVEN_UP_BELOW = 8 << 20
"""Free bytes below which the file is deleted that is held back."""
EASE = 1.1
"""Recording resumes at this multiple of the reserve, so that it does not flutter."""


def free_bytes(path: Path) -> int:
    """Return the free bytes for unprivileged writers on the file system of `path`."""
    return shutil.disk_usage(path).free


class Disk:
    """The free space of a disk, measured at most once a second.

    With `held_back_bytes`, a file of that size is held back. When other programs have filled the disk, the file is
    deleted, so that lessons on air and the database go on. It comes back when there is room to record.
    """

    def __init__(
        self,
        root: Path,
        reserve_bytes: int,
        measure: Callable[[Path], int] = free_bytes,
        *,
        held_back_bytes: int = 0,
    ) -> None:
        self._root, self._reserve, self._measure = root, reserve_bytes, measure
        self._held_back, self._held_back_bytes = root / HELD_BACK, held_back_bytes
        self._looked_at = float("-inf")
        self._free = 0
        self._low = False

    @property
    def free(self) -> int:
        """Free space in bytes."""
        self._look()
        return self._free

    @property
    def low(self) -> bool:
        """Whether there is too little space to record."""
        self._look()
        return self._low

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        self._free = self._measure(self._root)
        if self._held_back_bytes:
            self._hold_back()
        low = self._free < self._reserve * (EASE if self._low else 1)
        if low != self._low:
            say = "recording suspended, %d MiB free" if low else "recording resumed, %d MiB free"
            log.warning(say, self._free >> 20)
        self._low = low

    def _hold_back(self) -> None:
        is_there = self._held_back.exists()
        if is_there and self._free < GIVEN_UP_BELOW:
            self._held_back.unlink(missing_ok=True)
            log.error("the disk is full: the space held back for lessons on air is released")
        elif not is_there and self._free > self._reserve + self._held_back_bytes:
            try:
                with self._held_back.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, self._held_back_bytes)
            except OSError as error:
                log.warning("no space can be held back on this disk: %s", error)
                self._held_back.unlink(missing_ok=True)
