"""From a recording to one MP4: planned, made, and held against the recording; made in another way when it is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from ffmpeg import FFmpeg, FFmpegError, Progress

from app.replays.mp4.boxes import Look
from app.replays.mp4.checking import faults
from app.replays.mp4.commands import concat_list, join_command, level_command
from app.replays.mp4.parts import Measured, Piece, parts_of, pieces_of, playlists_of
from app.replays.mp4.planning import Plan, Step, plan_of

log = logging.getLogger(__name__)

ENCODING, COPYING = 20, 1
"""Weight of a second of a part in the progress of the whole: encoding takes so many times as long as copying."""

Report = Callable[[int], None]


class NothingRecorded(Exception):
    """The lesson has no recording."""


class Incomplete(Exception):
    """The finished file is not what was recorded."""


class Recording:
    """A recording on disk, of which downloads are made."""

    def __init__(self, media: Path) -> None:
        """Read what there is.

        Args:
            media: the stream's folder, with `full/source.m3u8` and `segments/`. Stretches that were cut out, as
                `cut/source.m3u8` says, are no part of it.

        Raises:
            NothingRecorded: there are no segments.
            Unreadable: segments are missing or cannot be read.
        """
        playlist = playlists_of(media) / "source.m3u8"
        parts = parts_of(playlist.read_text()) if playlist.exists() else []
        if not parts:
            raise NothingRecorded
        self._parts = [Measured(part, media / "segments") for part in parts]
        self._plan = plan_of(self._parts)

    @property
    def copies(self) -> int:
        """Number of copies of the recording that lie on the disk beside it while it is made."""
        return 1 if self._plan.is_plain else 2

    @property
    def length_s(self) -> float:
        """Length of the download."""
        return self._plan.length_s

    @property
    def look(self) -> Look:
        """The shape of the picture at the beginning."""
        return self._plan.steps[0].look or self._parts[0].look

    def clock(self, begun_ms: int) -> list[Piece]:
        """Return the moment of capture of each place in the download; see `pieces_of`."""
        return pieces_of([(measured.part, measured.length_s) for measured in self._parts], begun_ms)

    def make(self, ffmpeg: str, work: Path, target: Path, report: Report) -> None:
        """Make the MP4.

        Args:
            ffmpeg: the binary.
            work: an empty folder for scripts and parts.
            target: where the MP4 goes; a half-made or wrong one never stands there.
            report: is told the progress in percent.

        Raises:
            Incomplete: what came out is not what was recorded, whichever way it was made.
            ffmpeg.errors.FFmpegError: ffmpeg could not read the segments, or not write the file.
        """
        half_made = work / "lesson.mp4"
        try:
            self._make_by(self._plan, ffmpeg, half_made, report)
        except (Incomplete, FFmpegError):
            log.exception("encoding everything anew")
            self._make_by(plan_of(self._parts, anew=True), ffmpeg, half_made, report)
        target.parent.mkdir(parents=True, exist_ok=True)
        half_made.replace(target)

    def _make_by(self, plan: Plan, ffmpeg: str, half_made: Path, report: Report) -> None:
        work = half_made.parent
        way = _Way(plan, report)
        files = []
        for number, step in enumerate(plan.steps):
            file = work / f"part{number}.m3u8"
            step.part.write_playlist(file)
            if not plan.is_plain:
                playlist, file = file, file.with_suffix(".mp4")
                way.go(level_command(ffmpeg, playlist, step, file), step.part.length_s, _weight(step))
            files.append((file, step.part.length_s))
        script = work / "parts.ffconcat"
        script.write_text(concat_list(files))
        way.go(join_command(ffmpeg, script, half_made), plan.length_s, COPYING)
        # ffmpeg passes over what it cannot read, and joins what does not belong together, and calls that success
        if found := faults(half_made, plan):
            raise Incomplete("; ".join(found))


class _Way:
    """Progress of a download. All commands together are 100 %."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self._report = report
        self._done = 0.0
        level = 0.0 if plan.is_plain else sum(_weight(step) * step.part.length_s for step in plan.steps)
        self._all = level + COPYING * plan.length_s

    def go(self, command: FFmpeg, length_s: float, weight: int) -> None:
        def progress(moment: Progress) -> None:
            done = self._done + weight * min(moment.time.total_seconds(), length_s)
            self._report(min(99, int(100 * done / max(self._all, 1))))

        command.on("progress", progress)
        command.execute()
        self._done += weight * length_s


def _weight(step: Step) -> int:
    return COPYING if step.look is None else ENCODING
