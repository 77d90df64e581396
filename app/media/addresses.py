"""Signed addresses of playlists and segments.

`/media/<expires>/<signature>/<stream>/<door>/<scope>/<file>`: the signature stands in the path, so the bare file
names in a playlist carry it along. nginx's secure_link module computes the same (base64url of an MD5 over a text
that ends in the secret), so nginx can serve the files alone. media_worker decides which files a scope holds, and a
segment's name is unguessable.

A stream has `DOORS` doors, and each person uses the one that her key falls to. A file of the door's name in the
stream's folder `closed/` closes it, which nginx sees as well as we do. So a person who is put out takes only a few
others along, whose pages fetch the address of the next door at once. A single address for all would send a whole
audience for new ones in the same second. Within a time bucket the addresses of a door are the same for all its users.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path

from flask import Blueprint, Response, current_app, send_from_directory, url_for

from app.kernel import clock
from app.kernel.access import Who, allows
from app.media.errors import AddressExpired, SegmentGone
from app.media.folders import SEGMENTS, folder_of

bp = Blueprint("media", __name__)

BUCKET_S = 3600
STREAM_NAME = re.compile(r"[a-z0-9]{1,16}")
DOOR_NAME = re.compile(r"[0-9]{1,3}-[0-9]{1,9}")

DOORS = 64
"""Number of doors of a stream. Of 5,000 learners 78 share one."""


class Scope(StrEnum):
    """The playlists of a stream that an address opens."""

    LIVE = "live"
    FULL = "full"
    CUT = "cut"
    """The recording without the stretches that presenters have cut out."""
    PREVIEW = "preview"


@dataclass(frozen=True)
class Addresses:
    """The two playlists of a scope."""

    source: str
    audio: str


def addresses_of(stream_id: str, scope: Scope, key: str) -> Addresses:
    """Return signed addresses of a stream's playlists for the person of a key."""
    lifetime_s = current_app.config["MEDIA_ADDRESS_HOURS"] * 3600
    expires = (clock.now_ms() // 1000 // BUCKET_S + 1) * BUCKET_S + lifetime_s
    door = door_of(stream_id, key)
    signature = sign(expires, stream_id, door, scope)

    def address(file: str) -> str:
        return url_for(
            "media.serve",
            expires=expires,
            signature=signature,
            stream_id=stream_id,
            door=door,
            scope=scope,
            file=file,
        )

    return Addresses(address("index.m3u8"), address("audio.m3u8"))


def published(stream_id: str) -> Scope:
    """Return the scope of the recording as it is published: without its cuts, once these are written."""
    return Scope.CUT if (folder_of(stream_id) / Scope.CUT / "source.m3u8").exists() else Scope.FULL


def door_of(stream_id: str, key: str) -> str:
    """Return the open door that the person of a key uses."""
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % DOORS
    closed = _closed(stream_id)
    return next(door for number in count() if not (closed / (door := f"{place}-{number}")).exists())


def close_door(stream_id: str, key: str) -> None:
    """Close all addresses of the person of a key, and those of the few who use the same door."""
    door = _closed(stream_id) / door_of(stream_id, key)
    door.parent.mkdir(parents=True, exist_ok=True)
    door.touch()


def sign(expires_s: int, stream_id: str, door: str, scope: str) -> str:
    """Return the signature that nginx computes (ngx_http_secure_link_module, secure_link_md5)."""
    text = f"{expires_s}/{stream_id}/{door}/{scope} {current_app.config['MEDIA_SECRET']}"
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@bp.get("/media/<int:expires>/<signature>/<stream_id>/<door>/<scope>/<file>")
@allows(Who.SIGNATURE)
def serve(expires: int, signature: str, stream_id: str, door: str, scope: str, file: str) -> Response:
    """Send a playlist or a segment to the holder of a signed address. A playlist that is still to come is a 204."""
    genuine = hmac.compare_digest(signature.encode(), sign(expires, stream_id, door, scope).encode())
    if not genuine or expires < clock.now_ms() // 1000:
        raise AddressExpired
    if not STREAM_NAME.fullmatch(stream_id) or not DOOR_NAME.fullmatch(door) or scope not in list(Scope):
        raise SegmentGone
    if (_closed(stream_id) / door).exists():
        raise AddressExpired
    is_playlist = file.endswith(".m3u8")
    folder = folder_of(stream_id) / (scope if is_playlist else SEGMENTS)
    if not (folder / file).is_file():
        if is_playlist:
            return Response(status=204, headers={"Cache-Control": "no-cache"})
        raise SegmentGone
    response = send_from_directory(folder, file, mimetype=_type_of(file), conditional=True)
    # a segment never changes, a playlist does every second; shared caches must not keep either for longer
    response.headers["Cache-Control"] = "no-cache" if is_playlist else "private, max-age=86400, immutable"
    return response


def _closed(stream_id: str) -> Path:
    return folder_of(stream_id) / "closed"


def _type_of(file: str) -> str:
    return "application/vnd.apple.mpegurl" if file.endswith(".m3u8") else "video/mp4"
