"""Captions of a recording of which stretches were cut out."""

from __future__ import annotations

from collections.abc import Sequence

from app.live.models import LiveSession
from app.replays.captions.formats import Cue
from app.replays.cutting import queries as cutting


def as_published(live: LiveSession, cues: Sequence[Cue]) -> list[Cue]:
    """Return captions with times in the recording as it is published; those of cut stretches are left out.

    Captions are kept with times in the whole recording, so cutting and taking a cut back changes none of them.
    """
    cuts = cutting.cuts_of(live.id)
    if not cuts:
        return list(cues)
    whole, shown = cutting.whole_clock(live), cutting.cut_clock(live)
    found = []
    for cue in cues:
        start, end = whole.wall_ms(cue.start_ms), whole.wall_ms(cue.end_ms)
        if start is None or end is None:
            continue
        start_ms, end_ms = round(shown.position_ms(start)), round(shown.position_ms(end))
        if end_ms > start_ms and not cuts.hold((start + end) / 2):
            found.append(Cue(start_ms, end_ms, cue.text))
    return found
