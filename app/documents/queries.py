"""Reads documents and pages. The lesson has checked before that the person may see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_

from app.documents.models import Document, DocumentState, Page
from app.extensions import db
from app.live.models import LiveSession

PageKey = tuple[str, int]
"""Id of the document and number of the page."""


def documents_of(live_id: str) -> Sequence[Document]:
    """Return the documents of a lesson in the order of their tabs, without removed ones."""
    wanted = select(Document).where(Document.live_id == shelf_of(live_id), Document.removed_ms.is_(None))
    return db.session.scalars(wanted.order_by(Document.place, Document.created_ms, Document.id)).all()


def document_of(live_id: str, document_id: str) -> Document | None:
    """Return a document of a lesson, removed or not."""
    found = db.session.get(Document, document_id)
    return found if found is not None and found.live_id == shelf_of(live_id) else None


def shelf_of(live_id: str) -> str:
    """Name the lesson whose documents a lesson shows: its own, or those of the lesson that it rehearses."""
    live = db.session.get(LiveSession, live_id)
    return live_id if live is None or live.rehearses_id is None else live.rehearses_id


def pages_of(document_id: str) -> Sequence[Page]:
    """Return the pages of a document that are ready."""
    return db.session.scalars(select(Page).where(Page.document_id == document_id).order_by(Page.number)).all()


def documents_by_id(ids: Collection[str]) -> dict[str, Document]:
    """Return many documents at once, removed ones included."""
    found = db.session.scalars(select(Document).where(Document.id.in_(list(ids))))
    return {document.id: document for document in found}


def pages_by_key(keys: Collection[PageKey]) -> dict[PageKey, Page]:
    """Return many pages at once."""
    documents = {document_id for document_id, _number in keys}  # SQLite finds no row of a list of pairs by its index
    wanted = select(Page).where(Page.document_id.in_(documents), tuple_(Page.document_id, Page.number).in_(list(keys)))
    return {(page.document_id, page.number): page for page in db.session.scalars(wanted)}


def locked(document_id: str) -> Document | None:
    """Return a document, read anew and locked until the unit of work ends. `None` means that it is gone."""
    db.session.flush()
    alone = {"of": Document, "key_share": True}
    return db.session.get(Document, document_id, populate_existing=True, with_for_update=alone)


def next_to_convert() -> str | None:
    """Return the id of the document that has waited longest. A half-converted one was left by a dead process."""
    undone = Document.state.in_([DocumentState.WAITING, DocumentState.CONVERTING])
    wanted = select(Document.id).where(undone, Document.removed_ms.is_(None))
    return db.session.scalar(wanted.order_by(Document.changed_ms, Document.id).limit(1))


def pages_of_all(document_ids: Collection[str]) -> dict[str, list[Page]]:
    """Return the pages of many documents that are ready."""
    found: dict[str, list[Page]] = {}
    wanted = select(Page).where(Page.document_id.in_(list(document_ids))).order_by(Page.number)
    for page in db.session.scalars(wanted):
        found.setdefault(page.document_id, []).append(page)
    return found


def uploads_silent_since(before_ms: int) -> Sequence[Document]:
    """Return the uploads that have been silent since a moment (epoch ms)."""
    silent = (Document.state == DocumentState.UPLOADING, Document.changed_ms < before_ms)
    return db.session.scalars(select(Document).where(*silent, Document.removed_ms.is_(None))).all()


def not_needed_since(before_ms: int) -> Sequence[str]:
    """Return the ids of documents useless since a moment (epoch ms): removed and never seen, or of a deleted lesson."""
    was_seen = exists().where(Page.document_id == Document.id, Page.shown_ms.is_not(None))
    removed = and_(Document.removed_ms < before_ms, ~was_seen)
    wanted = select(Document.id).join(LiveSession).where(or_(removed, LiveSession.deleted_ms < before_ms))
    return db.session.scalars(wanted).all()


def removed_since(live_id: str, since_ms: int) -> Sequence[Document]:
    """Return the documents of a lesson that were removed after a moment (epoch ms), newest removal first."""
    gone = (Document.removed_ms >= since_ms, Document.state != DocumentState.UPLOADING)
    wanted = select(Document).where(Document.live_id == live_id, *gone)
    return db.session.scalars(wanted.order_by(Document.removed_ms.desc())).all()


def bytes_of_session(live_id: str) -> int:
    """Return the bytes of a lesson's documents, including removed ones that are not gone yet."""
    return _bytes(select(_TAKEN).where(Document.live_id == live_id))


def bytes_of_unit(unit_id: int) -> int:
    """Return the bytes of the documents of all lessons of a unit."""
    return _bytes(select(_TAKEN).join(LiveSession).where(LiveSession.unit_id == unit_id))


_TAKEN = func.coalesce(func.sum(Document.size_bytes + Document.pictures_bytes), 0)


def _bytes(taken: Select[int]) -> int:
    """Return the bytes of documents, except for cancelled uploads, whose files are gone at once."""
    is_cancelled = and_(Document.state == DocumentState.UPLOADING, Document.removed_ms.is_not(None))
    return int(db.session.scalar(taken.where(~is_cancelled)) or 0)


def has_shown(live_id: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a lesson has shown a page that holds all words."""
    shown = select(1).select_from(Document).join(Page, Page.document_id == Document.id)
    return shown.where(Document.live_id == live_id, Page.shown_ms.is_not(None), *_hold(words)).exists()


def texts_holding(live_id: str, words: Sequence[str]) -> dict[PageKey, str]:
    """Return the texts of a lesson's pages that hold all words, shown or not."""
    wanted = select(Page.document_id, Page.number, Page.text).join(Document, Page.document_id == Document.id)
    rows = db.session.execute(wanted.where(Document.live_id == live_id, *_hold(words)))
    return {(row.document_id, row.number): row.text for row in rows}


def _hold(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that a page holds each word, in capitals or not.

    PostgreSQL folds a text for `ILIKE` whenever it reads it, and finds a piece of a text faster than a pattern, so it
    gets `strpos` and the text that it has folded once. SQLite is as fast with a pattern.
    """
    if db.engine.dialect.name == "postgresql":
        return [func.strpos(Page.folded, func.lower(word)) > 0 for word in words]
    return [(Page.folded if _has_case(word) else Page.text).contains(word, autoescape=True) for word in words]


def _has_case(word: str) -> bool:
    """Return whether a word has capitals. One in Chinese has none, and is compared with the text as it stands."""
    return word.lower() != word.upper()


def has_had_documents(live_id: str) -> bool:
    """Return whether a lesson has documents, or had some that were removed."""
    return db.session.scalar(select(Document.id).where(Document.live_id == live_id).limit(1)) is not None
