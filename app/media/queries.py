"""Reading streams."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.media.models import Stream


def stream(stream_id: str) -> Stream:
    """Give a stream that exists."""
    return db.session.execute(select(Stream).where(Stream.id == stream_id)).scalar_one()


def stream_by_key(key: str) -> Stream | None:
    """Find the stream that a publish key opens."""
    return db.session.scalar(select(Stream).where(Stream.key == key))


def unfinished(worker: str) -> Sequence[Stream]:
    """Give the streams that `worker` has taken in and whose playlists are not closed."""
    return db.session.scalars(select(Stream).where(Stream.worker == worker, ~Stream.finished)).all()


def silent_since(moment_ms: int) -> Sequence[str]:
    """Name the publishing streams that no beat was heard of since."""
    return db.session.scalars(select(Stream.id).where(Stream.publishing, Stream.beat_ms < moment_ms)).all()


def encoder_delay_ms() -> int:
    """What lies between capture and arrival of an RTMP encoder's frames, in ms."""
    delay: int = current_app.config["ENCODER_DELAY_MS"]
    return delay
