"""讲义: the documents of a lesson, for its teachers and assistants."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.documents import queries, services, views
from app.documents.models import Document
from app.kernel import clock
from app.kernel.access import Who
from app.kernel.errors import NotFound
from app.kernel.htmx import is_for_htmx
from app.live.access import for_lesson
from app.live.models import LiveSession
from app.live.views import view_of

bp = Blueprint("documents", __name__, url_prefix="/live/<live_id>/documents")


@bp.get("")
@for_lesson(Who.ASSISTANT)
def page(live: LiveSession) -> ResponseReturnValue:
    """Show the documents of a lesson. When one has arrived, the page itself asks for the list alone."""
    if is_for_htmx():
        return render_template("documents/_list.html", **_listed(live))
    return render_template(
        "documents/page.html",
        live=view_of(live, accounts.viewer()),
        rules=views.upload_rules(live, current_app.config["DOCUMENT_MOST_MB"]),
        is_over=live.is_over,
        **_listed(live),
    )


@bp.get("/<document_id>")
@for_lesson(Who.ASSISTANT)
def show(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Show one document. Its row asks again while work is under way."""
    return _row(live, _document(live, document_id))


@bp.post("/whiteboards")
@for_lesson(Who.ASSISTANT)
def open_whiteboard(live: LiveSession) -> ResponseReturnValue:
    """Add a whiteboard."""
    services.open_whiteboard(live, by=accounts.me())
    return _list(live)


@bp.post("/<document_id>/pages")
@for_lesson(Who.ASSISTANT)
def add_page(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Add a blank page to a whiteboard."""
    document = _document(live, document_id)
    services.add_page(document)
    return _row(live, document)


@bp.post("/<document_id>/name")
@for_lesson(Who.ASSISTANT)
def rename(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Rename a document."""
    document = _document(live, document_id)
    services.rename(document, request.form.get("name", ""))
    return _row(live, document)


@bp.post("/<document_id>/cover")
@for_lesson(Who.ASSISTANT)
def cover(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Hide the pages from learners until they are shown."""
    return _hide(live, document_id, hidden=True)


@bp.delete("/<document_id>/cover")
@for_lesson(Who.ASSISTANT)
def uncover(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Let learners look ahead in a document, if the presenter allows that."""
    return _hide(live, document_id, hidden=False)


@bp.post("/<document_id>/place")
@for_lesson(Who.ASSISTANT)
def move(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Move a document to the place `to` among the tabs, counted from 0."""
    services.move(live, _document(live, document_id), request.values.get("to", 0, int))
    return _list(live, focus=document_id)


@bp.post("/<document_id>/attempts")
@for_lesson(Who.ASSISTANT)
def retry(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Convert a document again."""
    document = _document(live, document_id)
    services.retry(document)
    return _row(live, document)


@bp.delete("/<document_id>")
@for_lesson(Who.ASSISTANT)
def remove(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Remove a document. For a day it can be brought back."""
    document = _document(live, document_id)
    services.remove(document)
    return _list(live, removed=document)


@bp.post("/<document_id>/return")
@for_lesson(Who.ASSISTANT)
def bring_back(live: LiveSession, document_id: str) -> ResponseReturnValue:
    """Undo a removal."""
    services.bring_back(_document(live, document_id, removed=True))
    return _list(live)


def _document(live: LiveSession, document_id: str, *, removed: bool = False) -> Document:
    found = queries.document_of(live.id, document_id)
    if found is None or (found.removed_ms is not None) != removed:
        raise NotFound
    return found


def _hide(live: LiveSession, document_id: str, *, hidden: bool) -> ResponseReturnValue:
    document = _document(live, document_id)
    services.hide(document, hidden)
    return _row(live, document)


def _listed(live: LiveSession) -> dict[str, object]:
    """Return the variables of the list of documents."""
    me = accounts.me().id
    lately = queries.removed_since(live.id, clock.now_ms() - services.KEPT_AFTER_REMOVAL_MS)
    return {
        "live_id": live.id,
        "documents": views.document_views(queries.documents_of(live.id), me),
        "removed": views.document_views(lately, me),
        "quota": views.quota_of(live),
    }


def _list(live: LiveSession, *, removed: Document | None = None, focus: str = "") -> ResponseReturnValue:
    if not is_for_htmx():
        if removed:
            flash(_("Removed. It stands below for a day, in case you want it back."))
        return redirect(url_for("documents.page", live_id=live.id))
    gone = views.document_views([removed], None)[0] if removed and services.can_come_back(removed) else None
    return render_template("documents/_changed.html", gone=gone, focus=focus, **_listed(live))


def _row(live: LiveSession, document: Document) -> ResponseReturnValue:
    if not is_for_htmx():
        return redirect(url_for("documents.page", live_id=live.id) + f"#document-{document.id}")
    order = [one.id for one in queries.documents_of(live.id)]
    (view,) = views.document_views([document], accounts.me().id)
    place = order.index(document.id)
    return render_template("documents/_document.html", document=view, place=place, last=len(order) - 1, live_id=live.id)
