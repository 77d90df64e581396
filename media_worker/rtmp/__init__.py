"""Publish-only RTMP server: encoders (OBS, vMix, ffmpeg, hardware) come in here and leave as FLV tags.

From the wire to the seam, one file each:

- `handshake`   C0..C2 (RTMP 1.0, 5.2); tells a port scanner from an encoder
- `chunks`      bytes to messages and back (5.3, 5.4); knows no sockets
- `amf`         AMF0 values
- `aggregates`  several tags in one message (7.1.6)
- `commands`    connect, publish and our answers
- `dialogue`    one publisher's conversation: connect, createStream, publish, media, goodbye
- `connection`  the socket: reading, back-pressure, time budgets, the one closing log line
- `server`      listening, counting, ticking
- `limits`      limits on all that a peer may send

Source: Adobe's Real Time Messaging Protocol (RTMP) specification 1.0 of 2012-12-21, and Enhanced RTMP v2 by
Veovera, whose audio and video payloads pass through untouched.
"""

from media_worker.rtmp.limits import Limits
from media_worker.rtmp.server import RtmpServer

__all__ = ["Limits", "RtmpServer"]
