"""Every component in every state, on one page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.kernel.access import Who, allows

bp = Blueprint("gallery", __name__)


@bp.get("/dev/ui")
@allows(Who.ANYONE)
def show() -> ResponseReturnValue:
    """Show the gallery."""
    return render_template("dev/ui.html")
