"""A take: one run of ffmpeg, media without a seam. Frames go in, segments with their capture time come out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import shutil
from collections.abc import Callable
from pathlib import Path

from media_worker.boxes import BoxError, Fragment, Init, read_init, read_segment, write_segment
from media_worker.clock import CaptureClock
from media_worker.commands import INIT_NAME, VOICES_NAME, Container, Plan, hls_command, segment_name
from media_worker.contract import Processing
from media_worker.flv import FlvWriter, with_body
from media_worker.folder import Cut
from media_worker.ingest import TagKind
from media_worker.matroska import MatroskaWriter
from media_worker.mixing import PER_MS, StageVoices
from media_worker.named_pipe import NamedPipe, release
from media_worker.planning import Frame
from media_worker.process import Process
from media_worker.skew import Skew, Weaver
from media_worker.standins import Silence, Still
from media_worker.tracks import Tracks

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
"""Interval at which a segment is looked for although ffmpeg has logged nothing."""
CUT_WITHIN_S = 0.4
"""Maximum wait for a segment after its keyframe. A tenth of a second is normal."""
GATHER_S = 0.25
"""Interval at which ffmpeg gets the frames far from a cut: a write for each costs both sides more than the work itself.
Around a keyframe ffmpeg gets every frame at once, so that nobody waits for it."""
UNEVEN_FROM_MS = 300
"""Minimum length of sound beyond the end of a segment's last picture that is mended. A good cut is within one frame."""
NOTE_NAME = "take.json"


def take_folder(work: Path, run: int, take: int) -> Path:
    """Return the folder in which ffmpeg writes this take."""
    return work / f"{run:04d}-{take:04d}"


