"""One publisher's conversation: connect, createStream, publish, media, goodbye. It knows messages, not sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from media_worker.ingest import Publication, Tag, TagKind
from media_worker.rtmp import aggregates, amf, commands
from media_worker.rtmp.chunks import Message, MessageType
from media_worker.rtmp.limits import AmfLimits, TurnedAwayError, ViolationError

SET_DATA_FRAME = amf.encode("@setDataFrame")
ON_META_DATA = amf.encode("onMetaData")

ANNOUNCED_CHUNK_SIZE = 65536
"""Our chunk size in bytes. ffmpeg adopts it for its own chunks, which makes fewer, larger reads."""

ANNOUNCED_WINDOW = 2_500_000
"""Bytes after which the peer should acknowledge. We do not wait for that: TCP does."""

_STREAM_BEGIN, _PING_REQUEST, _PING_RESPONSE = 0, 6, 7
_KNOWN_TYPES = frozenset(int(kind) for kind in MessageType)
_HALF, _WHOLE = 1 << 31, 1 << 32

_HARMLESS = frozenset({"_checkbw", "_result", "_error", "onStatus", "onBWDone", "FCSubscribe", "setPeerInfo"})
"""Commands of some encoders that need no answer."""


class Line(Protocol):
    """The connection, as the dialogue sees it."""

    def send(self, message: Message) -> None:
        """Send a message, in chunks of the size announced last."""

    def acknowledge_every(self, window: int) -> None:
        """Send an Acknowledgement for every `window` bytes received."""

    def ask(self, key: str, encoder: str) -> None:
        """Ask the gate. No message is handed in until it has answered."""

    def part(self, code: str, detail: str, *, farewell: bytes) -> None:
        """Answer an encoder that goes in good order, and let it close the connection."""


class Dialogue:
    """The state of the conversation, and its answers.

    Args:
        line: sends the answers.
        limits: limits of commands.
    """

    def __init__(self, line: Line, limits: AmfLimits) -> None:
        self._line = line
        self._limits = limits
        self._connected = False
        self._key_in_app = ""
        self._encoder = ""
        self._clock_ms: int | None = None
        self._publication: Publication | None = None
        self.stream = 0
        """Message stream for answers: that of the last command, since publish that of publish."""
        self.offered_bytes = 0
        """Bytes of media handed to the pipeline. The connection resets it."""
        self._verbs: dict[str, Callable[[commands.Command], None]] = {
            "connect": self._connect,
            "createStream": self._create_stream,
            "releaseStream": self._acknowledge,
            "FCPublish": self._acknowledge,
            "publish": self._publish,
            "FCUnpublish": self._goodbye,
            "closeStream": self._goodbye,
            "deleteStream": self._goodbye,
            "play": self._play,
            "play2": self._play,
        }

    def handle(self, message: Message, arrived_ms: float) -> None:
        """Handle one message.

        Args:
            message: any but Set Chunk Size and Abort.
            arrived_ms: Unix time of its arrival in ms.

        Raises:
            ViolationError, TurnedAwayError: the connection must end.
        """
        kind = message.type
        if kind in (MessageType.AUDIO, MessageType.VIDEO):
            self._offer(TagKind(kind), message.timestamp_ms, message.payload, arrived_ms)
        elif kind in (MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3):
            self._command(commands.parse(message, self._limits))
        elif kind in (MessageType.DATA_AMF0, MessageType.DATA_AMF3):
            self._data(message, arrived_ms)
        elif kind == MessageType.AGGREGATE:
            self._aggregate(message, arrived_ms)
        elif kind == MessageType.USER_CONTROL:
            self._user_control(message.payload)
        elif kind == MessageType.WINDOW_ACK_SIZE:
            self._line.acknowledge_every(int.from_bytes(message.payload[:4], "big"))
        elif kind not in _KNOWN_TYPES:
            raise ViolationError("message.unknown", f"message type {kind}")

    def admitted(self, publication: Publication) -> None:
        """Begin publishing after the gate has said yes."""
        self._publication = publication
        self._line.send(_user_control(_STREAM_BEGIN, self.stream))
        self._say(commands.published())

    # media

    def _offer(self, kind: TagKind, timestamp_ms: int, payload: bytes, arrived_ms: float) -> None:
        publication = self._publication
        if publication is None:
            raise ViolationError("publish.missing", "media before publish")
        if payload:
            self.offered_bytes += len(payload)
            publication.offer(Tag(kind, self._unwrap(timestamp_ms), payload, arrived_ms))

    def _unwrap(self, timestamp_ms: int) -> int:
        """Return a 32-bit time unwrapped near the one before. It rises past 2**32 and may step back a little."""
        if self._clock_ms is None:
            self._clock_ms = timestamp_ms
        else:
            self._clock_ms += (timestamp_ms - self._clock_ms + _HALF) % _WHOLE - _HALF
        return max(0, self._clock_ms)

    def _data(self, message: Message, arrived_ms: float) -> None:
        payload = message.payload
        if message.type == MessageType.DATA_AMF3:
            payload = payload[1:]  # the first byte announces AMF0
        payload = payload.removeprefix(SET_DATA_FRAME)
        if payload.startswith(ON_META_DATA):  # captions and cue points have no place in a lesson
            self._offer(TagKind.SCRIPT, message.timestamp_ms, payload, arrived_ms)

    def _aggregate(self, message: Message, arrived_ms: float) -> None:
        """Handle a message of several tags, whose times are relative to the first (7.1.6)."""
        shift: int | None = None
        for part in aggregates.take_apart(message.payload):
            if shift is None:
                shift = message.timestamp_ms - part.timestamp_ms
            if part.kind in (TagKind.AUDIO, TagKind.VIDEO):
                self._offer(TagKind(part.kind), part.timestamp_ms + shift, part.payload, arrived_ms)

    # commands

    def _command(self, command: commands.Command) -> None:
        publishing = self._publication is not None
        if not publishing:
            self.stream = command.stream
        if not self._connected and command.name != "connect":
            raise ViolationError("connect.missing", f"{command.name[:40]!r} before connect")
        verb = self._verbs.get(command.name)
        if verb is not None:
            verb(command)
        elif command.name in _HARMLESS:
            return
        elif publishing:  # a lesson does not end because its encoder asks for something odd
            self._say(commands.failed(command))
        else:
            raise TurnedAwayError("command.unknown", f"command {command.name[:40]!r}", commands.failed(command))

    def _connect(self, command: commands.Command) -> None:
        if self._connected:
            raise ViolationError("connect.twice", "connect a second time")
        self._key_in_app = commands.key_in_app(command)
        encoder = command.properties.get("flashVer")
        self._encoder = encoder if isinstance(encoder, str) else ""
        self._connected = True
        for kind, number, tail in (
            (MessageType.WINDOW_ACK_SIZE, ANNOUNCED_WINDOW, b""),
            (MessageType.SET_PEER_BANDWIDTH, ANNOUNCED_WINDOW, b"\x02"),  # limit type "dynamic"
            (MessageType.SET_CHUNK_SIZE, ANNOUNCED_CHUNK_SIZE, b""),
        ):
            self._line.send(Message(kind, 0, 0, number.to_bytes(4, "big") + tail))
        self._say(commands.connected(command))

    def _create_stream(self, command: commands.Command) -> None:
        self._say(commands.result(command, commands.STREAM_ID))

    def _acknowledge(self, command: commands.Command) -> None:
        if command.transaction:
            self._say(commands.result(command, amf.UNDEFINED))

    def _publish(self, command: commands.Command) -> None:
        if self._publication is not None:
            raise ViolationError("publish.twice", "publish a second time")
        self._line.ask(commands.key_of(command, self._key_in_app), self._encoder)

    def _goodbye(self, command: commands.Command) -> None:
        if self._publication is not None:
            self._line.part("unpublished", f"{command.name} from the encoder", farewell=commands.unpublished())

    def _play(self, command: commands.Command) -> None:
        raise TurnedAwayError("play", f"{command.name} on a server that only takes streams", commands.not_playing())

    # control

    def _user_control(self, payload: bytes) -> None:
        if int.from_bytes(payload[:2], "big") == _PING_REQUEST:
            self._line.send(_user_control(_PING_RESPONSE, int.from_bytes(payload[2:6], "big")))

    def _say(self, answer: bytes) -> None:
        self._line.send(Message(MessageType.COMMAND_AMF0, 0, self.stream, answer))


def ping(now_ms: int) -> Message:
    """Return the question whether the peer is alive. `now_ms` is any clock."""
    return _user_control(_PING_REQUEST, now_ms)


def _user_control(event: int, value: int) -> Message:
    return Message(MessageType.USER_CONTROL, 0, 0, event.to_bytes(2, "big") + (value & 0xFFFFFFFF).to_bytes(4, "big"))
