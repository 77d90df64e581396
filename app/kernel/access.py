"""Who may use a route: declared beside it, and held by a matrix test that is generated from the URL map."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

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
    """Declare who may use the view. A route without this declaration fails a test."""

    def mark(view: View) -> View:
        view.allowed = who  # type: ignore[attr-defined]
        return view

    return mark


class Permission(enum.StrEnum):
    """What a person may do with a live session."""

    WATCH = "live.watch"
    DIRECT = "live.direct"
    """Start, pause, end, record; see key and health."""
