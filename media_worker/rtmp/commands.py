"""The commands of an encoder before media flow, and our answers, as AMF0 message payloads (RTMP 1.0, 7.2)."""

from __future__ import annotations

from dataclasses import dataclass

from media_worker.contract import Refusal
from media_worker.rtmp import amf
from media_worker.rtmp.chunks import Message, MessageType
from media_worker.rtmp.limits import AmfLimits, TurnedAwayError, ViolationError

APP = "live"
"""The only application: rtmp://host:port/live, with the publish key as stream name."""

STREAM_ID = 1
"""The message stream that createStream returns, one per connection."""

_VIDEO_FOURCCS = ("avc1", "hvc1", "av01", "vp09", "vp08")
_AUDIO_FOURCCS = ("mp4a", "Opus", "fLaC", ".mp3", "ac-3", "ec-3")
_CAN_FORWARD = 0x04


@dataclass(frozen=True)
class Command:
    """A remote procedure call."""

    name: str
    transaction: float
    """0 means that no answer is wanted."""
    properties: dict[str, amf.Value]
    """The command object, empty if it was null."""
    arguments: tuple[amf.Value, ...]
    stream: int
    """Message stream of the command, for the answer."""

    def text(self, index: int) -> str:
        """Return an argument that should be a string. Anything else is the empty string."""
        value = self.arguments[index] if index < len(self.arguments) else None
        return value if isinstance(value, str) else ""


def parse(message: Message, limits: AmfLimits) -> Command:
    """Parse a command message of either kind.

    Raises:
        ViolationError: the message is not a command, or over a limit.
    """
    payload = message.payload
    if message.type == MessageType.COMMAND_AMF3:
        if payload[:1] != b"\x00":
            raise ViolationError("amf.amf3", "a command in AMF3")
        payload = payload[1:]
    try:
        values = amf.decode(payload, limits)
    except amf.AmfError as error:
        raise ViolationError("amf.bad", f"AMF: {error}") from error
    name, transaction, properties, *rest = [*values, None, None, None][: max(3, len(values))]
    if not isinstance(name, str) or not name or not isinstance(transaction, float):
        raise ViolationError("amf.no_command", "a command without a name and a number")
    known = properties if isinstance(properties, dict) else {}
    return Command(name, transaction, known, tuple(rest), message.stream)


def key_in_app(connect: Command) -> str:
    """Check the application of a connect command. Return the key if it is part of that: `live/KEY`.

    Raises:
        TurnedAwayError: the application is not ours.
    """
    given = connect.properties.get("app")
    app = given if isinstance(given, str) else ""
    name, _, key = app.partition("?")[0].strip("/").partition("/")
    if name != APP or "/" in key:
        reason = f"There is no application {app[:60]!r} here: the address ends in /{APP} and the key is the stream name"
        raise TurnedAwayError("connect.wrong_app", f"application {app[:60]!r}", _rejected(connect, reason))
    return key


def key_of(publish: Command, key_in_app: str) -> str:
    """Return the publish key: the stream name without its query, or the key in the application.

    Raises:
        TurnedAwayError: there is no key, or there are two different ones.
    """
    name = publish.text(0).partition("?")[0].strip("/")
    if name and key_in_app and name != key_in_app:
        raise TurnedAwayError(
            "publish.two_keys",
            "a key in the application and another as stream name",
            bad_name("There are two different keys: put yours into the stream name only", "publish.two_keys"),
        )
    key = name or key_in_app
    if not key:
        raise TurnedAwayError(
            "publish.no_key",
            "no key",
            bad_name("The publish key is missing: put it into the stream name", "publish.no_key"),
        )
    return key


def connected(connect: Command) -> bytes:
    """Return the answer to connect, with the codecs of Enhanced RTMP v2 ("Enhancing NetConnection connect Command").

    `*` comes first for encoders that look for it: payloads of any codec are forwarded.
    """
    capabilities: dict[str, amf.Value] = {
        "fourCcList": ["*", *_VIDEO_FOURCCS, *_AUDIO_FOURCCS],
        "videoFourCcInfoMap": dict.fromkeys(("*", *_VIDEO_FOURCCS), _CAN_FORWARD),
        "audioFourCcInfoMap": dict.fromkeys(("*", *_AUDIO_FOURCCS), _CAN_FORWARD),
    }
    server: dict[str, amf.Value] = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31, **capabilities}
    info = _info("status", "NetConnection.Connect.Success", "Connection succeeded.")
    return amf.encode("_result", connect.transaction, server, {**info, "objectEncoding": 0, **capabilities})


def result(call: Command, *values: amf.Value) -> bytes:
    """Return the answer to a call, with values."""
    return amf.encode("_result", call.transaction, None, *values)


def failed(call: Command) -> bytes:
    """Return the answer to a call that does not exist here."""
    return amf.encode(
        "_error",
        call.transaction,
        None,
        _info("error", "NetConnection.Call.Failed", "This server takes published streams and does nothing else."),
    )


def published() -> bytes:
    """Return the status that media are welcome."""
    return amf.encode("onStatus", 0, None, _info("status", "NetStream.Publish.Start", "Publishing."))


def unpublished() -> bytes:
    """Return the goodbye for a publisher that went in good order."""
    return amf.encode("onStatus", 0, None, _info("status", "NetStream.Unpublish.Success", "Publishing ended."))


def not_playing() -> bytes:
    """Return the answer to play, which is no."""
    return amf.encode(
        "onStatus",
        0,
        None,
        _info("error", "NetStream.Play.Failed", "This server takes published streams; watch on the web page."),
    )


def refused(refusal: Refusal) -> bytes:
    """Return the reason why a publisher may not go on. Encoders show the description to their user."""
    return bad_name(refusal.reason, refusal.code)


def bad_name(reason: str, code: str) -> bytes:
    """Return a refusal to publish, with one sentence and a stable code."""
    return amf.encode("onStatus", 0, None, _info("error", "NetStream.Publish.BadName", f"{reason} [{code}]"))


def _rejected(connect: Command, reason: str) -> bytes:
    info = _info("error", "NetConnection.Connect.Rejected", f"{reason} [connect.wrong_app]")
    return amf.encode("_error", connect.transaction, None, info)


def _info(level: str, code: str, description: str) -> dict[str, amf.Value]:
    return {"level": level, "code": code, "description": description}
