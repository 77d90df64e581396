"""Places in a recording as people write them. Pure."""

from __future__ import annotations

import re

from app.kernel.web import as_clock

_PLACE = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?")


def place_of(text: str) -> int | None:
    """Return a place such as 0:12:30.5, 12:30 or 750 in ms; `None` for anything else."""
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    whole_s = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole_s * 1000 + int((fraction or "0").ljust(3, "0"))


def exact_place(place_ms: int) -> str:
    """Write a place as 0:12:30, with its fraction where there is one: 0:12:30.250."""
    fraction = f".{place_ms % 1000:03}" if place_ms % 1000 else ""
    return f"{as_clock(place_ms)}{fraction}"
