"""Whether htmx asks for a fragment or a browser for a page: decided here and nowhere else."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from htmx_flask import request


def is_for_htmx() -> bool:
    """Return whether the request comes from htmx, which wants a fragment."""
    return bool(request.htmx)


def respond(fragment: str, *, page: str, **context: Any) -> ResponseReturnValue:
    """Answer htmx with the fragment that has changed, and a plain form with a redirect.

    Args:
        fragment: name of the template.
        page: address of the page that includes the fragment.
        context: what the template reads.
    """
    return render_template(fragment, **context) if is_for_htmx() else redirect(page)
