"""Reading documents and pages. Who may do so is asked of the lesson before."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select, tuple_

from app.documents.models import Document, Page
from app.extensions import db

PageKey = tuple[str, int]
"""Id of the document and number of the page."""


def documents_of(live_id: str) -> Sequence[Document]:
    """Give the documents of a lesson in the order of their tabs; those whose tab is gone are left out."""
    wanted = select(Document).where(Document.live_id == live_id, Document.removed_ms.is_(None))
    return db.session.scalars(wanted.order_by(Document.place, Document.created_ms, Document.id)).all()


def document_of(live_id: str, document_id: str) -> Document | None:
    """Find a document of a lesson, be its tab gone or not."""
    found = db.session.get(Document, document_id)
    return found if found is not None and found.live_id == live_id else None


def pages_of(document_id: str) -> Sequence[Page]:
    """Give the pages of a document that are ready."""
    return db.session.scalars(select(Page).where(Page.document_id == document_id).order_by(Page.number)).all()


def pages_by_key(keys: Collection[PageKey]) -> dict[PageKey, Page]:
    """Give many pages at once."""
    wanted = select(Page).where(tuple_(Page.document_id, Page.number).in_(list(keys)))
    return {(page.document_id, page.number): page for page in db.session.scalars(wanted)}
