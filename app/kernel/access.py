"""Who may use a route: declared beside it, and held by a matrix test that is generated from the URL map."""

from __future__ import annotations

import enum
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask_login import current_user

from app.kernel.errors import SignInFirst

View = TypeVar("View", bound=Callable[..., Any])


class Who(enum.StrEnum):
    """The smallest circle of people that a route serves."""

    ANYONE = "anyone"
    """Visitors without an account too."""
    SIGNED_IN = "signed_in"
    """Everybody with an account."""
    WATCHER = "watcher"
    """Whoever may watch the live session of the address; nobody is asked to sign in."""
    PRESENTER = "presenter"
    """Who teaches the live session of the address, and administrators; 403 for other watchers."""
    WORKER = "worker"
    """media_worker, by its secret."""
    SIGNATURE = "signature"
    """Whoever holds a signed address."""


def allows(who: Who) -> Callable[[View], View]:
    """Declare who may use the view. A route without this declaration fails a test.

    SIGNED_IN is checked here; what depends on a session or a secret is checked by the view's first line.
    """

    def mark(view: View) -> View:
        guarded = _signed_in(view) if who is Who.SIGNED_IN else view
        guarded.allowed = who  # type: ignore[attr-defined]
        return guarded

    return mark


def _signed_in(view: View) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            raise SignInFirst
        return view(*args, **kwargs)

    return cast(View, guarded)


class Permission(enum.StrEnum):
    """What a person may do with a live session."""

    WATCH = "live.watch"
    DIRECT = "live.direct"
    """Start, pause, end, record; see key and health."""
