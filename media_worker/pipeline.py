"""One publication, as its way in sees it: it takes tags and reports its health.

The pipeline describes a tag, joins it to a picture if it is only a part of one, and checks its time against the times
of its track. Then it hands the frame to the takes (`takes.py`), which decide what ffmpeg does with it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import replace

from media_worker import watchdog
from media_worker.awake import OwnTime
from media_worker.clock import CaptureClock
from media_worker.commands import Plan
from media_worker.contract import Alarm, Health, LineHealth, Processing, Refusal, RefusalCode, Way
from media_worker.flv import Role, TagInfo, describe
from media_worker.folder import StreamFolder
from media_worker.health import Monitor
from media_worker.ingest import Tag
from media_worker.mixing import StageVoices
from media_worker.pictures import PictureJoiner
from media_worker.planning import Frame
from media_worker.skew import Fit, Skew
from media_worker.take import Take
from media_worker.takes import Takes
from media_worker.tracks import Tracks
from media_worker.watchdog import Verdict, judge

MOST_REST_S = 0.1
"""Maximum seconds between two reads of copied pictures far from a cut. The socket's own buffer holds that much."""
WATCH_EVERY_S = 0.25


class Pipeline:
    """A publication (`ingest.Publication`, `ingest.BrowserPublication`)."""

    def __init__(
        self,
        *,
        program: str,
        folder: StreamFolder,
        run: int,
        encoder_delay_ms: int,
        client: str,
        encoder: str,
        kick: Callable[[Refusal], None],
        news: Callable[[], None],
        after: asyncio.Future[None] | None = None,
        way: Way = Way.RTMP,
        sender: str = "",
        voices: StageVoices | None = None,
    ) -> None:
        self.kick = kick
        self.way, self.sender = way, sender
        self.line: LineHealth | None = None
        self.held = False
        """The sender's network line is broken. It may come back within moments."""
        self.reason = ""
        self.handed_ms = 0.0
        """Unix ms up to which the browser's recording has arrived. RTMP leaves it at 0."""
        self._until_ms = math.inf
        """Capture time of the end of the lesson."""
        self.encoder_delay_ms = encoder_delay_ms
        self._tracks = Tracks()
        self._monitor = Monitor(client, encoder)
        self._joiner = PictureJoiner()
        self._skew = Skew()
        self._clock = CaptureClock(encoder_delay_ms)
        self._time = OwnTime(time.monotonic)
        self._last_tag_s = self._resumed_s = self._time.now()
        self._takes = Takes(
            program=program, folder=folder, run=run, tracks=self._tracks, clock=self._clock, skew=self._skew,
            now=self._time.now, news=news, after=after, voices=voices,
        )  # fmt: skip
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self.finished: asyncio.Future[None] = self._loop.create_future()
        """Done when the last segment of the run is published."""
        self._watch = self._loop.create_task(self._watch_forever())
        self._finishing: asyncio.Task[None] | None = None

    @property
    def run(self) -> int:
        """The app's number of the publication."""
        return self._takes.run

    @property
    def take(self) -> Take | None:
        """The present take."""
        return self._takes.current

    @property
    def mixes(self) -> bool:
        """Whether the voices of the stage go into the lesson at present."""
        return self._takes.mixes

    @property
    def buffered_bytes(self) -> int:
        """Bytes of media in memory that are not safe in a segment yet."""
        return self._takes.buffered_bytes

    # Publication

    def offer(self, tag: Tag) -> None:
        """Take a tag. Never blocks."""
        if self._closed:
            return
        info, now = describe(tag), self._time.now()
        if info.role in (Role.FRAME, Role.KEYFRAME):
            if now - self._last_tag_s > 1.0:
                self._resumed_s = now
            self._last_tag_s = now
        for one in self._joiner.join(tag, info):
            self._take_in(one, info if one is tag else describe(one))

    def rest_s(self) -> float:
        """Return the seconds for which the connection may stop reading.

        Between two cuts nobody waits for a frame, and reading several at a time costs a fraction.
        """
        newest = max(self._skew.newest.values(), default=0)
        return min(MOST_REST_S, self._takes.until_cut_ms(newest) / 1000)

    async def drain(self) -> None:
        """Wait until ffmpeg has read its input.

        An overloaded machine slows the encoder down through TCP. The encoder notices and drops frames itself, and
        does it better than we could, because pictures depend on each other.
        """
        while (take := self._takes.current) is not None and not self._closed and take.waiting_bytes > 0:
            await take.welcome()
            if take is self._takes.current:
                return

    def end_at(self, capture_ms: float) -> None:
        """Take nothing that was captured later. So the last segment ends there, and belongs to the lesson."""
        self._until_ms = capture_ms

    def close(self, reason: str) -> None:
        """Let ffmpeg write its last segment: the connection is gone."""
        if self._closed:
            return
        for one in self._joiner.rest():
            self._take_in(one, describe(one))
        self._closed, self.reason = True, reason
        self._watch.cancel()
        self._finishing = self._loop.create_task(self._finish())

    # BrowserPublication

    def hold(self) -> None:
        """Wait: the network line is broken, and the same sender may come back."""
        self.held = True

    def go_on(self, run: int, kick: Callable[[Refusal], None]) -> bool:
        """Go on under a new run: the sender is back. Return False if it is too late for that."""
        if self._closed:
            return False
        self._takes.run, self.kick, self.held = run, kick, False
        return True

    def seam(self, *, new_clock: bool) -> None:
        """Mark a seam: the next media do not continue the last."""
        if self._closed:
            return
        for one in self._joiner.rest():
            self._take_in(one, describe(one))
        if new_clock:
            self._begin_clock()
        else:
            self._takes.seam()

    async def _finish(self) -> None:
        await self._takes.close()
        self.finished.set_result(None)

    # frames

    def _take_in(self, tag: Tag, info: TagInfo) -> None:
        if self._tracks.see(tag, info):
            self._takes.track_changed(tag.kind)
        if info.role is Role.END:
            self._takes.picture_ends()
        if info.role not in (Role.FRAME, Role.KEYFRAME):
            return
        fit = self._skew.fit(tag.kind, tag.timestamp_ms)
        if fit is Fit.JUMPS:
            self._begin_clock()
            fit = self._skew.fit(tag.kind, tag.timestamp_ms)
        self.handed_ms = tag.handed_ms or 0.0
        self._monitor.see(tag, info)
        if fit is Fit.FITS:
            self._clock.arrived(tag.timestamp_ms, tag.arrived_ms if tag.handed_ms is None else tag.handed_ms)
            if self._clock.near_ms(tag.timestamp_ms) < self._until_ms:
                self._takes.take_in(Frame(tag, info))

    def _begin_clock(self) -> None:
        """Begin a new clock, because the encoder's times have begun anew."""
        self._clock, self._skew = CaptureClock(self.encoder_delay_ms), Skew()
        self._takes.seam(clock=self._clock, skew=self._skew)

    # watching

    async def _watch_forever(self) -> None:
        while not self._closed:
            await asyncio.sleep(WATCH_EVERY_S)
            take, now = self._takes.current, self._time.now()
            segment_s = max(take.segment_at, self._resumed_s) if take else None
            verdict = judge(now_s=now, last_tag_s=self._last_tag_s, last_segment_s=segment_s)
            if verdict is Verdict.DISCONNECT:
                self.kick(Refusal(RefusalCode.STALE_RUN, "Nothing has been received for 15 seconds."))
                return
            if verdict is Verdict.RESTART_FFMPEG:
                self._takes.replace_hung()

    def health(self, *, disk_low: bool) -> Health:
        """Return the present figures and alarms."""
        found = self._takes.alarms()
        if self.way is Way.BROWSER:  # no browser records sound that could be copied, so this is no fault
            found = [one for one in found if one is not Alarm.AUDIO_REENCODED]
        if self._time.now() - self._last_tag_s > watchdog.STALLED_S:
            found.append(Alarm.STALLED)
        if self._skew.is_large:
            found.append(Alarm.TRACKS_APART)
        if disk_low:
            found.append(Alarm.DISK_LOW)
        plan = self._takes.plan or Plan(Processing.COPY, Processing.COPY, voice=False)
        health = self._monitor.health(self._tracks, plan.video, plan.audio, tuple(found), time.time() * 1000)
        return replace(health, way=self.way, line=self.line)
