"""Making pages of files, in the jobs process: one document after another, so that one worker of the queue stays free.

The rows say what is to be done: a queued call only says "look". So a call that is queued twice, or lost with its
process, does no harm; what a killed process left as CONVERTING is begun again by the next one that looks.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from flask import current_app
from sqlalchemy import select

from app.documents import events, files, queries
from app.documents.convert import Finding, Outline, PageMade, Refused, convert
from app.documents.models import Document, DocumentState, Page
from app.extensions import db
from app.kernel import clock
from app.kernel.queue import Job
from app.kernel.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""A document that has taken its process with it so often is given up."""
CRASHED = "crashed"
"""Beside the problems of the engine: something broke on our side."""
TELL_EVERY_MS = 1000
ASK_EVERY_MS = 500


class _NotWanted(Exception):
    """The document was removed while it was converted."""


def _convert_waiting() -> None:
    """Convert what waits, unless somebody else is at it, who then takes this too."""
    while queries.next_to_convert() is not None:  # asked again after the lock is given back: one may have come since
        with _alone() as is_alone:
            if not is_alone:
                return
            while (document_id := queries.next_to_convert()) is not None:
                _convert_one(document_id)


convert_waiting = Job(_convert_waiting)


def resume() -> None:
    """Queue what was left undone; called by the clockwork at the start, and every hour in case a call was lost."""
    if queries.next_to_convert() is not None:
        convert_waiting.later()


@contextmanager
def _alone() -> Iterator[bool]:
    """Say whether nobody else converts, on this machine, and keep others from it; a killed process leaves no lock."""
    files.root().mkdir(parents=True, exist_ok=True)
    with (files.root() / "converting.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _convert_one(document_id: str) -> None:
    """Convert one document, whatever comes of it: afterwards it does not wait any more."""
    document = _begin(document_id)
    if document is None:
        return
    name = document.name
    db.session.commit()
    steps = convert(files.source_of(document_id), name, files.folder_of(document_id), wanted=_wanted(document_id))
    try:
        _keep(document_id, steps)
    except _NotWanted:
        log.info("document %s was removed while it was converted", document_id)
    except Refused as refusal:
        _end(document_id, DocumentState.FAILED, problem=str(refusal.problem))
    except Exception:
        log.exception("document %s could not be converted", document_id)
        db.session.rollback()
        _end(document_id, DocumentState.FAILED, problem=CRASHED)
    else:
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


def _wanted(document_id: str) -> Callable[[], bool]:
    """Give what says whether a document is still wanted; may be asked all the time, from any thread."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    asked_ms, answer = 0, True

    def wanted() -> bool:
        nonlocal asked_ms, answer
        if clock.now_ms() - asked_ms >= ASK_EVERY_MS:
            asked_ms = clock.now_ms()
            with app.app_context():
                removed = select(Document.removed_ms).where(Document.id == document_id)
                found = db.session.execute(removed).first()
                answer = found is not None and found[0] is None
        return answer

    return wanted


def _keep(document_id: str, steps: Iterator[Outline | PageMade | Finding]) -> None:
    """Write down what the engine gives, as it comes.

    Raises:
        _NotWanted: the document was removed.
    """
    told_ms, last = 0, 0
    for step in steps:  # an engine whose steps are thrown away ends its processes
        with unit_of_work() as after_commit:
            document = queries.locked(document_id)
            if document is None or document.removed_ms is not None:
                raise _NotWanted
            document.changed_ms = clock.now_ms()
            if isinstance(step, Outline):
                document.page_count = step.pages
            elif isinstance(step, PageMade):
                _put_page(document, step, after_commit)
                last = step.number
                document.ready_count = max(document.ready_count, last)
            else:
                document.findings = {**document.findings, str(step.kind): list(step.pages)}
            if document.changed_ms - told_ms >= TELL_EVERY_MS:
                told_ms = document.changed_ms
                after_commit(partial(events.changed.send, document))
    _drop_pages_after(document_id, last)


def _put_page(document: Document, made: PageMade, after_commit: Callable[[Callable[[], object]], None]) -> None:
    """Write a page down, in place of what an earlier attempt made of it."""
    page = db.session.get(Page, (document.id, made.number))
    if page is None:
        page = Page(document_id=document.id, number=made.number)
        db.session.add(page)
    elif page.shown_ms is None:
        _forget_pictures(page, after_commit)  # those of a page that was shown are known to browsers
    page.width, page.height, page.steps = made.width, made.height, list(made.steps)
    page.text, page.notes = made.text, made.notes


def _drop_pages_after(document_id: str, last: int) -> None:
    """Remove what an earlier attempt made beyond the last page."""
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
        if state is DocumentState.READY:
            document.page_count = document.ready_count
        after_commit(partial(events.changed.send, document))
