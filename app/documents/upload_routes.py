"""Resumable uploads: the server's side of tus 1.0.0 (core, creation, termination, expiration).

Source: https://tus.io/protocols/resumable-upload. An upload is a document that is not whole. Its address names it.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.documents import queries, services
from app.documents.errors import UnknownUpload, WrongOffset
from app.documents.models import Document, DocumentState
from app.documents.tidying import UPLOAD_KEPT_MS
from app.documents.views import CHUNK_BYTES
from app.kernel.access import Who, take_large_body
from app.kernel.errors import AppError
from app.live.access import for_lesson, lesson_for
from app.live.models import LiveSession

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
BYTES = "application/offset+octet-stream"
AROUND_A_CHUNK = 1_000

bp = Blueprint("document_uploads", __name__, url_prefix="/live/<live_id>/documents/uploads")


class NotTus(AppError):
    """The request breaks the protocol."""

    code = "documents.not_tus"

    def __init__(self, status: int = 400) -> None:
        super().__init__()
        self.status = status


@bp.url_value_preprocessor
def _let_chunks_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "document_uploads.go_on" and values:
        take_large_body(
            CHUNK_BYTES + AROUND_A_CHUNK,
            lambda: _own_upload(lesson_for(Who.ASSISTANT, values["live_id"]), values["document_id"]),
        )


@bp.after_request
def _say_version(reply: Response) -> Response:
    reply.headers["Tus-Resumable"] = VERSION
    if reply.status_code == 412:
        reply.headers["Tus-Version"] = VERSION
    return reply


@bp.route("", methods=["OPTIONS"], provide_automatic_options=False)
@for_lesson(Who.ASSISTANT)
def offer(_live: LiveSession) -> ResponseReturnValue:
    """Return the supported parts of the protocol."""
    most = current_app.config["DOCUMENT_MOST_MB"] * 1_000_000
    return "", 204, {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(most)}


@bp.post("")
@for_lesson(Who.ASSISTANT)
def create(live: LiveSession) -> ResponseReturnValue:
    """Begin an upload by its name and size. Its bytes follow."""
    _refuse_other_versions()
    size_bytes = _number("Upload-Length")
    document = services.begin_upload(live, name=_told_name(), size_bytes=size_bytes, by=accounts.me())
    address = url_for("document_uploads.go_on", live_id=live.id, document_id=document.id)
    return "", 201, {"Location": address, **_expires(document)}


@bp.route("/<document_id>", methods=["HEAD"])
@for_lesson(Who.ASSISTANT)
def look(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Return the progress of an upload."""
    document = _own_upload(live, document_id)
    _refuse_other_versions()
    headers = {
        "Upload-Offset": str(services.settle(document)),
        "Upload-Length": str(document.size_bytes),
        "Cache-Control": "no-store",
    }
    return "", 200, {**headers, **_expires(document)}


@bp.patch("/<document_id>")
@for_lesson(Who.ASSISTANT)
def go_on(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Take the next bytes of an upload."""
    document = _own_upload(live, document_id)
    _refuse_other_versions()
    if request.mimetype != BYTES:
        raise NotTus(415)
    at = _number("Upload-Offset")
    if document.state is not DocumentState.UPLOADING:
        raise WrongOffset
    arrived = services.take(document, request.stream, at=at)
    return "", 204, {"Upload-Offset": str(arrived), **_expires(document)}


@bp.delete("/<document_id>")
@for_lesson(Who.ASSISTANT)
def cancel(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Cancel an upload."""
    document = _own_upload(live, document_id)
    _refuse_other_versions()
    if document.state is not DocumentState.UPLOADING:
        raise UnknownUpload
    services.remove(document)
    return "", 204


def _own_upload(live: LiveSession, document_id: str) -> Document:
    """Return an upload of the caller.

    Raises:
        UnknownUpload: there is none, or it belongs to another person.
    """
    document = queries.document_of(live.id, document_id)
    if document is None or document.removed_ms is not None or not document.size_bytes:
        raise UnknownUpload
    if document.by_id != accounts.me().id:
        raise UnknownUpload
    return document


def _refuse_other_versions() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise NotTus(412)


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotTus
    return int(text)


def _told_name() -> str:
    """Return the file's name in Upload-Metadata: pairs of a key and a value in base64, separated by commas."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _blank, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise NotTus from None
    return ""


def _expires(document: Document) -> dict[str, str]:
    """Return the header with the moment until which an unfinished upload waits for its next bytes."""
    if document.state is not DocumentState.UPLOADING:
        return {}
    until = datetime.fromtimestamp((document.changed_ms + UPLOAD_KEPT_MS) / 1000, UTC)
    return {"Upload-Expires": format_datetime(until, usegmt=True)}
