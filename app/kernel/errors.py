"""One error, many faces: an AppError becomes a page, an htmx toast, JSON or a socket frame, here and nowhere else."""

from __future__ import annotations

import logging
import secrets
from typing import TypeAlias, cast

from flask import Flask, current_app, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import ClientDisconnected, HTTPException

from app.extensions import login
from app.kernel.htmx import is_for_htmx

log = logging.getLogger(__name__)

Text: TypeAlias = "str | LazyString"


class AppError(Exception):
    """An error that a person can be told. `code` is stable, `message` and `mend` are for people."""

    status = 400
    code = "error"
    message: Text = _l("That did not work.")
    mend: Text = ""
    way_out: tuple[Text, str] | None = None
    """Label and endpoint of the page where the person can mend it, if there is one."""

    def __init__(self, message: Text | None = None, mend: Text | None = None) -> None:
        if message is not None:
            self.message = message
        if mend is not None:
            self.mend = mend
        super().__init__(self.code)


class Forbidden(AppError):
    """The person may see the thing, but not do this."""

    status = 403
    code = "forbidden"
    message = _l("You may not do this.")
    mend = _l("Ask the owner of the lesson, or sign in with another account.")


class NotFound(AppError):
    """The thing does not exist, or the person may not know of it."""

    status = 404
    code = "not_found"
    message = _l("There is nothing at this address.")
    mend = _l("Check the address, or go to the home page and look for the lesson there.")


class Gone(AppError):
    """The thing existed, and will not come back."""

    status = 410
    code = "gone"


class SignInFirst(AppError):
    """A visitor wants something that needs an account. Pages lead to the sign-in form."""

    status = 401
    code = "sign_in_first"
    message = _l("Please sign in first.")
    mend = _l("You come back here after signing in.")


class Conflict(AppError):
    """The state of the thing does not allow this."""

    status = 409
    code = "conflict"
    message = _l("That is not possible at the moment.")


def register(app: Flask) -> None:
    """Register one handler for each family of errors."""
    app.register_error_handler(AppError, _on_app_error)
    app.register_error_handler(SignInFirst, _on_stranger)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(OverflowError, lambda _: _on_app_error(NotFound()))  # a number that no row can have
    app.register_error_handler(Exception, _on_crash)


def wants_json() -> bool:
    """Return whether the request comes from a script that reads JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _on_app_error(error: AppError) -> ResponseReturnValue:
    return answer(error.status, error.code, str(error.message), str(error.mend), way_out=error.way_out)


def _on_stranger(error: SignInFirst) -> ResponseReturnValue:
    if wants_json() or is_for_htmx() or request.method != "GET":
        return _on_app_error(error)
    return cast(ResponseReturnValue, login.unauthorized())


def _on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    for_visitors = getattr(current_app.view_functions.get(request.endpoint or ""), "allowed", "") == "anyone"
    if not current_user.is_authenticated and not for_visitors:
        return _on_stranger(SignInFirst(_("You are signed out.")))
    return answer(
        400,
        "csrf",
        _("This page has been open for too long."),
        _("Reload the page and try again; your text is still in the form."),
    )


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    if isinstance(error, ClientDisconnected):
        return answer(408, "too_slow", _("This came too slowly, or not to its end."), _("Send it again."))
    status = error.code or 500
    if status == 404:
        return _on_app_error(NotFound())
    if status == 405:
        return answer(
            405, "method", _("This address does not work that way."), _("Go back and use the button on the page.")
        )
    if status == 429:
        return answer(429, "too_many", _("Too many attempts."), _("Wait a minute, then try again."))
    if status == 413:
        return answer(413, "too_large", _("That is too large."), _("Send something smaller."))
    return answer(status, "http", error.name, "")


def _on_crash(error: Exception) -> ResponseReturnValue:
    number = secrets.token_hex(4)
    log.error("error %s at %s %s", number, request.method, request.path, exc_info=error)
    message = _("Something broke on our side.")
    mend = _("Nothing that you sent was half-saved. Try again; if it happens again, tell the support this number.")
    return answer(500, "crash", message, mend, number)


def answer(
    status: int,
    code: str,
    message: str,
    mend: str,
    number: str | None = None,
    way_out: tuple[Text, str] | None = None,
) -> ResponseReturnValue:
    """Return the error in the form that the caller can read."""
    if wants_json():
        return jsonify(error=code, message=message, mend=mend, number=number), status
    if is_for_htmx():
        reply = make_response(
            render_template("_errors/_toast.html", message=message, mend=mend, error_id=number), status
        )
        reply.headers["HX-Retarget"] = "#toasts"
        reply.headers["HX-Reswap"] = "beforeend"
        return reply
    page = render_template(
        "_errors/error.html",
        status=status,
        title=message,
        message=message,
        what_to_do=mend,
        error_id=number,
        way_out=(way_out[0], url_for(way_out[1])) if way_out else (_("Go to the home page"), "/"),
    )
    return page, status
