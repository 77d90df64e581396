"""One stream's folder: its published segments, index and rules, and the three scopes that list them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from media_worker.contract import LIVE_WINDOW, ContractError, Newest, Rules, Stretch
from media_worker.disk import Disk
from media_worker.index import Index, Piece, Segment
from media_worker.scopes import Record, Window, write_atomically

log = logging.getLogger(__name__)

GRACE_S = 60.0
"""Delay between a segment's leaving the last playlist and the deletion of its file."""
LEAST_ROOM_BYTES = 64 * 1024
"""Size of a segment with sound and a dark picture. Less free space counts as none."""
OVERLAP_MS = 700.0
"""Maximum overlap of a new take with the one before: two recorders of a browser overlap, and a busy machine dates a
beginning late. Segments that overlap more were shown already."""
LAST_PICTURE_MS = 100
"""Maximum time by which the last segment may seem to end after the lesson: the length of a last picture is a guess."""
STEPPED_MS = 10_000.0
"""Overlap above which the machine's clock was set back, and the takes do not overlap."""

UNSWEPT = "unswept"
"""Mark in the folder of an ended lesson: segments that are not kept are still to be deleted."""

NO_RULES = Rules(version=0)


class Cut(NamedTuple):
    """A finished segment, as a take hands it over."""

    run: int
    take: int
    media_ms: float
    source: bytes
    source_init: bytes
    source_ms: tuple[float, float]
    """Capture time of the first sample, duration."""
    voice: bytes
    voice_init: bytes
    voice_ms: tuple[float, float]
    codec: str
    width: int
    height: int


