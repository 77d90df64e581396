"""Changes documents. `uploads` gathers their bytes, `jobs` turns them into pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import IO

from flask import current_app

from app.accounts.models import User
from app.documents import events, files, formats, jobs, queries, uploads
from app.documents.errors import (
    FileEmpty,
    FileTooLarge,
    NameMissing,
    NotAWhiteboard,
    NothingToRetry,
    OfficeMissing,
    SessionQuotaReached,
    TooManyDocuments,
    TooManyPages,
    UnitQuotaReached,
    UnknownKind,
)
from app.documents.models import LONGEST_NAME, Document, DocumentKind, DocumentState, Page
from app.extensions import db
from app.kernel import clock, web
from app.kernel.disk import NoRoomLeft, has_room_for
from app.kernel.text import file_name, one_line
from app.kernel.unit_of_work import lock, unit_of_work
from app.kernel.uploads import UnknownUpload
from app.live.lifecycle import refuse_over
from app.live.models import LiveSession

MOST_DOCUMENTS = 50
MOST_WHITEBOARD_PAGES = 100
BLANK = (1920, 1080)
"""Width and height of a blank page in px."""
KEPT_AFTER_REMOVAL_MS = 24 * 3_600_000
"""Time for which a removed document that nobody has seen is kept, in case it is wanted back."""


def begin_upload(live: LiveSession, *, name: str, size_bytes: int, by: User) -> Document:
    """Return a new document for an announced file. Its bytes follow.

    Raises:
        UnknownKind, OfficeMissing, FileEmpty, FileTooLarge, TooManyDocuments, QuotaReached, NoRoomLeft:
            the file is not accepted.
        AlreadyEnded, Cancelled: the lesson needs no documents any more.
    """
    name = file_name(name, LONGEST_NAME)
    _refuse_file(name, size_bytes)
    with unit_of_work() as after_commit:
        lock(live.unit)  # two of its sessions must not both take the last of its room
        lock(live)
        _refuse_over_quota(live, size_bytes)
        document = _add(live, DocumentKind.DECK, name, by)
        document.state, document.size_bytes = DocumentState.UPLOADING, size_bytes
        db.session.flush()
        uploads.begin(document.id)
        after_commit(partial(events.changed.send, document))
    return document


def take(document: Document, body: IO[bytes], *, at: int) -> int:
    """Append bytes of a file at the offset `at`. Return the new number of bytes. The last byte queues the document.

    Raises:
        WrongOffset, MoreThanAnnounced, UnknownUpload: see `app.kernel.uploads`.
    """
    if not has_room_for(0):
        raise NoRoomLeft
    document_id, size_bytes = document.id, document.size_bytes
    db.session.commit()  # a slow network line must not hold a database connection
    try:
        uploads.append(document_id, body, at=at, most=size_bytes)
    finally:
        arrived = settle(document)
    return arrived


def settle(document: Document) -> int:
    """Store the progress of an upload, and queue it when it is whole. Return the number of bytes.

    Raises:
        UnknownUpload: it was removed meanwhile.
    """
    with unit_of_work() as after_commit:
        lock(document)
        if document.removed_ms is not None:
            raise UnknownUpload
        if document.state is not DocumentState.UPLOADING:
            return document.size_bytes
        arrived, now = uploads.received(document.id), clock.now_ms()
        whole = arrived >= document.size_bytes
        if whole or (arrived != document.received_bytes and now - document.changed_ms >= events.TELL_EVERY_MS):
            after_commit(partial(events.changed.send, document))
        if arrived != document.received_bytes:
            document.received_bytes, document.changed_ms = arrived, now
        if whole:
            uploads.finish(document.id)
            document.state = DocumentState.WAITING
            after_commit(jobs.convert_waiting.later)
    return arrived


def add_file(live: LiveSession, file: Path, *, name: str, by: User) -> Document:
    """Add a file of this machine as a document.

    Raises:
        UnknownKind, OfficeMissing, FileEmpty, FileTooLarge, TooManyDocuments, QuotaReached, NoRoomLeft:
            the file is not accepted.
        AlreadyEnded, Cancelled: the lesson needs no documents any more.
    """
    document = begin_upload(live, name=name, size_bytes=file.stat().st_size, by=by)
    with file.open("rb") as body:
        take(document, body, at=0)
    return document


def retry(document: Document) -> None:
    """Convert a failed document again.

    Raises:
        NothingToRetry: the document has not failed, or its file is gone.
    """
    with unit_of_work() as after_commit:
        lock(document)
        if document.state is not DocumentState.FAILED or not files.source_of(document.id).exists():
            raise NothingToRetry
        document.state, document.problem, document.attempts = DocumentState.WAITING, "", 0
        document.changed_ms = clock.now_ms()
        after_commit(jobs.convert_waiting.later)
        after_commit(partial(events.changed.send, document))


def open_whiteboard(live: LiveSession, *, by: User) -> Document:
    """Add a document with one blank page to draw on.

    Raises:
        TooManyDocuments: the lesson has the maximum number.
        AlreadyEnded, Cancelled: the lesson needs no documents any more.
    """
    with unit_of_work() as after_commit:
        document = _add(live, DocumentKind.WHITEBOARD, "", by)
        document.state = DocumentState.READY
        db.session.flush()
        _add_blank(document)
        after_commit(partial(events.changed.send, document))
    return document


def add_page(document: Document) -> Page:
    """Add a blank page at the end of a whiteboard.

    Raises:
        NotAWhiteboard: the document was made from a file.
        TooManyPages: the whiteboard has the maximum number.
    """
    with unit_of_work() as after_commit:
        lock(document)
        if document.kind is not DocumentKind.WHITEBOARD:
            raise NotAWhiteboard
        if document.page_count >= MOST_WHITEBOARD_PAGES:
            raise TooManyPages
        page = _add_blank(document)
        after_commit(partial(events.changed.send, document))
    return page


def rename(document: Document, name: str) -> None:
    """Rename a document. The name of a file keeps its ending.

    Raises:
        NameMissing: the name is empty.
    """
    stem = one_line(name) or ""
    ending = PurePath(document.name).suffix
    stem = stem.removesuffix(ending) if ending else stem
    if not stem and document.kind is DocumentKind.DECK:
        raise NameMissing
    _change(document, name=f"{stem[: LONGEST_NAME - len(ending)]}{ending}")


def hide(document: Document, hidden: bool) -> None:
    """Set whether learners see the pages only once they were shown."""
    _change(document, hidden=hidden)


def remove(document: Document) -> None:
    """Remove a document's tab, and stop its conversion. Pages that were shown stay in rewind and replay.

    An unfinished upload is cancelled, and nothing of it stays.
    """
    with unit_of_work() as after_commit:
        lock(document)
        if document.removed_ms is not None:
            return
        document.removed_ms = document.changed_ms = clock.now_ms()
        if document.state is DocumentState.UPLOADING:
            after_commit(partial(files.remove_all, document.id))
        else:
            after_commit(partial(files.put_aside, document.id, _keys_of_unseen(document)))
        after_commit(partial(events.changed.send, document))


def bring_back(document: Document) -> None:
    """Undo a removal. A document whose conversion was stopped is converted from the beginning.

    Raises:
        UnknownUpload: the document was a cancelled upload, or its files are gone.
        TooManyDocuments: its place was taken.
    """
    with unit_of_work() as after_commit:
        lock(document)
        if document.removed_ms is None:
            return
        if not can_come_back(document):
            raise UnknownUpload
        if len(queries.documents_of(document.live_id)) >= MOST_DOCUMENTS:
            raise TooManyDocuments
        document.removed_ms, document.changed_ms = None, clock.now_ms()
        after_commit(partial(files.put_back, document.id))
        if document.state in {DocumentState.WAITING, DocumentState.CONVERTING}:
            after_commit(jobs.convert_waiting.later)
        after_commit(partial(events.changed.send, document))


def _keys_of_unseen(document: Document) -> list[str]:
    """Return the keys of pictures that nobody may see any more: those of pages that were not shown."""
    pages = queries.pages_of(document.id)
    shown = {key for page in pages if page.shown_ms is not None for key in page.steps}
    return [key for page in pages for key in page.steps if key not in shown]


def can_come_back(document: Document) -> bool:
    """Return whether a removed document can be brought back. A cancelled upload cannot."""
    return document.removed_ms is not None and document.state is not DocumentState.UPLOADING


def move(live: LiveSession, document: Document, to: int) -> None:
    """Move a document to a place among the tabs, counted from 0. A place beyond an end means the end."""
    with unit_of_work() as after_commit:
        lock(live)
        order = [one for one in queries.documents_of(live.id) if one.id != document.id]
        order.insert(max(0, to), document)
        if _number(order):
            after_commit(partial(events.changed.send, document))


def _number(order: Sequence[Document]) -> bool:
    """Store the order. Return whether it has changed."""
    moved = [(place, one) for place, one in enumerate(order) if one.place != place]
    for place, one in moved:
        one.place = place
    return bool(moved)


def _change(document: Document, **values: object) -> None:
    with unit_of_work() as after_commit:
        lock(document)
        for name, value in values.items():
            setattr(document, name, value)
        document.changed_ms = clock.now_ms()
        after_commit(partial(events.changed.send, document))


def _add(live: LiveSession, kind: DocumentKind, name: str, by: User) -> Document:
    lock(live)
    refuse_over(live.state)
    others = queries.documents_of(live.id)
    if len(others) >= MOST_DOCUMENTS:
        raise TooManyDocuments
    place = max((one.place for one in others), default=-1) + 1
    document = Document(live_id=queries.shelf_of(live.id), kind=kind, name=name, place=place, by_id=by.id, findings={})
    db.session.add(document)
    return document


def _add_blank(document: Document) -> Page:
    width, height = BLANK
    page = Page(document_id=document.id, number=(document.page_count or 0) + 1, width=width, height=height, steps=[])
    db.session.add(page)
    document.page_count = document.ready_count = page.number
    document.changed_ms = clock.now_ms()
    return page


def _refuse_over_quota(live: LiveSession, size_bytes: int) -> None:
    of_session, of_unit = queries.bytes_of_session(live.id), queries.bytes_of_unit(live.unit_id)
    most, most_of_unit = (current_app.config[f"{name}_DOCUMENTS_MB"] * 1_000_000 for name in ("SESSION", "UNIT"))
    if of_session + size_bytes > most:
        raise SessionQuotaReached(web.as_bytes(of_session), web.as_bytes(most))
    if of_unit + size_bytes > most_of_unit:
        raise UnitQuotaReached(web.as_bytes(of_unit), web.as_bytes(most_of_unit))


def _refuse_file(name: str, size_bytes: int) -> None:
    ending, most_mb = formats.ending_of(name), current_app.config["DOCUMENT_MOST_MB"]
    if ending not in formats.TAKEN:
        raise UnknownKind
    if ending in formats.OFFICE and not formats.office_is_here():
        raise OfficeMissing
    if size_bytes <= 0:
        raise FileEmpty
    if size_bytes > most_mb * 1_000_000:
        raise FileTooLarge(most_mb)
    if not has_room_for(2 * size_bytes):  # the file, and about as much again for the pictures of its pages
        raise NoRoomLeft
