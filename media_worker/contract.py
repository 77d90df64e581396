"""The words that media_worker and the app say to each other: messages and states, and nothing else.

Only the standard library is imported here, so that both programs can share the file. Every message is a
frozen dataclass that travels as one JSON object; `to_json` and `from_json` are the only way in and out.
All times are milliseconds since the Unix epoch on the server's clock, all durations milliseconds.

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

LIVE_WINDOW = 12
"""Segments in a live playlist: it stays this long however long the lesson is."""


class ContractError(ValueError):
    """A message does not have the shape that the contract gives it."""


@dataclass(frozen=True)
class Message:
    """A JSON object with a fixed set of fields; unknown fields are ignored so that either side may be newer."""

    def to_json(self) -> dict[str, Any]:
        """Give the message as plain dicts, lists, strings and numbers."""
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
    """Why a publisher may not go on; the encoder gets it with a sentence as NetStream.Publish.BadName."""

    WRONG_KEY = "publish.wrong_key"
    SESSION_OVER = "publish.session_over"
    TAKEN_OVER = "publish.taken_over"
    """A newer publisher with the same key is sending."""
    STALE_RUN = "stream.stale_run"
    """The app's state machine knows a newer run, or none; the worker stops the one it reports."""
    TICKET_UNKNOWN = "publish.ticket_unknown"
    """Never issued, or to another tab."""
    TICKET_USED = "publish.ticket_used"
    TICKET_EXPIRED = "publish.ticket_expired"
    UNAVAILABLE = "publish.unavailable"
    """The app could not be asked. Said by the worker itself."""


class Way(enum.StrEnum):
    """How media come in."""

    RTMP = "rtmp"
    BROWSER = "browser"


class Alarm(enum.StrEnum):
    """What is wrong with a stream in a word; the studio says it in a sentence with the setting that mends it."""

    NO_AUDIO = "no_audio"
    NO_VIDEO = "no_video"
    VIDEO_REENCODED_CODEC = "video_reencoded_codec"
    VIDEO_REENCODED_KEYFRAMES = "video_reencoded_keyframes"
    AUDIO_REENCODED = "audio_reencoded"
    STALLED = "stalled"
    """Connected, but no media for longer than the grace time."""
    ENCODER_RESTARTED = "encoder_restarted"
    """ffmpeg died or wrote nothing and was started anew within the last minute."""
    TRACKS_APART = "tracks_apart"
    """Sound and picture of one moment come more than three seconds one after the other."""
    PICTURE_STANDS = "picture_stands"
    """No new picture comes while sound does: the last one is shown on."""
    DISK_LOW = "disk_low"
    """Too little space: the live goes on, recording is suspended."""
    OVERLOADED = "overloaded"
    """This machine cannot process the stream as fast as it comes."""


class Processing(enum.StrEnum):
    """What happens to a track on its way through."""

    COPY = "copy"
    REENCODE = "reencode"
    SYNTHETIC = "synthetic"
    """The track was missing; silence or a still picture stands in."""


@dataclass(frozen=True)
class Stretch(Message):
    """A stretch of the capture clock, [from_ms, to_ms); open while to_ms is None."""

    from_ms: int
    to_ms: int | None = None


@dataclass(frozen=True)
class Rules(Message):
    """What the app wants done with a stream's segments; complete each time, so it may be applied any number of times.

    A segment is shown to learners when it lies wholly within a stretch of `air`, and kept when it lies wholly
    within a stretch of `air` and one of `record`. All others are deleted once they have left the live window.
    """

    version: int
    air: tuple[Stretch, ...] = ()
    record: tuple[Stretch, ...] = ()
    ended: bool = False
    """The lesson is over: close the playlists, stop the encoder, then say Ended."""


@dataclass(frozen=True)
class OpenStream(Message):
    """A stream that is not finished, as the app remembers it."""

    stream: str
    run: int
    rules: Rules


@dataclass(frozen=True)
class Hello(Message):
    """A worker has started; whatever it ran before is gone."""

    worker: str
    asked_ms: int = 0
    """When the worker started, by its clock; publishers that asked later are not gone."""


@dataclass(frozen=True)
class Welcome(Message):
    """The streams of this worker that are not finished: their playlists are brought up to date from disk."""

    streams: tuple[OpenStream, ...] = ()


