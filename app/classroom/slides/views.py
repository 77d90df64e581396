"""View models of pages, for the stage, the desk and people who leaf by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import url_for

from app.classroom.engine.seats import Side
from app.classroom.slides import queries
from app.classroom.slides.kinds import CLEARED, SHOWN
from app.documents import queries as documents
from app.documents.files import picture_url
from app.documents.models import Document, Page
from app.documents.queries import PageKey
from app.documents.views import DocumentView, document_views
from app.timeline import queries as timeline
from app.timeline.models import Event

LONGEST_TITLE = 60

NEXT = 3
"""Addresses of so many pictures that will be wanted soon are told with a page."""


@dataclass(frozen=True)
class ShownPage:
    """One page at one step; see `lesson-track.js`."""

    document: str
    page: int
    step: int
    """Number of the page's builds that are there, from 0."""
    steps: int
    """Number of pictures of the page, 1 without builds."""
    of: int
    kind: str
    name: str
    width: int
    height: int
    large: str
    medium: str
    """Addresses; empty for a blank page."""
    text: str
    next: list[str]
    """Addresses of pictures that are due soon, of those that this side may see."""


def shown_pages(events: Sequence[Event], side: Side) -> dict[int, ShownPage]:
    """Return the pages that events have shown, by the events' ids, with three questions to the database for all."""
    keys = {_key_of(event) for event in events}
    pages = documents.pages_by_key({(document_id, number + more) for document_id, number in keys for more in (0, 1)})
    found = documents.documents_by_id({document_id for document_id, _ in keys})
    shown = {}
    for event in events:
        document_id, number = _key_of(event)
        document, page = found.get(document_id), pages.get((document_id, number))
        if document is not None and page is not None:
            following = pages.get((document_id, number + 1))
            shown[event.id] = _shown(document, page, event.payload["step"], _soon(document, page, following, side))
    return shown


def _soon(document: Document, page: Page, following: Page | None, side: Side) -> list[Page]:
    """Return the pages whose pictures may be told; a hidden document's builds and pages are a surprise until shown."""
    if side is Side.DESK or not document.hidden:
        return [page, following] if following else [page]
    return [following] if following and following.shown_ms is not None else []


def _shown(document: Document, page: Page, step: int, soon: Sequence[Page]) -> ShownPage:
    step = min(step, max(0, len(page.steps) - 1))
    names: list[str] = []
    for one in soon:
        names += one.steps[step + 1 :] if one.number == page.number else one.steps[:1]
    name = page.steps[step] if page.steps else ""
    return ShownPage(
        document=document.id,
        page=page.number,
        step=step,
        steps=max(1, len(page.steps)),
        of=max(document.page_count, document.ready_count, page.number),
        kind=str(document.kind),
        name=document.name,
        width=page.width,
        height=page.height,
        large=picture_url(document.id, name, "large") if name else "",
        medium=picture_url(document.id, name, "medium") if name else "",
        text=page.text,
        next=[picture_url(document.id, one, "large") for one in names[:NEXT]],
    )


def _key_of(event: Event) -> PageKey:
    assert event.kind == SHOWN
    return event.payload["document"], event.payload["page"]


@dataclass(frozen=True)
class Turn:
    """A page came, or the last one was taken away."""

    at_ms: int
    page: int | None
    title: str
    """The first line of the page. Empty means that it has none, or that no page stands there."""
    thumb: str = ""
    """Address of the small picture of its builds so far. Empty means that it has none."""
    text: str = ""
    """All words of the page."""
    notes: str = ""
    """The speaker's notes of the page, which are not for everybody."""


