"""Converts files in the jobs process, one document after another, so that one worker of the queue stays free.

The rows hold the work to do: a queued call only says "look". So a call that is queued twice, or lost with its process,
does no harm. A document that a killed process left as CONVERTING is begun again by the next process that looks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial

from flask import current_app
from sqlalchemy import select

from app.documents import events, files, queries
from app.documents.convert import Finding, Limits, Outline, PageMade, Problem, Refused, convert
from app.documents.models import Document, DocumentState, Page
from app.documents.problems import CRASHED
from app.extensions import db
from app.kernel import clock
from app.kernel.disk import has_room_for, without_our_data
from app.kernel.locks import one_by_one
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""Maximum attempts at a document that takes its process down."""


def _convert_waiting() -> None:
    one_by_one(files.root() / "converting.lock", queries.next_to_convert, _convert_one)


convert_waiting = Job(_convert_waiting)


def resume() -> None:
    """Queue unfinished work. The clockwork calls it at the start, and every hour in case a call was lost."""
    if queries.next_to_convert() is not None:
        convert_waiting.later()


def _convert_one(document_id: str) -> None:
    """Convert one document. Unless it was removed, it does not wait any more afterwards, whatever the result."""
    document = _begin(document_id)
    if document is None:
        return
    name, wish = document.name, _Wish(document_id)
    limits = Limits(file_bytes=document.size_bytes)  # the size was checked when it was announced
    db.session.commit()
    source, target, view = (
        files.source_of(document_id),
        files.folder_of(document_id),
        without_our_data(current_app.config),
    )
    try:
        _keep(document_id, convert(source, name, target, limits=limits, wanted=wish.lasts, view=view), wish)
    except Refused as refusal:
        log.info("document %s: %s", document_id, refusal)
        _end(document_id, DocumentState.FAILED, problem=str(refusal.problem))
    except Exception:
        log.exception("document %s could not be converted", document_id)
        db.session.rollback()
        _end(document_id, DocumentState.FAILED, problem=CRASHED)
    else:
        if not wish.ended:  # a document that was brought back meanwhile is begun again
            _end(document_id, DocumentState.READY)


def _begin(document_id: str) -> Document | None:
    with unit_of_work() as after_commit:
        document = queries.locked(document_id)
        if document is None or document.removed_ms is not None:
            return None
        after_commit(partial(events.changed.send, document))
        document.changed_ms = clock.now_ms()
        if document.attempts >= MOST_ATTEMPTS:
            document.state, document.problem = DocumentState.FAILED, CRASHED
            return None
        document.state, document.problem, document.findings = DocumentState.CONVERTING, "", {}
        document.attempts += 1
    return document


class _Wish:
    """Whether a document is still wanted. Once it was not, this conversion is over. Any thread may ask."""

    def __init__(self, document_id: str) -> None:
        self._document_id = document_id
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
        self.ended = False

    def lasts(self) -> bool:
        """Return whether the document is still wanted."""
        with self._app.app_context():
            wanted = select(Document.id).where(Document.id == self._document_id, Document.removed_ms.is_(None))
            self.ended = self.ended or db.session.scalar(wanted) is None
        return not self.ended


def _keep(document_id: str, steps: Iterator[Outline | PageMade | Finding], wish: _Wish) -> None:
    """Store the engine's results as they come."""
    told_ms, last = 0, 0
    for step in steps:
        if not has_room_for(0):
            raise Refused(Problem.NO_ROOM)
        with unit_of_work() as after_commit:
            document = queries.locked(document_id)
            if document is None or document.removed_ms is not None:
                wish.ended = True
                continue  # until the engine asks, and stops
            document.changed_ms = clock.now_ms()
            if isinstance(step, Outline):
                document.page_count = step.pages
            elif isinstance(step, PageMade):
                _put_page(document, step, after_commit)
                document.pictures_bytes += sum(files.bytes_of_picture(document_id, key) for key in set(step.steps))
                last = step.number
                document.ready_count = max(document.ready_count, last)
            else:
                document.findings = {**document.findings, str(step.kind): list(step.pages)}
            if document.changed_ms - told_ms >= events.TELL_EVERY_MS:
                told_ms = document.changed_ms
                after_commit(partial(events.changed.send, document))
    if not wish.ended:
        _drop_pages_after(document_id, last)


def _put_page(document: Document, made: PageMade, after_commit: Callable[[Callable[[], object]], None]) -> None:
    """Store a page in place of an earlier attempt's."""
    page = db.session.get(Page, (document.id, made.number))
    if page is None:
        page = Page(document_id=document.id, number=made.number)
        db.session.add(page)
    elif page.shown_ms is None:
        _forget_pictures(page, after_commit)  # browsers know the pictures of a page that was shown
    page.width, page.height, page.steps = made.width, made.height, list(made.steps)
    page.text, page.notes = made.text, made.notes


def _drop_pages_after(document_id: str, last: int) -> None:
    """Remove pages of an earlier attempt beyond the last page."""
    with unit_of_work() as after_commit:
        for page in queries.pages_of(document_id):
            if page.number > last and page.shown_ms is None:
                _forget_pictures(page, after_commit)
                db.session.delete(page)


def _forget_pictures(page: Page, after_commit: Callable[[Callable[[], object]], None]) -> None:
    for key in page.steps:
        after_commit(partial(files.remove_picture, page.document_id, key))


def _end(document_id: str, state: DocumentState, *, problem: str = "") -> None:
    with unit_of_work() as after_commit:
        document = queries.locked(document_id)
        if document is None:
            return
        document.state, document.problem, document.changed_ms = state, problem, clock.now_ms()
        document.pictures_bytes = files.bytes_of_pictures(document_id)
        if state is DocumentState.READY:
            document.page_count = document.ready_count
        after_commit(partial(events.changed.send, document))
