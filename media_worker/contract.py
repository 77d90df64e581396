"""The messages between media_worker and the app, and nothing else.

This file imports only the standard library, so that both programs can share it. Every message is a frozen
dataclass that travels as one JSON object; `to_json` and `from_json` are the only way in and out.
Times are milliseconds since the Unix epoch on the server's clock. Durations are milliseconds.

==========================================  =====================  =========================
POST (app's address + path)                 body                   answers
==========================================  =====================  =========================
/internal/media/hello                       Hello                  200 Welcome
/internal/media/pulse                       Pulse                  200 Welcome
/internal/media/publish                     PublishRequest         200 PublishGranted, 403 Refusal
/internal/media/streams/<stream>/started    Started                204, 409 Refusal
/internal/media/streams/<stream>/beat       Beat                   200 BeatAnswer, 409 Refusal
/internal/media/streams/<stream>/ended      Ended                  204, 409 Refusal
==========================================  =====================  =========================

Every request carries `Authorization: Bearer <WORKER_SECRET>`; without it the app answers 401.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import hmac
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Self

PREFIX = "/internal/media"

SEGMENT_MS = 1000
"""Wanted length of one segment."""

CUT_S = 0.9
"""Minimum length of a segment: ffmpeg cuts at the first keyframe after it. It is a little less than the wanted second,
so that keyframes rounded to 0.999 s do not make segments of two seconds."""

KEYFRAME_EVERY_MS = 990
"""Time between two keyframes, wherever one of our programs or pages encodes."""

FORCED_KEYFRAMES = f"expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{KEYFRAME_EVERY_MS / 1000}))"
"""The same as ffmpeg's option -force_key_frames."""

LIVE_WINDOW = 12
"""Number of segments in a live playlist, however long the lesson is."""


class ContractError(ValueError):
    """A message breaks the contract."""


@dataclass(frozen=True)
class Message:
    """A JSON object with a fixed set of fields. Unknown fields are ignored, so that either side may be newer."""

    def to_json(self) -> dict[str, Any]:
        """Return the message as plain dicts, lists, strings and numbers."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Build the message from parsed JSON.

        Raises:
            ContractError: a field is missing or has the wrong type.
        """
        if not isinstance(data, dict):
            raise ContractError(f"{cls.__name__}: not an object")
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        for spec in dataclasses.fields(cls):
            if spec.name in data:
                values[spec.name] = _read(hints[spec.name], data[spec.name], f"{cls.__name__}.{spec.name}")
            elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
                raise ContractError(f"{cls.__name__}.{spec.name}: missing")
        return cls(**values)


