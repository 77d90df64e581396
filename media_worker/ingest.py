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
    """Media time on the encoder's clock, unwrapped: it rises past 2**32."""
    payload: bytes
    """FLV tag body. Script data begin with the onMetaData string, without `@setDataFrame`."""
    arrived_ms: float
    """Unix time in ms when the last byte of the tag arrived."""
    handed_ms: float | None = None
    """Unix time in ms when the recorder put the media out, before any network. `None` if the sender does not tell."""


class PublishRefused(Exception):
    """The encoder may not publish."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class Publication(Protocol):
    """One accepted publisher, as its connection sees it."""

    def offer(self, tag: Tag) -> None:
        """Take a tag. Never blocks."""

    def rest_s(self) -> float:
        """Return the seconds for which the connection may stop reading, because no cut is near. At 0 it reads on."""

    async def drain(self) -> None:
        """Wait until more tags are welcome. Meanwhile the connection does not read."""

    def close(self, reason: str) -> None:
        """End the publication: its connection is gone. Called exactly once."""


class Gate(Protocol):
    """Decides about publishers. The desk implements it, each way in asks it."""

    async def admit(self, key: str, *, client: str, encoder: str, kick: Callable[[Refusal], None]) -> Publication:
        """Ask whether `key` may publish.

        Args:
            key: the publish key as the encoder sent it.
            client: address of the encoder.
            encoder: the encoder's name for itself (flashVer); may be empty.
            kick: called later when the publisher must go; the connection tells the encoder and closes.

        Raises:
            PublishRefused: holds the code and the sentence for the encoder's user.
        """


class BrowserPublication(Publication, Protocol):
    """A publication whose sender may lose the line and come back for the next byte."""

    kick: Callable[[Refusal], None]
    line: LineHealth | None
    encoder_delay_ms: int
    """Subtracted from a recorder's time of hand-over to get the capture time."""

    def hold(self) -> None:
        """Wait: the network line is broken. The media go on when the same sender is admitted again."""

    def seam(self, *, new_clock: bool) -> None:
        """Mark a seam: the next media do not continue the last. With `new_clock` their times begin anew."""


class BrowserGate(Protocol):
    """Decides about browsers that publish, as `Gate` does about encoders."""

    async def admit_browser(
        self, ticket: str, *, sender: str, client: str, encoder: str, kick: Callable[[Refusal], None]
    ) -> BrowserPublication:
        """Ask whether `ticket` lets the tab `sender` publish. Return the tab's earlier publication while that is held.

        Raises:
            PublishRefused: holds the code and the sentence for the presenter.
        """
