"""Reads streams."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.kernel import clock, pulse
from app.media.models import Sending, Stream
from media_worker.contract import Way

SILENT_AFTER_MS = 5_000
"""Silence after which a worker counts as dead."""

GONE_AFTER_MS = 60_000
"""Silence after which others may take up the streams of a worker. A restart takes 3 s, a reboot half a minute."""

FROZEN_AFTER_MS = 5_000
"""Silence after which an encoder does not defend its place any more."""


def stream(stream_id: str) -> Stream:
    """Return the stream with this id, which exists."""
    return db.session.execute(select(Stream).where(Stream.id == stream_id)).scalar_one()


def stream_by_key(key: str) -> Stream | None:
    """Return the stream that a publish key opens."""
    return db.session.scalar(select(Stream).where(Stream.key == key))


def unfinished(worker: str) -> Sequence[Stream]:
    """Return the streams of `worker` whose playlists are not closed."""
    return db.session.scalars(select(Stream).where(Stream.worker == worker, ~Stream.finished)).all()


def pulse_of(worker: str) -> str:
    """Return the name of a worker's pulse."""
    return f"media_worker:{worker}"[:80]


def is_gone(worker: str) -> bool:
    """Return whether a worker has been silent for a minute, as after its machine got another name."""
    return not pulse.heard(pulse_of(worker), GONE_AFTER_MS)


def orphans() -> Sequence[Stream]:
    """Return the unfinished streams whose worker is gone."""
    taken_in = db.session.scalars(select(Stream).where(Stream.run > 0, ~Stream.finished)).all()
    gone = {worker for worker in {one.worker or "" for one in taken_in} if is_gone(worker)}
    return [one for one in taken_in if (one.worker or "") in gone]


def silent_since(moment_ms: int) -> Sequence[str]:
    """Return the ids of publishing streams without a beat since a moment (epoch ms)."""
    return db.session.scalars(select(Stream.id).where(Stream.publishing, Stream.beat_ms < moment_ms)).all()


def is_frozen(stream: Stream) -> bool:
    """Return whether the encoder or its worker has been silent for seconds."""
    health = stream.health_report()
    silent = stream.beat_ms < clock.now_ms() - SILENT_AFTER_MS
    return silent or (health is not None and health.last_frame_age_ms > FROZEN_AFTER_MS)


def encoder_delay_ms(way: Way) -> int:
    """Return the time between capture and the known moment, which is a frame's arrival or a recorder's hand-over."""
    delay: int = current_app.config["ENCODER_DELAY_MS" if way is Way.RTMP else "RECORDER_DELAY_MS"]
    return delay


def sending(stream: Stream) -> Sending | None:
    """Return the stream's sender. `None` means that there is none, or that it has been silent for seconds."""
    if not stream.publishing or is_frozen(stream):
        return None
    return Sending(Way(stream.way), stream.sender_name, stream.encoder, stream.since_ms)
