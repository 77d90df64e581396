"""Documents with pages for tests, as a conversion leaves them, but without pictures behind the addresses."""

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
    """Return a new document with finished pages. `steps` are the pictures of the first pages, others have one."""
    counts = [*steps[:pages], *[1] * (pages - len(steps))]
    return _ready(live, DocumentKind.DECK, name, counts, hidden=hidden)


def whiteboard(live: LiveSession, *, pages: int = 1) -> Document:
    """Return a new whiteboard."""
    return _ready(live, DocumentKind.WHITEBOARD, "", [0] * pages, hidden=True)


def _ready(live: LiveSession, kind: DocumentKind, name: str, steps: Sequence[int], *, hidden: bool) -> Document:
    """Return a new document with a page for each number of pictures. One without pictures is blank."""
    document = Document(
        live_id=live.id,
        kind=kind,
        name=name,
        state=DocumentState.READY,
        findings={},
        page_count=len(steps),
        ready_count=len(steps),
        hidden=hidden,
    )
    with unit_of_work():
        db.session.add(document)
        db.session.flush()
        for number, count in enumerate(steps, 1):
            page = Page(
                document_id=document.id,
                number=number,
                width=1920,
                height=1080,
                steps=[new_id(16) for _ in range(count)],
                text=f"第 {number} 页的标题\n正文" if count else "",
                notes=f"第 {number} 页的备注" if count else "",
            )
            db.session.add(page)
    return document
