"""Pure decisions about an ffmpeg that writes nothing and an encoder that sends nothing: life is judged by output."""

from __future__ import annotations

import enum

from media_worker.contract import SEGMENT_MS

GRACE_S = 5.0
"""Seconds without a new segment, beyond the length of three, after which ffmpeg counts as hung."""
STALLED_S = 3.0
"""Silence after which an encoder counts as stalled."""
SILENT_S = 15.0
"""Silence after which an encoder is disconnected."""


class Verdict(enum.Enum):
    """The watchdog's decision."""

    FINE = "fine"
    STALLED = "stalled"
    RESTART_FFMPEG = "restart ffmpeg"
    DISCONNECT = "disconnect"


def judge(*, now_s: float, last_tag_s: float, last_segment_s: float | None) -> Verdict:
    """Judge a publication.

    Args:
        now_s: time on a monotonic clock.
        last_tag_s: when media last came in, on that clock.
        last_segment_s: when the running ffmpeg was started or last finished a segment. `None` means that none runs.
    """
    silent = now_s - last_tag_s
    if silent > SILENT_S:
        return Verdict.DISCONNECT
    if silent > STALLED_S:
        return Verdict.STALLED
    if last_segment_s is not None and now_s - last_segment_s > GRACE_S + 3 * SEGMENT_MS / 1000:
        # a stall of the encoder explains a late segment, so the caller counts from the end of the last stall
        return Verdict.RESTART_FFMPEG
    return Verdict.FINE
