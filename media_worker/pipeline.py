"""One publication on its way from tags to segments: a state machine decides when ffmpeg starts, and starts again.

GATHERING: frames are kept until the second keyframe (a segment could not be finished before it anyway) or until it
is clear what is missing. RUNNING: frames go to a take and stay in the buffer until they are safe in a finished
segment. A seam (the encoder's clock jumps, a track changes, comes or goes) ends the take and gathers anew; a take
that dies, hangs or turns out to be the wrong plan is replaced by one that begins with the buffer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from media_worker import watchdog
from media_worker.awake import OwnTime
from media_worker.buffer import Buffer
from media_worker.clock import CaptureClock
from media_worker.commands import CUT_S, Plan
from media_worker.contract import Alarm, Health, LineHealth, Processing, Refusal, RefusalCode, Way
from media_worker.flv import Role, describe
from media_worker.folder import Cut, StreamFolder
from media_worker.health import Monitor
from media_worker.ingest import Tag, TagKind
from media_worker.planning import MAX_SEGMENT_MS, OTHER_TRACK_MS, Frame, alarms, audio_kbps, container_for, decide
from media_worker.take import Take, take_folder
from media_worker.tracks import Tracks
from media_worker.watchdog import Verdict, judge

log = logging.getLogger(__name__)

BACK_MS, AHEAD_MS = 500, 10_000
"""The encoder's clock may go back or ahead by so much; anything else is a jump."""
CUT_MS = round(1000 * CUT_S)
MOST_REST_S = 0.1
"""Copied pictures far from a cut are fetched so often; the socket's own buffer holds them for so long at any rate."""
WATCH_EVERY_S = 0.25
OVERLOADED_MS = 6_000
"""ffmpeg is so far behind what has come in."""
RESTART_ALARM_S = 60.0
MANY_FRAMES, LOOK_EVERY = 400, 64
"""More than the first two seconds of an honest stream; from then on the plan is thought over only now and then."""
MOST_RESTARTS = 2
"""So many takes in a row may end without a segment; then the buffer is thrown away, it may be what kills them."""