class StreamFolder:
    """Publishes segments and keeps the playlists true to index and rules.

    A full disk never raises: the segment is lost, and the next one is tried.
    """

    def __init__(self, root: Path, disk: Disk, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.root = root
        self.work = root / "work"
        self._segments = root / "segments"
        self._disk, self._now = disk, monotonic
        self._index = Index(root)
        self._live = Window(root / "live", LIVE_WINDOW)
        self._preview = Window(root / "preview", LIVE_WINDOW)
        self._full = Record(root / "full")
        self._recent: deque[Segment] = deque()
        self._left: dict[int, float] = {}
        self._kept: set[int] = set()
        self._inits: dict[int, tuple[bytes, bytes, str, str]] = {}
        self._number = 0
        self._take = 0
        self._last: Segment | None = None
        self._claim: int | None = None
        self.rules = NO_RULES
        self.stuck = False
        """The newest segment or playlist could not be written, so nobody sees a picture."""
        self.hold_deletions = False
        """Delete nothing: the app cannot be reached, and its rules may be old."""
        for one in (self.work, self._segments):
            one.mkdir(parents=True, exist_ok=True)

    # claim

    def claim(self) -> None:
        """Claim the folder for this process. The kernel drops the claim when the process dies, however it dies.

        A worker keeps its claim even if it sleeps through the minute after which others take up its streams.

        Raises:
            OSError: another process has claimed the folder.
        """
        self._claim = self._index.open()
        try:
            fcntl.flock(self._claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise
        except OSError as error:
            log.warning("%s: this file system has no locks: %s", self.root.name, error)

    def release(self) -> None:
        """Drop the claim, so that other processes may write to the folder."""
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    # queries

    @property
    def newest(self) -> Newest | None:
        """The newest segment."""
        one = self._last
        return Newest(one.number, round(one.start_ms), round(one.source.duration_ms)) if one else None

    @property
    def last(self) -> Segment | None:
        """The newest segment as the index has it."""
        return self._last

    @property
    def kept_ms(self) -> int:
        """Length of the recording."""
        return round(self._full.kept_ms)

    @property
    def kept_bytes(self) -> int:
        """Size of the recording."""
        return self._full.kept_bytes

    def next_take(self) -> int:
        """Return a number for a new take."""
        self._take += 1
        return self._take

    # publishing

    def begin_take(self) -> None:
        """Set `stuck` if ffmpeg has no room for a segment: it then writes none that could fail to be published."""
        with contextlib.suppress(OSError):
            self.stuck = self.stuck or shutil.disk_usage(self.root).free < LEAST_ROOM_BYTES

    def publish(self, cut: Cut) -> Segment | None:
        """Store a finished segment and list it wherever the rules want it. Return None if it is dropped."""
        start_ms = self._start_of(cut)
        if start_ms is None:
            log.info("%s: segment dropped, its time was shown already", self.root.name)
            return None
        # the number is used up even if writing fails, so that the gap in the row becomes a discontinuity
        self._number += 1
        shift = start_ms - cut.source_ms[0]
        try:
            segment = self._write(cut, shift)
            self._index.append(segment)
        except OSError as error:
            log.error("%s: segment %d is lost: %s", self.root.name, self._number, error)
            self.stuck = True
            return None
        self.stuck = False
        self._last = segment
        self._recent.append(segment)
        self._attempt(lambda: self._preview.add([segment]))
        self.settle()
        return segment

    def _start_of(self, cut: Cut) -> float | None:
        """Return a capture time that never runs backwards. `None` means that the segment overlaps the take before."""
        start, last = cut.source_ms[0], self._last
        if last is None:
            return start
        if last.take != cut.take and OVERLAP_MS < last.end_ms - start < STEPPED_MS:
            return None
        return max(start, last.start_ms + 1, last.end_ms if last.take != cut.take else 0)

    def _write(self, cut: Cut, shift: float) -> Segment:
        source_init, voice_init = self._write_inits(cut)
        source = self._write_piece(cut.source, source_init, cut.source_ms, shift)
        voice = self._write_piece(cut.voice, voice_init, cut.voice_ms, shift)
        return Segment(
            number=self._number,
            run=cut.run,
            take=cut.take,
            media_ms=round(cut.media_ms, 3),
            source=source,
            voice=voice,
            codec=cut.codec,
            width=cut.width,
            height=cut.height,
            keep=not self._disk.low,
        )

    def _write_piece(self, data: bytes, init: str, times: tuple[float, float], shift: float) -> Piece:
        # the random part keeps a viewer who knows one name from guessing the next
        name = f"{self._number:06d}-{secrets.token_urlsafe(12)}.m4s"
        (self._segments / name).write_bytes(data)
        start, duration = round(times[0] + shift, 3), round(times[1], 3)
        return Piece(name, init, start, duration, len(data), gap=not data)

    def _write_inits(self, cut: Cut) -> tuple[str, str]:
        known = self._inits.get(cut.take)
        if known is None or known[:2] != (cut.source_init, cut.voice_init):
            known = (
                cut.source_init,
                cut.voice_init,
                self._write_init(cut.source_init),
                self._write_init(cut.voice_init),
            )
            self._inits = {cut.take: known}
        return known[2], known[3]

    def _write_init(self, data: bytes) -> str:
        name = f"init-{secrets.token_urlsafe(12)}.mp4"
        (self._segments / name).write_bytes(data)
        return name

    # rules

    def apply(self, rules: Rules) -> None:
        """Take new rules, unless they are older than the present ones."""
        if rules.version < self.rules.version:
            return
        if rules != self.rules:
            self.rules = rules
            text = json.dumps(rules.to_json())
            self._attempt(lambda: write_atomically(self.root / "rules.json", text.encode()))
        self.settle()

    def settle(self) -> None:
        """List every segment that the rules want and that is not listed yet. Drop the others."""
        after = self._live.last.number if self._live.last else 0
        live = [one for one in self._recent if one.number > after and self._is_within(one, self.rules.air)]
        self._attempt(lambda: self._live.add(live))
        after = self._full.last.number if self._full.last else 0
        kept = [one for one in self._recent if one.number > after and self._wants_kept(one)]
        if kept and not self._full.ended:
            self._attempt(lambda: self._keep(kept))
        self._drop()

    def _wants_kept(self, segment: Segment) -> bool:
        rules = self.rules
        return segment.keep and self._is_within(segment, rules.air) and self._is_within(segment, rules.record)

    def _is_within(self, segment: Segment, stretches: Iterable[Stretch]) -> bool:
        # after the end nothing is taken in any more, and only the length of the last picture is a guess
        return segment.within(stretches, over_ms=LAST_PICTURE_MS if self.rules.ended else 0)

    def _keep(self, segments: list[Segment]) -> None:
        for one in segments:
            self._kept.update(done.number for done in self._full.add([one]))

    def _attempt(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            log.error("%s: %s", self.root.name, error)
            self.stuck = True

    def _drop(self) -> None:
        """Forget segments that have left the windows. `GRACE_S` later, delete the files of those that are not kept."""
        now, listed = self._now(), self._live.numbers | self._preview.numbers
        stay: deque[Segment] = deque()
        for one in self._recent:
            if one.number in listed:
                stay.append(one)
            elif one.number in self._kept:
                self._kept.discard(one.number)
            elif self.hold_deletions or now - self._left.setdefault(one.number, now) < GRACE_S:
                stay.append(one)
            else:
                self._delete(one)
        self._recent = stay

    def _delete(self, segment: Segment) -> None:
        self._left.pop(segment.number, None)
        for name in (segment.source.name, segment.voice.name):
            (self._segments / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete at once each segment that the recording does not hold. Call it after the end."""
        for one in self._recent:
            if one.number not in self._kept:
                self._delete(one)
        self._recent.clear()
        (self.root / UNSWEPT).unlink(missing_ok=True)

    def end(self) -> None:
        """Close all playlists. Raises OSError; try again later."""
        self.settle()
        self._full.end()
        self._live.end()
        self._preview.end()
        (self.root / UNSWEPT).touch()

    # after a restart

    def restore(self) -> None:
        """Read index, rules and playlists from disk."""
        segments = self._index.read()
        self.rules = _read_rules(self.root / "rules.json")
        by_name = {one.source.name: one for one in segments}
        self._live.restore(by_name)
        self._preview.restore(by_name)
        kept = {one.number for one in self._full.restore(by_name)}
        self._last = segments[-1] if segments else None
        self._number = segments[-1].number if segments else 0
        self._take = max((one.take for one in segments), default=0)
        present = {one.name for one in self._segments.iterdir()}
        listed = self._live.numbers | self._preview.numbers
        self._recent = deque(
            one for one in segments if one.number in listed or (one.number not in kept and one.source.name in present)
        )
        self._kept = {one.number for one in self._recent if one.number in kept}
        self.settle()


def _read_rules(path: Path) -> Rules:
    try:
        return Rules.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, ContractError):
        return NO_RULES
