"""Life is judged by output: pure decisions about an ffmpeg that writes nothing and an encoder that sends nothing."""

from __future__ import annotations

import enum

from media_worker.contract import SEGMENT_MS

GRACE_S = 5.0
"""ffmpeg may be this late beyond three segments."""
STALLED_S = 3.0
"""An encoder that sends nothing for this long is stalled."""
SILENT_S = 15.0
"""An encoder that sends nothing for this long is disconnected."""


class Verdict(enum.Enum):
    """What to do."""

    FINE = "fine"
    STALLED = "stalled"
    RESTART_FFMPEG = "restart ffmpeg"
    DISCONNECT = "disconnect"


def judge(*, now_s: float, last_tag_s: float, last_segment_s: float | None) -> Verdict:
    """Judge a publication.

    Args:
        now_s: a monotonic clock.
        last_tag_s: when media last came in, on that clock.
        last_segment_s: when the running ffmpeg was started or last finished a segment; None while none runs.
    """
    silent = now_s - last_tag_s
    if silent > SILENT_S:
        return Verdict.DISCONNECT
    if silent > STALLED_S:
        return Verdict.STALLED
    if last_segment_s is not None and now_s - last_segment_s > GRACE_S + 3 * SEGMENT_MS / 1000:
        # a stall of the encoder just before explains a late segment
        return Verdict.RESTART_FFMPEG
    return Verdict.FINE