class Pipeline:
    """A publication as the way in sees it (`ingest.Publication`)."""

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
    ) -> None:
        self.run = run
        self.kick = kick
        self.way, self.sender = way, sender
        self.line: LineHealth | None = None
        self.held = False
        """The sender's line is broken; it may come back within moments."""
        self.reason = ""
        self.handed_ms = 0.0
        """Up to this moment a browser has sent what it recorded, Unix ms."""
        self._program, self._folder, self.encoder_delay_ms, self._news = program, folder, encoder_delay_ms, news
        self._tracks = Tracks()
        self._monitor = Monitor(client, encoder)
        self._clock = CaptureClock(encoder_delay_ms)
        self._buffer = Buffer()
        self._take: Take | None = None
        self._plan: Plan | None = None
        self._before = after
        self._draining: set[asyncio.Task[None]] = set()
        self._last_ms: int | None = None
        self._cut_ms = 0
        self._seen_ms = {TagKind.VIDEO: 0, TagKind.AUDIO: 0}
        self._seam_at_keyframe = False
        self._must_reencode = False
        self._barren = 0
        self._hold_off_until = 0.0
        self._restarted_at = float("-inf")
        self._overloaded = False
        self._loop = asyncio.get_running_loop()
        self._time = OwnTime(time.monotonic)
        self._last_tag_s = self._resumed_s = self._time.now()
        self._closed = False
        self.finished: asyncio.Future[None] = self._loop.create_future()
        """Done when the last segment of the run is published."""
        self._watch = self._loop.create_task(self._watch_forever())

    # Publication

    def offer(self, tag: Tag) -> None:
        """Take a tag; never blocks."""
        if self._closed:
            return
        info = describe(tag)
        if self._tracks.see(tag, info):
            self._seam_at_keyframe = True
        if info.role not in (Role.FRAME, Role.KEYFRAME):
            return
        now = self._time.now()
        if now - self._last_tag_s > 1.0:
            self._resumed_s = now
        self._last_tag_s = now
        if self._jumped(tag.timestamp_ms):
            self._seam(new_clock=True)
        self._last_ms = tag.timestamp_ms
        self.handed_ms = tag.handed_ms or 0.0
        self._clock.arrived(tag.timestamp_ms, tag.arrived_ms if tag.handed_ms is None else tag.handed_ms)
        self._monitor.see(tag, info)
        self._frame(Frame(tag, info))

    def rest_s(self) -> float:
        """Between two cuts nobody waits for a frame: fetching several at a time costs a fraction."""
        take = self._take
        if take is None or take.cut_due or take.plan.video is not Processing.COPY or self._last_ms is None:
            return 0.0
        return max(0.0, min(MOST_REST_S, (self._cut_ms + CUT_MS - self._last_ms) / 1000))

    async def drain(self) -> None:
        """Wait until ffmpeg has taken what it was given.

        An overloaded machine slows the encoder down through TCP; encoders notice and drop frames themselves,
        which they do better than we could with pictures that depend on each other.
        """
        while self._take is not None and not self._closed and self._take.waiting_bytes > 0:
            take = self._take
            await take.welcome()
            if take is self._take:
                return

    def close(self, reason: str) -> None:
        """The connection is gone: ffmpeg writes its last segment."""
        if self._closed:
            return
        self._closed, self.reason = True, reason
        self._watch.cancel()
        if self._take is None and self._buffer:
            self._start_with(self._plan_now() or self._last_resort())
        self._retire()
        self._loop.create_task(self._finish())

    # BrowserPublication

    def hold(self) -> None:
        """The line is broken; the same sender may come back."""
        self.held = True

    def go_on(self, run: int, kick: Callable[[Refusal], None]) -> bool:
        """The sender is back, under a new run; False when it is too late for that."""
        if self._closed:
            return False
        self.run, self.kick, self.held = run, kick, False
        return True

    def seam(self, *, new_clock: bool) -> None:
        """What comes now does not continue what was."""
        if not self._closed:
            self._seam(new_clock=new_clock)
            self._last_ms = None

    async def _finish(self) -> None:
        while self._draining:
            await asyncio.wait(self._draining)
        self.finished.set_result(None)

    # frames

    def _jumped(self, stamp: int) -> bool:
        last = self._last_ms
        return last is not None and not last - BACK_MS <= stamp <= last + AHEAD_MS

    def _frame(self, frame: Frame) -> None:
        self._seen_ms[frame.tag.kind] = frame.tag.timestamp_ms
        if self._take is not None and self._is_seam(frame):
            self._seam()
        self._buffer.add(frame)
        if self._buffer.full:
            self._overflow()
        elif self._take is None:
            self._gather()
        else:
            self._take.feed(frame.tag, keyframe=frame.is_keyframe)
            self._look_at_plan(self._take, frame)

    def _is_seam(self, frame: Frame) -> bool:
        """Whether a new take has to begin with this frame."""
        plan = self._take.plan if self._take else None
        if plan is None:
            return False
        if frame.is_keyframe:
            return self._seam_at_keyframe or plan.video is Processing.SYNTHETIC
        if frame.tag.kind == TagKind.AUDIO and plan.audio is Processing.SYNTHETIC:
            self._seam_at_keyframe = True
        return plan.video is Processing.SYNTHETIC and self._seam_at_keyframe and frame.tag.kind == TagKind.AUDIO

    def _look_at_plan(self, take: Take, frame: Frame) -> None:
        """Notice that the plan does not fit any more: keyframes grow apart, or a track has gone."""
        stamp, plan = frame.tag.timestamp_ms, take.plan
        if frame.is_keyframe and stamp - self._cut_ms >= CUT_MS:
            self._cut_ms = stamp
        # where no pictures come, as over a thin line, no keyframe is missing
        is_picture = frame.tag.kind == TagKind.VIDEO
        if plan.video is Processing.COPY and stamp - self._cut_ms > MAX_SEGMENT_MS and is_picture:
            self._must_reencode = True
            self._replace("keyframes are too far apart")
        for kind, processing in ((TagKind.AUDIO, plan.audio), (TagKind.VIDEO, plan.video)):
            if processing is not Processing.SYNTHETIC and stamp - self._seen_ms[kind] > OTHER_TRACK_MS + 500:
                self._lose_track(kind)
                return

    def _lose_track(self, kind: TagKind) -> None:
        if kind == TagKind.AUDIO:
            # the picture goes on with this take as far as the next keyframe, so that nothing of it is lost
            self._seam_at_keyframe = True
            return
        self._retire()
        self._buffer.clear()

    # takes

    def _gather(self) -> None:
        if len(self._buffer) > MANY_FRAMES and len(self._buffer) % LOOK_EVERY:
            return  # a look costs as much as there is to see: a flood of tiny frames must not hold others up
        if not self._buffer.begin_at_keyframe() or self._loop.time() < self._hold_off_until:
            return
        plan = self._plan_now()
        if plan is not None:
            self._start_with(plan)

    def _plan_now(self) -> Plan | None:
        """What to do with the buffered frames; None while more has to be seen."""
        first_stamp = next(iter(self._buffer)).tag.timestamp_ms
        frames = [one for one in self._buffer if one.tag.timestamp_ms >= first_stamp]
        return decide(frames, self._tracks, audio_kbps=audio_kbps(frames), must_reencode=self._must_reencode)

    def _last_resort(self) -> Plan:
        kinds = {one.tag.kind for one in self._buffer}
        video = Processing.REENCODE if TagKind.VIDEO in kinds else Processing.SYNTHETIC
        audio = Processing.REENCODE if TagKind.AUDIO in kinds else Processing.SYNTHETIC
        return Plan(video, audio, voice=audio is Processing.REENCODE, container=container_for(self._tracks))

    def _start_with(self, plan: Plan, skip_to_ms: float | None = None) -> None:
        if not self._buffer.begin_at_keyframe():
            return
        frames = self._buffer.frames
        base = frames[0].tag.timestamp_ms
        if plan.video is Processing.REENCODE and skip_to_ms is not None and skip_to_ms > frames[0].shown_ms:
            plan = replace(plan, skip_ms=round(skip_to_ms - base))
        number = self._folder.next_take()
        self._seam_at_keyframe = False
        self._cut_ms = base
        try:
            take = Take(
                program=self._program, plan=plan, now=self._time.now, run=self.run, number=number,
                folder=take_folder(self._folder.work, self.run, number), base_ms=base, clock=self._clock,
                publish=self._publish, after=self._before,
            )  # fmt: skip
        except OSError as error:
            log.error("%s: ffmpeg cannot start: %s", self._folder.root.name, error)
            self._hold_off_until = self._loop.time() + 1
            return
        self._take, self._plan, self._before = take, plan, take.done
        take.done.add_done_callback(lambda _: self._ended(take))
        take.begin(self._tracks)
        for one in frames:
            take.feed(one.tag, keyframe=one.is_keyframe)
            if one.is_keyframe and one.tag.timestamp_ms - self._cut_ms >= CUT_MS:
                self._cut_ms = one.tag.timestamp_ms
        log.info("%s: take %d begins: video %s, audio %s", self._folder.root.name, number, plan.video, plan.audio)

    def _publish(self, cut: Cut) -> None:
        self._folder.publish(cut)
        self._barren = 0
        take = self._take
        if take is not None and take.number == cut.take:
            self._buffer.safe_until(take.published_to_ms)
        self._news()

    def _seam(self, *, new_clock: bool = False) -> None:
        """What comes now does not continue what was: end the take, gather anew."""
        if self._take is None and self._buffer and (plan := self._plan_now()):
            self._start_with(plan)
        self._retire()
        self._buffer.clear()
        self._seam_at_keyframe = False
        if new_clock:
            self._clock = CaptureClock(self.encoder_delay_ms)
            self._must_reencode = False  # it may be another encoder, or the same with other settings

    def _retire(self) -> None:
        """Let the take finish by itself."""
        take, self._take = self._take, None
        if take is not None:
            stopping = self._loop.create_task(take.stop())
            self._draining.add(stopping)
            stopping.add_done_callback(self._draining.discard)

    def _replace(self, why: str) -> None:
        """End the take at once and begin a new one with what it has not finished."""
        take, self._take = self._take, None
        if take is None:
            return
        log.warning("%s: take %d is replaced: %s", self._folder.root.name, take.number, why)
        take.kill()
        self._draining.add(ending := self._loop.create_task(self._begin_again(take)))
        ending.add_done_callback(self._draining.discard)
        self._hold_off_until = float("inf")

    async def _begin_again(self, take: Take) -> None:
        await asyncio.wait([take.done])
        if take.segments:
            self._buffer.safe_until(take.published_to_ms)
        self._hold_off_until = 0.0
        if not take.segments:
            self._barren += 1
            if self._barren > MOST_RESTARTS:
                log.error("%s: ffmpeg fails again and again: %s", self._folder.root.name, take.last_words)
                self._buffer.clear()
                self._hold_off_until = self._loop.time() + min(2.0**self._barren / 4, 10.0)
        if self._closed or not self._buffer:
            return
        plan = self._plan_now()
        if plan is not None:
            self._start_with(plan, skip_to_ms=take.published_to_ms if take.segments else None)

    def _ended(self, take: Take) -> None:
        """A take's ffmpeg has ended; if nobody asked it to, another takes over."""
        if take.done.cancelled():
            return
        if (error := take.done.exception()) is not None:
            log.error("take %d failed", take.number, exc_info=error)
        if take is self._take:
            self._restarted_at = self._loop.time()
            self._replace(f"ffmpeg ended by itself: {take.last_words}")

    def _overflow(self) -> None:
        if self._take is not None and self._lag_ms(self._take) < OVERLOADED_MS:
            # ffmpeg keeps up; it is the encoder that sends no second keyframe. Should ffmpeg die now, the picture
            # has to wait for one; until then nothing is lost
            self._buffer.clear()
            return
        log.error("%s: ffmpeg is too far behind, media are dropped", self._folder.root.name)
        self._overloaded = True
        if self._take is not None:
            self._take.kill()
        self._retire()
        self._buffer.clear()

    # watching

    async def _watch_forever(self) -> None:
        while not self._closed:
            await asyncio.sleep(WATCH_EVERY_S)
            take, now = self._take, self._time.now()
            segment_s = max(take.segment_at, self._resumed_s) if take else None
            verdict = judge(now_s=now, last_tag_s=self._last_tag_s, last_segment_s=segment_s)
            if verdict is Verdict.DISCONNECT:
                self.kick(Refusal(RefusalCode.STALE_RUN, "Nothing has been received for 15 seconds."))
                return
            if verdict is Verdict.RESTART_FFMPEG:
                self._restarted_at = self._loop.time()
                self._replace("ffmpeg writes nothing")

    def health(self, *, disk_low: bool) -> Health:
        """Figures and alarms now."""
        take, now = self._take, self._time.now()
        found = alarms(self._plan, self._tracks) if self._plan else []
        if self.way is Way.BROWSER:  # no browser records sound that could be copied: it is no fault
            found = [one for one in found if one is not Alarm.AUDIO_REENCODED]
        if now - self._last_tag_s > watchdog.STALLED_S:
            found.append(Alarm.STALLED)
        if self._loop.time() - self._restarted_at < RESTART_ALARM_S:
            found.append(Alarm.ENCODER_RESTARTED)
        if disk_low:
            found.append(Alarm.DISK_LOW)
        if self._overloaded or (take is not None and self._lag_ms(take) > OVERLOADED_MS):
            found.append(Alarm.OVERLOADED)
        self._overloaded = False
        plan = self._plan or Plan(Processing.COPY, Processing.COPY, voice=False)
        health = self._monitor.health(self._tracks, plan.video, plan.audio, tuple(found), time.time() * 1000)
        return replace(health, way=self.way, line=self.line)

    def _lag_ms(self, take: Take) -> float:
        """How far ffmpeg's last finished segment is behind what has come in."""
        return (self._last_ms or 0) - take.published_to_ms
