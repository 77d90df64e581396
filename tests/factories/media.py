"""Encoders for tests, in the words of media_worker."""

from __future__ import annotations

import json

from flask import current_app

from app.kernel import clock
from app.media import services
from app.media.models import Stream
from media_worker.contract import Health, Newest, PublishRequest, Started, VideoHealth

HEALTHY = Health(video=VideoHealth("h264", 1280, 720, 2500, 25.0, 1000))


def encoder(stream: Stream, *, client: str = "192.0.2.7", picture: bool = True) -> int:
    """Let an encoder publish into the stream. Return its run."""
    granted = services.publish(PublishRequest(stream.key, "worker-1", client, "OBS"))
    if picture:
        services.started(stream.id, Started(granted.run, Newest(1, clock.now_ms(), 1000), HEALTHY))
    return granted.run


def pieces(stream: Stream, from_s: float, to_s: float) -> None:
    """Write segments of a second into the stream's index, as media_worker does. Times are Unix seconds."""
    file = current_app.config["MEDIA_ROOT"] / stream.id / "index.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as index:
        at_s = from_s
        while at_s < to_s:
            piece = {"start_ms": at_s * 1000, "duration_ms": min(1.0, to_s - at_s) * 1000}
            index.write(json.dumps({"number": 1, "source": piece, "voice": piece}) + "\n")
            at_s += 1
