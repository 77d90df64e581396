"""Removes useless uploads, documents and files once an hour."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy import select

from app.documents import files, queries, services
from app.documents.models import Document
from app.extensions import db
from app.kernel import clock
from app.kernel.unit_of_work import unit_of_work

UPLOAD_KEPT_MS = 24 * 3_600_000
"""Time for which an interrupted upload waits for its next bytes."""


def tidy() -> None:
    """Remove abandoned uploads, documents that nobody needs, and files without a document."""
    now = clock.now_ms()
    for document in queries.uploads_silent_since(now - UPLOAD_KEPT_MS):
        services.remove(document)
    for document_id in queries.not_needed_since(now - services.KEPT_AFTER_REMOVAL_MS):
        with unit_of_work() as after_commit:
            lost = queries.locked(document_id)
            if lost is None:
                continue
            db.session.delete(lost)
            after_commit(partial(files.remove_all, document_id))
    known = set(db.session.scalars(select(Document.id)))
    for document_id in files.lonely(time.time() - services.KEPT_AFTER_REMOVAL_MS / 1000):
        if document_id not in known:
            files.remove_all(document_id)
