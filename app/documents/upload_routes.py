"""Resumable uploads: the server's side of tus 1.0.0 (core, creation, termination, expiration).

Source: https://tus.io/protocols/resumable-upload. An upload is a document that is not whole. Its address names it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.documents import queries, services
from app.documents.models import Document, DocumentState
from app.documents.tidying import UPLOAD_KEPT_MS
from app.kernel import tus
from app.kernel.access import Who, take_large_body
from app.kernel.uploads import CHUNK_BYTES, UnknownUpload, WrongOffset
from app.live.access import for_lesson, lesson_for
from app.live.models import LiveSession

bp = Blueprint("document_uploads", __name__, url_prefix="/live/<live_id>/documents/uploads")


tus.speak(bp)


@bp.url_value_preprocessor
def _let_chunks_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "document_uploads.go_on" and values:
        take_large_body(
            CHUNK_BYTES + tus.AROUND_A_CHUNK,
            lambda: _own_upload(lesson_for(Who.ASSISTANT, values["live_id"]), values["document_id"]),
        )


@bp.route("", methods=["OPTIONS"], provide_automatic_options=False)
@for_lesson(Who.ASSISTANT)
def offer(_live: LiveSession) -> ResponseReturnValue:
    """Return the supported parts of the protocol."""
    most = current_app.config["DOCUMENT_MOST_MB"] * 1_000_000
    return "", 204, tus.offered(most)


@bp.post("")
@for_lesson(Who.ASSISTANT)
def create(live: LiveSession) -> ResponseReturnValue:
    """Begin an upload by its name and size. Its bytes follow."""
    tus.refuse_other_versions()
    size_bytes = tus.number("Upload-Length")
    document = services.begin_upload(live, name=tus.file_name(), size_bytes=size_bytes, by=accounts.me())
    address = url_for("document_uploads.go_on", live_id=live.id, document_id=document.id)
    return "", 201, {"Location": address, **_expires(document)}


@bp.route("/<document_id>", methods=["HEAD"])
@for_lesson(Who.ASSISTANT)
def look(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Return the progress of an upload."""
    document = _own_upload(live, document_id)
    tus.refuse_other_versions()
    return "", 200, {**tus.progress(services.settle(document), document.size_bytes), **_expires(document)}


@bp.patch("/<document_id>")
@for_lesson(Who.ASSISTANT)
def go_on(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Take the next bytes of an upload."""
    document = _own_upload(live, document_id)
    tus.refuse_other_versions()
    at = tus.offset()
    if document.state is not DocumentState.UPLOADING:
        raise WrongOffset
    arrived = services.take(document, request.stream, at=at)
    return "", 204, {"Upload-Offset": str(arrived), **_expires(document)}


@bp.delete("/<document_id>")
@for_lesson(Who.ASSISTANT)
def cancel(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Cancel an upload."""
    document = _own_upload(live, document_id)
    tus.refuse_other_versions()
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


def _expires(document: Document) -> dict[str, str]:
    """Return the header with the moment until which an unfinished upload waits for its next bytes."""
    if document.state is not DocumentState.UPLOADING:
        return {}
    return tus.expires(document.changed_ms + UPLOAD_KEPT_MS)
