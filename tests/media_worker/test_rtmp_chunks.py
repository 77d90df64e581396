"""Messages come out of chunks whole, however they were cut, interleaved and delivered."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.rtmp.chunks import ChunkReader, Message, MessageType, encode_message
from media_worker.rtmp.limits import ViolationError

MIB = 1 << 20


def reader(**changes):
    return ChunkReader(**{"max_message": MIB, "max_partial": 4 * MIB, "max_streams": 32, **changes})


def read_all(chunks, data, pieces=None):
    """Feed data in pieces of the given sizes, over and over, and give all messages."""
    found, at, turn = [], 0, 0
    while at < len(data):
        size = pieces[turn % len(pieces)] if pieces else len(data)
        chunks.feed(data[at : at + size])
        at, turn = at + size, turn + 1
        while (message := chunks.next()) is not None:
            found.append(message)
    return found


def basic(form, chunk_id):
    if chunk_id < 64:
        return bytes((form << 6 | chunk_id,))
    if chunk_id < 320:
        return bytes((form << 6, chunk_id - 64))
    return bytes((form << 6 | 1,)) + (chunk_id - 64).to_bytes(2, "little")


@dataclass
class Sender:
    """A chunk stream of a thorough encoder: it saves every header byte that the specification lets it save."""

    chunk_id: int
    last: Message | None = None
    delta: int | None = None

    def chunks(self, message, size):
        """Return the message's chunks, each as bytes."""
        form, field = 0, message.timestamp_ms
        if self.last is not None and message.stream == self.last.stream:
            field = (message.timestamp_ms - self.last.timestamp_ms) & 0xFFFFFFFF
            same = (message.type, len(message.payload)) == (self.last.type, len(self.last.payload))
            form = 1 if not same else 3 if field == self.delta else 2
        extended = field.to_bytes(4, "big") if field >= 0xFFFFFF else b""
        head = min(field, 0xFFFFFF).to_bytes(3, "big")
        head += len(message.payload).to_bytes(3, "big") + bytes((message.type,)) + message.stream.to_bytes(4, "little")
        head = head[: (11, 7, 3, 0)[form]]
        self.last, self.delta = message, field
        pieces = [message.payload[at : at + size] for at in range(0, len(message.payload), size)] or [b""]
        yield basic(form, self.chunk_id) + head + extended + pieces[0]
        for piece in pieces[1:]:
            yield basic(3, self.chunk_id) + extended + piece


@st.composite
def conversations(draw):
    """Draw messages whose chunks are interleaved; give the bytes and the messages in the order of their ends."""
    size = draw(st.sampled_from([1, 2, 7, 128, 4096]))
    out = bytearray(b"\x02\0\0\0\0\0\4\1\0\0\0\0" + size.to_bytes(4, "big"))
    ids = draw(st.lists(st.sampled_from([3, 4, 63, 64, 319, 320, 65599]), min_size=1, max_size=3, unique=True))
    waiting = []
    for chunk_id in ids:
        sender, clock, row = Sender(chunk_id), draw(st.sampled_from([0, 40, 0xFFFFF0, 0xFFFFFFF0])), []
        for _ in range(draw(st.integers(1, 4))):
            clock = (clock + draw(st.sampled_from([0, 20, 20, 33, 0x1000005]))) & 0xFFFFFFFF
            payload = draw(st.sampled_from([b"", b"a", b"\xc4" * 40, bytes(range(256)) * 2]))
            message = Message(draw(st.sampled_from([8, 9])), clock, draw(st.sampled_from([1, 1, 2])), payload)
            row += [(chunk, None) for chunk in sender.chunks(message, size)]
            row[-1] = (row[-1][0], message)
        waiting.append(row)
    expected = []
    while waiting:
        row = draw(st.sampled_from(waiting))
        for _ in range(draw(st.integers(1, 9))):
            chunk, message = row.pop(0)
            out += chunk
            expected += [message] if message else []
            if not row:
                waiting.remove(row)
                break
    return bytes(out), expected


