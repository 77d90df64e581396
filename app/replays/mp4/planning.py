"""Which shape a download gets, and what of each part can be copied. Pure.

An MP4 track has one shape. Picture and sound are copied wherever they have it, and encoded anew elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.replays.mp4.boxes import Look, Voice
from app.replays.mp4.parts import Measured

FAIR_SHARE = 0.2
"""A shape that fills this share of the recording may shape all of it; of several the largest does. So a weak line does
not shrink the lesson, and a large picture for a moment at its beginning does not have all of it encoded anew."""
SLACK_S = 0.03
"""Sound that strays this much and one frame from its picture is copied as it is. People notice sound that comes 45 ms
early or 125 ms late (ITU-R BT.1359)."""
AAC_LC = 2
SILENCE = Voice(AAC_LC, 48000, 1)

Shape = TypeVar("Shape", Look, Voice)


@dataclass(frozen=True)
class Step:
    """Work on one part."""

    part: Measured
    look: Look | None
    """Encode the picture to this shape; None copies it."""
    voice: Voice | None
    """Encode the sound to this shape; None copies it."""
    frames: int
    """Number of frames of sound that the part has in the download."""


@dataclass(frozen=True)
class Plan:
    """How a download is made."""

    steps: tuple[Step, ...]
    voice: Voice
    """The shape of its sound."""

    @property
    def is_plain(self) -> bool:
        """Whether the parts can be joined as they are: nothing is encoded, and all count time in the same ticks."""
        copied = all(step.look is None and step.voice is None for step in self.steps)
        return copied and len({step.part.ticks for step in self.steps}) == 1

    @property
    def length_s(self) -> float:
        """Length of the whole."""
        return sum(step.part.length_s for step in self.steps)


def plan_of(parts: Sequence[Measured], *, anew: bool = False) -> Plan:
    """Plan a download; `anew` encodes everything, for a recording to which copying does no justice."""
    look = _largest_fair(parts, lambda part: part.look, lambda one: one.width * one.height)
    if look is not None and (anew or any(part.look != look for part in parts)):
        look = _encodable_look(look)
    voice = _largest_fair(parts, lambda part: part.voice, lambda one: one.channels * one.rate) or SILENCE
    sounds = _sounds(parts, voice, anew)
    if any(frames is not None for frames in sounds) and voice != (encodable := _encodable_voice(voice)):
        voice = encodable
        sounds = _sounds(parts, voice, anew)
    steps = [
        Step(
            part,
            look=look if anew or part.look != look else None,
            voice=None if frames is None else voice,
            frames=part.frames if frames is None else frames,
        )
        for part, frames in zip(parts, sounds, strict=True)
    ]
    return Plan(tuple(steps), voice)


def _largest_fair(
    parts: Sequence[Measured], shape_of: Callable[[Measured], Shape | None], size_of: Callable[[Shape], int]
) -> Shape | None:
    lengths: defaultdict[Shape, float] = defaultdict(float)
    for part in parts:
        if (shape := shape_of(part)) is not None:
            lengths[shape] += part.length_s
    least_s = FAIR_SHARE * sum(lengths.values())
    fair = [shape for shape in lengths if lengths[shape] >= least_s] or sorted(lengths, key=lengths.__getitem__)[-1:]
    return max(fair, key=lambda shape: (size_of(shape), lengths[shape]), default=None)


def _encodable_look(look: Look) -> Look:
    """Return the shape with square pixels, and sides that x264 takes."""
    across, down = look.pixel
    return Look(2 * round(look.width * across / down / 2), 2 * round(look.height / 2))


def _encodable_voice(voice: Voice) -> Voice:
    """Return the shape that ffmpeg's own encoder can make."""
    rate = voice.rate if voice.kind == AAC_LC else SILENCE.rate  # of another kind, the rate is not what is heard
    return Voice(AAC_LC, rate, min(max(voice.channels, 1), 2))


def _sounds(parts: Sequence[Measured], voice: Voice, anew: bool) -> list[int | None]:
    """Return for each part the number of frames that its sound is encoded to, or `None` where it is copied.

    Sound is counted in frames as many players do, and never gets far from the picture: a part that would take it
    there is encoded to the length that brings it back.
    """
    found: list[int | None] = []
    ahead_s = 0.0
    for part in parts:
        copied_s = ahead_s + part.frames * voice.frame_s - part.length_s
        limit_s = SLACK_S + voice.frame_s
        fits = part.voice == voice and max(part.sound_strays_s(), abs(copied_s)) <= limit_s
        if fits and not anew:
            found.append(None)
            ahead_s = copied_s
        else:
            frames = max(1, round((part.length_s - ahead_s) / voice.frame_s))
            found.append(frames)
            ahead_s += frames * voice.frame_s - part.length_s
    return found
