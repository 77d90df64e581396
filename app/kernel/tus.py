"""The headers of tus 1.0.0, the protocol of resumable uploads.

Source: https://tus.io/protocols/resumable-upload (core, creation, termination, expiration).
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from email.utils import format_datetime

from flask import Blueprint, Response, request

from app.kernel.errors import AppError

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
BYTES = "application/offset+octet-stream"
AROUND_A_CHUNK = 1_000
"""Bytes by which a request may be larger than its chunk."""


class NotTus(AppError):
    """The request breaks the protocol."""

    code = "upload.not_tus"

    def __init__(self, status: int = 400) -> None:
        super().__init__()
        self.status = status


def speak(bp: Blueprint) -> None:
    """Have all answers of a blueprint name the version."""

    @bp.after_request
    def say_version(reply: Response) -> Response:
        reply.headers["Tus-Resumable"] = VERSION
        if reply.status_code == 412:
            reply.headers["Tus-Version"] = VERSION
        return reply


def offered(most_bytes: int) -> dict[str, str]:
    """Return the headers that name the supported parts of the protocol."""
    return {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(most_bytes)}


def refuse_other_versions() -> None:
    """Raise NotTus for a request of another version."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise NotTus(412)


def offset() -> int:
    """Return the offset of the bytes in a request. Raises NotTus."""
    if request.mimetype != BYTES:
        raise NotTus(415)
    return number("Upload-Offset")


def number(header: str) -> int:
    """Return a number in a header. Raises NotTus."""
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotTus
    return int(text)


def file_name() -> str:
    """Return the file's name in Upload-Metadata: pairs of a key and a value in base64, separated by commas."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _blank, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise NotTus from None
    return ""


def expires(until_ms: int) -> dict[str, str]:
    """Return the header with the moment (epoch ms) until which an upload waits for its next bytes."""
    return {"Upload-Expires": format_datetime(datetime.fromtimestamp(until_ms / 1000, UTC), usegmt=True)}


def progress(received: int, whole: int) -> dict[str, str]:
    """Return the headers with the progress of an upload, in bytes."""
    return {"Upload-Offset": str(received), "Upload-Length": str(whole), "Cache-Control": "no-store"}
