"""Decides whether htmx asks for a fragment or a browser for a page, here and nowhere else."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from htmx_flask import request


def is_for_htmx() -> bool:
    """Return whether the request comes from htmx, which wants a fragment."""
    return bool(request.htmx)


def respond(fragment: str, *, page: str, **context: Any) -> ResponseReturnValue:
    """Return the changed fragment to htmx, and a redirect to a plain form.

    Args:
        fragment: name of the template.
        page: address of the page that includes the fragment.
        context: variables of the template.
    """
    return render_template(fragment, **context) if is_for_htmx() else redirect(page)
