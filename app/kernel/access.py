"""Access to routes, declared beside each route. A matrix test that is generated from the URL map proves it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, current_app, request
from flask_login import current_user

from app.kernel.errors import Forbidden, SignInFirst
from app.kernel.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])


class Who(enum.StrEnum):
    """The smallest circle of people that a route serves."""

    ANYONE = "anyone"
    """Everybody, visitors without an account included."""
    SIGNED_IN = "signed_in"
    """Everybody with an account."""
    HOLDER = "holder"
    """People who hold the permission in some unit. Others get 403."""
    MANAGER = "manager"
    """People who hold the permission in the unit of the thing in the address. Those who hold it elsewhere get 404,
    all others 403."""
    WATCHER = "watcher"
    """People who may watch the live session in the address. Nobody is asked to sign in."""
    VIEWER = "viewer"
    """People who may watch the recording of the live session in the address, or the session itself before its end.
    Nobody is asked to sign in."""
    PRESENTER = "presenter"
    """Teachers of the live session in the address, and managers of its unit's sessions. Other watchers get 403."""
    ASSISTANT = "assistant"
    """The presenters, and the assistants."""
    PLANNER = "planner"
    """The planner of the live session in the address, and managers of its unit's sessions. Other viewers get 403."""
    WORKER = "worker"
    """media_worker, by its secret."""
    SIGNATURE = "signature"
    """Everybody who holds a signed address."""


class Holder(Protocol):
    """The person of a request, as access sees her."""

    def anywhere(self, permission: Permission) -> bool:
        """Return whether she holds the permission in any unit at all."""


def ask(app: Flask, holdings: Callable[[], Holder]) -> None:
    """Register the function that returns the holdings of a request's person. The room that keeps roles calls this."""
    app.extensions["holdings"] = holdings


def holds(permission: Permission) -> bool:
    """Return whether the person of this request holds the permission in some unit."""
    return cast(Holder, current_app.extensions["holdings"]()).anywhere(permission)


def allows(who: Who, permission: Permission | None = None, *, asks_itself: bool = False) -> Callable[[View], View]:
    """Declare who may use the view. HOLDER and MANAGER name the permission. A route without this fails a test.

    The decorator checks SIGNED_IN, HOLDER, and the first half of MANAGER. The view's first line checks all that depends
    on the thing in the address, on a session or a secret. A SIGNED_IN view that `asks_itself` sends visitors to sign in
    by itself, because it keeps their typed text.
    """
    assert (permission is not None) == (who in {Who.HOLDER, Who.MANAGER})

    def mark(view: View) -> View:
        guarded = view
        if permission is not None or (who is Who.SIGNED_IN and not asks_itself):
            guarded = _guarded(view, permission)
        guarded.allowed = who  # type: ignore[attr-defined]
        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def require(permission: Permission | None = None) -> None:
    """Check that the visitor is signed in, and holds the permission somewhere.

    Raises:
        SignInFirst: she is not signed in.
        Forbidden: she holds the permission nowhere.
    """
    if not current_user.is_authenticated:
        raise SignInFirst
    if permission is not None and not holds(permission):
        raise Forbidden


def take_large_body(most_bytes: int, check: Callable[[], object]) -> None:
    """Allow a request a larger body, if `check` lets its sender pass. Call it before anything reads the body.

    A body of usual size is checked in its turn. A large body from a sender who may not send it is not read at all.
    """
    usual: int = current_app.config["MAX_CONTENT_LENGTH"]
    is_small = "Transfer-Encoding" not in request.headers and (request.content_length or 0) <= usual
    if not is_small and "\0" not in request.path:  # an address with NUL is refused before anything looks for it
        check()
        request.max_content_length = most_bytes


def _guarded(view: View, permission: Permission | None) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        require(permission)
        return view(*args, **kwargs)

    return cast(View, guarded)
