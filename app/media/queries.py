"""Reading streams."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.kernel import clock, pulse
from app.media.models import Stream
from media_worker.contract import Way

SILENT_AFTER_MS = 5_000
"""A worker that has not said a beat for so long is taken for dead."""

GONE_AFTER_MS = 60_000
"""Silence after which others may take up the streams of a worker. A restart takes 3 s, a reboot half a minute."""

FROZEN_AFTER_MS = 5_000
"""An encoder that has sent no frame for so long does not defend its place."""


def stream(stream_id: str) -> Stream:
    """Give a stream that exists."""
    return db.session.execute(select(Stream).where(Stream.id == stream_id)).scalar_one()


def stream_by_key(key: str) -> Stream | None:
    """Find the stream that a publish key opens."""
    return db.session.scalar(select(Stream).where(Stream.key == key))


def unfinished(worker: str) -> Sequence[Stream]:
    """Give the streams that `worker` has taken in and whose playlists are not closed."""
    return db.session.scalars(select(Stream).where(Stream.worker == worker, ~Stream.finished)).all()


def pulse_of(worker: str) -> str:
    """Return the name under which a worker's signs of life are kept."""
    return f"media_worker:{worker}"[:80]


def is_gone(worker: str) -> bool:
    """Say whether a worker was not heard for a minute, as after its machine got another name."""
    return not pulse.heard(pulse_of(worker), GONE_AFTER_MS)


def orphans() -> Sequence[Stream]:
    """Give the unfinished streams whose worker is gone."""
    taken_in = db.session.scalars(select(Stream).where(Stream.run > 0, ~Stream.finished)).all()
    gone = {worker for worker in {one.worker or "" for one in taken_in} if is_gone(worker)}
    return [one for one in taken_in if (one.worker or "") in gone]


def silent_since(moment_ms: int) -> Sequence[str]:
    """Name the publishing streams that no beat was heard of since."""
    return db.session.scalars(select(Stream.id).where(Stream.publishing, Stream.beat_ms < moment_ms)).all()


def is_frozen(stream: Stream) -> bool:
    """Say whether nothing has come for seconds, from the encoder or from its worker."""
    health = stream.health_report()
    silent = stream.beat_ms < clock.now_ms() - SILENT_AFTER_MS
    return silent or (health is not None and health.last_frame_age_ms > FROZEN_AFTER_MS)


def encoder_delay_ms(way: Way) -> int:
    """What lies between capture and the moment that is known: a frame's arrival, or the recorder's handing it over."""
    delay: int = current_app.config["ENCODER_DELAY_MS" if way is Way.RTMP else "RECORDER_DELAY_MS"]
    return delay
