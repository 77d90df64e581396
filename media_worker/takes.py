"""The takes of a publication, one after another. A state machine decides when ffmpeg starts, and starts again.

============  ==========================================================================================
GATHERING     frames are kept until the second keyframe (a segment could not be finished before it anyway)
              or until it is clear which track is missing
RUNNING       frames go to a take, and stay in the buffer until they are safe in a finished segment
REPLACING     a take that died, hangs or follows the wrong plan ends at once; the next one begins with the
              media that it has not finished
RESTING       ffmpeg has failed again and again; another try follows after a while
CLOSED        no more frames come
============  ==========================================================================================

`LEADS_TO` has the phases that may follow each one.

At a seam (the encoder's clock jumps, a track changes, comes or goes, voices of the stage begin or end) the take ends,
and GATHERING begins anew. Three events need no keyframe of the encoder's: sound begins or changes (`_change_sound`), a
picture stands still (`_project`), a plan does not fit any more (`_replace`).
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from media_worker.buffer import Buffer
from media_worker.clock import CaptureClock
from media_worker.commands import Container, Plan
from media_worker.contract import CUT_S, Alarm, Processing
from media_worker.folder import Cut, StreamFolder
from media_worker.ingest import TagKind
from media_worker.mixing import StageVoices
from media_worker.planning import (
    MAX_SEGMENT_MS,
    OTHER_TRACK_MS,
    Frame,
    alarms,
    audio_kbps,
    container_for,
    decide,
    sound_processing,
)
from media_worker.projector import Projector
from media_worker.skew import Skew
from media_worker.take import Take, take_folder
from media_worker.tracks import Tracks

log = logging.getLogger(__name__)

CUT_MS = round(1000 * CUT_S)
OVERLOADED_MS = 6_000
"""Lag of ffmpeg behind the incoming media above which the machine is overloaded."""
RESTART_ALARM_S = 60.0
MANY_FRAMES, LOOK_EVERY = 400, 64
"""More frames than an honest stream has in its first two seconds. Beyond them only each 64th frame reviews the plan."""
MOST_RESTARTS = 2
"""Maximum takes in a row without a segment. Then the buffer is thrown away, because it may be what kills them."""
BEGINS_LATER_MS = 500
"""Maximum distance between the beginnings of sound and picture. A track that begins later was not there before."""
STANDS_MS = 1400
"""Sound without a new picture after which the picture stands still. A second more, and a segment is too long."""
STANDS_IN_LONG_SEGMENT_MS = 500
"""The same in a segment that is already as long as it may be."""
MOVES_MS = 1000
"""Maximum distance between pictures that move."""
LINGERS_MS = 4000
"""Media after the end of a take in which its last sound may come: more than two tracks are allowed to be apart."""
STEADY_MS = 4000
"""Time for which pictures must have moved before they go the usual way again, from the next keyframe on."""
GONE_MS = 30 * 60_000
"""Time after which a standing picture is gone, whatever the encoder says."""


class Phase(enum.Enum):
    """Phases of a publication. The docstring of the module describes them."""

    GATHERING = enum.auto()
    RUNNING = enum.auto()
    REPLACING = enum.auto()
    RESTING = enum.auto()
    CLOSED = enum.auto()


LEADS_TO: Mapping[Phase, frozenset[Phase]] = {
    Phase.GATHERING: frozenset({Phase.RUNNING, Phase.RESTING, Phase.CLOSED}),
    Phase.RUNNING: frozenset({Phase.GATHERING, Phase.REPLACING, Phase.CLOSED}),
    Phase.REPLACING: frozenset({Phase.GATHERING, Phase.CLOSED}),
    Phase.RESTING: frozenset({Phase.RUNNING, Phase.CLOSED}),
    Phase.CLOSED: frozenset(),
}
"""Phases that may follow each phase. A phase may always be entered again."""


@dataclass
class Current:
    """The take that gets the frames, with the state that belongs to it alone."""

    take: Take
    cut_ms: int
    """Time of the keyframe at which ffmpeg's present segment begins."""
    ends_at_keyframe: bool = False
    is_guess: bool = False
    """The plan was made before enough frames had come."""
    is_deaf: bool = False
    """The sound has changed since the take began, and no new take can begin yet."""

    @property
    def plan(self) -> Plan:
        """The plan of its take."""
        return self.take.plan