def _read(hint: Any, value: object, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in typing.get_args(hint):
            return None
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
        return _read(hint, value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ContractError(f"{where}: not a list")
        (item, _ellipsis) = typing.get_args(hint)
        return tuple(_read(item, one, where) for one in value)
    if isinstance(hint, type) and issubclass(hint, Message):
        return hint.from_json(value)
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        try:
            return hint(str(value))
        except ValueError:
            raise ContractError(f"{where}: {value!r} is not one of {[str(one) for one in hint]}") from None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ContractError(f"{where}: {value!r} is not {hint.__name__}")
    return value


class RefusalCode(enum.StrEnum):
    """Why a publisher may not go on. The encoder gets the code with a sentence as NetStream.Publish.BadName."""

    WRONG_KEY = "publish.wrong_key"
    SESSION_OVER = "publish.session_over"
    TAKEN_OVER = "publish.taken_over"
    """A newer publisher with the same key is sending."""
    STALE_RUN = "stream.stale_run"
    """The app knows a newer run, or none. The worker stops the run that it reported."""
    TICKET_UNKNOWN = "publish.ticket_unknown"
    """The ticket was never issued, or was issued to another tab."""
    TICKET_USED = "publish.ticket_used"
    TICKET_EXPIRED = "publish.ticket_expired"
    UNAVAILABLE = "publish.unavailable"
    """The app cannot be reached. Only the worker itself uses this code."""


class Way(enum.StrEnum):
    """How media come in."""

    RTMP = "rtmp"
    BROWSER = "browser"


class Alarm(enum.StrEnum):
    """A fault of a stream. The studio explains it in a sentence, with the setting that mends it."""

    NO_AUDIO = "no_audio"
    NO_VIDEO = "no_video"
    VIDEO_REENCODED_CODEC = "video_reencoded_codec"
    VIDEO_REENCODED_KEYFRAMES = "video_reencoded_keyframes"
    AUDIO_REENCODED = "audio_reencoded"
    STALLED = "stalled"
    """The encoder is connected, but has sent no media for longer than the grace time."""
    ENCODER_RESTARTED = "encoder_restarted"
    """Within the last minute ffmpeg died or wrote nothing, and was started again."""
    TRACKS_APART = "tracks_apart"
    """Sound and picture of one moment arrive more than three seconds apart."""
    PICTURE_STANDS = "picture_stands"
    """Sound arrives but no new picture. Learners go on seeing the last one."""
    DISK_LOW = "disk_low"
    """Space is low. The live goes on, recording is suspended."""
    OVERLOADED = "overloaded"
    """This machine cannot process the stream as fast as it comes."""


class Processing(enum.StrEnum):
    """How a track is processed."""

    COPY = "copy"
    REENCODE = "reencode"
    SYNTHETIC = "synthetic"
    """The track is missing. Silence or a still picture stands in."""


@dataclass(frozen=True)
class Stretch(Message):
    """A stretch of the capture clock, [from_ms, to_ms). `None` means that it is still open."""

    from_ms: int
    to_ms: int | None = None


@dataclass(frozen=True)
class Rules(Message):
    """The app's orders for a stream's segments. They are always complete, so applying them twice does no harm.

    Learners see a segment that lies wholly within a stretch of `air`. It is kept if it also lies wholly within a
    stretch of `record`. All other segments are deleted once they have left the live window.
    """

    version: int
    air: tuple[Stretch, ...] = ()
    record: tuple[Stretch, ...] = ()
    ended: bool = False
    """The lesson is over: close the playlists, stop the encoder, then send `Ended`."""


@dataclass(frozen=True)
class OpenStream(Message):
    """An unfinished stream, as the app remembers it."""

    stream: str
    run: int
    rules: Rules


@dataclass(frozen=True)
class Hello(Message):
    """A worker has started. Its publishers from before are gone."""

    worker: str
    asked_ms: int = 0
    """When the worker started, by its clock. Publishers that asked later are not gone."""


@dataclass(frozen=True)
class Welcome(Message):
    """The unfinished streams of this worker. It brings their playlists up to date from disk."""

    streams: tuple[OpenStream, ...] = ()


@dataclass(frozen=True)
class Pulse(Message):
    """The worker is alive. Sent every two seconds, with streams or without.

    The answer names the orphans: unfinished streams of workers that have been silent for a minute. A worker takes
    up an orphan if it has the folder, and no other process writes there.
    """

    worker: str
    disk_free_bytes: int
    streams: int


@dataclass(frozen=True)
class PublishRequest(Message):
    """May an encoder publish with this key? The app opens a new run and closes the one before."""

    key: str
    """Publish key of an encoder, or ticket of a browser."""
    worker: str
    client: str
    """Address of the encoder, without port."""
    encoder: str = ""
    """The encoder's name for itself (flashVer, or encoder in onMetaData), or the browser's name and version."""
    way: Way = Way.RTMP
    sender: str = ""
    """Name that the browser's tab gave itself. Its ticket is valid for this tab alone."""
    asked_ms: int = 0
    """When this publisher asked the worker, by the worker's clock. It is unique within the worker, and the same in
    every attempt to pass the question on: an attempt that timed out may still be executed, and must not win then."""


@dataclass(frozen=True)
class PublishGranted(Message):
    """Yes. Segments go to `<MEDIA_ROOT>/<stream>/`."""

    stream: str
    run: int
    """Rises by one with every accepted publish of the stream."""
    rules: Rules
    encoder_delay_ms: int
    """Subtracted from the arrival time to get the capture time."""


@dataclass(frozen=True)
class Refusal(Message):
    """No, with a stable code and a sentence for the encoder's user."""

    code: RefusalCode
    reason: str


@dataclass(frozen=True)
class VideoHealth(Message):
    """The video track as it arrives."""

    codec: str
    """h264, hevc, av1, vp9, vp8, flv1, ..."""
    width: int = 0
    height: int = 0
    kbps: int = 0
    fps: float = 0.0
    keyframe_ms: int = 0
    """Longest recent distance between two keyframes. 0 means that fewer than two have been seen."""
    processing: Processing = Processing.COPY


@dataclass(frozen=True)
class AudioHealth(Message):
    """The audio track as it arrives."""

    codec: str
    sample_rate: int = 0
    channels: int = 0
    kbps: int = 0
    processing: Processing = Processing.COPY


@dataclass(frozen=True)
class LineHealth(Message):
    """The network line to a browser that sends."""

    rtt_ms: int
    """Round trip of the newest clock message."""
    behind_ms: int
    """Age of the newest chunk when it arrived, from the recorder's hands to ours."""
    lost: int
    """Chunks that the browser gave up because the line was too thin or down for too long."""


@dataclass(frozen=True)
class Health(Message):
    """State of an encoder's stream. All figures are over the last five seconds."""

    video: VideoHealth | None = None
    audio: AudioHealth | None = None
    last_frame_age_ms: int = 0
    alarms: tuple[Alarm, ...] = ()
    encoder: str = ""
    client: str = ""
    way: Way = Way.RTMP
    line: LineHealth | None = None
    """`None` for an encoder."""


@dataclass(frozen=True)
class Newest(Message):
    """The newest finished segment."""

    number: int
    """Number over all runs of the stream, from 1."""
    start_ms: int
    duration_ms: int


@dataclass(frozen=True)
class Started(Message):
    """The first segment of a run is on disk, so there is a picture to show."""

    run: int
    newest: Newest
    health: Health = field(default_factory=Health)


@dataclass(frozen=True)
class Beat(Message):
    """State of an open stream. Sent every second, with an encoder or without.

    The app answers at once when its rules are newer than `rules_version`. Otherwise it may hold the request for up
    to `hold_ms`. So a press of 开始讲课 reaches the worker within milliseconds.
    """

    worker: str
    run: int
    """0 means that no encoder has been granted since the worker started."""
    publishing: bool
    rules_version: int
    hold_ms: int = 0
    newest: Newest | None = None
    health: Health | None = None
    stuck: bool = False
    """The disk takes no more. Media arrive, and nobody can see them."""
    kept_ms: int = 0
    """Length of the full playlist."""
    kept_bytes: int = 0


@dataclass(frozen=True)
class BeatAnswer(Message):
    """New rules. `None` means that there are none."""

    rules: Rules | None = None


@dataclass(frozen=True)
class Ended(Message):
    """A run is over. With `finished`, which follows `Rules.ended`, the stream's playlists are closed."""

    run: int
    reason: str
    finished: bool = False
    kept_ms: int = 0
    kept_bytes: int = 0


LINE_PATH = "/line"
"""Path of the websocket by which browsers measure their line: `/line?until=<epoch s>&signature=<hex>`."""


def line_signature(secret: str, until_s: int) -> str:
    """Return the signature of the right to measure a line until `until_s` (Unix time): HMAC-SHA256 (RFC 2104)."""
    return hmac.new(secret.encode(), f"line {until_s}".encode(), hashlib.sha256).hexdigest()


VOICE_PATH = "/voice"
"""Path of the websocket for voices of a stage: `/voice?lesson=<id>&page=<name>&until=<epoch s>&signature=<hex>`. With
`stream=<id>` they are mixed into the lesson."""

VOICE_RATE = 16_000
"""Samples a second of these voices: µ-law, a byte each."""


def voice_signature(secret: str, lesson: str, page: str, until_s: int) -> str:
    """Return the signature of the right to speak with a page on a lesson's stage, to be used until `until_s`."""
    return hmac.new(secret.encode(), f"voice {until_s} {lesson} {page}".encode(), hashlib.sha256).hexdigest()


def mix_signature(secret: str, stream: str, lesson: str, page: str, until_s: int) -> str:
    """Return the signature of the right to have voices mixed into a stream, to be used until `until_s`."""
    return hmac.new(secret.encode(), f"mix {until_s} {stream} {lesson} {page}".encode(), hashlib.sha256).hexdigest()
