"""A second input of ffmpeg: python-ffmpeg itself feeds only the standard input."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class NamedPipe:
    """Writes a second input of ffmpeg, which opens its inputs one after the other and waits for a writer at each.

    Never blocks. Bytes that cannot be written yet are written by a later `pump`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        os.mkfifo(path, 0o600)
        self._waiting = bytearray()
        self._file: int | None = None
        self._ends = self._closed = False

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self._waiting += data
        self.pump()

    def end(self) -> None:
        """Close the pipe when everything is written."""
        self._ends = True
        self.pump()

    def pump(self) -> None:
        """Write the bytes that ffmpeg takes now."""
        if self._closed:
            return
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            while self._waiting:
                del self._waiting[: os.write(self._file, self._waiting)]
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads yet
                self.close()
            return
        if self._ends:
            self.close()

    def close(self) -> None:
        """Write no more: everything is written, or ffmpeg has ended."""
        self._closed = True
        if self._file is not None:
            os.close(self._file)
            self._file = None


def release(path: Path) -> None:
    """Let an ffmpeg go on whose worker was killed before it had opened the pipe."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return