def turns_of(live_id: str) -> list[Turn]:
    """Return how a lesson went from page to page, in order; what was built up on a page is none of it."""
    events = timeline.after(live_id, 0, kinds=(SHOWN, CLEARED), limit=queries.MOST_TURNS)
    pages = documents.pages_by_key({_key_of(event) for event in events if event.kind == SHOWN})
    turns: list[Turn] = []
    standing: PageKey | None = None
    for event in events:
        key = _key_of(event) if event.kind == SHOWN else None
        page = pages.get(key) if key else None
        if key != standing:
            text = page.text.strip() if page else ""
            title = text.splitlines()[0][:LONGEST_TITLE] if text else ""
            turns.append(
                Turn(event.at_ms, page.number if page else None, title, text=text, notes=page.notes if page else "")
            )
        if page and page.steps:
            name = page.steps[min(event.payload["step"], len(page.steps) - 1)]
            turns[-1] = replace(turns[-1], thumb=picture_url(page.document_id, name, "thumb"))
        standing = key
    return turns


@dataclass(frozen=True)
class DeskView:
    """The slides of a studio."""

    documents: list[DocumentView]
    look_ahead: bool
    assistants_turn: bool
    track_url: str
    shelf_url: str
    page_url: str
    """Address of the page that prepares documents. Requests about one document go below it."""


def desk_view(live_id: str) -> DeskView:
    """Show the slides to who teaches or assists."""
    rules = queries.rules_of(live_id)
    return DeskView(
        documents=tabs(live_id),
        look_ahead=rules.look_ahead,
        assistants_turn=rules.assistants_turn,
        track_url=url_for("stage.track", live_id=live_id),
        shelf_url=url_for("stage.shelf", live_id=live_id),
        page_url=url_for("documents.page", live_id=live_id),
    )


def tabs(live_id: str) -> list[DocumentView]:
    """Show a lesson's documents as tabs."""
    return document_views(documents.documents_of(live_id), None)


def shelf(live_id: str, side: Side) -> list[dict[str, Any]]:
    """Return a lesson's documents with the pages that this side may leaf through.

    The desk gets all of them, with notes and the pictures of every step. Learners get what is ready where the presenter
    allows it; of hidden documents only what was shown.
    """
    if side is Side.LEARNER and not queries.rules_of(live_id).look_ahead:
        return []
    found = documents.documents_of(live_id)
    pages = documents.pages_of_all([document.id for document in found])
    if side is Side.DESK:
        return [_for_desk(document, pages.get(document.id, [])) for document in found]
    furthest = queries.furthest_steps(live_id) if any(document.hidden for document in found) else {}
    shelves = [_for_learners(document, pages.get(document.id, []), furthest) for document in found]
    return [one for one in shelves if one["pages"]]


def _for_desk(document: Document, pages: Iterable[Page]) -> dict[str, Any]:
    return {
        **_head(document),
        "state": str(document.state),
        "problem": document.problem,
        "ready": document.ready_count,
        "hidden": document.hidden,
        "pages": [
            {
                **_leaf(document, page, len(page.steps) - 1),
                "notes": page.notes,
                "shown": page.shown_ms is not None,
                "pictures": [
                    {
                        "large": picture_url(document.id, name, "large"),
                        "medium": picture_url(document.id, name, "medium"),
                    }
                    for name in page.steps
                ],
            }
            for page in pages
        ],
    }


def _for_learners(document: Document, pages: Iterable[Page], furthest: Mapping[PageKey, int]) -> dict[str, Any]:
    leaves = []
    for page in pages:
        if not document.hidden:
            leaves.append(_leaf(document, page, len(page.steps) - 1))
        elif page.shown_ms is not None:
            leaves.append(_leaf(document, page, furthest.get((document.id, page.number), 0)))
    return {**_head(document), "pages": leaves}


def _head(document: Document) -> dict[str, Any]:
    count = max(document.page_count, document.ready_count)
    return {"document": document.id, "kind": str(document.kind), "name": document.name, "of": count}


def _leaf(document: Document, page: Page, step: int) -> dict[str, Any]:
    thumb = picture_url(document.id, page.steps[max(0, step)], "thumb") if page.steps else ""
    return {**asdict(_shown(document, page, max(0, step), [])), "thumb": thumb}
