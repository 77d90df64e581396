"""Decides from its first two seconds how a stream is processed: pure functions over buffered frames."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from media_worker.commands import Container, Plan
from media_worker.contract import Alarm, Processing
from media_worker.flv import Role, TagInfo
from media_worker.ingest import Tag, TagKind
from media_worker.tracks import AudioTrack, Tracks, VideoTrack

MAX_GOP_MS = 2200
"""Maximum distance of keyframes for copying. Larger ones make segments that are too long."""
MAX_SEGMENT_MS = 2400
"""Maximum length of a copied segment of several short groups of pictures. Above 2.5 s TARGETDURATION would be wrong."""
OTHER_TRACK_MS = 1500
"""Media of one track after which the other track counts as missing."""
PROMISED_TRACK_MS = 3200
"""The same for a track that the encoder has announced, which may come three seconds after the other."""
SPARE_MS = 300
"""Tolerance for a late track that comes even later than before."""
SLIM_KBPS = 64
"""Maximum rate of sound that needs no slimmer rendition."""


class Frame(NamedTuple):
    """A buffered frame."""

    tag: Tag
    info: TagInfo

    @property
    def is_keyframe(self) -> bool:
        """Whether decoding can begin at this picture."""
        return self.info.role is Role.KEYFRAME

    @property
    def is_sound(self) -> bool:
        """Whether the frame is sound."""
        return self.tag.kind == TagKind.AUDIO

    @property
    def shown_ms(self) -> int:
        """Presentation time on the encoder's clock."""
        return self.tag.timestamp_ms + self.info.composition_ms


def decide(
    frames: Sequence[Frame],
    tracks: Tracks,
    *,
    audio_kbps: int,
    must_reencode: bool = False,
    picture_late_ms: int = 0,
    sound_late_ms: int = 0,
) -> Plan | None:
    """Return the plan for a stream that begins with these frames. `None` means that more frames are needed.

    With video, the first frame is a keyframe. Pictures may come `picture_late_ms` after their sound, or sound
    `sound_late_ms` after its pictures.
    """
    if not frames:
        return None
    first = frames[0].tag.timestamp_ms
    span = max(one.tag.timestamp_ms for one in frames) - first  # late sound may lie before the first picture
    has_video = any(one.tag.kind == TagKind.VIDEO for one in frames)
    has_audio = any(one.tag.kind == TagKind.AUDIO for one in frames)
    if not (has_video and has_audio):
        promised = tracks.promises(TagKind.AUDIO if has_video else TagKind.VIDEO)
        late_ms = sound_late_ms if has_video else picture_late_ms
        if span < max(PROMISED_TRACK_MS if promised else OTHER_TRACK_MS, late_ms + SPARE_MS if late_ms else 0):
            return None
    gop = _longest_gop_ms(frames)
    if has_video and gop is None and span - picture_late_ms < MAX_GOP_MS:
        return None
    video = _video(tracks.video if has_video else None, too_long=must_reencode or gop is None or gop > MAX_GOP_MS)
    audio = sound_processing(tracks.audio if has_audio else None)
    slim = audio is Processing.SYNTHETIC or (audio is Processing.COPY and audio_kbps <= SLIM_KBPS)
    container = container_for(tracks) if has_video else Container.FLV
    return Plan(video=video, audio=audio, voice=not slim, container=container)


def container_for(tracks: Tracks) -> Container:
    """Return the container for ffmpeg's input: FLV, unless its FLV reader does not know the codec."""
    return Container.MATROSKA if tracks.video and tracks.video.codec == "vp8" else Container.FLV


def audio_kbps(frames: Sequence[Frame]) -> int:
    """Return the bit rate of the sound by media time. Arrival tells nothing: the first seconds come in a burst."""
    sound = [one.tag for one in frames if one.tag.kind == TagKind.AUDIO]
    span = sound[-1].timestamp_ms - sound[0].timestamp_ms if sound else 0
    return round(sum(len(one.payload) for one in sound[:-1]) * 8 / span) if span > 0 else 0


def _longest_gop_ms(frames: Sequence[Frame]) -> int | None:
    """Return the longest group of pictures, the unfinished one included. `None` means that none is complete yet."""
    stamps = [one.tag.timestamp_ms for one in frames if one.is_keyframe]
    if len(stamps) < 2:
        return None
    # if no pictures come, as over a thin line, no keyframe is missing
    stamps.append(max(one.tag.timestamp_ms for one in frames if not one.is_sound))
    return max(after - before for before, after in pairwise(stamps))


def _video(track: VideoTrack | None, *, too_long: bool) -> Processing:
    if track is None:
        return Processing.SYNTHETIC
    return Processing.COPY if track.playable and not too_long else Processing.REENCODE


def sound_processing(track: AudioTrack | None) -> Processing:
    """Return how this sound is processed. `None` means that there is no sound."""
    if track is None:
        return Processing.SYNTHETIC
    return Processing.COPY if track.playable else Processing.REENCODE


def alarms(plan: Plan, tracks: Tracks) -> list[Alarm]:
    """Return the alarms that a plan raises for the presenter."""
    found = []
    if plan.audio is Processing.SYNTHETIC:
        found.append(Alarm.NO_AUDIO)
    elif plan.audio is Processing.REENCODE:
        found.append(Alarm.AUDIO_REENCODED)
    if plan.video is Processing.SYNTHETIC:
        found.append(Alarm.NO_VIDEO)
    elif plan.video is Processing.REENCODE:
        playable = tracks.video is not None and tracks.video.playable
        found.append(Alarm.VIDEO_REENCODED_KEYFRAMES if playable else Alarm.VIDEO_REENCODED_CODEC)
    return found
