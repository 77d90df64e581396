"""Chunks and messages (RTMP 1.0, 5.3 and 5.4), without sockets: bytes in, messages out, and back."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from media_worker.rtmp.limits import ViolationError


class MessageType(IntEnum):
    """Message type ids (RTMP 1.0, 5.4, 6.2 and 7.1)."""

    SET_CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW_ACK_SIZE = 5
    SET_PEER_BANDWIDTH = 6
    AUDIO = 8
    VIDEO = 9
    DATA_AMF3 = 15
    SHARED_OBJECT_AMF3 = 16
    COMMAND_AMF3 = 17
    DATA_AMF0 = 18
    SHARED_OBJECT_AMF0 = 19
    COMMAND_AMF0 = 20
    AGGREGATE = 22


class Message(NamedTuple):
    """One whole RTMP message."""

    type: int
    timestamp_ms: int
    """32 bits: it wraps at 2**32."""
    stream: int
    payload: bytes


DEFAULT_CHUNK_SIZE = 128
"""Bytes of payload in a chunk until a Set Chunk Size says otherwise."""

_EXTENDED = 0xFFFFFF
_32_BITS = 0xFFFFFFFF
_HEADER_SIZES = (11, 7, 3, 0)
_RUN = 512
"""Maximum chunks examined in one go. It limits the work that is thrown away if they turn out to be interleaved."""


class _ChunkStream:
    """The last header of a chunk stream id, and its unfinished message."""

    __slots__ = ("delta", "extended", "field", "id", "length", "open", "partial", "stream", "timestamp", "type")

    def __init__(self, chunk_id: int) -> None:
        self.id = chunk_id
        self.timestamp = 0
        self.delta = 0
        self.field = 0
        self.extended = False
        self.length = 0
        self.type = 0
        self.stream = 0
        self.open = False
        self.partial = bytearray()


class ChunkReader:
    """Assembles messages from bytes in pieces of any size. It obeys Set Chunk Size and Abort.

    Args:
        max_message: maximum bytes of a message.
        max_partial: maximum bytes of unfinished messages, all chunk streams together.
        max_streams: maximum number of chunk stream ids.
    """

    def __init__(self, *, max_message: int, max_partial: int, max_streams: int) -> None:
        self.max_message = max_message
        self.max_partial = max_partial
        self._max_streams = max_streams
        self._streams: dict[int, _ChunkStream] = {}
        self._chunk_size = DEFAULT_CHUNK_SIZE
        self._buffer = bytearray()
        self._at = 0
        self._current: _ChunkStream | None = None
        self._left = 0
        self._partial = 0

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes as they arrived. `next` parses them."""
        self._buffer += data

    def next(self) -> Message | None:
        """Return the next whole message. `None` means that more bytes are needed.

        Raises:
            ViolationError: the bytes break the protocol or a limit. The reader is useless afterwards.
        """
        while True:
            current = self._current or self._read_header()
            if current is None or not self._read_payload(current):
                del self._buffer[: self._at]
                self._at = 0
                return None
            if len(current.partial) < current.length:
                continue
            message = self._finish(current)
            if message.type == MessageType.SET_CHUNK_SIZE:
                self._set_chunk_size(message.payload)
            elif message.type == MessageType.ABORT:
                self._abort(message.payload)
            else:
                return message

    def _read_header(self) -> _ChunkStream | None:
        """Parse one chunk's headers and make its stream the current one. `None` means that bytes are missing."""
        buffer, at = self._buffer, self._at
        if at >= len(buffer):
            return None
        form, chunk_id = buffer[at] >> 6, buffer[at] & 63
        at += 1
        if chunk_id < 2:
            wide = chunk_id + 1
            if at + wide > len(buffer):
                return None
            chunk_id = 64 + int.from_bytes(buffer[at : at + wide], "little")
            at += wide
        if at + _HEADER_SIZES[form] > len(buffer):
            return None
        stream = self._streams.get(chunk_id) or self._new_stream(chunk_id, form)
        body = self._go_on(stream, at) if form == 3 else self._start(stream, form, at)
        if body is None:
            return None
        self._at = body
        self._current = stream
        self._left = min(self._chunk_size, stream.length - len(stream.partial))
        return stream

    def _new_stream(self, chunk_id: int, form: int) -> _ChunkStream:
        if form > 1:
            raise ViolationError("chunk.no_header", f"chunk stream {chunk_id} begins without a message header")
        if len(self._streams) >= self._max_streams:
            raise ViolationError("limit.chunk_streams", f"more than {self._max_streams} chunk streams")
        stream = self._streams[chunk_id] = _ChunkStream(chunk_id)
        return stream

    def _start(self, stream: _ChunkStream, form: int, at: int) -> int | None:
        """Parse a message header of type 0, 1 or 2. Return the offset of the payload, None if bytes are missing."""
        if stream.open:
            raise ViolationError("chunk.interrupted", "a message begins inside an unfinished one")
        buffer = self._buffer
        field = int.from_bytes(buffer[at : at + 3], "big")
        body = at + _HEADER_SIZES[form]
        extended = field == _EXTENDED
        if extended:
            if body + 4 > len(buffer):
                return None
            field = int.from_bytes(buffer[body : body + 4], "big")
            body += 4
        if form < 2:
            stream.length = int.from_bytes(buffer[at + 3 : at + 6], "big")
            stream.type = buffer[at + 6]
        if form == 0:
            stream.stream = int.from_bytes(buffer[at + 7 : at + 11], "little")
        if stream.length > self.max_message:
            raise ViolationError("limit.message", f"message of {stream.length} bytes announced")
        stream.timestamp = field if form == 0 else stream.timestamp + field & _32_BITS
        stream.delta = stream.field = field  # after type 0 too (5.3.1.2.4)
        stream.extended = extended
        stream.open = True
        return body

    def _go_on(self, stream: _ChunkStream, at: int) -> int | None:
        """Parse a type 3 header: nothing, or the extended timestamp again. Return the offset of the payload."""
        if stream.extended:
            if at + 4 > len(self._buffer):
                return None
            # some encoders repeat the field, some the absolute time, some nothing at all
            if int.from_bytes(self._buffer[at : at + 4], "big") in (stream.field, stream.timestamp):
                at += 4
        if not stream.open:
            stream.timestamp = stream.timestamp + stream.delta & _32_BITS
            stream.open = True
        return at

    def _read_payload(self, stream: _ChunkStream) -> bool:
        """Move the chunk's payload, and those right behind it, to the message. Return False if bytes are missing."""
        taken = min(self._left, len(self._buffer) - self._at)
        self._count(taken)
        stream.partial += memoryview(self._buffer)[self._at : self._at + taken]
        self._at += taken
        self._left -= taken
        if self._left:
            return False
        self._current = None
        if not stream.extended and stream.id < 64:
            self._read_run(stream)
        return True

    def _read_run(self, stream: _ChunkStream) -> None:
        """Take the whole chunks that follow without another stream between them in one go: chunks may be tiny."""
        size, at = self._chunk_size, self._at
        step = size + 1
        count = min((len(self._buffer) - at) // step, (stream.length - len(stream.partial)) // size, _RUN)
        heads = self._buffer[at : at + count * step : step]
        run = count - len(heads.lstrip(bytes((0xC0 | stream.id,))))
        if not run:
            return
        self._count(run * size)
        block = self._buffer[at : at + run * step]
        del block[::step]
        stream.partial += block
        self._at = at + run * step

    def _count(self, more: int) -> None:
        self._partial += more
        if self._partial > self.max_partial:
            raise ViolationError("limit.partial", f"more than {self.max_partial} bytes of unfinished messages")

    def _finish(self, stream: _ChunkStream) -> Message:
        payload = bytes(stream.partial)
        self._drop_partial(stream)
        return Message(stream.type, stream.timestamp, stream.stream, payload)

    def _drop_partial(self, stream: _ChunkStream) -> None:
        self._partial -= len(stream.partial)
        stream.partial = bytearray()
        stream.open = False

    def _set_chunk_size(self, payload: bytes) -> None:
        size = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        if len(payload) < 4 or size == 0:
            raise ViolationError("chunk.bad_control", "Set Chunk Size without a size")
        self._chunk_size = size

    def _abort(self, payload: bytes) -> None:
        if len(payload) < 4:
            raise ViolationError("chunk.bad_control", "Abort without a chunk stream")
        stream = self._streams.get(int.from_bytes(payload[:4], "big"))
        if stream is not None:
            self._drop_partial(stream)


def encode_message(message: Message, *, chunk_id: int, chunk_size: int = DEFAULT_CHUNK_SIZE) -> bytes:
    """Return a message as chunks: the first with a type 0 header, the others with type 3.

    Args:
        message: its timestamp must be below 0xFFFFFF. Ours are answers and have none.
        chunk_id: 2 for protocol control, 3 and above for the rest; below 64.
        chunk_size: the size in bytes that we announced last.
    """
    payload = message.payload
    header = b"".join(
        (
            bytes((chunk_id,)),
            message.timestamp_ms.to_bytes(3, "big"),
            len(payload).to_bytes(3, "big"),
            bytes((message.type,)),
            message.stream.to_bytes(4, "little"),
        )
    )
    pieces = (payload[at : at + chunk_size] for at in range(0, len(payload), chunk_size))
    return header + bytes((0xC0 | chunk_id,)).join(pieces)