class Cutter:
    """Reads ffmpeg's segments in a folder one by one, also those that a killed worker has left behind."""

    def __init__(
        self,
        folder: Path,
        run: int,
        take: int,
        capture_ms: Callable[[float], float],
        newest_picture_ms: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._folder, self._run, self._take, self._capture_ms = folder, run, take, capture_ms
        self._newest_picture_ms = newest_picture_ms
        self._init: Init | None = None
        self._number = 0
        self._early: dict[int, Fragment] = {}
        """Sound that ffmpeg wrote before the pictures of its time, by track."""

    def next(self) -> Cut | None:
        """Return the next finished segment, or None. Raises BoxError, OSError."""
        path = self._folder / segment_name(self._number)
        # ffmpeg writes to a temporary name first, so a file with this name is whole
        if not path.exists():
            return None
        self._number += 1
        try:
            return self._cut(path.read_bytes())
        finally:
            path.unlink(missing_ok=True)

    def skip(self) -> None:
        """Begin with the first segment file in the folder: a killed worker has taken those before it."""
        left = sorted(self._folder.glob("*.m4s"))
        self._number = int(left[0].stem) if left else 0

    def _cut(self, data: bytes) -> Cut:
        if self._init is None:
            self._init = read_init((self._folder / INIT_NAME).read_bytes())
        init = self._init
        picture, sound, voice_track = init.tracks[0], init.tracks[1], init.tracks[-1]
        segment = read_segment(data, init)
        if picture not in segment.fragments:
            raise BoxError("a segment without picture")
        segment = segment._replace(fragments=self._evened(segment.fragments, init))
        first, voice = segment.fragments[picture], segment.fragments.get(voice_track)
        start = self._capture_ms(first.first_ms)
        voice_ms = (start + voice.first_ms - first.first_ms, voice.duration_ms) if voice else (start, first.duration_ms)
        return Cut(
            run=self._run, take=self._take, media_ms=first.first_ms,
            source=write_segment(segment, (picture, sound)), source_init=init.rendition((picture, sound)),
            source_ms=(start, first.duration_ms),
            voice=write_segment(segment, (voice_track,)) if voice else b"", voice_init=init.rendition((voice_track,)),
            voice_ms=voice_ms,
            codec=init.video_codec, width=init.width, height=init.height,
        )  # fmt: skip

    def _evened(self, fragments: dict[int, Fragment], init: Init) -> dict[int, Fragment]:
        """Return a segment's fragments with the sound of the time that its pictures show."""
        picture, *sounds = init.tracks
        even, scales = dict(fragments), init.timescales
        for track in sounds:
            if (early := self._early.pop(track, None)) is not None:
                even[track] = early.joined(even.get(track), scales[track])
        first, heard = even[picture], even.get(sounds[0])
        if self._newest_picture_ms() < first.end_ms:
            if heard is not None and heard.end_ms - first.end_ms > UNEVEN_FROM_MS:
                # the pictures ended before the sound, as over a thin line: a player would stop with the last picture
                even[picture] = first.held(heard.end_ms - first.end_ms, scales[picture])
            return even
        for track in sounds:
            if track in even and even[track].end_ms - first.end_ms > UNEVEN_FROM_MS:
                # ffmpeg's encoder of pictures is far behind. The sound waits here for the segment of its time
                own, early = even.pop(track).split(first.end_ms, scales[track])
                even.update({track: own} if own else {})
                self._early.update({track: early} if early else {})
        return even


class Take:
    """One ffmpeg from its first tag to its last segment."""

    def __init__(
        self,
        *,
        program: str,
        plan: Plan,
        folder: Path,
        run: int,
        number: int,
        base_ms: int,
        lead_ms: int,
        clock: CaptureClock,
        skew: Skew,
        publish: Callable[[Cut], object],
        now: Callable[[], float],
        after: asyncio.Future[None] | None = None,
        voices: StageVoices | None = None,
    ) -> None:
        self.plan, self.number, self.base_ms = plan, number, base_ms
        # some encoders claim that pictures are shown before they are decoded: their decoding times move back by this
        self._lead_ms = lead_ms
        # ffmpeg takes the skipped time off all times that follow, copyts or not
        self._zero_ms = base_ms - lead_ms + plan.skip_ms
        self.published_to_ms = float(base_ms)
        """End of the last finished segment on the encoder's clock (presentation time)."""
        self.segments = 0
        self._folder, self._clock, self._publish, self._after = folder, clock, publish, after
        folder.mkdir(parents=True)
        self._voices = voices if plan.mixes else None
        self._mixed = NamedPipe(folder / VOICES_NAME) if plan.mixes else None
        self._mixed_to = 0
        """Samples of the stage's voices that ffmpeg has got."""
        self._process = Process(hls_command(program, plan, folder))
        self._newest_picture_ms = 0.0
        self._cutter = Cutter(folder, run, number, self._capture_ms, lambda: self._newest_picture_ms)
        self._silence = Silence() if plan.audio is Processing.SYNTHETIC else None
        self._still = Still() if plan.video is Processing.SYNTHETIC else None
        self._weaver = None if self._silence or self._still else Weaver(skew)
        self._writer = MatroskaWriter() if plan.container is Container.MATROSKA else FlvWriter()
        self._cut_due_until = 0.0
        self._pending: list[bytes] = []
        self._passed_at = 0.0
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._now = now
        self.segment_at = now()
        """When ffmpeg was started or last finished a segment, in seconds of the worker's own time."""
        self.done: asyncio.Task[None] = loop.create_task(self._run())

    def _capture_ms(self, media_ms: float) -> float:
        return self._clock.capture_ms(self._zero_ms + media_ms)

    # in

    def begin(self, tracks: Tracks, video_config: bytes | None = None) -> None:
        """Send ffmpeg the head of its input. `video_config` replaces the encoder's own description."""
        video = self._still.config if self._still else video_config
        video = video if video is not None else tracks.video_config and tracks.video_config.payload
        audio = self._silence.config if self._silence else tracks.audio_config and tracks.audio_config.payload
        self._process.feed(self._writer.head(tracks, video or b"", audio or b""))
        note = {"capture_ms": self._clock.capture_ms(self._zero_ms)}
        with contextlib.suppress(OSError):  # the note only helps after a crash
            (self._folder / NOTE_NAME).write_text(json.dumps(note))

    def feed(self, frame: Frame) -> None:
        """Take a frame. Never blocks. Frames from before the take's beginning are left out."""
        if frame.tag.timestamp_ms < self.base_ms:
            return
        for one in self._weaver.add(frame) if self._weaver else (frame,):
            self._feed(one)

    def _feed(self, frame: Frame) -> None:
        tag, lead = frame.tag, self._lead_ms
        stamp = tag.timestamp_ms - self.base_ms + (lead if frame.is_sound else 0)
        stand_in = self._still if tag.kind == TagKind.AUDIO else self._silence
        own = self._silence if tag.kind == TagKind.AUDIO else self._still
        if own is not None:
            return
        if stand_in is not None:
            for when, payload in stand_in.until(stamp):
                self._pass_on(self._writer.frame(stand_in.kind, when, payload))
        if tag.kind == TagKind.VIDEO:
            self._newest_picture_ms = tag.timestamp_ms - self._zero_ms
        self._pass_on(self._writer.frame(tag.kind, stamp, shown_later(frame, lead) if lead else tag.payload))
        self._mix_until(stamp if frame.is_sound else stamp + lead)
        now = self._loop.time()
        if frame.is_keyframe or self._still or self.plan.video is Processing.REENCODE:
            self._cut_due_until = now + CUT_WITHIN_S
        if now < self._cut_due_until or now - self._passed_at > GATHER_S:
            self.flush()

    def _mix_until(self, stamp: int) -> None:
        """Send ffmpeg the stage's voices up to a time of its input, as far as the lesson's own sound goes."""
        count = PER_MS * stamp - self._mixed_to
        if self._voices is None or self._mixed is None or count <= 0:
            return
        began_ms = self._clock.near_ms(self.base_ms - self._lead_ms + self._mixed_to / PER_MS)
        self._mixed.feed(self._voices.read(began_ms, count))
        self._mixed_to += count

    def _pass_on(self, data: bytes) -> None:
        self._pending.append(data)

    def flush(self) -> None:
        """Send ffmpeg the frames that were held back to spare it a wake-up for each."""
        if self._pending:
            self._process.feed(b"".join(self._pending))
            self._pending.clear()
            self._passed_at = self._loop.time()

    @property
    def cut_due(self) -> bool:
        """Whether a keyframe has been fed whose segment must come soon."""
        return self._loop.time() < self._cut_due_until

    @property
    def waiting_bytes(self) -> int:
        """Bytes that ffmpeg has not read yet."""
        return self._process.waiting_bytes

    async def welcome(self) -> None:
        """Wait until ffmpeg has read most of its input."""
        await self._process.welcome()

    # end

    @property
    def clean(self) -> bool:
        """Whether ffmpeg ended because its input did."""
        return self._process.clean

    @property
    def last_words(self) -> str:
        """The last lines of ffmpeg's log."""
        return " | ".join(list(self._process.stderr)[-3:])

    @property
    def pid(self) -> int | None:
        """Process id of ffmpeg. `None` before it runs."""
        return self._process.pid

    async def stop(self, patience_s: float = 3.0) -> None:
        """Close the input, and make sure that ffmpeg ends."""
        for one in self._weaver.rest() if self._weaver else ():
            self._feed(one)
        self.flush()
        if self._mixed is not None:
            self._mixed.end()
        await self._process.stop(self.done, patience_s)

    def kill(self) -> None:
        """End ffmpeg at once. Its unfinished segment is lost."""
        self._process.kill()

    # out

    async def _run(self) -> None:
        running, spoke = self._loop.create_task(self._process.run()), self._process.spoke
        running.add_done_callback(lambda _: spoke.set())
        try:
            while not running.done():
                self._collect()
                if self._mixed is not None:
                    self._mixed.pump()
                spoke.clear()
                timer = self._loop.call_later(LOOK_EVERY_S, spoke.set)
                await spoke.wait()
                timer.cancel()
            await running
            if self._after is not None:
                await asyncio.wait([self._after])
            self._collect()
        finally:
            if self._mixed is not None:
                self._mixed.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _collect(self) -> None:
        if self._after is not None and not self._after.done():
            return  # the run before this one publishes its segments first
        try:
            while (cut := self._cutter.next()) is not None:
                self.segments += 1
                self.segment_at = self._now()
                self.published_to_ms = self._zero_ms + cut.media_ms + cut.source_ms[1]
                self._cut_due_until = 0.0
                self._publish(cut)
        except (BoxError, OSError) as error:
            log.error("take %d: a segment is lost: %s", self.number, error)


def shown_later(frame: Frame, ms: int) -> bytes:
    """Return the payload of a picture that is shown `ms` later after its decoding. Other payloads stay as they are."""
    tag, info = frame
    if frame.is_sound or info.codec not in ("h264", "hevc"):
        return tag.payload
    body = tag.payload[info.body :]
    return with_body(tag, info, body, keyframe=frame.is_keyframe, shift_ms=max(0, info.composition_ms + ms))


def adopt(folder: Path, run: int, take: int, known_offset_ms: float | None, publish: Callable[[Cut], object]) -> None:
    """Publish the segments that ffmpeg finished after its worker was killed, then remove its folder."""
    try:
        note = json.loads((folder / NOTE_NAME).read_bytes())
        offset = known_offset_ms if known_offset_ms is not None else float(note["capture_ms"])
        cutter = Cutter(folder, run, take, lambda media_ms: media_ms + offset)
        cutter.skip()
        while (cut := cutter.next()) is not None:
            publish(cut)
    except (BoxError, OSError, ValueError, KeyError) as error:
        log.warning("the segments left behind in %s cannot be read: %s", folder.name, error)
    shutil.rmtree(folder, ignore_errors=True)


async def wait_for_orphan(folder: Path, patience_s: float = 3.0) -> None:
    """Wait until the ffmpeg of a killed worker has written its last segment."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    release(folder / VOICES_NAME)
    while loop.time() < until and _is_written_to(folder):  # noqa: ASYNC110 - another program's end is no event
        await asyncio.sleep(0.05)


def _is_written_to(folder: Path) -> bool:
    mark = str(folder).encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in path.read_bytes():
                return True
        except OSError:
            continue
    return False
