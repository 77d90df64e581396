"""Whether a download shows and sounds what was recorded, when it was: held against the segments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from app.replays.mp4 import boxes
from app.replays.mp4.boxes import PICTURE, SOUND, Samples, Unreadable, Voice
from app.replays.mp4.planning import Plan

NEAR_S = 0.1
"""A picture may be shown this much from its time."""
SYNC_S = 0.15
"""Sound may be this far from its time, counted by the clock of its track, and by its frames one after another."""


def faults(file: Path, plan: Plan) -> list[str]:
    """Return where the file differs from the recording, for the log. `None` means that it is right."""
    try:
        tracks = boxes.read_movie(file)
    except Unreadable as error:
        return [str(error)]
    if set(tracks) != {PICTURE, SOUND} or not all(samples.starts_s for _track, samples in tracks.values()):
        return ["a track is missing or empty"]
    (_look, pictures), (sound_track, sound) = tracks[PICTURE], tracks[SOUND]
    return [*_pictures(pictures, plan), *_sound(sound, cast(Voice, sound_track.shape), plan)]


def _pictures(found: Samples, plan: Plan) -> Iterator[str]:
    starts, begins_s = sorted(found.starts_s), 0.0
    for number, step in enumerate(plan.steps):
        wanted = [begins_s + moment for moment in step.part.pictures_s]
        ends_s = begins_s + step.part.length_s
        shown = starts[bisect_left(starts, begins_s - NEAR_S / 4) : bisect_left(starts, ends_s - NEAR_S / 4)]
        if abs(len(shown) - len(wanted)) > 2 + len(wanted) // 50:
            yield f"part {number}: {len(shown)} pictures in place of {len(wanted)}"
        astray_s = max(_nearest(starts, moment) for moment in wanted)
        if astray_s > NEAR_S:
            yield f"part {number}: a picture is missing or comes {astray_s:.3f} s from its time"
        begins_s = ends_s
    yield from _edges("picture", found, plan, NEAR_S)


def _nearest(starts: Sequence[float], moment: float) -> float:
    at = bisect_left(starts, moment)
    return min(abs(moment - other) for other in starts[max(0, at - 1) : at + 1])


def _sound(found: Samples, voice: Voice, plan: Plan) -> Iterator[str]:
    if voice != plan.voice:
        yield f"the sound is {voice} in place of {plan.voice}"
    first_s = found.starts_s[0]
    astray_s = max(abs(start - first_s - number * voice.frame_s) for number, start in enumerate(found.starts_s))
    if astray_s > SYNC_S:
        yield f"the sound has a hole, or a pace of its own: {astray_s:.3f} s"
    yield from _edges("sound", found, plan, SYNC_S)


def _edges(name: str, found: Samples, plan: Plan, near_s: float) -> Iterator[str]:
    if abs(found.first_s) > near_s:
        yield f"the {name} begins at {found.first_s:.3f} s"
    if abs(found.end_s - plan.length_s) > near_s:
        yield f"the {name} ends at {found.end_s:.3f} s in place of {plan.length_s:.3f} s"