@given(conversations(), st.lists(st.integers(1, 300), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_messages_come_out_as_they_were_cut(conversation, pieces):
    data, expected = conversation
    assert read_all(reader(), data, pieces) == expected


@pytest.mark.parametrize("size", [1, 128, 65536])
def test_a_large_message_survives_any_chunk_size(size):
    payload = bytes(i * 7 & 0xFF for i in range(200_001))
    chunks = reader()
    chunks.feed(encode_message(Message(1, 0, 0, size.to_bytes(4, "big")), chunk_id=2))
    data = encode_message(Message(9, 5, 1, payload), chunk_id=4, chunk_size=size)
    assert read_all(chunks, data, [16384]) == [Message(9, 5, 1, payload)]


TYPE_0_EXTENDED = b"\x04\xff\xff\xff\x00\x00\xff\x09\x01\x00\x00\x00" + (0x1000000).to_bytes(4, "big")


@pytest.mark.parametrize("repeated", [(0x1000000).to_bytes(4, "big"), b""], ids=["repeated", "left out"])
def test_an_extended_timestamp_may_be_repeated_in_type_3_or_not(repeated):
    data = TYPE_0_EXTENDED + b"x" * 128 + b"\xc4" + repeated + b"y" * 127
    assert read_all(reader(), data) == [Message(9, 0x1000000, 1, b"x" * 128 + b"y" * 127)]


def test_type_3_after_type_0_repeats_the_timestamp_as_delta():
    data = b"\x04\x00\x00\x17\x00\x00\x01\x08\x01\x00\x00\x00a" + b"\xc4b" + b"\xc4c"
    assert [message.timestamp_ms for message in read_all(reader(), data)] == [23, 46, 69]


def test_abort_drops_the_unfinished_message():
    begun = b"\x04\x00\x00\x00\x00\x01\x00\x09\x01\x00\x00\x00" + b"x" * 128
    abort = encode_message(Message(MessageType.ABORT, 0, 0, (4).to_bytes(4, "big")), chunk_id=2)
    whole = encode_message(Message(8, 1, 1, b"sound"), chunk_id=4)
    assert read_all(reader(), begun + abort + whole) == [Message(8, 1, 1, b"sound")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x04\0\0\0\xff\xff\xff\x09\1\0\0\0", "limit.message", id="16 MB claim"),
        pytest.param(b"\xc4", "chunk.no_header", id="type 3 first"),
        pytest.param(b"\x84\0\0\0", "chunk.no_header", id="type 2 first"),
        pytest.param(
            (b"\x04\0\0\0\0\1\0\x09\1\0\0\0" + b"x" * 128) * 2, "chunk.interrupted", id="message in a message"
        ),
        pytest.param(b"\x02\0\0\0\0\0\4\1\0\0\0\0" + bytes(4), "chunk.bad_control", id="chunk size 0"),
        pytest.param(b"\x02\0\0\0\0\0\1\1\0\0\0\0\1", "chunk.bad_control", id="chunk size cut off"),
        pytest.param(b"\x02\0\0\0\0\0\1\2\0\0\0\0\1", "chunk.bad_control", id="abort cut off"),
        pytest.param(
            b"".join(bytes((i,)) + b"\0\0\0\0\0\1\x09\1\0\0\0x" for i in range(3, 40)),
            "limit.chunk_streams",
            id="streams",
        ),
        pytest.param(
            b"".join(bytes((i,)) + b"\0\0\0\0\1\0\x09\1\0\0\0" + b"x" * 128 for i in range(3, 20)),
            "limit.partial",
            id="partial",
        ),
    ],
)
def test_what_breaks_the_protocol_or_a_limit_is_named(data, code):
    with pytest.raises(ViolationError) as caught:
        read_all(reader(max_partial=1024), data)
    assert caught.value.code == code


@given(st.lists(st.binary(max_size=300), max_size=5))
@settings(max_examples=150, deadline=None)
def test_garbage_is_read_or_refused(pieces):
    chunks = reader(max_message=1000, max_partial=2000)
    try:
        for piece in pieces:
            read_all(chunks, piece)
            assert len(chunks._buffer) < 18
    except ViolationError:
        pass
