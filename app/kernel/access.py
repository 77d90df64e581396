"""Who may use a route: declared beside it, and held by a matrix test that is generated from the URL map."""

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
    """Visitors without an account too."""
    SIGNED_IN = "signed_in"
    """Everybody with an account."""
    HOLDER = "holder"
    """Whoever holds the permission in some unit; 403 for others."""
    MANAGER = "manager"
    """Whoever holds the permission in the unit of the thing in the address; 404 for those who hold it elsewhere,
    403 for those who hold it nowhere."""
    WATCHER = "watcher"
    """Whoever may watch the live session of the address; nobody is asked to sign in."""
    PRESENTER = "presenter"
    """Who teaches the live session of the address or manages its unit's sessions; 403 for other watchers."""
    ASSISTANT = "assistant"
    """Those, and who assists."""
    PLANNER = "planner"
    """Who planned the live session of the address, or manages its unit's sessions; 403 for others who see it."""
    WORKER = "worker"
    """media_worker, by its secret."""
    SIGNATURE = "signature"
    """Whoever holds a signed address."""


class Holder(Protocol):
    """What access asks about the person of a request."""

    def anywhere(self, permission: Permission) -> bool:
        """Say whether the permission is held in any unit at all."""


def ask(app: Flask, holdings: Callable[[], Holder]) -> None:
    """Name the function that knows what the person of a request holds; done by the room that keeps roles."""
    app.extensions["holdings"] = holdings


def holds(permission: Permission) -> bool:
    """Say whether the person of this request holds the permission in some unit."""
    return cast(Holder, current_app.extensions["holdings"]()).anywhere(permission)


def allows(who: Who, permission: Permission | None = None, *, asks_itself: bool = False) -> Callable[[View], View]:
    """Declare who may use the view; HOLDER and MANAGER name the permission. A route without this fails a test.

    SIGNED_IN, HOLDER, and the first half of MANAGER are checked here; what depends on the thing in the address, on a
    session or a secret is checked by the view's first line. A SIGNED_IN view that `asks_itself` sends visitors to sign
    in by itself, because it keeps what they have typed.
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
    """Let nobody pass who is not signed in, or holds a permission nowhere.

    Raises:
        SignInFirst, Forbidden: so it is.
    """
    if not current_user.is_authenticated:
        raise SignInFirst
    if permission is not None and not holds(permission):
        raise Forbidden


def take_large_body(most_bytes: int, check: Callable[[], object]) -> None:
    """Let a request bring more than others do, if `check` lets its sender pass; called before anything reads the body.

    What is as small as others are is judged in its turn. A large body of whoever may not send it is not read at all.
    """
    usual: int = current_app.config["MAX_CONTENT_LENGTH"]
    is_small = "Transfer-Encoding" not in request.headers and (request.content_length or 0) <= usual
    if not is_small and "\0" not in request.path:  # such an address is refused before anything looks for it
        check()
        request.max_content_length = most_bytes


def _guarded(view: View, permission: Permission | None) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        require(permission)
        return view(*args, **kwargs)

    return cast(View, guarded)
