"""The pages of 帮助中心."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.kernel import access, navigation, paging, web
from app.kernel.access import Who, allows
from app.kernel.errors import NotFound
from app.kernel.permissions import Permission
from app.support.contact.routes import cards
from app.support.help.chapters import READER_NAMES, Chapter, Reader, shelf
from app.support.help.finding import find
from app.support.help.topics import topic_of

PICTURES = "pictures/help"
"""Folder within `static/` to which `make help-pictures` writes."""

IN_LESSON = ("classroom.studio", "classroom.watch", "counting.signed_in", "replays.page")
"""Pages that nobody wants to leave for a look at help."""

bp = Blueprint("help", __name__, url_prefix="/help")


@bp.get("")
@allows(Who.ANYONE)
def index() -> ResponseReturnValue:
    """Show all chapters, those for the reader first, or the answers to a question."""
    q = paging.sought()
    return render_template(
        "support/help/index.html",
        q=q,
        hits=find(q, web.language()) if q else [],
        groups=_groups(),
        contacts=cards(),
    )


@bp.get("/<chapter>")
@allows(Who.ANYONE)
def chapter(chapter: str) -> ResponseReturnValue:
    """Show a chapter."""
    found = shelf(web.language()).get(chapter)
    if found is None:
        raise NotFound
    return render_template("support/help/chapter.html", chapter=found, groups=_groups(), picture=_picture)


def link() -> str:
    """Render the way from this page to the chapter that fits."""
    key, _hash, anchor = topic_of(request.endpoint).partition("#")
    address = url_for("help.chapter", chapter=key, _anchor=anchor or None) if key else url_for("help.index")
    return render_template("support/help/_link.html", address=address, in_lesson=request.endpoint in IN_LESSON)


def _groups() -> list[tuple[str, list[Chapter]]]:
    """Return the chapters by kind of reader. The kind of this reader comes first."""
    chapters = shelf(web.language()).values()
    order = sorted(Reader, key=lambda one: one is not _reader())
    return [(str(READER_NAMES[one]), [chapter for chapter in chapters if chapter.reader is one]) for one in order]


def _reader() -> Reader:
    if not current_user.is_authenticated:
        return Reader.LEARNER
    if navigation.rail() and access.holds(Permission.PEOPLE_MANAGE):
        return Reader.MANAGER
    return Reader.TEACHER if access.holds(Permission.LIVE_MANAGE) else Reader.LEARNER


def _picture(name: str) -> str:
    """Return the path of a picture within `static/`. It is empty where the pictures were not made."""
    path = f"{PICTURES}/{web.language()}/{name}.webp"
    return path if (Path(current_app.static_folder or "") / path).exists() else ""