class Takes:
    """From frames to published segments.

    Args:
        program: ffmpeg.
        folder: publishes the segments.
        run: number of the publication.
        tracks: the encoder's tracks, kept up to date by the caller.
        clock: maps timestamps to capture time.
        skew: distance between the tracks.
        now: returns the worker's own time in seconds.
        news: called after each published segment.
        after: publishing waits until this is done.
        voices: those of the stage, to be mixed into the encoder's sound. `None` if the sender mixes them.
    """

    def __init__(
        self,
        *,
        program: str,
        folder: StreamFolder,
        run: int,
        tracks: Tracks,
        clock: CaptureClock,
        skew: Skew,
        now: Callable[[], float],
        news: Callable[[], None],
        after: asyncio.Future[None] | None,
        voices: StageVoices | None,
    ) -> None:
        self.run = run
        self._voices = voices
        self._mixes = False
        """Whether a voice of the stage is heard at the time of the newest sound."""
        self._program, self._folder, self._tracks, self._now, self._news = program, folder, tracks, now, news
        self._clock, self._skew, self._before = clock, skew, after
        self._phase = Phase.GATHERING
        self._current: Current | None = None
        self._plan: Plan | None = None
        self._projector: Projector | None = None
        self._leaving: list[Frame] | None = None
        """Frames since the keyframe at which the projector is left, while it still hands on older ones."""
        self._lingering: tuple[Take, int] | None = None
        """A take that has ended at a keyframe, and the time of the keyframe. The take's last sound may still come."""
        self._buffer = Buffer()
        self._tasks: set[asyncio.Task[None]] = set()
        self._must_reencode = False
        self._video_changed = self._sound_changed = self._picture_ends = False
        self._at: dict[TagKind, int] = {}
        """Newest time of each track."""
        self._since: dict[TagKind, int] = {}
        """Time of the other track when the last frame of this one came."""
        self._moves_from: int | None = None
        self._gathered: set[TagKind] = set()
        """Tracks seen since the last seam."""
        self._seams = 0
        self._barren = 0
        self._rests_until = 0.0
        self._restarted_at = float("-inf")
        self._overloaded = False
        self._loop = asyncio.get_running_loop()

    # queries

    @property
    def current(self) -> Take | None:
        """The take that gets the frames."""
        return self._current.take if self._current else None

    @property
    def buffered_bytes(self) -> int:
        """Bytes of media that are not safe in a segment yet."""
        return self._buffer.bytes

    @property
    def mixes(self) -> bool:
        """Whether voices of the stage go into the newest sound."""
        return self._current.plan.mixes if self._current else self._mixes and self._phase is Phase.GATHERING

    @property
    def plan(self) -> Plan | None:
        """The plan of the newest take. `None` before the first one."""
        return self._plan

    def until_cut_ms(self, stamp: int) -> float:
        """Return the media time (ms) for which frames may wait. It is 0 at a cut, and while ffmpeg encodes."""
        current = self._current
        if current is None or current.take.cut_due or current.plan.video is not Processing.COPY:
            return 0.0
        return max(0, current.cut_ms + CUT_MS - stamp)

    def alarms(self) -> list[Alarm]:
        """Return the alarms for the presenter."""
        found = alarms(self._plan, self._tracks) if self._plan else []
        if self._projector is not None:
            found = [one for one in found if one not in (Alarm.VIDEO_REENCODED_KEYFRAMES, Alarm.VIDEO_REENCODED_CODEC)]
            found.append(Alarm.PICTURE_STANDS)
        if self._loop.time() - self._restarted_at < RESTART_ALARM_S:
            found.append(Alarm.ENCODER_RESTARTED)
        if self._overloaded or (self._current is not None and self._lag_ms(self._current.take) > OVERLOADED_MS):
            found.append(Alarm.OVERLOADED)
        self._overloaded = False
        return found

    # input

    def take_in(self, frame: Frame) -> None:
        """Take the next frame. Never blocks."""
        if self._phase is Phase.CLOSED:
            return
        gap_ms = self._note(frame)
        if self._projector is not None:
            self._while_projecting(self._projector, frame, gap_ms)
        else:
            self._go_on(frame, gap_ms)

    def track_changed(self, kind: TagKind) -> None:
        """Take note that a track has changed its kind of media."""
        if kind == TagKind.AUDIO:
            self._sound_changed = True
            if self._current is None:
                self._buffer.drop_sound_before(1 << 62)
                self._sound_changed = False
        else:
            self._video_changed = True

    def picture_ends(self) -> None:
        """Take note that the encoder has announced the end of its pictures."""
        self._picture_ends = True

    def seam(self, *, clock: CaptureClock | None = None, skew: Skew | None = None) -> None:
        """End the take and gather anew: the next media do not continue the last. The clock may be a new one too."""
        self._seams += 1
        if clock is not None:
            self._end_lingering()
        if self._projector is not None:
            self._leave_projector()
        elif self._phase is Phase.GATHERING and self._buffer and (plan := self._plan_now()):
            self._start_with(plan)
        self._retire()
        self._buffer.clear()
        if clock is not None and skew is not None:
            self._clock, self._skew = clock, skew
            self._must_reencode = False  # the encoder may be another one, or have other settings
            self._at.clear()
            self._since.clear()
            self._moves_from = None

    def replace_hung(self) -> None:
        """Replace the take, which writes nothing."""
        self._restarted_at = self._loop.time()
        self._replace("ffmpeg writes nothing")

    async def close(self) -> None:
        """Let ffmpeg write its last segment. Returns when that is published."""
        while self._phase is Phase.REPLACING:
            await asyncio.wait(self._tasks)
        if self._projector is not None:
            await self._projector.finish()
            frames = self._leaving or []
            self._leave_projector()
            if frames:
                self.seam()
                for one in frames:
                    self._go_on(one, 0)
        if self._phase is Phase.GATHERING and self._buffer:
            self._start_with(self._plan_now() or self._last_resort())
        self._retire()
        self._end_lingering()
        self._enter(Phase.CLOSED)
        while self._tasks:
            await asyncio.wait(self._tasks)

    # frames

    def _note(self, frame: Frame) -> int:
        """Note a frame's time. Return the time (ms) for which pictures have been missing before it."""
        kind, stamp = frame.tag.kind, frame.tag.timestamp_ms
        other = TagKind.VIDEO if frame.is_sound else TagKind.AUDIO
        if frame.is_sound:
            # no picture has come since, and the last one does not reach this far
            gap_ms = stamp - max(self._since.get(TagKind.VIDEO, stamp), self._at.get(TagKind.VIDEO, 0))
        else:
            gap_ms = stamp - self._at.get(kind, stamp)
            self._picture_ends = False
            if self._moves_from is None or gap_ms > MOVES_MS:
                self._moves_from = stamp
        self._at[kind] = stamp
        self._since[kind] = self._at.get(other, stamp)
        self._since.setdefault(other, stamp)
        return gap_ms

    def _go_on(self, frame: Frame, gap_ms: int) -> None:
        if self._begins_later(frame):
            self._start_with(self._last_resort())
            if self._current is not None:
                self._current.is_guess = True
        self._gathered.add(frame.tag.kind)
        self._look_at_voices(frame)
        current = self._current
        if current is not None:
            if frame.is_keyframe and (self._video_changed or self._ends_here(current)):
                self._seam_at(current, frame)
            elif frame.is_sound and self._is_new_sound(current):
                self._change_sound(current, frame)
        if self._lingering is not None and self._goes_to_lingering(*self._lingering, frame):
            return
        self._buffer.add(frame)
        if self._buffer.full and self._phase is not Phase.REPLACING:
            self._overflow()
        elif self._phase in (Phase.GATHERING, Phase.RESTING):
            self._gather()
        elif self._current is not None:
            self._feed(self._current, frame)
            self._look_at_plan(self._current, frame, gap_ms)

    def _seam_at(self, current: Current, keyframe: Frame) -> None:
        """End the take at a keyframe. Late sound from before the keyframe still belongs to the take."""
        if current.plan.audio is not Processing.SYNTHETIC and current.plan.video is not Processing.SYNTHETIC:
            self._end_lingering()
            self._lingering = current.take, keyframe.tag.timestamp_ms
            self._current = None
            self._buffer.clear()
            self._enter(Phase.GATHERING)
        self.seam()

    def _goes_to_lingering(self, take: Take, until_ms: int, frame: Frame) -> bool:
        """Feed a frame to the take that only waits for its last sound, if it belongs there. Return whether it does."""
        stamp = frame.tag.timestamp_ms
        if frame.is_sound and stamp < until_ms:
            take.feed(frame)
            return True
        if frame.is_sound or stamp - until_ms > LINGERS_MS:
            self._end_lingering()
        return False

    def _end_lingering(self) -> None:
        if self._lingering is not None:
            take, self._lingering = self._lingering[0], None
            self._spawn(take.stop())

    def _begins_later(self, frame: Frame) -> bool:
        """Return whether a track begins after the other: the media before it are a take with a stand-in."""
        if self._phase is not Phase.GATHERING or not self._buffer or frame.tag.kind in self._gathered:
            return False
        first = next(iter(self._buffer)).tag.timestamp_ms
        other = TagKind.VIDEO if frame.is_sound else TagKind.AUDIO
        late_ms = frame.tag.timestamp_ms - first - self._skew.late_ms(other)
        if frame.is_sound:
            return late_ms > BEGINS_LATER_MS
        return frame.is_keyframe and late_ms > OTHER_TRACK_MS  # less is not worth a dark picture

    def _look_at_voices(self, frame: Frame) -> None:
        is_silent = self._current is not None and self._current.plan.audio is Processing.SYNTHETIC
        if self._voices is not None and (frame.is_sound or is_silent):  # the picture's times may lie seconds apart
            self._mixes = self._voices.are_heard(self._clock.near_ms(frame.tag.timestamp_ms))

    def _ends_here(self, current: Current) -> bool:
        # a copied picture stays as sharp as it is: voices of the stage wait for the keyframe
        return (
            current.ends_at_keyframe or self._mixes != current.plan.mixes or current.plan.video is Processing.SYNTHETIC
        )

    def _feed(self, current: Current, frame: Frame) -> None:
        if frame.is_sound and current.is_deaf:
            return
        current.take.feed(frame)

    def _look_at_plan(self, current: Current, frame: Frame, gap_ms: int) -> None:
        """Act if the plan does not fit any more: keyframes grow apart, the picture stands, a track has gone."""
        stamp, plan = frame.tag.timestamp_ms, current.plan
        long_ms = stamp - current.cut_ms if plan.video is Processing.COPY else 0
        if frame.is_sound:
            long_ms -= self._skew.late_ms(TagKind.VIDEO)
        if plan.video is not Processing.SYNTHETIC and self._stands(frame, gap_ms, long_ms):
            self._lose_picture() if self._picture_ends else self._replace("the picture stands still", stands=True)
            return
        if not frame.is_sound:
            if long_ms > MAX_SEGMENT_MS:
                self._must_reencode = True
                self._replace("keyframes are too far apart")
                return
            if frame.is_keyframe and stamp - current.cut_ms >= CUT_MS:
                current.cut_ms = stamp
        silent_ms = stamp - max(self._since.get(TagKind.AUDIO, stamp), self._at.get(TagKind.AUDIO, 0))
        silent_ms -= self._skew.late_ms(TagKind.AUDIO)
        if not frame.is_sound and plan.audio is not Processing.SYNTHETIC and silent_ms > OTHER_TRACK_MS + 500:
            # the picture goes on with this take up to the next keyframe, so that no part of it is lost
            current.ends_at_keyframe = True

    def _stands(self, frame: Frame, gap_ms: int, long_ms: int) -> bool:
        if frame.is_sound:
            gap_ms -= self._skew.late_ms(TagKind.VIDEO)
        return gap_ms > STANDS_MS or (long_ms > MAX_SEGMENT_MS and gap_ms > STANDS_IN_LONG_SEGMENT_MS)

    def _lose_picture(self) -> None:
        self._retire()
        self._buffer.clear()

    def _overflow(self) -> None:
        current = self._current
        if current is not None and self._lag_ms(current.take) < OVERLOADED_MS:
            # ffmpeg keeps up, but the encoder sends no second keyframe. The projector needs none
            if self._projector is None and self._buffer.has_keyframe and current.plan.video is not Processing.SYNTHETIC:
                self._replace("no keyframe comes", stands=True)
            else:
                self._buffer.clear()
            return
        log.error("%s: ffmpeg is too far behind, media are dropped", self._folder.root.name)
        self._overloaded = True
        if current is not None:
            current.take.kill()
        self._retire()
        self._buffer.clear()

    # sound that begins or changes

    def _is_new_sound(self, current: Current) -> bool:
        is_new = self._sound_changed or current.plan.audio is Processing.SYNTHETIC
        return is_new or (self._mixes != current.plan.mixes and current.plan.video is not Processing.COPY)

    def _change_sound(self, current: Current, frame: Frame) -> None:
        """Begin a new take with this frame, the first one of the new sound, wherever the picture is.

        ffmpeg decodes the picture from its last keyframe and shows it from here. At the next one it copies again.
        """
        if current.plan.video is Processing.SYNTHETIC:
            self.seam()
            self._sound_changed = False
            return
        if not self._buffer.has_keyframe:
            current.is_deaf = self._sound_changed or current.plan.audio is Processing.SYNTHETIC
            current.ends_at_keyframe = True
            return
        begin_ms = frame.tag.timestamp_ms
        newest_picture_ms = self._at.get(TagKind.VIDEO, begin_ms)
        if newest_picture_ms - begin_ms > BEGINS_LATER_MS:
            begin_ms = newest_picture_ms  # the take before has got the earlier pictures, and most of them are published
        was_copied = current.plan.video is Processing.COPY or current.is_guess
        self._sound_changed = False
        self._retire()
        self._buffer.drop_sound_before(begin_ms)
        sound = sound_processing(self._tracks.audio)
        is_sparse = self._projector is not None
        plan = Plan(Processing.REENCODE, sound, voice=True, container=self._container(), sparse=is_sparse)
        self._start_with(plan, from_ms=begin_ms)
        if self._current is not None:
            self._current.ends_at_keyframe = was_copied

    # a picture that stands still

    def _project(self, from_ms: float) -> None:
        """Let the projector turn the buffered pictures into keyframes. Each one is shown until another comes."""
        frames = self._buffer.frames
        self._buffer.clear()
        log.info("%s: the picture stands still, and is repeated", self._folder.root.name)
        self._projector = Projector(
            program=self._program, container=container_for(self._tracks), tracks=self._tracks,
            frames=[one for one in frames if not one.is_sound], from_ms=from_ms, clock=self._now,
            give=self._take_projected,
        )  # fmt: skip
        for one in frames:
            if one.is_sound:
                self._projector.feed(one)

    def _take_projected(self, frame: Frame) -> None:
        self._look_at_voices(frame)
        if self._current is not None and frame.is_sound and self._is_new_sound(self._current):
            self._change_sound(self._current, frame)
        self._buffer.add(frame)
        if self._buffer.full:
            self._overflow()
        elif self._current is not None:
            self._feed(self._current, frame)
        elif self._phase is Phase.GATHERING and self._buffer.begin_at_keyframe() and frame.is_keyframe:
            self._start_with(self._projected_plan())
        if self._leaving is not None:
            self._loop.call_soon(self._try_to_leave)

    def _projected_plan(self) -> Plan:
        heard = self._at.get(TagKind.AUDIO)
        hears = heard is not None and heard > self._at.get(TagKind.VIDEO, 0) - OTHER_TRACK_MS
        sound = sound_processing(self._tracks.audio) if hears else Processing.SYNTHETIC
        return Plan(Processing.REENCODE, sound, voice=hears, container=self._container(), sparse=True)

    def _while_projecting(self, projector: Projector, frame: Frame, gap_ms: int) -> None:
        stamp = frame.tag.timestamp_ms
        if self._leaving is not None:
            if frame.is_sound and stamp < self._leaving[0].tag.timestamp_ms:
                projector.feed(frame)
            else:
                self._leaving.append(frame)
            self._try_to_leave()
        elif frame.is_keyframe and (self._video_changed or projector.is_over or self._moves_for(stamp)):
            self._leaving = [frame]
            self._try_to_leave()
        elif projector.is_blind or gap_ms > (STANDS_MS if self._picture_ends else GONE_MS):
            self._leave_projector()
            self._lose_picture()
            self._go_on(frame, gap_ms)
        else:
            projector.feed(frame)

    def _moves_for(self, stamp: int) -> bool:
        return self._moves_from is not None and stamp - self._moves_from >= STEADY_MS

    def _try_to_leave(self) -> None:
        """Leave the projector at a keyframe, as soon as it has handed on all frames before that."""
        projector, frames = self._projector, self._leaving
        if projector is None or frames is None:
            return
        projector.go_on()
        if projector.waits_for_ms is not None:
            return
        self._leave_projector()
        self.seam()
        for one in frames:
            self._go_on(one, 0)

    def _leave_projector(self) -> None:
        projector, self._leaving = self._projector, None
        if projector is not None:
            projector.rest()
            self._projector = None
            self._spawn(projector.end())

    # takes

    def _enter(self, phase: Phase) -> None:
        """Change the phase. This is the only way to do so. Work that ends after CLOSED changes nothing.

        Raises:
            RuntimeError: `LEADS_TO` has no way from the present phase.
        """
        if phase is self._phase or self._phase is Phase.CLOSED:
            return
        if phase not in LEADS_TO[self._phase]:
            raise RuntimeError(f"{self._phase.name} does not lead to {phase.name}")
        self._phase = phase

    def _gather(self) -> None:
        if len(self._buffer) > MANY_FRAMES and len(self._buffer) % LOOK_EVERY:
            return  # a review costs as much as there are frames: a flood of tiny ones must not hold up other streams
        if not self._buffer.begin_at_keyframe() or self._loop.time() < self._rests_until:
            return
        plan = self._plan_now()
        if plan is not None:
            self._start_with(plan)

    def _plan_now(self) -> Plan | None:
        """Return the plan for the buffered frames. `None` means that more frames are needed."""
        if not self._buffer:
            return None
        frames = self._buffer.frames
        return decide(
            frames, self._tracks, audio_kbps=audio_kbps(frames), must_reencode=self._must_reencode,
            picture_late_ms=self._skew.late_ms(TagKind.VIDEO), sound_late_ms=self._skew.late_ms(TagKind.AUDIO),
        )  # fmt: skip

    def _last_resort(self) -> Plan:
        kinds = {one.tag.kind for one in self._buffer}
        video = Processing.REENCODE if TagKind.VIDEO in kinds else Processing.SYNTHETIC
        audio = Processing.REENCODE if TagKind.AUDIO in kinds else Processing.SYNTHETIC
        return Plan(video, audio, voice=audio is Processing.REENCODE, container=self._container())

    def _container(self) -> Container:
        return Container.FLV if self._projector is not None else container_for(self._tracks)

    def _start_with(self, plan: Plan, from_ms: float | None = None) -> None:
        """Begin a take with the buffered frames. A re-encoded picture is shown from `from_ms` on."""
        if not self._buffer.begin_at_keyframe():
            return
        frames = self._buffer.frames
        base = frames[0].tag.timestamp_ms
        lead = max(0, *(-one.info.composition_ms for one in frames))
        if plan.video is Processing.REENCODE and from_ms is not None and from_ms > frames[0].shown_ms:
            plan = replace(plan, skip_ms=round(from_ms - base + lead))
        plan = replace(plan, mixes=self._mixes)
        number = self._folder.next_take()
        self._folder.begin_take()
        try:
            take = Take(
                program=self._program, plan=plan, now=self._now, run=self.run, number=number, base_ms=base,
                lead_ms=lead, folder=take_folder(self._folder.work, self.run, number), clock=self._clock,
                skew=self._skew, publish=self._publish, after=self._before, voices=self._voices,
            )  # fmt: skip
        except OSError as error:
            log.error("%s: ffmpeg cannot start: %s", self._folder.root.name, error)
            self._rest_for(1.0)
            return
        current = self._current = Current(take, base)
        self._plan, self._before = plan, take.done
        self._video_changed = self._sound_changed = False
        self._enter(Phase.RUNNING)
        take.done.add_done_callback(lambda _: self._ended(take))
        take.begin(self._tracks, self._projector.config if self._projector else None)
        for one in frames:
            take.feed(one)
            if one.is_keyframe and one.tag.timestamp_ms - current.cut_ms >= CUT_MS:
                current.cut_ms = one.tag.timestamp_ms
        log.info("%s: take %d begins: video %s, audio %s", self._folder.root.name, number, plan.video, plan.audio)

    def _rest_for(self, seconds: float) -> None:
        self._rests_until = self._loop.time() + seconds
        self._enter(Phase.RESTING)

    def _publish(self, cut: Cut) -> None:
        self._folder.publish(cut)
        self._barren = 0
        take = self.current
        if take is not None and take.number == cut.take:
            self._buffer.safe_until(take.published_to_ms)
        self._news()

    def _retire(self) -> None:
        """Let the present take finish by itself."""
        current, self._current = self._current, None
        self._gathered.clear()
        if current is not None:
            self._enter(Phase.GATHERING)
            self._spawn(current.take.stop())

    def _replace(self, why: str, *, stands: bool = False) -> None:
        """End the take at once and begin a new one with the media that it has not finished."""
        current, self._current = self._current, None
        if current is None:
            return
        level = logging.INFO if stands else logging.WARNING
        log.log(level, "%s: take %d is replaced: %s", self._folder.root.name, current.take.number, why)
        current.take.kill()
        self._enter(Phase.REPLACING)
        self._spawn(self._begin_again(current.take, self._seams, stands=stands))

    async def _begin_again(self, take: Take, seams: int, *, stands: bool) -> None:
        await asyncio.wait([take.done])
        goes_on = seams == self._seams
        from_ms = take.published_to_ms if take.segments and goes_on else None
        if from_ms is not None:
            self._buffer.safe_until(from_ms)
        elif not stands:
            self._barren += 1
        self._enter(Phase.GATHERING)
        if self._barren > MOST_RESTARTS:
            log.error("%s: ffmpeg fails again and again: %s", self._folder.root.name, take.last_words)
            self._buffer.clear()
            self._leave_projector()
            self._rest_for(min(2.0**self._barren / 4, 10.0))
        if self._buffer and stands and goes_on and self._buffer.begin_at_keyframe():
            self._project(from_ms if from_ms is not None else self._buffer.frames[0].shown_ms)
        elif self._buffer:
            plan = self._projected_plan() if self._projector else self._plan_now()
            if plan is not None:
                self._start_with(plan, from_ms=from_ms)

    def _ended(self, take: Take) -> None:
        """Handle the end of a take's ffmpeg. If it was not asked to end, another one takes over."""
        if take.done.cancelled():
            return
        if (error := take.done.exception()) is not None:
            log.error("take %d failed", take.number, exc_info=error)
        if take is self.current:
            self._restarted_at = self._loop.time()
            self._replace(f"ffmpeg ended by itself: {take.last_words}")

    def _lag_ms(self, take: Take) -> float:
        """Return the lag of ffmpeg's last finished segment behind the incoming media."""
        return max(self._at.values(), default=0) - take.published_to_ms

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
