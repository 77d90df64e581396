"""How much of everything a peer may send, and the two ways in which a peer is turned away."""

from __future__ import annotations

from dataclasses import dataclass


class ViolationError(Exception):
    """A peer broke the protocol or a limit: it is not spoken to any more.

    Args:
        code: stable word for the log, e.g. `limit.message`.
        detail: what happened, for the person who reads the log.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class TurnedAwayError(Exception):
    """A well-behaved peer wants something that it cannot have: it is told why, then the connection closes.

    Args:
        code: stable word for the log.
        detail: what happened, for the log.
        answer: message payload (AMF0 command) that tells the peer.
    """

    def __init__(self, code: str, detail: str, answer: bytes) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.answer = answer


@dataclass(frozen=True)
class AmfLimits:
    """Bounds of one AMF0 command."""

    depth: int = 8
    """Nested objects. connect needs 2; each level costs a Python frame."""

    items: int = 256
    """Values in one command, all levels together. connect has about 20; arrays claim up to 2**32."""

    string_bytes: int = 4096
    """Longest string. Addresses with signed queries reach about 2 kB."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one server. Times are seconds for a whole phase, so that dripping bytes does not help."""

    connections: int = 256
    """At once, all peers together. A machine carries far fewer encoders; the rest is room for those who knock."""

    connections_per_address: int = 32
    """At once from one address. An institute's encoders share one address behind its router."""

    handshake_s: float = 5.0
    """From accept to C2. Two round trips; a satellite line needs 1.5 s."""

    publish_s: float = 15.0
    """From accept to the publish command: handshake and about three round trips more."""

    admission_s: float = 20.0
    """How long the gate may think about a key before the encoder is told to try again."""

    idle_s: float = 30.0
    """Silence after publish. A paused encoder still answers pings; a dead one does not, and frees its place."""

    ping_s: float = 10.0
    """Silence after which a ping asks whether the peer is alive: two chances before `idle_s`."""

    linger_s: float = 2.0
    """After a last word. Closing with unread input would reset the connection before the peer read why."""

    tick_s: float = 0.5
    """How often the time budgets are looked at: their precision."""

    bytes_before_publish: int = 256 * 1024
    """All that a stranger may send, handshake included. A real encoder needs about 5 kB."""

    read_before_publish: int = 16 * 1024
    """Bytes of one read from a stranger: what may wait in memory while the gate thinks."""

    message_before_publish: int = 64 * 1024
    """Longest message of a stranger. connect is about 500 bytes."""

    message: int = 8 * 1024 * 1024
    """Longest message of a publisher: a 4K keyframe at 50 Mbit/s is about 1 MB. The field goes up to 16 MB."""

    partial_before_publish: int = 64 * 1024
    """Bytes of unfinished messages of a stranger, all chunk streams together."""

    partial: int = 16 * 1024 * 1024
    """Bytes of unfinished messages of a publisher, all chunk streams together."""

    chunk_streams: int = 32
    """Each has a header kept in memory; the field goes up to 65,599. Encoders use up to 8."""

    unread_reply_bytes: int = 64 * 1024
    """Answers that a peer leaves unread, e.g. one that pings and never listens."""

    drain_bytes: int = 256 * 1024
    """Media handed over between two looks at the pipeline's back-pressure; small beside the pipeline's own buffer."""

    amf: AmfLimits = AmfLimits()
    """Bounds of each command."""
