"""The scopes of a stream: each is a folder with a master and two media playlists.

`Window` is rewritten for every segment and keeps a constant length (live, preview). `Record` is the recording. It
only grows at its end, so that players fetch the tail by Range.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from media_worker import playlist
from media_worker.index import Segment, append
from media_worker.playlist import MASTER, MEDIA_LISTS, SOURCE, Entry


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part. Raises OSError."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _write_text(path: Path, text: str) -> None:
    write_atomically(path, text.encode())


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


class Window:
    """The newest `size` segments of a scope."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder, self._size = folder, size
        self._entries: deque[Entry] = deque()
        self._sequence = 0
        self._seams_before = 0
        self._master = ""
        self.last: Segment | None = None

    @property
    def numbers(self) -> set[int]:
        """Numbers of the listed segments."""
        return {one.segment.number for one in self._entries}

    def add(self, segments: list[Segment]) -> None:
        """List segments, in rising order. After an OSError the row in memory is right, and the next call writes it."""
        if not segments:
            return
        for one in segments:
            self._entries.append(Entry(one, self.last is not None and not one.follows(self.last)))
            self.last = one
        while len(self._entries) > self._size:
            self._sequence += 1
            self._seams_before += self._entries.popleft().seam
        self._write("")

    def end(self) -> None:
        """Close the playlists. Raises OSError."""
        self._write(playlist.END)

    def _write(self, tail: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        top = playlist.header(sequence=self._sequence, seams_before=self._seams_before)
        for name in MEDIA_LISTS:
            _write_text(self._folder / name, top + playlist.media(name, self._entries) + tail)
        if self.last is not None:
            self._master = _write_master(self._folder, self.last, self._master)

    def restore(self, segments: Mapping[str, Segment]) -> None:
        """Read the playlist on disk. `segments` are keyed by the name of their muxed piece."""
        parsed = playlist.parse(_read_text(self._folder / SOURCE))
        known = [(segments.get(name), seam) for name, seam in parsed.names]
        self._entries = deque(Entry(one, seam) for one, seam in known if one is not None)
        self._sequence = parsed.sequence + len(known) - len(self._entries)
        self._seams_before = parsed.seams_before + sum(seam for one, seam in known if one is None)
        self.last = self._entries[-1].segment if self._entries else None


class Record:
    """All kept segments of a stream, append-only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._master = ""
        self._begun = False
        self.last: Segment | None = None
        self.kept_ms = 0.0
        self.kept_bytes = 0
        self.ended = False

    def add(self, segments: list[Segment]) -> list[Segment]:
        """Append segments, in rising order. Return those that were written. Raises OSError if none was."""
        done: list[Segment] = []
        for one in segments:
            self._begin()
            entry = Entry(one, self.last is not None and not one.follows(self.last))
            for name in reversed(MEDIA_LISTS):
                self._append(name, entry)
            self._count(one)
            done.append(one)
        if done:
            self._master = _write_master(self._folder, done[-1], self._master)
        return done

    def _append(self, name: str, entry: Entry) -> None:
        # the voice is written first: if the other fails for want of space, the retry finds the voice in place
        if name != SOURCE and entry.segment.number == self._voice_last:
            return
        append(self._folder / name, playlist.media(name, [entry], before=self.last).encode())
        if name != SOURCE:
            self._voice_last = entry.segment.number

    _voice_last = 0

    def _count(self, segment: Segment) -> None:
        self.last = segment
        self.kept_ms += segment.source.duration_ms
        self.kept_bytes += segment.bytes

    def _begin(self) -> None:
        if not self._begun:
            self._folder.mkdir(parents=True, exist_ok=True)
            for name in MEDIA_LISTS:
                if not (self._folder / name).exists():
                    _write_text(self._folder / name, playlist.header(event=True))
            self._begun = True

    def end(self) -> None:
        """Close the recording. One that never began becomes an empty, valid playlist. Raises OSError."""
        if self.ended:
            return
        self._begin()
        for name in MEDIA_LISTS:
            if playlist.END not in _read_text(self._folder / name):
                append(self._folder / name, playlist.END.encode())
        self.ended = True

    def restore(self, segments: Mapping[str, Segment]) -> list[Segment]:
        """Read the recording on disk and mend what a crash cut off. Return the segments in it."""
        source = _read_text(self._folder / SOURCE)
        if not source:
            return []
        parsed = playlist.parse(source)
        self.ended = parsed.ended
        listed = [segments[name] for name, _ in parsed.names if name in segments]
        entries = [Entry(segments[name], seam) for name, seam in parsed.names if name in segments]
        if not parsed.ended:
            _keep(self._folder / SOURCE, source[: parsed.whole])
        self._mend_voice(entries)
        for one in listed:
            self._count(one)
        self._begun = True
        return listed

    def _mend_voice(self, entries: list[Entry]) -> None:
        """Bring the voice's playlist to the same segments, and keep its beginning as it is if possible."""
        name = MEDIA_LISTS[1]
        wanted = playlist.header(event=True) + playlist.media(name, entries) + (playlist.END if self.ended else "")
        if _read_text(self._folder / name) != wanted:
            _write_text(self._folder / name, wanted)


def _keep(path: Path, text: str) -> None:
    size = len(text.encode())
    if path.stat().st_size != size:
        os.truncate(path, size)


def _write_master(folder: Path, segment: Segment, before: str) -> str:
    """Write the master playlist if codec or size have changed. Return the mark of both for the next call."""
    mark = f"{segment.codec} {segment.width}x{segment.height}"
    if mark != before:
        _write_text(folder / MASTER, playlist.master(segment))
    return mark