@dataclass(frozen=True)
class Pulse(Message):
    """The worker lives; said every two seconds, streams or not.

    The answer names the orphans: unfinished streams of workers that were not heard for a minute. A worker takes up
    those whose folder it has and nobody else writes in.
    """

    worker: str
    disk_free_bytes: int
    streams: int


@dataclass(frozen=True)
class PublishRequest(Message):
    """May an encoder publish with this key? The app counts the run up and closes the run before."""

    key: str
    """Publish key of an encoder; ticket of a browser."""
    worker: str
    client: str
    """Address of the encoder, without port."""
    encoder: str = ""
    """What the encoder says it is (flashVer, or encoder in onMetaData); the browser's name and version."""
    way: Way = Way.RTMP
    sender: str = ""
    """Name that the browser's tab gave itself: its ticket is good for no other."""
    asked_ms: int = 0
    """When this publisher asked the worker, by the worker's clock: unique within the worker, and the same in every
    attempt to pass the question on. An attempt that timed out may still be executed; it must not win then."""


@dataclass(frozen=True)
class PublishGranted(Message):
    """Yes: segments go to `<MEDIA_ROOT>/<stream>/`."""

    stream: str
    run: int
    """Rises by one with every accepted publish of the stream."""
    rules: Rules
    encoder_delay_ms: int
    """Taken off the arrival time to get the capture time."""


@dataclass(frozen=True)
class Refusal(Message):
    """No, with a stable code and a sentence that the encoder's user reads."""

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
    """Longest distance between two keyframes lately; 0 until two have been seen."""
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
    """The line to a browser that sends."""

    rtt_ms: int
    """Round trip of the newest clock message."""
    behind_ms: int
    """From the recorder's hands to ours: age of the newest chunk when it arrived."""
    lost: int
    """Chunks that the browser gave up because the line was too thin or down for too long."""


@dataclass(frozen=True)
class Health(Message):
    """How an encoder's stream does. All figures are over the last five seconds."""

    video: VideoHealth | None = None
    audio: AudioHealth | None = None
    last_frame_age_ms: int = 0
    alarms: tuple[Alarm, ...] = ()
    encoder: str = ""
    client: str = ""
    way: Way = Way.RTMP
    line: LineHealth | None = None
    """Only of browsers."""


@dataclass(frozen=True)
class Newest(Message):
    """The newest finished segment."""

    number: int
    """Counts over all runs of the stream, from 1."""
    start_ms: int
    duration_ms: int


@dataclass(frozen=True)
class Started(Message):
    """The first segment of a run is on disk: there is a picture to show."""

    run: int
    newest: Newest
    health: Health = field(default_factory=Health)


@dataclass(frozen=True)
class Beat(Message):
    """Said every second for every open stream, with an encoder or without.

    The app answers at once when its rules are newer than `rules_version`, otherwise it may keep the request
    for up to `hold_ms`: so a press of 开始讲课 reaches the worker within milliseconds.
    """

    worker: str
    run: int
    """0 while no encoder has been granted since the worker started."""
    publishing: bool
    rules_version: int
    hold_ms: int = 0
    newest: Newest | None = None
    health: Health | None = None
    stuck: bool = False
    """The disk takes no more: media arrive, and nobody can see them."""
    kept_ms: int = 0
    """Media kept so far: the length of the full playlist."""
    kept_bytes: int = 0


@dataclass(frozen=True)
class BeatAnswer(Message):
    """New rules, or nothing new."""

    rules: Rules | None = None


@dataclass(frozen=True)
class Ended(Message):
    """A run is over (`finished` false) or, after Rules.ended, the stream's playlists are closed (`finished` true)."""

    run: int
    reason: str
    finished: bool = False
    kept_ms: int = 0
    kept_bytes: int = 0


LINE_PATH = "/line"
"""Where browsers measure their line to the worker: a websocket at `/line?until=<epoch s>&signature=<hex>`."""


def line_signature(secret: str, until_s: int) -> str:
    """Sign the right to measure a line until a moment (Unix time, s): HMAC-SHA256 (RFC 2104) with the secret."""
    return hmac.new(secret.encode(), f"line {until_s}".encode(), hashlib.sha256).hexdigest()
