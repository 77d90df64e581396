"""Words of slides, from the search of the live column. A request of its own, so that the column waits for nothing."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.extensions import limiter
from app.kernel import paging
from app.kernel.access import Who, allows
from app.kernel.htmx import is_for_htmx
from app.replays.search import everywhere

bp = Blueprint("slide_search", __name__)


@bp.get("/replays/slides")
@limiter.limit("30 per minute", key_func=accounts.asker)  # it looks through as many as 60,000 pages
@allows(Who.ANYONE)
def found() -> ResponseReturnValue:
    """Show the replays whose slides hold the words."""
    q = paging.sought()
    template = "replays/_in_slides.html" if is_for_htmx() else "replays/in_slides.html"
    return render_template(template, q=q, found=everywhere.in_slides(q, accounts.viewer()))


def beneath_column(q: str) -> str:
    """Render the place beneath what the live column has found, which fetches the rest by itself."""
    return render_template("replays/_in_slides.html", q=q, found=None)
