"""Folders of the media of streams: one for each, in which media_worker writes `live/`, `full/` and `segments/`."""

from __future__ import annotations

from pathlib import Path

from app.kernel import storage

SEGMENTS = "segments"


def folder_of(stream_id: str) -> Path:
    """Return the folder of a stream's media."""
    return storage.place("media") / stream_id
