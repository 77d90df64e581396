"""Limits on all that a peer may send, and the two ways in which a peer is turned away."""

from __future__ import annotations

from dataclasses import dataclass


class ViolationError(Exception):
    """A peer broke the protocol or a limit. It gets no further answer.

    Args:
        code: stable word for the log, e.g. `limit.message`.
        detail: what happened, for the log.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class TurnedAwayError(Exception):
    """A well-behaved peer wants something that it cannot have. It is told why, then the connection closes.

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
    """Limits of one AMF0 command."""

    depth: int = 8
    """Maximum depth of nested objects. connect needs 2; each level costs a Python frame."""

    items: int = 256
    """Maximum values in one command, all levels together. connect has about 20; arrays claim up to 2**32."""

    string_bytes: int = 4096
    """Maximum length of a string. Addresses with signed queries reach about 2 kB."""


@dataclass(frozen=True)
class Limits:
    """Limits of one server. Times are seconds for a whole phase, so that dripping bytes does not help."""

    connections: int = 256
    """Maximum number of open connections. A machine carries far fewer encoders; the rest is room for strangers."""

    connections_per_address: int = 32
    """Maximum number of open connections from one address. An institute's encoders share one behind its router."""

    handshake_s: float = 5.0
    """From accept to C2. Two round trips; a satellite line needs 1.5 s."""

    publish_s: float = 15.0
    """From accept to the publish command: handshake and about three round trips more."""

    admission_s: float = 20.0
    """Maximum time for the gate to judge a key. Then the encoder is told to try again."""

    idle_s: float = 30.0
    """Silence after publish. A paused encoder still answers pings; a dead one does not, and frees its place."""

    ping_s: float = 10.0
    """Silence after which a ping asks whether the peer is alive: two chances before `idle_s`."""

    linger_s: float = 2.0
    """Delay of closing after a last word. Unread input would reset the connection before the peer read why."""

    tick_s: float = 0.5
    """Interval at which the time budgets are checked: their precision."""

    bytes_before_publish: int = 256 * 1024
    """Maximum that a stranger may send, handshake included. A real encoder needs about 5 kB."""

    read_before_publish: int = 16 * 1024
    """Maximum bytes of one read from a stranger. They may wait in memory while the gate decides."""

    message_before_publish: int = 64 * 1024
    """Maximum bytes of a stranger's message. connect has about 500."""

    message: int = 8 * 1024 * 1024
    """Maximum bytes of a publisher's message. A 4K keyframe at 50 Mbit/s has about 1 MB; the field allows 16 MB."""

    partial_before_publish: int = 64 * 1024
    """Maximum bytes of a stranger's unfinished messages, all chunk streams together."""

    partial: int = 16 * 1024 * 1024
    """Maximum bytes of a publisher's unfinished messages, all chunk streams together."""

    chunk_streams: int = 32
    """Maximum chunk streams of a peer. Each keeps a header in memory; the field allows 65,599. Encoders use up to 8."""

    unread_reply_bytes: int = 64 * 1024
    """Maximum bytes of answers that a peer leaves unread, e.g. one that pings and never listens."""

    drain_bytes: int = 256 * 1024
    """Media handed over between two checks of the pipeline's back-pressure, small beside the pipeline's own buffer."""

    amf: AmfLimits = AmfLimits()
    """Limits of each command."""
