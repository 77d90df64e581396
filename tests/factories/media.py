"""Encoders for tests, as media_worker reports them."""

from __future__ import annotations

from app.kernel import clock
from app.media import services
from app.media.models import Stream
from media_worker.contract import Health, Newest, PublishRequest, Started, VideoHealth

HEALTHY = Health(video=VideoHealth("h264", 1280, 720, 2500, 25.0, 1000))


def encoder(stream: Stream, *, client: str = "192.0.2.7", picture: bool = True) -> int:
    """Let an encoder publish into the stream and give its run."""
    granted = services.publish(PublishRequest(stream.key, "worker-1", client, "OBS"))
    if picture:
        services.started(stream.id, Started(granted.run, Newest(1, clock.now_ms(), 1000), HEALTHY))
    return granted.run
