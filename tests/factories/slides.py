"""Documents with pages for tests, as converting leaves them; there are no pictures behind the addresses."""

from __future__ import annotations

from collections.abc import Sequence

from app.documents.models import Document, DocumentKind, DocumentState, Page
from app.extensions import db
from app.kernel.ids import new_id
from app.kernel.unit_of_work import unit_of_work
from app.live.models import LiveSession


def deck(
    live: LiveSession, *, pages: int = 3, steps: Sequence[int] = (), hidden: bool = True, name: str = "超导.pptx"
) -> Document:
    """Make a document whose pages are ready; `steps` says how many pictures the first pages have, others have one."""
    document = Document(
        live_id=live.id,
        kind=DocumentKind.DECK,
        name=name,
        state=DocumentState.READY,
        findings={},
        page_count=pages,
        ready_count=pages,
        hidden=hidden,
    )
    with unit_of_work():
        db.session.add(document)
        db.session.flush()
        for number in range(1, pages + 1):
            count = steps[number - 1] if number <= len(steps) else 1
            page = Page(
                document_id=document.id,
                number=number,
                width=1920,
                height=1080,
                steps=[new_id(16) for _ in range(count)],
                text=f"第 {number} 页的标题\n正文",
                notes=f"第 {number} 页的备注",
            )
            db.session.add(page)
    return document


def whiteboard(live: LiveSession, *, pages: int = 1) -> Document:
    """Make a whiteboard."""
    document = Document(
        live_id=live.id,
        kind=DocumentKind.WHITEBOARD,
        name="",
        state=DocumentState.READY,
        findings={},
        page_count=pages,
        ready_count=pages,
    )
    with unit_of_work():
        db.session.add(document)
        db.session.flush()
        for number in range(1, pages + 1):
            db.session.add(Page(document_id=document.id, number=number, width=1920, height=1080, steps=[]))
    return document
