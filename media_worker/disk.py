"""How much space there is for media, and whether it is enough to record."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
EASE = 1.1
"""Recording resumes when there is this much more than the reserve, so that it does not flutter."""


def free_bytes(path: Path) -> int:
    """Free space in bytes for unprivileged writers where `path` lies."""
    return shutil.disk_usage(path).free


class Disk:
    """Knows whether there is room; looks at most once a second."""

    def __init__(self, root: Path, reserve_bytes: int, measure: Callable[[Path], int] = free_bytes) -> None:
        self._root, self._reserve, self._measure = root, reserve_bytes, measure
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
        """Too little space to record."""
        self._look()
        return self._low

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        self._free = self._measure(self._root)
        low = self._free < self._reserve * (EASE if self._low else 1)
        if low != self._low:
            say = "recording suspended, %d MiB free" if low else "recording again, %d MiB free"
            log.warning(say, self._free >> 20)
        self._low = low
