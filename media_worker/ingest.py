"""The seam between a way in (RTMP, the browser) and the pipeline: who may publish, and where the tags go."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, Protocol

from media_worker.contract import LineHealth, Refusal


class TagKind(IntEnum):
    """FLV tag types (Adobe Flash Video File Format 10.1, E.4.1)."""

    AUDIO = 8
    VIDEO = 9
    SCRIPT = 18


class Tag(NamedTuple):
    """One FLV tag as an encoder sent it."""

    kind: TagKind
    timestamp_ms: int
    """Media time on the encoder's clock, unwrapped: it goes on rising past 2**32."""
    payload: bytes
    """FLV tag body; script data begins with the onMetaData string, `@setDataFrame` removed."""
    arrived_ms: float
    """Unix time in ms when the last byte of the tag arrived."""
    handed_ms: float | None = None
    """Unix time in ms when the recorder gave it out, where the sender says so: no network lies before it."""


class PublishRefused(Exception):
    """The encoder may not publish."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class Publication(Protocol):
    """One accepted publisher, seen from the connection."""

    def offer(self, tag: Tag) -> None:
        """Take a tag; never blocks."""

    def rest_s(self) -> float:
        """How long nobody waits for what comes next: it may lie in the socket meanwhile. 0 for not at all."""

    async def drain(self) -> None:
        """Wait until more tags are welcome: the connection stops reading meanwhile."""

    def close(self, reason: str) -> None:
        """The connection is gone, for whatever reason. Called exactly once."""


class Gate(Protocol):
    """Decides about publishers; implemented by the pipeline's supervisor, asked by each way in."""

    async def admit(self, key: str, *, client: str, encoder: str, kick: Callable[[Refusal], None]) -> Publication:
        """Ask whether `key` may publish.

        Args:
            key: the publish key as the encoder sent it.
            client: address of the encoder.
            encoder: what it says it is (flashVer), may be empty.
            kick: to be called later when the publisher must go; the connection tells the encoder and closes.

        Raises:
            PublishRefused: with the code and the sentence for the encoder's user.
        """


class BrowserPublication(Publication, Protocol):
    """A publication whose sender may lose the line and come back for the next byte."""

    kick: Callable[[Refusal], None]
    line: LineHealth | None
    encoder_delay_ms: int
    """Taken off the time at which a recorder hands its pictures over."""

    def hold(self) -> None:
        """The line is broken; the media go on when the same sender is admitted again."""

    def seam(self, *, new_clock: bool) -> None:
        """What comes now does not continue what was; `new_clock`: its times begin anew."""


class BrowserGate(Protocol):
    """As `Gate`, for browsers."""

    async def admit_browser(
        self, ticket: str, *, sender: str, client: str, encoder: str, kick: Callable[[Refusal], None]
    ) -> BrowserPublication:
        """Ask whether `ticket` lets the tab `sender` publish; gives its publication from before while that is held.

        Raises:
            PublishRefused: with the code and the sentence for the presenter.
        """
